"""Laws of triggered events: analytic times, the order of SBML Level 3 Version 2 (section 4.11), and the oracle."""

import numpy as np
import pytest
import sympy

from autocrine.core import errors
from autocrine.engine import Event, Network, Reaction, Species, simulate
from autocrine.engine.lsoda import Lsoda
from test_engine_network import table

y, v, a, b, c, t = sympy.symbols("y v a b c t")
GRAVITY = 9.81
WAYS = pytest.mark.parametrize("integrator", [None, Lsoda], ids=["compiled", "oracle"])


def quiet(*events, **initial):
    """Nothing but events."""
    levels = {"a": 0.0, "b": 0.0, "c": 0.0} | initial
    return Network("quiet", [Species(n, "1", x) for n, x in levels.items()], table(p=(1.0, "1")), [], events=events)


def clock(*events, **initial):
    """``a`` is time since the start, found by integration."""
    levels = {"a": 0.0, "b": 0.0, "c": 0.0} | initial
    species = [Species(n, "1", x) for n, x in levels.items()]
    return Network("clock", species, table(p=(1.0, "1")), [Reaction("tick", {"a": 1}, sympy.Integer(1))], events=events)


def ball():
    g, e = sympy.symbols("g e")
    return Network(
        "ball",
        [Species("y", "1", 1.0), Species("v", "1")],
        table(g=(GRAVITY, "1"), e=(0.8, "1")),
        [Reaction("fall", {"y": 1}, v), Reaction("gravity", {"v": -1}, g)],
        events=[Event(assignments={"v": -e * v, "y": 0.0}, trigger=y < 0, name="bounce")],
    )


def height(times, e):
    """Return the height of a ball dropped from 1 that keeps the share e of its speed."""
    found = []
    for time in times:
        since, speed = np.sqrt(2 / GRAVITY), np.sqrt(2 * GRAVITY) * e
        if time < since:
            found.append(1 - GRAVITY * time**2 / 2)
            continue
        while time > since + 2 * speed / GRAVITY:
            since, speed = since + 2 * speed / GRAVITY, speed * e
        found.append(speed * (time - since) - GRAVITY * (time - since) ** 2 / 2)
    return np.array(found)


@pytest.mark.parametrize(("integrator", "error"), [(None, 1e-11), (Lsoda, 1e-7)], ids=["compiled", "oracle"])
def test_a_ball_bounces_when_it_should(integrator, error):
    times, kept = np.linspace(0.0, 3.0, 31), np.array([0.75, 0.8, 0.9])
    found = simulate(ball(), times, {"e": kept}, rtol=1e-8, atol=1e-10, integrator=integrator)
    for row, e in enumerate(kept):
        np.testing.assert_allclose(found["y"][row], height(times, e), atol=error)


def test_bounces_without_end_fail_with_the_reason(monkeypatch):
    monkeypatch.setattr("autocrine.engine.triggered_chunk.MOST_MOVES", 300)
    found = simulate(ball(), [2.0], {"e": [0.5, 0.8]}, on_failure="nan")
    assert "more than 300 times" in found.failures[0].cause
    assert np.isnan(found["y"][0, 0])
    assert np.isfinite(found["y"][1, 0])


@WAYS
def test_a_threshold_doses_again_and_again(integrator):
    network = Network(
        "threshold",
        [Species("a", "1", 1.0)],
        table(k=(0.5, "1/h")),
        [Reaction("decay", {"a": -1}, sympy.Symbol("k") * a)],
        events=[Event(assignments={"a": a + 0.5}, trigger=a <= 0.5, name="dose")],
    )
    k, times = np.array([0.3, 0.5, 2.0]), np.linspace(0.0, 10.0, 23)
    found = simulate(network, times, {"k": k}, rtol=1e-8, atol=1e-11, integrator=integrator)["a"]
    phase = np.mod(k[:, None] * times, np.log(2.0))  # it falls from 1 to 1/2 in ln 2 / k
    np.testing.assert_allclose(found, np.exp(-phase), rtol=1e-5)


@WAYS
def test_a_number_triggers_as_it_rises_through_zero(integrator):
    rises = Event(assignments={"b": t}, trigger=sympy.sin(t - 1))
    found = simulate(clock(rises), [0.9, 7.2, 7.3, 12.0], rtol=1e-8, integrator=integrator)["b"][0]
    np.testing.assert_allclose(found, [0.0, 1.0, 1 + 2 * np.pi, 1 + 2 * np.pi], rtol=1e-10)


