"""autocrine plates check as a person types it, and the laws behind it."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocrine.assay import plates
from autocrine.assay.plates.dip_rate import dip_rate
from autocrine.assay.plates.number import read_numbers
from autocrine.assay.plates.separation import ssmd, z_prime
from autocrine.cli import main
from autocrine.core import errors

DOSES = (0.01, 0.1, 1.0, 10.0)
CONTROLS, BLANKS = (900.0, 1000.0, 1100.0), (90.0, 100.0, 110.0)


def run(*words) -> int:
    try:
        main([str(word) for word in words])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture
def plate(tmp_path):
    def write(controls=CONTROLS, blanks=BLANKS):
        rows = [f"P1,A{i + 1},control,MCF7,,,{value}" for i, value in enumerate(controls)]
        rows += [f"P1,B{i + 1},blank,,,,{value}" for i, value in enumerate(blanks)]
        rows += [f"P1,C{i + 1},,MCF7,doxorubicin,{dose},{900 / (1 + dose) + 100}" for i, dose in enumerate(DOSES)]
        path = tmp_path / "plate.csv"
        path.write_text("\n".join(["plate,well,kind,line,drug,dose_uM,luminescence", *rows]), encoding="utf-8")
        return path

    return write


def checked(path, capsys):
    assert run("plates", "check", path, "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_the_separation_of_a_plate(plate, capsys):
    told = checked(plate(), capsys)
    (only,) = told["plates"]
    assert (only["blanks"], only["controls"], only["treated"]) == (3, 3, 4)
    assert only["z_prime"] == pytest.approx(1 - 3 * (100 + 10) / 900)
    assert only["ssmd"] == pytest.approx(900 / np.hypot(100, 10))
    assert only["control_cv"] == pytest.approx(0.1)
    assert any("fit 1 curves of viability to 4 wells" in step for step in told["plan"])


def test_controls_that_meet_the_blanks_are_a_problem(plate, capsys):
    told = checked(plate(controls=(200.0, 1000.0, 1800.0)), capsys)
    assert told["plates"][0]["z_prime"] < 0
    assert ("problem", "Z' below 0.5") in [(found["level"], found["topic"]) for found in told["findings"]]


def test_a_plate_without_controls(plate, capsys):
    told = checked(plate(controls=()), capsys)
    found = {(found["level"], found["topic"]) for found in told["findings"]}
    assert {("warning", "no controls"), ("problem", "no curve")} <= found
    assert any("refuse 1 series" in step for step in told["plan"])


def test_what_a_person_sees(plate, tmp_path, capsys):
    page = tmp_path / "pages" / "check.html"
    assert run("plates", "check", plate(controls=()), "--out", page) == 0
    shown = capsys.readouterr().out
    assert "no control wells" in shown
    assert "A fit would" in shown
    text = page.read_text(encoding="utf-8")
    assert "no control wells" in text
    assert "http:" not in text.replace("http://www.w3.org", "")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("1000.0", "alive", "line 3, column luminescence"),
        ("dose_uM", "dose", "unit of the dose"),
        ("luminescence", "remark", "well"),
    ],
)
def test_a_bad_plate_ends_with_code_2_and_a_message(plate, capsys, old, new, words):
    path = plate()
    path.write_text(path.read_text().replace(old, new))
    assert run("plates", "check", path) == 2
    told = capsys.readouterr().err
    assert words in told
    assert "Traceback" not in told


def test_a_page_that_cannot_be_written(plate, tmp_path, capsys):
    assert run("plates", "check", plate(), "--out", tmp_path) == 2
    assert "--out must be a file" in capsys.readouterr().err


def test_a_series_of_few_doses_is_refused_as_the_fit_would(plate, capsys):
    path = plate()
    path.write_text("\n".join(path.read_text().splitlines()[:-1]))
    told = checked(path, capsys)
    assert ("problem", "too few doses") in [(found["level"], found["topic"]) for found in told["findings"]]
    assert any("refuse 1 series" in step for step in told["plan"])
    (series,) = plates.dose_series(plates.read_plates(path)).series
    assert series.fit().status == "refused"


def test_raw_wells_become_fractions_of_control(plate):
    (series,) = plates.dose_series(plates.read_plates(plate())).series
    assert series.value == pytest.approx(1 / (1 + np.array(DOSES)))
    # half of the relative error of the level: controls and blanks have 3 wells each
    assert series.shared_error == pytest.approx(0.5 * np.hypot(100, 10) / np.sqrt(3) / 900)


def test_the_start_of_a_curve_is_not_changed_by_the_gain_of_the_reader(plate):
    path = plate()
    (first,) = plates.dose_series(plates.read_plates(path)).series
    head, *rows = path.read_text().splitlines()
    louder = [f"{row.rpartition(',')[0]},{7 * float(row.rpartition(',')[2])}" for row in rows]
    path.write_text("\n".join([head, *louder]))
    (second,) = plates.dose_series(plates.read_plates(path)).series
    assert second.value == pytest.approx(first.value)
    assert second.shared_error == pytest.approx(first.shared_error)


@given(st.floats(-0.1, 0.1), st.floats(10, 1e5), st.integers(4, 30))
def test_exponential_growth_has_its_own_rate(rate, first, count):
    time = np.linspace(0, 96, count)
    # logarithms of what is less than half a cell are those of half a cell
    cells = np.maximum(first * 2 ** (rate * time), 0.5)
    if cells.min() > 0.5:
        found = dip_rate(time, cells)
        assert found.rate == pytest.approx(rate, abs=1e-9)
        assert found.low <= found.rate <= found.high


def test_the_rate_is_that_after_the_lag():
    time = np.arange(0, 97, 4.0)
    doublings = np.where(time < 24, 0.04 * time, 0.96 - 0.01 * (time - 24))
    found = dip_rate(time, 500 * 2**doublings)
    assert found.rate == pytest.approx(-0.01, abs=1e-9)
    assert found.lag_h == 24


@pytest.mark.parametrize(
    ("time", "count"), [([0, 1, 2], [1, 2, 3]), ([0, 2, 1, 3], [1, 2, 3, 4]), ([0, 1, 2, 3], [1, 2, -3, 4])]
)
def test_counts_that_have_no_rate(time, count):
    with pytest.raises(errors.InputError):
        dip_rate(time, count)


@given(st.floats(-1e3, 1e3), st.floats(0.1, 1e3), st.floats(1e-3, 1e2), st.floats(1e-3, 1e2))
def test_separation_follows_from_means_and_deviations(low, distance, s_high, s_low):
    shape = np.array([-1.0, 0.0, 1.0])  # mean 0, standard deviation 1
    high_wells, low_wells = low + distance + s_high * shape, low + s_low * shape
    assert z_prime(high_wells, low_wells) == pytest.approx(1 - 3 * (s_high + s_low) / distance, rel=1e-6, abs=1e-6)
    assert ssmd(high_wells, low_wells) == pytest.approx(distance / np.hypot(s_high, s_low), rel=1e-6)
    # neither gain nor offset of a reader matters
    assert z_prime(3 * high_wells + 5, 3 * low_wells + 5) == pytest.approx(z_prime(high_wells, low_wells), rel=1e-6)


def test_one_well_says_nothing_of_separation():
    assert np.isnan(z_prime([1.0], [0.0, 0.1]))
    assert z_prime([1.0, 1.0], [1.0, 1.0]) == -np.inf


@given(st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=12))
def test_decimal_commas_read_as_points(numbers):
    points = [f"{number:.2f}" for number in numbers]
    commas = read_numbers([point.replace(".", ",") for point in points])
    assert commas.value.tolist() == read_numbers(points).value.tolist()
    assert commas.commas == len(points)


@given(st.integers(1, 999), st.integers(0, 999))
def test_a_comma_that_may_separate_thousands_is_refused(whole, part):
    word = f"{whole},{part:03d}"
    assert "one way only" in read_numbers([word]).problem[0]
    assert read_numbers([word, "0,5"]).value[0] == pytest.approx(whole + part / 1000)
    assert read_numbers([word], ",").value[0] == pytest.approx(whole + part / 1000)


def test_the_plan_names_what_several_plates_allow(tmp_path, capsys):
    rows = [f"MCF7,doxorubicin,{p},{dose},{1 / (1 + dose)}" for p in ("a", "b") for dose in (0.03, 0.1, 1.0, 3.0, 10.0)]
    path = tmp_path / "two.csv"
    path.write_text("\n".join(["line,drug,plate,dose_uM,viability", *rows]), encoding="utf-8")
    assert any("1 of these are on several plates" in step for step in checked(path, capsys)["plan"])
    path.write_text("\n".join(["line,drug,plate,dose_uM,viability", *rows[:5]]), encoding="utf-8")
    assert not any("several plates" in step for step in checked(path, capsys)["plan"])
