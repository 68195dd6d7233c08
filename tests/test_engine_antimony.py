"""Antimony in and out: laws of the models, the round trip, and texts that must not be trusted."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine.core import errors
from autocrine.engine import antimony_text, simulate
from autocrine.engine.antimony_text import antimony_of, read_antimony, write_antimony

DECAY = """
// a comment with "import" in it
model decay
  J: A -> B; k*A;
  A = 10; B = 0; k = 0.5;
  total := A + B;
  at time > 2: A = 7;
  J is "nuclear import"
end
"""


def test_a_model_decays_as_it_should():
    found = simulate(read_antimony(DECAY), [0.0, 1.0, 1.9, 3.0], rtol=1e-9)
    np.testing.assert_allclose(found["A"][0], [10, 10 * np.exp(-0.5), 10 * np.exp(-0.95), 7 * np.exp(-0.5)], rtol=1e-7)
    np.testing.assert_allclose(found["total"][0][:2], [10, 10], rtol=1e-7)


def test_the_round_trip_keeps_results():
    from autocrine.circuit import cell

    network = cell.cell_network()
    again = read_antimony(antimony_of(network))
    times, given = np.linspace(0.0, 48.0, 9), {"il6_at_cell": 0.05}
    names = [each.name for each in network.species]
    first, second = (simulate(each, times, given, outputs=names, rtol=1e-8) for each in (network, again))
    np.testing.assert_allclose(second.values, first.values, rtol=1e-7, atol=1e-12)


def test_what_is_written_can_be_read(tmp_path):
    write_antimony(read_antimony(DECAY), tmp_path / "model.ant")
    text = (tmp_path / "model.ant").read_text(encoding="utf-8")
    assert "dimensionless" not in text.split("Reactions")[1].split("\n\n")[0]
    assert simulate(read_antimony(text), [3.0])["A"][0, 0] == pytest.approx(7 * np.exp(-0.5), rel=1e-5)
    with pytest.raises(errors.OutputError, match="cannot be written"):
        write_antimony(read_antimony(DECAY), tmp_path / "absent" / "model.ant")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model a\n A -> B; k*A\n end end\n", r"my.ant, line 3: .*syntax error"),
        ("A -> B; k*A\nA = (1\n", r"line 2"),
        ("  \n ", "empty"),
        ("A = 1\0", "must be text"),
        ("A := B + 1; B := A", "my.ant"),
        ("A = sin(1", "my.ant"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text, message):
    with pytest.raises(errors.InputError, match=message):
        read_antimony(text, where="my.ant")


@pytest.mark.parametrize(
    "statement",
    [
        'import "secret.ant"',
        'import/* x */"secret.ant"',
        'import /* \n */ "secret.ant"',
        "import ```secret.ant```",
        '"" import "secret.ant"',
        'A = 1; import\t"secret.ant"',
        '/* import "x" */ import "secret.ant"',
        'A is "/*"; import "secret.ant"; B is "*/"',
    ],
)
def test_other_files_are_not_read(statement, tmp_path, monkeypatch):
    (tmp_path / "secret.ant").write_text("model secret\n S = 1\nend\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(errors.InputError, match="must not import other files"):
        read_antimony(f"A = 1\n{statement}\nmodel x\n s: secret()\nend\n")


@settings(max_examples=300)
@given(st.lists(st.sampled_from(["import", '"', "```", "/*", "*/", "//", "#", "\n", " ", "a", '"f.ant"', "'", "\\"])))
def test_an_import_is_never_taken_for_text(parts):
    """Whatever surrounds it: quotes and comments that are closed do not hide an import that follows."""
    text = "".join(parts)
    closed = text.count('"') % 2 == 0
    if any(mark in text for mark in ("/*", "//", "#", "```")) or not closed:
        text, closed = "", True
    with pytest.raises(errors.InputError, match="must not import"):
        antimony_text.antimony_to_sbml(f'{text}\nimport "f.ant"\n')


def test_a_text_that_is_too_long_is_refused_at_once(monkeypatch):
    monkeypatch.setattr(antimony_text, "LARGEST_TEXT", 100)
    with pytest.raises(errors.InputError, match="at most 100 characters but was 101"):
        read_antimony("A" * 101)


def test_a_text_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(antimony_text, "LONGEST", 1.0)
    begin = time.perf_counter()
    with pytest.raises(errors.InputError, match="within 1 s"):
        read_antimony("A := " + "1+" * 200_000 + "1")
    assert time.perf_counter() - begin < 20


@pytest.mark.slow
def test_bombs_of_submodels_end():
    parts = ["model m0()\n S = 1\nend"]
    parts += [f"model m{i}()\n q1: m{i - 1}()\n q2: m{i - 1}()\nend" for i in range(1, 26)]
    with pytest.raises(errors.InputError):
        read_antimony("\n".join(parts) + "\n")
