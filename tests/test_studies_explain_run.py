"""A whole explanation with next to no draws: what the run holds."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from autocrine.studies import explain
from autocrine.studies.explain import synthetic

#: far too few draws to believe anything; enough to see that all is written
TINY = replace(explain.QUICK, first=64, points=40, keep=2, chains=2, exact=20, corrections=0, counterfactual=12)


@pytest.mark.slow
def test_a_run_holds_reversal_and_the_next_experiment(tmp_path):
    plan = synthetic.Plan(drugs=("doxorubicin",), arms=("none", "anti-IL-6R"), doses=5, replicates=2)
    planned = synthetic.planned(plan)
    laboratory = synthetic.measure(planned, synthetic.planted(planned, "both arms"), 3)
    found = explain.explain(laboratory, tmp_path / "run", TINY, seed=1)
    table = pd.read_csv(tmp_path / "run" / "tables" / "reversal.csv")
    assert len(table) == 2 * (4 + 6)
    assert np.all(table["draws"] + table["lost"] == TINY.counterfactual)
    assert (tmp_path / "run" / "tables" / "next_experiments.csv").exists()
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    for words in ("What blocking would do", "The next experiment", "anti-IL-6R + P-gp blocker"):
        assert words in page
    assert {"reversal", "next_experiments"} <= set(found.as_object())
