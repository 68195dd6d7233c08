"""Which parameters a readout depends on, over all of their ranges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autocrine.calibration.given import Priors
from autocrine.core import errors

if TYPE_CHECKING:
    import pandas as pd

Readout = Callable[[np.ndarray], np.ndarray]
#: shares of the mass of a prior beyond which no point is taken: a normal prior has no end
_TAIL = 1e-3


def sobol(
    readout: Readout, priors: Priors, count: int = 1024, *, seed: int = 1, outputs: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return Sobol indices of readouts.

    Parameters
    ----------
    readout : callable
        From parameters as they are, shape (n, p), to readouts, shape (n,) or (n, k). It is called once.
    priors : Priors
        What the parameters vary over.
    count : int
        A power of two; ``count · (p + 2)`` points are simulated.
    seed : int
        The seed.
    outputs : sequence of str, optional
        What the readouts are called.

    Returns
    -------
    pandas.DataFrame
        By output and parameter: ``first`` (the share of the variance that a parameter explains alone), ``total`` (with
        all its interactions), and half widths of their 95 % intervals.

    Raises
    ------
    InputError
        If the count is no power of two, or readouts are not finite or do not vary.

    References
    ----------
    Saltelli et al. (2010), Comput Phys Commun 181:259, doi:10.1016/j.cpc.2009.09.018;
    Herman & Usher (2017), J Open Source Softw 2:97, doi:10.21105/joss.00097.
    """
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    if count < 2 or count & (count - 1):
        raise errors.InputError("the count must be a power of two", count, hint="1024")
    problem = _problem(priors)
    shares = sampling.sample(problem, count, calc_second_order=False, seed=seed)
    columns = {"first": "S1", "first_error": "S1_conf", "total": "ST", "total_error": "ST_conf"}

    def analyse(column: np.ndarray) -> dict[str, Any]:
        # centred: the estimator loses digits where the mean is far from zero
        return analysis.analyze(problem, column - column.mean(), calc_second_order=False, seed=seed)

    return _table(priors, _evaluated(readout, priors, shares), outputs, columns, analyse)


def morris(
    readout: Readout, priors: Priors, count: int = 32, *, seed: int = 1, outputs: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return elementary effects of readouts by the method of Morris: cheaper than `sobol`, and coarser.

    Parameters
    ----------
    readout, priors, seed, outputs
        As for `sobol`.
    count : int
        How many trajectories; ``count · (p + 1)`` points are simulated.

    Returns
    -------
    pandas.DataFrame
        By output and parameter: ``mean_size`` (the mean absolute effect of a step over the whole mass of the prior),
        ``mean_size_error`` (half width of its 95 % interval), ``mean``, and ``sd``: large if the effect depends on
        the others or is not straight.

    Raises
    ------
    InputError
        If the count is too small, or readouts are not finite or do not vary.

    References
    ----------
    Morris (1991), Technometrics 33:161, doi:10.2307/1269043; Campolongo et al. (2007), Environ Model Softw 22:1509,
    doi:10.1016/j.envsoft.2006.10.004.
    """
    from SALib.analyze import morris as analysis
    from SALib.sample import morris as sampling

    if count < 2:
        raise errors.InputError("the count must be at least 2", count)
    problem = _problem(priors)
    shares = sampling.sample(problem, count, num_levels=4, seed=seed)
    columns = {"mean_size": "mu_star", "mean_size_error": "mu_star_conf", "mean": "mu", "sd": "sigma"}

    def analyse(column: np.ndarray) -> dict[str, Any]:
        return analysis.analyze(problem, shares, column, num_levels=4, seed=seed)

    return _table(priors, _evaluated(readout, priors, shares), outputs, columns, analyse)


def _problem(priors: Priors) -> dict[str, Any]:
    return {"num_vars": len(priors), "names": list(priors.names), "bounds": [[0.0, 1.0]] * len(priors)}


def _evaluated(readout: Readout, priors: Priors, shares: np.ndarray) -> np.ndarray:
    """Return readouts of shape (n, k) at shares of the masses of the priors."""
    inner = _TAIL + (1 - 2 * _TAIL) * shares
    points = [prior.quantile(column) for prior, column in zip((priors[n] for n in priors), inner.T, strict=True)]
    found = np.asarray(readout(priors.as_is(np.stack(points, axis=1))), float)
    found = found[:, None] if found.ndim == 1 else found
    if len(found) != len(shares):
        raise errors.InputError(f"there must be a readout for each of {len(shares)} points", len(found))
    failed = ~np.isfinite(found).all(axis=1)
    if failed.any():
        must, hint = "all readouts must be finite", "narrower priors"
        raise errors.InputError(must, f"{int(failed.sum())} of {len(found)} that are not", hint=hint)
    if (np.ptp(found, axis=0) == 0).any():
        raise errors.InputError("a readout must vary to have indices", "constant")
    return found


def _table(
    priors: Priors,
    found: np.ndarray,
    outputs: Sequence[str] | None,
    columns: dict[str, str],
    analyse: Callable[[np.ndarray], dict[str, Any]],
) -> pd.DataFrame:
    import pandas as pd

    labels = list(outputs) if outputs is not None else [f"readout {k + 1}" for k in range(found.shape[1])]
    if len(labels) != found.shape[1]:
        raise errors.InputError(f"outputs must have {found.shape[1]} names", labels)
    frames = []
    for column in found.T:
        indices = analyse(column)
        frames.append(
            pd.DataFrame(
                {ours: np.asarray(indices[theirs]) for ours, theirs in columns.items()}, index=pd.Index(priors.names)
            )
        )
    return pd.concat(frames, keys=labels, names=["output", "parameter"])
