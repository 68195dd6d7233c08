"""Which of several models predicts best."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from autocrine.calibration.draws.arviz_library import arviz
from autocrine.core import errors

if TYPE_CHECKING:
    import pandas as pd
    from arviz import InferenceData

#: differences below this have no meaning, and too small standard errors (Sivula et al. 2020, arXiv:2008.10296)
_NOTHING = 4.0
_SURE = 2.0


@dataclass(frozen=True)
class Comparison:
    """Models by their expected log density of new measurements.

    Attributes
    ----------
    table : pandas.DataFrame
        By model, best first: ``elpd`` (PSIS-LOO), ``se``, ``difference`` to the best and its ``difference_se``,
        ``weight`` (stacking), ``effective_parameters``, and ``unreliable``, the share of measurements with a Pareto k
        above its limit.
    """

    table: pd.DataFrame

    @property
    def supported(self) -> tuple[str, ...]:
        """The models that cannot be told from the best one."""
        gap, error = (self.table[name].to_numpy() for name in ("difference", "difference_se"))
        return tuple(self.table.index[(gap < _NOTHING) | (gap < _SURE * error)])

    @property
    def verdict(self) -> str:
        """The verdict in words."""
        best = self.table.index[0]
        if len(self.supported) == 1:
            text = f"{best} predicts these data better than all others"
        else:
            others = ", ".join(self.supported[1:])
            text = f"{best} predicts these data best, but they do not tell it from {others}"
        weak = self.table.index[self.table["unreliable"].to_numpy() > 0].tolist()
        return text + (f"; the estimate is uncertain for {', '.join(weak)} (Pareto k)." if weak else ".")


def compare(models: Mapping[str, InferenceData]) -> Comparison:
    """Compare models by leave-one-out cross-validation with Pareto smoothed importance sampling.

    Parameters
    ----------
    models : mapping of str to arviz.InferenceData
        Draws with the log density of each measurement, by model; all of the same measurements.

    Raises
    ------
    InputError
        If there are fewer than two, densities are absent, or the measurements differ.

    References
    ----------
    Vehtari, Gelman & Gabry (2017), Stat Comput 27:1413, doi:10.1007/s11222-016-9696-4;
    Yao et al. (2018), Bayesian Anal 13:917, doi:10.1214/17-BA1091.
    """
    import pandas as pd

    if len(models) < 2:
        raise errors.InputError("there must be two models to compare", sorted(models))
    sizes = {}
    for name, drawn in models.items():
        if "log_likelihood" not in drawn.groups():
            raise errors.InputError("draws must hold the density of each measurement", drawn.groups(), where=name)
        sizes[name] = drawn["log_likelihood"]["measurement"].shape[-1]
    if len(set(sizes.values())) > 1:
        raise errors.InputError("models must be of the same measurements", sizes)
    library, rows = arviz(), {}
    with warnings.catch_warnings():  # a high Pareto k is in the table
        warnings.filterwarnings("ignore", "Estimated shape parameter of Pareto", UserWarning)
        found = {name: library.loo(drawn, pointwise=True) for name, drawn in models.items()}
        warnings.filterwarnings("ignore", "The inplace keyword", DeprecationWarning)  # in ArviZ, of a later pandas
        weights = library.compare(found, ic="loo", method="stacking")["weight"]
    best = max(found, key=lambda name: float(found[name]["elpd_loo"]))
    top = np.asarray(found[best]["loo_i"])
    for name in sorted(found, key=lambda name: -float(found[name]["elpd_loo"])):
        one, each = found[name], np.asarray(found[name]["loo_i"])
        rows[name] = {
            "elpd": float(one["elpd_loo"]),
            "se": float(one["se"]),
            "difference": float((top - each).sum()),
            "difference_se": float(np.sqrt(len(each)) * (top - each).std()),
            "weight": float(weights[name]),
            "effective_parameters": float(one["p_loo"]),
            "unreliable": float((np.asarray(one["pareto_k"]) > one["good_k"]).mean()),
        }
    return Comparison(pd.DataFrame.from_dict(rows, orient="index"))


def smoothed_weights(logs: np.ndarray) -> tuple[np.ndarray, float]:
    """Return importance weights that sum to one, with a smoothed tail, and the shape of that tail.

    Parameters
    ----------
    logs : ndarray of shape (n,)
        Logarithms of the weights, up to a constant; -infinity where a draw is impossible.

    References
    ----------
    Vehtari et al. (2024), J Mach Learn Res 25(72):1-58, arXiv:1507.02646.
    """
    highest = float(np.max(logs))
    if not np.isfinite(highest):
        raise errors.InputError("at least one draw must be possible", highest)
    # a finite number stands for an impossible draw: its weight is zero all the same
    smooth, shape = arviz().psislw(np.maximum(logs - highest, -700.0))
    weights = np.exp(np.asarray(smooth, float))
    return weights / weights.sum(), float(shape)
