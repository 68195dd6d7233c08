"""How one tumour of a run looks: views, slices, families, survival, gradients, lineage."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from autocrine import plots
from autocrine.studies.tumours.course import Course
from autocrine.studies.tumours.pictures import draw_tumour, stage_of
from autocrine.studies.tumours.summary import penetration_um
from autocrine.studies.tumours.survival import living_table, survival_table
from autocrine.tissue import store

#: places along a radius
_RINGS = 12
#: moments that are shown as views
_VIEWS = 3
#: families in the picture of the lineage, and cells in it
_FAMILIES, _MOST_CELLS = 14, 150
_TICKS = 5


def draw_section(course: Course) -> dict[str, Any]:
    """Return the pictures of one tumour, by name."""
    tumour = course.tumour
    frames = course.moments(_VIEWS)
    names = [each.name for each in course.member.design.clones]
    scene = store.scene_of(tumour, names)
    stage = stage_of(scene, frames)
    return {
        "name": course.member.label,
        "time": tumour.time_h,
        "views": [_svg(draw_tumour(frame, stage)) for frame in frames],
        "slices": _slices(course),
        "survival": _survival(course),
        "gradients": [_gradient(course, name) for name in tumour.fields],
        "lineage": _lineage(course),
    }


def ticks_of(course: Course) -> list[float]:
    """Return the times at which cells are counted below curves (h)."""
    return [float(f"{each:.3g}") for each in np.linspace(0, course.tumour.time_h, _TICKS)]


def draw_survival(curves: pd.DataFrame, living: pd.DataFrame, note: str) -> Markup:
    """Draw curves of groups with the number of living cells below."""
    return _svg(
        plots.survival.draw_kaplan_meier(
            curves, living, time_label="time (h)", level_label="share that has not died", note=note, size=(5.2, 2.4),
            below="living",
        )
    )  # fmt: skip


def _survival(course: Course) -> list[Markup]:
    table, living, found = survival_table(course), living_table(course, ticks_of(course)), []
    notes = {"distance": "non-producers, by distance to a producer at the start", "clone": "by clone"}
    for by, note in notes.items():
        mine = table.loc[(table["by"] == by).to_numpy()]
        if len(mine) and (mine["survival"] < 1).any():
            found.append(draw_survival(mine, living.loc[(living["by"] == by).to_numpy()], note))
    return found


def _slices(course: Course) -> list[Markup]:
    tumour = course.tumour
    population, grid = tumour.population, tumour.fields.grid
    flat = len(grid.shape) == 2
    middle = grid.shape[-1] // 2
    centre_um = grid.centres(2)[middle] if not flat else 0.0
    near = np.abs(population.position[2] - centre_um) <= grid.spacing_um / 2
    shown = np.ones(population.count, bool) if flat else near
    place = population.position[:2, shown]
    radius = np.cbrt(population.total_volume[shown] * 3 / (4 * np.pi))
    producer = population.producer[shown]
    kind = np.where(population.alive[shown], producer.astype(np.int64), 2)
    pictures = []
    for name in tumour.fields:
        level = tumour.fields[name] if flat else tumour.fields[name][:, :, middle]
        unit = tumour.fields.substrate(name).unit
        pictures.append(_svg(plots.maps.draw_slice(level, grid.spacing_um, place, radius, kind, title=name, unit=unit)))
    size = grid.shape[0] * grid.spacing_um
    groups = {"families of the first cells": tumour.lineage.founders()[population.id[shown]]}
    if len(course.member.design.clones) > 1:
        groups["clones"] = population.clone[shown].astype(np.int64)
    for title, group in groups.items():
        pictures.append(_svg(plots.maps.draw_clone_map(size, place, radius, group, producer, title=title)))
    return pictures


def _gradient(course: Course, name: str) -> Markup:
    """Draw the mean level that cells find, from the middle of the tumour outwards."""
    tumour = course.tumour
    position = tumour.population.position
    radius = np.linalg.norm(position - position.mean(axis=1, keepdims=True), axis=0)
    level = tumour.levels()[name]
    rings = np.array_split(np.argsort(radius, kind="stable"), min(_RINGS, max(1, radius.size // 4)))
    line = (np.array([radius[r].mean() for r in rings]), np.array([level[r].mean() for r in rings]))
    unit, reach = tumour.fields.substrate(name).unit, penetration_um(tumour, name)
    title = f"{name}: sqrt(D/k) {reach:.3g} um" if np.isfinite(reach) else f"{name}: nothing takes it"
    figure = plots.maps.draw_profiles(
        {name: line}, x_label="distance from the middle (um)", y_label=f"level at cells ({unit})", title=title
    )
    return _svg(figure)


def _lineage(course: Course) -> Markup:
    """Draw the largest families that have room."""
    table = course.tumour.lineage.table()
    founder = table["founder"].to_numpy()
    sizes = np.bincount(founder)
    largest = np.argsort(-sizes, kind="stable")
    chosen = largest[: max(1, int(np.count_nonzero(np.cumsum(sizes[largest[:_FAMILIES]]) <= _MOST_CELLS)))]
    rows = np.flatnonzero(np.isin(founder, chosen))
    place = np.full(len(table), -1)
    place[rows] = np.arange(len(rows))
    parent = table["parent"].to_numpy()[rows]
    figure = plots.maps.draw_lineage(
        np.where(parent >= 0, place[parent], -1),
        table["birth_h"].to_numpy()[rows],
        table["end_h"].to_numpy(dtype=float)[rows],
        (table["fate"] == "died").to_numpy()[rows],
        table["producer"].to_numpy()[rows],
        last_h=course.tumour.time_h,
        title=f"the {len(chosen)} largest of {int(np.count_nonzero(sizes))} families",
    )
    return _svg(figure)


def _svg(figure: Any) -> Markup:
    return Markup(plots.svg(figure))  # noqa: S704 - our own
