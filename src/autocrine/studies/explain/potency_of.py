"""IC50 of many noiseless dose-responses at once."""

from __future__ import annotations

import numpy as np

_BISECTIONS = 40


def half_doses(dose_nM: np.ndarray, viability: np.ndarray, half: float = 0.5) -> np.ndarray:
    """Return the doses of half viability, shape (n,); NaN where it is not crossed within the doses.

    Parameters
    ----------
    dose_nM : ndarray of shape (d,)
        Rising positive doses.
    viability : ndarray of shape (n, d)
        Fractions of the untreated wells.

    Notes
    -----
    The logarithm of viability over that of dose is a cubic between neighbours, with slopes from central differences.
    """
    x, y = np.log(dose_nM), np.log(np.maximum(viability, 1e-12) / half)
    slopes = np.gradient(y, x, axis=1)
    below = y < 0
    at = np.argmax(below, axis=1)
    good = below.any(axis=1) & (at > 0) & np.isfinite(y).all(axis=1)
    rows, right = np.flatnonzero(good), at[good]
    left, wide = right - 1, x[right] - x[right - 1]
    y0, y1 = y[rows, left], y[rows, right]
    m0, m1 = slopes[rows, left] * wide, slopes[rows, right] * wide
    low, high = np.zeros(len(rows)), np.ones(len(rows))
    for _ in range(_BISECTIONS):
        t = 0.5 * (low + high)
        there = (1 + 2 * t) * (1 - t) ** 2 * y0 + t * (1 - t) ** 2 * m0 + t**2 * (3 - 2 * t) * y1 + t**2 * (t - 1) * m1
        low, high = np.where(there > 0, t, low), np.where(there > 0, high, t)
    found = np.full(len(viability), np.nan)
    found[rows] = np.exp(x[left] + 0.5 * (low + high) * wide)
    return found
