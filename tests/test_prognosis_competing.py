"""Competing events: laws of the subdistribution, and what a report of them says."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine import prognosis
from autocrine.core import errors
from autocrine.prognosis import cox, subdistribution
from autocrine.prognosis.competing import competing_risks
from autocrine.prognosis.completed import complete
from autocrine.prognosis.gray import compare_incidence
from autocrine.prognosis.kaplan_meier import thirds
from prognosis_patients import patients


def made(seed, count=80, censored=True):
    """Return times, states and two columns; times in tenths, so that some are tied."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(count, 2))
    first, other = random.exponential(np.exp(-0.5 * X[:, 0])), random.exponential(1.5, count)
    end = random.uniform(0.2, 3, count) if censored else np.full(count, np.inf)
    time = np.minimum(np.minimum(first, other), end)
    status = np.where(time == first, 1, np.where(time == other, 2, 0))
    return np.ceil(10 * time) / 10, status, X


def frame(time, status, X):
    event = (status == 1).astype(float)
    return pd.DataFrame({"_time": time, "_event": event, "_status": status, "a": X[:, 0], "b": X[:, 1]})


@settings(max_examples=15)
@given(st.integers(0, 10**6))
def test_without_censoring_a_competing_event_is_no_event_ever(seed):
    time, status, X = made(seed, censored=False)
    found = subdistribution.fit_subdistribution([frame(time, status, X)], ["a", "b"], 1)
    never = frame(np.where(status == 2, 1e3, time), status, X)
    np.testing.assert_allclose(found.coefficient, cox.fit_cox(never, ["a", "b"]).coefficient, atol=1e-7)


@settings(max_examples=10)
@given(st.integers(0, 10**6))
def test_without_competing_events_it_is_the_cox_regression(seed):
    time, status, X = made(seed)
    status = np.where(status == 2, 0, status)
    found = subdistribution.fit_subdistribution([frame(time, status, X)], ["a", "b"], 1)
    np.testing.assert_allclose(
        found.coefficient, cox.fit_cox(frame(time, status, X), ["a", "b"]).coefficient, atol=1e-7
    )


@settings(max_examples=15)
@given(st.integers(0, 10**6))
def test_score_residuals_sum_to_nothing_at_the_maximum(seed):
    time, status, X = made(seed)
    found = subdistribution.fit_subdistribution([frame(time, status, X)], ["a", "b"], 1)
    residual = subdistribution.score_residuals(time, status, 1, X, found.coefficient)
    assert residual.sum(axis=0) == pytest.approx([0.0, 0.0], abs=1e-5)


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.integers(2, 4))
def test_grays_test_knows_ranks_only_and_no_names(seed, groups):
    time, status, _ = made(seed)
    group = np.random.default_rng(seed).integers(0, groups, len(time)).astype(object)
    plain = compare_incidence(time, status, group, 1)
    renamed = compare_incidence(np.exp(time), status, (groups - group).astype(object), 1)
    np.testing.assert_allclose(plain, renamed, rtol=1e-9, atol=1e-12)


def test_grays_test_holds_its_level_and_finds_a_difference():
    random = np.random.default_rng(4)
    sets = [made(seed, 120) for seed in range(200)]
    null = [compare_incidence(t, s, random.integers(0, 2, len(t)).astype(object), 1)[2] for t, s, _ in sets]
    real = [compare_incidence(t, s, (X[:, 0] > 0).astype(object), 1)[2] for t, s, X in sets]
    # 5 % of 200 is 10; the exact 99.9 % interval
    assert 2 <= sum(p < 0.05 for p in null) <= 22
    assert sum(p < 0.05 for p in real) > 100


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(subdistribution, "_MOST_ROWS", 50)
    with pytest.raises(errors.InputError, match="a Fine-Gray regression must have at most 50 rows"):
        subdistribution.fit_subdistribution([frame(*made(1))], ["a", "b"], 1)


def test_a_report_has_both_regressions_and_notes_what_fails(monkeypatch):
    question = prognosis.Question("time", "event", "marker", adjust=("age",), competing=2)
    whole = complete(prognosis.cohort_of(patients().astype(object), question, name="made"), imputations=2, seed=1)
    groups, names = thirds(whole.frames[0]["marker"].to_numpy(dtype=float))
    found = competing_risks(whole, groups, names)
    assert found.subdistribution["cause"].tolist() == found.hazards["cause"].tolist() == ["event", "competing event"]
    assert found.gray["degrees"].tolist() == [2, 2]
    # the other cause is rarely fatal to both: the marker does less to the number of events than to their rate
    ours = {name: getattr(found, name)["coefficient"].iloc[0] for name in ("hazards", "subdistribution")}
    assert 0 < ours["subdistribution"] < ours["hazards"]
    monkeypatch.setattr(subdistribution, "_MOST_ROWS", 50)
    again = competing_risks(whole, groups, names)
    assert len(again.subdistribution) == 0
    assert "Fine-Gray" in again.notes[0]
