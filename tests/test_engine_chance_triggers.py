"""Laws of triggered events in simulations by chance: known distributions, times that are exact, bits that agree."""

from typing import Any

import numpy as np
import pytest
import scipy.stats
import sympy

from autocrine.core import errors
from autocrine.engine import Event, Network, Reaction, Species, simulate
from test_engine_chance import EXACT, counts_of, p_of
from test_engine_network import table

n, flag, rounds, make, lose, t = sympy.symbols("n flag rounds make lose t")
CHANCES = pytest.mark.parametrize("chance", EXACT)


def births(*events):
    """Immigration, and death where it is asked for; two species that only events change."""
    return Network(
        "births",
        [Species("n", "1"), Species("flag", "1"), Species("rounds", "1")],
        table(make=(6.0, "1/h"), lose=(0.0, "1/h"), wait=(0.4, "h"), late=(0.7, "h")),
        [Reaction("make", {"n": 1}, make), Reaction("lose", {"n": -1}, lose * n)],
        events=events,
    )


@CHANCES
def test_what_is_set_back_at_a_number_counts_the_same_jumps(chance):
    """All births, those of past rounds too, are Poisson; and no number is seen that would have triggered."""
    reset = Event(assignments={"n": 0, "rounds": rounds + 1}, trigger=n >= 5)
    times = np.array([0.3, 1.0, 3.0])
    found = simulate(births(reset), times, chance=chance, seed=3, runs=4000)
    assert found["n"].max() == 4
    for time, column in zip(times, (found["n"] + 5 * found["rounds"]).T, strict=True):
        expected = scipy.stats.poisson.pmf(np.arange(60), 6 * time) * 4000
        assert p_of(counts_of(column, 60), expected) > 1e-3


@CHANCES
def test_a_delayed_event_follows_the_first_birth(chance):
    """The first birth is exponential, so that is what the event waits for and its delay."""
    wait = sympy.Symbol("wait")
    events = [
        Event(assignments={"flag": 1}, trigger=n >= 1, delay=wait),
        Event(assignments={"rounds": n}, trigger=n >= 1, delay=wait, use_trigger_time_values=True),
    ]
    times = np.array([0.3, 0.4, 0.5, 0.8])
    found = simulate(births(*events), times, chance=chance, seed=5, runs=4000)
    np.testing.assert_array_equal(found["flag"], found["rounds"])
    np.testing.assert_array_equal(found["flag"][:, :2], 0.0)
    for time, share in zip(times[2:], found["flag"][:, 2:].mean(axis=0), strict=True):
        expected = 1 - np.exp(-6 * (time - 0.4))
        assert abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / 4000)


@CHANCES
def test_an_event_that_does_not_persist_is_struck_off(chance):
    """One molecule that is lost at a rate of 2 before the delay is over takes the event with it."""
    event = Event(assignments={"flag": 1}, trigger=n >= 1, delay=0.5, initial=False, persistent=False)
    given: Any = {"initial": {"n": 1}, "chance": chance, "seed": 1, "runs": 3000}
    found = simulate(births(event), [0.49, 0.5, 5.0], {"make": 0.0, "lose": 2.0}, **given)["flag"]
    assert found[:, 0].max() == 0
    np.testing.assert_array_equal(found[:, 1], found[:, 2])
    assert abs(found[:, 2].mean() - np.exp(-1.0)) < 4 * np.sqrt(0.25 / 3000)


@pytest.mark.parametrize("chance", [*EXACT, "tau"])
@pytest.mark.parametrize("strict", [False, True])
def test_comparisons_of_time_turn_when_they_should(chance, strict):
    late = sympy.Symbol("late")
    change: Any = {"assignments": {"flag": n, "make": 50.0}}
    times = [0.5, 0.7, 0.9]
    given: Any = {"chance": chance, "seed": 8, "runs": 300}
    values = {"late": np.linspace(0.55, 0.85, 300)}
    trigger = Event(**change, trigger=(3 * t > 3 * late) if strict else (3 * t >= 3 * late))
    found = simulate(births(trigger), times, values, **given)
    expected = simulate(births(Event(late, **change)), times, values, **given)
    np.testing.assert_array_equal(found.values, expected.values)
    falls = Event(
        **change, trigger=(n >= 0) & ~(t <= late) if strict else sympy.Piecewise((1, t < late), (-1, True)) < 0
    )
    if chance != "tau" or not strict:
        np.testing.assert_array_equal(simulate(births(falls), times, values, **given).values, expected.values)


