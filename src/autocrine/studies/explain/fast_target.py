"""The posterior of a laboratory with polynomials for its wells: a gradient in some tens of microseconds.

It is the same density as `calibration.Posterior` of the same parts, which a test asserts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from autocrine.calibration import given
from autocrine.core import errors
from autocrine.studies.explain import density_kernel
from autocrine.studies.explain.emulator import Emulator, without
from autocrine.studies.explain.polynomial import Polynomials

_KINDS = {"exact": density_kernel.EXACT, "below": density_kernel.BELOW, "above": density_kernel.ABOVE}


class FastTarget:
    """Log densities of parameters on their scales, with derivatives.

    Parameters
    ----------
    emulator : Emulator
        The laboratory.
    names : sequence of str
        The parameters of a model.
    polynomials : Polynomials
        What stands for the wells.
    """

    squares = False

    def __init__(self, emulator: Emulator, names: Sequence[str], polynomials: Polynomials) -> None:
        known = emulator.causes.priors
        self.priors = given.Priors(known[name] for name in names)
        self.polynomials = polynomials
        self._emulator = emulator
        self._data = emulator.observations(emulator.spread(polynomials.errors))
        self._tables = density_kernel.Tables(**self._of_priors(), **self._of_wells(), **self._of_measurements())

    def _of_priors(self) -> dict:
        rows = list(self.priors.values())
        if any(math.isfinite(row.upper) or row.scale == "log10" for row in rows):
            raise errors.InputError("priors must have no upper bound here, and scales must be linear or natural")
        constant = self.priors.log_density(np.array([row.inside for row in rows])[None])[0][0]
        constant += sum(0.5 * ((row.inside - row.centre) / row.width) ** 2 for row in rows)
        return {
            "centre": self.priors.centre,
            "per_width": np.array([1.0 / row.width for row in rows]),
            "floor": np.array([row.lower for row in rows]),
            "constant": float(constant),
            "logs": np.array([row.scale == "log" for row in rows]),
        }

    def _of_wells(self) -> dict:
        emulator, polynomials = self._emulator, self.polynomials
        inner = emulator.causes.names
        logs, plainly, small = emulator.enters
        sums = np.argwhere(emulator.mix.transpose(1, 2, 0) > 0)
        return {
            "absent": np.array([without(name) if name not in self.names else 0.0 for name in inner]),
            "small": small,
            "source": np.array([self.names.index(name) if name in self.names else -1 for name in inner]),
            "enters": np.where(
                logs,
                density_kernel.AS_LOG,
                np.where(plainly, density_kernel.AS_IS, density_kernel.SATURATING),
            ),
            "sums": np.ascontiguousarray(sums),
            "mean": polynomials.centre,
            "width": polynomials.width,
            "low": polynomials.low,
            "high": polynomials.high,
            **dict(zip(("parent", "last"), polynomials.chain, strict=True)),
            "terms": polynomials.own[0],
            "held": polynomials.own[1],
            "bent": np.array([bool(drug) for _, drug in emulator.groups]),
            "weights": np.ascontiguousarray(polynomials.weights),
        }

    def _of_measurements(self) -> dict:
        emulator, data = self._emulator, self._data
        rows = emulator.laboratory.measurements
        over, under = emulator.parts
        factors = [{"": "", "il6": "scale_il6"}.get(name, name) for name in map(emulator.experiment, rows)]
        places = {name: place for place, name in enumerate(self.names)} | {"": -1}
        logs = np.array([noise.on_log for noise in data.noises])
        measured = data.column("values").astype(float)
        # nothing is left of a well that is its own calibrator
        return _collapsed({
            "over": emulator.places[over],
            "under": np.where(under >= 0, emulator.places[under], -1),
            "factor": np.array([places[name] for name in factors]),
            "offset": np.array([places["offset_viability"] if row.readout == "viability" else -1 for row in rows]),
            "noise": np.array([places[str(noise.additive)] for noise in data.noises]),
            "kind": np.array([_KINDS[kind] for kind in data.kinds or ()]),
            "log": logs,
            "sd": data.column("sd").astype(float),
            "value": np.where(logs, np.log(np.where(logs, measured, 1.0)), measured),
        })  # fmt: skip

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, in their order."""
        return self.priors.names

    def residuals(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Refuse: widths of the noise are estimated."""
        raise NotImplementedError

    def scores(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Refuse: only gradients are cheap here."""
        raise NotImplementedError

    def log_density(self, points: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return log posterior densities up to a constant, shape (n,), and derivatives, shape (n, p)."""
        points = np.atleast_2d(np.asarray(points, float))
        prior, slope = self.priors.log_density(points)
        value, gradient = self.log_likelihood(points)
        return prior + value, slope + gradient

    def log_likelihood(self, points: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return log likelihoods, shape (n,), and derivatives, shape (n, p)."""
        found = [density_kernel.likelihood(self._tables, point) for point in _rows(points)]
        value, gradient = np.array([each.sum() for each, _ in found]), np.array([along for _, along in found])
        good = np.isfinite(value) & np.isfinite(gradient).all(axis=1)
        return np.where(good, value, -np.inf), np.where(good[:, None], gradient, 0.0)

    def log_likelihoods(self, points: ArrayLike) -> np.ndarray:
        """Return the log density of each measurement, shape (n, m)."""
        points, emulator = np.atleast_2d(np.asarray(points, float)), self._emulator
        values = self.priors.as_is(points)
        wells = emulator.values(dict(zip(self.names, values.T, strict=True)))
        found, _ = self.polynomials.predict(emulator.coordinates(wells))
        levels = emulator.spread(emulator.straightened(found)[0])
        return self._each(values, levels, self._data.column("sd").astype(float))

    def free_densities(self, free: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return log posterior densities of points without bounds, shape (n, p), and their derivatives."""
        value, gradient = density_kernel.free_densities(self._tables, np.ascontiguousarray(free))
        good = np.isfinite(value) & np.isfinite(gradient).all(axis=1)
        return np.where(good, value, -np.inf), np.where(good[:, None], gradient, 0.0)

    def free_density(self, free: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the log posterior density of a point without bounds, shape (p,), and its derivatives."""
        return density_kernel.free_density(self._tables, free)

    def of_levels(self, points: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """Return the log density of each measurement where levels are known exactly, shape (n, m)."""
        return self._each(self.priors.as_is(points), levels, np.zeros(len(self._data.noises)))

    def _each(self, values: np.ndarray, levels: np.ndarray, sd: np.ndarray) -> np.ndarray:
        """Return the log density of each measurement of parameters as they are and levels, with known errors."""
        data, emulator = self._data, self._emulator
        rows = emulator.laboratory.measurements
        places = {name: place for place, name in enumerate(self.names)}
        base, measured = emulator.predictions(levels)[0], data.column("values").astype(float)
        found = np.empty_like(base)
        with np.errstate(all="ignore"):
            for place, (row, noise, kind) in enumerate(zip(rows, data.noises, data.kinds or (), strict=True)):
                factor = {"": "", "il6": "scale_il6"}.get(emulator.experiment(row), emulator.experiment(row))
                seen = base[:, place] * (values[:, places[factor]] if factor else 1.0)
                if row.readout == "viability":
                    seen = seen + values[:, places["offset_viability"]]
                width = np.hypot(values[:, places[str(noise.additive)]], sd[place])
                far = (np.log(measured[place] / seen) if noise.on_log else measured[place] - seen) / width
                if kind == "exact":
                    jacobian = np.log(measured[place]) if noise.on_log else 0.0
                    found[:, place] = noise.log_density(far, width)[0] - jacobian
                else:
                    found[:, place] = noise.log_below(far if kind == "below" else -far)[0]
        return np.where(np.isnan(found), -np.inf, found)


def _collapsed(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return exact measurements that have all but their value in common as their mean, number and scatter."""
    value = columns["value"]
    own = np.where(columns["kind"] == density_kernel.EXACT, -1, np.arange(len(value)))
    same = np.stack([*(column for name, column in columns.items() if name != "value"), own], axis=1)
    _, first, group = np.unique(same, axis=0, return_index=True, return_inverse=True)
    group, copies = group.ravel(), np.bincount(group.ravel()).astype(float)
    mean = np.bincount(group, value) / copies
    found = {name: np.ascontiguousarray(column[first]) for name, column in columns.items()}
    return found | {
        "value": mean,
        "copies": copies,
        "scatter": np.bincount(group, (value - mean[group]) ** 2),
        "jacobian": np.where(found["log"], copies * mean, 0.0),
    }


def _rows(points: ArrayLike) -> np.ndarray:
    return np.ascontiguousarray(np.atleast_2d(np.asarray(points, float)))
