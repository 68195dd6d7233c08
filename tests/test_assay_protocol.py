"""Protocols: read in units of the bench; an impossible design is refused before it runs."""

import math

import pytest

from autocrine.assay import Protocol
from autocrine.core import Document, errors


def read(text):
    return Protocol.from_document(Document.parse(f"[protocol]\n{text}\n", "study.toml").table("protocol"))


def test_quantities_are_converted():
    protocol = read('seeded = "5e3 cell"\nmedium_volume = "0.2 ml"\nduration = "3 day"\nwashout = "90 min"\npgp_cv = 0')
    assert protocol.medium_volume_l == pytest.approx(2e-4)
    assert protocol.duration_h == pytest.approx(72.0)
    assert protocol.washout_h == pytest.approx(1.5)
    assert (protocol.seeded_cells, protocol.pgp_cv) == (5e3, 0.0)
    assert protocol.end_h == pytest.approx(protocol.preincubation_h + 72.0)


def test_every_key_is_optional():
    document = Document({}, "", "study.toml")
    assert Protocol.from_document(document) == Protocol()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('duration = "24 h"\nwashout = "30 h"', "washout must lie between 0 h and the end of the exposure (24 h)"),
        ('duration = "24 h"\nwashout = "24 h"', "washout"),
        ('preincubation = "0 h"\nduration = "24 h"\nmedium_change = "25 h"', "the end of the experiment (24 h)"),
        ('washout = "-1 h"', "washout"),
        ('duration = "-1 h"', "duration must be a positive number"),
        ('duration = "0 h"', "duration must be a positive number"),
        ('duration = "nan h"', "must be finite"),
        ('duration = "72 mg"', "converts to h"),
        ("duration = 72", "must be text"),
        ('duration = "soon"', "must be a number with a unit"),
        ('preincubation = "-2 h"', "preincubation must be zero or positive"),
        ('seeded = "-5 cell"', "seeded must be a positive number"),
        ('medium_volume = "0 ul"', "medium_volume must be a positive number"),
        ('medium_volume = "5 mg"', "converts to l"),
        ("medium_change_fraction = 1.5", "between 0 and 1"),
        ("medium_change_fraction = nan", "between 0 and 1"),
        ('seeded = "2e5 cell"', "seeded must not exceed the capacity of the well (100000 cells)"),
        ("pgp_cv = -0.5", "pgp_cv must be zero or positive"),
        ('durations = "72 h"', "try duration"),
    ],
)
def test_impossible_design_is_refused(text, message):
    with pytest.raises(errors.InputError, match=r"study\.toml, line") as caught:
        read(text)
    assert message in str(caught.value)


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
@pytest.mark.parametrize("name", ["seeded_cells", "medium_volume_l", "capacity_cells", "duration_h", "area_cm2"])
def test_numbers_that_cannot_be_are_refused_in_python_too(name, value):
    with pytest.raises(errors.DesignError, match=name):
        Protocol(**{name: value})
