"""The posterior of a laboratory with polynomials for its wells: a gradient in a fraction of a millisecond.

It is the same density as `calibration.Posterior` of the same parts, which a test asserts; derivatives go backwards,
from the measurements to the parameters, so that they cost as much as the density.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from autocrine.calibration import given
from autocrine.studies.explain.emulator import Emulator, without
from autocrine.studies.explain.polynomial import Polynomials


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
        self._emulator, self._polynomials = emulator, polynomials
        data = emulator.observations(emulator.spread(polynomials.errors))
        self._values, self._sd = data.column("values"), data.column("sd")
        kinds, readouts = np.array(data.kinds), np.array([row.readout for row in emulator.laboratory.measurements])
        self._groups = [
            (noise, str(kind), np.flatnonzero((readouts == name) & (kinds == kind)))
            for name, noise in {row: data.noises[int(np.argmax(readouts == row))] for row in set(readouts)}.items()
            for kind in np.unique(kinds[readouts == name])
        ]
        factors = [emulator.experiment(row) for row in emulator.laboratory.measurements]
        named = list(dict.fromkeys("scale_il6" if name == "il6" else name for name in factors if name))
        # the factor of each measurement by place among the parameters, the last of which stands for 1
        self._scale_places = np.array([self.names.index(name) for name in named], int)
        self._factor = np.array(
            [self.names.index("scale_il6" if name == "il6" else name) if name else len(self.names) for name in factors]
        )
        self._one_hot = np.array([self._factor == place for place in self._scale_places], float).reshape(
            len(named), len(factors)
        )
        self._offset = np.array([one not in {"", "il6"} for one in factors], float)
        self._offset_place = self.names.index("offset_viability") if self._offset.any() else -1
        over, under = emulator.parts
        self._scatter = np.zeros((len(over), len(emulator.levels)))
        self._scatter[np.arange(len(over)), over] = 1.0
        divided = np.flatnonzero(under >= 0)
        self._scatter[divided, under[divided]] -= 1.0  # nothing is left of a well that is its own calibrator
        inner = emulator.causes.names
        self._inner = np.array([k for k, name in enumerate(inner) if name in self.names], int)
        self._own = np.array([self.names.index(inner[k]) for k in self._inner], int)
        self._absent = np.array([0.0 if name in self.names else without(name) for name in inner])

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
        density, gradient = self._evaluate(np.atleast_2d(np.asarray(points, float)), gradient=True)
        value = density.sum(axis=1)
        good = np.isfinite(value) & np.isfinite(gradient).all(axis=1)
        return np.where(good, value, -np.inf), np.where(good[:, None], gradient, 0.0)

    def log_likelihoods(self, points: ArrayLike) -> np.ndarray:
        """Return the log density of each measurement, shape (n, m)."""
        found = self._evaluate(np.atleast_2d(np.asarray(points, float)), gradient=False)[0]
        return np.where(np.isnan(found), -np.inf, found)

    def of_levels(self, points: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """Return the log density of each measurement where levels are known exactly, shape (n, m)."""
        values = self.priors.as_is(points)
        with np.errstate(all="ignore"):
            seen = self._seen(values, levels)[0]
            found = self._densities(values, seen, np.zeros_like(self._sd))[0]
        return np.where(np.isnan(found), -np.inf, found)

    def _evaluate(self, points: np.ndarray, *, gradient: bool) -> tuple[np.ndarray, np.ndarray]:
        values, emulator = self.priors.as_is(points), self._emulator
        whole = np.tile(self._absent, (len(points), 1))
        whole[:, self._inner] = values[:, self._own]
        with np.errstate(all="ignore"):
            found, back = self._polynomials.predict(emulator.coordinates(whole))
            seen, factor, base = self._seen(values, emulator.spread(found))
            density, by_readout, along = self._densities(values, seen, self._sd)
            if not gradient:
                return density, np.empty(0)
            along[:, self._scale_places] += (by_readout * base) @ self._one_hot.T
            if self._offset_place >= 0:
                along[:, self._offset_place] += by_readout @ self._offset
            by_level = (by_readout * factor * np.where(emulator.on_log, base, 1.0)) @ self._scatter
            pulled = emulator.pulled(back(emulator.gathered(by_level)), whole)
            along[:, self._own] += pulled[:, self._inner]
        return density, along * self.priors.stretch(values)

    def _seen(self, values: np.ndarray, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return readouts of measurements, the factors in them, and readouts before factor and offset."""
        logs = self._emulator.on_log
        base = levels @ self._scatter.T
        base = np.where(logs, np.exp(np.where(logs, base, 0.0)), base)
        factor = np.concatenate([values, np.ones((len(values), 1))], axis=1)[:, self._factor]
        offset = values[:, [self._offset_place]] * self._offset if self._offset_place >= 0 else 0.0
        return factor * base + offset, factor, base

    def _densities(
        self, values: np.ndarray, seen: np.ndarray, sd: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return log densities, and derivatives by readouts, shape (n, m), and by the noise, shape (n, p)."""
        density, by_readout = np.empty_like(seen), np.empty_like(seen)
        by_noise = np.zeros_like(values)
        for noise, kind, places in self._groups:
            at = self.names.index(str(noise.additive))
            own = values[:, [at]]
            width = np.sqrt(sd[places] ** 2 + own**2)
            readout, measured = seen[:, places], self._values[places]
            inner = 1.0 / readout if noise.on_log else 1.0
            far = (np.log(measured) - np.log(readout) if noise.on_log else measured - readout) / width
            if kind == "exact":
                found, pull, by_width = noise.log_density(far, width)
                density[:, places] = found - (np.log(measured) if noise.on_log else 0.0)
                by_readout[:, places] = pull * inner
            else:
                sign = 1.0 if kind == "below" else -1.0
                found, slope = noise.log_below(sign * far)
                density[:, places], by_width = found, -slope * sign * far / width
                by_readout[:, places] = -sign * slope / width * inner
            by_noise[:, at] += (by_width * own / width).sum(axis=1)
        return density, by_readout, by_noise
