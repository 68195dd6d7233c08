"""Laws of time courses: conservation, analytic solutions, convergence, events, failures, bad input."""

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine.core import errors
from autocrine.engine import Event, Network, Reaction, Species, simulate
from autocrine.engine.lsoda import Lsoda
from test_engine_network import table

TIMES = np.linspace(0.0, 12.0, 7)


def exchange(**others):
    """A <-> B with an exact solution."""
    return Network.from_function(
        "exchange",
        lambda y, p, _x: [
            Reaction("there", {"a": -1, "b": 1}, p.forth * y.a),
            Reaction("back", {"b": -1, "a": 1}, p.back * y.b),
        ],
        [Species("a", "nM", 1.0), Species("b", "nM")],
        table(forth=(0.3, "1/h"), back=(0.1, "1/h"), dose=(2.0, "nM"), tau=(5.0, "h")),
        observables=lambda y, _p, _x: {"total": y.a + y.b},
        **others,
    )


def level_of_a(times, forth=0.3, back=0.1):
    share = back / (forth + back)
    return share + (1 - share) * np.exp(-(forth + back) * times)


def decay(**others):
    return Network.from_function(
        "decay",
        lambda y, p, _x: [Reaction("decay", {"a": -1}, p.k * y.a)],
        [Species("a", "nM", 1.0)],
        table(k=(0.5, "1/h"), dose=(2.0, "nM"), tau=(5.0, "h")),
        **others,
    )


