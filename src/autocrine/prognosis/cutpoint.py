"""A cut-point of the marker, with the price of having looked for it.

The largest log-rank statistic over many cuts is not a log-rank statistic: its p is found by permutation, and the effect
at the chosen cut is corrected for the choice. No cut-point is given without both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from autocrine.core import generator
from autocrine.prognosis.completed import EVENT, TIME
from autocrine.prognosis.cox import fit_cox

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EDGE = 0.1
_BLOCK = 200


@dataclass(frozen=True)
class Cutpoint:
    """The cut at which the groups differ most.

    Attributes
    ----------
    value : float
        Patients above it are compared with those at or below it.
    low, high : float
        95 % of the cuts that samples of the same patients would choose.
    statistic : float
        Largest absolute standardised log-rank statistic.
    p_naive, p : float
        As if the cut had been known before, and by permutation.
    ratio_naive, ratio : float
        Hazard ratio at the cut, as fitted, and corrected for optimism.
    cuts : DataFrame
        Columns ``value``, ``statistic``.
    """

    value: float
    low: float
    high: float
    statistic: float
    p_naive: float
    p: float
    ratio_naive: float
    ratio: float
    cuts: pd.DataFrame


def logrank_scores(time: NDArray[np.float64], event: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return event - cumulative hazard (Nelson-Aalen) of each patient: they sum to 0."""
    from lifelines import NelsonAalenFitter

    fitter = NelsonAalenFitter(nelson_aalen_smoothing=False).fit(time, event)
    steps = fitter.cumulative_hazard_.index.to_numpy(dtype=float)
    hazard = fitter.cumulative_hazard_.iloc[:, 0].to_numpy(dtype=float)
    scores = event - hazard[np.searchsorted(steps, time, side="right") - 1]
    return scores - scores.mean()


def _candidates(marker: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the cuts that leave a tenth on each side, and how many patients are at or below each."""
    ordered = np.sort(marker)
    values = np.unique(ordered)[:-1]
    below = np.searchsorted(ordered, values, side="right")
    fits = (below >= _EDGE * marker.size) & (below <= (1 - _EDGE) * marker.size)
    return values[fits], below[fits]


def _standardised(
    scores: NDArray[np.float64], below: NDArray[np.int64], variance: float
) -> NDArray[np.float64]:  # fmt: skip
    """Return the permutation z of the scores above each cut; ``scores`` are in the order of the marker."""
    n = scores.shape[-1]
    above = -np.cumsum(scores, axis=-1)[..., below - 1]
    return above / np.sqrt(variance * below * (n - below) / (n - 1))


def find_cutpoint(
    marker: NDArray[np.float64],
    time: NDArray[np.float64],
    event: NDArray[np.float64],
    *,
    seed: int,
    permutations: int = 2000,
    bootstraps: int = 200,
) -> Cutpoint | None:
    """Look for the cut and correct for looking.

    Parameters
    ----------
    marker, time, event : ndarray (n,)
        Patients with a known marker.
    seed : int
        Seed of permutations and samples.
    permutations, bootstraps : int
        How many of them.

    Returns
    -------
    Cutpoint or None
        None if no cut leaves a tenth of the patients on each side.

    References
    ----------
    Hothorn and Lausen 2003, Comput Stat Data Anal 43:121, doi:10.1016/S0167-9473(02)00225-6.
    """
    from scipy import stats

    cuts, below = _candidates(marker)
    if cuts.size == 0:
        return None
    order = np.argsort(marker, kind="stable")
    scores = logrank_scores(time, event)
    variance = float((scores**2).mean())
    z = _standardised(scores[order], below, variance)
    best = int(np.argmax(np.abs(z)))
    largest = float(abs(z[best]))
    random = generator(seed, "cut-point")
    as_large = 0
    for start in range(0, permutations, _BLOCK):
        drawn = random.permuted(np.tile(scores, (min(_BLOCK, permutations - start), 1)), axis=1)
        as_large += int((np.abs(_standardised(drawn, below, variance)).max(axis=1) >= largest - 1e-12).sum())
    naive = _effect(marker > cuts[best], time, event)
    optimism, chosen = _optimism(marker, time, event, random, bootstraps)
    corrected = np.sign(naive) * max(abs(naive) - optimism, 0.0)
    low, high = np.quantile(chosen, (0.025, 0.975))
    return Cutpoint(
        float(cuts[best]), float(low), float(high), largest, float(2 * stats.norm.sf(largest)),
        (as_large + 1) / (permutations + 1), float(np.exp(naive)), float(np.exp(corrected)),
        pd.DataFrame({"value": cuts, "statistic": z}),
    )  # fmt: skip


def _effect(above: NDArray[np.bool_], time: NDArray[np.float64], event: NDArray[np.float64]) -> float:
    """Return the log hazard ratio of two groups by Cox regression."""
    frame = pd.DataFrame({TIME: time, EVENT: event, "above": above.astype(float)})
    return float(fit_cox(frame, ["above"]).coefficient[0])


def _one_step(scores: NDArray[np.float64], above: NDArray[np.bool_], events: float) -> float:
    """Return the log hazard ratio of two groups in one step from 0: observed less expected, over its variance.

    A sample has thousands of cuts less one that matter; the difference of two such steps is the optimism.
    """
    share = float(above.mean())
    return float(scores[above].sum()) / (events * share * (1 - share))


def _optimism(
    marker: NDArray[np.float64],
    time: NDArray[np.float64],
    event: NDArray[np.float64],
    random: np.random.Generator,
    bootstraps: int,
) -> tuple[float, NDArray[np.float64]]:
    """Return how much larger the effect at a sample's best cut is in it than in all patients; and those cuts."""
    scores, gains, chosen = logrank_scores(time, event), [], []
    for _ in range(bootstraps):
        drawn = random.integers(marker.size, size=marker.size)
        cuts, below = _candidates(marker[drawn])
        if cuts.size == 0 or event[drawn].sum() == 0:
            continue
        own = logrank_scores(time[drawn], event[drawn])
        z = _standardised(own[np.argsort(marker[drawn], kind="stable")], below, float((own**2).mean()))
        cut = cuts[int(np.argmax(np.abs(z)))]
        inside = _one_step(own, marker[drawn] > cut, float(event[drawn].sum()))
        outside = _one_step(scores, marker > cut, float(event.sum()))
        gains.append(np.sign(inside) * (inside - outside))
        chosen.append(cut)
    return max(float(np.mean(gains)), 0.0), np.array(chosen)
