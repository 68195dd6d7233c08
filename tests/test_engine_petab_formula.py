"""Formulas of PEtab: what binds first, what they are worth, and that text is never run."""

import math

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine.core import errors
from autocrine.engine.names import symbol
from autocrine.engine.petab.formula import formula
from autocrine.engine.petab.formula_text import formula_text
from autocrine.engine.petab.terms import Terms

NAMES = ("a", "b", "time")
AT = (0.7, 2.5, 1.3)


def worth(text, at=AT):
    return float(Terms([formula(text)], NAMES).evaluate(sympy.Matrix([at]).__array__(float))[0, 0])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-2^2", -4.0),
        ("2^3^2", 512.0),
        ("2^-1", 0.5),
        ("2**3", 8.0),
        ("6/3*2", 4.0),
        ("1 - 2 - 3", -4.0),
        ("-a^2", -0.49),
        ("--a", 0.7),
        ("2*-a", -1.4),
        ("1 + true", 2.0),
        ("1 && true", 1.0),
        ("!true + 1", 1.0),
        ("true || false && false", 0.0),
        ("a < b == true", 1.0),
        ("piecewise(1, a > b, 2, a < b, 3)", 2.0),
        ("piecewise(1, a > b, 3)", 3.0),
        ("log(8, 2)", 3.0),
        ("log10(1000) + log2(8) + ln(exp(2))", 8.0),
        ("min(a, b) + max(a, b)", 3.2),
        ("sign(-3) + abs(-2)", 1.0),
        ("sqrt(a)^2 + pow(b, 2)", 6.95),
        (" 1e3 + .5 + 2. + 1E-1 ", 1002.6),
        ("time * 2", 2.6),
        ("arccot(b) + arctan(b)", math.pi / 2),
        ("sec(a) * cos(a) + csc(a) * sin(a) + cot(a) * tan(a)", 3.0),
        ("sech(a) * cosh(a) + csch(a) * sinh(a) + coth(a) * tanh(a)", 3.0),
        ("arcsech(sech(a)) + arccsch(csch(a)) + arccoth(coth(a))", 2.1),
        ("arcsec(sec(a)) + arccsc(csc(a)) + arcsin(sin(a))", 2.1),
    ],
)
def test_a_formula_is_worth_what_the_grammar_says(text, value):
    assert worth(text) == pytest.approx(value, rel=1e-12)


def test_the_logarithm_of_nothing_is_minus_infinity():
    assert formula("log(0)") == -sympy.oo


def test_names_of_constants_are_names():
    # e and pi are no constants in PEtab, and lambda no word
    assert formula("e + pi + lambda + E") == sum(symbol(name) for name in ("e", "pi", "lambda", "E"))


numbers = st.floats(0.25, 4.0).map(lambda x: (repr(x), x))
leaves = numbers | st.sampled_from([("a", AT[0]), ("b", AT[1])])


def joined(children):
    def both(sign, combine):
        return st.tuples(children, children).map(lambda p: (f"({p[0][0]} {sign} {p[1][0]})", combine(p[0][1], p[1][1])))

    def one(name, function):
        return children.map(lambda c: (f"{name}({c[0]})", function(c[1])))

    return st.one_of(
        both("+", lambda x, y: x + y),
        both("-", lambda x, y: x - y),
        both("*", lambda x, y: x * y),
        both("<", lambda x, y: float(x < y)),
        one("tanh", math.tanh),
        one("cos", math.cos),
        one("-", lambda x: -x),
        one("abs", abs),
    )


@settings(max_examples=60)
@given(st.recursive(leaves, joined, max_leaves=12))
def test_values_and_round_trips_of_any_formula(pair):
    text, value = pair
    assert worth(text) == pytest.approx(value, rel=1e-9, abs=1e-9)
    assert worth(formula_text(formula(text))) == pytest.approx(value, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    "text", ["a < b && !(b == 1) || false", "piecewise(a, a >= b, b, a != 2, time)", "(a < b) != (b < a)"]
)
def test_conditions_survive_being_written(text):
    assert worth(formula_text(formula(text))) == worth(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "a b", "(", "a)", "a +", "* a", "1/0", "sqrt(-1)", "9^9^9^9^9", "f(a)", "sin(a, b)", "sin()"),
        *("nan", "NaN", "a;b", "a = b", "é", "0x10", "1e", "piecewise(a, b)", "a.b", "a[0]", "'a'", "@"),
        *("__import__('os').system('x')", "(lambda: 0)()", "(" * 200 + "a" + ")" * 200, "a" * 30_000),
    ],
)
def test_what_is_no_formula_is_refused(text):
    with pytest.raises(errors.InputError, match="formula"):
        formula(text, "here")


@settings(max_examples=200)
@given(st.text(alphabet="ab01.e+-*/^<>=!&|(), \tpiecwsflog", max_size=40))
def test_any_text_is_a_formula_or_refused(text):
    try:
        found = formula(text)
    except errors.InputError:
        return
    assert isinstance(found, sympy.Expr)


def test_a_long_row_of_signs_is_no_burden():
    assert formula("-" * 5001 + "a") == -symbol("a")


def test_what_petab_cannot_say_is_not_written():
    with pytest.raises(errors.InputError, match="functions of PEtab"):
        formula_text(sympy.floor(symbol("a")))
