"""Laws of derivatives across triggered events: known solutions, finite differences, and where there are none."""

from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from autocrine.assay.well_network import well_network
from autocrine.core import errors
from autocrine.engine import Event, Network, Reaction, Species, simulate
from test_engine_network import table
from test_engine_trigger import ball

TIGHT: Any = {"rtol": 1e-10, "atol": 1e-12}
t = sympy.Symbol("t", real=True)


def real(names):
    return sympy.symbols(names, real=True)


def check(network, values, times, solution, *, start=(), **given):
    """Compare the derivatives of ``a`` with those of a solution in the parameters, and initial values in ``start``."""
    by = [*values, *(f"initial:{name}" for name in start)]
    found = simulate(network, times, values, gradient=by, **(TIGHT | given))
    late = real("late")
    for column, time in enumerate(times):
        term, point = solution(time, late), {late: time}
        point |= {real(name): value for name, value in values.items()} | {real(n): v for n, v in start}
        assert found["a"][0, column] == pytest.approx(float(term.subs(point)), rel=1e-7, abs=1e-10)
        for name in by:
            expected = float(term.diff(real(name.removeprefix("initial:"))).subs(point))
            got = found.derivative("a", name)[0, column]
            assert got == pytest.approx(expected, rel=3e-7, abs=1e-8), (name, time)


def test_derivatives_of_a_ball_that_bounces_are_known():
    g, e, h, late = real("g e h late")
    by, times = ["g", "e", "initial:y"], np.array([0.3, 0.7, 1.5, 2.2, 2.5])
    values = {g: 9.81, e: 0.8, h: 1.0}
    found = simulate(ball(), times, gradient=by, **TIGHT)
    for column, time in enumerate(times):
        since, speed, term = sympy.sqrt(2 * h / g), e * sympy.sqrt(2 * h * g), h - g * late**2 / 2
        while float(since.subs(values)) < time:
            term = speed * (late - since) - g * (late - since) ** 2 / 2
            since, speed = since + 2 * speed / g, e * speed
        for name, each in zip(by, (g, e, h), strict=True):
            expected = float(term.diff(each).subs(values | {late: time}))
            assert found.derivative("y", name)[0, column] == pytest.approx(expected, rel=1e-8, abs=1e-9)


@pytest.mark.parametrize("trigger_values", [True, False])
def test_values_that_are_scaled_when_they_are_set(trigger_values):
    a, k, top, low, first, wait = real("a k top low first wait")
    network = Network(
        "growth",
        [Species("a", "1", first)],
        table(k=(0.7, "1/h"), top=(3.0, "1"), low=(0.01, "1"), first=(1.0, "1"), wait=(0.4, "h")),
        [Reaction("growth", {"a": 1}, k * a)],
        events=[
            Event(
                assignments={"a": low * a},
                trigger=a >= top,
                delay=wait,
                scales={"a": k * a},
                use_trigger_time_values=trigger_values,
            )
        ],
    )
    values = {"k": 0.7, "top": 3.0, "low": 0.01, "first": 1.0, "wait": 0.4}

    def solution(time, late):
        met = sympy.log(top / first) / k
        if time < 2.0:
            return first * sympy.exp(k * late)
        then = top * sympy.exp(k * wait)
        return low * (top if trigger_values else then) * k * then * sympy.exp(k * (late - met - wait))

    check(network, values, np.array([1.0, 2.5, 4.0]), solution)


def test_a_parameter_that_only_a_scale_makes_depend_on_others():
    a, k, share = real("a k share")
    network = Network(
        "decay",
        [Species("a", "1", 1.0)],
        table(k=(0.7, "1/h"), share=(0.3, "1")),
        [Reaction("decay", {"a": -1}, k * a)],
        events=[Event(1.0, {"k": 2.0}, scales={"k": share})],
    )
    check(
        network,
        {"k": 0.7, "share": 0.3},
        np.array([0.5, 3.0]),
        lambda time, late: sympy.exp(-k * late if time < 1.0 else -k - 2 * share * (late - 1)),
    )


