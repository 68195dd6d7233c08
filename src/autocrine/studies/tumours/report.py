"""The page of a run of tumours: what was run, survival, reach, slices, clones, gradients, growth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from autocrine import plots
from autocrine.core import Provenance
from autocrine.studies.page import page_templates
from autocrine.studies.tumours.course import Course
from autocrine.studies.tumours.summary import EC50_NM, survival_by_distance

FILE = "report.html"
#: tumours of which slices are drawn; all are in the tables
_SLICED = 6
#: places along a radius
_RINGS = 12


def write_report(
    directory: Path, title: str, courses: list[Course], summary: pd.DataFrame, provenance: Provenance
) -> Path:
    """Write the report of a run.

    Parameters
    ----------
    directory : Path
        Where it is written.
    title : str
        Above the page.
    courses : list of Course
        The tumours at their ends.
    summary : DataFrame
        A row for each tumour.
    provenance : Provenance
        Where the numbers come from.

    Returns
    -------
    Path
        The page.
    """
    page = page_templates().get_template("tumours.html").render(
        title=title,
        rows=summary.to_dict("records"),
        ec50=EC50_NM,
        compared=_compared(courses),
        sections=[_section(course) for course in courses[:_SLICED]],
        left_out=max(0, len(courses) - _SLICED),
        design=courses[0].member.design,
        provenance=provenance,
    )  # fmt: skip
    path = directory / FILE
    path.write_text(page, encoding="utf-8")
    return path


def _compared(courses: list[Course]) -> list[dict[str, Any]]:
    """Return the pictures in which tumours stand side by side, those of one fraction of producers in one picture."""
    groups: dict[str, list[Course]] = {}
    for course in courses:
        fraction = course.member.varied.get("producers.fraction")
        groups.setdefault("" if fraction is None else f"{100 * fraction:g} % producers", []).append(course)
    found = []
    for name, group in groups.items():
        survival = {_short(c, name): survival_by_distance(c) for c in group}
        survival = {label: each for label, each in survival.items() if each[0].size}
        growth = {_short(c, name): _columns(c.history(), "alive") for c in group}
        pictures = [_lines(growth, "time (h)", "living cells", name)]
        if survival:
            label = "distance to the nearest producer at the start (um)"
            pictures.insert(0, _lines(survival, label, "living descendants of a non-producer", name))
        found.append({"name": name, "pictures": pictures})
    return found


def _section(course: Course) -> dict[str, Any]:
    tumour = course.tumour
    population, grid = tumour.population, tumour.fields.grid
    thick = grid.spacing_um
    flat = len(grid.shape) == 2
    middle = grid.shape[-1] // 2
    centre_um = grid.centres(2)[middle] if not flat else 0.0
    shown = np.ones(population.count, bool) if flat else np.abs(population.position[2] - centre_um) <= thick / 2
    place = population.position[:2, shown]
    radius = np.cbrt(population.total_volume[shown] * 3 / (4 * np.pi))
    kind = np.where(population.alive[shown], population.producer[shown].astype(np.int64), 2)
    pictures = []
    for name in tumour.fields:
        level = tumour.fields[name] if flat else tumour.fields[name][:, :, middle]
        unit = tumour.fields.substrate(name).unit
        pictures.append(_svg(plots.maps.draw_slice(level, grid.spacing_um, place, radius, kind, title=name, unit=unit)))
    founders = tumour.lineage.founders()[population.id[shown]]
    size = grid.shape[0] * grid.spacing_um
    producer = population.producer[shown]
    pictures.append(
        _svg(plots.maps.draw_clone_map(size, place, radius, founders, producer, title="families of the first cells"))
    )
    return {
        "name": course.member.label,
        "time": tumour.time_h,
        "pictures": pictures,
        "gradients": [_gradient(course, name) for name in tumour.fields],
    }


def _gradient(course: Course, name: str) -> Markup:
    """Draw the mean level that cells find, from the middle of the tumour outwards."""
    tumour = course.tumour
    position = tumour.population.position
    radius = np.linalg.norm(position - position.mean(axis=1, keepdims=True), axis=0)
    level = tumour.levels()[name]
    rings = np.array_split(np.argsort(radius, kind="stable"), min(_RINGS, max(1, radius.size // 4)))
    line = (np.array([radius[r].mean() for r in rings]), np.array([level[r].mean() for r in rings]))
    unit = tumour.fields.substrate(name).unit
    return _lines({name: line}, "distance from the middle (um)", f"level at cells ({unit})", name)


def _lines(profiles: dict[str, Any], x: str, y: str, title: str) -> Markup:
    return _svg(plots.maps.draw_profiles(profiles, x_label=x, y_label=y, title=title))


def _columns(table: pd.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray]:
    return table["time_h"].to_numpy(dtype=float), table[name].to_numpy(dtype=float)


def _short(course: Course, group: str) -> str:
    label = course.member.label
    return label.removeprefix(group).removeprefix(", ") or label


def _svg(figure: Any) -> Markup:
    return Markup(plots.svg(figure))  # noqa: S704 - our own
