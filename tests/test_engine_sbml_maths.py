"""SBML maths to SymPy: what a formula is worth, in libsbml's syntax, must be what Python makes of the same terms."""

import math

import libsbml
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine.core import errors
from autocrine.engine import sbml as door
from autocrine.engine.names import symbol
from autocrine.engine.sbml.maths import DEEPEST

NAMES = ("x", "y", "z")
SYMBOLS = {name: symbol(name) for name in NAMES}


def converted(formula, functions=None):
    tree = libsbml.parseL3Formula(formula)
    assert tree is not None, libsbml.getLastParseL3Error()
    return door.Maths(SYMBOLS, functions).number(tree, "test")


def value(expression, point):
    # plain floats: SymPy's evalf cannot compare a zero found by cancellation, as in max(x, x - y) at x = y
    return float(sympy.lambdify(tuple(SYMBOLS.values()), expression, "math")(*(point[name] for name in SYMBOLS)))


#: a formula, and a function of a point that gives its value
leaves = st.one_of(
    st.sampled_from(NAMES).map(lambda name: (name, lambda p: p[name])),
    st.integers(1, 9).map(lambda n: (str(n), lambda _: float(n))),
    st.floats(0.1, 3.0).map(lambda n: (repr(round(n, 3)), lambda _: round(n, 3))),
)


def sum_of(a, b):
    return f"({a[0]} + {b[0]})", lambda p: a[1](p) + b[1](p)


def difference(a, b):
    return f"({a[0]} - {b[0]})", lambda p: a[1](p) - b[1](p)


def product(a, b):
    return f"({a[0]} * {b[0]})", lambda p: a[1](p) * b[1](p)


def quotient(a, b):
    return f"({a[0]} / (1 + abs({b[0]})))", lambda p: a[1](p) / (1 + abs(b[1](p)))


def root(a, _):
    return f"sqrt(abs({a[0]}))", lambda p: math.sqrt(abs(a[1](p)))


def arctangent(a, _):
    return f"arctan({a[0]})", lambda p: math.atan(a[1](p))


def larger(a, b):
    return f"max({a[0]}, {b[0]})", lambda p: max(a[1](p), b[1](p))


def choice(a, b):
    return f"piecewise({a[0]}, {a[0]} > {b[0]}, {b[0]} + 1)", lambda p: a[1](p) if a[1](p) > b[1](p) else b[1](p) + 1


def truth(a, b):
    return (
        f"((x < 1) + {a[0]} * ({b[0]} >= 2 || y < 1))",
        lambda p: float(p["x"] < 1) + a[1](p) * float(b[1](p) >= 2 or p["y"] < 1),
    )


joins = st.sampled_from([sum_of, difference, product, quotient, root, arctangent, larger, choice, truth])
formulas = st.recursive(
    leaves, lambda inner: st.tuples(joins, inner, inner).map(lambda j: j[0](j[1], j[2])), max_leaves=12
)
points = st.fixed_dictionaries({name: st.floats(0.2, 2.5) for name in NAMES})


@settings(max_examples=150)
@given(formulas, points)
def test_formulas_are_worth_what_they_say(formula, point):
    text, expected = formula
    found, wanted = value(converted(text), point), expected(point)
    if abs(found - wanted) > 1e-9 * (1 + abs(wanted)):  # a comparison of equal numbers may go either way
        nudged = {name: number * (1 + 1e-9) for name, number in point.items()}
        assert found == pytest.approx(expected(nudged), rel=1e-6, abs=1e-6)


@settings(max_examples=60)
@given(formulas)
def test_formulas_survive_the_way_through_mathml(formula):
    tree = libsbml.parseL3Formula(formula[0])
    again = libsbml.readMathMLFromString(libsbml.writeMathMLToString(tree))
    assert door.Maths(SYMBOLS).number(again) == converted(formula[0])


def test_functions_of_the_file_are_written_out():
    body = libsbml.parseL3Formula("a * a + b")
    assert converted("f(x, 2)", {"f": door.Function(("a", "b"), body)}) == SYMBOLS["x"] ** 2 + 2
    # an argument hides a quantity of the same name
    hidden = {"f": door.Function(("x",), libsbml.parseL3Formula("x + 1"))}
    assert converted("f(y)", hidden) == SYMBOLS["y"] + 1


def test_conditions():
    maths = door.Maths(SYMBOLS)
    x = SYMBOLS["x"]
    assert maths.condition(libsbml.parseL3Formula("x > 1")) == (x > 1)
    assert maths.condition(libsbml.parseL3Formula("x")) == sympy.Ne(x, 0)
    assert maths.condition(libsbml.parseL3Formula("2")) == sympy.true
    assert maths.number(libsbml.parseL3Formula("true + true")) == 2


@pytest.mark.parametrize(
    ("formula", "match"),
    [
        ("w + 1", r"where: an identifier in maths must be declared but was 'w'"),
        ("f(x)", "must be defined"),
        ("sin(" * (DEEPEST + 1) + "x" + ")" * (DEEPEST + 1), "nested at most"),
        ("rateOf(x)", "rateOf here"),
    ],
)
def test_what_cannot_be_used_is_said(formula, match):
    with pytest.raises(errors.InputError, match=match):
        door.Maths(SYMBOLS).number(libsbml.parseL3Formula(formula), "where")


def test_constants_are_machine_numbers():
    with np.errstate(all="ignore"):
        assert float(converted("9^9^9")) == np.inf
        assert math.isnan(float(converted("(-8)^0.5")))
        assert float(converted("0^0")) == 1.0
        assert float(converted("exp(-1e6)")) == 0.0
    assert converted("2^3") == 8