@WAYS
def test_an_event_at_an_output_time_shows_the_state_after_it(integrator):
    for trigger in (t >= 2, t > 2, sympy.Eq(t, 2), a >= 2, 2 * t > 4):
        dose = Event(assignments={"b": b + 1}, trigger=trigger)
        found = simulate(clock(dose), [1.0, 2.0, 3.0], rtol=1e-8, integrator=integrator)
        assert found["b"][0, [0, 2]].tolist() == [0.0, 1.0], trigger
        if trigger != (a >= 2):  # a is only known to its tolerance
            assert found["b"][0, 1] == 1.0, trigger


@WAYS
def test_triggers_at_the_start(integrator):
    """``initialValue`` of SBML: a trigger that is true at the start fires there only if it counted as false before."""
    fires = Event(assignments={"b": 1.0}, trigger=t >= 0, initial=False)
    silent = Event(assignments={"c": 1.0}, trigger=t >= 0, initial=True)
    found = simulate(quiet(fires, silent), [0.0, 1.0], integrator=integrator)
    assert found["b"][0].tolist() == [1.0, 1.0]
    assert found["c"][0].tolist() == [0.0, 0.0]
    again = Event(assignments={"c": c + 1}, trigger=(a < 1) | (a > 2))  # true, false, true
    assert simulate(clock(again), [3.0], integrator=integrator)["c"][0, 0] == 1.0


@WAYS
def test_priorities_order_what_is_due_at_one_time(integrator):
    def digit(n, **more):
        return Event(assignments={"c": 10 * c + n}, trigger=t >= 1, **more)

    def order(*events):
        return simulate(quiet(*events), [2.0], integrator=integrator)["c"][0, 0]

    assert order(digit(1), digit(2), digit(3)) == 123
    assert order(digit(1, priority=-1), digit(2), digit(3, priority=5)) == 321
    assert order(digit(1, priority=1), digit(2, priority=1), digit(3, priority=2)) in {312, 321}  # drawn
    # priorities are taken again after each execution
    assert order(digit(1, priority=c), digit(2, priority=1), digit(3, priority=2)) == 312
    assert order(digit(1, priority=2 - c), digit(2, priority=1), digit(3, priority=1.5)) == 132


@WAYS
def test_values_of_trigger_time_and_of_execution(integrator):
    first = Event(assignments={"a": 5.0}, trigger=t >= 1, priority=2)
    later = {"assignments": {"b": a}, "trigger": t >= 1, "priority": 1}
    late = simulate(quiet(first, Event(**later)), [2.0], integrator=integrator)
    early = simulate(quiet(first, Event(**later, use_trigger_time_values=True)), [2.0], integrator=integrator)
    assert (late["b"][0, 0], early["b"][0, 0]) == (5.0, 0.0)
    delayed = {"assignments": {"b": a}, "trigger": a >= 1, "delay": 2.0}
    late = simulate(clock(Event(**delayed)), [2.9, 3.5], rtol=1e-8, integrator=integrator)
    early = simulate(
        clock(Event(**delayed, use_trigger_time_values=True)), [2.9, 3.5], rtol=1e-8, integrator=integrator
    )
    np.testing.assert_allclose(late["b"][0], [0.0, 3.0], rtol=1e-9)
    np.testing.assert_allclose(early["b"][0], [0.0, 1.0], rtol=1e-9)


@WAYS
def test_a_delayed_event_is_struck_off_if_it_does_not_persist(integrator):
    pulse = (a > 1) & (a < 2)
    kept = Event(assignments={"b": 1.0}, trigger=pulse, delay=3.0)
    lost = Event(assignments={"c": 1.0}, trigger=pulse, delay=3.0, persistent=False)
    found = simulate(clock(kept, lost), [3.9, 4.1, 9.0], rtol=1e-8, integrator=integrator)
    assert found["b"][0].tolist() == [0.0, 1.0, 1.0]
    assert found["c"][0].tolist() == [0.0, 0.0, 0.0]
    in_time = Event(assignments={"c": 1.0}, trigger=pulse, delay=0.5, persistent=False)
    assert simulate(clock(in_time), [1.4, 1.6], rtol=1e-8, integrator=integrator)["c"][0].tolist() == [0.0, 1.0]


@WAYS
def test_an_execution_strikes_off_what_is_no_longer_true(integrator):
    """Two events at one time; the first makes the second false, which matters only if it does not persist."""
    first = Event(assignments={"a": -1.0}, trigger=t >= 1, priority=2)
    for persistent, expected in ((True, 1.0), (False, 0.0)):
        second = Event(assignments={"b": 1.0}, trigger=(t >= 1) & (a >= 0), persistent=persistent)
        assert simulate(quiet(first, second), [2.0], integrator=integrator)["b"][0, 0] == expected


