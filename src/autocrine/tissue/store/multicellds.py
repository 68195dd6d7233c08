"""A course as MultiCellDS in the layout of PhysiCell 1.14: XML with MATLAB files, which PhysiCell's tools read.

Times are minutes and lengths um, as PhysiCell has them. Kinds of cells are the clones, and the producers of each.

References
----------
Friedman et al. 2016, bioRxiv, doi:10.1101/090456 (MultiCellDS).
Ghaffarizadeh et al. 2018, PLoS Comput Biol 14:e1005991, doi:10.1371/journal.pcbi.1005991 (PhysiCell).
"""

from __future__ import annotations

import importlib.metadata
import io
import os
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
from scipy.io import savemat
from scipy.spatial import KDTree

from autocrine.core import errors
from autocrine.tissue.cells.phase import Phase
from autocrine.tissue.store.frame import Frame
from autocrine.tissue.store.recording import Recording
from autocrine.tissue.store.scene import Scene

_MINUTES = 60.0
#: PhysiCell's numbers of its phases and of the model that a phase belongs to: flow cytometry, apoptosis, necrosis
_PHASE = {Phase.G1: 4, Phase.S: 10, Phase.G2M: 11, Phase.APOPTOTIC: 100, Phase.SWELLING: 101, Phase.LYSED: 102}
_MODEL = {Phase.G1: 2, Phase.S: 2, Phase.G2M: 2, Phase.APOPTOTIC: 100, Phase.SWELLING: 101, Phase.LYSED: 101}
#: neighbours are cells within this share of the sum of their radii, PhysiCell's reach of adhesion
_REACH = 1.25
_MESH = "initial_mesh0.mat"
_OWN = {"id", "parent", "clone", "phase", "clock_h", "position", "velocity", "volume", "death_rate", "division_rate"}


