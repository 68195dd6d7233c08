"""Laws of curves over several plates: limits of shrinkage, robustness, censoring, coverage."""

import math

import numpy as np
import pytest

from autocrine.assay import fit_curve
from autocrine.assay.curve import Curve
from autocrine.assay.curve_hierarchy import HierarchicalCurve, fit_hierarchy
from autocrine.assay.curve_hierarchy_draws import half_doses, potency_of
from autocrine.core import errors, generator

DOSES = np.concatenate([[0.0], np.geomspace(1.0, 10_000.0, 9)])


def four_parameters(dose, e_max, ec50, hill, e_0=1.0):
    return e_max + (e_0 - e_max) / (1 + (dose / ec50) ** hill)


def half(e_max, ec50, hill, e_0=1.0):
    return ec50 * ((e_0 - 0.5) / (0.5 - e_max)) ** (1 / hill)


def plated(ec50s, *, noise=0.03, e_max=0.1, hill=1.2, seed=1):
    """Return doses, values and labels of plates that differ in EC50."""
    dose, plate = np.tile(DOSES, len(ec50s)), np.repeat([f"p{k}" for k in range(len(ec50s))], DOSES.size)
    value = np.concatenate([four_parameters(DOSES, e_max, ec50, hill) for ec50 in ec50s])
    return dose, value + noise * generator(seed, "plates").normal(size=dose.size), plate


APART = plated([40.0, 80.0, 200.0])


def found_of(plates, **kinds):
    """Return the hierarchical fit of some plates, which must be one."""
    found = fit_hierarchy(*plates, **kinds)
    assert isinstance(found, HierarchicalCurve)
    return found


def width(potency):
    return math.log10(potency.high / potency.low)


def test_one_plate_is_the_single_fit():
    dose, value, plate = plated([80.0])
    alone, one = fit_curve(dose, value), fit_hierarchy(dose, value, plate)
    assert isinstance(one, Curve)
    assert one.ic50 == alone.ic50
    assert (one.e_0, one.e_max, one.hill_slope) == (alone.e_0, alone.e_max, alone.hill_slope)


def test_without_spread_the_plates_are_pooled():
    dose, value, _ = APART
    pooled, found = fit_curve(dose, value).ic50, found_of(APART, between=[0.0] * 4)
    assert found.ic50.value_nM == pytest.approx(pooled.value_nM, rel=0.03)
    assert width(found.ic50) == pytest.approx(width(pooled), rel=0.2)
    assert len({plate.ic50 for plate in found.plates}) == 1


def test_with_any_spread_the_plates_stand_for_themselves():
    dose, value, plate = APART
    found = found_of(APART, between=[math.inf] * 4)
    for one in found.plates:
        alone = fit_curve(dose[plate == one.label], value[plate == one.label]).ic50
        assert one.ic50.value_nM == pytest.approx(alone.value_nM, rel=0.04)
        # the noise is still told from all wells, so a plate need not find its own
        assert 0.4 < width(one.ic50) / width(alone) < 1.3


def test_plates_lean_toward_the_typical_curve():
    noisy = plated([70.0, 80.0, 95.0], noise=0.12, seed=3)
    found, own = found_of(noisy), found_of(noisy, between=[1e3] * 4)
    leaning, standing = (np.log([one.ic50.value_nM or math.nan for one in fit.plates]) for fit in (found, own))
    assert np.std(leaning) < 0.6 * np.std(standing)
    assert np.all(np.argsort(leaning) == np.argsort(standing))


def test_the_typical_curve_is_known_as_well_as_the_plates_agree():
    alike, apart = (found_of(plated(ec50s)) for ec50s in ([80.0] * 3, [40.0, 80.0, 200.0]))
    assert width(alike.ic50) < 0.5 * width(apart.ic50)
    assert alike.fold_between_plates[0] < 1.15
    assert apart.fold_between_plates[0] > 1.5
    # pooling forgets that three plates are three, however many wells they have
    assert width(apart.ic50) > 2 * width(fit_curve(*APART[:2]).ic50)


def test_a_bad_well_hardly_moves_anything():
    dose, value, plate = plated([80.0, 90.0, 75.0])
    clean = found_of((dose, value, plate))
    value[14] += 0.8
    bad = found_of((dose, value, plate))
    assert bad.ic50.value_nM == pytest.approx(clean.ic50.value_nM, rel=0.1)
    assert bad.plates[1].ic50.value_nM == pytest.approx(clean.plates[1].ic50.value_nM, rel=0.15)


def test_a_plate_with_three_doses_takes_the_rest_from_the_others():
    dose, value, plate = plated([80.0, 90.0, 75.0])
    kept = (plate != "p2") | np.isin(dose, DOSES[[0, 2, 3]])
    found = found_of((dose[kept], value[kept], plate[kept]))
    assert found.plates[2].wells == 3
    assert found.plates[2].ic50.low < 75.0 < found.plates[2].ic50.high
    assert width(found.plates[2].ic50) > width(found.plates[0].ic50)


@pytest.mark.parametrize(("ec50", "side", "bound"), [(4e4, ">", 10_000.0), (0.3, "<", 1.0)])
def test_a_partial_curve_has_a_censored_potency(ec50, side, bound):
    found = found_of(plated([0.8 * ec50, ec50, 1.2 * ec50], e_max=0.0))
    assert (found.ic50.value_nM, found.ic50.censored) == (None, side)
    assert found.ic50.bound_nM == pytest.approx(bound)
    assert found.chance_beyond[side == ">"] > 0.9
    assert "IC50 lies" in found.reason


