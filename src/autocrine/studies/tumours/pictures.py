"""Tumours as one sees them: from frames to pictures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure

from autocrine import plots
from autocrine.core import errors
from autocrine.tissue import store

#: share of the voxels that are as bright as the brightest colour of a movie, so that one bright voxel darkens no movie
_BRIGHT = 0.998


def cells_of(frame: store.Frame) -> plots.maps.Cells:
    """Return the cells of a frame, to be drawn."""
    place, clone = frame.cells["position"].astype(float), frame.cells["clone"].astype(np.int64)
    return plots.maps.Cells(place, frame.radius_um.astype(float), frame.kind, clone)


def stage_of(scene: store.Scene, frames: list[store.Frame]) -> plots.maps.Stage:
    """Return a stage on which all these frames have room."""
    return plots.maps.Stage.around([cells_of(each) for each in frames], flat=scene.dimensions == 2, clones=scene.clones)


def draw_tumour(frame: store.Frame, stage: plots.maps.Stage) -> Figure:
    """Draw the cells of a frame."""
    return plots.maps.draw_view(cells_of(frame), stage, title=f"after {frame.time_h:.3g} h")


def middle_slice(frame: store.Frame, scene: store.Scene, substrate: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the levels in the middle of the domain, shape (nx, ny), and which cells lie there."""
    level, grid = frame.levels[substrate], scene.grid
    if scene.dimensions == 2:
        return level, np.ones(frame.count, bool)
    middle = grid.shape[2] // 2
    apart = np.abs(frame.cells["position"][:, 2] - grid.centres(2)[middle])
    return level[:, :, middle], apart <= grid.spacing_um / 2


def draw_course(recording: store.Recording, substrate: str, every: int = 1) -> Iterator[Figure]:
    """Yield the pictures of a movie.

    Parameters
    ----------
    recording : Recording
        The course.
    substrate : str
        Whose levels are shown beside the cells.
    every : int
        Every n-th frame.

    Raises
    ------
    InputError
        If the tumour has no such substrate.
    """
    scene = recording.scene
    media = {each.name: each for each in scene.media}
    if substrate not in media:
        raise errors.InputError("a level must be that of a substrate of this tumour", substrate, hint=", ".join(media))
    highest, counts, ends = 0.0, [], []
    for frame in recording.frames(every):
        highest = max(highest, float(np.quantile(middle_slice(frame, scene, substrate)[0], _BRIGHT)))
        counts.append(np.bincount(frame.kind, minlength=3))
        ends = [*ends[:1], frame]
    stage = stage_of(scene, ends)
    course = recording.times_h[recording.chosen(every)], np.array(counts)
    name = f"{substrate} ({media[substrate].unit}), middle"
    for frame in recording.frames(every):
        level, shown = middle_slice(frame, scene, substrate)
        field = plots.maps.Slice(level, scene.grid.spacing_um, name, max(highest, 1e-30), shown)
        title = scene.label if scene.label != "tumour" else scene.title
        yield plots.maps.draw_moment(cells_of(frame), stage, field, course, frame.time_h, title=title)
