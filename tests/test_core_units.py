"""Quantities at the border: what converts, what is refused, and how."""

import contextlib
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine.core import errors, units

IL6 = 20_800.0  # g/mol; any mass will do here
positive = st.floats(1e-9, 1e9)
MOLAR, TIMES, MASSES = (
    ("pM", "nM", "uM", "mM", "M", "mol/l"),
    ("min", "h", "d", "s"),
    ("pg/ml", "ng/ml", "ug/ml", "g/l"),
)


@pytest.mark.parametrize(
    ("text", "to", "number"),
    [
        ("0.3 uM", "nM", 300),
        ("0.3 µM", "nM", 300),
        ("0.3 μM", "nM", 300),
        ("1e-6 M", "nM", 1000),
        ("2 d", "h", 48),
        ("90 min", "h", 1.5),
        ("72h", "h", 72),
        ("1 1/d", "1/h", 1 / 24),
        ("100 ul", "l", 1e-4),
        ("1e4 cell", "cell", 1e4),
        ("5 1/(nM*h)", "1/(uM*h)", 5000),
        ("50 %", "1", 0.5),
        ("3 fold", "1", 3),
        ("3", "1", 3),
        ("3 m²", "cm^2", 3e4),
        ("-2 nM", "nM", -2),
    ],
)
def test_read(text, to, number):
    assert units.read(text, to) == pytest.approx(number, rel=1e-12)


def test_mass_becomes_amount_through_the_molar_mass():
    # 1 ng/ml = 1e-6 g/l; over 20 800 g/mol that is 48.08 pM
    assert units.read("1 ng/ml", "nM", molar_mass_g_mol=IL6) == pytest.approx(1e-6 / IL6 * 1e9)
    assert units.read("1 nM", "ng/ml", molar_mass_g_mol=IL6) == pytest.approx(20.8)


@given(positive, st.sampled_from(MASSES), st.sampled_from(MOLAR), st.floats(10, 1e6))
def test_mass_to_amount_and_back(value, mass, molar, molar_mass):
    there = units.convert(value, mass, molar, molar_mass_g_mol=molar_mass)
    assert units.convert(there, molar, mass, molar_mass_g_mol=molar_mass) == pytest.approx(value, rel=1e-9)


@given(
    positive, st.sampled_from([MOLAR, TIMES, MASSES]).flatmap(lambda group: st.tuples(*[st.sampled_from(group)] * 2))
)
def test_there_and_back(value, pair):
    assert units.convert(units.convert(value, *pair), *reversed(pair)) == pytest.approx(value, rel=1e-9)


@given(positive, st.sampled_from(MOLAR))
def test_a_written_quantity_is_read_as_it_was(value, unit):
    assert units.parse(f"{value!r} {unit}") == (value, unit)


@pytest.mark.parametrize("text", ["5 mg", "5 h", "5 mg/kg", "5 degC", "5 dB", "5 cell", "5", "5 nm", "5 ng/ml"])
def test_what_is_no_concentration_is_refused_with_the_place(text):
    with pytest.raises(errors.UnitError, match=r"^f\.toml, line 3: the unit must be one that converts to nM but was"):
        units.read(text, "nM", where="f.toml, line 3")


def test_mg_is_refused_whatever_the_molar_mass():
    with pytest.raises(errors.UnitError, match="but was 'mg'; try a concentration in nM or uM or ng/ml"):
        units.read("5 mg", "nM", molar_mass_g_mol=IL6)


def test_a_number_without_unit_is_told_so():
    with pytest.raises(errors.UnitError, match="but was 'nothing'; try a quantity in h"):
        units.read("72", "h")


@pytest.mark.parametrize("unit", ["blorb", "nM/", "nM)", "__import__", "10 nM", "nM**9**9**9", "9**9**9**9"])
def test_an_unknown_unit_is_refused_at_once(unit):
    with pytest.raises(errors.UnitError, match="a unit must be one that is known but was"):
        units.read(f"5 {unit}", "nM")


@pytest.mark.parametrize("text", ["", "much", "nM 5", "--5 nM", "e5 nM", "5 nM\nx"])
def test_what_does_not_start_with_a_number_is_refused(text):
    with pytest.raises(errors.InputError, match=r'must be a number with a unit.*; try "10 ng/ml" or "72 h"'):
        units.parse(text)


@pytest.mark.parametrize("text", ["nan nM", "NaN nM", "inf nM", "-inf nM", "1e999 nM", "1e300 M"])
def test_what_is_not_finite_is_refused(text):
    with pytest.raises(errors.InputError, match="a quantity must be finite"):
        units.read(text, "nM")


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_plain_number_that_is_not_finite_is_refused(value):
    with pytest.raises(errors.InputError, match="a quantity must be finite"):
        units.convert(value, "uM", "nM")


@settings(max_examples=200)
@given(st.text(max_size=12))
def test_any_text_is_a_number_or_an_input_error(text):
    for quantity in (text, f"5 {text}"):
        with contextlib.suppress(errors.InputError):
            assert math.isfinite(units.read(quantity, "nM"))


@pytest.mark.parametrize(
    ("unit", "to"),
    [
        ("molecule/cell", "1"),
        ("molecule", "cell"),
        ("molecule", "nmol"),
        ("1/cell", "1"),
        ("molecule/cell", "nM"),
        ("cell", "1"),
    ],
)
def test_molecules_and_cells_never_vanish(unit, to):
    with pytest.raises(errors.UnitError):
        units.convert(1.0, unit, to)


def test_molecules_of_sites_are_molecules():
    assert units.convert(3.0, "site/cell", "molecule/cell") == 3.0
