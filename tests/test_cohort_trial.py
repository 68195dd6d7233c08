"""A trial in TOML is read, run, gone on with and refused with exact messages."""

import json
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from autocrine.cli import main
from autocrine.cohort import Trial
from autocrine.core import Document, errors

ROOT = Path(__file__).parents[1]
TINY = """
[trial]
name = "tiny"
patients = 60
accrual_days = 60
follow_up_days = 300
match = false
[arm.control]
regimen = "ac_t"
[arm.block]
regimen = "mine"
[regimen.mine]
courses = [
    { drug = "cisplatin", dose = "75 mg/m^2", count = 6 },
    { drug = "tocilizumab", dose = "8 mg/kg", every_day = 28, count = 6 },
]
[power]
sizes = [30]
repeats = 2
loop_strengths = [1.0]
"""


def read(text):
    return Trial.read(Document.parse(text, "trial.toml"))


def test_the_example_can_be_read():
    trial = Trial.load(ROOT / "docs" / "examples" / "trial.toml")
    assert list(trial.protocol.arms) == ["control", "block"]
    assert trial.power.sizes == (46, 87, 96)


def test_the_page_names_every_key():
    text = (ROOT / "docs" / "patients.md").read_text(encoding="utf-8")
    from autocrine.cohort import trial

    for key in (*trial._TABLES, *trial._TRIAL, *trial._POWER):
        assert f"`{key}`" in text or f"[{key}" in text, key


def test_a_trial_from_the_command_line(tmp_path, capsys):
    file = tmp_path / "tiny.toml"
    file.write_text(TINY)
    out = tmp_path / "run"
    main(["trial", str(file), "--out", str(out), "--bootstraps", "10", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["notice"].startswith("For research")
    assert {row["arm"]: row["patients"] for row in told["arms"]} == {"block": 30, "control": 30}
    assert {row["value"] for row in told["power"]} == {1.0}
    page = (out / "report.html").read_text(encoding="utf-8")
    assert told["notice"] in page
    assert page.count("<svg") == 2  # power to find a prognostic and a predictive effect
    assert told["notice"] in (out / "prognosis" / "report.html").read_text(encoding="utf-8")
    assert len(pd.read_parquet(out / "patients" / "batch-00000.parquet")) == 60
    assert not (tmp_path / ".run-batches").exists()
    before = (out / "patients" / "batch-00000.parquet").read_bytes()
    main(["trial", str(file), "--out", str(out), "--bootstraps", "10", "--json"])
    assert json.loads(capsys.readouterr().out) == told
    assert (out / "patients" / "batch-00000.parquet").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[trial]\npatients = 10", "a trial must have an arm"),
        ('[arm.a]\nregimen = "fec"', "a regimen must be one of"),
        ('[arm.a]\nregimen = "ac_t"\nshare = 0', "the share of an arm must be positive"),
        ('[trial]\npatients = 1\n[arm.a]\nregimen = "ac_t"', "patients must be a whole number of at least 4"),
        ('[trial]\nendpoint = "dfs"\n[arm.a]\nregimen = "ac_t"', "endpoint must be pfs or os"),
        ('[trial]\nfollow_up_days = -1\n[arm.a]\nregimen = "ac_t"', "follow_up_days must be a number of at least 0"),
        ('[trial]\naccrual_days = 1\nfollow_up_days = 1\n[arm.a]\nregimen = "ac_t"', "must reach the first visit"),
        ('[trail]\n[arm.a]\nregimen = "ac_t"', "try trial"),
        ('[population]\nloop_strength = 99\n[arm.a]\nregimen = "ac_t"', "loop_strength must lie between 0 and 10"),
        ('[assay]\ncv = "big"\n[arm.a]\nregimen = "ac_t"', "cv must be a number"),
        ('[power]\nsizes = [5]\n[arm.a]\nregimen = "ac_t"', "sizes must be whole numbers of at least 20"),
        ('[power]\nassay_cvs = [-1]\n[arm.a]\nregimen = "ac_t"', "assay_cvs must be numbers from 0 to 5"),
    ],
)
def test_bad_trials_are_refused(text, said):
    assert tomllib.loads(text)
    with pytest.raises(errors.InputError, match=said):
        read(text)


def test_an_absent_file_is_named(capsys):
    with pytest.raises(SystemExit) as left:
        main(["trial", "nowhere.toml"])
    assert left.value.code == 2
    assert "nowhere.toml" in capsys.readouterr().err


def test_a_large_trial_says_which_patients_its_report_is_about(tmp_path, capsys, monkeypatch):
    """What a person reads on the terminal and on the page; the effect is that of all patients."""
    from autocrine.studies import trial

    monkeypatch.setattr(trial, "_ANALYSED", 40)
    file, out = tmp_path / "tiny.toml", tmp_path / "run"
    file.write_text(TINY.replace("repeats = 2", "repeats = 0"))
    main(["trial", str(file), "--out", str(out), "--bootstraps", "10"])
    told = " ".join(capsys.readouterr().out.split())
    assert "control: 30 patients" in told
    assert "the report of prognosis is about the first 40 of 60 patients" in told
    assert "For research. Nothing here is for decisions about a person." in told
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "This report is about the first 40 of 60 patients" in page
    assert "of all 60 patients" in page
    assert pd.read_csv(out / "tables" / "effects.csv")["patients"].unique().tolist() == [60]
    assert not (out / "tables" / "power.csv").exists()
    kept = json.loads((out / "prognosis" / "analysis.json").read_text(encoding="utf-8"))
    assert kept["patients"] == 40