def write_multicellds(recording: Recording, directory: Path, every: int = 1) -> None:
    """Write each frame as ``output00000000.xml`` and the files that it names.

    Parameters
    ----------
    recording : Recording
        The course.
    directory : Path
        Receives the files; ``initial.xml`` and ``final.xml`` stand for the first and the last frame.
    every : int
        Every n-th frame.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    scene, chosen = recording.scene, recording.chosen(every)
    _put_matrix(directory / _MESH, "mesh", _mesh(scene))
    for number, at in enumerate(chosen):
        names = [f"output{number:08d}", *(["initial"] if number == 0 else []), *(["final"] if at == chosen[-1] else [])]
        for name in names:
            _write_snapshot(directory, name, recording.frame(at), scene)


def _write_snapshot(directory: Path, name: str, frame: Frame, scene: Scene) -> None:
    columns = _columns(frame, scene)
    _put_matrix(directory / f"{name}_cells.mat", "cells", np.vstack([rows for _, _, rows in columns]))
    levels = np.stack([frame.levels[each.name].ravel(order="F") for each in scene.media])
    medium = np.vstack([_mesh(scene), levels])
    _put_matrix(directory / f"{name}_microenvironment0.mat", "multiscale_microenvironment", medium)
    _put(directory / f"{name}_cell_neighbor_graph.txt", _neighbours(frame).encode("ascii"))
    attached = "".join(f"{each}: \n" for each in frame.cells["id"])
    for graph in ("attached_cells", "spring_attached_cells"):
        _put(directory / f"{name}_{graph}_graph.txt", attached.encode("ascii"))
    root = _document(name, frame.time_h, scene, [(label, unit, len(rows)) for label, unit, rows in columns])
    _put(directory / f"{name}.xml", ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _columns(frame: Frame, scene: Scene) -> list[tuple[str, str, np.ndarray]]:
    """Return label, unit and rows of what each cell is, in the order of the file."""
    cells, count = frame.cells, frame.count
    fluid, nuclear, cytoplasmic = cells["volume"].T.astype(float)
    solid = nuclear + cytoplasmic
    phase, dead = cells["phase"], ~frame.alive
    none, axis = np.zeros(count), np.zeros((3, count))
    # PhysiCell shares the fluid between nucleus and cytoplasm in equal fractions
    total = fluid + solid
    found = [
        ("ID", "none", cells["id"]),
        ("position", "microns", cells["position"].T),
        ("total_volume", "cubic microns", total),
        ("cell_type", "none", 2 * cells["clone"].astype(float) + cells["producer"]),
        ("cycle_model", "none", _mapped(phase, _MODEL)),
        ("current_phase", "none", _mapped(phase, _PHASE)),
        ("elapsed_time_in_phase", "min", cells["clock_h"] * _MINUTES),
        ("nuclear_volume", "cubic microns", total * nuclear / solid),
        ("cytoplasmic_volume", "cubic microns", total * cytoplasmic / solid),
        ("fluid_fraction", "none", fluid / total),
        ("calcified_fraction", "none", none),
        ("orientation", "none", axis),
        ("polarity", "none", none),
        ("velocity", "micron/min", cells["velocity"].T / _MINUTES),
        ("number_of_nuclei", "none", none + 1),
        ("radius", "microns", frame.radius_um),
        ("dead", "none", dead),
        ("current_death_model", "none", np.where(phase >= Phase.SWELLING, 1, 0)),
        ("death_rates", "1/min", np.stack([cells["death_rate"] / _MINUTES, none])),
        ("chemotaxis_index", "none", none),
        ("division_rate", "1/min", cells["division_rate"] / _MINUTES),
        ("parent_ID", "none", cells["parent"]),
    ]  # fmt: skip
    unit = {f"level_{each.name}": each.unit for each in scene.media}
    found += [(name, unit.get(name, "none"), values) for name, values in cells.items() if name not in _OWN]
    return [(label, what, np.atleast_2d(np.asarray(rows, float))) for label, what, rows in found]


def _mapped(phase: np.ndarray, numbers: dict[Phase, int]) -> np.ndarray:
    return np.array([numbers[each] for each in Phase])[phase]


def _mesh(scene: Scene) -> np.ndarray:
    """Return centre and volume of each voxel, x fastest; a plane is one voxel thick."""
    centres = [scene.grid.centres(axis) for axis in range(scene.dimensions)] + [
        np.zeros(1) + scene.grid.origin_um[axis] for axis in range(scene.dimensions, 3)
    ]
    z, y, x = (each.ravel() for each in np.meshgrid(*centres[::-1], indexing="ij"))
    return np.stack([x, y, z, np.full(x.size, scene.grid.spacing_um**3)])


def _neighbours(frame: Frame) -> str:
    place, radius, ids = frame.cells["position"], frame.radius_um, frame.cells["id"]
    near: list[list[int]] = [[] for _ in ids]
    if frame.count:
        pairs = KDTree(place).query_pairs(2 * _REACH * float(radius.max()), output_type="ndarray")
        apart = np.linalg.norm(place[pairs[:, 0]] - place[pairs[:, 1]], axis=1)
        for a, b in pairs[apart < _REACH * radius[pairs].sum(axis=1)]:
            near[a].append(int(ids[b]))
            near[b].append(int(ids[a]))
    return "".join(f"{own}: {','.join(map(str, sorted(others)))}\n" for own, others in zip(ids, near, strict=True))


def _document(name: str, time_h: float, scene: Scene, labels: list[tuple[str, str, int]]) -> ET.Element:
    root = ET.Element("MultiCellDS", version="2", type="snapshot/simulation")
    metadata = ET.SubElement(root, "metadata")
    software = ET.SubElement(metadata, "software")
    _text(software, "name", "Autocrine")
    _text(software, "version", importlib.metadata.version("autocrine"))
    _text(metadata, "current_time", repr(time_h * _MINUTES), units="min")
    _text(metadata, "current_runtime", "0.0", units="sec")
    _text(metadata, "created", datetime.now(UTC).isoformat(timespec="seconds"))
    _microenvironment(root, name, scene)
    information = ET.SubElement(root, "cellular_information")
    population = ET.SubElement(ET.SubElement(information, "cell_populations"), "cell_population", type="individual")
    custom = ET.SubElement(population, "custom")
    data = ET.SubElement(custom, "simplified_data", type="matlab", source="PhysiCell", data_version="2")
    types = ET.SubElement(data, "cell_types")
    for number, kind in enumerate(scene.kinds()):
        _text(types, "type", kind, ID=str(number), type=str(number))
    listed, index = ET.SubElement(data, "labels"), 0
    for label, unit, size in labels:
        _text(listed, "label", label, index=str(index), size=str(size), units=unit)
        index += size
    _text(data, "filename", f"{name}_cells.mat")
    for graph in ("neighbor_graph", "attached_cells_graph", "spring_attached_cells_graph"):
        stem = "cell_neighbor_graph" if graph == "neighbor_graph" else graph
        _text(ET.SubElement(custom, graph, type="text", source="PhysiCell"), "filename", f"{name}_{stem}.txt")
    return root


def _microenvironment(root: ET.Element, name: str, scene: Scene) -> None:
    domain = ET.SubElement(ET.SubElement(root, "microenvironment"), "domain", name="microenvironment")
    mesh = ET.SubElement(domain, "mesh", type="Cartesian", uniform="true", regular="true", units="micron")
    low, high = scene.corners_um
    _text(mesh, "bounding_box", " ".join(map(repr, (*low, *high))), type="axis-aligned", units="micron")
    mesh[0].set("delimiter", " ")
    for axis, letter in enumerate("xyz"):
        flat = axis >= scene.dimensions
        centres = [float(scene.grid.origin_um[axis])] if flat else scene.grid.centres(axis).tolist()
        _text(mesh, f"{letter}_coordinates", " ".join(map(repr, centres)), delimiter=" ")
    _text(ET.SubElement(mesh, "voxels", type="matlab"), "filename", _MESH)
    variables = ET.SubElement(domain, "variables")
    for number, each in enumerate(scene.media):
        variable = ET.SubElement(variables, "variable", name=each.name, units=each.unit, ID=str(number))
        numbers = ET.SubElement(variable, "physical_parameter_set")
        _text(numbers, "diffusion_coefficient", repr(each.diffusion_um2_h / _MINUTES), units="micron^2/min")
        _text(numbers, "decay_rate", repr(each.decay_1_h / _MINUTES), units="1/min")
    _text(ET.SubElement(domain, "data", type="matlab"), "filename", f"{name}_microenvironment0.mat")


def _text(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, tag, attributes).text = text


def _put_matrix(path: Path, name: str, values: np.ndarray) -> None:
    buffer = io.BytesIO()
    savemat(buffer, {name: values}, format="4")  # what PhysiCell writes
    _put(path, buffer.getvalue())


def _put(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise errors.OutputError(f"the file {path} must be writable ({error.strerror or error})") from error
