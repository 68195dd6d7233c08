"""autocrine prognosis as a person types it."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from autocrine.cli import main


def run(*words) -> int:
    try:
        main([str(word) for word in words])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def write(path, effect=1.2, count=160):
    """Patients whose hazard rises with the marker, and whose treatment does nothing."""
    random = np.random.default_rng(3)
    marker, age = random.normal(size=count), random.normal(60, 10, count)
    time = random.exponential(np.exp(-effect * marker - 0.03 * (age - 60))) * 30
    censored = random.uniform(5, 80, count)
    table = pd.DataFrame(
        {
            "id": np.arange(count),
            "time (months)": np.minimum(time, censored).round(2) + 0.01,
            "event": (time <= censored).astype(int),
            "IL6 (pg/ml)": np.exp(marker).round(3),
            "age": age.round(1),
            "grade": random.choice(["G1", "G2"], count),
            "chemo": random.integers(0, 2, count),
            "pcr": (random.uniform(size=count) < 0.3).astype(int),
        }
    )
    table.loc[:7, "grade"] = np.nan
    table.to_csv(path, index=False)
    return path


WORDS = ("--time", "time", "--event", "event", "--marker", "IL6", "--adjust", "age,grade", "--id", "id")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    place = tmp_path_factory.mktemp("run")
    file = write(place / "patients.csv")
    out = place / "out"
    more = ("--treatment", "chemo", "--response", "pcr", "--bootstraps", 10, "--imputations", 2, "--out", out)
    assert run("prognosis", file, *WORDS, *more) == 0
    return out


def test_the_run_has_report_tables_and_object(made):
    told = json.loads((made / "analysis.json").read_text(encoding="utf-8"))
    assert told["patients"] == 160
    assert told["imputations"] == 2
    assert told["effect_per_sd"]["ratio"] > 1.5
    assert told["effect_per_sd"]["p"] < 0.001
    assert "goes with more events" in told["conclusion"][0]
    names = {path.stem for path in (made / "tables").iterdir()}
    assert names >= set(told["tables"])
    assert {"flow", "at_risk", "cox_univariable", "cox_multivariable", "decision_curve", "calibration"} <= names
    assert (made / "provenance.json").is_file()


def test_the_report_follows_remark_and_is_for_research(made):
    page = (made / "report.html").read_text(encoding="utf-8")
    assert "For research. Nothing here is for decisions about a person." in page
    items = re.findall(r"<h2[^>]*>(\d+)", page)
    numbers = [int(item) for item in items if item != "9"]
    assert numbers == sorted(numbers)
    assert numbers[0] == 1
    assert numbers[-1] == 19
    assert page.count("<svg") == 7
    assert "nan" not in re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL).lower().split()


def test_cohorts_are_pooled(made, tmp_path, capsys):
    other = tmp_path / "other"
    other.mkdir()
    told = json.loads((made / "analysis.json").read_text(encoding="utf-8"))
    told["cohort"], told["effect_per_sd"]["coefficient"] = "other.csv", 0.0
    (other / "analysis.json").write_text(json.dumps(told), encoding="utf-8")
    assert run("meta-analysis", made, other, "--out", tmp_path / "out", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    # equal errors: the mean of the two
    first = json.loads((made / "analysis.json").read_text(encoding="utf-8"))["effect_per_sd"]["coefficient"]
    assert np.log(said["ratio"]) == pytest.approx(first / 2)
    assert said["prediction_low"] is None
    assert "IL6 is not shown to be prognostic" in said["conclusion"]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "For research. Nothing here is for decisions about a person." in page
    assert page.count("<svg") == 1
    assert run("meta-analysis", made, tmp_path, "--out", tmp_path / "out") == 2
    assert "each of RUNS must be a directory that autocrine prognosis wrote" in capsys.readouterr().err
    told["marker"] = "ABCB1"
    (other / "analysis.json").write_text(json.dumps(told), encoding="utf-8")
    assert run("meta-analysis", made, other) == 2
    assert "all runs must be of one marker but was 'ABCB1, IL6'" in capsys.readouterr().err


def test_bad_input_is_a_message(tmp_path, capsys):
    file = write(tmp_path / "patients.csv", count=60)
    assert run("prognosis", file, "--time", "time", "--event", "event", "--marker", "IL8", "--out", tmp_path / "x") == 2
    said = capsys.readouterr().err
    assert said.startswith("autocrine: patients.csv: --marker must be a column of the file but was 'IL8'")
    assert not (tmp_path / "x").exists()
