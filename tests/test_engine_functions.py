"""Functions in expressions: values, slopes, conditions, constants, and what rounds to whole numbers."""

import itertools
import math

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine.core import errors
from autocrine.engine import Event, Network, Reaction, Species, simulate
from autocrine.engine.compiled import System
from autocrine.engine.gpu_step import print_cells
from autocrine.engine.ptx import emit_ptx
from autocrine.engine.python_printer import as_function
from autocrine.engine.whole_division import Quotient, Remainder
from test_engine_network import table

x, y, z, t, p = sympy.symbols("x y z t p", real=True)
INSIDE = ["asin", "acos", "atanh"]
OUTSIDE = ["asec", "acsc", "acoth", "acosh"]
ANYWHERE = ["sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh", "sech", "csch", "coth"]
ANYWHERE += ["atan", "acot", "asinh", "acsch", "gamma", "factorial", "exp"]
POSITIVE = ["log", "sqrt"]


def system_of(*rates, **initial):
    """Return a system whose slopes of x, y and z are some rates."""
    reactions = [Reaction(f"r{i}", {name: 1}, rate) for i, (name, rate) in enumerate(zip("xyz", rates, strict=False))]
    levels = {"x": 1.0, "y": 1.0, "z": 1.0} | initial
    species = [Species(name, "1", level) for name, level in levels.items()]
    system = System(Network("functions", species, table(p=(1.0, "1")), reactions))
    system.set_parameters(np.array([1.0]))
    return system


def value(rate, a=0.0, b=0.0, c=0.0):
    """Return a rate at x, y, z: compiled, after a look that plain Python says the same."""
    system, state = system_of(rate), [float(each) for each in (a, b, c)]
    found = float(system.derivative(0.0, np.array(state))[0])
    blocks, constants, out = system.network.program.blocks, [0.0] * system.network.program.hoisted, [0.0] * 3
    as_function(blocks["hoist"])(0.0, state, [1.0], [], constants)
    as_function(blocks["rhs"])(0.0, state, [1.0], constants, out)
    np.testing.assert_allclose(found, out[0], rtol=1e-12, atol=1e-300)
    return found


def _points(name):
    if name in INSIDE:
        return [-0.9999, -0.6, -0.3, 1e-9, 0.2, 0.51, 0.999]
    if name in OUTSIDE:
        return [1.0001, 1.5, 7.0, 1e5] + ([] if name == "acosh" else [-1.5, -40.0])
    if name in POSITIVE:
        return [1e-9, 0.3, 1.0, 40.0, 1e9]
    return [-3.3, -0.7, 1e-5, 0.4, 1.2, 2.9, 6.1]


@pytest.mark.parametrize("name", ANYWHERE + INSIDE + OUTSIDE + POSITIVE)
def test_functions_and_their_slopes_are_those_of_sympy(name):
    function = getattr(sympy, name)
    system, slope = system_of(function(x)), function(z).diff(z)
    for point in _points(name):
        exact = sympy.Rational(point)
        expected, steep = float(function(exact).evalf(30)), float(slope.subs(z, exact).evalf(30))
        assert value(function(x), point) == pytest.approx(expected, rel=2e-14), point
        found = system.jacobian_columns(0.0, np.array([point, 0.0, 0.0]))[0, 0]
        assert found == pytest.approx(steep, rel=1e-11, abs=1e-14), point


def test_slopes_at_the_ends_of_inverse_functions_are_finite():
    for rate in (sympy.asin(x), sympy.acos(x), sympy.acosh(x)):
        assert np.isfinite(system_of(rate).jacobian_columns(0.0, np.array([1.0, 0.0, 0.0]))).all()


def test_a_logarithm_to_any_base():
    assert value(sympy.log(x, 10), 1000.0) == pytest.approx(3.0, rel=1e-15)
    assert value(sympy.log(x, y), 32.0, 2.0) == pytest.approx(5.0, rel=1e-15)