def test_growth_that_is_set_back_at_a_threshold():
    a, k, top, low, first = real("a k top low first")
    network = Network(
        "growth",
        [Species("a", "1", first)],
        table(k=(0.7, "1/h"), top=(3.0, "1"), low=(0.5, "1"), first=(1.0, "1")),
        [Reaction("growth", {"a": 1}, k * a)],
        events=[Event(assignments={"a": low}, trigger=a >= top)],
    )
    values = {"k": 0.7, "top": 3.0, "low": 0.5, "first": 1.0}

    def solution(time, late):
        met, period = sympy.log(top / first) / k, sympy.log(top / low) / k
        numbers = [float(each.subs({real(n): v for n, v in values.items()})) for each in (met, period)]
        if time < numbers[0]:
            return first * sympy.exp(k * late)
        return low * sympy.exp(k * (late - met - period * ((time - numbers[0]) // numbers[1])))

    check(network, values, [1.0, 2.0, 4.5, 9.0], solution)


def doses(*, early: bool, persistent: bool = True):
    """A dose some time after a level has fallen to a threshold; the delay depends on the level as it falls."""
    a, low, wait, share, first = real("a low wait share first")
    event = Event(
        assignments={"a": a * share + t * low},
        trigger=a < low,
        delay=wait * a**2,
        use_trigger_time_values=early,
        persistent=persistent,
    )
    species = [Species("a", "1", first)]
    constants = {"k": (0.5, "1/h"), "low": (0.6, "1"), "wait": (2.0, "h"), "share": (3.0, "1"), "first": (2.0, "1")}
    change = [Reaction("loss", {"a": -1}, real("k") * a)]
    return Network("doses", species, table(**constants), change, events=[event]), {
        n: v for n, (v, _) in constants.items()
    }


@pytest.mark.parametrize("early", [False, True])
def test_a_delayed_dose_after_a_level_has_fallen(early):
    network, values = doses(early=early)
    k, low, wait, share, first = real("k low wait share first")
    met = sympy.log(first / low) / k
    due = met + wait * low**2

    def solution(time, late):
        plain = first * sympy.exp(-k * late)
        if time < float(due.subs({real(n): v for n, v in values.items()})):
            return plain
        level = low if early else first * sympy.exp(-k * due)
        return (level * share + (met if early else due) * low) * sympy.exp(-k * (late - due))

    check(network, values, [1.0, 2.5, 3.0, 3.5, 4.0], solution)


def test_a_timed_event_with_a_delay():
    a, k, tau, wait, first = real("a k tau wait first")
    event = Event(tau, {"a": 2 * a}, delay=wait * a, priority=1.0)
    constants = {"k": (0.5, "1/h"), "tau": (1.0, "h"), "wait": (0.8, "h"), "first": (2.0, "1")}
    network = Network(
        "late", [Species("a", "1", first)], table(**constants), [Reaction("loss", {"a": -1}, k * a**2)], events=[event]
    )
    due = tau + wait / (1 / first + k * tau)

    def solution(time, late):
        level = 1 / (1 / first + k * due)
        return 1 / (1 / first + k * late) if time < 1.8 else 1 / (1 / (2 * level) + k * (late - due))

    check(network, {n: v for n, (v, _) in constants.items()}, [0.5, 1.2, 3.0], solution)


@pytest.mark.parametrize("strict", [False, True])
def test_triggers_on_time_and_what_triggers_at_the_start(strict):
    a, k, tau, gain = real("a k tau gain")
    when = (3 * t > tau) if strict else (3 * t >= tau)
    events = [
        Event(assignments={"a": a + gain}, trigger=when & (a > 0.1)),
        Event(assignments={"a": gain * a}, trigger=a < 5, initial=False),
    ]
    constants = {"k": (0.5, "1/h"), "tau": (3.1, "h"), "gain": (1.5, "1")}
    loss = [Reaction("loss", {"a": -1}, k * a)]
    network = Network("start", [Species("a", "1", 2.0)], table(**constants), loss, events=events)

    def solution(time, late):
        early = 2 * gain * sympy.exp(-k * late)
        return early if time < 3.1 / 3 else early + gain * sympy.exp(-k * (late - tau / 3))

    check(network, {n: v for n, (v, _) in constants.items()}, [0.0, 1.0, 2.0], solution)


def test_what_an_execution_triggers_happens_when_that_does():
    """At the threshold b is filled, which triggers a dose, which triggers another one an hour later."""
    a, b, k, low, first = real("a b k low first")
    events = [
        Event(assignments={"a": a + b}, trigger=b > 0.5),
        Event(assignments={"b": 1.0 + low}, trigger=a < low),
        Event(assignments={"a": 2 * a}, trigger=(b > 0.5) & (t > 0), delay=1.0, priority=2),
    ]
    constants = {"k": (0.5, "1/h"), "low": (0.6, "1"), "first": (2.0, "1")}
    species = [Species("a", "1", first), Species("b", "1", 0.0)]
    network = Network("chain", species, table(**constants), [Reaction("loss", {"a": -1}, k * a)], events=events)
    met = sympy.log(first / low) / k

    def solution(time, late):
        if time < 2.4:
            return first * sympy.exp(-k * late)
        return (low + 1 + low) * sympy.exp(-k * (late - met)) * (1 if time < 3.4 else 2)

    check(network, {n: v for n, (v, _) in constants.items()}, [2.0, 3.0, 4.0], solution)


def test_the_comparison_that_turned_is_the_one_that_counts():
    """Conditions within a rule count too: the level at which the rule becomes 2 is a threshold."""
    a, b, low, high, first = real("a b low high first")
    rule = sympy.Piecewise((2, a < low), (1, True))
    conditions = [
        (a < low) & (a < high),
        (a < low) | (b > 5),
        ~(a >= low) & (b > 0.2),
        sympy.Xor(a < low, b > 5),
        real("level") > 1.5,
        low - a,
    ]
    constants = {"k": (0.5, "1/h"), "low": (0.6, "1"), "high": (0.9, "1"), "first": (2.0, "1")}
    k = real("k")
    change = [Reaction("loss", {"a": -1}, k * a), Reaction("gain", {"b": 1}, first / 2)]
    met = sympy.log(first / low) / k

    def solution(time, late):
        return first * sympy.exp(-k * late) if time < 2.4 else (first + low) * sympy.exp(-k * (late - met))

    for condition in conditions:
        network = Network(
            "turn",
            [Species("a", "1", first), Species("b", "1", 0.0)],
            table(**constants),
            change,
            rules={"level": rule},
            events=[Event(assignments={"a": first + low}, trigger=condition)],
        )
        check(network, {n: v for n, (v, _) in constants.items()}, [2.0, 3.0], solution)


def busy():
    """Thresholds, delays, priorities, values of trigger time, events that set parameters, and a timed event."""
    a, b, c, k, low, wait, tau = real("a b c k low wait tau")
    events = [
        Event(tau, {"c": c + b}, "timed", delay=wait * b),
        Event(assignments={"a": a + k * b + 1}, trigger=a < low, name="refill"),
        Event(assignments={"k": k * (1 + c / (10 + c)), "b": b / 2}, trigger=b > 1.3 * low, delay=wait / 2, priority=c),
        Event(assignments={"c": a * b}, trigger=(b > low) & (t > tau / 3), delay=wait, use_trigger_time_values=True),
        Event(assignments={"b": b + low / 5}, trigger=(c > 2.5 * low) | (a > 9), persistent=False, delay=wait / 9),
    ]
    constants = table(k=(0.8, "1/h"), low=(0.9, "1"), wait=(0.7, "h"), tau=(1.7, "h"))
    reactions = [
        Reaction("turn", {"a": -1, "b": 1}, k * a),
        Reaction("loss", {"b": -1, "c": 1}, b**2 / (2 + b)),
        Reaction("gain", {"c": 1}, 0.2 * a * (1 + sympy.sin(t))),
    ]
    return Network(
        "busy",
        [Species("a", "1", 2.0), Species("b", "1", 0.3), Species("c", "1", 0.1)],
        constants,
        reactions,
        events=events,
    )


BUSY = busy()
DRAWN = {"k": (0.5, 1.2), "low": (0.6, 1.2), "wait": (0.3, 1.2), "tau": (0.5, 3.0), "initial:a": (1.5, 3.0)}


@settings(max_examples=10, phases=[Phase.explicit, Phase.generate])
@given(st.tuples(*(st.floats(*limits) for limits in DRAWN.values())))
def test_derivatives_across_busy_events_agree_with_finite_differences(drawn):
    point = dict(zip(DRAWN, drawn, strict=True))
    times, by = np.array([1.0, 2.2, 3.7, 5.0]), list(DRAWN)
    values = {name: value for name, value in point.items() if name in BUSY.parameters}
    found = simulate(BUSY, times, values, initial={"a": point["initial:a"]}, gradient=by, on_failure="nan", **TIGHT)
    assume(not found.failures)
    for place, name in enumerate(by):
        moved = {each: np.full(4, value) for each, value in point.items()}
        size = 1e-4 * np.array([-2.0, -1.0, 1.0, 2.0])
        moved[name] = moved[name] + size
        start = {"a": moved.pop("initial:a")}
        course = simulate(BUSY, times, moved, initial=start, rtol=1e-12, atol=1e-13).values
        wide, narrow = (course[3] - course[0]) / 4e-4, (course[2] - course[1]) / 2e-4
        expected = (4 * narrow - wide) / 3
        smooth = np.abs(wide - narrow) < 1e-5  # between these parameters no event changes its place or order
        assume(smooth.any())
        np.testing.assert_allclose(found.gradient[0, ..., place][smooth], expected[smooth], rtol=2e-6, atol=2e-6)


def test_busy_ensembles_do_not_depend_on_threads_and_company():
    random = np.random.default_rng(5)
    values: Any = {name: random.uniform(*DRAWN[name], 100) for name in ("k", "low", "wait", "tau")}
    times = np.sort(random.uniform(0, 5, (100, 7)), axis=1)
    given: Any = {"gradient": [*values, "initial:c"], "rtol": 1e-8, "atol": 1e-10, "end": 4.5, "on_failure": "nan"}
    once = simulate(BUSY, times, values, threads=1, **given)
    again = simulate(BUSY, times, values, threads=2, **given)
    np.testing.assert_array_equal(once.gradient, again.gradient)
    alone = simulate(BUSY, times[77:78], {n: v[77] for n, v in values.items()}, **given)
    np.testing.assert_array_equal(alone.gradient[0], once.gradient[77])
    assert len(once.failures) < 5
    plain = simulate(BUSY, times, values, rtol=1e-8, atol=1e-10, end=4.5)
    sound = [row for row in range(100) if row not in once.failures]
    np.testing.assert_allclose(once.values[sound], plain.values[sound], rtol=1e-5, atol=1e-6)


def test_a_well_that_is_dosed_at_a_level_agrees_with_finite_differences():
    """A drug is given some hours after IL-6 has passed a level."""
    network = well_network()
    values: Any = {name: each.value for name, each in network.parameters.items()} | {"start_il6": 0.3}
    il6, drug, wait = real("il6 drug1 addition_time")
    il6_course = simulate(network, [0.0, 20.0], values)["il6"][0]
    level = real("start_il6") * float(il6_course.mean() / 0.3)
    falls = il6_course[1] < il6_course[0]
    trigger = (il6 < level) if falls else (il6 > level)
    event = Event(assignments={"drug1": drug + 100 * il6}, trigger=trigger, delay=wait / 4)
    values["addition_time"] = 12.0
    by, times = ["p1_s_il6", "p1_k_trans_on", "p1_il6r_resting", "start_il6", "addition_time"], [8.0, 24.0, 48.0]
    found = simulate(network, times, values, events=[event], gradient=by, rtol=1e-9, atol=1e-12)
    outputs = found.names
    for place, name in enumerate(by):
        steps = values[name] * (1 + np.array([2e-4, -2e-4]))
        pair = simulate(network, times, values | {name: steps}, events=[event], outputs=outputs, **TIGHT).values
        expected = (pair[0] - pair[1]) / (steps[0] - steps[1]) * values[name]
        typical = np.abs(pair[0]).max(axis=0) + 1e-6
        np.testing.assert_allclose(
            found.gradient[0, ..., place] * values[name] / typical, expected / typical, atol=2e-5
        )
    assert np.abs(found.derivative("drug1", "start_il6")[0, 2]) > 0.1


def swing():
    """A pendulum y = sin t that triggers at a level: at the time arcsin(high), which has no derivative at 1."""
    y, v, high, got = real("y v high got")
    return Network(
        "swing",
        [Species("y", "1"), Species("v", "1", 1.0), Species("got", "1")],
        table(high=(0.5, "1")),
        [Reaction("turn", {"y": 1}, v), Reaction("back", {"v": -1}, y)],
        events=[Event(assignments={"got": t + got}, trigger=y > high, name="top")],
    )


def test_a_trigger_that_only_touches_has_no_derivative():
    high = 1 - np.array([0.5, 0.1, 0.01, 1e-3])
    found = simulate(swing(), [3.0], {"high": high}, gradient=["high"], **TIGHT)
    np.testing.assert_allclose(found["got"][:, 0], np.arcsin(high), rtol=1e-7)
    np.testing.assert_allclose(found.derivative("got", "high")[:, 0], 1 / np.sqrt(1 - high**2), rtol=1e-5)
    # where the error of the states is 0.002 the level may be that of the top as well
    given: Any = {"rtol": 1e-3, "atol": 1e-3, "on_failure": "nan"}
    found = simulate(swing(), [3.0], {"high": [0.5, 0.992]}, gradient=["high"], **given)
    assert list(found.failures) == [1]
    assert "event 'top' turns has no derivative here: it only touches" in found.failures[1].cause
    assert np.isnan(found.gradient[1]).all()
    assert found.derivative("got", "high")[0, 0] == pytest.approx(1 / np.sqrt(0.75), rel=0.02)
    assert not simulate(swing(), [3.0], {"high": [0.5, 0.992]}, **given).failures


def test_a_trigger_that_turns_by_a_jump_within_it_has_no_derivative():
    a, p = real("a p")
    events = [Event(assignments={"b": 1.0}, trigger=p * sympy.floor(a) >= 2, name="whole")]
    ticks = [Reaction("tick", {"a": 1}, sympy.Integer(1))]
    network = Network("floor", [Species("a", "1"), Species("b", "1")], table(p=(1.0, "1")), ticks, events=events)
    with pytest.raises(errors.SolverError, match=r"event 'whole' turns has no derivative here.*jumps"):
        simulate(network, [3.0], gradient=["initial:a"])


def test_networks_whose_triggers_never_turn_have_the_same_derivatives():
    network, values = doses(early=False)
    quiet = simulate(network, [0.5, 1.5], {"low": 1e-9}, gradient=["k", "first"], **TIGHT)
    times = np.array([0.5, 1.5])
    np.testing.assert_allclose(quiet.derivative("a", "k")[0], -2 * times * np.exp(-0.5 * times), rtol=1e-8)
    assert values["first"] == 2.0
