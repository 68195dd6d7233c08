"""Laws of predicted reversal and of the next experiment."""

import numpy as np
import pytest

from autocrine.studies.explain import synthetic
from autocrine.studies.explain.attribution import attribute
from autocrine.studies.explain.causes import Causes
from autocrine.studies.explain.next_experiment import candidates, rank
from autocrine.studies.explain.reversal import (
    BLOCKERS,
    STEPS,
    TUMOUR,
    USER,
    Reversal,
    arms_of,
    dose_needed,
    predict_reversal,
    tumour_like,
)

PLAN = synthetic.Plan(drugs=("doxorubicin",), arms=("none",), doses=4, replicates=1)


@pytest.fixture(scope="module")
def causes():
    return Causes(synthetic.planned(PLAN))


def draws_of(causes, model, count=2):
    """Return draws at the truth of a model."""
    values = {**synthetic.typical(causes), **synthetic.planted(causes.laboratory, model)}
    return {name: np.full(count, value) for name, value in values.items()}


@pytest.fixture(scope="module")
def reversed_by(causes):
    """Return predictions by model, then by arm and density."""
    return {
        model: {(one.arm, one.density): one for one in predict_reversal(causes, draws_of(causes, model))}
        for model in ("both arms", "amplification only")
    }


def times(one):
    return float(np.exp(np.median(one.log_sensitised)))


def test_every_arm_and_pair_is_there_at_both_densities(reversed_by):
    for found in reversed_by.values():
        assert len(found) == 2 * (4 + 6)
        assert all(one.lost == 0 for one in found.values())


@pytest.mark.parametrize("density", [USER, TUMOUR])
def test_without_a_loop_blocking_it_does_nothing(reversed_by, density):
    found = reversed_by["amplification only"]
    for arm in ("anti-IL-6R", "anti-IL-6", "JAK inhibitor", "anti-IL-6R + JAK inhibitor"):
        assert times(found[arm, density]) == pytest.approx(1.0, abs=0.01), arm
        assert np.isnan(found[arm, density].needed_nM).all()
    assert times(found["P-gp blocker", density]) > 2


def test_with_a_loop_each_end_of_it_reverses_and_a_pair_does_more(reversed_by):
    found = reversed_by["both arms"]
    for arm in BLOCKERS:
        assert times(found[arm, USER]) > 2
        assert np.all(found[arm, USER].needed_nM > 0)
    both = times(found["anti-IL-6R + P-gp blocker", USER])
    assert both > 1.5 * times(found["anti-IL-6R", USER])
    assert both > 1.5 * times(found["P-gp blocker", USER])
    pair = found["anti-IL-6R + P-gp blocker", USER]
    assert np.isnan(pair.needed_nM).all()
    assert np.all((pair.needed > 0) & (pair.needed <= STEPS[-1]))
    # two blocks of one signal are no more than a complete one
    assert times(found["anti-IL-6 + JAK inhibitor", USER]) == pytest.approx(
        times(found["JAK inhibitor", USER]), rel=0.05
    )


def test_more_il6_in_a_tumour_needs_more_antibody(reversed_by):
    found = reversed_by["both arms"]
    assert found["anti-IL-6", TUMOUR].needed_nM[0] > 2 * found["anti-IL-6", USER].needed_nM[0]


def test_no_blocker_is_no_reversal(causes):
    arms = arms_of(synthetic.Bench())
    for name in BLOCKERS:
        assert len(arms[name]) == len(STEPS)
        # a dose of zero leaves the medium as it is
        assert not any(arms[name][0].medium.values())


def test_dose_needed_is_where_most_of_the_gain_is():
    doses = np.array([0.0, 1.0, 10.0, 100.0])
    gain = np.array([[0.0, 0.0, 0.0], [0.0, 0.9, 0.0], [0.8, 1.0, 0.01], [1.0, 1.0, 0.02]])
    found = dose_needed(doses, gain)
    assert found[0] == pytest.approx(10.0)
    assert found[1] == 1.0
    assert np.isnan(found[2])


