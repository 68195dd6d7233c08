"""The catalogue from the command line: import, search, export, merge, claims, coverage and citations of a run."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from autocrine.cli import main
from autocrine.cli.cite import command as cite_command
from autocrine.cli.library import command
from autocrine.core import errors
from autocrine.evidence import load_library

RIS = "TY  - JOUR\nTI  - Interleukin-6 & more\nAU  - Conze, D\nPY  - 2001\nAN  - 11751408\nER  - \n"
PROVENANCE = {"versions": {"autocrine": "9.9"}, "parameter_hash": "abc", "started": "2026-01-01T00:00:00+00:00"}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTOCRINE_LIBRARY", raising=False)
    Path("a.ris").write_text(RIS)


def run(*arguments, of: click.Command = command):
    result = CliRunner().invoke(of, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def finished_run(**evidence):
    directory = Path("runs") / "conze2001"
    directory.mkdir(parents=True)
    (directory / "provenance.json").write_text(json.dumps(PROVENANCE))
    row = {"id": "conze2001-2", "verdict": "REPRODUCED", "effect": 4.2, "low": 3.1, "high": 5.5, "effect_when_cut": 1.0}
    (directory / "claims.json").write_text(json.dumps({"claims": [row]}))
    if evidence:
        (directory / "evidence.json").write_text(json.dumps(evidence))
    return str(directory)


def test_search_needs_no_file_and_makes_none():
    assert "conze2001  " in run("search", "author:conze")
    assert "type: journal article (1)" in run("search", "author:conze", "--facets")
    assert not Path("library.sqlite").exists()


def test_import_names_duplicates_and_merging_leads_on():
    done = run("import", "a.ris", "--who", "me")
    assert done.startswith("1 imported, 0 known already\n  conze2001b\n")
    assert "conze2001b is the same publication as conze2001" in done
    assert run("import", "a.ris", "--who", "me") == "0 imported, 1 known already\n"
    assert run("duplicates") == "conze2001  conze2001b\n"
    assert json.loads(run("search", "conze", "--json"))["count"] == 2
    assert json.loads(run("search", "conze", "--json", "--public"))["count"] == 1
    run("merge", "conze2001", "conze2001b", "--who", "me")
    assert run("show", "conze2001b").startswith("conze2001b was merged into conze2001\n")
    assert run("duplicates") == "none\n"


def test_the_state_is_shown_with_its_history():
    run("import", "a.ris", "--library", "mine.sqlite", "--who", "me")
    assert run("state", "conze2001b", "submitted", "--who", "you", "--library", "mine.sqlite")
    shown = run("show", "conze2001b", "--library", "mine.sqlite")
    assert "Workflow          submitted" in shown
    assert shown.rstrip().endswith("submitted, by you")
    assert json.loads(run("show", "conze2001b", "--library", "mine.sqlite", "--json"))["state"] == "found"


def test_the_current_search_is_exported():
    for kind in ("ris", "bibtex", "nbib", "pubmed-xml", "csl-json", "page"):
        run("export", "author:conze", "--format", kind, "--out", kind)
        run("import", kind, "--library", f"{kind}.sqlite", "--who", "me")
        assert "conze2001b" in run("search", "author:conze", "--library", f"{kind}.sqlite")
    with pytest.raises(errors.InputError, match="must find something"):
        run("export", "nothingofthekind")


def test_a_bad_file_imports_nothing_and_leaves_with_2(capsys):
    Path("bad.ris").write_text("TY  - JOUR\n")
    with pytest.raises(SystemExit) as left:
        main(["library", "import", "a.ris", "bad.ris", "--who", "me"])
    assert left.value.code == 2
    assert "must end with ER" in capsys.readouterr().err
    assert not Path("library.sqlite").exists()


def test_claims_keep_the_history_of_their_checks():
    assert "no check is recorded" in run("claims", "conze2001")
    directory = finished_run()
    assert run("check", directory) == run("check", directory)
    shown = run("claims", "conze2001")
    assert shown.count("9.9 (abc)  REPRODUCED") == 1
    assert "about: edge_il6_receptor (SBO:0000170)" in shown
    changed = PROVENANCE | {"versions": {"autocrine": "10.0"}, "started": "2026-02-01T00:00:00+00:00"}
    Path(directory, "provenance.json").write_text(json.dumps(changed))
    run("check", directory)
    checks = json.loads(run("claims", "conze2001", "--json"))["claims"][1]["checks"]
    assert [each["model"] for each in checks] == ["9.9", "10.0"]
    Path(directory, "provenance.json").write_text("{}")
    with pytest.raises(errors.InputError, match="provenance must say"):
        run("check", directory)


def test_coverage_counts_every_parameter_once():
    from autocrine.circuit import cell

    found = json.loads(run("coverage", "--json"))
    names = [name for group in found["names"].values() for name in group]
    assert sorted(names) == sorted(cell.cell_parameters())
    assert found["unresolved"] == []
    assert f"all       {len(names):4d}" in run("coverage")


def test_a_parameter_shows_what_speaks_for_it():
    from autocrine.circuit import cell

    for name in cell.cell_parameters():
        assert json.loads(run("parameter", name, "--json"))["name"] == name
    assert "conze2001-3: In these cells" in run("parameter", "edge_il6_cebp")
    with pytest.raises(errors.InputError, match="must be one of the model"):
        run("parameter", "nothing")


def test_cite_prints_every_source_of_a_run_once():
    directory = finished_run(facts=["P030", "P001"], records=["conze2001", "ward1995"])
    library = load_library()
    records = {library.facts["P030"].record, library.facts["P001"].record, "conze2001", "ward1995"}
    shown = run(directory, of=cite_command)
    assert shown.count("\n@") + 1 == len(records)
    assert all(f"{{{key}," in shown for key in records)
    Path(directory, "evidence.json").write_text('{"facts": ["P030", "none"], "records": []}')
    with pytest.raises(errors.InputError, match="must be one of the library but was 'none'"):
        run(directory, of=cite_command)
    Path(directory, "evidence.json").write_text("[]")
    with pytest.raises(errors.InputError, match="must list facts and records"):
        run(directory, of=cite_command)


def test_a_run_that_does_not_say_what_it_used_is_named():
    with pytest.raises(errors.InputError, match=r"must hold provenance\.json and evidence\.json"):
        run(finished_run(), of=cite_command)
