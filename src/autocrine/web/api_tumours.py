"""``/api/tumours``: tumours that were simulated here, frame by frame; also while they grow."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from autocrine.web import frame
from autocrine.web.journal import Job
from autocrine.web.state import State, state_of
from autocrine.web.tumour_film import Shown

router = APIRouter(prefix="/api/tumours", tags=["tumours"])
Shared = Annotated[State, Depends(state_of)]
EXAMPLE = "example"


class OfferedTumour(BaseModel):
    """A tumour that can be looked at."""

    id: str
    title: str
    frames: int
    cells_max: int
    growing: bool


class TumourAnswer(BaseModel):
    """A tumour: its times, its size, and by what it can be coloured."""

    title: str
    times_h: list[float]
    domain_um: list[float]
    colours: list[str]
    colour_labels: dict[str, str]
    cells_max: int


@router.get("")
def tumours(shared: Shared) -> list[OfferedTumour]:
    """List the tumours, the example first."""
    found = []
    for job in shared.workshop.journal.jobs():
        film = _film(job, shared)
        for part in range(len(film.labels) if film else 0):
            if film is not None and film.frames[part]:
                told, is_example = film.described(part), bool(job.options.get(EXAMPLE))
                found.append(
                    OfferedTumour(
                        id=EXAMPLE if is_example and part == 0 else f"{job.id}.{part}",
                        title=f"Example: {job.title}" if is_example else f"{job.title}: {told['title']}",
                        frames=len(told["times_h"]),
                        cells_max=told["cells_max"],
                        growing=job.state == "running",
                    )
                )
    return sorted(found, key=lambda each: each.id != EXAMPLE)


@router.get("/{key}")
def tumour(key: str, shared: Shared) -> TumourAnswer:
    """Describe a tumour."""
    film, part = _open(key, shared)
    return TumourAnswer(**film.described(part))


@router.get("/{key}/frames/{number}", response_class=Response, responses={200: {"content": {frame.MEDIA_TYPE: {}}}})
def tumour_frame(key: str, number: int, shared: Shared) -> Response:
    """Send one frame: position (um), radius (um), and a value per cell for each colour."""
    film, part = _open(key, shared)
    if not 0 <= number < len(film.frames[part]):
        raise HTTPException(404)
    told, arrays = film.frame(part, number)
    return frame.answer({"time_h": told["time_h"], "cells": told["cells"]}, arrays)


def _open(key: str, shared: State) -> tuple[Shown, int]:
    """Return the film and the part that a key names."""
    name, _, part = key.partition(".")
    jobs = shared.workshop.journal.jobs()
    wanted = [job for job in jobs if (job.options.get(EXAMPLE) if key == EXAMPLE else job.id == name)]
    for job in wanted:
        film = _film(job, shared)
        number = int(part) if part.isascii() and part.isdigit() and len(part) < 4 else 0
        if film is not None and number < len(film.frames) and film.frames[number]:
            return film, number
    raise HTTPException(404)


def _film(job: Job, shared: State) -> Shown | None:
    return Shown.open(shared.workshop.journal.place(job.id) / "film") if job.kind == "tumour" else None
