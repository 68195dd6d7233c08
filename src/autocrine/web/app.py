"""The application: its pages, its API and its guard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from autocrine.web import (
    api_experiments,
    api_library,
    api_numbers,
    api_studies,
    claim_pages,
    library_pages,
    parameter_pages,
    start_page,
    trouble,
)
from autocrine.web.library_shelf import Shelf
from autocrine.web.security import Guard
from autocrine.web.session import Session
from autocrine.web.settings import Settings
from autocrine.web.state import State
from autocrine.web.study_store import StudyStore

_ROUTES = (
    start_page,
    claim_pages,
    library_pages,
    parameter_pages,
    api_studies,
    api_experiments,
    api_numbers,
    api_library,
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
    state = State(
        settings=settings,
        session=session,
        studies=StudyStore(settings.data / "studies"),
        shelf=Shelf(library_file or settings.data / "library.sqlite"),
    )
    app = FastAPI(
        title="Autocrine",
        description="Studies, evidence and jobs of the autocrine IL-6 loop. For research, not for decisions.",
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=_living,
    )
    app.state.autocrine = state
    trouble.listen(app)
    for each in _ROUTES:
        app.include_router(each.router)
    static = Path(str(files("autocrine.web") / "static"))
    app.mount("/static", StaticFiles(directory=static), name="static")
    app.add_middleware(Guard, settings=settings, session=session)
    return app


@asynccontextmanager
async def _living(_app: FastAPI) -> AsyncIterator[None]:
    yield
