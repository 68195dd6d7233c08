"""Ensembles: own times, ends and tolerances of each trajectory, reductions of a stream, failures, interruption."""

import _thread
import threading
import time
import tracemalloc

import numpy as np
import pytest
import sympy

from autocrine.core import errors
from autocrine.engine import Event, simulate
from autocrine.engine.lsoda import Lsoda
from autocrine.engine.quantile_sketch import QuantileSketch
from test_engine_simulation import decay, exchange, explosion, level_of_a

WAYS = pytest.mark.parametrize("integrator", [None, Lsoda], ids=["compiled", "oracle"])
RATES = np.array([0.1, 0.5, 2.0])


@WAYS
def test_each_trajectory_may_have_its_own_times(integrator):
    times = np.array([[0.0, 1.0, 4.0], [0.5, 2.0, np.nan], [3.0, np.nan, np.nan]])
    found = simulate(decay(), times, {"k": RATES}, rtol=1e-9, atol=1e-12, integrator=integrator)
    np.testing.assert_allclose(found["a"], np.exp(-RATES[:, None] * times), rtol=1e-6)
    assert found.times.shape == (3, 3)
    with_events = simulate(decay(), times, {"k": RATES}, events=[Event(2.0, {"a": 7.0})], integrator=integrator)["a"]
    assert with_events[1, 1] == 7.0
    assert with_events[2, 0] == pytest.approx(7.0 * np.exp(-2.0), rel=1e-5)


@WAYS
def test_what_lies_after_the_end_of_a_trajectory_is_nan(integrator):
    times, end = np.linspace(0.0, 4.0, 5), np.array([0.0, 2.5, 9.0])
    for events in ((), [Event(assignments={"a": 0.0}, trigger=sympy.Symbol("a") > 2)]):
        found = simulate(exchange(), times, {"forth": RATES}, end=end, events=events, rtol=1e-9, integrator=integrator)
        np.testing.assert_array_equal(np.isnan(found["total"]), times > end[:, None])
        exact = np.array([level_of_a(times, rate) for rate in RATES])
        np.testing.assert_allclose(found["a"], np.where(times > end[:, None], np.nan, exact), rtol=1e-6)
    never = simulate(exchange(), [5.0, 6.0], end=3.0, integrator=integrator)
    assert np.isnan(never.values).all()


def test_each_trajectory_may_have_its_own_tolerance():
    rtol = np.array([1e-3, 1e-5, 1e-8])
    found = simulate(exchange(), [1.0, 6.0], {"forth": np.full(3, 0.3)}, rtol=rtol, atol=1e-3 * rtol)["a"]
    wrong = np.abs(found - level_of_a(np.array([1.0, 6.0]))).max(axis=1)
    assert wrong[0] > wrong[1] > wrong[2]
    np.testing.assert_array_equal(
        simulate(exchange(), [1.0, 6.0], {"forth": [0.3]}, rtol=1e-8, atol=1e-11)["a"], found[2:]
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"times": np.ones((2, 2))}, "one row for each of 3"),
        ({"times": [[1.0], [2.0, 3.0], [1.0]]}, "rows of one length"),
        ({"times": [[np.nan, 1.0]] * 3}, "trajectory 0.*NaN only after"),
        ({"times": [[2.0, 1.0]] * 3}, "times must increase"),
        ({"times": [[-2.0, 1.0]] * 3}, "before the start"),
        ({"end": -1.0}, "trajectory 0: end must be"),
        ({"end": [1.0, 2.0]}, "one for each of 3"),
        ({"end": [1.0, np.nan, 2.0]}, "trajectory 1: end must be"),
        ({"end": "late"}, "end must be numbers"),
        ({"reduce": "median"}, "try mean|known name"),
        ({"reduce": {"mean": 3}}, "no options"),
        ({"reduce": "quantiles"}, "must have options"),
        ({"reduce": {"quantiles": [1.5]}}, "probabilities"),
        ({"reduce": {"histogram": [1.0, 1.0]}}, "increase"),
        ({"reduce": {"crossing": {"output": "a"}}}, "output and level"),
        ({"reduce": {"crossing": {"output": "z", "level": 1.0}}}, "asked for"),
        ({"reduce": {"crossing": {"output": "a", "level": np.nan}}}, "level"),
        ({"reduce": {"crossing": {"output": "a", "level": 0.5, "over": [0.0, 1.0], "log": True}}}, "positive"),
        ({"reduce": {"crossing": {"output": "a", "level": 0.5, "over": [1.0, 2.0]}}}, "groups of 2"),
    ],
)
def test_bad_input_is_refused(arguments, message):
    with pytest.raises(errors.InputError, match=message):
        simulate(decay(), **{"times": [1.0], "parameters": {"k": RATES}, **arguments})


