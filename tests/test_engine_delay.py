"""Delay differential equations: the method of steps, other analytic solutions, events, and what is refused."""

import math
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine.core import errors
from autocrine.engine import Event, Network, Reaction, Species, simulate, steady_state
from autocrine.engine import delay as delay_module
from autocrine.engine.history import History, Segment
from autocrine.engine.jump_times import JumpTimes
from autocrine.engine.lsoda import Lsoda
from test_engine_network import table

names: Any = sympy.symbols("t y z k tau p", real=True)
t, y, z, k, tau, p = names
Delay: Any = delay_module.Delay
ONE = sympy.Integer(1)
PRECISE: Any = {"rtol": 1e-7, "atol": 1e-10}


def network(rates, initial=None, constants=None, **more):
    """Return a network of the species in ``rates`` with these slopes."""
    levels = dict.fromkeys(rates, 0.0) | (initial or {})
    values = {name: (value, "1") for name, value in (constants or {"p": 1.0}).items()}
    reactions = [Reaction(f"rate of {name}", {name: 1}, sympy.sympify(rate)) for name, rate in rates.items()]
    return Network("delays", [Species(n, "1", x) for n, x in levels.items()], table(**values), reactions, **more)


def feedback(**constants):
    return network({"y": -k * Delay(y, tau)}, {"y": 1.0}, {"k": 1.0, "tau": 1.0} | constants)


def steps(time, lag=1.0):
    """Return the solution of y' = -y(t - lag)/lag with y = 1 before 0, by the method of steps."""
    x = time / lag
    return sum((-1) ** j * max(x - (j - 1), 0.0) ** j / math.factorial(j) for j in range(int(x) + 2))


def test_the_method_of_steps():
    times, lags = np.linspace(0.0, 8.0, 41), np.array([0.5, 1.0, 2.5])
    found = simulate(feedback(), times, {"tau": lags, "k": 1 / lags}, **PRECISE)["y"]
    for row, lag in enumerate(lags):
        np.testing.assert_allclose(found[row], [steps(time, lag) for time in times], atol=1e-7)


def test_the_error_follows_the_tolerance():
    exact = steps(9.3)
    found = [abs(simulate(feedback(), [9.3], rtol=r, atol=1e-3 * r)["y"][0, 0] - exact) for r in (1e-3, 1e-6, 1e-9)]
    assert found[0] < 1e-3
    assert found[1] < 1e-6
    assert found[2] < 1e-9


def mackey_glass(times, lag, n, steps_per_lag):
    """Solve y' = 2 y(t - lag)/(1 + y(t - lag)^n) - y, y = 1/2 before 0, by fixed steps of the method of Runge."""
    h = lag / steps_per_lag
    values, slopes = [0.5], []

    def past(place, share):
        if place < 0:
            return 0.5
        a, b, u, v = values[place], values[place + 1], h * slopes[place], h * slopes[place + 1]
        s = share
        return (1 - s) ** 2 * ((1 + 2 * s) * a + s * u) + s**2 * ((3 - 2 * s) * b - (1 - s) * v)

    def slope(level, before):
        return 2 * before / (1 + before**n) - level

    for i in range(round(times[-1] / h)):
        j = i - steps_per_lag
        begin, middle, end = past(j, 0.0), past(j, 0.5), past(j, 1.0)
        a = slope(values[-1], begin)
        slopes.append(a)
        b = slope(values[-1] + 0.5 * h * a, middle)
        c = slope(values[-1] + 0.5 * h * b, middle)
        d = slope(values[-1] + h * c, end)
        values.append(values[-1] + h * (a + 2 * b + 2 * c + d) / 6)
    return np.array([values[round(time / h)] for time in times])


def test_the_equation_of_mackey_and_glass():
    """Mackey & Glass 1977, Science 197:287-289, doi:10.1126/science.267326."""
    before, n = Delay(y, tau), sympy.Integer(8)
    equation = network({"y": 2 * before / (1 + before**n) - y}, {"y": 0.5}, {"tau": 2.0})
    times = np.linspace(0.0, 30.0, 16)
    expected = mackey_glass(times, 2.0, 8, 400)
    np.testing.assert_allclose(mackey_glass(times, 2.0, 8, 200), expected, atol=1e-8)
    np.testing.assert_allclose(simulate(equation, times, **PRECISE)["y"][0], expected, rtol=1e-6)


