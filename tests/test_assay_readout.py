"""Readouts: what they read, in which unit, with which noise."""

import numpy as np
import pytest

from autocrine.assay import Arm, Protocol
from autocrine.assay.concentration import NG_PER_ML_PER_NM
from autocrine.assay.readout import ELISA_LIMIT_NG_ML, READOUTS, find_readout
from autocrine.assay.well import Well
from autocrine.core import errors, units

PLATE = Protocol(preincubation_h=24.0, duration_h=48.0)


@pytest.fixture(scope="module")
def mixed(bench):
    """A well of two lines in unequal shares, over time."""
    lines = ((bench.line("sensitive"), 0.8), (bench.line("resistant"), 0.2))
    (course,) = bench.run([Well(lines, Arm(), PLATE, ((bench.drug("rhodamine 123"), 100.0),))], lambda _: (0, 24, 72))
    return course


@pytest.mark.parametrize("name", READOUTS)
def test_every_readout_reads_every_time(mixed, name):
    level = READOUTS[name].level(mixed)
    assert level.shape == (3,)
    assert np.isfinite(level).all()
    assert (level >= 0).all()


def test_elisa_reads_free_and_receptor_bound_il6_in_mass(mixed):
    assert pytest.approx(units.convert(1.0, "nM", "ng/ml", molar_mass_g_mol=20900.0)) == NG_PER_ML_PER_NM
    expected = (mixed.levels["il6"] + mixed.levels["il6_sil6r"]) * 20.9
    assert READOUTS["il6"].level(mixed) == pytest.approx(expected)


def test_populations_count_by_their_cells(mixed):
    share = mixed.levels["p2_cells"] / mixed.levels["cells"]
    expected = (1 - share) * mixed.levels["p1_pgp"] + share * mixed.levels["p2_pgp"]
    assert READOUTS["pgp_surface"].level(mixed) == pytest.approx(expected)


def test_pstat3_is_a_fraction_of_the_stat3_of_the_line(bench):
    """A line with other STAT3 than the default is read against its own."""
    course, halved = bench.run(
        [bench.well("hepg2", PLATE, Arm(il6_nM=100.0, changes={"sirna_stat3": f})) for f in (0.0, 0.5)]
    )
    molecules = course.levels["p1_pstat3"] + course.levels["p1_pstat3_nuclear"]
    assert READOUTS["pstat3"].level(course) == pytest.approx(molecules / 487700.0)
    assert READOUTS["pstat3"].level(course).max() <= 1.0
    assert READOUTS["pstat3"].level(halved)[-1] < READOUTS["pstat3"].level(course)[-1]


def test_growth_rate_is_that_of_an_exponential(bench, start):
    wide = Protocol(seeded_cells=10.0, capacity_cells=1e9, preincubation_h=24.0, duration_h=48.0)
    (course,) = bench.run([bench.well("sensitive", wide)])
    assert READOUTS["growth_rate"].level(course)[-1] == pytest.approx(start["division_rate_max"], rel=1e-4)


def test_noise_has_its_mean_and_spread(mixed):
    count = READOUTS["live_count"]
    values = count.measure(mixed, 2000, 1, "noise") / count.level(mixed)
    assert values.mean() == pytest.approx(1.0, abs=0.003)
    assert values.std() == pytest.approx(count.cv, rel=0.05)


def test_noise_is_keyed_by_seed_and_names(mixed):
    il6 = READOUTS["il6"]
    assert np.array_equal(il6.measure(mixed, 2, 7, "a"), il6.measure(mixed, 3, 7, "a")[:2])
    assert not np.array_equal(il6.measure(mixed, 2, 7, "a"), il6.measure(mixed, 2, 7, "b"))
    assert not np.array_equal(il6.measure(mixed, 2, 7, "a"), il6.measure(mixed, 2, 8, "a"))


def test_elisa_has_a_limit(bench):
    (course,) = bench.with_values(cell={"il6_basal": 0.0}).run([bench.well("sensitive", PLATE)])
    assert READOUTS["il6"].level(course) == pytest.approx(0.0, abs=1e-6)
    assert READOUTS["il6"].measure(course, 1, 1) == pytest.approx(ELISA_LIMIT_NG_ML)


def test_unknown_readout_is_refused_and_the_nearest_offered():
    assert find_readout("il6") is READOUTS["il6"]
    with pytest.raises(errors.InputError, match=r"study\.toml.*'pstat5'; try pstat3"):
        find_readout("pstat5", where="study.toml")
    with pytest.raises(errors.InputError, match="try live_count"):
        find_readout("zzz")
