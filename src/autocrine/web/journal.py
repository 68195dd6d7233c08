"""The journal of jobs: one directory for each, with a note that is always replaced whole."""

from __future__ import annotations

import json
import os
import re
import secrets
import threading
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from autocrine.core import errors

STATES = ("waiting", "running", "done", "failed", "cancelled")
ENDED = ("done", "failed", "cancelled")
_KEY = re.compile(r"[0-9a-f]{16}")
NOTE, PROGRESS, RUN = "job.json", "progress.json", "run"


@dataclass(frozen=True)
class Job:
    """A job.

    Attributes
    ----------
    id, kind, title : str
        Its key, which is ours, its kind, and what it is called.
    options : dict
        What was asked for.
    state, message : str
        One of `STATES`, and what is being done or went wrong.
    created, started, ended : float or None
        Seconds since 1970.
    starts : int
        How often it was started: more than once where a server ended before it did.
    result : dict
        What the job has found, as links and numbers.
    """

    id: str
    kind: str
    title: str
    options: dict[str, Any]
    state: str = "waiting"
    message: str = ""
    created: float = 0.0
    started: float | None = None
    ended: float | None = None
    starts: int = 0
    result: dict[str, Any] = field(default_factory=dict)


class Journal:
    """All jobs of a data directory.

    Parameters
    ----------
    folder : Path
        Where each job has its directory.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.RLock()
        self._jobs = {job.id: job for job in self._read()}

    def place(self, key: str) -> Path:
        """Return the directory of a job that is in the journal."""
        return self.folder / self.job(key).id

    def job(self, key: str) -> Job:
        """Return a job.

        Raises
        ------
        errors.InputError
            If there is none of this key.
        """
        with self._lock:
            if key not in self._jobs:
                raise errors.InputError("the job must be one of the journal", key[:40])
            return self._jobs[key]

    def jobs(self) -> list[Job]:
        """Return all jobs, the newest first."""
        with self._lock:
            return sorted(self._jobs.values(), key=lambda job: -job.created)

    def add(self, kind: str, title: str, options: dict[str, Any]) -> Job:
        """Write down a new job, which waits."""
        job = Job(secrets.token_hex(8), kind, title, options, created=time.time())
        with self._lock:
            (self.folder / job.id).mkdir(parents=True)
            self._write(job)
        return job

    def change(self, key: str, **values: Any) -> Job:
        """Write down another state of a job."""
        with self._lock:
            job = replace(self.job(key), **values)
            self._write(job)
        return job

    def progress(self, key: str) -> tuple[float, str]:
        """Return how far a job is, from 0 to 1, and what it is at."""
        job = self.job(key)
        if job.state != "running":
            return (1.0 if job.state == "done" else 0.0), job.message
        try:
            told = json.loads((self.folder / job.id / PROGRESS).read_text(encoding="utf-8"))
            return min(1.0, max(0.0, float(told["share"]))), str(told["what"])
        except (OSError, ValueError, KeyError, TypeError):  # nothing is told yet
            return 0.0, job.message

    def _write(self, job: Job) -> None:
        write_note(self.folder / job.id / NOTE, asdict(job))
        self._jobs[job.id] = job

    def _read(self) -> list[Job]:
        found = []
        for path in self.folder.glob(f"*/{NOTE}"):
            if not _KEY.fullmatch(path.parent.name):
                continue
            try:
                job = Job(**json.loads(path.read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError):
                continue  # a note of another version is left where it is
            if job.id == path.parent.name and job.state in STATES:
                found.append(job)
        return found


def write_note(path: Path, content: dict[str, Any]) -> None:
    """Replace a JSON file whole."""
    part = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    part.write_text(json.dumps(content), encoding="utf-8")
    part.replace(path)
