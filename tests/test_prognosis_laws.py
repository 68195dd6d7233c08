"""Laws of the statistics: what must hold whatever the patients."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine import prognosis
from autocrine.core import errors
from autocrine.prognosis import (
    completed,
    cox,
    cutpoint,
    firth,
    imputation,
    kaplan_meier,
    meta_analysis,
    performance,
    pooled,
    power,
    response,
    spline,
)
from prognosis_patients import patients

finite = st.floats(-5, 5, allow_nan=False)


def cohort_of(table, **said):
    words = {"time": "time", "event": "event", "marker": "marker", "competing": 2} | said
    return prognosis.cohort_of(table.astype(object), prognosis.Question(**words), name="made")


# Rubin's rules


def test_one_imputation_is_the_fit_itself():
    found = pooled.pool([np.array([0.5])], [np.array([[0.04]])], ["x"])
    row = found.row("x")
    assert row["p"] == pytest.approx(0.0124193, rel=1e-4)
    assert np.log(row["ratio_high"]) == pytest.approx(0.5 + 1.959964 * 0.2, rel=1e-6)
    assert row["fraction_missing"] == 0


def test_rubins_rules_by_hand():
    found = pooled.pool([np.array([1.0]), np.array([2.0]), np.array([3.0])], [np.array([[4.0]])] * 3, ["x"])
    assert found.coefficient[0] == 2
    assert found.covariance[0, 0] == pytest.approx(4 + 4 / 3 * 1)
    # Rubin's degrees of freedom: (m - 1)(1 + W / ((1 + 1/m) B))^2
    assert found.degrees()[0] == pytest.approx(2 * (1 + 4 / (4 / 3)) ** 2)
    few = pooled.pool([np.array([1.0]), np.array([2.0]), np.array([3.0])], [np.array([[4.0]])] * 3, ["x"], freedom=10)
    assert few.degrees()[0] < 10


@settings(max_examples=50)
@given(st.lists(finite, min_size=2, max_size=6))
def test_the_joint_test_of_one_coefficient_is_the_square_of_its_t(values):
    found = pooled.pool([np.array([v]) for v in values], [np.array([[0.3]])] * len(values), ["x"])
    statistic, degrees, _ = found.test(["x"])
    assert degrees == 1
    assert statistic == pytest.approx(float(found.coefficient[0] ** 2 / found.covariance[0, 0]), rel=1e-9, abs=1e-12)


# imputation


def test_known_values_stay_and_gaps_hold_values_of_patients():
    random = np.random.default_rng(1)
    x = random.normal(size=200)
    table = pd.DataFrame({"x": x, "y": (2 * x + random.normal(0, 0.1, 200)).round(3), "code": (x > 0).astype(float)})
    holes = table.mask(random.uniform(size=table.shape) < 0.2)
    always = pd.DataFrame({"event": random.integers(0, 2, 200).astype(float)})
    filled = imputation.impute(holes, always, np.random.default_rng(2))
    known = holes.notna()
    assert filled[known].equals(holes[known])
    assert not filled.isna().to_numpy().any()
    for name in table.columns:
        assert set(filled[name]) <= set(holes[name].dropna())
    assert np.corrcoef(filled["x"], filled["y"])[0, 1] > 0.95
    again = imputation.impute(holes, always, np.random.default_rng(2))
    assert again.equals(filled)


def test_imputation_takes_the_bias_of_complete_cases_away():
    """Gaps that hang on covariate and outcome: the pooled effect is nearer than that of complete cases."""
    table = patients(600, seed=5)
    whole = completed.complete(cohort_of(table, adjust=("age",)), imputations=2, seed=1)
    truth = cox.fit_pooled(whole, whole.full).coefficient[1]
    holes = table.copy()
    holes["age"] = holes["age"].where(~((holes["event"] == 1) & (holes["age"] > 62)))
    filled = completed.complete(cohort_of(holes, adjust=("age",)), imputations=5, seed=1)
    assert len(filled.frames) == 5
    mended = cox.fit_pooled(filled, filled.full)
    dropped = completed.complete(cohort_of(holes.dropna(), adjust=("age",)), imputations=2, seed=1)
    lost = cox.fit_pooled(dropped, dropped.full).coefficient[1]
    assert abs(mended.coefficient[1] - truth) < abs(lost - truth)
    assert mended.fraction_missing()[1] > 0.02


# Cox and splines


def test_the_effect_is_per_standard_deviation_whatever_the_unit():
    table = patients()
    one = completed.complete(cohort_of(table), imputations=2, seed=1)
    other = completed.complete(cohort_of(table.assign(marker=1000 * table["marker"] + 7)), imputations=2, seed=1)
    assert cox.fit_pooled(one, one.full).coefficient == pytest.approx(cox.fit_pooled(other, other.full).coefficient)


@settings(max_examples=20)
@given(st.floats(0.1, 5.0))
def test_a_spline_is_linear_beyond_its_outer_knots(step):
    knots = np.array([-1.0, -0.3, 0.4, 1.2])
    for start, sign in ((1.2, 1), (-1.0, -1)):
        basis = spline.cubic_basis(start + sign * step * np.arange(4), knots)
        assert np.abs(np.diff(basis, n=2, axis=0)).max() < 1e-9 * (1 + np.abs(basis).max())


def test_columns_that_determine_each_other_are_refused():
    table = patients().assign(twice=lambda d: 2 * d["age"])
    cohort = cohort_of(table, adjust=("age", "twice"))
    whole = completed.complete(cohort, imputations=2, seed=1)
    with pytest.raises(errors.InputError, match="must have a finite maximum, which it has not with marker, age, twice"):
        cox.fit_cox(whole.frames[0], whole.full)


def test_a_word_without_events_has_no_ratio():
    table = patients()
    table["grade"] = table["grade"].where(~((table["event"] == 0) & (np.arange(len(table)) % 2 == 0)), "G9")
    whole = completed.complete(cohort_of(table, adjust=("grade",)), imputations=2, seed=1)
    with pytest.raises(errors.InputError, match="must have a finite maximum"):
        cox.fit_cox(whole.frames[0], whole.full)
    assert np.isfinite(cox.fit_cox(whole.frames[0], whole.full, finite=False).coefficient).all()


# predictions


def test_without_censoring_the_scores_are_the_plain_ones():
    random = np.random.default_rng(4)
    time, risk = random.exponential(size=200), random.uniform(size=200)
    outcome = performance.Outcome.at(time, np.ones(200), 0.7)
    died = time <= 0.7
    assert performance.brier_at(outcome, risk) == pytest.approx(np.mean((died - risk) ** 2))
    pairs = risk[died][:, None] > risk[~died][None, :]
    assert performance.auc_at(outcome, risk) == pytest.approx(pairs.mean())
    everybody = performance.net_benefit(outcome, np.ones(200), np.array([0.2]))[0]
    assert everybody == pytest.approx(died.mean() - (1 - died.mean()) * 0.25)
    assert performance.observed_risk(outcome) == pytest.approx(died.mean())


def test_the_weights_of_censoring_stand_for_everybody():
    table = patients()
    outcome = performance.Outcome.at(
        table["time"].to_numpy(dtype=float), (table["event"] == 1).to_numpy(dtype=float), 15.0
    )
    assert outcome.weight.sum() == pytest.approx(len(table), rel=0.05)


def test_a_marker_that_orders_time_has_an_auc_of_1():
    time = np.arange(1.0, 41.0)
    outcome = performance.Outcome.at(time, np.ones(40), 20.0)
    assert performance.auc_at(outcome, -time) == 1
    assert performance.auc_at(outcome, time) == 0
    assert performance.auc_at(outcome, np.zeros(40)) == 0.5
    assert performance.concordance(outcome, -time) == 1


# cut-points


@pytest.mark.slow
def test_a_useless_marker_has_no_cut_point_but_seems_to():
    """Over many useless markers the searched p is uniform, and that of a cut known before is far too small."""
    random = np.random.default_rng(8)
    time, event = random.exponential(size=80), np.ones(80)
    found = [
        cutpoint.find_cutpoint(random.normal(size=80), time, event, seed=at, permutations=200, bootstraps=2)
        for at in range(120)
    ]
    p = np.array([one.p for one in found if one is not None])
    naive = np.array([one.p_naive for one in found if one is not None])
    assert p.size == 120
    assert (p < 0.05).mean() < 0.12
    assert 0.35 < p.mean() < 0.65
    assert (naive < 0.05).mean() > 0.25


def test_the_corrected_cut_point_is_nearer_to_nothing():
    table = patients()
    time, event = table["time"].to_numpy(dtype=float), (table["event"] == 1).to_numpy(dtype=float)
    useless = np.random.default_rng(3).normal(size=len(table))
    found = cutpoint.find_cutpoint(useless, time, event, seed=1, permutations=200, bootstraps=100)
    assert found is not None
    assert abs(np.log(found.ratio)) < abs(np.log(found.ratio_naive))
    assert found.p > found.p_naive
    assert found.low <= found.value <= found.high


@given(st.integers(0, 1000))
@settings(max_examples=10)
def test_log_rank_scores_sum_to_nothing(seed):
    random = np.random.default_rng(seed)
    scores = cutpoint.logrank_scores(random.integers(1, 9, 30).astype(float), random.integers(0, 2, 30).astype(float))
    assert abs(scores.sum()) < 1e-9


def test_thirds_are_chosen_by_no_outcome():
    groups, names = kaplan_meier.thirds(np.array([1.0, 2, 3, 4, 5, 6, np.nan]))
    assert list(groups) == ["low", "low", "middle", "middle", "high", "high", ""]
    assert names == ["low", "middle", "high"]
    groups, names = kaplan_meier.thirds(np.array([0.0] * 8 + [1.0, 1.0]))
    assert names == ["low", "high"]
    assert list(groups[-3:]) == ["low", "high", "high"]


# separation


def test_separation_is_found_and_penalised():
    x = np.array([0.0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    X = response.with_ones(x[:, None])
    assert response.find_separation(X, x) == [0, 1]
    assert response.find_separation(X, np.array([0.0, 1, 0, 0, 1, 1, 0, 1, 1, 1])) == []
    found = firth.fit_penalised(X, x)
    # of two by two tables Firth's penalty is half a patient more in every cell
    assert found.coefficient[1] == pytest.approx(2 * np.log(5.5 / 0.5), rel=1e-6)
    assert 0 < found.low[1] < found.coefficient[1] < found.high[1]
    assert found.p[1] < 0.01


def test_a_response_says_that_it_was_separated():
    table = patients().assign(event=lambda d: (d["event"] == 1).astype(int))
    cohort = cohort_of(table, adjust=("flag",), response="separated", competing=None)
    whole = completed.complete(cohort, imputations=2, seed=1)
    found = response.fit_response(whole, table["separated"].to_numpy(dtype=float), "separated")
    assert found.separated == ["flag"]
    assert found.method == "Firth's penalised likelihood"
    flag = found.table[found.table["term"] == "flag"].iloc[0]
    assert np.isfinite(flag["ratio"])
    assert set(found.table[found.table["model"] == "marker alone"]["method"]) == {"maximum likelihood"}
    same = np.zeros(len(table))
    with pytest.raises(
        errors.InputError, match="at least 3 patients with each response but was '0 of 240 with pcr = 1'"
    ):
        response.fit_response(whole, same, "pcr")


# power and meta-analysis


@settings(max_examples=50)
@given(st.floats(1.1, 4.0), st.floats(0.0, 0.8), st.floats(0.5, 0.95))
def test_power_and_events_undo_each_other(ratio, explained, wanted):
    events = power.events_needed(ratio, explained=explained, power=wanted)
    assert power.power_of(events, ratio, explained=explained) == pytest.approx(wanted, abs=2e-3)
    assert power.detectable_ratio(events, explained=explained, power=wanted) == pytest.approx(ratio)
    assert power.power_of(events, 1 / ratio, explained=explained) == pytest.approx(
        power.power_of(events, ratio, explained=explained)
    )


def test_equal_cohorts_have_no_variance_between_them():
    found = meta_analysis.meta_analyse(["a", "b", "c"], np.full(3, 0.2), np.full(3, 0.1))
    assert found.tau2 == 0
    assert found.coefficient == pytest.approx(0.2)
    # the error of Hartung and Knapp would be 0; it is at least the usual one
    assert found.standard_error == pytest.approx(0.1 / np.sqrt(3))
    assert found.table["weight"].sum() == pytest.approx(1)


def test_a_meta_analysis_needs_cohorts():
    with pytest.raises(errors.InputError, match="at least two cohorts but was 1"):
        meta_analysis.meta_analyse(["a"], np.array([0.1]), np.array([0.1]))
    with pytest.raises(errors.InputError, match="finite effect with a positive standard error"):
        meta_analysis.meta_analyse(["a", "b"], np.array([0.1, np.nan]), np.array([0.1, 0.1]))
    with pytest.raises(errors.InputError, match="--method must be REML or DL but was 'FE'"):
        meta_analysis.meta_analyse(["a", "b"], np.array([0.1, 0.2]), np.array([0.1, 0.1]), method="FE")


@pytest.mark.parametrize("origin", [0.0, 60.0])
def test_a_column_that_separates_completely_has_a_finite_estimate_wherever_its_origin_is(origin):
    """Responders are all older than 60 years: far from the maximum the likelihood is flat."""
    random = np.random.default_rng(2)
    age = random.integers(30, 81, 60) - 0.5
    X = np.column_stack([np.ones(60), random.normal(size=60), age - origin])
    fit = firth.fit_penalised(X, (age > 60).astype(float))
    assert np.isfinite(fit.coefficient).all()
    assert fit.low[2] > 0
    centred = firth.fit_penalised(X - [0.0, 0.0, 50.0 - origin], (age > 60).astype(float))
    assert fit.coefficient[1:] == pytest.approx(centred.coefficient[1:], rel=1e-4)
    assert fit.low[1:] == pytest.approx(centred.low[1:], rel=1e-3)
