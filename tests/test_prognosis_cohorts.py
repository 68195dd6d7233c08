"""Real cohorts, where they are: the estimators against R, and what the cohorts say about IL-6."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from autocrine import prognosis
from autocrine.prognosis import completed, cox

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "patients"
R = Path(__file__).parent / "r" / "cohort.R"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the folder shared/data/patients is not there")

COHORTS = {
    "gbsg2_n686.csv": ("num_progrec", ("num_age", "num_tsize", "num_pnodes", "fac_tgrade"), "fac_horTh"),
    "rotterdam_n2982.csv": ("num_nodes", ("num_age", "num_progesterone", "fac_meno"), "fac_hormon"),
}


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
@pytest.mark.parametrize("name", COHORTS)
def test_cox_on_real_patients_agrees_with_r(name):
    marker, adjust, treatment = COHORTS[name]
    question = prognosis.Question("time", "event", marker, treatment=treatment, adjust=adjust, identity="pid")
    cohort = prognosis.read_cohort(FOLDER / name, question)
    whole = completed.complete(cohort, imputations=2, seed=1)
    fit = cox.fit_cox(whole.frames[0], whole.full)
    checks = cox.check_proportional([fit], whole.frames).set_index("term")["statistic"]
    formula = f"Surv(time, event) ~ {' + '.join([marker, *adjust, treatment])}"
    command = ["Rscript", str(R), str(FOLDER / name), formula]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if "there is no package called" in ran.stderr:
        pytest.skip("R has no survival package")
    theirs = {line.split(",")[0]: [float(v) for v in line.split(",")[1:]] for line in ran.stdout.splitlines()}
    assert len(theirs) == len(fit.terms)
    for at, term in enumerate(fit.terms):
        coefficient, error, statistic = theirs.get(term.replace("=", "")) or theirs[f"{term}yes"]
        scale = whole.scale if term == marker else 1.0
        assert fit.coefficient[at] / scale == pytest.approx(coefficient, rel=1e-5), term
        assert np.sqrt(fit.covariance[at, at]) / scale == pytest.approx(error, rel=1e-5), term
        assert checks[term] == pytest.approx(statistic, rel=1e-4, abs=1e-6), term


@pytest.mark.parametrize(
    ("name", "words", "ratio"),
    [
        (
            "scanb_gse96058_n400.csv",
            {
                "time": "overall_survival_days",
                "event": "overall_survival_event",
                "adjust": ("age_at_diagnosis", "er_status", "nhg"),
                "treatment": "chemo_treated",
            },
            0.91,
        ),
        ("gse3143_n158.csv", {"time": "time", "event": "event", "adjust": ("erlev",)}, 1.07),
    ],
)
def test_il6_is_not_shown_to_be_prognostic(name, words, ratio):
    """What docs/prognosis.md says of these cohorts."""
    cohort = prognosis.read_cohort(FOLDER / name, prognosis.Question(marker="IL6", **words))
    whole = completed.complete(cohort, imputations=5, seed=1)
    row = cox.fit_pooled(whole, whole.full).row("IL6")
    assert row["ratio"] == pytest.approx(ratio, abs=0.01)
    assert row["p"] > 0.5
    assert row["ratio_low"] < 1 < row["ratio_high"]
