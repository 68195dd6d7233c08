"""The compiled functions against plain Python, finite differences and SymPy."""

import math
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autocrine.core import errors
from autocrine.engine import Names, Network, Reaction, Species
from autocrine.engine.compiled import System
from autocrine.engine.python_printer import as_function
from test_engine_network import table

NAMES = [f"y{i}" for i in range(4)]
CONSTANTS = {f"p{i}": (0.5 + 0.4 * i, "1") for i in range(4)}
Y, P = Names.of(NAMES), Names.of(CONSTANTS)
ATOMS = [*(Y[name] for name in NAMES), *(P[name] for name in CONSTANTS), sympy.Integer(1), sympy.Rational(3, 7)]


def grown(inner):
    pair = st.tuples(inner, inner)
    return st.one_of(
        pair.map(lambda both: both[0] + both[1]),
        pair.map(lambda both: both[0] - both[1]),
        pair.map(lambda both: both[0] * both[1]),
        pair.map(lambda both: both[0] / (2 + both[1] ** 2)),
        inner.map(lambda each: sympy.exp(-(each**2))),
        inner.map(lambda each: sympy.log(2 + each**2)),
        inner.map(sympy.tanh),
        inner.map(lambda each: sympy.cos(3 * sympy.tanh(each))),  # of a large argument every rounding error shows
        inner.map(lambda each: sympy.sqrt(1 + each**2)),
        inner.map(lambda each: (1 + each**2) ** P.p1 / (P.p0**2 + (1 + each**2) ** P.p1)),
        inner.map(lambda each: (1 + each**2) ** sympy.Rational(7, 3)),
        pair.map(lambda both: (1 + sympy.tanh(both[0]) ** 2) ** (1 + sympy.tanh(both[1]))),
        pair.map(lambda both: sympy.Piecewise((both[0], Y.y0 > P.p3), (both[1], True))),
        pair.map(lambda both: sympy.Max(both[0], both[1])),
    )


RATES = st.lists(st.recursive(st.sampled_from(ATOMS), grown, max_leaves=6), min_size=2, max_size=4)
STATES = st.lists(st.floats(0.1, 2.0), min_size=4, max_size=4)


def valued(expression: Any, where):
    return float(expression.subs(where))


def system_of(rates, **others):
    reactions = [
        Reaction(f"r{i}", {NAMES[i % 4]: -1, NAMES[(i + 1) % 4]: 2 * P.p2}, rate) for i, rate in enumerate(rates)
    ]
    network = Network("random", [Species(name, "1", 1.0) for name in NAMES], table(**CONSTANTS), reactions, **others)
    system = System(network)
    system.set_parameters(np.array([value for value, _ in CONSTANTS.values()]))
    return system


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(RATES, STATES)
def test_compiled_functions_are_those_of_python_and_the_jacobian_is_the_slope(rates, state):
    system, y = system_of(rates), np.array(state)
    constants, p = [0.0] * system.network.program.hoisted, system.parameters.tolist()
    as_function(system.network.program.blocks["hoist"])(0.0, state, p, [], constants)
    for name, compiled, size in (("rhs", system.derivative, 4), ("jacobian", system.jacobian_columns, 16)):
        expected = [0.0] * size
        as_function(system.network.program.blocks[name])(0.0, state, p, constants, expected)
        found = compiled(0.0, y).ravel()
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-11 * (1 + np.abs(expected).max()))
    _check_slopes(system, y)


def _check_slopes(system, y):
    jacobian = system.jacobian_columns(0.0, y).T.copy()
    middle = system.derivative(0.0, y).copy()
    for j in range(4):
        step = np.zeros(4)
        step[j] = 1e-5
        up, down = system.derivative(0.0, y + step).copy(), system.derivative(0.0, y - step).copy()
        central, forward, backward = (up - down) / 2e-5, (up - middle) / 1e-5, (middle - down) / 1e-5
        smooth = np.abs(forward - backward) < 1e-3 * (1 + np.abs(central))  # a corner of Max has no slope
        scale = 1 + np.abs(middle) + np.abs(central) + np.abs(jacobian[:, j])
        assert (np.abs(jacobian[:, j] - central)[smooth] < 2e-5 * scale[smooth]).all()


