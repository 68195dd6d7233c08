"""The command ``autocrine model``, as a person uses it: every form in, every form out, and what is said of mistakes."""

import csv

import numpy as np
import pytest
from click.testing import CliRunner

from autocrine.cli.model import command
from autocrine.cli.model_source import network_of
from autocrine.core import errors
from autocrine.engine import read_sbml, simulate
from autocrine.evidence import load_library

DECAY = "model decay\n  J: A -> B; k*A\n  A = 10; B = 0; k = 0.5\nend\n"


def run(*arguments):
    """Return what the command prints; errors come through."""
    done = CliRunner().invoke(command, [str(each) for each in arguments], catch_exceptions=True)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


@pytest.fixture
def decay(tmp_path):
    (tmp_path / "decay.ant").write_text(DECAY, encoding="utf-8")
    return tmp_path / "decay.ant"


def test_show_lists_species_rates_and_units():
    text = run("show", "cell")
    assert "one cell: 18 species, 39 reactions, 85 parameters; time in h" in text
    for part in ("il6_mrna", "molecule/cell", "pSTAT3 nuclear import", "k_pstat3_import*pstat3", "[molecule/cell/h]"):
        assert part in text
    assert "every term has the unit of its place" in text


@pytest.mark.parametrize(("ending", "start"), [("html", "<!doctype html>"), ("tex", r"\documentclass")])
def test_show_writes_the_page_of_equations(tmp_path, decay, ending, start):
    assert "equations of decay" in run("show", decay, "--out", tmp_path / f"it.{ending}")
    assert (tmp_path / f"it.{ending}").read_text(encoding="utf-8").startswith(start)


@pytest.mark.parametrize(("ending", "form"), [("xml", "sbml"), ("ant", "antimony"), ("omex", "omex")])
def test_every_format_goes_out_and_comes_in(tmp_path, decay, ending, form):
    target = tmp_path / f"it.{ending}"
    assert f"as {form}: {target}" in run("export", decay, "--out", target)
    assert "decay: 2 species, 1 reaction" in run("import", target)
    table = list(csv.DictReader(run("simulate", target, "--end", "4", "--points", "3", "--only", "A").splitlines()))
    np.testing.assert_allclose([float(row["A"]) for row in table], [10, 10 * np.exp(-1), 10 * np.exp(-2)], rtol=1e-5)


def test_import_converts(tmp_path, decay):
    text = run("import", decay, "--to", "sbml", "--out", tmp_path / "it.txt")
    assert "as sbml" in text
    assert read_sbml(tmp_path / "it.txt").name == "decay"


def test_export_names_the_evidence_of_parameters_and_reactions(tmp_path):
    run("export", "cell", "--line", "sensitive_il6", "--out", tmp_path / "it.xml")
    text = (tmp_path / "it.xml").read_text(encoding="utf-8")
    assert "https://identifiers.org/pubmed:" in text
    assert "https://identifiers.org/doi:" in text
    assert "isDescribedBy" in text.split("<listOfReactions>")[1]


def test_references_are_those_of_records_and_facts():
    found = load_library().addresses()
    assert found["conze2001"] == ["https://identifiers.org/pubmed:11751408"]
    assert found["P001"] == found["Kd_IL6R"]
    assert all(address.startswith("https://identifiers.org/") for each in found.values() for address in each)


def test_a_line_changes_the_circuit():
    changed = network_of("cell", "sensitive_il6", "", "").parameters.values_by_name
    default = network_of("cell", "", "", "").parameters.values_by_name
    assert changed["il6_transgene"] > default["il6_transgene"]


def test_simulate_takes_other_values_and_writes_tables_and_pictures(tmp_path, decay):
    out = tmp_path / "it.csv"
    run("simulate", decay, "--end", "2", "--points", "2", "--set", "k=1", "--set", "A=20", "--out", out)
    with out.open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    assert float(rows[-1]["A"]) == pytest.approx(20 * np.exp(-2), rel=1e-5)
    run("simulate", decay, "--end", "2", "--out", tmp_path / "it.svg")
    picture = (tmp_path / "it.svg").read_text(encoding="utf-8")
    assert picture.startswith("<svg")
    assert "time (h)" not in picture  # the model does not say in which unit its time is


