"""Dose-response experiments: their wells, tables, curves and exact potencies."""

import numpy as np
import pytest

from autocrine.assay import Arm, Protocol
from autocrine.assay.dose_response import _half_dose
from autocrine.core import errors

PLATE = Protocol(preincubation_h=24.0, duration_h=72.0)


@pytest.fixture(scope="module")
def series(bench):
    return bench.series("sensitive", "doxorubicin", PLATE)


@pytest.fixture(scope="module")
def courses(bench, series):
    return bench.run(series.wells())


def test_wells_begin_with_the_untreated(series):
    doses = [well.drugs[0][1] for well in series.wells()]
    assert doses[0] == 0.0
    assert doses[1:] == pytest.approx(series.doses_nM)
    assert series.doses_nM[[0, -1]] == pytest.approx([1.0, 1e5])


def test_exact_ic50_is_where_half_the_cells_are(bench):
    """With close doses the interpolation is exact enough; the default doses are half a decade apart."""
    fine = bench.series("sensitive", "doxorubicin", PLATE, doses_nM=np.geomspace(50, 2000, 25))
    (ic50,) = bench.exact_ic50s([fine])
    untreated, half = bench.run([bench.dosed("sensitive", "doxorubicin", dose, PLATE) for dose in (0.0, ic50)])
    assert half.levels["cells"][-1] / untreated.levels["cells"][-1] == pytest.approx(0.5, abs=2e-3)
    (coarse,) = bench.exact_ic50s([bench.series("sensitive", "doxorubicin", PLATE)])
    assert coarse == pytest.approx(ic50, rel=0.15)


def test_fit_finds_the_exact_ic50(bench, series, courses):
    table = series.table(courses, 3, seed=1)
    assert len(table) == 3 * (series.doses_nM.size + 1)
    assert list(table.columns[:3]) == ["line", "drug", "arm"]
    assert table.loc[table["dose_nM"] == 0, "viability"].mean() == pytest.approx(1.0)
    fine = bench.series("sensitive", "doxorubicin", PLATE, doses_nM=np.geomspace(50, 2000, 25))
    (ic50,) = bench.exact_ic50s([fine])
    fitted = bench.fit([(series, table)])[0].ic50
    assert fitted.value_nM == pytest.approx(ic50, rel=0.15)
    assert fitted.low < fitted.value_nM < fitted.high
    assert bench.fit_growth_rates([(series, table)])[0] is not None


def test_same_seed_same_table(series, courses):
    assert series.table(courses, 2, 5).equals(series.table(courses, 2, 5))
    assert not series.table(courses, 2, 5).equals(series.table(courses, 2, 6))


def test_il6_and_the_pump_raise_the_ic50(bench):
    names = ("sensitive", "sensitive_vector", "sensitive_il6", "resistant")
    ic50 = bench.exact_ic50s([bench.series(name, "doxorubicin", PLATE) for name in names])
    assert ic50[1] == pytest.approx(ic50[0], rel=1e-9)
    assert ic50[2] > 1.1 * ic50[0]
    assert ic50[3] > ic50[2]


def test_what_is_not_reached_is_not_a_number(bench):
    low = bench.series("resistant", "doxorubicin", PLATE, doses_nM=[0.1, 1.0])
    assert np.isnan(bench.exact_ic50s([low])).all()
    assert np.isnan(_half_dose(np.array([1.0, 2.0]), np.array([0.4, 0.1])))


def test_half_dose_of_a_straight_line_on_logarithms():
    dose = np.geomspace(1, 1e4, 9)
    assert _half_dose(dose, dose**-0.2) == pytest.approx(2.0**5, rel=1e-9)


def test_mixture_names_its_lines(bench):
    mixed = bench.mixture((("sensitive", 0.75), ("resistant", 0.25)), "paclitaxel", PLATE, Arm())
    assert mixed.line_name == "75% sensitive + 25% resistant"
    assert all(well.shape == (2, 1) for well in mixed.wells())


@pytest.mark.parametrize(
    ("drug", "doses", "message"),
    [
        ("doxorubicine", None, "try doxorubicin"),
        ("taxol", [-1.0], "zero or positive"),
        ("cisplatin", [np.nan], "zero or positive"),
        ("verapamil", None, "verapamil is a blocker"),
    ],
)
def test_bad_series_are_refused(bench, drug, doses, message):
    with pytest.raises(errors.InputError, match=message):
        bench.series("sensitive", drug, PLATE, doses_nM=doses).wells()


def test_unknown_line_is_refused(bench):
    with pytest.raises(errors.InputError, match=r"'sensitve'; try sensitive"):
        bench.series("sensitve", "doxorubicin", PLATE)


def test_values_by_drug_are_kept_side_by_side(bench):
    once = bench.with_values(drugs={"cisplatin": {"potency": 5e3}})
    twice = once.with_values(drugs={"cisplatin": {"death_max": 0.1}})
    assert twice.overrides.drugs["cisplatin"] == {"potency": 5e3, "death_max": 0.1}
    assert once.overrides.drugs["cisplatin"] == {"potency": 5e3}