def test_exchange_follows_its_exact_solution_and_conserves_mass():
    found = simulate(exchange(), TIMES, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(found["a"][0], level_of_a(TIMES), rtol=1e-8)
    np.testing.assert_allclose(found["total"][0], 1.0, rtol=0, atol=1e-14 * 50)
    assert found.values.shape == (1, 7, 3)
    assert found.names == ("a", "b", "total")


@settings(max_examples=15)
@given(st.lists(st.floats(1e-3, 10.0), min_size=1, max_size=5))
def test_decay_is_exponential(rates):
    found = simulate(decay(), TIMES, {"k": np.array(rates)}, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found["a"], np.exp(-np.outer(rates, TIMES)), rtol=1e-5, atol=1e-9)


def test_a_smaller_tolerance_gives_a_smaller_error():
    def error(rtol):
        return np.abs(simulate(exchange(), TIMES, rtol=rtol, atol=rtol * 1e-3)["a"][0] - level_of_a(TIMES)).max()

    wide, middle, narrow = error(1e-3), error(1e-6), error(1e-9)
    assert wide > 30 * middle > 900 * narrow


def test_order_and_splitting_of_an_ensemble_do_not_matter():
    rates = np.random.default_rng(3).uniform(0.01, 3.0, 12)
    together = simulate(exchange(), TIMES, {"forth": rates}).values
    order = np.random.default_rng(4).permutation(12)
    np.testing.assert_array_equal(simulate(exchange(), TIMES, {"forth": rates[order]}).values, together[order])
    parts = [simulate(exchange(), TIMES, {"forth": part}).values for part in (rates[:5], rates[5:])]
    np.testing.assert_array_equal(np.concatenate(parts), together)


def test_output_times_hardly_matter():
    dense = simulate(exchange(), np.linspace(0, 12, 200), rtol=1e-9, atol=1e-12)["a"][0, -1]
    sparse = simulate(exchange(), [12.0], rtol=1e-9, atol=1e-12)["a"][0, 0]
    assert dense == pytest.approx(sparse, rel=1e-7)


def test_robertson_meets_the_published_reference():
    # Mazzia & Magherini, Test Set for Initial Value Problem Solvers, release 2.4 (2008), problem ROBER at t = 1e11
    network = Network.from_function(
        "robertson",
        lambda y, p, _x: [
            Reaction("first", {"u": -1, "v": 1}, p.k1 * y.u),
            Reaction("second", {"v": -1, "w": 1}, p.k2 * y.v**2),
            Reaction("third", {"v": -1, "u": 1}, p.k3 * y.v * y.w),
        ],
        [Species("u", "1", 1.0), Species("v", "1"), Species("w", "1")],
        table(k1=(0.04, "1/h"), k2=(3e7, "1/h"), k3=(1e4, "1/h")),
    )
    network.check_units()
    found = simulate(network, [1e11], rtol=1e-8, atol={"u": 1e-16, "v": 1e-20, "w": 1e-12}).values[0, 0]
    np.testing.assert_allclose(found, [0.2083340149701255e-07, 0.8333360770334713e-13, 0.9999999791665050], rtol=1e-4)
    assert found.sum() == pytest.approx(1.0, abs=1e-12)


def test_oregonator_meets_the_published_reference():
    # Mazzia & Magherini 2008, problem OREGO at t = 360
    u, v, w = (sympy.Symbol(name) for name in "uvw")
    reactions = [
        Reaction("u", {"u": 77.27}, v + u * (1 - 8.375e-6 * u - v)),
        Reaction("v", {"v": 1 / 77.27}, w - (1 + u) * v),
        Reaction("w", {"w": 0.161}, u - w),
    ]
    network = Network(
        "oregonator", [Species("u", "1", 1.0), Species("v", "1", 2.0), Species("w", "1", 3.0)], table(), reactions
    )
    found = simulate(network, [360.0], rtol=1e-10, atol=1e-12).values[0, 0]
    np.testing.assert_allclose(found, [0.1000814870318523e1, 0.1228178521549917e4, 0.1320554942846706e3], rtol=1e-4)


def test_initial_values_may_follow_parameters_and_be_given():
    network = Network("n", [Species("a", "nM", 2 * sympy.Symbol("dose"))], table(dose=(2.0, "nM")), [])
    assert simulate(network, [0.0])["a"][0, 0] == 4.0
    assert simulate(network, [0.0, 1.0], {"dose": [1.0, 3.0]})["a"][:, 1].tolist() == [2.0, 6.0]
    assert simulate(network, [3.0], initial={"a": [1.0, 5.0, 7.0]})["a"][:, 0].tolist() == [1.0, 5.0, 7.0]


def test_rates_may_depend_on_time():
    t = sympy.Symbol("t")
    network = Network("clock", [Species("a", "1")], table(), [Reaction("r", {"a": 1}, sympy.cos(t))])
    found = simulate(network, TIMES, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(found["a"][0], np.sin(TIMES), atol=1e-7)
    late = simulate(network, [4.0], start=2.0, rtol=1e-9, atol=1e-11)["a"][0, 0]
    assert late == pytest.approx(np.sin(4.0) - np.sin(2.0), abs=1e-7)


def test_an_event_shows_the_state_after_it():
    dose = Event(2.0, {"a": sympy.Symbol("a") + sympy.Symbol("dose")}, "dose")
    found = simulate(decay(), [0.0, 1.0, 2.0, 4.0], events=[dose], rtol=1e-9, atol=1e-12)["a"][0]
    after = np.exp(-1.0) + 2.0
    np.testing.assert_allclose(found, [1.0, np.exp(-0.5), after, after * np.exp(-1.0)], rtol=1e-6)
    only_after = simulate(decay(), [4.0], events=[dose], rtol=1e-9, atol=1e-12)["a"][0]
    np.testing.assert_allclose(only_after, found[-1:], rtol=1e-7)


def test_event_times_follow_the_parameters_of_each_trajectory():
    network = decay(events=lambda y, p, _x: [Event(p.tau, {"a": y.a + p.dose})])
    network.check_units()
    found = simulate(network, [0.0, 4.0], {"tau": [0.0, 1.0, 3.0, 9.0]}, rtol=1e-9, atol=1e-12)["a"]
    expected = [3 * np.exp(-2.0)] + [np.exp(-2.0) + 2 * np.exp(-0.5 * (4.0 - tau)) for tau in (1.0, 3.0)]
    np.testing.assert_allclose(found[:, 1], [*expected, np.exp(-2.0)], rtol=1e-6)
    assert found[0, 0] == 3.0


def test_events_at_one_time_happen_in_order_and_each_reads_before_it_sets():
    a, b = sympy.symbols("a b")
    swap, double, never = Event(1.0, {"a": b, "b": a}), Event(1.0, {"a": 2 * a}), Event(float("inf"), {"a": 99.0})
    network = Network("n", [Species("a", "1", 1.0), Species("b", "1", 5.0)], table(), [])
    assert simulate(network, [1.0], events=[swap, double, never]).values[0, 0].tolist() == [10.0, 1.0]
    assert simulate(network, [1.0], events=[double, swap, never]).values[0, 0].tolist() == [5.0, 2.0]


def test_an_event_may_set_a_parameter_for_its_own_trajectory_only():
    stop = Event(2.0, {"k": 0.0})
    found = simulate(decay(), [2.0, 9.0], {"k": [0.5, 0.25]}, events=[stop], rtol=1e-9, atol=1e-12)["a"]
    np.testing.assert_allclose(found, [[np.exp(-1.0)] * 2, [np.exp(-0.5)] * 2], rtol=1e-6)


def test_an_event_may_use_rules():
    t, gate = sympy.symbols("t gate")
    network = Network("n", [Species("a", "1", 3.0)], table(), [], rules={"gate": 2 * sympy.Symbol("a") + t})
    assert simulate(network, [1.0], events=[Event(1.0, {"a": gate})])["gate"][0, 0] == 15.0


def explosion(time_unit="h"):
    a = sympy.Symbol("a")
    reactions = [Reaction("r", {"a": 1}, sympy.Symbol("k") * a**2)]
    return Network("explosion", [Species("a", "1", 1.0)], table(k=(1.0, "1")), reactions, time_unit=time_unit)


def test_a_failure_says_where_and_stops_no_other_trajectory():
    with pytest.raises(errors.SolverError) as caught:
        simulate(explosion(), [0.5, 2.0], {"k": [0.0, 1.0]})
    assert caught.value.trajectory == 1
    assert caught.value.species == "a"
    assert caught.value.time_h == pytest.approx(1.0, abs=1e-3)
    assert " h, species a" in str(caught.value)
    found = simulate(explosion(), [0.5, 2.0], {"k": [0.0, 1.0, 0.1]}, on_failure="nan")
    assert list(found.failures) == [1]
    assert np.isnan(found["a"][1]).all()
    np.testing.assert_allclose(found["a"][[0, 2], 1], [1.0, 1 / 0.8], rtol=1e-5)


@pytest.mark.parametrize("integrator", [None, Lsoda])
def test_a_failure_says_its_time_in_the_unit_of_the_network(integrator):
    found = simulate(explosion("second"), [2.0], on_failure="nan", integrator=integrator)
    assert " second, species a" in str(found.failures[0])


def test_an_event_that_sets_no_number_fails_its_trajectory():
    with pytest.raises(errors.SolverError, match=r"event 'bad'.*"):
        simulate(decay(), [2.0], {"k": 0.0}, events=[Event(1.0, {"a": 1 / sympy.Symbol("k")}, "bad")])


def test_progress_counts_trajectories():
    seen = []
    simulate(decay(), [1.0], {"k": np.ones(3)}, progress=seen.append)
    assert seen == [1, 2, 3]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"times": [0.0, 0.0]}, "times must increase"),
        ({"times": []}, "times must be"),
        ({"times": [np.nan]}, "finite"),
        ({"times": [-1.0]}, "before the start"),
        ({"times": "soon"}, "numbers"),
        ({"parameters": {"k": np.nan}}, "parameter k must be finite"),
        ({"parameters": {"k": [1.0, np.inf]}}, "trajectory 1"),
        ({"parameters": {"kk": 1.0}}, "try k"),
        ({"parameters": {"k": "fast"}}, "number"),
        ({"parameters": {"k": [1.0, 2.0], "dose": [1.0, 2.0, 3.0]}}, "one length"),
        ({"parameters": {"k": [1.0, 2.0]}, "initial": {"a": [1.0, 2.0, 3.0]}}, "one length"),
        ({"parameters": {"k": []}}, "one axis"),
        ({"initial": {"b": 1.0}}, "species"),
        ({"outputs": ["b"]}, "output"),
        ({"rtol": -1.0}, "rtol must be a positive"),
        ({"atol": 0.0}, "atol must be a positive"),
        ({"atol": {"a": float("nan")}}, "atol of a"),
        ({"atol": {"b": 1.0}}, "species"),
        ({"on_failure": "ignore"}, "on_failure"),
        ({"events": [Event(-1.0, {"a": 0.0}, "early")]}, "event 'early'.*before the start"),
        ({"events": [Event(1.0, {"z": 0.0}, "lost")]}, "event 'lost'"),
    ],
)
def test_bad_input_is_refused(arguments, message):
    with pytest.raises(errors.InputError, match=message):
        simulate(decay(), **{"times": [1.0], **arguments})


def test_an_output_that_was_not_asked_for_is_refused():
    with pytest.raises(errors.InputError, match="asked for"):
        _ = simulate(exchange(), [1.0], outputs=["b"])["a"]
