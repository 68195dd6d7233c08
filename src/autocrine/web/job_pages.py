"""``/jobs``: what runs in the background, and what it has written; readable without JavaScript."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.responses import Response

from autocrine.web.attachment import attachment
from autocrine.web.job_files import job_files
from autocrine.web.journal import ENDED, RUN, Job
from autocrine.web.state import State, job_of, state_of
from autocrine.web.templates import page

router = APIRouter(include_in_schema=False)
Shared = Annotated[State, Depends(state_of)]
#: a report is shown without scripts, and as a page of nobody's
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox; frame-ancestors 'none'"
)


@router.get("/jobs")
def jobs(shared: Shared) -> Response:
    """List all jobs."""
    rows = [_row(job, shared) for job in shared.workshop.journal.jobs()]
    busy = any(row["job"].state not in ENDED for row in rows)
    return page("jobs.html", rows=rows, busy=busy, designs=("spheroid", "producers", "disc"))


@router.get("/jobs/{key}")
def job(key: str, shared: Shared) -> Response:
    """Show one job and its files."""
    found = job_of(key, shared)
    place = shared.workshop.journal.place(key)
    files = [path.relative_to(place / RUN).as_posix() for path in job_files(place)]
    return page("job.html", row=_row(found, shared), files=files, busy=found.state not in ENDED)


@router.get("/jobs/{key}/files/{number}")
def file(key: str, number: int, shared: Shared) -> Response:
    """Show a report, or send a file."""
    job_of(key, shared)
    files = job_files(shared.workshop.journal.place(key))
    if not 0 <= number < len(files):
        raise HTTPException(404)
    raw = files[number].read_bytes()
    if files[number].suffix == ".html":
        headers = {"content-security-policy": REPORT_POLICY}
        return Response(raw, media_type="text/html; charset=utf-8", headers=headers)
    return attachment(raw, files[number].name)


def _row(job: Job, shared: State) -> dict:
    share, what = shared.workshop.journal.progress(job.id)
    times = {
        name: "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        for name, at in (("created", job.created), ("started", job.started), ("ended", job.ended))
    }
    return {"job": job, "share": share, "what": what, "times": times}
