"""Laws of the verdicts, and of predictions held against findings."""

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocrine.core import errors
from autocrine.evidence import Claim, Interval, Verdict, judge, judge_finding, load_library

THRESHOLD = 1.5
CAUSAL = Claim(
    "test-1", "test", 1, "A raises B.", "causal", "supports", "cells", "a_b", "fold", THRESHOLD, "Our own threshold."
)
OBSERVATION = dataclasses.replace(CAUSAL, kind="observation", edge="")
SCORED = {Verdict.REPRODUCED, Verdict.INSENSITIVE, Verdict.USED_FOR_FIT}

numbers = st.floats(0.01, 100)
intervals = st.tuples(numbers, numbers, numbers).map(lambda ends: Interval(*(sorted(ends)[i] for i in (1, 0, 2))))


def shifted(interval, by):
    return Interval(interval.value + by, interval.low + by, interval.high + by)


@given(intervals, intervals, st.booleans())
def test_reproduced_means_above_uncut_and_not_above_cut_and_not_fitted(effect, cut, fitted):
    verdict = judge(CAUSAL, effect, cut, fitted).verdict
    expected = effect.low > THRESHOLD and cut.high <= THRESHOLD and not fitted
    assert (verdict is Verdict.REPRODUCED) == expected


@given(intervals, intervals)
def test_insensitive_exactly_when_it_passes_with_and_without_the_cut(effect, cut):
    verdict = judge(CAUSAL, effect, cut).verdict
    assert (verdict is Verdict.INSENSITIVE) == (effect.low > THRESHOLD and cut.low > THRESHOLD)


@given(intervals, intervals, st.booleans())
def test_contradicted_exactly_when_no_value_passes(effect, cut, fitted):
    verdict = judge(CAUSAL, effect, cut, fitted).verdict
    assert (verdict is Verdict.CONTRADICTED) == (effect.high <= THRESHOLD)


@given(intervals, intervals)
def test_fitted_or_encoded_is_never_reproduced(effect, cut):
    assert judge(CAUSAL, effect, cut, used_in_fit=True).verdict is not Verdict.REPRODUCED
    encoded = dataclasses.replace(CAUSAL, encoded=True)
    assert judge(encoded, effect, cut).verdict is not Verdict.REPRODUCED


@given(intervals, intervals, st.booleans(), st.floats(0, 100))
def test_a_larger_effect_never_agrees_less(effect, cut, fitted, by):
    def rank(verdict):
        return {Verdict.CONTRADICTED: 0, Verdict.HYPOTHESIS: 1}.get(verdict, 2)

    # the cut lies on one side, so that only the effect decides
    cut = Interval.exact(cut.low)
    before, after = (judge(CAUSAL, e, cut, fitted).verdict for e in (effect, shifted(effect, by)))
    assert rank(after) >= rank(before)


@given(intervals, st.floats(0, 100))
def test_a_larger_effect_with_the_cut_never_reproduces_more(cut, by):
    effect = Interval.exact(5.0)
    if judge(CAUSAL, effect, cut).verdict is not Verdict.REPRODUCED:
        assert judge(CAUSAL, effect, shifted(cut, by)).verdict is not Verdict.REPRODUCED


@given(intervals, intervals)
def test_below_is_the_mirror_of_above(effect, cut):
    def mirrored(interval):
        return Interval(-interval.value, -interval.high, -interval.low)

    below = dataclasses.replace(CAUSAL, side="below", threshold=-THRESHOLD)
    assert judge(below, mirrored(effect), mirrored(cut)).verdict is judge(CAUSAL, effect, cut).verdict


@given(intervals)
def test_an_interval_that_includes_the_threshold_says_undecided(effect):
    judged = judge(OBSERVATION, effect)
    straddles = effect.low <= THRESHOLD < effect.high
    assert (judged.verdict is Verdict.HYPOTHESIS) == straddles
    assert judged.reason.startswith("undecided: the interval includes the threshold") == straddles


def test_an_undecided_cut_is_undecided():
    judged = judge(CAUSAL, Interval.exact(5), Interval(1.4, 1, 2))
    assert judged.verdict is Verdict.HYPOTHESIS
    assert judged.reason.startswith("undecided: the interval with a_b cut includes the threshold")


@given(st.none() | intervals, st.none() | intervals, st.booleans())
def test_a_hypothesis_is_never_scored(effect, cut, fitted):
    hypothesis = Claim("h", "test", 1, "Perhaps.", "hypothesis", "unsure", "patients")
    assert judge(hypothesis, effect, cut, fitted).verdict is Verdict.HYPOTHESIS


