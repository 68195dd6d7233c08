"""Derivatives of ensembles: output times and ends of each trajectory, and what is kept of a stream."""

from typing import Any

import numpy as np
import pytest
import sympy

from autocrine.core import errors
from autocrine.engine import Event, simulate
from test_engine_gradient import DECAY
from test_engine_rosenbrock import ENZYME, equations

TIGHT: Any = {"rtol": 1e-10, "atol": 1e-12}
BY = ["tau", "k", "initial:a", "dose", "start"]


@pytest.mark.parametrize("count", [3, 40, 150])
def test_each_trajectory_may_have_its_own_times(count):
    random = np.random.default_rng(count)
    times = np.sort(random.uniform(0.0, 5.0, (count, 6)), axis=1)
    times[::3, 0], times[1::3, 1] = 0.0, 1.0
    times = np.sort(times, axis=1)
    times[1::4, 4:] = np.nan
    values: Any = {"k": random.uniform(0.2, 0.9, count), "tau": random.uniform(0.5, 2.0, count)}
    values["tau"][::2] = 1.0  # events, and so segments, at times that not all share
    found = simulate(DECAY, times, values, gradient=BY, **TIGHT)
    together = np.unique(times[np.isfinite(times)])
    expected = simulate(DECAY, together, values, gradient=BY, **TIGHT)
    for row in range(count):
        asked = np.isfinite(times[row])
        places = np.searchsorted(together, times[row][asked])
        np.testing.assert_allclose(found.gradient[row, asked], expected.gradient[row, places], rtol=1e-7, atol=1e-9)
        assert np.isnan(found.gradient[row, ~asked]).all()


def test_derivatives_after_the_end_of_a_trajectory_are_nan():
    times, ends = [0.0, 0.5, 1.5, 3.0], np.array([0.2, 1.0, 1.5, 9.0])
    values = {"k": [0.3, 0.4, 0.5, 0.6]}
    found = simulate(DECAY, times, values, gradient=BY, end=ends)
    whole = simulate(DECAY, times, values, gradient=BY)
    reached = np.array(times) <= ends[:, None]
    np.testing.assert_allclose(found.gradient[reached], whole.gradient[reached], rtol=1e-3, atol=1e-5)
    assert np.isnan(found.gradient[~reached]).all()
    assert np.isnan(found.values[~reached]).all()


def test_threads_do_not_matter_where_each_trajectory_has_its_own_times():
    random = np.random.default_rng(7)
    times, ends = np.sort(random.uniform(0, 20, (150, 4)), axis=1), random.uniform(5, 20, 150)
    values = {"on": random.lognormal(2, 2, 150), "back": random.uniform(0.1, 1, 150)}
    dose = Event(sympy.Symbol("back", real=True) * 15, {"s": sympy.Symbol("s", real=True) + 1})
    given: Any = {"events": [dose], "gradient": ["back", "initial:s"], "end": ends}
    once = simulate(ENZYME, times, values, threads=1, **given)
    again = simulate(ENZYME, times, values, threads=2, **given)
    np.testing.assert_array_equal(again.gradient, once.gradient)
    alone = simulate(ENZYME, times[77:78], {k: v[77] for k, v in values.items()}, **{**given, "end": ends[77]})
    np.testing.assert_array_equal(alone.gradient[0], once.gradient[77])


