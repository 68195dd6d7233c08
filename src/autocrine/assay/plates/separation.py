"""How well two groups of wells are told apart: Z' and SSMD."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

_MAD = 1.4826


def z_prime(high: ArrayLike, low: ArrayLike, *, robust: bool = False) -> float:
    """Return the Z' factor of two groups of control wells.

    Parameters
    ----------
    high, low : array_like
        Values of the wells with and without signal.
    robust : bool
        Use median and MAD instead of mean and standard deviation.

    Returns
    -------
    float
        1 is perfect, 0.5 and more an excellent assay, below 0 the groups meet; NaN with fewer than two wells in a
        group.

    Notes
    -----
    ``Z' = 1 - 3 (s_h + s_l) / |m_h - m_l|``.

    References
    ----------
    Zhang et al. 1999, J Biomol Screen 4:67-73.
    """
    (m_h, s_h), (m_l, s_l) = _moments(high, robust), _moments(low, robust)
    if m_h == m_l:
        return math.nan if math.isnan(s_h + s_l) else -math.inf
    return 1 - 3 * (s_h + s_l) / abs(m_h - m_l)


def ssmd(high: ArrayLike, low: ArrayLike) -> float:
    """Return the strictly standardised mean difference ``(m_h - m_l) / sqrt(s_h^2 + s_l^2)``.

    References
    ----------
    Zhang 2007, Genomics 89:552-561.
    """
    (m_h, s_h), (m_l, s_l) = _moments(high, False), _moments(low, False)
    spread = math.hypot(s_h, s_l)
    return (m_h - m_l) / spread if spread > 0 else math.nan


def _moments(values: ArrayLike, robust: bool) -> tuple[float, float]:
    x = np.asarray(values, dtype=float)
    x = x[np.isfinite(x)]
    if x.size < 2:
        return math.nan, math.nan
    if robust:
        middle = float(np.median(x))
        return middle, _MAD * float(np.median(np.abs(x - middle)))
    return float(x.mean()), float(x.std(ddof=1))
