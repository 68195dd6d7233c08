"""``/api/jobs``: what runs in the background."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from autocrine.web.job_kinds import KINDS, UPLOADED
from autocrine.web.journal import Job
from autocrine.web.state import State, job_of, state_of

router = APIRouter(prefix="/api/jobs", tags=["jobs"])
Shared = Annotated[State, Depends(state_of)]
Option = str | bool | int | float | None


class JobQuestion(BaseModel):
    """What shall be done."""

    kind: Literal["study", "claim", "tumour", "trial", "plates", "patients", "explain"]
    options: dict[str, Option] = Field(default_factory=dict, max_length=32)


class JobKey(BaseModel):
    """The key of a job."""

    id: str


class JobAnswer(BaseModel):
    """Where a job stands."""

    id: str
    kind: str
    title: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    progress: float
    message: str
    created: float
    started: float | None
    ended: float | None
    result: dict[str, Any]
    href: str


@router.post("", status_code=201)
def start(asked: JobQuestion, shared: Shared) -> JobKey:
    """Let a job wait for its turn; its options are checked now."""
    options: dict[str, Any] = dict(asked.options)
    options.pop("file", None)
    if asked.kind == "study" and str(options.get("study", "")).startswith("own-"):
        options["toml"] = shared.studies.text(str(options["study"]))
    title = KINDS[asked.kind].check(options)
    if asked.kind in UPLOADED:
        # where it lies is known here only: no path comes from a request
        options["file"] = str(shared.uploads.file(UPLOADED[asked.kind], str(options["upload"])))
    return JobKey(id=shared.workshop.add(asked.kind, title, options).id)


@router.get("")
def jobs(shared: Shared) -> list[JobAnswer]:
    """List all jobs, the newest first."""
    return [_told(job, shared) for job in shared.workshop.journal.jobs()]


@router.get("/{key}")
def job(key: str, shared: Shared) -> JobAnswer:
    """Say where a job stands."""
    return _told(job_of(key, shared), shared)


@router.post("/{key}/cancel")
def cancel(key: str, shared: Shared) -> JobAnswer:
    """Stop a job; one that has ended stays as it is."""
    job_of(key, shared)
    return _told(shared.workshop.cancel(key), shared)


@router.post("/{key}/again")
def again(key: str, shared: Shared) -> JobAnswer:
    """Start a job again that failed or was cancelled."""
    job_of(key, shared)
    return _told(shared.workshop.again(key), shared)


def _told(job: Job, shared: State) -> JobAnswer:
    share, what = shared.workshop.journal.progress(job.id)
    values = {name: value for name, value in vars(job).items() if name in JobAnswer.model_fields}
    return JobAnswer(**{**values, "progress": share, "message": what, "href": f"/jobs/{job.id}"})
