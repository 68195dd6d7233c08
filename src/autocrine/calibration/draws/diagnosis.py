"""Whether draws can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autocrine.calibration.draws.arviz_library import arviz

if TYPE_CHECKING:
    import pandas as pd
    from arviz import InferenceData

#: Vehtari et al. (2021), Bayesian Anal 16:667, doi:10.1214/20-BA1221
_RHAT, _ESS_OF_CHAIN = 1.01, 100
#: Betancourt (2016), arXiv:1604.00695
_BFMI = 0.3


@dataclass(frozen=True)
class Diagnosis:
    """What the draws say about themselves.

    Attributes
    ----------
    table : pandas.DataFrame
        For each parameter ``mean``, ``sd``, ``median``, ``low`` and ``high`` (90 %), ``rhat``, ``ess_bulk``,
        ``ess_tail``.
    divergences : int
        Steps that left the density.
    objections : tuple of str
        What speaks against trust, in words; empty if nothing does.
    """

    table: pd.DataFrame
    divergences: int
    objections: tuple[str, ...]

    @property
    def trusted(self) -> bool:
        """Whether nothing speaks against the draws."""
        return not self.objections

    @property
    def verdict(self) -> str:
        """The verdict in words."""
        if self.trusted:
            return "The draws can be trusted: all chains agree, and enough of them are independent."
        return "The draws must not be trusted yet: " + "; ".join(self.objections) + "."


def diagnose(drawn: InferenceData) -> Diagnosis:
    """Return a diagnosis of draws."""
    import pandas as pd

    library, posterior = arviz(), drawn["posterior"]
    names = list(posterior.data_vars)
    # one chain, or a chain that never moves, has no R-hat: it is reported, not warned about
    with np.errstate(divide="ignore", invalid="ignore"):
        many = posterior.sizes["chain"] > 1
        rhat = library.rhat(posterior) if many else None
        bulk, tail = library.ess(posterior), library.ess(posterior, method="tail")
    rows = {}
    for name in names:
        draws = posterior[name].to_numpy()
        low, median, high = np.quantile(draws, [0.05, 0.5, 0.95])
        rows[name] = {
            "mean": draws.mean(),
            "sd": draws.std(ddof=1),
            "median": median,
            "low": low,
            "high": high,
            "rhat": np.nan if rhat is None else float(rhat[name]),
            "ess_bulk": float(bulk[name]),
            "ess_tail": float(tail[name]),
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    stats = drawn["sample_stats"] if "sample_stats" in drawn.groups() else None
    divergences = 0 if stats is None or "diverging" not in stats else int(stats["diverging"].sum())
    bfmi = None if stats is None or "energy" not in stats else float(np.min(library.bfmi(drawn)))
    return Diagnosis(table, divergences, tuple(_objections(table, posterior.sizes["chain"], divergences, bfmi, drawn)))


def _objections(
    table: pd.DataFrame, chains: int, divergences: int, bfmi: float | None, drawn: InferenceData
) -> list[str]:
    found = []
    if drawn["posterior"].attrs.get("interrupted"):
        found.append("sampling was interrupted")
    if chains < 2:
        found.append("one chain cannot be compared with others")
    apart = table.index[_flags((table["rhat"] > _RHAT) | (table["rhat"].isna() & (chains > 1)))].tolist()
    if apart:
        found.append(f"the chains have not agreed on {_listed(apart)} (R-hat above {_RHAT})")
    effective = table[["ess_bulk", "ess_tail"]].min(axis=1)
    few = table.index[~_flags(effective >= _ESS_OF_CHAIN * chains)].tolist()
    if few:
        found.append(f"fewer than {_ESS_OF_CHAIN * chains} effective draws of {_listed(few)}: draw more")
    if divergences:
        found.append(f"{divergences} divergent steps: parts of the posterior may be missed; try a higher target_accept")
    if bfmi is not None and not bfmi >= _BFMI:
        found.append(f"the energy moves slowly (BFMI {bfmi:.2f}): the tails may be missed")
    return found


def _flags(column: Any) -> np.ndarray:
    return np.asarray(column, bool)


def _listed(names: list[str], most: int = 5) -> str:
    shown = ", ".join(map(str, names[:most]))
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
