"""Derivatives of ensembles: output times and ends of each trajectory, and what is kept of a stream."""

from typing import Any

import numpy as np
import pytest
import sympy

from autocrine.engine import Event, simulate
from test_engine_gradient import DECAY
from test_engine_rosenbrock import ENZYME

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
