"""Laws of dose-response curves: recovery, units, censoring, folds, intervals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine.assay import fit_curve, fold_resistance
from autocrine.assay.curve_series import Series, fit_curves
from autocrine.assay.potency import Potency
from autocrine.core import errors, generator

DOSES = np.concatenate([[0.0], np.geomspace(1.0, 10_000.0, 9)])

levels = st.floats(0.0, 0.4)
centres = st.floats(5.0, 2_000.0)
slopes = st.floats(0.6, 4.0)


def four_parameters(dose, e_max, ec50, hill, e_0=1.0):
    return e_max + (e_0 - e_max) / (1 + (dose / ec50) ** hill)


def half(e_max, ec50, hill, e_0=1.0):
    return ec50 * ((e_0 - 0.5) / (0.5 - e_max)) ** (1 / hill)


@settings(max_examples=40)
@given(e_max=levels, ec50=centres, hill=slopes, e_0=st.floats(0.85, 1.2))
def test_known_parameters_are_recovered(e_max, ec50, hill, e_0):
    curve = fit_curve(DOSES, four_parameters(DOSES, e_max, ec50, hill, e_0))
    assert curve.status == "fitted"
    truth = half(e_max, ec50, hill, e_0)
    if 1.0 <= truth <= 10_000.0:
        assert curve.ic50.value_nM == pytest.approx(truth, rel=2e-2)
    assert curve.e_0 == pytest.approx(e_0, abs=1e-2)
    assert curve.predict(DOSES) == pytest.approx(four_parameters(DOSES, e_max, ec50, hill, e_0), abs=5e-3)


@settings(max_examples=15)
@given(factor=st.floats(1e-3, 1e3), control=st.floats(0.01, 1e6))
def test_units_of_dose_and_response_do_not_matter(factor, control):
    noise = generator(1, "units").normal(0, 0.03, DOSES.size)
    value = four_parameters(DOSES, 0.1, 80.0, 1.2) + noise
    plain, scaled = fit_curve(DOSES, value), fit_curve(DOSES * factor, value * control, control=control)
    assert scaled.ic50.value_nM / factor == pytest.approx(plain.ic50.value_nM, rel=1e-3)
    assert scaled.ic50.low / factor == pytest.approx(plain.ic50.low, rel=5e-3)
    assert scaled.ic50.high / factor == pytest.approx(plain.ic50.high, rel=5e-3)


def test_more_noise_gives_wider_intervals():
    noise = generator(2, "noise").normal(0, 1, DOSES.size)
    widths = []
    for size in (0.01, 0.03, 0.06):
        ic50 = fit_curve(DOSES, four_parameters(DOSES, 0.1, 80.0, 1.2) + size * noise).ic50
        widths.append(math.log(ic50.high / ic50.low))
    assert widths == sorted(widths)
    assert widths[0] < 0.5 * widths[2]


@settings(max_examples=60)
@given(
    e_max=st.floats(0.0, 1.0),
    ec50=st.floats(1e-3, 1e7),
    hill=slopes,
    noise=st.floats(0.0, 0.3),
    seed=st.integers(0, 1000),
)
def test_no_number_lies_outside_of_the_tested_doses(e_max, ec50, hill, noise, seed):
    value = four_parameters(DOSES, e_max, ec50, hill) + noise * generator(seed, "law").normal(0, 1, DOSES.size)
    curve = fit_curve(DOSES, value)
    for potency in (curve.ic50, curve.ec50):
        numbers = [potency.value_nM, potency.bound_nM, *(x for x in (potency.low, potency.high) if 0 < x < math.inf)]
        assert all(1.0 * (1 - 1e-9) <= n <= 10_000.0 * (1 + 1e-9) for n in numbers if n is not None)
        assert potency.low <= potency.high
        if potency.value_nM is not None:
            assert potency.low <= potency.value_nM <= potency.high
    assert curve.status in {"fitted", "flat", "refused"}
    assert curve.status == "fitted" or curve.reason


@pytest.mark.parametrize(("ec50", "side", "bound"), [(1e6, ">", 10_000.0), (1e-2, "<", 1.0)])
def test_ic50_beyond_the_doses_is_censored(ec50, side, bound):
    curve = fit_curve(DOSES, four_parameters(DOSES, 0.0, ec50, 1.5))
    assert (curve.ic50.value_nM, curve.ic50.censored) == (None, side)
    assert curve.ic50.bound_nM == pytest.approx(bound)
    assert str(curve.ic50) == ("> 10 uM" if side == ">" else "< 1 nM")


@pytest.mark.parametrize(
    ("value", "status", "words", "censored"),
    [
        ([1.0] * 9, "flat", "does not change", ">"),
        ([0.2] * 9, "flat", "below half", "<"),
        ([0.5] * 9, "flat", "no IC50", ""),
        (list(np.linspace(0.9, 1.4, 9)), "flat", "rises", ">"),
        (list(np.linspace(0.1, 0.9, 9)), "refused", "rises", ""),
        ([math.nan] * 9, "refused", "not finite", ""),
        ([80.0] * 9, "refused", "fractions of control", ""),
    ],
)
def test_odd_curves_are_named(value, status, words, censored):
    curve = fit_curve(DOSES[1:], value)
    assert curve.status == status
    assert words in curve.reason
    assert curve.ic50.censored == censored
    assert curve.ic50.value_nM is None


def test_two_doses_are_refused():
    curve = fit_curve([1.0, 1.0, 100.0, 100.0], [1.0, 0.9, 0.1, 0.2])
    assert curve.status == "refused"
    assert "only 2 doses" in curve.reason
    assert np.isnan(curve.predict([1.0])).all()


def test_no_points_are_refused():
    assert fit_curve([], []).status == "refused"


def test_values_that_are_not_finite_are_left_out_and_said():
    value = four_parameters(DOSES, 0.1, 80.0, 1.2)
    value[3] = math.nan
    curve = fit_curve(DOSES, value)
    assert curve.status == "fitted"
    assert "1 of 10 values" in curve.reason


@pytest.mark.parametrize(("dose", "words"), [(-1.0, "not negative"), (math.nan, "finite"), (math.inf, "finite")])
def test_impossible_doses_raise(dose, words):
    with pytest.raises(errors.InputError, match=words):
        fit_curve([dose, 1.0, 2.0, 3.0, 4.0], [1.0] * 5)


def test_shapes_and_control_are_checked():
    with pytest.raises(errors.InputError, match="equal length"):
        fit_curve([1.0, 2.0], [1.0])
    with pytest.raises(errors.InputError, match="control"):
        fit_curve([1.0], [1.0], control=0.0)
    with pytest.raises(errors.InputError, match="one label"):
        fit_curve([1.0], [1.0], ["a", "b"])


def test_one_outlier_hardly_moves_the_ic50():
    value = four_parameters(np.tile(DOSES, 3), 0.05, 80.0, 1.2)
    value = value + generator(3, "outlier").normal(0, 0.03, value.size)
    clean = fit_curve(np.tile(DOSES, 3), value).ic50.value_nM
    value[4] += 0.8
    assert fit_curve(np.tile(DOSES, 3), value).ic50.value_nM == pytest.approx(clean, rel=0.12)


def test_a_shift_that_plates_share_widens_the_interval():
    plate = np.repeat(["a", "b", "c"], DOSES.size)
    shift = np.repeat([0.88, 1.0, 1.12], DOSES.size)
    noise = generator(4, "plates").normal(0, 0.01, plate.size)
    value = four_parameters(np.tile(DOSES, 3), 0.1, 80.0, 1.2) * shift + noise
    alone, plates = fit_curve(np.tile(DOSES, 3), value).ic50, fit_curve(np.tile(DOSES, 3), value, plate).ic50
    assert plates.value_nM == alone.value_nM
    assert plates.high / plates.low > 1.2 * alone.high / alone.low


def test_the_order_of_wells_does_not_matter():
    value = four_parameters(DOSES, 0.1, 80.0, 1.2) + generator(5, "order").normal(0, 0.03, DOSES.size)
    order = generator(6, "order").permutation(DOSES.size)
    first, second = fit_curve(DOSES, value), fit_curve(DOSES[order], value[order])
    assert second.ic50.value_nM == pytest.approx(first.ic50.value_nM, rel=1e-4)


def test_frames_hold_what_a_figure_needs():
    points, line, potency = fit_curve(DOSES, four_parameters(DOSES, 0.1, 80.0, 1.2)).frames("IL6 gene", count=20)
    assert list(points.columns) == ["arm", "dose_nM", "value"]
    assert len(line) == 20
    assert np.all(line["low"].to_numpy() <= line["value"].to_numpy())
    assert potency["text"].iloc[0].endswith(")")


def covered(plates: int, shift: float, kind: str, runs: int = 400) -> float:
    """Return the share of simulated experiments whose interval holds the true IC50."""
    dose, plate = np.tile(DOSES[1:], plates), np.repeat(np.arange(plates), DOSES.size - 1)
    hits = 0
    for run in range(runs):
        random = generator(run, "coverage", plates, shift, kind)
        e_max, ec50, hill = random.uniform(0, 0.35), 10 ** random.uniform(1, 3.2), random.uniform(0.7, 3)
        noise = random.normal(0, 1, dose.size) if kind == "normal" else random.standard_t(3, dose.size) / math.sqrt(3)
        value = (four_parameters(dose, e_max, ec50, hill) + 0.06 * noise) * (1 + shift * random.normal(0, 1, plates))[
            plate
        ]
        ic50 = fit_curve(dose, value, plate if plates > 1 else None).ic50
        hits += ic50.low <= half(e_max, ec50, hill) <= ic50.high
    return hits / runs


@pytest.mark.slow
@pytest.mark.parametrize(
    ("plates", "shift", "kind"), [(1, 0.0, "normal"), (3, 0.0, "normal"), (3, 0.0, "heavy"), (4, 0.12, "normal")]
)
def test_intervals_cover_the_truth(plates, shift, kind):
    # 400 runs: the standard error of a coverage of 95 % is 1.1 %
    assert 0.915 <= covered(plates, shift, kind) <= 0.985


def censored(bound, side):
    return Potency(None, 0.0 if side == "<" else bound, bound if side == "<" else math.inf, side, bound)


doses, ratios = st.floats(1e-2, 1e6), st.floats(1.0, 10.0)
potencies = st.one_of(
    st.builds(lambda value, down, up: Potency(value, value / down, value * up), doses, ratios, ratios),
    st.builds(censored, doses, st.sampled_from("<>")),
    st.just(Potency(None)),
)


@given(potencies, potencies)
def test_fold_is_antisymmetric(one, other):
    there, back = fold_resistance(one, other), fold_resistance(other, one)
    assert there.determined == back.determined
    if there.value is not None and back.value is not None:
        assert there.value * back.value == pytest.approx(1)
        assert there.low * back.high == pytest.approx(1)
        assert there.low <= there.value <= there.high
    elif there.bound is not None and back.bound is not None:
        assert {there.censored, back.censored} == {"<", ">"}
        assert there.bound * back.bound == pytest.approx(1)


def test_fold_combines_log_variances():
    fold = fold_resistance(Potency(320.0, 160.0, 640.0), Potency(10.0, 5.0, 20.0))
    assert fold.value == pytest.approx(32)
    assert fold.high == pytest.approx(32 * 2 ** math.sqrt(2))
    assert str(fold) == "32 (12-85)"


def test_fold_of_censored_potencies_is_a_bound_or_nothing():
    above, below = Potency(None, 1e4, math.inf, ">", 1e4), Potency(None, 0.0, 1.0, "<", 1.0)
    value = Potency(312.5, 300.0, 330.0)
    assert str(fold_resistance(above, value)) == "> 32"
    assert str(fold_resistance(value, above)) == "< 0.031"
    assert str(fold_resistance(above, below)) == "> 10000"
    assert str(fold_resistance(above, above)) == "not determined"
    assert str(fold_resistance(below, below)) == "not determined"
    assert str(fold_resistance(Potency(None), value)) == "not determined"


@pytest.mark.parametrize(
    ("potency", "text"),
    [
        (Potency(310.0, 250.0, 400.0), "0.31 uM (0.25-0.40)"),
        (Potency(5.2, 4.3, 6.4), "5.2 nM (4.3-6.4)"),
        (Potency(2500.0, 900.0, math.inf), "2.5 uM (0.90 to open)"),
        (Potency(None, 0.0, 2.5, "<", 2.5), "< 2.5 nM"),
        (Potency(None), "not determined"),
    ],
)
def test_potency_reads_as_a_person_writes(potency, text):
    assert str(potency) == text


@pytest.mark.parametrize("wrong", [{"censored": "=", "bound_nM": 1.0}, {"censored": ">"}, {"bound_nM": 1.0}])
def test_a_potency_that_contradicts_itself_is_refused(wrong):
    with pytest.raises(errors.InputError):
        Potency(None, **wrong)


def test_what_else_is_fitted_at_once_changes_nothing():
    random = np.random.default_rng(3)
    curves = [
        four_parameters(DOSES, 0.1, ec50, 1.2) + random.normal(0, 0.05, DOSES.size) for ec50 in np.geomspace(3, 3e4, 23)
    ]
    series = [Series(DOSES, value) for value in curves]
    series += [
        Series(DOSES, np.ones(DOSES.size)),
        Series(DOSES[:3], np.ones(3)),
        Series(DOSES[1:], curves[0][1:], interval=False),
    ]
    series += [Series(DOSES, 2 * curves[1] - 1, np.arange(DOSES.size) % 2, floor=-1.0, half_level_error=0.02)]
    together = fit_curves(series)
    assert {curve.status for curve in together} == {"fitted", "flat", "refused"}
    for one, curve in zip(series, together, strict=True):
        (alone,) = fit_curves([one])
        assert (alone.status, alone.reason, alone.ic50.censored) == (curve.status, curve.reason, curve.ic50.censored)
        numbers = [
            (c.e_0, c.e_max, c.hill_slope, c.ic50.low, c.ic50.high, c.ic50.value_nM or 0.0) for c in (alone, curve)
        ]
        assert numbers[1] == pytest.approx(numbers[0], rel=1e-9, nan_ok=True)


def test_nothing_to_fit_gives_nothing():
    assert fit_curves([]) == []
