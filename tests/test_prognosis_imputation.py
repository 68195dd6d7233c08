"""Imputation against R's mice: Rubin's rules to the last digit, chained equations within the chance of both."""

import csv
import math
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from autocrine import prognosis
from autocrine.prognosis.completed import complete
from autocrine.prognosis.cox import fit_pooled
from autocrine.prognosis.pooled import pool
from prognosis_patients import patients

HERE = Path(__file__).parent
ESTIMATES, VARIANCES = (0.41, 0.52, 0.35, 0.47, 0.44), (0.021, 0.018, 0.024, 0.019, 0.022)
#: imputations of the golden numbers and of this test
THEIRS, OURS = 400, 60


def read(lines):
    return {row["name"]: float(row["value"]) for row in csv.DictReader(lines)}


@pytest.fixture(scope="module")
def golden():
    return read((HERE / "r" / "imputation.csv").read_text(encoding="utf-8").splitlines())


def with_gaps():
    table = patients()
    table["marker"] = table["marker"].where(table["lacks_marker"] == 0)
    table["age"] = table["age"].where(table["lacks_age"] == 0)
    return table


def test_rubins_rules(golden):
    found = pool([np.array([q]) for q in ESTIMATES], [np.array([[u]]) for u in VARIANCES], ["x"], freedom=60 - 4)
    ours = (found.coefficient, found.within, found.between, found.covariance, found.degrees())
    for name, value in zip(("q", "u", "b", "t", "df"), ours, strict=True):
        assert float(np.ravel(value)[0]) == pytest.approx(golden[f"rubin {name}"], rel=1e-9), name
    # mice adds the degrees of freedom to the fraction: (r + 2/(df + 3))/(r + 1)
    r = 1.2 * golden["rubin b"] / golden["rubin u"]
    assert golden["rubin fmi"] == pytest.approx((r + 2 / (golden["rubin df"] + 3)) / (r + 1), rel=1e-9)
    assert found.fraction_missing()[0] == pytest.approx(r / (r + 1), rel=1e-9)


def test_chained_equations(golden):
    """Means of coefficients over imputations differ by less than four of their standard errors; so do variances."""
    question = prognosis.Question("time", "event", "marker", adjust=("age", "arm"), most_missing=0.4)
    table = with_gaps().assign(event=lambda t: (t["event"] == 1).astype(int))
    whole = complete(prognosis.cohort_of(table.astype(object), question, name="made"), imputations=OURS, seed=1)
    found = fit_pooled(whole, whole.full)
    for at, term in enumerate(found.names):
        per_unit = 1 / whole.scale if term == "marker" else 1.0
        between = golden[f"mice {term} between"]
        chance = math.sqrt(between * (1 / THEIRS + 1 / OURS))
        assert abs(found.coefficient[at] * per_unit - golden[f"mice {term} coef"]) < 4 * chance, term
        assert found.within[at, at] * per_unit**2 == pytest.approx(golden[f"mice {term} within"], rel=0.05), term
        spread = math.log(found.between[at, at] * per_unit**2 / between)
        # the logarithm of a variance of m numbers has the variance 2/(m - 1)
        assert abs(spread) < 4 * math.sqrt(2 / (OURS - 1) + 2 / (THEIRS - 1)), term


def test_leaving_the_gaps_out_gives_another_answer(golden):
    """The test above could not fail otherwise: the gaps depend on age, and matter."""
    question = prognosis.Question("time", "event", "marker", adjust=("age", "arm"))
    table = with_gaps().dropna().assign(event=lambda t: (t["event"] == 1).astype(int))
    whole = complete(prognosis.cohort_of(table.astype(object), question, name="made"), imputations=2, seed=1)
    alone = fit_pooled(whole, whole.full)
    assert alone.within[1, 1] > 1.1 * golden["mice age within"]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_mice_still_says_so(golden, tmp_path):
    file = tmp_path / "patients.csv"
    pd.DataFrame(patients()).to_csv(file, index=False)
    command = ["Rscript", str(HERE / "r" / "imputation.R"), str(file)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if "there is no package called" in ran.stderr:
        pytest.skip("R has no mice")
    assert ran.returncode == 0, ran.stderr
    for name, value in read(ran.stdout.splitlines()).items():
        assert value == pytest.approx(golden[name], rel=1e-6), name
