"""The estimators against R's survival package (and metafor, brglm2): numbers of tests/r/survival.R, kept beside it."""

import csv
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from autocrine import prognosis
from autocrine.prognosis import (
    calibrated,
    competing,
    completed,
    cox,
    firth,
    gray,
    interaction,
    kaplan_meier,
    performance,
    remedy,
    response,
    spline,
    subdistribution,
)
from prognosis_patients import patients

HERE = Path(__file__).parent
QUESTION = prognosis.Question("time", "event", "marker", treatment="arm", adjust=("age", "grade"), competing=2)
#: our names → R's
R_NAMES = {"grade=G2": "gradeG2", "grade=G3": "gradeG3", "(Intercept)": "(Intercept)"}


def read(lines):
    return {row["name"]: float(row["value"]) for row in csv.DictReader(lines) if row["value"] != "NA"}


@pytest.fixture(scope="module")
def golden():
    return read((HERE / "r" / "survival.csv").read_text(encoding="utf-8").splitlines())


@pytest.fixture(scope="module")
def table():
    return patients()


@pytest.fixture(scope="module")
def cohort(table):
    return prognosis.cohort_of(table.astype(object), QUESTION, name="made")


@pytest.fixture(scope="module")
def whole(cohort):
    return completed.complete(cohort, imputations=2, seed=1)


def agrees(golden, name, pooled, scale, *, only=(), renamed=None):
    """Compare coefficients and errors; those of the marker are per standard deviation here and per unit in R."""
    for at, term in enumerate(pooled.names):
        theirs = (renamed or {}).get(term, R_NAMES.get(term, term))
        if only and theirs not in only:
            continue
        divisor = scale if "marker" in term else 1.0
        assert pooled.coefficient[at] / divisor == pytest.approx(golden[f"{name} coef {theirs}"], rel=1e-5, abs=1e-7)
        assert pooled.standard_error[at] / divisor == pytest.approx(golden[f"{name} se {theirs}"], rel=1e-5)


def test_kaplan_meier(golden, table):
    event = (table["event"] == 1).to_numpy(dtype=float)
    group = table["group"].to_numpy(dtype=object)
    time = table["time"].to_numpy(dtype=float)
    found = kaplan_meier.survival_curves(time, event, group, ["low", "middle", "high"])
    for name in ("low", "middle", "high"):
        curve = found.curves.loc[(found.curves["group"] == name).to_numpy()]
        for at in (5, 15, 30):
            row = curve.loc[(curve["time"] <= at).to_numpy()].iloc[-1]
            for ours, theirs in (("survival", "survival"), ("low", "low"), ("high", "high")):
                assert row[ours] == pytest.approx(golden[f"km {theirs} {name} {at}"], abs=1e-9)
            assert ((group == name) & (time >= at)).sum() == golden[f"km at risk {name} {at}"]
        row = found.groups[found.groups["group"] == name].iloc[0]
        assert row["median"] == golden[f"km median {name}"]
    assert found.statistic == pytest.approx(golden["log-rank chisq"], rel=1e-9)
    assert kaplan_meier.median_follow_up(time, event) == golden["follow-up median"]


def test_cox(golden, whole):
    fit = cox.fit_cox(whole.frames[0], whole.full)
    agrees(golden, "cox", cox.pool_fits([fit]), whole.scale)
    assert fit.log_likelihood == pytest.approx(golden["cox loglik"], rel=1e-9)
    risk = fit.predictor(whole.frames[0])
    outcome = performance.Outcome.at(whole.times, whole.events, 15.0)
    assert performance.concordance(outcome, risk) == pytest.approx(golden["cox concordance"], abs=1e-9)
    survival = fit.survival_at(whole.frames[0], 15.0)
    assert survival[0] == pytest.approx(golden["cox survival at 15 of first"], rel=1e-5)


def test_remedies(golden, whole):
    agrees(golden, "stratified", remedy._stratify(whole, ["grade"]), whole.scale)
    found = remedy.fit_periods(whole, 10.0)
    agrees(golden, "periods", found, whole.scale, renamed={"marker before": "before", "marker after": "after"})


def test_proportional_hazards(golden, whole):
    fit = cox.fit_cox(whole.frames[0], whole.full)
    checks = cox.check_proportional([fit], whole.frames)
    for row in checks.to_dict("records"):
        theirs = "GLOBAL" if row["term"] == "all" else R_NAMES.get(row["term"], row["term"])
        assert row["statistic"] == pytest.approx(golden[f"zph chisq {theirs}"], rel=1e-5), row["term"]
        assert row["p"] == pytest.approx(golden[f"zph p {theirs}"], rel=1e-4), row["term"]


def test_interaction(golden, cohort, whole):
    found = interaction.fit_interaction(cohort, whole)
    agrees(golden, "interaction", found.pooled, whole.scale, only=("marker", "marker:arm", "gradeG2", "gradeG3"),
           renamed={"marker x arm": "marker:arm"})  # fmt: skip


