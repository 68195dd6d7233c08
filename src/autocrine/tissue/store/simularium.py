"""A course as a trajectory for the Simularium viewer: version 3 of its JSON, with spheres and a plot of numbers.

References
----------
Lyons et al. 2022, Mol Biol Cell 33(10):br17, doi:10.1091/mbc.E22-08-0342 (the viewer).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from autocrine.core import errors
from autocrine.tissue.store.frame import Frame
from autocrine.tissue.store.recording import Recording
from autocrine.tissue.store.scene import Scene

#: an agent is eleven numbers: kind of drawing, number, type, place, rotation, radius, number of points
_SPHERE, _NUMBERS = 1000.0, 11
#: text of some 60 bytes for each; viewers of JSON end well before that
_MOST_AGENTS = 5_000_000
_OTHER, _PRODUCER, _DEAD = ("#56B4E9", "#009E73", "#CC79A7", "#E69F00"), "#D55E00", "#6B6B6B"


def write_simularium(recording: Recording, path: Path, every: int = 1) -> None:
    """Write a trajectory for the viewer at simularium.allencell.org.

    Parameters
    ----------
    recording : Recording
        The course.
    path : Path
        A file with the suffix ``.simularium``.
    every : int
        Every n-th frame.

    Raises
    ------
    InputError
        If the file has another suffix, or would hold too many cells.
    OutputError
        If it cannot be written.
    """
    if path.suffix != ".simularium":
        raise errors.InputError("a trajectory of Simularium must have the suffix .simularium", str(path))
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_text(json.dumps(_trajectory(recording, every), separators=(",", ":")), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise errors.OutputError(f"the file {path} must be writable ({error.strerror or error})") from error


def _trajectory(recording: Recording, every: int) -> dict[str, Any]:
    scene, bundle, counts, agents = recording.scene, [], [], 0
    low, high = (np.array(each) for each in scene.corners_um)
    for number, frame in enumerate(recording.frames(every)):
        agents += frame.count
        if agents > _MOST_AGENTS:
            raise errors.InputError(
                f"a trajectory of Simularium must hold at most {_MOST_AGENTS} cells over all frames",
                hint="--every with a larger number, or --to vtk",
            )
        data = _agents(frame, (low + high) / 2)
        bundle.append({"frameNumber": number, "time": frame.time_h, "data": data})
        kinds = np.bincount(frame.kind, minlength=3)
        counts.append((frame.time_h, *kinds.tolist()))
    return {
        "trajectoryInfo": _information(scene, high - low, [each["time"] for each in bundle]),
        "spatialData": {
            "version": 1, "msgType": 1, "bundleStart": 0, "bundleSize": len(bundle), "bundleData": bundle,
        },
        "plotData": {"version": 1, "data": [_plot(counts)]},
    }  # fmt: skip


def _agents(frame: Frame, centre_um: np.ndarray) -> list[float]:
    """Return the numbers of all cells; the viewer has the middle of its box at the origin."""
    agents = np.zeros((frame.count, _NUMBERS))
    agents[:, 0], agents[:, 1] = _SPHERE, frame.cells["id"]
    agents[:, 2] = 3 * frame.cells["clone"].astype(np.int64) + frame.kind
    agents[:, 3:6] = np.round(frame.cells["position"].astype(float) - centre_um, 3)
    agents[:, 9] = np.round(frame.radius_um.astype(float), 3)
    return agents.ravel().tolist()


def _information(scene: Scene, size_um: np.ndarray, times_h: list[float]) -> dict[str, Any]:
    types = {}
    for clone, name in enumerate(scene.clones):
        looks = (("", _OTHER[clone % len(_OTHER)]), ("#producer", _PRODUCER), ("#dead", _DEAD))
        for kind, (state, colour) in enumerate(looks):
            geometry = {"displayType": "SPHERE", "url": "", "color": colour}
            types[str(3 * clone + kind)] = {"name": name + state, "geometry": geometry}
    zero, up = {"x": 0.0, "y": 0.0, "z": 0.0}, {"x": 0.0, "y": 1.0, "z": 0.0}
    # a field of view of 50 degrees shows the whole box from here
    away = {"x": 0.0, "y": 0.0, "z": round(1.6 * float(size_um.max()), 1)}
    return {
        "version": 3,
        "timeUnits": {"magnitude": 1.0, "name": "h"},
        "timeStepSize": times_h[1] - times_h[0] if len(times_h) > 1 else 0.0,
        "totalSteps": len(times_h),
        "spatialUnits": {"magnitude": 1.0, "name": "µm"},
        "size": dict(zip("xyz", size_um.tolist(), strict=True)),
        "cameraDefault": {"position": away, "lookAtPosition": zero, "upVector": up, "fovDegrees": 50.0},
        "typeMapping": types,
        "trajectoryTitle": " - ".join(each for each in (scene.title, scene.label) if each),
        "modelInfo": {"title": scene.title, "description": f"Autocrine: {scene.label}"},
    }


def _plot(counts: list[tuple[float, ...]]) -> dict[str, Any]:
    time_h, *columns = zip(*counts, strict=True)
    names = ("other living cells", "producers", "dead cells")
    return {
        "layout": {"title": "Numbers of cells", "xaxis": {"title": "time (h)"}, "yaxis": {"title": "cells"}},
        "data": [
            {"x": list(time_h), "y": list(column), "name": name, "type": "scatter", "mode": "lines"}
            for name, column in zip(names, columns, strict=True)
        ],
    }
