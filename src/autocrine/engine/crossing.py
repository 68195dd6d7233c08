"""Where curves pass a level: times of each trajectory, or doses over groups of trajectories (as an IC50)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from autocrine.core import errors
from autocrine.engine.output_times import OutputTimes
from autocrine.engine.reduction import Reduction
from autocrine.engine.trajectories import place_of


class Crossing(Reduction):
    """Where an output first passes a level, linear between the points, and its derivatives.

    Parameters
    ----------
    times : OutputTimes
        Times of the trajectories.
    names : tuple of str
        The outputs.
    output : str
        The output that is looked at.
    level : float
        The level.
    over : array_like of shape (D,), optional
        What differs between the members of a group of D trajectories that follow one another, such as a dose. With it
        the result has the shape (groups, T), otherwise it is the time of each trajectory, shape (n,).
    log : bool
        Whether to interpolate on the logarithm of ``over``.
    relative : bool
        Whether the level is a share of the first point of each curve.
    """

    wants_failed = True
    differentiable = True

    def __init__(
        self,
        times: OutputTimes,
        names: tuple[str, ...],
        *,
        output: str,
        level: float,
        over: ArrayLike | None = None,
        log: bool = False,
        relative: bool = False,
    ) -> None:
        self._place, self._relative, self._log = place_of(output, names), relative, log
        self._level = _finite(level)
        self._times = times
        self._over = None if over is None else _increasing(over, log=log)
        self._waiting: list[np.ndarray] = []
        self._found: list[np.ndarray] = []
        self._slopes: list[np.ndarray] = []
        self._taken = 0

    def take(self, values: np.ndarray, slopes: np.ndarray | None = None) -> None:
        """Take the values of some trajectories, shape (rows, T, k), and their derivatives, shape (rows, T, k, p)."""
        # the curves and, behind them, their derivatives
        curves = values[:, :, self._place, None]
        if slopes is not None:
            curves = np.concatenate([curves, slopes[:, :, self._place]], axis=-1)
        if self._over is None:
            rows = np.arange(self._taken, self._taken + len(curves))
            times = self._times.values if self._times.values.ndim == 1 else self._times.values[rows]
            self._taken += len(curves)
            self._keep(np.broadcast_to(times, curves.shape[:-1]), curves)
            return
        joined = np.concatenate([*self._waiting, curves])
        size = len(self._over)
        whole = len(joined) // size * size
        self._waiting = [joined[whole:].copy()]
        groups = joined[:whole].reshape(-1, size, *joined.shape[1:]).swapaxes(1, 2)
        self._keep(np.broadcast_to(self._over, groups.shape[:-1]), groups)

    def _keep(self, x: np.ndarray, curves: np.ndarray) -> None:
        found, slopes = self._crossings(x, curves[..., 0], np.moveaxis(curves[..., 1:], -1, 0))
        if self._log and self._over is not None:
            found = np.exp(found)
            slopes = slopes * found
        self._found.append(found)
        self._slopes.append(np.moveaxis(slopes, 0, -1))

    def _crossings(self, x: np.ndarray, y: np.ndarray, slopes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the first crossing along the last axis, NaN where there is none, and its derivatives."""
        above = y - self._level * (y[..., :1] if self._relative else 1.0)
        passes = (above[..., :-1] > 0) != (above[..., 1:] > 0)
        passes &= np.isfinite(above[..., :-1]) & np.isfinite(above[..., 1:])
        if not passes.shape[-1]:
            return np.full(passes.shape[:-1], np.nan), np.full(slopes.shape[:-1], np.nan)
        first = passes.argmax(axis=-1)[..., None]
        a, b = np.take_along_axis(above, first, -1), np.take_along_axis(above, first + 1, -1)
        u, v = np.take_along_axis(x, first, -1), np.take_along_axis(x, first + 1, -1)
        with np.errstate(all="ignore"):
            found = (u + (v - u) * a / (a - b))[..., 0]
            if self._relative:
                slopes = slopes - self._level * slopes[..., :1]
            da, db = (
                np.take_along_axis(slopes, np.broadcast_to(at, (len(slopes), *at.shape)), -1)
                for at in (first, first + 1)
            )
            slope = ((v - u) * (a * db - b * da) / (a - b) ** 2)[..., 0]
        passed = passes.any(axis=-1)
        return np.where(passed, found, np.nan), np.where(passed, slope, np.nan)

    def result(self) -> np.ndarray:
        """Return the crossings.

        Raises
        ------
        InputError
            If the last group is not whole.
        """
        if any(len(each) for each in self._waiting):
            size = 0 if self._over is None else len(self._over)
            must = f"trajectories must come in groups of {size}, one for each value of over,"
            raise errors.InputError(must, f"{len(self._waiting[0])} too many")
        return np.concatenate(self._found) if self._found else np.empty(0)

    def derivatives(self) -> np.ndarray | None:
        """Return those of the crossings, NaN where there are none."""
        found = np.concatenate(self._slopes) if self._slopes else np.empty((0, 0))
        return found if found.shape[-1] else None


def _finite(level: float) -> float:
    if not isinstance(level, int | float) or not np.isfinite(level):
        raise errors.InputError("the level of a crossing must be a finite number", level)
    return float(level)


def _increasing(over: ArrayLike, *, log: bool) -> np.ndarray:
    points = np.asarray(over, float)
    if points.ndim != 1 or len(points) < 2 or not np.isfinite(points).all() or (np.diff(points) <= 0).any():
        raise errors.InputError("over must be at least two finite numbers that increase", over)
    if log and points[0] <= 0:
        raise errors.InputError("over must be positive where log is True", float(points[0]), hint="log=False")
    return np.log(points) if log else points
