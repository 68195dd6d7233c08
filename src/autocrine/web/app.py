"""The application: its pages, its API and its guard."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from autocrine.studies import interactive
from autocrine.web import (
    api_experiments,
    api_exports,
    api_jobs,
    api_library,
    api_numbers,
    api_studies,
    api_tumours,
    api_uploads,
    claim_pages,
    job_pages,
    library_pages,
    parameter_pages,
    start_page,
    trouble,
)
from autocrine.web.api_tumours import EXAMPLE
from autocrine.web.journal import RUN, Job, Journal
from autocrine.web.library_shelf import Shelf
from autocrine.web.security import Guard
from autocrine.web.session import Session
from autocrine.web.settings import Settings
from autocrine.web.state import State
from autocrine.web.study_store import StudyStore
from autocrine.web.upload_store import UploadStore
from autocrine.web.workshop import Workshop

_ROUTES = (
    start_page,
    claim_pages,
    library_pages,
    parameter_pages,
    api_studies,
    api_experiments,
    api_numbers,
    api_library,
    api_jobs,
    api_tumours,
    api_uploads,
    api_exports,
    job_pages,
)


def create_app(settings: Settings, *, library_file: Path | None = None) -> FastAPI:
    """Return the application of one server.

    Parameters
    ----------
    settings : Settings
        Where it listens, keeps its data, and its limits.
    library_file : Path, optional
        The catalogue of publications; one in the data directory by default.

    Raises
    ------
    errors.OutputError
        If the data directory cannot be written.
    """
    session = Session.open(settings.data)
    shelf = Shelf(library_file or settings.data / "library.sqlite")
    workshop = Workshop(
        Journal(settings.data / "jobs"),
        settings.workers,
        settings.waiting_jobs,
        lambda job: _finished(job, shelf, settings),
    )
    state = State(
        settings=settings,
        session=session,
        studies=StudyStore(settings.data / "studies"),
        shelf=shelf,
        workshop=workshop,
        uploads=UploadStore(settings.data / "uploads"),
    )
    app = FastAPI(
        title="Autocrine",
        description="Studies, evidence and jobs of the autocrine IL-6 loop. For research, not for decisions.",
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
        responses={422: {"model": trouble.TroubleAnswer, "description": "What must be, what was, and where"}},
        lifespan=_living,
    )
    app.state.autocrine = state
    trouble.listen(app)
    for each in _ROUTES:
        app.include_router(each.router)
    app.include_router(api_uploads.pages)
    static = Path(str(files("autocrine.web") / "static"))
    app.mount("/static", StaticFiles(directory=static), name="static")
    app.add_middleware(Guard, settings=settings, session=session)
    return app


@asynccontextmanager
async def _living(app: FastAPI) -> AsyncIterator[None]:
    state: State = app.state.autocrine
    state.workshop.open()
    if state.settings.warm:
        threading.Thread(target=_warm, args=(state,), name="warm", daemon=True).start()
    if state.settings.example and not any(job.options.get(EXAMPLE) for job in state.workshop.journal.jobs()):
        options = {"design": "spheroid", "quick": True, EXAMPLE: True}
        state.workshop.add("tumour", "A small spheroid under doxorubicin", options)
    try:
        yield
    finally:
        state.workshop.close()


def _warm(state: State) -> None:
    """Load what the first slider needs."""
    design = interactive.built_in_design("conze2001")
    interactive.dose_response.dose_responses(design, design.drugs[0], {}, turn=lambda: state.engine)


def _finished(job: Job, shelf: Shelf, settings: Settings) -> dict[str, Any]:
    """Put what a finished job found where it belongs, and return what its page links to."""
    run = settings.data / "jobs" / job.id / RUN
    found: dict[str, Any] = {}
    if (run / "claims.json").is_file():
        found["verdicts"] = {each.claim: each.verdict.value for each in shelf.catalogue.check(run)}
    if job.kind == "tumour":
        found["tumour"] = f"{job.id}.0"
    return found
