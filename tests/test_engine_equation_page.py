"""The page of equations: well-formed, self-contained, and holding everything that is integrated."""

import re

import pytest
import sympy
from defusedxml.ElementTree import fromstring

from autocrine.core import errors
from autocrine.engine import Event, Network, Reaction, Species, standards
from autocrine.engine.equation_page import page, tex_text
from autocrine.engine.mathml import formula
from autocrine.engine.names import symbol
from test_engine_network import table

A, B, K, T = (symbol(name) for name in ("a", "b_in", "k_on", "t"))


def network(**changes):
    given = {
        "species": [Species("a", "nM", 2 * K), Species("b_in", "molecule/cell")],
        "parameters": table(k_on=(0.5, "1/h")),
        "reactions": [Reaction("<uptake> & 100 %", {"a": -1, "b_in": A * K}, K * A / (1 + B))],
        "rules": {"half": A / 2},
        "events": [Event(3.0, {"a": A + 5}, "dose"), Event(assignments={"a": 0.0}, trigger=A > B, delay=1.5)],
        "observables": {"sum": A + B},
    }
    return Network("small <model>", **{**given, **changes})


FORMULAS = [
    (A + B, "a+bin"),
    (A - B, "a−bin"),
    (-A - B, "−a−bin"),
    (A * (B + 1), "a(bin+1)"),
    (-A * B, "−abin"),
    (A ** (B + 1), "abin+1"),
    ((A + 1) ** 2, "(a+1)2"),
    (A**-2 * B, "bina2"),
    (sympy.Float("1e-9"), "10−9"),
    (sympy.Float("-2.5e12"), "−2.5·1012"),
    (sympy.Rational(2, 3) * A, "2a3"),
    (sympy.exp(-A), "exp(−a)"),
    (sympy.Max(A, B), "max(a,bin)"),
    (sympy.Piecewise((A, A < B), (1, True)), "{aif a<bin1otherwise"),
    ((A < B) & ~((A > 1) | (B > 1)), None),
    (sympy.sqrt(A) * sympy.Abs(B), "a|bin|"),
    (sympy.oo, "∞"),
]


@pytest.mark.parametrize(("expression", "shown"), FORMULAS, ids=lambda each: str(each)[:40])
def test_a_formula_is_mathml_that_shows_every_part(expression, shown):
    root = fromstring(formula(expression))
    text = "".join(root.itertext())
    assert root.tag == "math"
    if shown is None:
        assert all(sign in text for sign in "<∧")
    else:
        assert text == shown


def test_signs_stand_between_expressions():
    assert "".join(fromstring(formula(A, "<", B)).itertext()) == "a<bin"


def test_the_page_loads_nothing_and_escapes_every_name():
    text = page(network(), "html")
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?!#)", text)
    assert "http" not in text.replace("http-equiv", "")
    assert "<script" not in text
    assert "&lt;uptake&gt; &amp; 100 %" in text
    assert "small &lt;model&gt;" in text
    for part in ("Rules", "Reactions", "Equations", "Events", "Observables", "Parameters", "otherwise"):
        assert (part in text) == (part != "otherwise")


def test_every_formula_of_the_page_is_well_formed():
    from autocrine.circuit import cell

    found = re.findall(r"<math.*?</math>", page(cell.cell_network(), "html"), re.DOTALL)
    assert len(found) > 100
    for each in found:
        fromstring(each)


def test_latex_is_balanced_and_escaped():
    text = page(network(), "tex")
    body = re.sub(r"\\[\\{}%&#$]", "", text)
    assert body.count("{") == body.count("}")
    assert text.count(r"\begin{") == text.count(r"\end{")
    assert r"\textless{}uptake\textgreater{} \& 100 \%" in text
    assert all(line.replace(r"\$", "").count("$") % 2 == 0 for line in text.splitlines())
    assert tex_text("a_b β €") == r"a\_b U+03B2 U+20AC"


def test_a_page_is_written_by_its_ending(tmp_path):
    standards.write_page(network(), tmp_path / "it.html")
    assert (tmp_path / "it.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    with pytest.raises(errors.InputError, match="html or tex"):
        standards.write_page(network(), tmp_path / "it.pdf")
    with pytest.raises(errors.OutputError, match="cannot be written"):
        standards.write_page(network(), tmp_path / "absent" / "it.tex")