def test_spline(golden, whole):
    found = spline.fit_spline(whole)
    assert found is not None
    chi_squared, degrees, _ = found.pooled.test(["marker curved", "marker curved 2"])
    # a quadratic form does not change with the scale of the marker
    assert (chi_squared, degrees) == (pytest.approx(golden["spline curved chisq"], rel=1e-5), 2)
    agrees(golden, "spline", found.pooled, whole.scale, only=("age", "gradeG2", "gradeG3", "arm"))


def test_competing_events(golden, whole):
    time, status = whole.times, whole.frames[0]["_status"].to_numpy(dtype=int)
    found = competing.cumulative_incidence(time, status)
    for cause, name in (("event", "event"), ("competing event", "competing")):
        curve = found.loc[(found["cause"] == cause).to_numpy()]
        for at in (5, 15, 30):
            level = float(curve.loc[(curve["time"] <= at).to_numpy(), "incidence"].iloc[-1])
            assert level == pytest.approx(golden[f"aj {name} {at}"], abs=1e-9)
    frames = [one.assign(_event=(one["_status"] == 2).astype(float)) for one in whole.frames]
    agrees(golden, "competing", cox.pool_fits([cox.fit_cox(one, whole.full) for one in frames]), whole.scale)


@pytest.mark.parametrize(("cause", "name"), [(1, "event"), (2, "competing")])
def test_subdistribution(golden, whole, cause, name):
    """Fine and Gray's regression with the errors of patients, and Gray's test of cmprsk."""
    found = subdistribution.fit_subdistribution(whole.frames[:1], whole.full, cause)
    agrees(golden, f"finegray {name}", found, whole.scale)


@pytest.mark.parametrize(("cause", "name"), [(1, "event"), (2, "competing")])
def test_gray(golden, table, cause, name):
    time, status = table["time"].to_numpy(dtype=float), table["event"].to_numpy(dtype=int)
    found = gray.compare_incidence(time, status, table["group"].to_numpy(dtype=object), cause)
    assert found == pytest.approx([golden[f"gray {name} {what}"] for what in ("stat", "df", "pv")], rel=1e-9)


def test_scores_of_predictions(golden, whole):
    fit = cox.fit_cox(whole.frames[0], whole.full)
    outcome = performance.Outcome.at(whole.times, whole.events, 15.0)
    risk = 1 - fit.survival_at(whole.frames[0], 15.0)
    assert performance.brier_at(outcome, risk) == pytest.approx(golden["brier"], rel=1e-4)
    assert performance.auc_at(outcome, risk) == pytest.approx(golden["auc"], rel=1e-5)
    benefit = performance.net_benefit(outcome, risk, np.array([0.4]))[0]
    assert benefit == pytest.approx(golden["net benefit"], rel=1e-6)
    assert calibrated.calibrate(outcome, risk).ratio == pytest.approx(1.0, abs=0.1)


def test_logistic_and_firth(golden, table, whole):
    found = response.fit_response(whole, table["response"].to_numpy(dtype=float), "response").table
    row = found[(found["model"] == "with clinical variables") & (found["term"] == "marker")].iloc[0]
    assert row["coefficient"] / whole.scale == pytest.approx(golden["logistic coef marker"], rel=1e-5)
    assert row["standard_error"] / whole.scale == pytest.approx(golden["logistic se marker"], rel=1e-4)
    X = response.with_ones(table[["marker", "flag"]].to_numpy(dtype=float))
    y = table["separated"].to_numpy(dtype=float)
    assert response.find_separation(X, y) == [2]
    fit = firth.fit_penalised(X, y)
    for at, name in enumerate(("(Intercept)", "marker", "flag")):
        assert fit.coefficient[at] == pytest.approx(golden[f"firth coef {name}"], rel=1e-5)


@pytest.mark.parametrize("method", ["DL", "REML"])
def test_meta_analysis(golden, method):
    y, se = np.array([0.41, -0.12, 0.33, 0.75, 0.05]), np.array([0.21, 0.18, 0.12, 0.35, 0.09])
    found = prognosis.meta_analyse(list("abcde"), y, se, method=method)
    ours = {
        "tau2": found.tau2,
        "coef": found.coefficient,
        "se": found.standard_error,
        "low": found.low,
        "high": found.high,
        "p": found.p,
        "q": found.q,
        "i2": found.i2,
    }
    for name, value in ours.items():
        assert value == pytest.approx(golden[f"meta {method} {name}"], rel=1e-5), name


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_r_still_says_so(golden, table, tmp_path):
    file = tmp_path / "patients.csv"
    table.to_csv(file, index=False)
    command = ["Rscript", str(HERE / "r" / "survival.R"), str(file)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if "there is no package called" in ran.stderr:
        pytest.skip("R has no survival package")
    assert ran.returncode == 0, ran.stderr
    said = read(ran.stdout.splitlines())
    # numbers of metafor, cmprsk and brglm2 are absent where these are; survival is there
    assert len(said) > 120
    for name, value in said.items():
        assert value == pytest.approx(golden[name], rel=1e-6, abs=1e-9), name


def test_made_patients_stay_the_same(table):
    """The golden numbers are of these patients: a change of numpy's random numbers would show here first."""
    assert [table[name].sum() for name in ("time", "event", "age")] == [4087.5, 229, pytest.approx(14578.4)]
    assert table["marker"].sum() == pytest.approx(1.3759)
