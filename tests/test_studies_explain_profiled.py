"""Profiles of the causes: which are meant, and what is drawn of them."""

import numpy as np
import pytest

from autocrine.studies.explain.profiled import Profiled, _shared


def test_causes_of_one_drug_only_are_not_profiled():
    names = ("pump_arm", "survival_arm", "loop_R", "copies_R", "other_R", "other_R_doxorubicin", "potency_doxorubicin")
    assert _shared(names) == ["pump_arm", "survival_arm", "loop_R", "copies_R", "other_R"]


def test_a_profile_is_drawn_from_the_top_down_and_cut():
    places, drops = np.array([1.0, 2.0, 3.0]), np.array([9.0, 0.0, 1.92])
    one = Profiled("loop_R", places, drops, (1.5, np.inf), (1.6, 3.0), "practically not identifiable", "")
    points = [tuple(map(float, point.split(","))) for point in one.path.split()]
    assert [x for x, _ in points] == [0.0, 50.0, 100.0]
    # the highest likelihood at the top, the end of the interval at the line of the page, the rest at the bottom
    assert [y for _, y in points] == pytest.approx([39.0, 1.0, 19.24], abs=0.06)
    row = one.row()
    assert (row["low"], row["high"], row["low_with_priors"]) == (1.5, np.inf, 1.6)
