"""Treatments in TOML, how far a producer reaches, and fields for other programs."""

import base64
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from autocrine.core import Document, errors
from autocrine.tissue.fields import Exchange, Face, Fields, Grid, Substrate, Vessels
from autocrine.tissue.fields.export import as_dataset, write_vti
from autocrine.tissue.fields.reach import level_around_producer, penetration_length_um, protection_radius_um
from autocrine.tissue.fields.steady_state import steady_state
from autocrine.tissue.treatment import load_treatment

TREATMENT = """
[plasma.doxorubicin]
half_life = "2 h"
doses = [
    { time = "1 d", level = "0.3 uM", every = "72 h", times = 2 },
    { time = "200 h", level = "100 nM", over = "6 h" },
]
[plasma.tocilizumab]
table = { time = ["0 h", "48 h", "48 h"], level = ["0 nM", "0 nM", "400 nM"] }
"""
UNITS = {"doxorubicin": "nM", "tocilizumab": "nM", "oxygen": "mmHg"}


def treatment(text):
    return load_treatment(Document.parse(text, "tumour.toml"), UNITS)


def test_doses_decay_by_half_in_a_half_life():
    found = treatment(TREATMENT)
    drug = found["doxorubicin"]
    assert drug.jumps_h == (24.0, 96.0)
    assert [drug.at(t) for t in (23.9, 24.0, 26.0)] == pytest.approx([0.0, 300.0, 150.0])
    assert drug.at(98.0) == pytest.approx(150 + 300 / 2**37)
    assert found["tocilizumab"].jumps_h == (48.0,)
    assert found["tocilizumab"].at(50.0) == 400.0


def test_an_infusion_gives_as_much_as_the_dose_at_once():
    drug = treatment(TREATMENT)["doxorubicin"]
    times = np.linspace(200, 260, 6001)
    area = np.trapezoid([drug.at(t) for t in times], times)
    assert area == pytest.approx(100 * 2 / np.log(2), rel=1e-5)


def test_without_a_half_life_a_dose_stays():
    drug = treatment('[plasma.doxorubicin]\ndoses = [{time = "1 h", level = "8 nM", over = "2 h"}]')["doxorubicin"]
    assert [drug.at(t) for t in (0.5, 2.0, 3.0, 900.0)] == pytest.approx([0.0, 4.0, 8.0, 8.0])


def test_a_treatment_reaches_tissue_through_vessels():
    plasma = {"doxorubicin": treatment(TREATMENT)["doxorubicin"]}
    vessels = Vessels([[15.0, 15.0, 0.0]], 400.0, {"doxorubicin": 100.0}, plasma)
    fields = Fields(Grid((6, 6), 10.0), [Substrate("doxorubicin", 1e4)], vessels=vessels, time_h=23.99)
    arrived = [fields.step(0.02)["doxorubicin"].from_vessels for _ in range(3)]
    assert arrived[0] > 0
    level = fields["doxorubicin"]
    assert level.argmax() == 7
    assert level.sum() * 1000 == pytest.approx(sum(arrived))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[plasma.taxol]\ndoses = []", "must name a substrate"),
        ('[plasma.oxygen]\nhalf_life = "2 h"', "either doses or a table"),
        ('[plasma.doxorubicin]\ndoses = [{time = "1 h"}]', "must have time and level"),
        ('[plasma.doxorubicin]\ndoses = [{time = "1 h", level = "3 h"}]', "converts to nM"),
        ('[plasma.doxorubicin]\ndoses = [{time = "1 h", level = "-3 nM"}]', "must not be negative"),
        ('[plasma.doxorubicin]\ndoses = [{time = 3, level = "3 nM"}]', "text with a unit"),
        ('[plasma.doxorubicin]\ndoses = [{time = "1 h", level = "3 nM", every = "1 h"}]', "both every and times"),
        ('[plasma.doxorubicin]\ndoses = [{time = "1 h", level = "3 nM", every = "1 h", times = 0}]', "whole number"),
        ('[plasma.doxorubicin]\nhalf_life = "0 h"\ndoses = []', "half-life must be positive"),
        ('[plasma.doxorubicin]\ntable = {time = ["1 h"], level = []}', "as many times"),
        ("[plasma.doxorubicin]\ndose = []", "try doses"),
    ],
)
def test_a_treatment_that_cannot_be_given_is_refused(text, says):
    with pytest.raises(errors.InputError, match=says) as refused:
        treatment(text)
    assert "tumour.toml, line" in str(refused.value)