@CHANCES
def test_triggers_at_the_start_and_at_one_instant(chance):
    events = [
        Event(assignments={"rounds": rounds + 1}, trigger=n < 100, initial=False),
        Event(assignments={"flag": flag + 1}, trigger=sympy.Eq(t, 0.25)),
        Event(assignments={"flag": flag + 10}, trigger=t > 0.25, priority=1),
    ]
    found = simulate(births(*events), [0.0, 0.2, 0.25, 2.0], chance=chance, runs=3)
    np.testing.assert_array_equal(found["rounds"], 1.0)
    np.testing.assert_array_equal(found["flag"], np.tile([0.0, 0.0, 11.0, 11.0], (3, 1)))


@CHANCES
def test_a_switch_has_the_moments_of_its_master_equation(chance):
    """Births at 6 per hour until there are 4 molecules, at none until there is 1 again; losses at 2 per molecule."""
    off = Event(assignments={"make": 0.0, "flag": 1}, trigger=n >= 4)
    back = Event(assignments={"make": 6.0, "flag": 0}, trigger=n <= 1)
    found = simulate(births(off, back), [1.3], {"lose": 2.0}, chance=chance, seed=4, runs=6000)
    # places: growing with 0 to 3, falling with 4, 3, 2
    rates = np.zeros((7, 7))
    for k in range(4):
        rates[k, k + 1] += 6.0
        if k:
            rates[k, k - 1] += 2.0 * k
    for place, (number, to) in {4: (4, 5), 5: (3, 6), 6: (2, 1)}.items():
        rates[place, to] += 2.0 * number
    rates -= np.diag(rates.sum(axis=1))
    expected = scipy.linalg.expm(1.3 * rates)[0] * 6000
    number, falling = found["n"][:, 0], found["flag"][:, 0]
    places = np.where(falling > 0, 8 - number, number)
    assert p_of(counts_of(places, 7), expected) > 1e-3


@CHANCES
def test_neither_threads_nor_splits_matter(chance):
    reset = Event(assignments={"n": 0, "rounds": rounds + 1}, trigger=n >= 5, delay=0.05 * n)
    times = np.sort(np.random.default_rng(2).uniform(0, 2, (100, 4)), axis=1)

    def run(runs, rows, threads):
        given: Any = {"chance": chance, "seed": 8, "end": 1.8, "threads": threads}
        return simulate(births(reset), times[rows], {"lose": 0.1}, runs=runs, **given).values

    whole = run(100, slice(None), 1)
    np.testing.assert_array_equal(whole, run(100, slice(None), 3))
    np.testing.assert_array_equal(whole[40:75], run(range(40, 75), slice(40, 75), 2))


def test_what_a_triggered_event_sets_must_be_whole():
    half = Event(assignments={"n": n / 2}, trigger=n >= 3, name="half")
    found = simulate(births(half), [3.0], chance="direct", runs=5, on_failure="nan")
    assert len(found.failures) == 5
    assert "what an event sets is 1.5, which is no whole number" in found.failures[0].cause
    assert np.isnan(found.values).all()


@pytest.mark.parametrize(
    ("trigger", "chance", "message"),
    [
        (n > 3 * t, "direct", "linear in it, without species, but was 'n > 3.*t'"),
        (sympy.sin(t) > 0, "next_reaction", "linear in it, without species, but was 'sin"),
        (n > 3, "tau", "direct or next_reaction where triggers follow species.*but was 'tau'"),
    ],
)
def test_triggers_that_chance_cannot_follow_are_refused(trigger, chance, message):
    event = Event(assignments={"flag": 1}, trigger=trigger)
    with pytest.raises(errors.InputError, match=message):
        simulate(births(event), [1.0], chance=chance)
