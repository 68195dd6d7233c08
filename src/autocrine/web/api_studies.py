"""``/api/studies``: what can be run, and its sliders."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from autocrine.studies import interactive
from autocrine.web.state import State, state_of

router = APIRouter(prefix="/api/studies", tags=["studies"])
Shared = Annotated[State, Depends(state_of)]


class OfferedStudy(BaseModel):
    """A study that can be chosen."""

    key: str
    title: str
    question: str


class SliderAnswer(BaseModel):
    """A number that can be moved."""

    key: str
    label: str
    group: str
    unit: str
    scale: Literal["log", "linear"]
    minimum: float
    maximum: float
    default: float
    step: float | None
    basis: str
    parameter: str | None
    evidence_key: str | None


class StudyAnswer(BaseModel):
    """A study: what can be chosen in it."""

    key: str
    title: str
    drugs: list[str]
    lines: list[str]
    arms: list[str]
    doses_nM: dict[str, list[float]]
    hours: float
    default: dict[str, str]
    sliders: list[SliderAnswer]


class OwnStudy(BaseModel):
    """A study in TOML."""

    toml: str = Field(max_length=200_000)


class StudyKey(BaseModel):
    """The key of a study that was kept."""

    key: str


@router.get("")
def studies(shared: Shared) -> list[OfferedStudy]:
    """List the studies that can be run."""
    offered = [OfferedStudy(**vars(each)) for each in interactive.built_in_studies()]
    for key in shared.studies.own_keys():
        design = shared.studies.design(key)
        offered.append(OfferedStudy(key=key, title=design.title or design.name, question="Your own study."))
    return offered


@router.get("/{key}")
def study(key: str, shared: Shared, drug: str = "") -> StudyAnswer:
    """Describe a study and its sliders, with one of its drugs."""
    design = shared.studies.design(key)
    chosen = drug if drug in design.drugs else design.drugs[0]
    sliders = [
        SliderAnswer.model_validate(
            {**vars(each), "parameter": each.parameter or None, "evidence_key": each.evidence or None}
        )
        for each in interactive.slider.sliders_of(design, chosen)
    ]
    return StudyAnswer(
        key=key,
        title=design.title or design.name,
        drugs=list(design.drugs),
        lines=list(design.lines),
        arms=[arm.name for arm in design.arms],
        doses_nM={name: design.doses(name).tolist() for name in design.drugs},
        hours=design.protocol.end_h,
        default={"drug": chosen, "line": design.lines[0], "arm": design.arms[0].name},
        sliders=sliders,
    )


@router.post("", status_code=201)
def keep(own: OwnStudy, shared: Shared) -> StudyKey:
    """Keep a person's own study."""
    return StudyKey(key=shared.studies.add(own.toml))