def test_delays_in_rules_and_observables():
    r, s = sympy.symbols("r s")
    rules = {"r": 2 * y, "s": Delay(r, 1) + Delay(y, 0.5)}
    found = simulate(
        network({"y": ONE, "z": s}, rules=rules, observables={"o": Delay(s, 1), "w": Delay(z, 2) / 2}),
        [0.0, 0.25, 1.0, 3.0, 4.0],
        **PRECISE,
    )
    time = found.times
    first, second = np.maximum(time - 1, 0), np.maximum(time - 0.5, 0)
    np.testing.assert_allclose(found["s"][0], 2 * first + second, atol=1e-9)
    np.testing.assert_allclose(found["z"][0], first**2 + second**2 / 2, atol=1e-9)
    np.testing.assert_allclose(found["o"][0], 2 * np.maximum(time - 2, 0) + np.maximum(time - 1.5, 0), atol=1e-9)
    past = np.maximum(time - 2, 0)
    expected = (np.maximum(past - 1, 0) ** 2 + np.maximum(past - 0.5, 0) ** 2 / 2) / 2
    np.testing.assert_allclose(found["w"][0], expected, atol=1e-9)


def test_time_goes_back_before_the_start_and_levels_do_not():
    shown = {"a": Delay(t, 1), "b": 2 + Delay(sympy.sin(10 * t), 0.2), "c": Delay(y, 3), "d": Delay(y * t, 2)}
    found = simulate(network({"y": ONE}, {"y": 5.0}, observables=shown), [0.0, 0.1, 4.0], **PRECISE)
    time = found.times
    np.testing.assert_allclose(found["a"][0], time - 1)
    np.testing.assert_allclose(found["b"][0], 2 + np.sin(10 * (time - 0.2)))
    np.testing.assert_allclose(found["c"][0], [5.0, 5.0, 6.0])
    np.testing.assert_allclose(found["d"][0], [5 * -2.0, 5 * -1.9, 7 * 2.0])


def test_a_delay_of_a_delay_is_the_sum_of_both():
    shown = {"a": Delay(Delay(y, 1), 2), "b": Delay(y, 3), "c": Delay(y, 1 + Delay(t, 1)), "d": Delay(y, t)}
    found = simulate(network({"y": 2 * t}, observables=shown), [0.5, 2.0, 5.0], **PRECISE)
    time = found.times
    np.testing.assert_allclose(found["a"], found["b"], atol=1e-12)
    np.testing.assert_allclose(found["b"][0], np.maximum(time - 3, 0) ** 2, atol=1e-9)
    np.testing.assert_allclose(found["c"][0], 0.0, atol=1e-12)  # t - t
    np.testing.assert_allclose(found["d"][0], 0.0, atol=1e-12)


@pytest.mark.parametrize("rate", [1.0, 1e4])
def test_no_delay_is_the_present_value(rate):
    times = np.array([0.0, 0.5, 1.0, 2.0]) / rate
    found = simulate(feedback(tau=0.0, k=rate), times, rtol=1e-7, atol=1e-12)["y"][0]
    np.testing.assert_allclose(found, np.exp(-rate * times), rtol=1e-6)
    assert Delay(y, 0) == y
    assert Delay(sympy.Integer(3), tau) == 3
    assert Delay(y, tau).diff(y) == 0


@pytest.mark.parametrize("lag", [1e-12, 1e-6, 1e-3])
def test_a_tiny_delay_costs_no_tiny_steps(lag):
    """y = exp(s t) with s = -exp(-s lag)."""
    s = -1.0
    for _ in range(20):
        s = -math.exp(-s * lag)
    found = simulate(feedback(tau=lag), [1.0, 2.0], **PRECISE)["y"][0]
    assert found[1] / found[0] == pytest.approx(math.exp(s), rel=1e-6)


@pytest.mark.parametrize("lag", [1e-6, 1e-4])
def test_a_tiny_delay_in_a_stiff_equation_costs_no_tiny_steps(lag, monkeypatch):
    monkeypatch.setattr("autocrine.engine.oracle_chunk._MOST_STEPS", 500)
    equation = network({"z": -z, "y": 1e3 * (z - Delay(y, tau))}, {"z": 1.0, "y": 1.0}, {"tau": lag})
    found = simulate(equation, [1.0, 3.0], **PRECISE)
    expected = np.exp(-found.times) / (math.exp(lag) - 1e-3)  # y = a exp(-t)
    np.testing.assert_allclose(found["y"][0], expected, rtol=1e-6)


