"""The command ``autocrine library``, as a person sees it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from autocrine.cli import main
from autocrine.cli.library import command
from autocrine.core import errors
from autocrine.evidence import load_library

GOLDEN = """\
Record            conze2001
Title             Autocrine production of interleukin 6 causes multidrug resistance in breast cancer
                  cells
Authors           1. Conze D (author)
                  2. Weiss L (author)
                  3. Regen PS (author)
                  4. Bhushan A (author)
                  5. Weaver D (author)
                  6. Johnson P (author)
                  7. Rincon M (corresponding)
Author address    Univ Vermont, Dept Med, Immunobiol Sect, Given Med Bldg D-305, Burlington, VT
                  05405 USA
                  Univ Vermont, Dept Med, Immunobiol Sect, Burlington, VT 05405 USA
                  Univ Vermont, Dept Pathol, Burlington, VT 05405 USA
                  Idaho State Univ, Coll Pharm, Dept Pharmaceut Sci, Pocatello, ID 83209 USA
                  NCI, Eukaryot Transcript Regulat Sect, Regulat Cell Growth Lab, Frederick Canc Res
                  & Dev Ctr, Ft Detrick, MD 21702 USA
Year              2001
Journal           Cancer Research
Volume            61
Issue             24
Pages             8851-8858
Type of article   journal article
External sources  PMID: 11751408 (from: PubMed)
Library notes     No notes added.
Basis             read (the citation)
Workflow          approved

Claims (in our own words)
  1. Drug-sensitive breast cancer cells make no IL-6; multidrug-resistant ones make much.
     Verdict       not checked yet: autocrine reproduce conze2001
     Kind          observation, encoded as an input of the model
     Stance        supports
     System        drug-sensitive and multidrug-resistant breast cancer lines
     Edge          none
     Measure       il6_ratio_resistant_over_sensitive above 10
     Threshold     Our own threshold: the source gives no concentration, we ask for a tenfold ratio
                   of IL-6 in the medium.
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(*arguments):
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def finished_run(name="conze2001", claims=None, **changes):
    directory = Path("runs") / name
    directory.mkdir(parents=True)
    (directory / "provenance.json").write_text("{}")
    row = {"id": "conze2001-2", "verdict": "REPRODUCED", "effect": 4.2, "low": 3.1, "high": 5.5, "effect_when_cut": 1.0}
    content = {"claims": [{**row, **changes}]} if claims is None else claims
    (directory / "claims.json").write_text(json.dumps(content))
    return directory


def test_the_record_of_the_paper():
    shown = run("show", "conze2001")
    assert shown.startswith(GOLDEN)
    assert shown.count("not checked yet: autocrine reproduce conze2001") == 8


def test_an_empty_field_says_so():
    shown = run("show", "cellminer_nci60")
    assert "Title             none\n" in shown
    assert "Authors           none\n" in shown
    assert "External sources  No sources found.\n" in shown
    assert "Claims (in our own words)\n  none\n" in run("show", "ward1995")


def test_verdicts_come_from_the_newest_finished_run():
    old, new = finished_run(verdict="CONTRADICTED"), finished_run("conze2001-again")
    os.utime(old / "claims.json", ns=(1, 1))
    shown = run("show", "conze2001")
    assert "     Verdict       REPRODUCED\n     Effect        4.2 (3.1 to 5.5)\n     With edge cut 1\n" in shown
    assert f"Verdicts from {new}" in shown
    assert "Verdict       CONTRADICTED" in run("show", "conze2001", "--run", str(old))


def test_an_unfinished_run_does_not_count():
    (finished_run() / "provenance.json").unlink()
    assert "REPRODUCED" not in run("show", "conze2001")
    with pytest.raises(errors.InputError, match="a finished run must hold"):
        run("show", "conze2001", "--run", "runs/conze2001")


def test_json_holds_record_claims_and_verdicts():
    directory = finished_run(claims=[{"id": "conze2001-1", "verdict": "USED_FOR_FIT", "effect": "inf"}])
    shown = json.loads(run("show", "conze2001", "--json"))
    assert shown["record"]["authors"][0] == {"name": "Conze D", "role": "author"}
    first = shown["claims"][0]
    assert (first["verdict"], first["effect"], first["run"]) == ("USED_FOR_FIT", "inf", str(directory))
    assert shown["claims"][1]["verdict"] is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"verdict": "TRUE"}, "claim 1: verdict must be one of REPRODUCED"),
        ({"verdict": ["REPRODUCED"]}, "verdict must be one of"),
        ({"id": "conze2001-99"}, "id must be one of conze2001-1"),
        ({"effect": "large"}, "effect must be a number or null but was 'large'"),
        ({"claims": {"claims": 3}}, 'must hold a list "claims"'),
        ({"claims": [3]}, 'must be an object with a text "id"'),
        ({"effect": 9.0}, "claim 1: a claim must hold low <= effect <= high"),
        ({"effect": float("nan")}, "effect must be a number or null but was nan"),
    ],
)
def test_a_corrupt_run_is_named(changes, message):
    finished_run(**changes)
    with pytest.raises(errors.InputError, match=message):
        run("show", "conze2001")


def test_a_run_that_is_no_json_is_named():
    (finished_run() / "claims.json").write_text("{")
    with pytest.raises(errors.InputError, match="must be readable JSON"):
        run("show", "conze2001")


def test_a_fact_by_key_and_by_symbol():
    shown = run("fact", "P030")
    assert shown == run("fact", "EC50_pSTAT3")
    assert "Value             1.2 (0.9 to 1.6) ng/ml\n" in shown
    assert "Findings          baseline-pstat3-ec50 (fit)\n" in shown
    assert json.loads(run("fact", "P030", "--json"))["fact"]["value"] == 1.2
    assert "Value             60 mg/m2 every 21 d, 4 times (AC)\n" in run("fact", "P156")


def test_every_record_and_fact_can_be_shown():
    library = load_library()
    for key in library.records:
        assert json.loads(run("show", key, "--json"))["record"]["key"] == key
        assert run("show", key)
    for key in library.facts:
        assert key in run("fact", key)


def test_the_list_names_every_record():
    shown = run("list")
    assert all(f"\n{key} " in shown for key in load_library().records)
    assert len(json.loads(run("list", "--json"))["records"]) == len(load_library().records)


def test_an_unknown_key_leaves_with_2_and_the_nearest_name(capsys):
    with pytest.raises(SystemExit) as left:
        main(["library", "show", "conze2002"])
    assert left.value.code == 2
    assert "must be one of the library but was 'conze2002'; try conze2001" in capsys.readouterr().err


def test_nothing_heavy_is_imported():
    code = "import sys, autocrine.cli.library; print({'pandas', 'scipy', 'sympy', 'pint'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert shown.stdout.strip() == "set()"