def test_reductions_agree_with_the_stored_values():
    rates, times = np.random.default_rng(2).uniform(0.1, 2.0, 1300), [0.5, 1.0, 2.0]
    end = np.where(np.arange(1300) % 3, 5.0, 1.5)
    given = {"parameters": {"forth": rates}, "end": end, "outputs": ["a", "total"]}
    stored = simulate(exchange(), times, **given).values
    edges, shares = [0.2, 0.4, 0.6], [0.0, 0.05, 0.5, 1.0]
    wanted = {
        **dict.fromkeys(["mean", "variance", "minimum", "maximum"]),
        "quantiles": shares,
        "histogram": edges,
        "crossing": {"output": "a", "level": 0.5},
        "largest": lambda chunk: chunk["a"].max(axis=1),
    }
    kept = simulate(exchange(), times, **given, reduce=wanted)
    assert len(kept) == 0
    found = kept.reduced
    np.testing.assert_allclose(found["mean"], np.nanmean(stored, axis=0), rtol=1e-13)
    np.testing.assert_allclose(found["variance"], np.nanvar(stored, axis=0, ddof=1), rtol=1e-9, atol=1e-25)
    np.testing.assert_array_equal(found["minimum"], np.nanmin(stored, axis=0))
    np.testing.assert_array_equal(found["maximum"], np.nanmax(stored, axis=0))
    np.testing.assert_array_equal(found["largest"], stored[:, :, 0].max(axis=1))
    assert found["histogram"].sum(axis=0)[:, 0].tolist() == [1300, 1300, 866]
    inner = np.histogram(stored[:, 0, 0], [*edges, np.inf])[0]
    np.testing.assert_array_equal(found["histogram"][1:, 0, 0], inner)
    assert found["quantiles"].shape == (4, 3, 2)
    np.testing.assert_allclose(found["quantiles"][:, 0], np.quantile(stored[:, 0], shares, axis=0), rtol=2e-3)
    first = [next((j for j in (1, 2) if row[j] <= 0.5 < row[j - 1]), 0) for row in stored[:, :, 0]]
    np.testing.assert_array_equal(np.isfinite(found["crossing"]), np.array(first) > 0)
    for threads in (1, 2):
        again = simulate(exchange(), times, **given, reduce=wanted, threads=threads).reduced
        for name in wanted:
            np.testing.assert_array_equal(again[name], found[name])


def test_a_crossing_over_doses_is_an_ic50():
    doses, ic50 = np.geomspace(0.01, 100.0, 33), np.array([0.3, 2.0, 9.0])
    # a after one hour is exp(-k): choose k so that exp(-k) is a Hill curve of the dose
    k = np.log1p(np.divide.outer(1 / ic50, 1 / doses)).ravel()
    wanted = {"crossing": {"output": "a", "level": 0.5, "over": doses, "log": True, "relative": False}}
    found = simulate(decay(), [1.0], {"k": k}, reduce=wanted).reduced["crossing"]
    np.testing.assert_allclose(found[:, 0], ic50, rtol=2e-3)


@pytest.mark.parametrize("count", [1000, 5000, 200_000])
def test_quantiles_of_a_stream_have_nearly_the_right_rank(count):
    values = np.random.default_rng(1).normal(size=(count, 1, 2))
    sketch = QuantileSketch([0.01, 0.25, 0.5, 0.975])
    for first in range(0, count, 512):
        sketch.take(values[first : first + 512])
    ranks = [(values[:, 0, 0] < each).mean() for each in sketch.result()[:, 0, 0]]
    allowed = 1e-3 if count == 1000 else np.log2(count / 1024 + 1) / 2048
    np.testing.assert_allclose(ranks, [0.01, 0.25, 0.5, 0.975], atol=allowed)


def test_a_hundred_thousand_trajectories_need_little_memory():
    rates = np.random.default_rng(8).uniform(0.01, 1.0, 100_000)
    times = np.linspace(0.0, 5.0, 51)
    simulate(decay(), times)  # compiled before
    tracemalloc.start()
    try:
        found = simulate(decay(), times, {"k": rates}, rtol=1e-4, reduce=["mean", "maximum"], threads=2).reduced
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    exact = (np.exp(-0.01 * times) - np.exp(-times)) / (0.99 * np.maximum(times, 1e-9))
    np.testing.assert_allclose(found["mean"][1:, 0], exact[1:], rtol=5e-3)
    assert most < 0.5 * 8 * rates.size * times.size  # half of what the values would take


def test_failed_trajectories_are_left_out_with_their_reason():
    k = np.zeros(700)
    k[[3, 600]] = 1.0
    found = simulate(explosion(), [0.5, 2.0], {"k": k}, on_failure="nan", reduce=["mean", "maximum"])
    assert sorted(found.failures) == [3, 600]
    assert found.failures[600].trajectory == 600
    np.testing.assert_array_equal(found.reduced["mean"], 1.0)
    stored = simulate(explosion(), [0.5, 2.0], {"k": k}, on_failure="nan")
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(stored["a"][:, 0])), [3, 600])
    with pytest.raises(errors.SolverError, match="trajectory 3"):
        simulate(explosion(), [0.5, 2.0], {"k": k}, reduce="mean")


@pytest.mark.parametrize("triggered", [False, True])
def test_an_interruption_is_prompt_and_leaves_no_thread(triggered):
    events = [Event(assignments={"a": 1.0}, trigger=exchange().reactions[0].rate - 0.1)] if triggered else []
    rates = np.random.default_rng(4).uniform(0.1, 1.0, 300_000)
    simulate(exchange(), [50.0], events=events)  # compiled before
    before = threading.active_count()
    timer = threading.Timer(0.3, _thread.interrupt_main)
    timer.start()
    began = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        simulate(exchange(), np.linspace(0, 50, 20), {"forth": rates}, rtol=1e-11, atol=1e-13, events=events, threads=2)
    assert time.perf_counter() - began < 2.0
    timer.join()
    assert threading.active_count() == before


def test_trajectories_of_chance_are_reduced():
    found = simulate(decay(), [0.0, 1.0], initial={"a": 50.0}, runs=700, chance="direct", reduce="mean")
    assert found.reduced["mean"][1, 0] == pytest.approx(50 * np.exp(-0.5), rel=0.05)
    assert found.reduced_gradient == {}
