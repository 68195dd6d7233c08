"""One search for the highest density within bounds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from scipy import optimize

from autocrine.calibration.fits.together import Evaluate

#: added to the worst density where a point cannot be evaluated, so that the line search turns back
_WALL = 100.0


@dataclass(frozen=True)
class Search:
    """Where a search began and ended.

    Attributes
    ----------
    start, point : ndarray of shape (p,)
        The first and the best point.
    log_density : float
        At the best point; ``-inf`` if no point could be evaluated.
    converged : bool
        Whether it ended because nothing was to be gained.
    evaluations : int
        How many points it asked for.
    message : str
        Why it ended.
    """

    start: np.ndarray
    point: np.ndarray
    log_density: float
    converged: bool
    evaluations: int
    message: str

    def at(self, log_density: float) -> Search:
        """Return the same with another log density."""
        return replace(self, log_density=log_density)


def climb(
    evaluate: Evaluate, start: np.ndarray, lower: np.ndarray, upper: np.ndarray, *, iterations: int, tolerance: float
) -> Search:
    """Climb from a start by L-BFGS-B.

    Parameters
    ----------
    evaluate : callable
        From a point to its log density and the derivatives.
    start, lower, upper : ndarray of shape (p,)
        The start, and bounds.
    iterations : int
        At most so many steps.
    tolerance : float
        Ends where a step gains less than this share of the density, or where no derivative is larger than its root.

    References
    ----------
    Byrd, Lu, Nocedal & Zhu (1995), SIAM J Sci Comput 16:1190, doi:10.1137/0916069.
    """
    seen = _Best(evaluate, start)
    seen(start)
    if not np.isfinite(seen.value):
        return Search(start, start, -np.inf, False, 1, "the start cannot be evaluated")
    if not (upper > lower).any():
        return Search(start, start, seen.value, True, 1, "nothing is free")
    found = optimize.minimize(
        seen,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(lower, upper, strict=True)),
        options={
            "maxiter": iterations,
            "maxfun": 10 * iterations,
            "ftol": tolerance,
            "gtol": tolerance**0.5,
            "maxcor": 20,
        },
    )
    return Search(start, seen.point, seen.value, bool(found.success), seen.count, str(found.message))


class _Best:
    """What SciPy minimises, and the best point that it saw."""

    def __init__(self, evaluate: Evaluate, start: np.ndarray) -> None:
        self._evaluate, self.point, self.value, self.count, self._worst = evaluate, start, -np.inf, 0, 0.0

    def __call__(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        found, gradient = self._evaluate(point)
        value = float(found)
        self.count += 1
        if not np.isfinite(value):
            return self._worst + _WALL, np.zeros(len(point))
        self._worst = max(self._worst, -value) if self.count > 1 else -value
        if value > self.value:
            self.value, self.point = value, np.array(point)
        return -value, -gradient


def descend(
    evaluate: Evaluate,
    start: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    *,
    iterations: int,
    tolerance: float,
    widths: Literal["even", "derivatives"] = "even",
) -> Search:
    """Minimise half a sum of squares by a trust region method with exact derivatives.

    Parameters
    ----------
    evaluate : callable
        From a point to residuals, shape (q,), and their derivatives, shape (q, p).
    start, lower, upper, iterations, tolerance
        As for `climb`.
    widths : {"even", "derivatives"}
        Whether the region is as wide for all parameters, or narrower for those that change the residuals most.

    Returns
    -------
    Search
        With minus half the sum of squares as the log density.

    References
    ----------
    Branch, Coleman & Li (1999), SIAM J Sci Comput 21:1, doi:10.1137/S1064827595289108.
    """
    last: dict[bytes, tuple[np.ndarray, np.ndarray]] = {}
    count = 0

    def both(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        nonlocal count
        key = np.asarray(point, float).tobytes()
        if key not in last:  # SciPy asks for residuals and derivatives one after the other
            count += 1
            last.clear()
            last[key] = evaluate(point)
        return last[key]

    # a start on a bound has no way inwards
    inside = np.clip(start, lower + 1e-9 * (upper - lower), upper - 1e-9 * (upper - lower))
    if not np.isfinite(both(inside)[0]).all():
        return Search(start, start, -np.inf, False, 1, "the start cannot be evaluated")
    slopes: Any = lambda point: both(point)[1]  # noqa: E731 - the stubs of SciPy know only names of differences
    found = optimize.least_squares(
        lambda point: both(point)[0],
        inside,
        slopes,
        bounds=(lower, upper),
        x_scale="jac" if widths == "derivatives" else 1.0,
        max_nfev=10 * iterations,
        ftol=tolerance,
        xtol=tolerance,
        gtol=tolerance,
    )
    return Search(start, found.x, -float(found.cost), bool(found.success), count, str(found.message))
