"""Likelihood of predictions, with derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autocrine.calibration.given.noise import Noise
from autocrine.calibration.given.observations import Observations, Scaling
from autocrine.calibration.readout import Column, profiled, profiled_log, scaled


@dataclass(frozen=True)
class Readouts:
    """What is predicted for m measurements at n points.

    Attributes
    ----------
    readouts, widths : ndarray of shape (n, m)
        What is predicted on the scale of the measurements, and the width of the noise.
    log_density : ndarray of shape (n, m)
        The log density of each measurement; NaN where there is none.
    gradient : ndarray of shape (n, p)
        Derivatives of the sum of the densities, if asked for.
    along, widths_along : ndarray of shape (n, m, p)
        Derivatives of readouts (at fixed profiled factors) and widths, if asked for.
    free : ndarray of shape (n, m, q)
        Derivatives of readouts by the q profiled factors and offsets.
    """

    readouts: np.ndarray
    widths: np.ndarray
    log_density: np.ndarray
    gradient: np.ndarray
    along: np.ndarray
    widths_along: np.ndarray
    free: np.ndarray


class Likelihood:
    """The density of measurements around predictions.

    Parameters
    ----------
    observations : Observations
        The measurements.
    names : sequence of str
        All p parameters, in the order of the points.
    """

    def __init__(self, observations: Observations, names: Sequence[str]) -> None:
        self._data, self._names = observations, list(names)
        self._measured, self._upper = observations.column("values"), observations.column("upper")
        self._kinds = np.array(list(observations.kinds or ()))
        experiments = np.array(list(observations.experiments or ()))
        self._groups = [(np.flatnonzero(experiments == name), one) for name, one in observations.scalings.items()]
        table: dict[Noise, list[int]] = {}
        for place, noise in enumerate(observations.noises):
            table.setdefault(noise, []).append(place)
        self._noises = {noise: np.array(places) for noise, places in table.items()}
        self._alike = [
            (noise, str(kind), places[self._kinds[places] == kind])
            for noise, places in self._noises.items()
            for kind in np.unique(self._kinds[places])
        ]

    def readouts(self, values: np.ndarray, stretch: np.ndarray, predicted: np.ndarray, slopes: np.ndarray) -> Readouts:
        """Return readouts with their densities.

        Parameters
        ----------
        values, stretch : ndarray of shape (n, p)
            Parameters as they are, and their derivatives by the point.
        predicted : ndarray of shape (n, m)
            Predictions.
        slopes : ndarray of shape (n, m, p) or (n, m, 0)
            Their derivatives by the point, or nothing.
        """
        here = _Point(self._names, values, stretch, slopes.shape[2])
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            seen = Column(predicted.copy(), slopes.copy())
            for places, scaling in self._groups:
                if not any(scaling.profiled):
                    part = Column(seen.values[:, places], seen.gradient[:, places])
                    whole = scaled(part, here.column(scaling.factor), here.column(scaling.offset))
                    seen.values[:, places], seen.gradient[:, places] = whole.values, whole.gradient
            wide = self._widths(here, seen)
            free = self._profile(here, seen, wide)
            density, gradient = self._densities(seen, wide)
        return Readouts(seen.values, wide.values, density, gradient, seen.gradient, wide.gradient, free)

    def _widths(self, here: _Point, seen: Column) -> Column:
        square, along = np.empty_like(seen.values), np.zeros_like(seen.gradient)
        known = self._data.column("sd") ** 2
        for noise, places in self._noises.items():
            additive, proportional = here.column(noise.additive), here.column(noise.proportional)
            readout = seen.values[:, places]
            square[:, places] = known[places] + additive.values[:, None] ** 2
            along[:, places] = 2 * (additive.values[:, None] * additive.gradient)[:, None]
            if noise.proportional != 0.0:
                part = (proportional.values[:, None] * readout) ** 2
                square[:, places] += part
                grows = (proportional.values[:, None] * proportional.gradient)[:, None] * readout[:, :, None] ** 2
                follows = (proportional.values[:, None] ** 2 * readout)[:, :, None] * seen.gradient[:, places]
                along[:, places] += 2 * (grows + follows)
        width = np.sqrt(square)
        return Column(width, along / (2 * width[:, :, None]))

    def _profile(self, here: _Point, seen: Column, wide: Column) -> np.ndarray:
        """Put in the profiled factors; return derivatives of the readouts by them."""
        columns = []
        for places, scaling in self._groups:
            if not any(scaling.profiled):
                continue
            predicted, width = seen.values[:, places], wide.values[:, places]
            given = (
                here.column(1.0 if scaling.profiled[0] else scaling.factor),
                here.column(0.0 if scaling.profiled[1] else scaling.offset),
            )
            factor, offset = self._best(places, scaling, predicted, width, (given[0].values, given[1].values))
            whole = scaled(
                Column(predicted, seen.gradient[:, places]),
                Column(factor, given[0].gradient),
                Column(offset, given[1].gradient),
            )
            seen.values[:, places], seen.gradient[:, places] = whole.values, whole.gradient
            for is_free, by in zip(scaling.profiled, (predicted, np.ones_like(predicted)), strict=True):
                if is_free:
                    columns.append(np.zeros_like(seen.values))
                    columns[-1][:, places] = by
        return np.stack(columns, axis=2) if columns else np.zeros((*seen.values.shape, 0))

    def _best(
        self,
        places: np.ndarray,
        scaling: Scaling,
        predicted: np.ndarray,
        width: np.ndarray,
        given: tuple[np.ndarray, np.ndarray],
    ) -> tuple[np.ndarray, np.ndarray]:
        if self._data.noises[places[0]].on_log:
            return profiled_log(predicted, self._measured[places], width), given[1]
        return profiled(scaling, predicted, self._measured[places], width, given)

    def _densities(self, seen: Column, wide: Column) -> tuple[np.ndarray, np.ndarray]:
        """Return log densities of all measurements, and the derivatives of their sum."""
        density = np.empty_like(seen.values)
        gradient = np.zeros((len(density), seen.gradient.shape[2]))
        for noise, kind, places in self._alike:
            readout, width = seen.values[:, places], wide.values[:, places]
            found, by_readout, by_width = self._one_kind(noise, kind, places, readout, width)
            density[:, places] = found
            gradient += np.einsum("nm,nmp->np", by_readout, seen.gradient[:, places])
            gradient += np.einsum("nm,nmp->np", by_width, wide.gradient[:, places])
        return density, gradient

    def _one_kind(
        self, noise: Noise, kind: str, places: np.ndarray, readout: np.ndarray, width: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return log densities of measurements of one kind, and their derivatives by readout and width."""
        turn = np.log if noise.on_log else np.asarray
        low, centre = turn(self._measured[places]), turn(readout)
        inner = 1.0 / readout if noise.on_log else np.ones_like(readout)
        far = (low - centre) / width
        if kind == "exact":
            found, by_readout, by_width = noise.log_density(far, width)
            return found - (low if noise.on_log else 0.0), by_readout * inner, by_width
        if kind == "between":
            high = (turn(self._upper[places]) - centre) / width
            found, by_low, by_high = noise.log_between(far, high)
            return found, -(by_low + by_high) / width * inner, -(by_low * far + by_high * high) / width
        sign = 1.0 if kind == "below" else -1.0
        found, slope = noise.log_below(sign * far)
        return found, -sign * slope / width * inner, -slope * sign * far / width

    def residuals(self, found: Readouts) -> tuple[np.ndarray, np.ndarray]:
        """Return residuals in units of the width, shape (n, m), and derivatives, shape (n, m, p).

        Profiled factors are taken out of the derivatives by projection (Kaufman 1975, BIT 15:49,
        doi:10.1007/BF01932995): the gradient of the sum of squares stays exact.
        """
        logs = np.array([noise.on_log for noise in self._data.noises])
        with np.errstate(divide="ignore", invalid="ignore"):
            inner = np.where(logs, 1.0 / found.readouts, 1.0) / found.widths
            readout = np.where(logs, np.log(found.readouts), found.readouts)
            measured = np.where(logs, np.log(np.abs(self._measured)), self._measured)
        along, free = -inner[:, :, None] * found.along, -inner[:, :, None] * found.free
        if free.shape[2] and np.isfinite(free).all():
            along = along - free @ (np.linalg.pinv(free) @ along)
        return (measured - readout) / found.widths, along

    def information(self, found: Readouts) -> np.ndarray:
        """Return the expected Fisher information at points, shape (n, p, p), profiled factors taken out.

        It is NaN where a point cannot be simulated.
        """
        blocks = np.concatenate([found.along, found.free], axis=2)
        wide = np.concatenate([found.widths_along, np.zeros_like(found.free)], axis=2)
        about, around = np.empty_like(found.readouts), np.empty_like(found.readouts)
        for noise, places in self._noises.items():
            readout, width = found.readouts[:, places], found.widths[:, places]
            inner = 1.0 / readout if noise.on_log else np.ones_like(readout)
            by_readout, by_width = noise.information()
            about[:, places], around[:, places] = by_readout * (inner / width) ** 2, by_width / width**2
            limited = places[self._kinds[places] != "exact"]
            for place in limited:
                about[:, place] = self._of_sides(noise, place, found)
                around[:, place] = 0.0
        whole = np.einsum("nm,nmp,nmq->npq", about, blocks, blocks) + np.einsum("nm,nmp,nmq->npq", around, wide, wide)
        count = found.along.shape[2]
        inside, across, outside = whole[:, :count, :count], whole[:, :count, count:], whole[:, count:, count:]
        good = np.isfinite(whole).all(axis=(1, 2)) & np.isfinite(found.readouts).all(axis=1)
        information = np.full_like(inside, np.nan)
        taken = across[good] @ np.linalg.pinv(outside[good], hermitian=True) @ np.swapaxes(across[good], 1, 2)
        information[good] = inside[good] - taken
        return information

    def _of_sides(self, noise: Noise, place: int, found: Readouts) -> np.ndarray:
        """Return the information about a readout in knowing the side of a limit, shape (n,)."""
        turn = np.log if noise.on_log else np.asarray
        readout, width = found.readouts[:, place], found.widths[:, place]
        far = (turn(self._measured[place]) - turn(readout)) / width
        below, slope = noise.log_below(far)
        above, _ = noise.log_below(-far)
        inner = 1.0 / readout if noise.on_log else np.ones_like(readout)
        return slope**2 * np.exp(below - above) * (inner / width) ** 2


@dataclass(frozen=True)
class _Point:
    """Parameters of noise and scalings at n points."""

    names: list[str]
    values: np.ndarray
    stretch: np.ndarray
    wide: int

    def column(self, part: float | str) -> Column:
        """Return a number or a parameter, with its derivatives by the point."""
        count = len(self.values)
        gradient = np.zeros((count, self.wide))
        if not isinstance(part, str):
            return Column(np.full(count, float(part)), gradient)
        place = self.names.index(part)
        if self.wide:
            gradient[:, place] = self.stretch[:, place]
        return Column(self.values[:, place], gradient)
