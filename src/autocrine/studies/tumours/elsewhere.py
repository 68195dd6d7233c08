"""Tumours of one design at once, in other processes or on other machines.

A worker gets a tumour and what is kept of it, and gives back its last checkpoint and the frames of its course, which
are written here: no disk need be shared. What is finished is kept and not run again; a worker that dies costs the
tumour it was at.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autocrine.core import errors, spread
from autocrine.studies.tumours.course import Course, put_frames, taken_frames
from autocrine.studies.tumours.members import Member
from autocrine.tissue import checkpoint


@dataclass(frozen=True)
class Job:
    """One tumour for a worker.

    Attributes
    ----------
    number : int
        Its place in the design.
    member, seed, threads, resume
        As in `Course`.
    kept : bytes
        Its checkpoint so far, if any.
    """

    number: int
    member: Member
    seed: int
    threads: int
    resume: bool
    kept: bytes = b""


def run_elsewhere(
    jobs: Sequence[Job], folder: Path, workers: int, scheduler: str, progress: Callable[[int], object]
) -> None:
    """Run what is not finished, and keep the last checkpoint of each tumour in a folder.

    Raises
    ------
    InputError
        If the scheduler cannot be reached, or a checkpoint is of another design.
    DesignError
        If a tumour has more cells than its design allows; its state is kept, and those that are finished are.
    OutputError
        If a checkpoint cannot be written.
    """
    asked = []
    for job in jobs:
        path = folder / f"{job.number}.npz"
        asked.append(replace(job, kept=path.read_bytes()) if job.resume and path.is_file() else job)
    stopped = None
    for job, (found, frames, error) in spread(_run, asked, workers=workers, scheduler=scheduler):
        path = folder / f"{job.number}.npz"
        put_frames(path, frames)
        checkpoint.put_checkpoint(path, found)
        stopped = stopped or error
        progress(1)
    if stopped is not None:
        raise stopped


def _run(job: Job) -> tuple[bytes, dict[str, bytes], errors.DesignError | None]:
    """Run one tumour to its end; return its last checkpoint, the frames since its first, and why it was stopped."""
    with tempfile.TemporaryDirectory() as folder:
        path, stopped = Path(folder) / "state.npz", None
        if job.kept:
            path.write_bytes(job.kept)
        course = Course(job.member, job.seed, job.threads, path, resume=job.resume)
        try:
            course.run(lambda _: None)
        except errors.DesignError as error:
            stopped = error
        return path.read_bytes(), taken_frames(path), stopped