@WAYS
def test_events_trigger_events(integrator):
    chain = [
        Event(1.0, {"a": 1.0}),
        Event(assignments={"b": 1.0}, trigger=a > 0),
        Event(assignments={"c": t}, trigger=b > 0, delay=0.25),
    ]
    found = simulate(quiet(*chain), [1.0, 1.2, 1.25], integrator=integrator)
    assert found["b"][0].tolist() == [1.0, 1.0, 1.0]
    assert found["c"][0].tolist() == [0.0, 0.0, 1.25]
    overlapping = Event(assignments={"b": b + 1}, trigger=sympy.sin(t - 1) > 0, delay=10.0)
    assert simulate(clock(overlapping), [40.0], rtol=1e-8, integrator=integrator)["b"][0, 0] == 5.0


def test_events_that_trigger_one_another_for_ever_fail():
    up = Event(assignments={"a": 1.0, "b": 0.0}, trigger=b > 0)
    down = Event(assignments={"a": 0.0, "b": 1.0}, trigger=a > 0)
    with pytest.raises(errors.SolverError, match="trigger one another"):
        simulate(quiet(up, down, Event(1.0, {"b": 1.0})), [2.0])


@WAYS
def test_a_switch_with_hysteresis(integrator):
    """A heater: below 18 it goes on, above 22 off; between it stays what it was."""
    on = Event(assignments={"power": 30.0}, trigger=a < 18, initial=False)
    off = Event(assignments={"power": 0.0}, trigger=a > 22)
    network = Network(
        "heater",
        [Species("a", "1", 15.0)],
        table(power=(0.0, "1/h")),
        [Reaction("warming", {"a": 1}, sympy.Symbol("power")), Reaction("cooling", {"a": -1}, a - 10)],
        events=[on, off],
    )
    first = np.log(25.0 / 18.0)  # from 15 to 22 towards 40
    cold, warm = np.log(12.0 / 8.0), np.log(22.0 / 18.0)
    times = np.array([first, first + cold, first + cold + warm, first + 2 * cold + warm]) + 1e-3
    found = simulate(network, times, rtol=1e-9, atol=1e-11, integrator=integrator)["a"][0]
    up, down = (lambda x: 40 + (x - 40) * np.exp(-1e-3)), (lambda x: 10 + (x - 10) * np.exp(-1e-3))
    np.testing.assert_allclose(found, [down(22.0), up(18.0), down(22.0), up(18.0)], rtol=1e-7)


@WAYS
def test_what_touches_its_threshold_without_passing_it_does_not_trigger(integrator):
    touch = Event(assignments={"b": 1.0}, trigger=sympy.sin(t) > 1)
    assert simulate(clock(touch), [3.0], integrator=integrator)["b"][0, 0] == 0.0


@WAYS
def test_short_pulses_in_time_are_not_missed(integrator):
    pulse = Event(assignments={"b": b + 1}, trigger=(t >= 50) & (t < 50.0001))
    assert simulate(quiet(pulse), [100.0], integrator=integrator)["b"][0, 0] == 1.0


def test_a_thousand_trajectories_each_with_own_times_agree_with_the_oracle():
    k, d, level = sympy.symbols("k d level")
    network = Network(
        "feedback",
        [Species("a", "1"), Species("b", "1"), Species("c", "1")],
        table(k=(1.0, "1/h"), d=(0.3, "1/h"), level=(1.0, "1")),
        [
            Reaction("make", {"a": 1}, k / (1 + c**2)),
            Reaction("turn", {"a": -1, "b": 1}, d * a),
            Reaction("loss", {"b": -1}, 0.5 * b),
            Reaction("cure", {"c": -1}, d * c),
        ],
        events=[
            Event(assignments={"c": c + 2}, trigger=b > level, delay=0.5 * level, name="treat"),
            Event(assignments={"k": 0.9 * k}, trigger=(c > 1) & (a < 1), name="adapt"),
        ],
    )
    rng, count = np.random.default_rng(5), 1000
    values = {"k": rng.uniform(0.5, 2.0, count), "d": rng.uniform(0.2, 0.6, count), "level": rng.uniform(0.3, 1, count)}
    times = np.linspace(0.0, 30.0, 7)
    found = simulate(network, times, values, rtol=1e-8, atol=1e-10)
    some = np.arange(0, count, 25)
    few = {name: value[some] for name, value in values.items()}
    oracle = simulate(network, times, few, rtol=1e-9, atol=1e-11, integrator=Lsoda)
    np.testing.assert_allclose(found.values[some], oracle.values, rtol=2e-5, atol=1e-7)
    assert (found["c"][:, 1:] > 0.1).any(axis=1).mean() > 0.9
    for threads in (1, 2):
        again = simulate(network, times, few, rtol=1e-8, atol=1e-10, threads=threads).values
        np.testing.assert_array_equal(again, found.values[some])


