"""Times that are asked for, of all trajectories or of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from autocrine.core import errors

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class OutputTimes:
    """Times that are asked for.

    Attributes
    ----------
    values : ndarray of shape (T,) or (N, T)
        Increasing times (h) of all trajectories, or of each; rows may end with NaN.
    final : ndarray of shape (N,)
        The last time (h) that each trajectory is integrated to.
    """

    values: np.ndarray
    final: np.ndarray

    @classmethod
    def of(cls, times: ArrayLike, start: float, count: int, end: ArrayLike | None) -> OutputTimes:
        """Check times and ends of ``count`` trajectories that begin at ``start``.

        Raises
        ------
        InputError
            If a time or an end is no number, lies before the start, or times do not increase.
        """
        values = _numbers("times", times)
        if values.ndim == 2:
            _check_rows(values, count)
        elif values.ndim != 1 or not values.size or not np.isfinite(values).all():
            raise errors.InputError("times must be a list of finite numbers (h)", times)
        if (np.diff(values) <= 0).any():
            raise errors.InputError("times must increase", times)
        first = float(np.nanmin(values[..., 0])) if not np.isnan(values[..., 0]).all() else start
        if not np.isfinite(start) or first < start:
            raise errors.InputError(f"times must not lie before the start, {start:g} h,", first)
        # fmax leaves trajectories without any time at the start
        last = np.fmax.reduce(values, axis=-1, initial=start)
        return cls(values, _final(np.broadcast_to(last, count), end, start))

    def __len__(self) -> int:
        return self.values.shape[-1]

    def part(self, part: slice) -> OutputTimes:
        """Return the times of some trajectories."""
        values = self.values if self.values.ndim == 1 else np.ascontiguousarray(self.values[part])
        return OutputTimes(values, self.final[part])

    def before(self, who: np.ndarray, time: np.ndarray) -> np.ndarray:
        """Return how many times of some trajectories lie before a time of each, shape (rows,)."""
        return self._count(who, time, "left")

    def up_to(self, who: np.ndarray, time: np.ndarray) -> np.ndarray:
        """Return how many times of some trajectories lie before a time of each or at it, shape (rows,)."""
        return self._count(who, time, "right")

    def at(self, who: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Return times by trajectory and place, shape (rows,); after the last one NaN."""
        inside = np.minimum(places, len(self) - 1)
        found = self.values[inside] if self.values.ndim == 1 else self.values[who, inside]
        return np.where(places < len(self), found, np.nan)

    def reached(self) -> np.ndarray:
        """Return which times each trajectory is integrated to, shape (N, T)."""
        return self.values <= self.final[:, None]

    def queue(self, who: np.ndarray, *places: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return times of some trajectories, and places in them, as the kernel counts them."""
        if self.values.ndim == 1:
            return self.values, *places
        return self.values[who], *(np.arange(len(who)) * len(self) + each for each in places)

    def _count(self, who: np.ndarray, time: np.ndarray, side: str) -> np.ndarray:
        if self.values.ndim == 1:
            return np.searchsorted(self.values, time, side="left" if side == "left" else "right")
        rows = self.values[who]
        return ((rows < time[:, None]) if side == "left" else (rows <= time[:, None])).sum(axis=1)


def _numbers(name: str, given: ArrayLike) -> np.ndarray:
    try:
        return np.ascontiguousarray(given, dtype=float)  # of one axis at least; the kernel reads them by address
    except (TypeError, ValueError) as error:
        hint = "rows of one length that end with NaN" if isinstance(given, Sequence) else ""
        raise errors.InputError(f"{name} must be numbers (h)", given, hint=hint) from error


def _check_rows(values: np.ndarray, count: int) -> None:
    if values.shape[0] != count or not values.shape[1]:
        must = f"times of shape (n, T) must have one row for each of {count} trajectories"
        raise errors.InputError(must, values.shape)
    gone = np.isnan(values)
    bad = np.flatnonzero(np.isinf(values).any(axis=1) | (gone[:, :-1] & ~gone[:, 1:]).any(axis=1))
    if bad.size:
        row = values[bad[0]].tolist()
        raise errors.InputError("times must be finite, with NaN only after the last", row, where=f"trajectory {bad[0]}")


def _final(last: np.ndarray, end: ArrayLike | None, start: float) -> np.ndarray:
    if end is None:
        return last
    ends = _numbers("end", end)
    if ends.shape not in {(1,), last.shape}:
        raise errors.InputError(f"end must be one time, or one for each of {len(last)} trajectories", ends.shape)
    bad = np.flatnonzero(~(ends >= start))
    if bad.size:
        must = f"end must be a time (h) not before the start, {start:g} h,"
        raise errors.InputError(must, float(ends[bad[0]]), where=f"trajectory {bad[0]}")
    return np.minimum(last, ends)