@pytest.mark.parametrize("point", [(1, 1), (1, -1), (-1, 1), (-1, -1), (0, 1), (0, -1), (1, 0), (-1, 0), (0, 0)])
def test_the_angle_of_a_point(point):
    assert value(sympy.atan2(x, y), *point) == pytest.approx(math.atan2(*point), abs=1e-15)


@pytest.mark.parametrize(("constant", "expected"), [(sympy.nan, math.nan), (sympy.oo, math.inf), (-sympy.oo, -math.inf),
                                                    (sympy.zoo, math.nan)])  # fmt: skip
def test_constants_that_are_no_finite_numbers_survive(constant, expected):
    chosen = sympy.Piecewise((constant, x > 0), (1, True))
    np.testing.assert_equal(value(chosen, 1.0), expected)
    assert value(chosen, -1.0) == 1.0
    shown = Network("shown", [Species("x", "1", 1.0)], table(p=(1.0, "1")), [], observables={"o": constant + 0 * x})
    np.testing.assert_equal(simulate(shown, [1.0])["o"][0, 0], expected)
    shown.check_units()


@settings(max_examples=60)
@given(st.integers(-(10**6), 10**6), st.integers(-1000, 1000).filter(bool))
def test_whole_numbers_are_divided_exactly(a, b):
    assert value(Quotient(x, y), a, b) == math.copysign(abs(a) // abs(b), a * b)
    assert value(Remainder(x, y), a, b) == math.fmod(a, b)
    assert value(sympy.Mod(x, y), a, b) == a % b
    assert value(sympy.floor(x / y), a, b) == a // b
    assert value(sympy.ceiling(x / y), a, b) == -(-a // b)
    assert value(sympy.floor(x / y + z), a, b, 2) == a // b + 2


@given(st.floats(-1e3, 1e3), st.floats(-30, 30).filter(lambda b: abs(b) > 1e-3))
@settings(max_examples=40)
def test_remainders_of_fractions(a, b):
    """Either the remainder, or beside a jump the one on the other side of it."""
    for found, expected in ((value(Remainder(x, y), a, b), math.fmod(a, b)), (value(sympy.Mod(x, y), a, b), a % b)):
        distance = abs(found - expected)
        assert min(distance, abs(distance - abs(b))) < 1e-15 * max(1.0, abs(a))


def test_remainders_of_numbers_are_numbers():
    assert [Remainder(-7, 3), Remainder(7, -3), Quotient(-7, 3), Quotient(sympy.Rational(7, 2), 1)] == [-1, 1, -2, 3]
    assert Remainder(7.5, 2) == 1.5
    assert Quotient(x, 2).is_real
    assert Remainder(x, y).xreplace({x: sympy.Integer(9), y: sympy.Integer(4)}) == 1


def test_factorials_of_whole_numbers():
    assert [value(sympy.factorial(x), n) for n in (0, 1, 5, 20)] == [1.0, 1.0, 120.0, math.factorial(20)]
    assert math.isnan(value(sympy.factorial(x), -2))


def test_gamma_has_two_derivatives():
    network = Network("gamma", [Species("x", "1", 1.5)], table(p=(1.0, "1")), [Reaction("r", {"x": 1}, sympy.gamma(x))])
    graph, node = network.program.equations.graph, network.program.equations.rhs[0]
    twice = graph.derivative(graph.derivative(node, 0), 0)
    with pytest.raises(errors.InputError, match="at most twice"):
        graph.derivative(twice, 0)


A, B, C = x > 0, y > 0, z > 0
CONDITIONS = [
    sympy.Xor(A, B),
    sympy.Xor(A, B, C),
    sympy.ITE(A, B, C),
    sympy.Implies(A, B),
    sympy.Equivalent(A, B),
    sympy.Equivalent(A, B, C),
    sympy.Nand(A, B, C),
    sympy.Nor(A, B),
    sympy.Eq(A, B),
    sympy.Ne(A, B),
    sympy.Xor(A, B) & ~C,
    sympy.Implies(A, C) | sympy.Equivalent(B, C),
]


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
def test_conditions_are_those_of_sympy(condition):
    for signs in itertools.product((-1, 1), repeat=3):
        a, b, c = (each > 0 for each in signs)
        expected = condition.subs(dict(zip((x, y, z), signs, strict=True)))
        assert expected in (sympy.true, sympy.false), (a, b, c)
        assert value(sympy.Piecewise((1, condition), (0, True)), *signs) == (expected == sympy.true)


@pytest.mark.parametrize("condition", CONDITIONS[:4] + CONDITIONS[8:10], ids=str)
def test_conditions_trigger_where_they_turn(condition):
    """``x`` rises through zero at 1, ``y`` at 2, ``z`` at 3."""
    levels = {"x": -1.0, "y": -2.0, "z": -3.0, "n": 0.0}
    reactions = [Reaction(f"rise of {name}", {name: 1}, sympy.Integer(1)) for name in "xyz"]
    event = Event(assignments={"n": 10 * sympy.Symbol("n") + t}, trigger=condition)
    species = [Species(name, "1", level) for name, level in levels.items()]
    found = simulate(Network("turns", species, table(p=(1.0, "1")), reactions, events=[event]), [5.0], rtol=1e-8)
    before, expected = None, 0.0
    for time in (0.5, 1.5, 2.5, 3.5):
        now = condition.subs({x: time - 1, y: time - 2, z: time - 3}) == sympy.true
        if before is False and now:
            expected = 10 * expected + round(time - 0.5)
        before = now
    assert found["n"][0, 0] == pytest.approx(expected, abs=1e-7)


def test_units_of_new_functions():
    def checked(rate, unit="nM"):
        parameters = table(k=(1.0, "nM"), h=(1.0, "h"))
        species = [Species("x", unit, 1.0)]
        Network("units", species, parameters, [Reaction("r", {"x": 1}, rate)]).check_units()

    k, h = sympy.symbols("k h", real=True)
    for rate in (Remainder(x, k) / h, sympy.Mod(x, k) / h, k * Quotient(x, k) / h, k * sympy.acosh(x / k) / h):
        checked(rate)
    checked(sympy.Piecewise((k, sympy.Eq(x > k, h > 1 * h)), (x, sympy.Xor(x > k, x < 2 * k)), (k, True)) / h)
    for rate in (Remainder(x, h) / h, k * sympy.asinh(x) / h, k * Quotient(x, h) / h):
        with pytest.raises(errors.UnitError):
            checked(rate)


def test_functions_are_printed_for_a_gpu():
    every = sympy.Add(*(getattr(sympy, name)(x) for name in ANYWHERE + INSIDE))
    network = Network("many", [Species("x", "1", 1.0)], table(p=(1.0, "1")), [Reaction("r", {"x": 1}, every)])
    text = emit_ptx(print_cells(network.stepper().program))
    assert ".visible .entry step_cells" in text
    assert ".extern" not in text


@pytest.mark.parametrize("rate", [-sympy.factorial(x) / 100, -sympy.asinh(x), sympy.cos(1e5 * t), -sympy.acos(x / 3)])
def test_lanes_integrate_them(rate):
    network = Network("lanes", [Species("x", "1", 2.0)], table(p=(1.0, "1")), [Reaction("r", {"x": 1}, rate)])
    many = simulate(network, [0.05], initial={"x": np.linspace(1.0, 2.0, 9)}, rtol=1e-9, atol=1e-12)["x"][:, 0]
    one = simulate(network, [0.05], initial={"x": 1.5}, rtol=1e-10, atol=1e-13)["x"][0, 0]
    assert many[4] == pytest.approx(one, rel=1e-7)