def test_no_plates_to_compare_give_a_single_fit():
    dose, value, _ = plated([80.0, 80.0])
    # labels that only number the wells of a dose
    assert isinstance(fit_hierarchy(dose, value, [f"{d:g}" for d in dose]), Curve)
    flat = fit_hierarchy(dose, np.ones(dose.size), np.repeat(["a", "b"], DOSES.size))
    assert flat.status == "flat"
    assert fit_hierarchy([1.0, 2.0], [1.0, 1.0], ["a", "b"]).status == "refused"


def test_equal_seeds_give_equal_curves_and_other_seeds_nearly():
    first, again, other = (found_of(APART, seed=seed) for seed in (1, 1, 2))
    assert first.ic50 == again.ic50
    assert other.ic50.value_nM == pytest.approx(first.ic50.value_nM, rel=0.1)
    assert other.ic50 != first.ic50
    assert max(first.draws.r_hat, other.draws.r_hat) < 1.05
    assert first.draws.effective > 400


def test_units_of_dose_do_not_matter():
    dose, value, plate = APART
    here, there = found_of(APART), found_of((1e3 * dose, value, plate))
    assert there.ic50.low / 1e3 == pytest.approx(here.ic50.low, rel=0.1)
    assert there.auc == pytest.approx(here.auc, abs=0.02)


def test_the_error_of_controls_widens_the_interval():
    alike = plated([80.0] * 3)
    sure, unsure = (found_of(alike, control_error=error).ic50 for error in (0.0, 0.15))
    assert width(unsure) > 1.3 * width(sure)


def test_tables_hold_every_plate_and_the_typical_curve():
    found = found_of(APART)
    points, lines, potencies = found.plate_frames(20)
    assert list(dict.fromkeys(lines["arm"])) == ["typical", "p0", "p1", "p2"]
    assert len(points) == len(APART[0])
    assert len(potencies) == 4
    assert found.table()["plate"].tolist() == ["p0", "p1", "p2"]
    low, high = found.band(DOSES)
    assert np.all((low <= found.predict(DOSES)) & (found.predict(DOSES) <= high))
    area, least, most = found.auc_interval
    assert least < area < most


def test_draws_that_never_cross_half_are_bounds_not_numbers():
    theta = np.array([[1.0, 0.3, 2.0, 0.0], [0.4, 0.5, 2.0, 0.0], [1.0, 1.0, 2.0, 0.0]])
    assert half_doses(theta, 0.0).tolist() == [math.inf, -math.inf, 2.0]
    assert str(potency_of(np.array([math.inf] * 3), 0.0, 4.0)) == "> 10 uM"
    assert str(potency_of(np.array([2.0] * 60 + [math.inf] * 40), 0.0, 4.0)) == "0.10 uM (0.10 to open)"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"between": [0.1]}, "four"),
        ({"between": [-1.0, 0.0, 0.0, 0.0]}, "at least 0"),
        ({"control_error": -0.1}, "at least 0"),
        ({"control_error": math.nan}, "finite"),
        ({"seed": -1}, "seed"),
    ],
)
def test_impossible_spreads_are_named(wrong, words):
    with pytest.raises(errors.InputError, match=words):
        fit_hierarchy(*APART, **wrong)


def test_every_value_needs_a_plate():
    with pytest.raises(errors.InputError, match="one label"):
        fit_hierarchy(*APART[:2], ["a"])


def covered(plates, spread, kind, runs=150):
    """Return the shares of simulated experiments whose intervals hold the typical IC50: hierarchical, pooled."""
    hits = np.zeros(2)
    for run in range(runs):
        random = generator(run, "coverage of plates", plates, spread, kind)
        e_max, ec50, hill = random.uniform(0, 0.3), 10 ** random.uniform(1.2, 2.8), random.uniform(0.8, 2.5)
        dose, plate = np.tile(DOSES, plates), np.repeat(np.arange(plates), DOSES.size)
        centre, level = ec50 * 10 ** (spread * random.normal(size=plates)), 1 + spread / 4 * random.normal(size=plates)
        size = dose.size
        noise = random.normal(size=size) if kind == "normal" else random.standard_t(3, size) / math.sqrt(3)
        value = level[plate] * four_parameters(dose, e_max, centre[plate], hill) + 0.05 * noise
        found = (fit_hierarchy(dose, value, plate).ic50, fit_curve(dose, value, plate).ic50)
        hits += [ic50.low <= half(e_max, ec50, hill) <= ic50.high for ic50 in found]
    return hits / runs


@pytest.mark.slow
@pytest.mark.parametrize(
    ("plates", "spread", "kind"), [(3, 0.0, "normal"), (3, 0.2, "normal"), (5, 0.2, "heavy"), (4, 0.1, "normal")]
)
def test_intervals_cover_the_typical_potency(plates, spread, kind):
    # 150 runs: the standard error of a coverage of 95 % is 1.8 %; few plates that agree get wide intervals
    hierarchical, pooled = covered(plates, spread, kind)
    assert hierarchical >= 0.90
    if spread >= 0.2:
        assert pooled < 0.8, "plates that differ are what a pooled fit cannot see"
