"""Does the place of a well on its plate matter? Edge, rows and columns, tested by permutation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: chosen: with fewer control wells three effects of place cannot be told from chance
LEAST_WELLS = 12
_MAD = 1.4826
_CUT = 3.0

Array = NDArray[np.float64]


@dataclass(frozen=True)
class EdgeEffect:
    """Effects of place on equal wells of one plate.

    Attributes
    ----------
    edge, row, column : float
        Wells of the outermost used rows and columns over the others, the last used row over the first, the last used
        column over the first: relative differences; NaN where the wells do not tell.
    p : float
        Chance of effects as strong as these if places were exchanged.
    """

    edge: float
    row: float
    column: float
    p: float


def edge_effect(
    value: Array, row: Array, column: Array, frame: tuple[float, ...], *, seed: int, draws: int
) -> EdgeEffect:
    """Test whether equal wells (controls) depend on their place.

    Parameters
    ----------
    value, row, column : ndarray, shape (n,)
        Values and places of equal wells.
    frame : tuple of 4 float
        First and last used row, first and last used column of the plate: what is outside has no cells.
    seed : int
        Of the permutations.
    draws : int
        How many permutations.

    Notes
    -----
    Values over their median, cut at 3 robust standard deviations so that single bad wells do not count, are regressed
    on edge, row and column; the share of variance is compared with that of values whose places are exchanged.
    """
    top, bottom, left, right = frame
    edge = (row == top) | (row == bottom) | (column == left) | (column == right)
    places = [edge.astype(float), (row - top) / max(bottom - top, 1), (column - left) / max(right - left, 1)]
    told = [k for k, place in enumerate(places) if np.ptp(place) > 0]
    y = value / np.median(value) - 1
    scale = _MAD * float(np.median(np.abs(y)))
    if not told or scale == 0 or value.size < LEAST_WELLS:
        return EdgeEffect(np.nan, np.nan, np.nan, np.nan)
    y = np.clip(y, -_CUT * scale, _CUT * scale)
    y -= y.mean()
    x = np.stack([places[k] - places[k].mean() for k in told], axis=1)
    basis = np.linalg.svd(x, full_matrices=False)
    axes = basis[0][:, basis[1] > 1e-9 * basis[1][0]]
    generator = np.random.default_rng(seed)
    shuffled = generator.permuted(np.tile(y, (draws, 1)), axis=1)
    strength = np.sum((axes.T @ y) ** 2)
    beyond = int(np.sum(np.sum((shuffled @ axes) ** 2, axis=1) >= strength * (1 - 1e-12)))
    effects = np.full(3, np.nan)
    effects[told] = np.linalg.lstsq(x, y, rcond=None)[0]
    return EdgeEffect(float(effects[0]), float(effects[1]), float(effects[2]), (1 + beyond) / (1 + draws))


def false_discovery(p: Array) -> Array:
    """Return p values adjusted for their number (Benjamini and Hochberg 1995); NaN stay NaN."""
    adjusted = np.full(p.shape, np.nan)
    at = np.flatnonzero(np.isfinite(p))
    order = at[np.argsort(p[at])]
    if order.size:
        raw = p[order] * order.size / np.arange(1, order.size + 1)
        adjusted[order] = np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 1.0)
    return adjusted