def test_a_delay_that_grows_from_nothing():
    """The pantograph equation y' = -y(t/2), of Ockendon & Tayler 1971, doi:10.1098/rspa.1971.0078: its series."""
    found = simulate(network({"y": -Delay(y, t / 2)}, {"y": 1.0}), [0.5, 1.0, 3.0], **PRECISE)
    for time, value in zip(found.times, found["y"][0], strict=True):
        terms = [(-1) ** n * 2.0 ** (-n * (n - 1) / 2) * time**n / math.factorial(n) for n in range(30)]
        assert value == pytest.approx(sum(terms), abs=1e-6)


def test_a_delay_that_follows_the_state():
    """y' = y y(ln y)/t, y = 1 up to 1, is t up to e and exp(t/e) up to e^2: Neves 1975, doi:10.1145/355656.355662."""
    equation = network({"y": y * Delay(y, t - sympy.log(y)) / t}, {"y": 1.0})
    times = np.linspace(1.0, 7.0, 13)
    found = simulate(equation, times, start=1.0, rtol=1e-8, atol=1e-11)["y"][0]
    expected = np.where(times < math.e, times, np.exp(times / math.e))
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_stiff_equations_with_delays():
    """y follows the level z of one hour ago within 1e-5 h."""
    equation = network({"z": -z / 2, "y": 1e5 * (Delay(z, 1) - y)}, {"z": 1.0, "y": 1.0})
    times = np.array([0.5, 1.5, 4.0, 20.0])
    found = simulate(equation, times, **PRECISE)["y"][0]
    past = np.exp(-np.maximum(times - 1, 0) / 2)
    np.testing.assert_allclose(found, np.where(times > 1, past * (1 + 0.5e-5), 1.0), rtol=1e-6)


def test_what_an_event_changed_is_seen_a_delay_later():
    dose = Event(2.0, {"y": 1.0, "p": 3.0}, "dose")
    equation = network({"y": 0, "z": Delay(y, 1) + Delay(p, 2.5)}, events=[dose], observables={"o": Delay(p, 1)})
    found = simulate(equation, [2.0, 2.9, 3.0, 4.0, 5.0, 6.0], **PRECISE)
    time = found.times
    expected = time + np.maximum(time - 3, 0) + 2 * np.maximum(time - 4.5, 0)
    np.testing.assert_allclose(found["z"][0], expected, rtol=1e-9)
    assert found["o"][0].tolist() == [1.0, 1.0, 3.0, 3.0, 3.0, 3.0]


def test_delays_in_triggers_and_assignments():
    late = Event(assignments={"z": Delay(y, 1), "p": t}, trigger=Delay(y, 1) > 1.5, delay=2)
    at_once = Event(assignments={"z": 10 + Delay(y, 1)}, trigger=(Delay(y, 1) > 0.25) & (Delay(y, 1) < 3))
    equation = network({"y": ONE, "z": 0}, events=[late, at_once], observables={"q": p})
    found = simulate(equation, [1.0, 1.3, 4.4, 4.6], **PRECISE)
    np.testing.assert_allclose(found["z"][0], [0.0, 10.25, 10.25, 3.5], atol=1e-6)
    assert found["q"][0, -1] == pytest.approx(4.5, abs=1e-6)


def test_a_last_bit_of_time_between_two_events_is_no_failure():
    events = [
        Event(time, {"z": z + 1}) for time in (2.0, np.nextafter(2.0, 3.0), np.nextafter(np.nextafter(2.0, 3.0), 3.0))
    ]
    equation = network({"y": Delay(y, 1), "z": 0 * t}, {"y": 1.0}, events=events, observables={"o": Delay(z, 1)})
    found = simulate(equation, [1.0, 2.5, 3.5], **PRECISE)
    assert found["z"][0].tolist() == [0.0, 3.0, 3.0]
    assert found["o"][0].tolist() == [0.0, 0.0, 3.0]
    np.testing.assert_allclose(found["y"][0, 0], 2.0, rtol=1e-9)


def test_events_of_a_call_may_have_delays():
    event = Event(assignments={"y": 0.0}, trigger=Delay(y, 2) >= 1, priority=Delay(t, 1), name="late")
    found = simulate(network({"y": ONE}), [2.5, 3.5], events=[event], **PRECISE)
    np.testing.assert_allclose(found["y"][0], [2.5, 0.5], atol=1e-6)


def test_a_trigger_that_turns_when_a_delayed_event_is_seen():
    events = [Event(1.0, {"p": 5.0}), Event(assignments={"z": t}, trigger=Delay(p, 0.7) > 2)]
    found = simulate(network({"y": ONE, "z": 0}, events=events), [1.6, 1.7, 1.8], **PRECISE)
    np.testing.assert_allclose(found["z"][0], [0.0, 1.7, 1.7], rtol=1e-12)