def test_shares_are_of_the_fold_and_absent_without_resistance():
    one = Reversal("a", "b", "c", USER, np.log([2.0, 2.0]), np.log([4.0, 1.1]), np.full(2, np.nan), 0)
    assert one.share[0] == pytest.approx(0.5)
    assert np.isnan(one.share[1])
    assert one.row()["times_as_sensitive"] == pytest.approx(2.0)
    assert str(one.row()["dose_needed_nM"]) == "nan"
    nothing = Reversal("a", "b", "c", USER, np.empty(0), np.empty(0), np.empty(0), 2)
    assert str(nothing.row()["fold"]) == "nan"


def test_a_tumour_holds_its_il6_closer():
    bench = synthetic.Bench()
    dense, own = tumour_like(PLAN.protocol, bench)
    assert dense.capacity_cells / dense.medium_volume_l == pytest.approx(1e10)
    # density over loss is that of 1e8 cells/ml and 1/h
    assert dense.capacity_cells / dense.medium_volume_l / own.overrides.well["il6_decay"] == pytest.approx(1e11)


@pytest.fixture(scope="module")
def undecided(causes):
    """Return draws of which half have a loop and half something else that looks the same in the plain arm."""
    count = 40
    both, typical = draws_of(causes, "both arms", count), draws_of(causes, "no loop", count)
    looped = np.arange(count) < count // 2
    draw = {name: np.where(looped, both[name], typical[name]) for name in both}
    draw["other_resistant"] = np.zeros(count)
    fold = float(np.median(attribute(causes, both)[0].log_fold))
    draw["other_resistant_doxorubicin"] = np.where(looped, 0.0, fold)
    draw = {name: value for name, value in draw.items() if not name.startswith("scale")}
    return draw, attribute(causes, draw)


def test_an_arm_that_tells_causes_apart_tells_more_than_one_that_was_done(causes, undecided):
    ranked = rank(causes.laboratory, *undecided)
    left = {one.candidate.name: one.left for one in ranked}
    gains = {one.candidate.name: one.gain for one in ranked}
    known = [one for one in ranked if one.candidate.known]
    assert [one.candidate.name for one in known] == ["doxorubicin in the plain arm"]
    for arm in ("anti-IL-6R", "JAK inhibitor", "IL-6"):
        assert left[f"doxorubicin in an arm with {arm}"] < 0.5 * known[0].left
        # there are two kinds of draws, so nothing can tell more than which of them it is
        assert gains[f"doxorubicin in an arm with {arm}"] == pytest.approx(np.log(2), abs=0.02)
        assert gains[f"doxorubicin in an arm with {arm}"] > gains["doxorubicin in the plain arm"] + 0.05
    assert abs(gains["doxorubicin beyond the doses that were tested"]) < 0.02
    assert [one.left for one in ranked] == sorted(left.values())
    # the end of a curve that has fallen tells nothing
    assert left["doxorubicin beyond the doses that were tested"] > 0.9


def test_candidates_are_of_one_size_and_know_what_was_done(causes, undecided):
    draw, _ = undecided
    offered = candidates(causes.laboratory, draw)
    assert len(offered) == 7 + 3
    dosed = [one for one in offered if one.drug]
    assert {len(one.laboratory.measurements) for one in dosed} == {36}
    assert all(one.laboratory.reference == "parent" for one in offered)
    lab = synthetic.planned(synthetic.Plan(drugs=("doxorubicin",), doses=4, replicates=1, readouts=("il6",)))
    known = {one.name for one in candidates(lab, draw) if one.known}
    arms = {"the plain arm", "an arm with anti-IL-6R", "an arm with P-gp blocker"}
    assert known == {f"doxorubicin in {arm}" for arm in arms} | {"ELISA of IL-6"}


def test_too_few_draws_say_nothing(causes):
    draw = draws_of(causes, "both arms", 3)
    assert rank(causes.laboratory, draw, attribute(causes, draw)) == []
