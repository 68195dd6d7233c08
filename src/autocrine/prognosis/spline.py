"""The marker as it is, continuous: a restricted cubic spline before anyone cuts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from autocrine.prognosis.cox import fit_cox, pool_fits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autocrine.prognosis.completed import Completed
    from autocrine.prognosis.pooled import Pooled

#: Harrell, Regression Modeling Strategies, 2nd ed., table 2.3
_QUANTILES = {3: (0.1, 0.5, 0.9), 4: (0.05, 0.35, 0.65, 0.95)}
_MANY_EVENTS = 40


@dataclass(frozen=True)
class Spline:
    """Hazard ratio over the marker.

    Attributes
    ----------
    knots : ndarray
        In standard deviations of the marker.
    pooled : Pooled
        The full model with the spline in place of the marker.
    p_any, p_curved : float
        Tests that the marker has no effect at all, and that its effect is a straight line.
    curve : DataFrame
        Columns ``z``, ``value`` (in the marker's unit), ``ratio``, ``ratio_low``, ``ratio_high`` against the median.
    """

    knots: NDArray[np.float64]
    pooled: Pooled
    p_any: float
    p_curved: float
    curve: pd.DataFrame


def cubic_basis(x: NDArray[np.float64], knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the restricted cubic spline basis: linear beyond the outer knots.

    Parameters
    ----------
    x : ndarray (n,)
        Values.
    knots : ndarray (k,)
        At least three, ascending.

    Returns
    -------
    ndarray (n, k - 1)
        ``x`` and the k - 2 curved columns, scaled by the square of the range of the knots.
    """
    x, t = np.asarray(x, dtype=float), np.asarray(knots, dtype=float)
    last, before = t[-1], t[-2]

    def cube(value: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.maximum(value, 0.0) ** 3

    curved = [
        (
            cube(x - knot)
            - cube(x - before) * (last - knot) / (last - before)
            + cube(x - last) * (before - knot) / (last - before)
        )
        / (last - t[0]) ** 2
        for knot in t[:-2]
    ]
    return np.column_stack([x, *curved])


def fit_spline(completed: Completed, *, points: int = 80) -> Spline | None:
    """Fit the full model with the marker as a restricted cubic spline.

    Parameters
    ----------
    completed : Completed
        Patients without gaps.
    points : int
        Points of the curve, between the 2.5 and 97.5 percentile.

    Returns
    -------
    Spline or None
        None if the marker has too few different values for three knots.
    """
    z = np.concatenate([frame[completed.marker].to_numpy(dtype=float) for frame in completed.frames])
    count = 4 if completed.events.sum() >= _MANY_EVENTS else 3
    knots = np.unique(np.quantile(z, _QUANTILES[count]))
    if knots.size < 3:
        return None
    names = [f"{completed.marker} {part}" for part in ("linear", "curved", "curved 2")[: knots.size - 1]]
    fits = []
    for frame in completed.frames:
        basis = cubic_basis(frame[completed.marker].to_numpy(dtype=float), knots)
        extended = pd.concat([frame, pd.DataFrame(basis, columns=pd.Index(names), index=frame.index)], axis=1)
        fits.append(fit_cox(extended, [*names, *completed.clinical]))
    pooled = pool_fits(fits)
    _, _, p_any = pooled.test(names)
    _, _, p_curved = pooled.test(names[1:])
    at = np.linspace(float(np.quantile(z, 0.025)), float(np.quantile(z, 0.975)), points)
    return Spline(knots, pooled, p_any, p_curved, _curve(at, float(np.median(z)), knots, pooled, completed))


def _curve(
    at: NDArray[np.float64], middle: float, knots: NDArray[np.float64], pooled: Pooled, completed: Completed
) -> pd.DataFrame:
    size = knots.size - 1
    contrast = cubic_basis(at, knots) - cubic_basis(np.array([middle]), knots)
    log_ratio = contrast @ pooled.coefficient[:size]
    spread = np.sqrt(np.einsum("ij,jk,ik->i", contrast, pooled.covariance[:size, :size], contrast))
    return pd.DataFrame(
        {
            "z": at,
            "value": completed.centre + completed.scale * at,
            "ratio": np.exp(log_ratio),
            "ratio_low": np.exp(log_ratio - 1.959964 * spread),
            "ratio_high": np.exp(log_ratio + 1.959964 * spread),
        }
    )
