"""What a tumour leaves for other programs: frames come back, and each format holds what its readers look for."""

import base64
import json
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image
from scipy.io import loadmat

from autocrine.core import Document, errors
from autocrine.studies.tumours import export_tumour
from autocrine.tissue import TumourDesign, plant, store
from autocrine.tissue.store.frame import Frame

TEXT = """
[tumour]
name = "tiny"
duration = "0.1 h"
cells = 30
dimensions = {dimensions}
[domain]
size = "200 um"
voxel = "20 um"
[clone.one]
line = "sensitive"
fraction = 0.5
phenotype = {{ apoptosis_rate = 3.0 }}
[clone.two]
line = "sensitive"
fraction = 0.5
[producers]
fraction = 0.3
[substrate.il6]
[substrate.doxorubicin]
initial = "1 uM"
"""


@pytest.fixture(scope="module", params=[2, 3])
def recording(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "tumour.zarr"
    tumour = plant(TumourDesign.from_document(Document.parse(TEXT.format(dimensions=request.param), "tiny.toml")))
    frames = [store.take_frame(tumour)]
    for _ in range(2):
        tumour.run(tumour.time_h + 0.1)
        frames.append(store.take_frame(tumour))
    store.write_recording(path, store.scene_of(tumour, ["one", "two"], "Tiny", "first"), iter(frames))
    return store.Recording(path.parent), frames


def same(a: Frame, b: Frame) -> None:
    assert a.time_h == b.time_h
    assert a.cells.keys() == b.cells.keys()
    assert a.levels.keys() == b.levels.keys()
    for name in a.cells:
        assert np.array_equal(a.cells[name], b.cells[name]), name
    for name in a.levels:
        assert np.array_equal(a.levels[name], b.levels[name]), name


def test_frames_come_back_as_they_were(recording, tmp_path):
    found, frames = recording
    assert found.times_h == pytest.approx([0.0, 0.1, 0.2])
    assert (frames[-1].kind == 2).any(), "some cells must have died for the formats to say so"
    for at, frame in enumerate(frames):
        same(found.frame(at), frame)
    same(found.frame(-1), frames[-1])
    assert found.chosen(2) == [0, 2]
    assert found.chosen(5) == [0, 2]
    store.save_frame(frames[1], tmp_path / "deep" / "1.npz")
    same(store.load_frame(tmp_path / "deep" / "1.npz"), frames[1])
    assert found.scene.kinds() == ["one", "one producer", "two", "two producer"]


def test_a_course_opens_with_xarray(recording):
    import xarray

    found, frames = recording
    with xarray.open_zarr(found.path / "frames", consolidated=False) as data:
        assert dict(data.sizes)["time"] == 3
        assert int(data["row_size"].sum()) == data.sizes["cell"] == sum(each.count for each in frames)
        first = int(data["row_size"][0])
        assert np.array_equal(data["position"][:first], frames[0].cells["position"])
        assert np.array_equal(data["field_il6"][1], frames[1].levels["il6"])
        assert data["field_il6"].attrs["units"] == "nM"


def test_simularium_holds_every_cell_with_its_type(recording, tmp_path):
    found, frames = recording
    store.write_simularium(found, tmp_path / "a.simularium")
    read = json.loads((tmp_path / "a.simularium").read_text(encoding="utf-8"))
    information, spatial = read["trajectoryInfo"], read["spatialData"]
    assert (information["version"], spatial["version"], read["plotData"]["version"]) == (3, 1, 1)
    assert information["totalSteps"] == spatial["bundleSize"] == len(spatial["bundleData"]) == 3
    names = {int(number): each["name"] for number, each in information["typeMapping"].items()}
    assert names == {0: "one", 1: "one#producer", 2: "one#dead", 3: "two", 4: "two#producer", 5: "two#dead"}
    low, high = found.scene.corners_um
    assert list(information["size"].values()) == [b - a for a, b in zip(low, high, strict=True)]
    for frame, written in zip(frames, spatial["bundleData"], strict=True):
        agents = np.array(written["data"]).reshape(-1, 11)
        assert (agents[:, 0] == 1000).all()
        assert agents[:, 1].astype(int).tolist() == frame.cells["id"].tolist()
        assert [names[int(each)].partition("#")[0] for each in agents[:, 2]] == [
            ("one", "two")[each] for each in frame.cells["clone"]
        ]
        dead = np.array([names[int(each)].endswith("#dead") for each in agents[:, 2]])
        assert np.array_equal(dead, ~frame.alive)
        # the middle of the box is the origin
        middle = (np.array(low) + high) / 2
        assert np.allclose(agents[:, 3:6] + middle, frame.cells["position"], atol=1e-3)
        assert np.allclose(agents[:, 9], frame.radius_um, atol=1e-3)
    assert [each["y"][-1] for each in read["plotData"]["data"][0]["data"]] == np.bincount(
        frames[-1].kind, minlength=3
    ).tolist()


def test_multicellds_has_the_columns_that_its_labels_name(recording, tmp_path):
    found, frames = recording
    store.write_multicellds(found, tmp_path, every=2)
    names = {path.name for path in tmp_path.iterdir()}
    assert {"initial.xml", "final.xml", "output00000000.xml", "output00000001.xml", "initial_mesh0.mat"} <= names
    assert "output00000002.xml" not in names
    root = ET.parse(tmp_path / "output00000001.xml").getroot()  # noqa: S314
    time = root.find("metadata/current_time")
    assert time is not None
    assert float(time.text or "") == pytest.approx(12.0)
    data = root.find("cellular_information/cell_populations/cell_population/custom/simplified_data")
    assert data is not None
    assert data.attrib["source"] == "PhysiCell"
    cells = loadmat(tmp_path / (data.findtext("filename") or ""))["cells"]
    rows, at = {}, 0
    for label in data.iter("label"):
        assert int(label.attrib["index"]) == at
        rows[label.text] = cells[at : at + int(label.attrib["size"])]
        at += int(label.attrib["size"])
    frame = frames[2]
    assert cells.shape == (at, frame.count)
    assert np.array_equal(rows["position"].T, frame.cells["position"])
    assert np.allclose(rows["total_volume"][0], frame.cells["volume"].sum(axis=1), rtol=1e-6)
    parts = rows["nuclear_volume"] + rows["cytoplasmic_volume"]
    assert np.allclose(parts, rows["total_volume"], rtol=1e-12)
    kinds = [each.text for each in data.iter("type")]
    wanted = [
        ("one", "two")[clone] + (" producer" if producer else "")
        for clone, producer in zip(frame.cells["clone"], frame.cells["producer"], strict=True)
    ]
    assert [kinds[int(each)] for each in rows["cell_type"][0]] == wanted
    assert np.array_equal(rows["dead"][0] == 1, ~frame.alive)
    assert set(rows["current_phase"][0][~frame.alive]) <= {100.0, 101.0, 102.0}
    assert set(rows["current_phase"][0][frame.alive]) <= {4.0, 10.0, 11.0}


def test_multicellds_has_levels_where_its_mesh_says(recording, tmp_path):
    found, frames = recording
    store.write_multicellds(found, tmp_path, every=9)
    mesh = loadmat(tmp_path / "initial_mesh0.mat")["mesh"]
    levels = loadmat(tmp_path / "final_microenvironment0.mat")["multiscale_microenvironment"]
    assert np.array_equal(levels[:4], mesh)
    grid = found.scene.grid
    at = tuple(np.floor((mesh[axis] - grid.origin_um[axis]) / grid.spacing_um).astype(int) for axis in range(3))
    inside = at[: len(grid.shape)]
    for row, medium in enumerate(found.scene.media):
        assert np.array_equal(levels[4 + row], frames[-1].levels[medium.name][inside])
    graph = (tmp_path / "final_cell_neighbor_graph.txt").read_text().splitlines()
    near = {int(a): {int(b) for b in rest.split(",") if b.strip()} for a, rest in (line.split(":") for line in graph)}
    assert all(a in near[b] for a, others in near.items() for b in others)
    assert sum(map(len, near.values())) > 0


def test_vtk_names_its_files_with_their_times(recording, tmp_path):
    found, frames = recording
    store.write_vtk(found, tmp_path)
    for kind in ("cells", "fields"):
        listed = list(ET.parse(tmp_path / f"{kind}.pvd").getroot().iter("DataSet"))  # noqa: S314
        assert [float(each.attrib["timestep"]) for each in listed] == pytest.approx([0.0, 0.1, 0.2])
        assert all((tmp_path / each.attrib["file"]).is_file() for each in listed)
    piece = ET.parse(tmp_path / "cells-0002.vtp").getroot().find("PolyData/Piece")  # noqa: S314
    assert piece is not None
    data = {each.attrib["Name"]: each for each in piece.findall("PointData/DataArray")}
    assert {"radius (um)", "il6 (nM)", "pgp", "division_rate (1/h)", "clock (h)"} <= set(data)
    raw = base64.b64decode(data["radius (um)"].text or "")[8:]
    assert np.allclose(np.frombuffer(raw, "<f4"), frames[2].radius_um)


def test_a_movie_has_a_picture_for_each_frame(recording, tmp_path):
    found, _ = recording
    place = export_tumour(found.path, "gif", tmp_path / "new" / "a.gif", every=2)
    with Image.open(place) as movie:
        assert getattr(movie, "n_frames", 1) == 2
        assert movie.size == (836, 484)
        first = np.asarray(movie.convert("RGB")).copy()
        movie.seek(1)
        assert (np.asarray(movie.convert("RGB")) != first).any()
    with pytest.raises(errors.InputError, match=r"a level must be .* was 'oxygen'; try il6, doxorubicin"):
        export_tumour(found.path, "gif", tmp_path / "a.gif", level="oxygen")


def test_what_cannot_be_exported_is_said(recording, tmp_path):
    found, _ = recording
    with pytest.raises(errors.InputError, match="a store must be a run"):
        export_tumour(tmp_path / "absent", "vtk")
    (tmp_path / "tumour.zarr").mkdir()
    with pytest.raises(errors.InputError, match="must hold the frames"):
        export_tumour(tmp_path, "vtk")
    with pytest.raises(errors.InputError, match="whose number must be 0"):
        export_tumour(found.path, "vtk", number=3)
    with pytest.raises(errors.InputError, match="a format must be one of simularium"):
        export_tumour(found.path, "povray")
    with pytest.raises(errors.InputError, match=r"suffix \.simularium"):
        export_tumour(found.path, "simularium", tmp_path / "a.json")
    with pytest.raises(errors.OutputError, match="holds something else"):
        export_tumour(found.path, "vtk", tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.OutputError, match=r"must be writable|must be written"):
        export_tumour(found.path, "simularium", tmp_path / "file" / "a.simularium")
    with pytest.raises(errors.InputError, match="must be readable"):
        store.load_frame(tmp_path / "file")


def test_a_trajectory_that_no_viewer_takes_is_refused(recording, tmp_path, monkeypatch):
    found, frames = recording
    monkeypatch.setattr("autocrine.tissue.store.simularium._MOST_AGENTS", frames[0].count)
    with pytest.raises(errors.InputError, match=r"at most .* cells over all frames; try --every"):
        store.write_simularium(found, tmp_path / "a.simularium")
    assert list(tmp_path.iterdir()) == []
