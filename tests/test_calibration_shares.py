"""Shapley's shares: efficiency, symmetry, nobody's share, additivity, the mean over all orders."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given as given_that
from hypothesis import settings
from hypothesis import strategies as st

from autocrine.calibration import draws
from autocrine.core import errors


def game(names, seed, count=3):
    """Return a random effect of each set of causes, on some draws."""
    rng = np.random.default_rng(seed)
    table = {
        frozenset(s): rng.normal(size=count) for k in range(len(names) + 1) for s in itertools.combinations(names, k)
    }
    return table.__getitem__


@given_that(st.integers(1, 6), st.integers(0, 1000))
@settings(max_examples=30)
def test_contributions_add_up_to_the_effect_of_all(count, seed):
    names = "abcdef"[:count]
    effect = game(names, seed)
    found = draws.shapley(list(names), effect)
    np.testing.assert_allclose(
        found.contributions.sum(axis=0), effect(frozenset(names)) - effect(frozenset()), atol=1e-12
    )
    np.testing.assert_allclose(found.shares.sum(axis=0), 1.0, atol=1e-9)


@given_that(st.integers(0, 1000))
@settings(max_examples=10)
def test_it_is_the_mean_over_all_orders(seed):
    names, effect = "abcd", game("abcd", seed)
    wanted = dict.fromkeys(names, np.zeros(3))
    for order in itertools.permutations(names):
        for place, name in enumerate(order):
            before = frozenset(order[:place])
            wanted[name] = wanted[name] + (effect(before | {name}) - effect(before)) / math.factorial(4)
    found = draws.shapley(list(names), effect)
    np.testing.assert_allclose(found.contributions, np.array(list(wanted.values())), atol=1e-12)


def test_equal_causes_have_equal_shares_and_who_does_nothing_has_none():
    def effect(on):
        return np.array([float(len(on & {"pump", "survival"}) == 2) + 2.0 * ("selection" in on)])

    found = draws.shapley(["pump", "survival", "selection", "other"], effect)
    np.testing.assert_allclose(found.contributions[:, 0], [0.5, 0.5, 2.0, 0.0], atol=1e-12)
    assert found.interval()["other"] == pytest.approx((0.0, 0.0, 0.0), abs=1e-12)


def test_causes_that_only_add_have_what_they_add():
    sizes = dict(zip("abcdefgh", [1.0, -2.0, 0.5, 3.0, 0.1, 0.2, 0.3, 4.0], strict=True))
    found = draws.shapley(list(sizes), lambda on: sum(sizes[name] for name in on), orders=3)
    np.testing.assert_allclose(found.contributions[:, 0], list(sizes.values()))


def test_many_causes_still_add_up_and_their_order_of_drawing_is_the_seed():
    names, effect = "abcdefg", game("abcdefg", 1)
    found = draws.shapley(list(names), effect, orders=4000, seed=3)
    np.testing.assert_allclose(found.contributions.sum(axis=0), found.total, atol=1e-10)
    known = sum_over_sets(names, effect)
    np.testing.assert_allclose(found.contributions, known, atol=0.08)
    again = draws.shapley(list(names), effect, orders=4000, seed=3)
    np.testing.assert_array_equal(again.contributions, found.contributions)


def sum_over_sets(names, effect):
    count, rows = len(names), []
    for name in names:
        others = [n for n in names if n != name]
        rows.append(
            sum(
                math.factorial(k)
                * math.factorial(count - k - 1)
                / math.factorial(count)
                * (effect(frozenset({*s, name})) - effect(frozenset(s)))
                for k in range(count)
                for s in itertools.combinations(others, k)
            )
        )
    return np.array(rows)


def test_no_effect_has_no_shares():
    found = draws.shapley(["a", "b"], lambda on: np.array([1.0, 1.0 + len(on)]))
    assert np.isnan(found.shares[:, 0]).all()
    np.testing.assert_allclose(found.shares[:, 1], 0.5)
    assert found.interval()["a"] == pytest.approx((0.5, 0.5, 0.5))
    never = draws.shapley(["a"], lambda _: 0.0)
    assert np.isnan(never.interval()["a"]).all()


def test_each_set_is_simulated_once():
    asked = []
    draws.shapley(["a", "b", "c", "d"], lambda on: asked.append(on) or float(len(on)))
    assert len(asked) == len(set(asked)) == 16


def test_causes_are_given_once():
    for wrong in ([], ["a", "a"]):
        with pytest.raises(errors.InputError, match="causes must be given once each"):
            draws.shapley(wrong, lambda _: 0.0)
    with pytest.raises(errors.InputError, match="at least one order"):
        draws.shapley(list("abcdefg"), lambda _: 0.0, orders=0)
