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


def test_conservation_laws_are_whole_numbers_and_independent():
    a, b, c, e = sympy.symbols("a b c e")
    species = [Species(name, "1", 1.0) for name in ("a", "b", "c", "e", "idle")]
    reactions = [
        Reaction("bind", {"a": -2, "e": -1, "c": 1}, a * e),
        Reaction("free", {"a": 2, "e": 1, "c": -1}, c),
        Reaction("turn", {"c": -1, "e": 1, "b": 0.5}, c),
        Reaction("back", {"b": -0.5, "a": 2}, b),
    ]
    laws = Network("enzyme", species, table(), reactions).conservation_laws()
    assert len(laws) == 3
    assert {"idle": 1} in laws
    for law in laws:
        assert all(each.is_Integer for each in law.values())
        for reaction in reactions:
            change = sum(law.get(n, 0) * sympy.Rational(str(x)) for n, x in reaction.stoichiometry.items())
            assert change == 0
    assert exchange().conservation_laws() == ({"a": 1, "b": 1},)
    assert decay().conservation_laws() == ()


def test_conservation_laws_may_hold_parameters_but_not_the_state():
    x, y, V, n = sympy.symbols("x y V n")
    reactions = [Reaction("out", {"x": -1, "y": n / V}, x), Reaction("in", {"y": -n / V, "x": 1}, y)]
    network = Network(
        "two rooms", [Species("x", "1", 1.0), Species("y", "1")], table(V=(3.0, "1"), n=(2.0, "1")), reactions
    )
    (law,) = network.conservation_laws()
    assert str(law["x"] / law["y"]) == "n/V"
    found = steady_state(network, {"V": [3.0, 8.0]})
    np.testing.assert_allclose(found["x"] * [2 / 3, 2 / 8] + found["y"], [2 / 3, 2 / 8], rtol=1e-12)
    np.testing.assert_allclose(found["x"], found["y"], rtol=1e-9)
    moody = [Reaction("r", {"x": -1, "y": x + y}, x)]
    assert Network("moody", network.species, table(), moody).conservation_laws() == ()
    ruled = [Reaction("r", {"x": -1, "y": sympy.Symbol("twice")}, x)]
    rules = {"twice": 2 * sympy.Symbol("V")}
    (law,) = Network("ruled", network.species, table(V=(3.0, "1")), ruled, rules=rules).conservation_laws()
    assert str(law["x"] / law["y"]) == "2*V"


def test_a_thousand_steady_states_agree_with_long_runs_on_any_number_of_threads():
    rng = np.random.default_rng(7)
    values = {"d": rng.uniform(0.2, 0.45, 1000), "v": rng.uniform(0.8, 1.2, 1000)}
    start = {"a": rng.choice([0.0, 3.0], 1000)}
    found = steady_state(switch(), values, initial=start, threads=2)
    alone = steady_state(switch(), values, initial=start, threads=1)
    np.testing.assert_array_equal(found.values, alone.values)
    run = simulate(switch(), [1e4], values, initial=start, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(found["a"], run["a"][:, 0], rtol=1e-7)
    assert found.stable.all()


def test_where_nothing_moves_everything_is_steady():
    still = Network("still", [Species("a", "1", 2.0), Species("b", "1", 3.0)], table(), [])
    found = steady_state(still, initial={"a": [1.0, 5.0]})
    np.testing.assert_array_equal(found.values, [[1.0, 3.0], [5.0, 3.0]])
    frozen = steady_state(exchange(), {"forth": [0.0, 0.3], "back": [0.0, 0.1]}, initial={"b": 4.0})
    np.testing.assert_allclose(frozen["a"], [1.0, 1.25], rtol=1e-12)
    np.testing.assert_allclose(frozen["total"], 5.0, rtol=1e-14)


def test_bad_input_is_refused():
    with pytest.raises(errors.InputError, match="longest_h"):
        steady_state(exchange(), longest_h=0.0)
    with pytest.raises(errors.InputError, match="rtol"):
        steady_state(exchange(), rtol=-1.0)
    with pytest.raises(errors.InputError, match="species"):
        steady_state(exchange(), initial={"z": 1.0})
