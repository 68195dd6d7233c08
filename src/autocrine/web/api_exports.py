"""``/api/exports``: what is on the screen, as a file."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.responses import Response

from autocrine.studies import interactive
from autocrine.web.attachment import attachment
from autocrine.web.csv_table import csv_text
from autocrine.web.state import State, state_of

router = APIRouter(prefix="/api/exports", tags=["exports"])
Shared = Annotated[State, Depends(state_of)]
Name = Annotated[str, Field(max_length=80)]
Kind = Literal["csv", "petab", "sbml", "citations", "toml"]
_PATIENTS = 600


class Screen(BaseModel):
    """What is on the screen."""

    study: Name = "conze2001"
    view: Literal["dose-response", "time-courses", "density", "tumour", "cohort"] = "dose-response"
    drug: Name = ""
    line: Name = ""
    arm: Name = "none"
    dose_nM: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] | None = None
    values: dict[str, float] = Field(default_factory=dict, max_length=64)


class ExportQuestion(BaseModel):
    """The screen that is exported."""

    state: Screen = Field(default_factory=Screen)


@router.post("/{kind}", response_class=Response)
def export(
    kind: Literal["csv", "petab", "sbml", "citations", "toml"], asked: ExportQuestion, shared: Shared
) -> Response:
    """Send what is on the screen in one format."""
    screen = asked.state
    design = shared.studies.design(screen.study)
    drug = screen.drug or design.drugs[0]
    if kind == "csv":
        with shared.engine:
            return attachment(_table(screen, shared), f"{screen.view}.csv")
    # the others write for seconds and simulate little, so that sliders need not wait for them
    if kind == "petab":
        return attachment(interactive.files.petab_archive(design, drug, screen.values), "petab.zip")
    if kind == "sbml":
        text = interactive.files.sbml_text(
            design, drug, screen.values, line=screen.line or design.lines[0], arm=screen.arm or "none",
            dose_nM=_dose(screen, shared),
        )  # fmt: skip
        return attachment(text, "well.xml")
    if kind == "toml":
        return attachment(interactive.files.study_text(design, drug, screen.values), "study.toml")
    return attachment(interactive.files.citations_text(screen.values, design, drug), "citations.bib")


def _dose(screen: Screen, shared: State) -> float:
    design = shared.studies.design(screen.study)
    doses = design.doses(screen.drug or design.drugs[0])
    return float(doses[doses.size // 2]) if screen.dose_nM is None else screen.dose_nM


def _table(screen: Screen, shared: State) -> str:
    """Return the table of a view."""
    tables = {"time-courses": _course, "density": _density, "cohort": _cohort}
    return tables.get(screen.view, _responses)(screen, shared)


def _responses(screen: Screen, shared: State) -> str:
    design = shared.studies.design(screen.study)
    found = interactive.dose_response.dose_responses(design, screen.drug or design.drugs[0], screen.values)
    rows = [
        [curve.line, curve.arm, found.drug, float(dose), float(value), curve.ic50_nM, curve.fold]
        for curve, row in zip(found.curves, found.viability, strict=True)
        for dose, value in zip(found.doses_nM, row, strict=True)
    ]
    return csv_text(["line", "arm", "drug", "dose_nM", "viability", "ic50_nM", "fold"], rows)


def _course(screen: Screen, shared: State) -> str:
    design = shared.studies.design(screen.study)
    found = interactive.time_course.time_course(
        design, screen.drug or design.drugs[0], screen.values, line=screen.line or design.lines[0],
        arm=screen.arm or "none", dose_nM=_dose(screen, shared),
    )  # fmt: skip
    head = ["time_h", *(f"{each.label} ({each.unit})" for each in found.levels)]
    return csv_text(head, np.column_stack([found.time_h, found.values.T]).tolist())


def _density(screen: Screen, shared: State) -> str:
    design = shared.studies.design(screen.study)
    found = interactive.density.density_curve(
        design, screen.drug or design.drugs[0], screen.values, line=screen.line if screen.line in design.lines else ""
    )
    names = ["density_per_ml", "il6_ng_per_ml", "ic50_nM", "fold"]
    return csv_text(["line", *names], [
        [found.line, *map(float, row)] for row in zip(*(getattr(found, name) for name in names), strict=True)
    ])  # fmt: skip


def _cohort(screen: Screen, shared: State) -> str:
    design = shared.studies.design(screen.study)
    values = interactive.slider.patient_values(design, design.drugs[0], screen.values)
    found = interactive.patients.virtual_patients(values, _PATIENTS)
    rows = [
        [group.label, *map(float, row)]
        for group in found.groups
        for row in zip(group.time_days, group.survival, group.lower, group.upper, strict=True)
    ]
    return csv_text(["group", "time_days", "survival", "lower", "upper"], rows)