def test_an_archive_runs_what_it_describes(tmp_path, decay):
    run("export", decay, "--out", tmp_path / "it.omex")
    text = run("simulate", tmp_path / "it.omex", "--out", tmp_path / "tables")
    assert "report1: 101 rows" in text
    with (tmp_path / "tables" / "report1.csv").open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    assert float(rows[2]["A"]) == pytest.approx(10 * np.exp(-1), rel=1e-5)


@pytest.mark.slow
def test_a_well_goes_out_with_its_drug_and_comes_back(tmp_path):
    choice = ("--line", "sensitive_il6", "--drug", "doxorubicin", "--dose", "100 nM")
    run("export", "well", *choice, "--out", tmp_path / "it.xml")
    built, again = network_of("well", "sensitive_il6", "doxorubicin", "100 nM"), read_sbml(tmp_path / "it.xml")
    outputs, times = ["cells", "p1_pgp", "drug1"], [0.0, 24.0, 48.0, 96.0]
    first, second = (simulate(each, times, outputs=outputs, rtol=1e-8).values for each in (built, again))
    np.testing.assert_allclose(second, first, rtol=1e-6)
    assert first[0, 2, 2] > 10


MISTAKES = {
    "no such model": (["show", "cel"], "built-in circuit or a file but was 'cel'"),
    "no such line": (["show", "cell", "--line", "sensitiv"], "the line must be one that is known.*sensitive"),
    "a drug in one cell": (["show", "cell", "--drug", "cisplatin"], "must go with the well"),
    "a dose that is none": (["show", "well", "--dose", "7 h"], "--dose: .*nM"),
    "an unknown ending": (["export", "cell", "--out", "it.pdf"], "a format must be one that is known but was '.pdf'"),
    "an unknown page": (["show", "cell", "--out", "it.pdf"], "must be html or tex"),
    "no end": (["simulate", "cell"], "must have an end; try --end 100"),
    "an end before the start": (["simulate", "cell", "--end", "-1"], "must lie after the start, 0, but was -1"),
    "no such parameter": (["simulate", "cell", "--end", "1", "--set", "pgpp=1"], "or species but was 'pgpp'.*pgp"),
    "no number": (["simulate", "cell", "--end", "1", "--set", "pgp=much"], "must be a number but was 'much'"),
    "no value": (["simulate", "cell", "--end", "1", "--set", "pgp"], "must be NAME=VALUE"),
    "no such column": (["simulate", "cell", "--end", "1", "--only", "pgpp"], "output.*pgpp"),
    "an unknown table": (["simulate", "cell", "--end", "1", "--out", "it.xls"], "must end with .csv or .svg"),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_named(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(errors.InputError, match=message):
        run(*arguments)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("it.xml", "<sbml", "it.xml, line 1"),
        ("it.ant", "A = (", "it.ant, line"),
        ("it.omex", "PK\3\4", "sound zip file"),
        ("it.doc", "A = 1", "SBML, Antimony or a COMBINE archive"),
        ("it.ant", b"\xff\xfe", "UTF-8"),
        ("it.xml", "", "must be SBML, Antimony or a COMBINE"),
    ],
)
def test_files_that_cannot_be_read_are_refused(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(errors.InputError, match=message):
        run("import", tmp_path / name)


def test_units_that_do_not_fit_are_reported_and_change_nothing(tmp_path):
    text = "model m\n unit h = 3600 second\n S in C; C = 1; S = 1; k = 1; k has h\n J: S -> ; k*S\nend"
    (tmp_path / "it.ant").write_text(text, encoding="utf-8")
    assert "units: " in run("import", tmp_path / "it.ant")


def test_help_shows_examples_as_they_are_typed():
    assert "  autocrine model show cell --out cell.html\n" in run("--help")
