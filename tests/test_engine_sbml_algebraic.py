"""Algebraic rules: what they make of the quantities that they determine makes them zero."""

import math
from typing import Any

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autocrine.core import errors
from autocrine.engine.sbml.algebraic import solved

names: Any = sympy.symbols("x y z w k t", real=True)
x, y, z, w, k, t = names
START = {x: 1.2, y: -0.7, z: 0.4, w: 2.0, k: 2.0, t: 0.0}


def guess(expression, start=None):
    """Return the value of an expression at the start, or NaN."""
    value = complex(
        sympy.sympify(expression)
        .xreplace({name: sympy.Float(level) for name, level in (start or START).items()})
        .evalf()
    )
    return value.real if abs(value.imag) < 1e-12 else math.nan


def residuals(equations, found, where):
    """Return the equations with the solution in them, at some values of the other quantities."""
    for _ in found:  # a solution may be in terms of another one
        found = {name: value.subs(found, simultaneous=True) for name, value in found.items()}
    return [float(each.subs(found, simultaneous=True).subs(where).evalf()) for each in equations]


@pytest.mark.parametrize(
    ("equations", "free"),
    [
        ([x**2 - k], [x]),
        ([x**3 - t + k], [x]),
        ([x**2 + y**2 - k, x - y - 1], [x, y]),
        ([x * y - k, x + y - 3], [x, y]),
        ([sympy.log(x) - k * t], [x]),
        ([x / (1 + x) - k / 5], [x]),
        ([sympy.Piecewise((x - k, t > 1), (x - 2 * k, True))], [x]),
        ([sympy.Piecewise((x**2 - k, t > 1), (x - 2 * k, t > 0), (3 * x - 2, True))], [x]),
        ([x + y - z, y - k, z - x * k + 1], [x, y, z]),
        ([sympy.Abs(x) - k], [x]),
    ],
)
@pytest.mark.parametrize("time", [0.5, 1.5])
def test_solutions_solve_the_equations(equations, free, time):
    found = solved(equations, free, {}, guess)
    assert set(found) == set(free)
    where = {k: sympy.Rational(5, 4), t: sympy.Rational(time)}
    assert residuals(equations, found, where) == pytest.approx([0.0] * len(equations), abs=1e-12)


@pytest.mark.parametrize(("given_value", "sign"), [(1.2, 1), (-0.3, -1)])
def test_of_several_solutions_that_beside_the_value_of_the_file_is_taken(given_value, sign):
    found = solved([x**2 - k], [x], {}, lambda each: guess(each, START | {x: given_value}))
    assert found[x] == sign * sympy.sqrt(k)


@pytest.mark.parametrize("level", [-8, 8])
def test_the_root_of_a_negative_number_is_negative(level):
    found = solved([x**3 - k], [x], {}, guess)[x]
    assert float(found.subs(k, level)) == math.copysign(2, level)


@pytest.mark.parametrize(
    "equation",
    [
        sympy.exp(x) + x - k,  # Lambert's function
        x**5 + x - k,
        x**3 - 3 * x + k / 3,  # three real roots, each by way of complex numbers
        sympy.cos(x) - k * x,
    ],
)
def test_what_has_no_solution_that_can_be_evaluated_is_refused(equation):
    with pytest.raises(errors.UnsupportedError, match=r"closed form \(for x\)"):
        solved([equation], [x], {}, guess)


@given(st.lists(st.lists(st.integers(-2, 2), min_size=4, max_size=4), min_size=3, max_size=3))
@settings(max_examples=40)
def test_linear_systems_are_solved_whatever_each_equation_holds(rows):
    unknown = [x, y, z]
    assume(sympy.Matrix([row[:3] for row in rows]).det() != 0)
    equations: list[Any] = [
        sum((c * name for c, name in zip(row, unknown, strict=False)), row[3] * k + t) for row in rows
    ]
    found = solved(equations, unknown, {}, guess)
    for _ in unknown:  # a block may be written in terms of another one
        found = {name: value.xreplace(found) for name, value in found.items()}
    assert [sympy.simplify(each.xreplace(found)) for each in equations] == [0, 0, 0]
