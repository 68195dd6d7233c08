"""The workshop: jobs in processes of their own; what a server leaves unfinished, the next one takes up."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from autocrine.core import errors
from autocrine.web.journal import ENDED, PROGRESS, RUN, Job, Journal

#: a job that was started so often without an end is not started again by itself
_MOST_STARTS = 3
_POLL_S, _PATIENCE_S = 0.2, 5.0
RESULT = "result.json"


class Workshop:
    """Runs the jobs of a journal.

    Parameters
    ----------
    journal : Journal
    workers : int
        Processes at a time.
    most_waiting : int
        Jobs that may wait.
    finished : callable
        Called with each job that is done, before its state says so.
    """

    def __init__(
        self, journal: Journal, workers: int, most_waiting: int, finished: Callable[[Job], dict[str, Any]]
    ) -> None:
        self.journal, self.workers, self.most_waiting, self.finished = journal, workers, most_waiting, finished
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.RLock()
        self._wake, self._ending = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Take up what an earlier server left, and begin."""
        for job in self.journal.jobs():
            if job.state == "running":
                often = job.starts >= _MOST_STARTS
                said = "the server ended before the job did" + ("; start it again by hand" if often else "; it goes on")
                self.journal.change(job.id, state="failed" if often else "waiting", message=said)
        self._ending.clear()
        self._thread = threading.Thread(target=self._work, name="workshop", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop all processes; what was running stays marked so that the next server takes it up."""
        self._ending.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE_S)
        with self._lock:
            for process in self._running.values():
                _stop(process)
            self._running.clear()

    def add(self, kind: str, title: str, options: dict[str, Any]) -> Job:
        """Let a job wait for its turn.

        Raises
        ------
        errors.InputError
            If too many wait.
        """
        waiting = [job for job in self.journal.jobs() if job.state not in ENDED]
        if len(waiting) >= self.most_waiting:
            raise errors.InputError(f"at most {self.most_waiting} jobs must wait", len(waiting), hint="cancel some")
        job = self.journal.add(kind, title, options)
        self._wake.set()
        return job

    def cancel(self, key: str) -> Job:
        """Stop a job; one that has ended stays as it is."""
        with self._lock:
            job = self.journal.job(key)
            if job.state in ENDED:
                return job
            process = self._running.pop(key, None)
            if process is not None:
                _stop(process)
            job = self.journal.change(key, state="cancelled", message="cancelled", ended=time.time())
            self._clear(key)
        self._wake.set()
        return job

    def again(self, key: str) -> Job:
        """Let a job that failed or was cancelled wait once more."""
        job = self.journal.job(key)
        if job.state not in {"failed", "cancelled"}:
            raise errors.InputError("a job that is started again must have failed or been cancelled", job.state)
        job = self.journal.change(key, state="waiting", message="", started=None, ended=None, starts=0)
        self._wake.set()
        return job

    def _work(self) -> None:
        while not self._ending.is_set():
            with self._lock:
                for key, process in list(self._running.items()):
                    if process.poll() is not None:
                        del self._running[key]
                        self._ended(key, process)
                waiting = [job for job in reversed(self.journal.jobs()) if job.state == "waiting"]
                for job in waiting[: max(0, self.workers - len(self._running))]:
                    self._start(job)
            self._wake.wait(_POLL_S if self._running else None)
            self._wake.clear()

    def _start(self, job: Job) -> None:
        place = self.journal.place(job.id)
        for name in (PROGRESS, RESULT):
            (place / name).unlink(missing_ok=True)
        command = [sys.executable, "-m", "autocrine.web.work", str(place)]
        # its standard input ends with this process, which tells it to end too
        surroundings = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        with (place / "log.txt").open("ab") as log:
            self._running[job.id] = subprocess.Popen(  # noqa: S603 - our own module, and a directory that we named
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=surroundings, start_new_session=True
            )
        self.journal.change(job.id, state="running", message="starting", started=time.time(), starts=job.starts + 1)

    def _ended(self, key: str, process: subprocess.Popen[bytes]) -> None:
        if process.stdin is not None:
            process.stdin.close()
        told = self._result(key)
        job = self.journal.job(key)
        if process.returncode == 0 and "error" not in told:
            try:
                found = {**told, **self.finished(replace_result(job, told))}
            except (errors.AutocrineError, OSError, sqlite3.Error) as error:
                self.journal.change(key, state="failed", message=str(error), ended=time.time())
                return
            self.journal.change(key, state="done", message="done", ended=time.time(), result=found)
            return
        said = str(told.get("error") or f"its process ended with {process.returncode}")
        self.journal.change(key, state="failed", message=said, ended=time.time())

    def _result(self, key: str) -> dict[str, Any]:
        try:
            found = json.loads((self.journal.place(key) / RESULT).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {"error": "its process ended without a result"}
        return found if isinstance(found, dict) else {}

    def _clear(self, key: str) -> None:
        """Remove what an unfinished run left beside its target."""
        for path in self.journal.place(key).glob(f".{RUN}*"):
            shutil.rmtree(path, ignore_errors=True)


def replace_result(job: Job, told: dict[str, Any]) -> Job:
    """Return a job with what its process told."""
    return Job(**{**vars(job), "result": told})


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a process: by the end of its input, then by force."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
