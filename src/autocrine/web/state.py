"""What all requests share: settings, session, engine, evidence, studies."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from fastapi import Request
from starlette.exceptions import HTTPException

from autocrine.core import errors
from autocrine.web.journal import Job
from autocrine.web.library_shelf import Shelf
from autocrine.web.session import Session
from autocrine.web.settings import Settings
from autocrine.web.study_store import StudyStore
from autocrine.web.upload_store import UploadStore
from autocrine.web.workshop import Workshop


@dataclass
class State:
    """What a server holds while it runs.

    Attributes
    ----------
    settings : Settings
    session : Session
    studies : StudyStore
        Built-in studies and a person's own.
    shelf : Shelf
        The catalogue of publications.
    workshop : Workshop
        Jobs.
    uploads : UploadStore
        Files of a person.
    engine : Lock
        One ensemble at a time: two would only share the processors.
    """

    settings: Settings
    session: Session
    studies: StudyStore
    shelf: Shelf
    workshop: Workshop
    uploads: UploadStore
    engine: threading.Lock = field(default_factory=threading.Lock)


def job_of(key: str, shared: State) -> Job:
    """Return a job by its key, or answer that there is none."""
    try:
        return shared.workshop.journal.job(key)
    except errors.InputError as error:
        raise HTTPException(404) from error


def state_of(request: Request) -> State:
    """Return what the application of a request shares."""
    return request.app.state.autocrine
