"""Identities of the growth-rate value and its GR50."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocrine.assay.growth_rate import fit_growth_rate, growth_rate_value
from autocrine.core import errors

starts = st.floats(10.0, 1e5)
growths = st.floats(1.2, 50.0)


@given(starts, growths)
def test_control_start_and_death(start, growth):
    assert growth_rate_value(start * growth, start, start * growth) == pytest.approx(1)
    assert growth_rate_value(start, start, start * growth) == pytest.approx(0)
    assert growth_rate_value(0.0, start, start * growth) == pytest.approx(-1)


@given(starts, growths, st.floats(0.0, 1.0))
def test_gr_is_free_of_the_division_rate(start, growth, share):
    # half of the growth rate gives the same GR whatever the rate of the line is
    value = growth_rate_value(start * growth**share, start, start * growth)
    assert value == pytest.approx(2**share - 1, abs=1e-9)


def test_gr50_is_where_the_growth_rate_value_is_one_half():
    dose = np.geomspace(1, 1e4, 9)
    share = 1 / (1 + (dose / 100.0) ** 1.5)
    curve = fit_growth_rate(dose, 1000 * 8.0**share, count_start=1000.0, count_control=8000.0)
    # GR = 2**share - 1 is 0.5 at share = log2(1.5)
    truth = 100.0 * (1 / np.log2(1.5) - 1) ** (1 / 1.5)
    assert curve.gr50.value_nM == pytest.approx(truth, rel=0.05)
    assert curve.gr_max == pytest.approx(0, abs=0.03)


def test_killing_gives_a_negative_gr_max_and_arrest_none():
    dose = np.geomspace(1, 1e4, 9)
    count = 8000 / (1 + (dose / 100.0) ** 2)
    curve = fit_growth_rate(dose, count, count_start=1000.0, count_control=8000.0)
    assert curve.gr_max < -0.4


def test_gr50_beyond_the_doses_is_censored():
    dose = np.geomspace(1, 100, 8)
    count = 8000 / (1 + (dose / 1e4) ** 2)
    assert fit_growth_rate(dose, count, count_start=1000.0, count_control=8000.0).gr50.censored == ">"


@pytest.mark.parametrize(
    ("count", "start", "control", "words"),
    [(10, 0, 100, "positive"), (10, 100, 100, "grown"), (-1, 10, 100, "not negative"), (np.nan, 10, 100, "finite")],
)
def test_counts_that_give_no_gr_raise(count, start, control, words):
    with pytest.raises(errors.InputError, match=words):
        growth_rate_value(count, start, control)
