"""Fisher scoring by the library fides, where it is installed."""

from __future__ import annotations

import logging

import numpy as np

from autocrine.calibration.fits.search import Search
from autocrine.calibration.fits.together import Evaluate
from autocrine.core import errors


def reflect(
    evaluate: Evaluate, start: np.ndarray, lower: np.ndarray, upper: np.ndarray, *, iterations: int, tolerance: float
) -> Search:
    """Climb by an interior trust region that is reflected at the bounds, with the Fisher information.

    Parameters
    ----------
    evaluate, start, lower, upper, iterations, tolerance
        As for `score`.

    Raises
    ------
    InputError
        If fides is not installed.

    References
    ----------
    Coleman & Li (1994), Math Program 67:189, doi:10.1007/BF01582221; Froehlich & Sorger (2022), PLoS Comput Biol
    18:e1010322, doi:10.1371/journal.pcbi.1010322.
    """
    try:
        import fides  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        must = "the library fides must be installed for the method 'reflective'"
        raise errors.InputError(must, "absent", hint="method='scoring', or to install autocrine[fides]") from error
    count = 0

    def descend(point: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        nonlocal count
        count += 1
        value, slopes = evaluate(point) if np.isfinite(point).all() else (-np.inf, np.empty(0))
        if not np.isfinite(value):
            # fides would take a gradient of zero for an optimum: without one it refuses the step
            return np.inf, np.full(len(point), np.nan), np.eye(len(point))
        return -float(value), -slopes[0], np.array(slopes[1:])

    # a start on a bound has no way inwards
    inside = np.clip(start, lower + 1e-9 * (upper - lower), upper - 1e-9 * (upper - lower))
    settings = {"maxiter": iterations, "fatol": tolerance**0.5, "frtol": 0.0, "gatol": tolerance**0.5}
    search = fides.Optimizer(descend, ub=upper, lb=lower, verbose=logging.CRITICAL, options=settings)
    with np.errstate(all="ignore"):  # absurd steps are tried, and refused
        try:
            search.minimize(inside)
        except RuntimeError as error:
            if not np.isfinite(search.fval_min):
                return Search(start, start, -np.inf, False, count, "the start cannot be evaluated")
            return Search(start, search.x_min, -float(search.fval_min), False, count, str(error))
    ended = search.exitflag
    return Search(start, search.x_min, -float(search.fval_min), ended.value > 0, count, ended.name)
