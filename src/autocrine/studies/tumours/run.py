"""A run of all tumours of a design: progress, checkpoints, tables, stores and the report."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import zarr

from autocrine.core import Provenance, RunDirectory, errors, notebook
from autocrine.studies.progress import Progress
from autocrine.studies.tumours.course import Course
from autocrine.studies.tumours.elsewhere import Job, run_elsewhere
from autocrine.studies.tumours.members import load_document, members_of
from autocrine.studies.tumours.report import write_report
from autocrine.studies.tumours.summary import summarise
from autocrine.studies.tumours.survival import survival_table
from autocrine.tissue import Tumour, fields, store


@dataclass(frozen=True)
class TumourRun:
    """Where a run stands, and a row for each of its tumours."""

    path: Path
    summary: pd.DataFrame

    def _repr_html_(self) -> str:
        columns = list(map(str, self.summary.columns))[:8]
        return notebook.page(
            f"tumours: {self.path}", notebook.table(columns, self.summary.iloc[:, :8].itertuples(index=False))
        )


def simulate_tumours(
    source: str | Path,
    target: Path | None = None,
    *,
    seed: int = 1,
    command: str = "",
    quick: bool = False,
    resume: bool = False,
    threads: int = 1,
    workers: int = 1,
    scheduler: str = "",
    progress: Progress | None = None,
    live: Callable[[str, Tumour], None] | None = None,
) -> TumourRun:
    """Run all tumours of a design.

    Parameters
    ----------
    source : str or Path
        Name of a design that comes with Autocrine, or a TOML file.
    target : Path, optional
        Directory of the run; ``runs/NAME`` unless it is given.
    seed, threads : int
        All draws follow from the seed; results do not depend on the threads.
    workers, scheduler
        As in `spread`: several tumours at once, with the same results; one that is finished is not run again.
    command : str
        The command line, for the provenance.
    quick : bool
        Smaller, as the table ``quick`` of the design says.
    resume : bool
        Go on where a run of this target was cut off; it ends as if it had never been.
    progress : Progress, optional
        Told of ticks.
    live : callable, optional
        Called now and then with the label of a tumour and the tumour.

    Raises
    ------
    InputError
        If the design cannot be used; before anything runs.
    OutputError
        If something cannot be written.
    """
    document = load_document(source)
    members = members_of(document, quick=quick)
    place = target or Path("runs") / members[0].design.name
    kept = place.parent / f".{place.name}-checkpoints"
    _prepare(place, kept, resume=resume)
    told, courses = progress or Progress(), []
    if scheduler or workers > 1:
        jobs = [Job(n, member, seed, threads, resume=resume) for n, member in enumerate(members)]
        told.begin(f"{len(members)} tumours", len(members))
        run_elsewhere(jobs, kept, workers, scheduler, told.step)
        resume = True
    for number, member in enumerate(members):
        course = Course(member, seed, threads, kept / f"{number}.npz", resume=resume)
        told.begin(member.label, course.ticks)
        told.step(course.tumour.colony.ticks)
        course.run(_after(told, member.label, course.ticks, live))
        courses.append(course)
    with RunDirectory(place) as run:
        summary = _write(run.path, courses)
        (run.path / "design.toml").write_text(document.text, encoding="utf-8")
        digest = hashlib.sha256(document.text.encode()).hexdigest()
        provenance = Provenance(command, seed, digest)
        write_report(run.path, members[0].design.title, courses, summary, provenance)
        provenance.save(run.path / RunDirectory.MARK)
    shutil.rmtree(kept, ignore_errors=True)
    return TumourRun(place, summary)


def _prepare(place: Path, kept: Path, *, resume: bool) -> None:
    """Make room for checkpoints; refuse a place that a run could not take at its end."""
    try:
        if not resume:
            shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise errors.OutputError(f"the run must be written beside {place} ({error.strerror or error})") from error
    if place.exists() and any(place.iterdir()) and not (place / RunDirectory.MARK).is_file():
        raise errors.OutputError(f"--out must name a new directory or an earlier run, but {place} holds something else")


def _after(
    told: Progress, label: str, ticks: int, live: Callable[[str, Tumour], None] | None
) -> Callable[[Tumour], None]:
    every = max(1, ticks // 20)

    def after(tumour: Tumour) -> None:
        told.step(1)
        if live is not None and tumour.colony.ticks % every == 0:
            live(label, tumour)

    return after


def _write(path: Path, courses: list[Course]) -> pd.DataFrame:
    """Write stores, points, images and tables; return the summary."""
    tables = path / "tables"
    tables.mkdir()
    zarr.open_group(path / "tumour.zarr", mode="w")
    found = {"history": [], "founders": [], "cells": [], "lineage": [], "survival": []}
    for number, course in enumerate(courses):
        tumour, one = course.tumour, len(courses) == 1
        design, place = course.member.design, path / "tumour.zarr" / ("" if one else str(number))
        scene = store.scene_of(tumour, [each.name for each in design.clones], design.title, course.member.label)
        store.write_store(tumour, place)
        store.write_recording(place, scene, course.frames())
        store.write_vtp(store.take_frame(tumour), scene, path / ("cells.vtp" if one else f"cells-{number}.vtp"))
        fields.export.write_vti(tumour.fields, path / ("fields.vti" if one else f"fields-{number}.vti"))
        cells = store.cell_table(tumour).assign(distance_to_producer_um=course.distance_now()).reset_index()
        lineage = tumour.lineage.table()
        for name, table in (
            ("history", course.history()), ("founders", course.founders()), ("cells", cells), ("lineage", lineage),
            ("survival", survival_table(course)),
        ):  # fmt: skip
            table.insert(0, "tumour", course.member.label)
            found[name].append(table)
    for name, rows in found.items():
        pd.concat(rows, ignore_index=True).to_csv(tables / f"{name}.csv", index=False, lineterminator="\n")
    summary = summarise(courses)
    summary.to_csv(tables / "summary.csv", index=False, lineterminator="\n")
    return summary