@settings(max_examples=15)
@given(STATES)
def test_the_right_hand_side_is_that_of_sympy(state):
    rate = P.p0 * Y.y0**P.p1 / (P.p2**P.p1 + Y.y0**P.p1) - Y.y1**2 * Y.y2 / (P.p3 + Y.y3)
    system = system_of([rate])
    where = dict(zip([*(Y[name] for name in NAMES)], state, strict=True))
    where |= {P[name]: value for name, (value, _) in CONSTANTS.items()}
    assert system.derivative(0.0, np.array(state))[0] == pytest.approx(-valued(rate, where), rel=1e-13, abs=1e-14)


@pytest.mark.parametrize("exponent", [P.p0, P.p1, sympy.Rational(1, 2), sympy.Float(1.7), sympy.Integer(2)])
@pytest.mark.parametrize("level", [0.0, -1e-14, 1e-300])
def test_real_powers_at_and_below_zero_are_finite(exponent, level):
    gate = (Y.y0 / P.p2) ** exponent
    system = system_of([gate / (1 + gate)])
    y = np.array([level, 1.0, 1.0, 1.0])
    assert np.isfinite(system.derivative(0.0, y)).all()
    assert np.isfinite(system.jacobian_columns(0.0, y)).all()
    assert abs(system.derivative(0.0, y)[0]) < 1e-6


def test_a_hill_slope_at_zero_is_exact():
    gate = (Y.y0 / P.p0) ** P.p1  # exponent 0.9 has an infinite slope, 1 has slope 1 / K, 1.7 has none
    system = system_of([gate])
    slopes = []
    for exponent in (1.0, 1.7):
        system.set_parameters(np.array([0.5, exponent, 1.0, 1.0]))
        slopes.append(-system.jacobian_columns(0.0, np.array([0.0, 1.0, 1.0, 1.0]))[0, 0])
    assert slopes == pytest.approx([2.0, 0.0], abs=1e-12)


@pytest.mark.parametrize(
    "rate", [sympy.Max(Y.y0, 1), sympy.Min(Y.y0, 1), sympy.sign(Y.y0), sympy.sqrt(Y.y0), Y.y0**P.p1]
)
def test_not_a_number_is_never_hidden(rate):
    assert math.isnan(system_of([rate]).derivative(0.0, np.array([np.nan, 1.0, 1.0, 1.0]))[0])


def test_logic_follows_sympy():
    rate = sympy.Piecewise(
        (1, sympy.And(Y.y0 > 1, Y.y1 <= 1)),
        (2, sympy.Or(Y.y0 >= 2, Y.y2 > 1)),
        (3, sympy.Ne(Y.y3, 1)),
        (4, sympy.Eq(Y.y1, 0.5)),
        (5, True),
    )
    system = system_of(
        [rate + sympy.Heaviside(Y.y0 - 1) + sympy.floor(Y.y1) + sympy.ceiling(Y.y1) + sympy.Abs(Y.y2 - 3)]
    )
    for state in (
        [1.5, 1.0, 1.0, 1.0],
        [2.5, 1.2, 1.0, 1.0],
        [0.0, 1.0, 2.0, 1.0],
        [0.0, 0.5, 1.0, 1.0],
        [0, 0, 1, 2],
        [0, 0, 1, 1],
    ):
        where = dict(zip([*(Y[name] for name in NAMES)], state, strict=True))
        expected = valued(rate, where) + (state[0] > 1) + math.floor(state[1]) + math.ceil(state[1]) + abs(state[2] - 3)
        assert system.derivative(0.0, np.array(state, float))[0] == -float(expected)


def test_parameters_are_hoisted_and_powers_shared():
    system = system_of([P.p0 * sympy.exp(P.p1) * Y.y0 * (Y.y1 / P.p2) ** P.p3 / (1 + (Y.y1 / P.p2) ** P.p3)])
    operations = [statement.operation for statement in system.network.program.blocks["rhs"].statements]
    assert operations.count("power") == 1
    assert "exp" not in operations


def test_an_unknown_function_is_refused():
    with pytest.raises(errors.InputError, match="functions the engine knows"):
        system_of([sympy.besselj(0, Y.y0)])
