"""The runner of the SBML Test Suite, on cases written here, and on some of the suite where it is."""

from pathlib import Path

import pytest

from autocrine.engine.conformance import sbml_suite, worker
from autocrine.engine.conformance.__main__ import main
from autocrine.engine.conformance.verdict import Verdict
from sbml_text import LEVEL_3, compartment, parameter, reaction, rule, sbml, species

SUITE = Path(__file__).parents[2] / "shared" / "suites" / "sbml-semantic"
SETTINGS = (
    "start: 0\nduration: 1\nsteps: 1\nvariables: {variables}\nabsolute: 1e-6\nrelative: 1e-4\n"
    "amount: {amount}\nconcentration: {concentration}\n"
)


def write(folder, name, text, rows, amount="", concentration=""):
    case = folder / name
    case.mkdir(parents=True)
    (case / f"{name}-sbml-l3v2.xml").write_text(text)
    variables = ", ".join(rows[0][1:])
    given = SETTINGS.format(variables=variables, amount=amount, concentration=concentration)
    (case / f"{name}-settings.txt").write_text(given)
    (case / f"{name}-results.csv").write_text("\n".join(",".join(map(str, row)) for row in rows) + "\n")


@pytest.fixture
def suite(tmp_path):
    decay = sbml(compartment(size=2.0), species("S", amount=2.0), reaction("J", {"S": 1}, {}, "0 * S"))
    write(tmp_path, "00001", decay, [("time", "S"), (0, 2.0), (1, 2.0)], amount="S")
    write(tmp_path, "00002", decay, [("time", "S"), (0, 1.0), (1, 1.5)], concentration="S")
    fbc = "http://www.sbml.org/sbml/level3/version1/fbc/version2"
    text = sbml(compartment(), extra=f' xmlns:fbc="{fbc}" fbc:required="false"').replace(
        "<model", '<model fbc:strict="true"'
    )
    write(tmp_path, "00003", text, [("time", "V"), (0, 1.0)])
    odd = [parameter("a", "INF"), parameter("b", constant=False), rule("assignment", "b", "0 / 0")]
    write(tmp_path, "00004", sbml(*odd), [("time", "a", "b"), (0, "INF", "NaN"), (1, "INF", "NaN")])
    return tmp_path


def test_each_case_has_one_line_and_the_exit_code_tells_of_failures(suite, capsys):
    assert main(["sbml", str(suite)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "00001 passed",
        "00002 failed: S at 1 is 1, expected 1.5",
        "00003 unsupported: the SBML package fbc",
        "00004 passed",
        "4 cases: 2 passed, 1 failed, 1 unsupported",
    ]
    assert main(["sbml", str(suite), "00004", "00001"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "00004 passed"


def test_what_cannot_be_run_is_said(suite, tmp_path, capsys):
    assert main(["sbml", str(suite), "00009"]) == 2
    assert "must be in the directory but was '00009'" in capsys.readouterr().err
    assert main(["sbml", str(tmp_path / "nowhere")]) == 2
    (suite / "00001" / "00001-sbml-l3v2.xml").unlink()
    assert sbml_suite.run(suite, "00001").outcome == "failed"


def test_the_highest_level_is_taken(suite):
    (suite / "00001" / "00001-sbml-l2v4.xml").write_text("no model at all")
    assert sbml_suite.run(suite, "00001") == Verdict("00001", "passed")
    assert LEVEL_3.endswith("version2/core")


def test_models_whose_files_are_missing_are_no_failures(suite):
    path = suite / "00001" / "00001-sbml-l3v2.xml"
    path.write_text('<sbml xmlns:comp="c"><comp:externalModelDefinition comp:source="gone.xml"/></sbml>')
    found = sbml_suite.run(suite, "00001")
    assert (found.outcome, found.reason[-8:]) == ("unsupported", "gone.xml")


def endless(directory: Path, name: str) -> Verdict:
    while name == "slow":
        pass
    if name == "broken":
        raise ValueError("a defect")
    return Verdict(name, "passed")


def test_a_case_that_never_ends_or_breaks_is_one_that_failed(tmp_path):
    found = list(worker.verdicts(endless, tmp_path, ["slow", "broken", "good"], limit_s=5.0))
    assert [each.outcome for each in found] == ["failed", "failed", "passed"]
    assert "no answer within 5 s" in found[0].reason
    assert "a defect" in found[1].reason


@pytest.mark.skipif(not SUITE.is_dir(), reason="the suites of ../shared are not here")
@pytest.mark.parametrize("number", [1, 39, 41, 173, 531, 871, 937, 983, 1249, 1333, 1403, 1507, 1565, 1717, 1779, 1809])
def test_cases_of_the_suite(number):
    name = f"{number:05}"
    assert str(sbml_suite.run(SUITE, name)) == f"{name} passed"