def test_dosing_tables():
    rows = [
        {"time_h": 1.0, "species": "a", "amount": 2.0},
        {"time_h": 2.0, "species": "b", "amount": sympy.Symbol("p"), "every_h": 3.0, "count": 3},
    ]
    found = simulate(quiet(), [0.0, 1.0, 4.9, 5.0, 20.0], events=Event.doses(rows))
    assert found["a"][0].tolist() == [0.0, 2.0, 2.0, 2.0, 2.0]
    assert found["b"][0].tolist() == [0.0, 0.0, 1.0, 2.0, 3.0]
    import pandas as pd

    frame = pd.DataFrame([{"time_h": 1.0, "species": "a", "amount": 2.0, "every_h": np.nan, "count": np.nan}])
    assert [event.time for event in Event.doses(frame)] == [1.0]
    assert len(Event.doses({"time_h": [1.0, 2.0], "species": ["a", "b"], "amount": [1, 2]})) == 2


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"time_h": 1.0, "species": "a"}, "row 1.*amount"),
        ({"time_h": "soon", "species": "a", "amount": 1}, "time_h must be a number"),
        ({"time_h": np.inf, "species": "a", "amount": 1}, "time_h must be finite"),
        ({"time_h": 1.0, "species": 3, "amount": 1}, "species must be a name"),
        ({"time": 1.0, "species": "a", "amount": 1}, "try time_h"),
        ({"time_h": 1.0, "species": "a", "amount": 1, "every_h": 2.0}, "count"),
        ({"time_h": 1.0, "species": "a", "amount": 1, "every_h": 0.0, "count": 2}, "every_h must be a positive"),
        ({"time_h": 1.0, "species": "a", "amount": 1, "every_h": 1.0, "count": 1.5}, "whole number"),
        ("nothing", "must name its columns"),
    ],
)
def test_bad_dosing_tables_are_refused(row, message):
    with pytest.raises(errors.InputError, match=message):
        Event.doses([row])


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (Event(1.0, {"a": 1.0}, trigger=t > 1), "a time or a trigger"),
        (Event(assignments={"a": 1.0}, trigger=sympy.Symbol("z") > 1), "trigger of event 1.*declared"),
        (Event(assignments={"a": 1.0}, trigger="t > 1"), "trigger of event 1"),
        (Event(assignments={"a": 1.0}, trigger=t > 1, delay=sympy.Symbol("z")), "delay of event 1"),
        (Event(assignments={"a": 1.0}, trigger=t > 1, priority="high"), "priority of event 1"),  # pyright: ignore[reportArgumentType]
        (Event(assignments={"a": 1.0}, trigger=t > 1, persistent=0), "persistent must be True or False"),  # pyright: ignore[reportArgumentType]
        (Event(assignments={"a": 1.0}, trigger=sympy.besselj(0, t) > 1), "functions the engine knows"),
    ],
)
def test_bad_events_are_refused(event, message):
    with pytest.raises(errors.InputError, match=message):
        simulate(quiet(), [2.0], events=[event])


@WAYS
def test_a_negative_delay_fails_the_trajectory(integrator):
    wrong = Event(assignments={"b": 1.0}, trigger=t > 1, delay=sympy.Symbol("p") - 2, name="wrong")
    with pytest.raises(errors.SolverError, match="delay of event 'wrong' is -1"):
        simulate(quiet(wrong), [2.0], integrator=integrator)


def test_units_of_triggers_and_delays_are_checked():
    k = sympy.Symbol("k")
    for wrong in ({"trigger": a > k}, {"trigger": a > 0, "delay": a}):
        network = Network(
            "n", [Species("a", "nM")], table(k=(1.0, "1/h")), [], events=[Event(assignments={"a": 0.0}, **wrong)]
        )
        with pytest.raises(errors.UnitError):
            network.check_units()


@WAYS
def test_comparisons_of_time_within_rules_and_pieces_are_not_missed(integrator):
    pulse = sympy.Piecewise((1, (t > 1) & (t < 1.001)), (0, True))
    event = Event(assignments={"b": b + t}, trigger=sympy.Symbol("pulse") > 0.5)
    network = Network(
        "pulse", [Species("a", "1", 1.0), Species("b", "1")], table(p=(1.0, "1")), [Reaction("loss", {"a": -1}, a)],
        rules={"pulse": pulse}, events=[event],
    )  # fmt: skip
    found = simulate(network, [0.5, 1.5, 50.0], rtol=1e-8, integrator=integrator)["b"][0]
    np.testing.assert_allclose(found, [0.0, 1.0, 1.0], rtol=1e-12)
