"""The posterior of a laboratory with polynomials for its wells: a gradient in a fraction of a millisecond.

It is the same density as `calibration.Posterior` of the same parts, which a test asserts; derivatives go backwards,
from the measurements to the parameters, so that they cost as much as the density.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from autocrine.calibration import given
from autocrine.studies.explain.emulator import Emulator
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
        self._factors = [
            (name if name != "il6" else "scale_il6", np.array([one == name for one in factors]))
            for name in dict.fromkeys(factors)
            if name
        ]
        self._offset = np.array([one not in {"", "il6"} for one in factors])
        over, under = emulator.parts
        self._over, self._under = over, under
        self._scatter = np.zeros((len(over), len(emulator.levels)))
        self._scatter[np.arange(len(over)), over] = 1.0
        divided = np.flatnonzero(under >= 0)
        self._scatter[divided, under[divided]] = -1.0

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, in their order."""
        return self.priors.names

    def residuals(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Refuse: widths of the noise are estimated."""
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
        draw = dict(zip(self.names, self.priors.as_is(points).T, strict=True))
        seen = self._seen(draw, levels)[0]
        found = self._densities(draw, seen, np.zeros_like(self._sd))[0]
        return np.where(np.isnan(found), -np.inf, found)

    def _evaluate(self, points: np.ndarray, *, gradient: bool) -> tuple[np.ndarray, np.ndarray]:
        values = self.priors.as_is(points)
        draw = dict(zip(self.names, values.T, strict=True))
        with np.errstate(all="ignore"):
            found, back = self._polynomials.predict(self._emulator.coordinates(draw))
            seen, factor, base = self._seen(draw, self._emulator.spread(found))
            density, by_readout, by_noise = self._densities(draw, seen, self._sd)
            if not gradient:
                return density, np.empty(0)
            along = self._readout_slopes(by_readout, base) | by_noise
            logs = self._emulator.on_log
            by_level = (by_readout * factor * np.where(logs, base, 1.0)) @ self._scatter
            along |= self._emulator.pulled(back(self._gathered(by_level, found)), draw)
        columns = [along.get(name, np.zeros(len(points))) for name in self.names]
        return density, np.stack(columns, axis=1) * self.priors.stretch(values)

    def _gathered(self, by_level: np.ndarray, found: np.ndarray) -> np.ndarray:
        by_group = np.zeros_like(found)
        for group, places in enumerate(self._emulator.of_group):
            by_group[:, group, : len(places)] = by_level[:, places]
        return by_group

    def _seen(self, draw: dict[str, np.ndarray], levels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return readouts of measurements, the factors in them, and readouts before factor and offset."""
        base = levels @ self._scatter.T
        base = np.where(self._emulator.on_log, np.exp(np.where(self._emulator.on_log, base, 0.0)), base)
        factor = np.ones_like(base)
        for name, mine in self._factors:
            factor = np.where(mine, draw[name][:, None], factor)
        offset = draw["offset_viability"][:, None] * self._offset if self._offset.any() else 0.0
        return factor * base + offset, factor, base

    def _readout_slopes(self, by_readout: np.ndarray, base: np.ndarray) -> dict[str, np.ndarray]:
        along = {name: (by_readout * base)[:, mine].sum(axis=1) for name, mine in self._factors}
        if self._offset.any():
            along["offset_viability"] = by_readout[:, self._offset].sum(axis=1)
        return along

    def _densities(
        self, draw: dict[str, np.ndarray], seen: np.ndarray, sd: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
        density, by_readout = np.empty_like(seen), np.empty_like(seen)
        by_noise: dict[str, np.ndarray] = {}
        for noise, kind, places in self._groups:
            name = str(noise.additive)
            own = draw[name][:, None]
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
            part = (by_width * own / width).sum(axis=1)
            by_noise[name] = by_noise[name] + part if name in by_noise else part
        return density, by_readout, by_noise
