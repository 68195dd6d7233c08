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
#: steps of derivatives of gradients, on the scales
_STEP = 1e-4


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
            "bent": np.array([bool(drug) for _, drug in emulator.groups]),
            "weights": np.ascontiguousarray(polynomials.weights),
        }

    def _of_measurements(self) -> dict:
        emulator, data = self._emulator, self._data
        rows = emulator.laboratory.measurements
        over, under = emulator.parts
        factors = [{"": "", "il6": "scale_il6"}.get(name, name) for name in map(emulator.experiment, rows)]
        places = {name: place for place, name in enumerate(self.names)} | {"": -1}
        # nothing is left of a well that is its own calibrator
        return {
            "over": emulator.places[over],
            "under": np.where(under >= 0, emulator.places[under], -1),
            "factor": np.array([places[name] for name in factors]),
            "offset": np.array([places["offset_viability"] if row.readout == "viability" else -1 for row in rows]),
            "noise": np.array([places[str(noise.additive)] for noise in data.noises]),
            "kind": np.array([_KINDS[kind] for kind in data.kinds or ()]),
            "log": np.array([noise.on_log for noise in data.noises]),
            "value": data.column("values").astype(float),
            "sd": data.column("sd").astype(float),
        }

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
        found = np.array([density_kernel.likelihood(self._tables, point)[0] for point in _rows(points)])
        return np.where(np.isnan(found), -np.inf, found)

    def free_density(self, free: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the log posterior density of a point without bounds, shape (p,), and its derivatives."""
        return density_kernel.free_density(self._tables, free)

    def covariance(self, point: np.ndarray) -> np.ndarray:
        """Return that of the normal density that has the curvature at a point, without bounds, shape (p, p).

        In no direction is it wider than the priors.
        """
        free = self.priors.to_free(point[None])[0]
        count = len(free)
        wide = np.array([prior.width if math.isinf(prior.lower) else 1.0 for prior in self.priors.values()])
        curved = np.empty((count, count))
        for place in range(count):
            step = np.zeros(count)
            step[place] = _STEP * wide[place]
            ends = [self.free_density(free + sign * step)[1] for sign in (1.0, -1.0)]
            curved[place] = -(ends[0] - ends[1]) / (2 * _STEP * wide[place])
        curved = np.nan_to_num(0.5 * (curved + curved.T) * np.outer(wide, wide))
        values, vectors = np.linalg.eigh(curved)
        whole = (vectors / np.maximum(values, 1.0)) @ vectors.T
        return whole * np.outer(wide, wide)

    def of_levels(self, points: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """Return the log density of each measurement where levels are known exactly, shape (n, m)."""
        values, data = self.priors.as_is(points), self._emulator.observations()
        t = self._tables
        base = self._emulator.predictions(levels)[0]
        with np.errstate(all="ignore"):
            factor = np.where(t.factor >= 0, values[:, t.factor], 1.0)
            seen = factor * base + np.where(t.offset >= 0, values[:, t.offset], 0.0)
            found = np.empty_like(seen)
            for place, (noise, kind) in enumerate(zip(data.noises, data.kinds or (), strict=True)):
                width, measured = values[:, t.noise[place]], t.value[place]
                far = (np.log(measured / seen[:, place]) if noise.on_log else measured - seen[:, place]) / width
                if kind == "exact":
                    found[:, place] = noise.log_density(far, width)[0] - (np.log(measured) if noise.on_log else 0.0)
                else:
                    found[:, place] = noise.log_below(far if kind == "below" else -far)[0]
        return np.where(np.isnan(found), -np.inf, found)


def _rows(points: ArrayLike) -> np.ndarray:
    return np.ascontiguousarray(np.atleast_2d(np.asarray(points, float)))
