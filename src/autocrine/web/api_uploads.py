"""``/api/uploads``: plates and patients, with the checks of their commands."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Form, UploadFile
from pydantic import BaseModel
from starlette.responses import Response

from autocrine.core import errors
from autocrine.web.state import State, state_of
from autocrine.web.templates import page
from autocrine.web.upload_check import checked

router = APIRouter(prefix="/api/uploads", tags=["uploads"])
pages = APIRouter(include_in_schema=False)
Shared = Annotated[State, Depends(state_of)]
Word = Annotated[str, Form(max_length=200)]


class Message(BaseModel):
    """What a check found."""

    level: Literal["problem", "warning", "note"]
    text: str
    where: str


class Report(BaseModel):
    """What all checks found."""

    messages: list[Message]
    summary: dict[str, Any]


class UploadAnswer(BaseModel):
    """A file that was kept and checked, and its first rows."""

    id: str
    report: Report
    rows: list[dict[str, str]]


@router.post("/plates", status_code=201)
def plates(  # noqa: PLR0917 - one field of the form each
    shared: Shared,
    file: Annotated[UploadFile, File()],
    dose_unit: Word = "",
    time_unit: Word = "",
    line: Word = "",
    drug: Word = "",
) -> UploadAnswer:
    """Keep and check plates."""
    said = {"dose_unit": dose_unit, "time_unit": time_unit, "line": line, "drug": drug}
    return _kept("plates", file, said, shared)


@router.post("/patients", status_code=201)
def patients(  # noqa: PLR0917 - one field of the form each
    shared: Shared,
    file: Annotated[UploadFile, File()],
    time: Word = "",
    event: Word = "",
    marker: Word = "",
    adjust: Word = "",
    treatment: Word = "",
    time_unit: Word = "",
) -> UploadAnswer:
    """Keep and check patients."""
    said = {"time": time, "event": event, "marker": marker, "adjust": adjust, "treatment": treatment}
    return _kept("patients", file, {**said, "time_unit": time_unit}, shared)


def _kept(kind: str, file: UploadFile, said: dict[str, str], shared: State) -> UploadAnswer:
    """Keep a file under a name of ours, check it, and let go of one that cannot be used."""
    limit = shared.settings.uploads_mb * 1_000_000
    key = shared.uploads.add(kind, file.file.read(limit))
    try:
        found = checked(kind, shared.uploads.file(kind, key), said)
    except errors.InputError:
        shared.uploads.remove(kind, key)
        raise
    return UploadAnswer(id=key, **found)


@pages.get("/uploads")
def uploads() -> Response:
    """Show the forms for plates and patients."""
    return page("uploads.html")