def test_a_producer_protects_as_far_as_its_level_reaches():
    radius = protection_radius_um(1e4, 1.44e5, 90.0, 1e-4)
    assert level_around_producer(radius, 1e4, 1.44e5, 90.0) == pytest.approx(1e-4)
    assert protection_radius_um(1e-3, 1.44e5, 1e-9, 1e-4) == pytest.approx(1e-3 / (4 * np.pi * 1.44e5 * 1e-4), rel=1e-4)
    assert penetration_length_um(1e4, 1.0) == 100.0
    for wrong in ((0.0, 1.0), (1.0, np.inf), (-1.0, 1.0)):
        with pytest.raises(errors.InputError):
            penetration_length_um(*wrong)
    with pytest.raises(errors.InputError, match="threshold"):
        protection_radius_um(1.0, 1.0, 1.0, 0.0)


def test_cells_that_take_shorten_the_reach():
    # consumers in every voxel: clearance over volume adds to the decay, so that the radius of the closed form holds
    n, spacing, clearance, decay = 41, 8.0, 40000.0, 10.0
    fields = Fields(Grid((n, n, n), spacing), [Substrate("il6", 1.44e5, decay)])
    everywhere = (np.argwhere(np.ones((n, n, n))) + 0.5) * spacing
    positions = np.concatenate([np.full((1, 3), n * spacing / 2), everywhere])
    given = np.zeros(len(positions))
    given[0] = 1e4
    contacts = fields.contacts(positions)
    level = steady_state(fields, "il6", contacts, Exchange(secretion=given, clearance_um3_h=clearance), tolerance=1e-9)
    along = level[n // 2 :, n // 2, n // 2]
    threshold = 1e-5
    radius = protection_radius_um(1e4, 1.44e5, decay + clearance / spacing**3, threshold)
    found = np.interp(np.log(threshold), np.log(along[::-1]), spacing * np.arange(along.size)[::-1])
    assert found == pytest.approx(radius, rel=0.03)


@pytest.mark.parametrize("shape", [(5, 4, 3), (5, 4)])
def test_an_image_of_vtk_holds_the_levels(tmp_path, shape):
    levels = np.random.default_rng(1).random(shape)
    fields = Fields(
        Grid(shape, 10.0, (1.0, 2.0, 3.0)), [Substrate("il6", 1e3, initial=levels), Substrate("o<2", 1e3)], time_h=2.5
    )
    path = tmp_path / "field.vti"
    write_vti(fields, path)
    root = ET.parse(path).getroot()  # noqa: S314
    image = root.find("ImageData")
    assert image is not None
    assert image.attrib["WholeExtent"] == " ".join(f"0 {n}" for n in (*shape, 1)[:3])
    assert image.attrib["Origin"] == "1.0 2.0 3.0"
    arrays = image.findall("Piece/CellData/DataArray")
    assert [a.attrib["Name"] for a in arrays] == ["il6 (nM)", "o<2 (nM)"]
    raw = base64.b64decode(arrays[0].text or "")
    assert int.from_bytes(raw[:8], "little") == 8 * levels.size
    np.testing.assert_array_equal(np.frombuffer(raw[8:], "<f8").reshape(shape, order="F"), levels)
    assert [p.name for p in tmp_path.iterdir()] == ["field.vti"]


def test_an_image_that_cannot_be_written_says_so(tmp_path):
    fields = Fields(Grid((3, 3), 1.0), [Substrate("x", 1.0)])
    with pytest.raises(errors.OutputError, match="must be writable"):
        write_vti(fields, tmp_path / "absent" / "field.vti")
    with pytest.raises(errors.InputError, match=r"suffix \.vti"):
        write_vti(fields, tmp_path / "field.vtk")


def test_a_dataset_of_xarray_goes_to_zarr_and_back(tmp_path):
    import xarray

    levels = np.random.default_rng(2).random((4, 5, 6))
    fields = Fields(Grid((4, 5, 6), 10.0), [Substrate("il6", 1e3, initial=levels, faces=Face.held(1.0))], time_h=1.5)
    as_dataset(fields).to_zarr(tmp_path / "fields.zarr", consolidated=False)
    with xarray.open_zarr(tmp_path / "fields.zarr", consolidated=False) as back:
        np.testing.assert_array_equal(back["il6"].values, levels)
        assert back["il6"].attrs["units"] == "nM"
        assert back.attrs["time_h"] == 1.5
        assert back["il6"].sel(x=25.0, y=5.0, z=55.0) == levels[2, 0, 5]
