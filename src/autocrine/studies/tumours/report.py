"""The page of a run of tumours: what was run, how they compare, and how each looks."""

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
from autocrine.studies.tumours.section import draw_section, draw_survival, ticks_of
from autocrine.studies.tumours.summary import EC50_NM, survival_by_distance
from autocrine.studies.tumours.survival import living_of, survival_of

FILE = "report.html"
#: tumours of which slices are drawn; all are in the tables
_SLICED = 6


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
        sections=[draw_section(course) for course in courses[:_SLICED]],
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
        if curves := _curves(group, name):
            pictures.insert(0, curves)
        if survival:
            label = "distance to the nearest producer at the start (um)"
            pictures.insert(0, _lines(survival, label, "living descendants of a non-producer", name))
        found.append({"name": name, "pictures": pictures})
    return found


def _curves(group: list[Course], name: str) -> Markup | None:
    """Draw the survival of the non-producers of some tumours, or of all cells where all produce."""
    drawn, living = [], []
    for course in group:
        lineage = course.tumour.lineage.table()
        others = ~lineage["producer"].to_numpy()
        rows = lineage.loc[others] if others.any() else lineage
        curve = survival_of(course, rows)
        drawn.append(curve.assign(group=_short(course, name)))
        times = ticks_of(course)
        living.append(living_of(course, rows, times).assign(group=_short(course, name)))
    curves = pd.concat(drawn, ignore_index=True)
    if not (curves["survival"] < 1).any():
        return None
    return draw_survival(curves, pd.concat(living, ignore_index=True), note=name)


def _lines(profiles: dict[str, Any], x: str, y: str, title: str) -> Markup:
    return _svg(plots.maps.draw_profiles(profiles, x_label=x, y_label=y, title=title))


def _columns(table: pd.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray]:
    return table["time_h"].to_numpy(dtype=float), table[name].to_numpy(dtype=float)


def _short(course: Course, group: str) -> str:
    label = course.member.label
    return label.removeprefix(group).removeprefix(", ") or label


def _svg(figure: Any) -> Markup:
    return Markup(plots.svg(figure))  # noqa: S704 - our own
