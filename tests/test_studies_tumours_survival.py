"""Survival of cells with births: laws of Kaplan and Meier with late entry, and bands that know of families."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter

from autocrine.core import Document
from autocrine.studies.tumours.course import Course
from autocrine.studies.tumours.members import members_of
from autocrine.studies.tumours.survival import distance_classes, living_table, survival_curve, survival_table


def grow(seed, death, division, last, founders, step=0.1):
    """Return entry, exit, died and family of a population whose cells divide and die at given rates."""
    rng = np.random.default_rng(seed)
    alive = [(0.0, number) for number in range(founders)]
    rows, time = [], 0.0
    while time < last - 1e-9:
        time += step
        later = []
        for born, family in alive:
            drawn = rng.random()
            if drawn < death(time) * step:
                rows.append((born, time, True, family))
            elif drawn < (death(time) + division) * step:
                rows.append((born, time, False, family))
                later += [(time, family), (time, family)]
            else:
                later.append((born, family))
        alive = later
    rows += [(born, time, False, family) for born, family in alive]
    return tuple(np.array(each) for each in zip(*rows, strict=True))


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.booleans())
def test_curves_are_those_of_lifelines_with_late_entry(seed, tied):
    rng = np.random.default_rng(seed)
    entry = rng.uniform(0, 3, 60)
    exit_ = entry + rng.exponential(3, 60) + 0.01
    # cells that were there at the start keep the first risk sets from being empty
    entry[:20] = 0.0
    if tied:
        entry, exit_ = np.round(entry, 1), np.round(exit_ + 0.1, 1)
    died = rng.random(60) < 0.6
    died[0] = True
    mine = survival_curve(entry, exit_, died, np.arange(60))
    theirs = KaplanMeierFitter().fit(exit_, died, entry=entry)
    wanted = theirs.survival_function_at_times(mine["time"].to_numpy()).to_numpy()
    assert np.allclose(mine["survival"], wanted, atol=1e-12)


def test_growth_alone_changes_nothing():
    rate, last = 0.05, 20.0
    for division in (0.0, 0.15):
        entry, exit_, died, family = grow(3, lambda _: rate, division, last, 1500)
        curve = survival_curve(entry, exit_, died, family)
        wanted = (1 - rate * 0.1) ** np.round(curve["time"] / 0.1)
        assert np.abs(curve["survival"] - wanted).max() < 0.04
    # counted as a share of the first cells, a growing population would never seem to die
    assert len(entry) > 5 * 1500


def test_a_rate_that_changes_is_followed():
    entry, exit_, died, family = grow(5, lambda t: 0.1 if 5 <= t < 10 else 0.0, 0.1, 15.0, 500)
    curve = survival_curve(entry, exit_, died, family)
    assert curve["time"].iloc[1] >= 5.0
    assert curve["survival"].iloc[-1] == pytest.approx(np.exp(-0.5), abs=0.03)


def test_bands_hold_the_truth_as_often_as_they_say_when_families_share_a_fate():
    """Half of the families die at twice the rate of the mean: bands of single cells would be too narrow."""
    found, alone, wanted = 0, 0, np.exp(-0.6)
    runs = 150
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        # families of ten cells that live or die together
        family = np.repeat(np.arange(40), 10)
        exit_ = np.repeat(rng.exponential(1 / 0.06, 40), 10)
        died = exit_ < 10.0
        exit_ = np.minimum(exit_, 10.0)
        for groups in (family, np.arange(400)):
            last = survival_curve(np.zeros(400), exit_, died, groups).iloc[-1]
            inside = last["low"] <= wanted <= last["high"]
            found, alone = found + (inside and groups is family), alone + (inside and groups is not family)
    assert 0.90 <= found / runs <= 1.0
    assert alone / runs < 0.7


def test_nobody_at_risk_and_nobody_dead_are_curves_too():
    curve = survival_curve(np.zeros(3), np.ones(3), np.zeros(3, bool), np.arange(3))
    assert curve.to_dict("records") == [
        {"time": 0.0, "at_risk": 3, "deaths": 0, "survival": 1.0, "low": 1.0, "high": 1.0}
    ]
    all_die = survival_curve(np.zeros(2), np.ones(2), np.ones(2, bool), np.arange(2))
    assert all_die["survival"].iloc[-1] == 0.0
    assert all_die["deaths"].sum() == 2


DESIGN = """
[tumour]
name = "tiny"
duration = "1 h"
cells = 300
[domain]
size = "260 um"
voxel = "20 um"
[clone.fragile]
line = "sensitive"
fraction = 0.5
phenotype = { apoptosis_rate = 0.6 }
[clone.sturdy]
line = "sensitive"
fraction = 0.5
[producers]
fraction = 0.2
arrangement = "clustered"
[substrate.il6]
"""


def test_a_tumour_is_divided_by_clone_and_by_distance_at_the_start(tmp_path):
    member = members_of(Document.parse(DESIGN, "tiny.toml"), quick=False)[0]
    course = Course(member, 1, 1, tmp_path / "0.npz", resume=False)
    course.run(lambda _: None)
    classes, founders = distance_classes(course), course.founders()
    assert (classes[founders["producer"]] == "").all()
    assert (classes[~founders["producer"]] != "").all()
    ends = [tuple(map(float, name.removesuffix(" um").split("-"))) for name in set(classes) - {""}]
    ends.sort()
    assert len(ends) >= 2
    assert all(a[1] < b[0] for a, b in pairwise(ends))
    table = survival_table(course)
    assert set(table["by"]) == {"clone", "distance"}
    last = table.groupby(["by", "group"])["survival"].last()
    assert last["clone", "sturdy"] == 1.0
    assert last["clone", "fragile"] == pytest.approx(np.exp(-0.6), abs=0.1)
    deaths = table.groupby("by")["deaths"].sum()
    fate = course.tumour.lineage.table()
    assert deaths["clone"] == (fate["fate"] == "died").sum() > 5
    assert deaths["distance"] == ((fate["fate"] == "died") & ~fate["producer"]).sum()
    living = living_table(course, [0.0, 1.0])
    for by, group in living[["by", "group"]].drop_duplicates().itertuples(index=False):
        rows = living.loc[((living["by"] == by) & (living["group"] == group)).to_numpy()]
        first = table.loc[((table["by"] == by) & (table["group"] == group)).to_numpy(), "at_risk"].iloc[0]
        assert rows["at_risk"].iloc[0] == first
    counted = living.loc[((living["by"] == "clone") & (living["time"] == 1.0)).to_numpy(), "at_risk"]
    assert counted.sum() == course.tumour.population.alive.sum()
