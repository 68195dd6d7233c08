"""``/api/experiments``: what a moved slider does, as frames that a browser draws at once."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.responses import Response

from autocrine.studies import interactive
from autocrine.web import frame
from autocrine.web.state import State, state_of

router = APIRouter(prefix="/api/experiments", tags=["experiments"])
Shared = Annotated[State, Depends(state_of)]
_FRAME = {200: {"content": {frame.MEDIA_TYPE: {}}, "description": "A frame: a JSON header and arrays."}}


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
    found = interactive.dose_responses(
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