def test_derivatives_of_what_is_kept_agree_with_the_stored_ones():
    random = np.random.default_rng(3)
    values = {"k": random.uniform(0.2, 0.9, 700), "start": random.uniform(0.5, 2.0, 700)}
    times, by = np.array([0.5, 1.5, 3.0]), ["k", "dose", "initial:b"]
    end = np.where(np.arange(700) % 3, 5.0, 2.0)
    given: Any = {"gradient": by, "end": end, "outputs": ["a", "square"]}
    stored = simulate(DECAY, times, values, **given)
    wanted = {
        **dict.fromkeys(["mean", "variance", "minimum", "maximum"]),
        "crossing": {"output": "a", "level": 0.8},
        "largest": lambda chunk: np.nanmax(chunk.derivative("a", "k"), axis=1),
        "shape": lambda chunk: [[len(chunk.by), *chunk.gradient.shape]],
    }
    found = simulate(DECAY, times, values, **given, reduce=wanted)
    assert found.by == tuple(by)
    assert found.gradient.size == found.values.size == 0
    assert found.reduced_gradient.keys() == wanted.keys() - {"largest", "shape"}
    slopes, x = stored.gradient, stored.values
    kept = found.reduced_gradient
    np.testing.assert_allclose(kept["mean"], np.nanmean(slopes, axis=0), rtol=1e-11, atol=1e-15)
    apart = (x - np.nanmean(x, axis=0))[..., None] * (slopes - np.nanmean(slopes, axis=0))
    count = np.isfinite(x).sum(axis=0)[..., None]
    np.testing.assert_allclose(kept["variance"], 2 * np.nansum(apart, axis=0) / (count - 1), rtol=1e-9, atol=1e-12)
    for name, place in (("minimum", np.nanargmin(x, axis=0)), ("maximum", np.nanargmax(x, axis=0))):
        np.testing.assert_array_equal(kept[name], np.take_along_axis(slopes, place[None, ..., None], axis=0)[0])
    np.testing.assert_array_equal(found.reduced["largest"], np.nanmax(slopes[:, :, 0, 0], axis=1))
    assert found.reduced["shape"].tolist() == [[3, 512, 3, 2, 3], [3, 188, 3, 2, 3]]
    again = simulate(DECAY, times, values, **given, reduce=wanted, threads=2)
    for name, each in kept.items():
        np.testing.assert_array_equal(again.reduced_gradient[name], each)


@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("over", [False, True])
def test_derivatives_of_crossings_agree_with_finite_differences(over, relative):
    """The time at which a level is passed, or the rate (as a dose) at which it is."""
    times = np.array([0.0, 0.4, 0.8])
    rates = np.geomspace(0.1, 4.0, 6)
    options: Any = {"output": "a", "level": 0.8, "relative": relative}
    options |= {"over": rates, "log": True} if over else {}
    size = 1e-4
    values: Any = {"k": np.tile(rates, 2), "tau": 9.0}

    def crossing(shift, **more):
        start = {"start": np.repeat([1.0, 1.2], 6) + shift}
        given: Any = {"reduce": {"crossing": options}, "outputs": ["a", "b"], **TIGHT, **more}
        return simulate(DECAY, times, values | start, **given)

    found = crossing(0.0, gradient=["start", "k"])
    expected = (crossing(size).reduced["crossing"] - crossing(-size).reduced["crossing"]) / (2 * size)
    slopes = found.reduced_gradient["crossing"]
    assert slopes.shape == (*found.reduced["crossing"].shape, 2)
    assert np.isfinite(expected).sum() >= 2
    assert relative == (np.abs(expected[np.isfinite(expected)]).max() < 1e-6)
    np.testing.assert_allclose(slopes[..., 0], expected, rtol=1e-5, atol=1e-6)


def test_reductions_without_derivatives_are_refused_with_a_gradient():
    for wanted in ({"quantiles": [0.5]}, {"histogram": [0.5]}):
        with pytest.raises(errors.InputError, match=f"with a gradient .* but was '{next(iter(wanted))}'.*mean"):
            simulate(DECAY, [1.0], gradient=["k"], reduce=wanted)


def test_a_stream_of_derivatives_leaves_failures_out():
    a, k = sympy.symbols("a k")
    network = equations("explosion", {"a": 1.0}, {"a": k * a**2}, {"k": (1.0, "1")})
    rates = np.full(600, -1.0)
    rates[[3, 550]] = 1.0
    found = simulate(network, [0.3, 3.0], {"k": rates}, gradient=["k"], on_failure="nan", reduce=["mean", "maximum"])
    assert sorted(found.failures) == [3, 550]
    for name in ("mean", "maximum"):
        np.testing.assert_allclose(found.reduced_gradient[name][:, 0, 0], [0.3 / 1.3**2, 3 / 4**2], rtol=1e-4)
