"""``/api/experiments``: what a moved slider does, as frames that a browser draws at once."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.responses import Response

from autocrine.studies import interactive
from autocrine.web import frame
from autocrine.web.state import State, state_of

router = APIRouter(prefix="/api/experiments", tags=["experiments"])
Shared = Annotated[State, Depends(state_of)]
_FRAME: dict[int | str, dict[str, Any]] = {
    200: {"content": {frame.MEDIA_TYPE: {}}, "description": "A frame: a JSON header and arrays."}
}


class Experiment(BaseModel):
    """A study, and the sliders that were moved."""

    study: str = Field(default="conze2001", max_length=80)
    values: dict[str, float] = Field(default_factory=dict, max_length=64)


class DoseResponseQuestion(Experiment):
    """Which curves are asked for.

    ``band`` is the number of draws of the baseline behind the band; 0 gives none and is quick.
    """

    drug: str = Field(default="", max_length=80)
    arms: list[str] | None = Field(default=None, max_length=12)
    band: int = Field(default=0, ge=0, le=32)


@router.post("/dose-response", responses=_FRAME, response_class=Response)
def dose_response(asked: DoseResponseQuestion, shared: Shared) -> Response:
    """Simulate the dose-responses of one drug."""
    start = time.perf_counter()
    design = shared.studies.design(asked.study)
    found = interactive.dose_response.dose_responses(
        design,
        asked.drug or design.drugs[0],
        asked.values,
        arms=asked.arms,
        draws=asked.band,
        turn=lambda: shared.engine,
    )
    curves = [{**vars(each), "label": each.label, "bound": each.bound or None} for each in found.curves]
    header = {
        "study": asked.study,
        "drug": found.drug,
        "curves": curves,
        "sentence": found.sentence,
        "draws": found.draws,
        "milliseconds": 1e3 * (time.perf_counter() - start),
    }
    arrays = {name: getattr(found, name) for name in ("doses_nM", "viability", "lower", "upper")}
    return frame.answer(header, arrays)


class CourseQuestion(Experiment):
    """Which well is followed."""

    drug: str = Field(default="", max_length=80)
    line: str = Field(default="", max_length=80)
    arm: str = Field(default="none", max_length=80)
    dose_nM: float | None = Field(default=None, ge=0, le=1e9, allow_inf_nan=False)


@router.post("/time-courses", responses=_FRAME, response_class=Response)
def time_courses(asked: CourseQuestion, shared: Shared) -> Response:
    """Follow one well from seeding to the readout."""
    start = time.perf_counter()
    design = shared.studies.design(asked.study)
    drug, line = asked.drug or design.drugs[0], asked.line or design.lines[0]
    dose = asked.dose_nM
    if dose is None:
        doses = design.doses(drug) if drug in design.drugs else design.doses(design.drugs[0])
        dose = float(doses[doses.size // 2])
    with shared.engine:
        found = interactive.time_course.time_course(
            design, drug, asked.values, line=line, arm=asked.arm or "none", dose_nM=dose
        )
    header = {
        "study": asked.study,
        **{name: getattr(found, name) for name in ("line", "arm", "drug", "dose_nM", "added_h", "nodes", "edges")},
        "species": [vars(each) for each in found.levels],
        "sentence": found.sentence,
        "milliseconds": 1e3 * (time.perf_counter() - start),
    }
    return frame.answer(header, {"times_h": found.time_h, "values": found.values})


class DensityQuestion(Experiment):
    """Which line is grown at which density."""

    drug: str = Field(default="", max_length=80)
    line: str = Field(default="", max_length=80)


@router.post("/density", responses=_FRAME, response_class=Response)
def density(asked: DensityQuestion, shared: Shared) -> Response:
    """Grow a line at rising density."""
    start = time.perf_counter()
    design = shared.studies.design(asked.study)
    with shared.engine:
        found = interactive.density.density_curve(design, asked.drug or design.drugs[0], asked.values, line=asked.line)
    names = ("density_per_ml", "fold", "il6_ng_per_ml", "ic50_nM")
    header = {
        "study": asked.study,
        **{name: getattr(found, name) for name in ("line", "reference", "drug", "sentence")},
        "at": {name: getattr(found, name)[found.here] for name in names},
        "milliseconds": 1e3 * (time.perf_counter() - start),
    }
    return frame.answer(header, {name: getattr(found, name) for name in names})


class CohortQuestion(Experiment):
    """How many virtual patients are compared."""

    patients: int = Field(default=600, ge=20, le=interactive.patients.MOST_PATIENTS)


@router.post("/cohort", responses=_FRAME, response_class=Response)
def cohort(asked: CohortQuestion, shared: Shared) -> Response:
    """Compare virtual patients with high and low serum IL-6."""
    start = time.perf_counter()
    design = shared.studies.design(asked.study)
    values = interactive.slider.patient_values(design, design.drugs[0], asked.values)
    with shared.engine:
        found = interactive.patients.virtual_patients(values, asked.patients)
    arrays = {"at_risk_time": found.at_risk_days}
    for place, group in enumerate(found.groups):
        arrays |= {f"time_{place}": group.time_days, f"survival_{place}": group.survival}
        arrays |= {f"lower_{place}": group.lower, f"upper_{place}": group.upper, f"at_risk_{place}": group.at_risk}
    header = {
        "study": asked.study,
        "groups": [
            {"label": each.label, "n": each.patients, "events": each.events, "median": each.median_days}
            for each in found.groups
        ],
        "time_unit": "days",
        "endpoint": "progression-free survival",
        "hazard_ratio": dict(zip(("value", "lower", "upper"), found.hazard_ratio, strict=True)),
        "sentence": found.sentence,
        "notice": interactive.patients.NOTICE,
        "milliseconds": 1e3 * (time.perf_counter() - start),
    }
    return frame.answer(header, arrays)
