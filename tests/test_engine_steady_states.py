"""Laws of steady states: they are where a long run ends."""

import numpy as np
import pytest
import sympy

from autocrine.core import errors
from autocrine.engine import Event, Network, Reaction, Species, simulate, steady_state
from test_engine_network import table
from test_engine_simulation import decay, exchange


def switch():
    """A gene that activates itself: two stable states and one unstable between them."""
    return Network.from_function(
        "switch",
        lambda y, p, _x: [
            Reaction("synthesis", {"a": 1}, p.leak + p.v * y.a**2 / (p.K**2 + y.a**2)),
            Reaction("decay", {"a": -1}, p.d * y.a),
        ],
        [Species("a", "nM")],
        table(leak=(0.01, "nM/h"), v=(1.0, "nM/h"), K=(1.0, "nM"), d=(0.4, "1/h")),
    )


@pytest.mark.parametrize("start", [0.0, 3.0])
def test_a_steady_state_is_the_end_of_a_long_run(start):
    found = steady_state(switch(), {"d": [0.3, 0.4, 0.45]}, initial={"a": start})
    run = simulate(switch(), [5000.0], {"d": [0.3, 0.4, 0.45]}, initial={"a": start}, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(found["a"], run["a"][:, 0], rtol=1e-8)
    assert found.stable.all()
    assert (found.residuals < 1e-9).all()


def test_two_branches_are_kept_apart_and_the_middle_is_unstable():
    low, high = steady_state(switch(), initial={"a": [0.0, 3.0]})["a"]
    assert high > 10 * low
    roots = sorted(root.real for root in np.roots([-0.4, 1.01, -0.4, 0.01]))
    np.testing.assert_allclose([low, high], [roots[0], roots[2]], rtol=1e-9)
    middle = steady_state(switch(), initial={"a": roots[1]}, longest_h=1.0)
    assert middle["a"][0] == pytest.approx(roots[1], rel=1e-6)
    assert not middle.stable[0]


def test_conserved_amounts_stay_what_they_were():
    found = steady_state(exchange(), {"forth": [0.3, 3.0]}, initial={"a": 5.0, "b": 2.0})
    np.testing.assert_allclose(found["total"], 7.0, rtol=1e-13)
    np.testing.assert_allclose(found["a"], [7.0 * 0.1 / 0.4, 7.0 * 0.1 / 3.1], rtol=1e-11)
    np.testing.assert_allclose([each[0].real for each in found.eigenvalues], [-0.4, -3.1], rtol=1e-9)
    assert found.stable.all()
    assert len(found) == 2


def test_what_decays_ends_at_zero_with_doses_off():
    network = decay(events=lambda y, p, _x: [Event(1.0, {"a": y.a + p.dose})])
    assert steady_state(network)["a"][0] == pytest.approx(0.0, abs=1e-9)


def test_an_oscillator_has_no_steady_state_that_is_reached():
    u, v = sympy.symbols("u v")
    brusselator = Network(
        "brusselator",
        [Species("u", "1", 1.5), Species("v", "1", 3.0)],
        table(),
        [Reaction("u", {"u": 1}, 1 + u**2 * v - 4 * u), Reaction("v", {"v": 1}, 3 * u - u**2 * v)],
    )
    with pytest.raises(errors.SolverError, match="no steady state"):
        steady_state(brusselator, longest_h=300.0)
    found = steady_state(brusselator, longest_h=300.0, on_failure="nan", initial={"u": [1.5, 1.0]})
    assert list(found.failures) == [0]
    assert found.values[1] == pytest.approx([1.0, 3.0])
    assert not found.stable.any()


def test_growth_without_end_and_clocks_are_refused():
    t = sympy.Symbol("t")
    grows = Network("grows", [Species("a", "1")], table(), [Reaction("r", {"a": 1}, sympy.Integer(1))])
    with pytest.raises(errors.SolverError, match="species a"):
        steady_state(grows)
    clock = Network("clock", [Species("a", "1")], table(), [Reaction("r", {"a": 1}, sympy.cos(t))])
    with pytest.raises(errors.InputError, match="time t"):
        steady_state(clock)
