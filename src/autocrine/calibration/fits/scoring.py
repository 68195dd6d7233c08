"""Fisher scoring: one search that knows the curvature."""

from __future__ import annotations

import numpy as np

from autocrine.calibration.fits.search import Search, descend
from autocrine.calibration.fits.together import Evaluate

#: what is added to minus the log density at first, so that it can be half a sum of squares
_SHIFT = 1e4
#: the smallest curvature that is told from none: as a share of the largest one, and of one on the scales
_FLAT = 1e-14


class _TooHighError(Exception):
    """The log density has come close to the shift."""


def score(
    evaluate: Evaluate, start: np.ndarray, lower: np.ndarray, upper: np.ndarray, *, iterations: int, tolerance: float
) -> Search:
    """Climb by Newton steps in a trust region, with the Fisher information in the place of second derivatives.

    Parameters
    ----------
    evaluate : callable
        From a point to its log density, and its derivatives above the information, shape (1 + p, p).
    start, lower, upper : ndarray of shape (p,)
        The start, and bounds.
    iterations : int
        At most so many evaluations.
    tolerance : float
        Ends where a step gains less than its root: a log density is a number without unit, so 1e-5 of it is nothing
        whatever its size.

    Notes
    -----
    The trust region is that of `descend`. It is given p + 1 residuals r and derivatives J which are no data, but made
    such that half the square of r is the shift minus the log density, r J is minus its gradient, and J'J the
    information: with the factors F = L L' it is J' = (L, 0), and r begins with the solution of L a = -gradient.

    References
    ----------
    Osborne (1992), Int Stat Rev 60:99, doi:10.2307/1403504 (scoring); Branch, Coleman & Li (1999), SIAM J Sci Comput
    21:1, doi:10.1137/S1064827595289108 (the region).
    """
    best, value, count, shift = start, -np.inf, 0, _SHIFT

    def squares(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        nonlocal best, value, count
        count += 1
        found, slopes = evaluate(point)
        if found > value:
            best, value = np.array(point), float(found)
        return _as_squares(float(found), slopes[0], slopes[1:], shift)

    # on a bound, and close to it, the region is narrow
    begun = np.clip(start, lower + 1e-3 * (upper - lower), upper - 1e-3 * (upper - lower))
    while True:
        try:
            found = descend(
                squares,
                begun,
                lower,
                upper,
                iterations=max(iterations // 10, 1),  # each of them may take ten evaluations
                tolerance=tolerance**0.5 / shift,
                widths="derivatives",
            )
        except _TooHighError:
            begun, shift = best, 100.0 * shift
            continue
        return Search(start, best, value, found.converged, count, found.message)


def _as_squares(
    value: float, gradient: np.ndarray, information: np.ndarray, shift: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return residuals, shape (p + 1,), and their derivatives, shape (p + 1, p)."""
    count = len(gradient)
    if not np.isfinite(value):
        return np.full(count + 1, np.inf), np.zeros((count + 1, count))
    total = 2.0 * (shift - value)
    if total < 0.2 * shift:
        raise _TooHighError
    sizes, ways = np.linalg.eigh(information)
    roots = np.sqrt(np.maximum(sizes, _FLAT * max(float(sizes[-1]), 1.0)))
    first = -(ways.T @ gradient) / roots
    square = float(first @ first)
    if square > total:  # far off the widths of noise may promise more than there is: the direction is kept
        first *= np.sqrt(total / square)
        square = total
    return np.append(first, np.sqrt(total - square)), np.vstack([roots[:, None] * ways.T, np.zeros(count)])
