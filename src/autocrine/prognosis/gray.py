"""Gray's test: is the cumulative incidence of a cause the same in all groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def compare_incidence(
    time: NDArray[np.float64], status: NDArray[np.int64], group: NDArray[np.object_], cause: int
) -> tuple[float, int, float]:
    """Compare the cumulative incidence of a cause in groups.

    Parameters
    ----------
    time : ndarray (n,)
        Follow-up.
    status : ndarray of int (n,)
        0 censored, else the cause.
    group : ndarray (n,)
        Group of each patient.
    cause : int
        Which cause is compared.

    Returns
    -------
    statistic : float
        Chi-squared; 0 where there is no event of the cause or one group.
    degrees : int
        Groups less one.
    p : float

    References
    ----------
    Gray 1988, Ann Stat 16:1141, doi:10.1214/aos/1176350951, with rho = 0.
    """
    from scipy import stats

    names = np.unique(group)
    member = group[:, None] == names[None, :]
    sums = _Sums(member.sum(axis=0).astype(float))
    for at in np.unique(time):
        now = time == at
        first = member[now & (status == cause)].sum(axis=0)
        other = member[now & (status != cause) & (status != 0)].sum(axis=0)
        if first.any() or other.any():
            sums.pass_time(first, other)
        sums.at_risk -= member[now].sum(axis=0)
    score, variance = sums.score[:-1], sums.variance()[:-1, :-1]
    statistic = float(score @ np.linalg.pinv(variance) @ score)
    return statistic, len(names) - 1, float(stats.chi2.sf(statistic, max(len(names) - 1, 1)))


@dataclass
class _Sums:
    """What is summed over times, one entry per group.

    ``free`` is Kaplan-Meier of any event, ``incidence`` Aalen-Johansen of the cause, ``common`` the incidence that all
    groups share under the hypothesis; the rest are the score and the sums of Gray's variance.
    """

    at_risk: NDArray[np.float64]
    common: float = 0.0
    free: NDArray[np.float64] = field(init=False)
    incidence: NDArray[np.float64] = field(init=False)
    score: NDArray[np.float64] = field(init=False)
    drift: NDArray[np.float64] = field(init=False)
    square: NDArray[np.float64] = field(init=False)
    cross: NDArray[np.float64] = field(init=False)
    plain: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        """Begin with everybody free of all events."""
        count = len(self.at_risk)
        self.free, self.incidence = np.ones(count), np.zeros(count)
        self.score, self.plain = np.zeros(count), np.zeros(count)
        self.drift, self.square, self.cross = (np.zeros((count, count)) for _ in range(3))

    def pass_time(self, first: NDArray[np.int64], other: NDArray[np.int64]) -> None:
        """Add the events of one time: of the cause and of others, by group."""
        there = self.at_risk > 0
        left = np.where(there, self.at_risk, 1.0)
        free = np.where(there, self.free * (self.at_risk - first - other) / left, self.free)
        # those who would be at risk in the subdistribution, without the part that is free of the cause
        spread = np.where(there, self.at_risk / np.where(self.free > 0, self.free, 1.0), 0.0)
        events, whole = int(first.sum()), float(spread.sum())
        common = self.common + events / whole
        expected = events * spread * (1 - self.incidence) / float((spread * (1 - self.incidence)).sum())
        self.score += np.where(there, first - expected, 0.0)
        if events:
            slope = np.diag(spread) - np.outer(spread, spread) / whole
            self.drift += slope * events / (whole * (1 - self.common))
            for at in np.flatnonzero(there).tolist():
                part = 1 - (1 - common) / free[at] if free[at] > 0 else 1.0
                tied = 1 - (events - 1) / (whole * self.free[at] - 1) if events > 1 else 1.0
                self._add(at, slope[:, at] - part * self.drift[:, at], part,
                          tied * self.free[at] * events / (whole * self.at_risk[at]))  # fmt: skip
        for at in np.flatnonzero((other > 0) & (free > 0)).tolist():
            part = (1 - common) / free[at]
            tied = 1 - (other[at] - 1) / (self.at_risk[at] - 1) if other[at] > 1 else 1.0
            size = tied * (self.free[at] / self.at_risk[at]) ** 2 * other[at]
            self._add(at, part * self.drift[:, at], -part, size)
        self.incidence = np.where(there, self.incidence + self.free * first / left, self.incidence)
        self.free, self.common = free, common

    def _add(self, at: int, slope: NDArray[np.float64], part: float, size: float) -> None:
        """Add what the events of one group give to the variance."""
        self.plain[at] += part**2 * size
        self.cross[:, at] += slope * part * size
        self.square += np.outer(slope, slope) * size

    def variance(self) -> NDArray[np.float64]:
        """Return the covariance of the scores."""
        mixed = self.drift @ self.cross.T
        return self.square + (self.drift * self.plain) @ self.drift.T + mixed + mixed.T
