"""Cells as points of VTK, and a course as a series that ParaView plays."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np

from autocrine.core import errors
from autocrine.tissue.fields.export import write_image
from autocrine.tissue.store.frame import Frame
from autocrine.tissue.store.recording import Recording
from autocrine.tissue.store.scene import Scene

_WHOLE = ("id", "parent", "clone", "producer", "phase")
_UNITS = {"division_rate": "1/h", "death_rate": "1/h", "clock_h": "h"}


def write_vtk(recording: Recording, directory: Path, every: int = 1) -> None:
    """Write each frame as points and an image, and two files that name them with their times.

    Parameters
    ----------
    recording : Recording
        The course.
    directory : Path
        Receives ``cells.pvd`` and ``fields.pvd``, which ParaView opens, and what they name.
    every : int
        Every n-th frame.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    scene, written = recording.scene, []
    for at in recording.chosen(every):
        frame = recording.frame(at)
        write_vtp(frame, scene, directory / f"cells-{at:04d}.vtp")
        levels = {f"{each.name} ({each.unit})": frame.levels[each.name] for each in scene.media}
        write_image(directory / f"fields-{at:04d}.vti", scene.grid, levels, frame.time_h)
        written.append((at, frame.time_h))
    for kind, suffix in (("cells", "vtp"), ("fields", "vti")):
        rows = "".join(f'<DataSet timestep="{time_h!r}" file="{kind}-{at:04d}.{suffix}"/>\n' for at, time_h in written)
        text = f'<?xml version="1.0"?>\n<VTKFile type="Collection" version="1.0">\n<Collection>\n{rows}'
        _put(directory / f"{kind}.pvd", text + "</Collection>\n</VTKFile>\n")


def write_vtp(frame: Frame, scene: Scene, path: Path) -> None:
    """Write cells as points of VTK, which ParaView opens: radius, clone, producer, phase, molecules, levels.

    Raises
    ------
    InputError
        If the file has another suffix.
    OutputError
        If it cannot be written.
    """
    if path.suffix != ".vtp":
        raise errors.InputError("points of VTK must have the suffix .vtp", str(path))
    count, unit = frame.count, {f"level_{each.name}": each for each in scene.media}
    data: dict[str, np.ndarray] = {"radius (um)": frame.radius_um}
    for name, values in frame.cells.items():
        if name in unit:
            data[f"{unit[name].name} ({unit[name].unit})"] = values
        elif values.ndim == 1:
            label = f"{name.removesuffix('_h')} ({_UNITS[name]})" if name in _UNITS else name
            data[label] = values.astype(np.int64) if name in _WHOLE else values
    _put(
        path,
        '<?xml version="1.0"?>\n<VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" '
        f'header_type="UInt64">\n<PolyData>\n<Piece NumberOfPoints="{count}" NumberOfVerts="{count}">\n'
        "<Points>\n"
        + _array("position", frame.cells["position"], 3)
        + "</Points>\n<Verts>\n"
        + _array("connectivity", np.arange(count))
        + _array("offsets", np.arange(1, count + 1))
        + "</Verts>\n<PointData>\n"
        + "".join(_array(name, each) for name, each in data.items())
        + "</PointData>\n</Piece>\n</PolyData>\n</VTKFile>\n",
    )


def _put(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_text(text, encoding="ascii")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise errors.OutputError(f"the file {path} must be writable ({error.strerror or error})") from error


def _array(name: str, values: np.ndarray, components: int = 1) -> str:
    whole = values.dtype.kind == "i"
    raw = values.astype("<i8" if whole else "<f4").tobytes()
    text = base64.b64encode(np.uint64(len(raw)).astype("<u8").tobytes() + raw).decode("ascii")
    label = quoteattr(name.encode("ascii", "replace").decode("ascii"))
    kind = "Int64" if whole else "Float32"
    return (
        f'<DataArray type="{kind}" Name={label} NumberOfComponents="{components}" format="binary">{text}</DataArray>\n'
    )