def test_without_a_variable_or_an_effect_it_was_not_asked():
    silent = dataclasses.replace(OBSERVATION, measure="", threshold=None)
    assert judge(silent, None).reason == "the model has no such variable"
    assert judge(CAUSAL, None).verdict is Verdict.NOT_ASKED
    assert judge(CAUSAL, None).reason == "the run computed no fold"


def test_an_unlimited_fold_counts():
    assert judge(OBSERVATION, Interval(math.inf, math.inf, math.inf)).verdict is Verdict.REPRODUCED
    assert judge(OBSERVATION, Interval(9, 8, math.inf)).verdict is Verdict.REPRODUCED


@pytest.mark.parametrize(
    ("claim", "effect", "cut", "message"),
    [
        (CAUSAL, Interval.exact(2), None, "test-1: a causal claim must come with the effect when its edge is cut"),
        (OBSERVATION, Interval.exact(2), Interval.exact(1), "must come without a cut"),
        (dataclasses.replace(OBSERVATION, measure="", threshold=None), Interval.exact(2), None, "without a measure"),
    ],
)
def test_a_wrong_design_is_refused(claim, effect, cut, message):
    with pytest.raises(errors.InputError, match=message):
        judge(claim, effect, cut)


@pytest.mark.parametrize("ends", [(1, 2, 3), (math.nan, 1, 2), (1, math.nan, 2), (5, 1, 2)])
def test_an_interval_must_be_one(ends):
    with pytest.raises(errors.InputError, match="an interval must"):
        Interval(*ends)


FINDINGS = load_library().findings
TESTS = [finding for finding in FINDINGS.values() if finding.role != "context"]


@pytest.mark.parametrize("finding", TESTS, ids=lambda finding: finding.key)
def test_predicting_what_was_observed_agrees_and_a_fitted_one_is_no_hit(finding):
    observed = finding.number
    if observed is None and finding.low is not None:
        observed = finding.low * 1.01
    if observed is None:
        observed = {"up": 3.0, "down": 0.3, "none": 1.0}[finding.direction]
    compared = judge_finding(finding, observed)
    assert compared.outcome == ("built in" if finding.encoded else "fitted" if finding.role == "fit" else "hit")
    assert compared.hit == (finding.role != "fit" and not finding.encoded)


@given(st.sampled_from([f for f in TESTS if f.unit != "%"]), intervals)
def test_a_wide_interval_never_earns_a_hit(finding, predicted):
    wide = Interval(predicted.value, predicted.low / 10, predicted.high * 10)
    if judge_finding(finding, wide.value, wide.low, wide.high).hit:
        assert judge_finding(finding, predicted.value, predicted.low, predicted.high).hit


@pytest.mark.parametrize(
    ("key", "predicted", "outcome", "ratio"),
    [
        ("wang2010-exogenous-cisplatin", 3.2, "hit", 3.2 / 6.25),
        ("wang2010-exogenous-cisplatin", 1.0, "miss", 1 / 6.25),
        ("lee2001-huh7-mrp", 1.0, "miss", 1 / 1.8),  # within a factor of 2, but no effect
        ("wang2010-antisense-paclitaxel", 0.09, "hit", 0.09 / math.sqrt(0.08 * 0.10)),
        ("duan2002-mitoxantrone", 1.6, "miss", 1.6),
        ("nci60-abcb1-protein", 184.0, "built in", 184 / 9.9),
        ("nci60-abcb1-protein", 5.0, "miss", 5 / 9.9),
        ("cakmak-abcb1", -40.0, "fitted", 0.60 / 0.55),
        ("cakmak-abcb1", 5.0, "miss", 1.05 / 0.55),
        ("conze2001-resistance", 2.0, "hit", None),
    ],
)
def test_outcome_and_ratio(key, predicted, outcome, ratio):
    compared = judge_finding(FINDINGS[key], predicted)
    assert compared.outcome == outcome
    assert compared.ratio == (None if ratio is None else pytest.approx(ratio))


def test_an_interval_across_the_border_is_undecided():
    assert judge_finding(FINDINGS["duan2002-mitoxantrone"], 1.2, 0.9, 2.0).outcome == "undecided"


def test_context_is_no_test():
    with pytest.raises(errors.InputError, match="trock1997-prevalence: a finding must be a test of the model"):
        judge_finding(FINDINGS["trock1997-prevalence"], 0.4)


def test_less_than_nothing_is_refused():
    with pytest.raises(errors.InputError, match="must not be below nothing"):
        judge_finding(FINDINGS["cakmak-abcb1"], -120.0)
