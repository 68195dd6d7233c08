"""Survival statistics against lifelines itself and scikit-survival: the same results, and at what cost.

Made patients without ties, where all agree what the weights of censoring are: with ties scikit-survival takes them at a
time, and Graf et al. 1999 and we just before it, which moved the Brier score by 0.0025 in whole months. scikit-survival
is GPL and no dependency: its columns are empty where it is not installed.
Processor time, median of some repetitions.
"""

import importlib.util
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from autocrine.prognosis import performance
from autocrine.prognosis.completed import EVENT, TIME
from autocrine.prognosis.cox import fit_cox

SIZES = (200, 1000, 3000)
TERMS = ["marker", "age", "arm", "grade"]
REPEATS = 5


def patients(count: int) -> pd.DataFrame:
    random = np.random.default_rng(count)
    table = pd.DataFrame(random.normal(size=(count, 4)), columns=pd.Index(TERMS))
    table["arm"] = (table["arm"] > 0).astype(float)
    risk = table[TERMS].to_numpy() @ np.array([0.4, 0.2, -0.3, 0.0])
    time_to, censored = random.exponential(30 * np.exp(-risk)), random.uniform(5, 80, count)
    table[TIME] = np.minimum(time_to, censored)
    table[EVENT] = (time_to <= censored).astype(float)
    return table


def cost(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return a result and the median processor time in ms."""
    result, taken = work(), []
    for _ in range(REPEATS):
        start = time.process_time()
        result = work()
        taken.append(1e3 * (time.process_time() - start))
    return result, statistics.median(taken)


def theirs_cox(table: pd.DataFrame) -> tuple[np.ndarray, float]:
    from lifelines import CoxPHFitter

    fit, taken = cost(lambda: CoxPHFitter().fit(table, TIME, EVENT))
    return np.asarray(fit.params_.loc[TERMS], dtype=float), taken


def scikit(table: pd.DataFrame, risk: np.ndarray, horizon: float) -> dict[str, tuple[Any, float]]:
    from sksurv import metrics  # pyright: ignore[reportMissingImports]
    from sksurv.linear_model import CoxPHSurvivalAnalysis  # pyright: ignore[reportMissingImports]
    from sksurv.util import Surv  # pyright: ignore[reportMissingImports]

    y = Surv.from_arrays(table[EVENT].to_numpy(dtype=bool), table[TIME].to_numpy())
    X = table[TERMS].to_numpy()
    known = table[EVENT].to_numpy(dtype=bool)
    return {
        "Cox": cost(lambda: CoxPHSurvivalAnalysis(ties="efron").fit(X, y).coef_),
        "C-index": cost(lambda: metrics.concordance_index_censored(known, table[TIME].to_numpy(), risk)[0]),
        "AUC": cost(lambda: metrics.cumulative_dynamic_auc(y, y, risk, [horizon])[0][0]),
        "Brier": cost(lambda: metrics.brier_score(y, y, (1 - risk)[:, None], [horizon])[1][0]),
    }


def line(size: int, what: str, ours: tuple[Any, float], *others: tuple[str, tuple[Any, float]]) -> None:
    told = [f"{size:6d} {what:9} {ours[1]:9.2f}"]
    for name, (value, taken) in others:
        gap = float(np.max(np.abs(np.asarray(ours[0]) - np.asarray(value))))
        told.append(f"{name} {taken:9.2f} ms, differs by {gap:.1e}")
    print("   ".join(told))


def main() -> None:
    has = importlib.util.find_spec("sksurv") is not None
    print(f"patients, statistic, ms here; peers with ms and largest difference (scikit-survival: {has})")
    for size in SIZES:
        table = patients(size)
        fit, taken = cost(lambda table=table: fit_cox(table, TERMS))
        horizon = float(np.quantile(table[TIME], 0.6))
        outcome = performance.Outcome.at(table[TIME].to_numpy(), table[EVENT].to_numpy(), horizon)
        risk = 1 - fit.survival_at(table, horizon)
        peers = scikit(table, risk, horizon) if has else {}
        there = [("scikit-survival", peers["Cox"])] if has else []
        line(size, "Cox", (fit.coefficient, taken), ("lifelines", theirs_cox(table)), *there)
        own = {
            "C-index": cost(lambda outcome=outcome, risk=risk: performance.concordance(outcome, risk)),
            "AUC": cost(lambda outcome=outcome, risk=risk: performance.auc_at(outcome, risk)),
            "Brier": cost(lambda outcome=outcome, risk=risk: performance.brier_at(outcome, risk)),
        }
        for what, ours in own.items():
            line(size, what, ours, *([("scikit-survival", peers[what])] if has else []))


if __name__ == "__main__":
    main()