def test_a_timed_event_that_takes_a_delayed_value_at_triggering():
    event = Event(2.0, {"z": Delay(y, 1)}, delay=Delay(y, 0.5), use_trigger_time_values=True)
    found = simulate(network({"y": ONE, "z": 0}, events=[event]), [3.4, 3.6], **PRECISE)
    np.testing.assert_allclose(found["z"][0], [0.0, 1.0], atol=1e-9)


def test_rows_with_own_times_ends_and_initial_values():
    times = np.array([[0.5, 1.0, 1.5], [2.0, 3.0, np.nan]])
    found = simulate(feedback(), times, initial={"y": [1.0, 2.0]}, end=[1.2, 9.0], **PRECISE)["y"]
    np.testing.assert_allclose(found[0], [steps(0.5), steps(1.0), np.nan], atol=1e-8)
    np.testing.assert_allclose(found[1], [2 * steps(2.0), 2 * steps(3.0), np.nan], atol=1e-8)


def test_a_negative_delay_fails_with_the_reason_and_stops_no_other():
    found = simulate(feedback(), [1.0], {"tau": [1.0, -0.5]}, on_failure="nan")
    assert found["y"][0, 0] == pytest.approx(0.0, abs=1e-6)
    assert np.isnan(found["y"][1, 0])
    assert "the delay of Delay(y, tau) is -0.5" in found.failures[1].cause
    shrinking = network({"y": Delay(y, 1 - t)}, {"y": 1.0})
    failed = simulate(shrinking, [2.0], on_failure="nan").failures[0]
    assert "is -" in failed.cause
    assert 0.9 < failed.time_h < 2.0


def test_a_solution_without_bound_fails_with_time_and_species():
    found = simulate(network({"y": y**2 + 0 * t + Delay(y, 5)}, {"y": 1.0}), [4.0], on_failure="nan")
    assert found.failures[0].species == "y"
    assert found.failures[0].time_h == pytest.approx(math.pi / 4, abs=0.01)


def test_units_of_delays():
    def checked(lag, unit="h"):
        species, constants = [Species("y", "nM", 1.0)], table(k=(1.0, "1/h"), tau=(1.0, unit))
        Network("units", species, constants, [Reaction("r", {"y": 1}, k * Delay(y, lag))]).check_units()

    checked(tau)
    checked(2)
    for lag, unit in ((tau, "nM"), (y, "h"), (tau, "1")):
        with pytest.raises(errors.UnitError, match="a delay"):
            checked(lag, unit)


def test_what_cannot_be_done_with_delays_is_refused():
    equation = feedback()
    refusals: list[Any] = [{"gradient": ["k"]}, {"chance": "direct"}, {"integrator": Lsoda}]
    for more in refusals:
        with pytest.raises(errors.InputError, match="with delays must be simulated without"):
            simulate(equation, [1.0], **more)
    for refused in (lambda: steady_state(equation), equation.stepper):
        with pytest.raises(errors.InputError, match="delays must be simulated by"):
            refused()
    with pytest.raises(errors.InputError, match="initial value must have no delay"):
        simulate(network({"y": ONE}, {"y": Delay(p, 1)}), [1.0])
    with pytest.raises(errors.InputError, match="time of an event must have no delay"):
        simulate(network({"y": ONE}, events=[Event(Delay(p, 1), {"y": 0.0})]), [1.0])
    with pytest.raises(errors.InputError, match="one of the network"):
        simulate(equation, [1.0], {"_delayed_0": 1.0})


@given(st.lists(st.floats(0.01, 2.0), min_size=1, max_size=8), st.floats(-1.0, 12.0))
@settings(max_examples=50)
def test_history_finds_the_step_of_a_time(lengths, time):
    history, now, line = History(0.0, np.array([0.0]), np.array([7.0])), 0.0, np.zeros((2, 1))
    for length in lengths:
        history.add(Segment(now, length, np.array([now]), np.array([now + length]), line), now + length)
        now += length
    for before in (False, True):
        state, parameters = history.at(time, before=before)
        assert state[0] == pytest.approx(min(max(time, 0.0), now), abs=1e-12)
        assert parameters[0] == 7.0


def test_jumps_follow_one_another_at_the_delays():
    jumps, now, found = JumpTimes(0.0), 0.0, []
    jumps.restart(0.0, [1.0, 0.0], changed=False)
    while now < 20.0:
        now = jumps.following(now)
        found.append(now)
    assert found == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, math.inf]
    jumps.restart(7.3, [0.1], changed=True)
    assert jumps.following(7.3) == 7.3 + 0.1
