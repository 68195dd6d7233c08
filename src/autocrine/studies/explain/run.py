"""A run: an explanation, written to a directory, that goes on after an interruption."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from autocrine.core import Provenance, RunDirectory, generator
from autocrine.studies.explain.effort import Effort
from autocrine.studies.explain.explanation import Explanation, explain_laboratory
from autocrine.studies.explain.laboratory import Laboratory, line_of
from autocrine.studies.explain.report import write_report
from autocrine.studies.progress import Progress

if TYPE_CHECKING:
    from autocrine.assay.well import Well


def explain(
    laboratory: Laboratory,
    target: Path,
    effort: Effort | None = None,
    *,
    seed: int = 1,
    command: str = "",
    progress: Progress | None = None,
) -> Explanation:
    """Explain a laboratory and write the run.

    What is finished is kept beside the target while it is computed, so that a run that was interrupted goes on.

    Parameters
    ----------
    laboratory : Laboratory
        What was measured.
    target : Path
        Directory of the run.
    effort, seed, progress
        See `explain_laboratory`.
    command : str
        The command as it was typed, for the provenance.

    Raises
    ------
    OutputError
        If the directory cannot be written.
    """
    generator(seed)  # refuses a seed that is none
    effort = effort or Effort()
    name = digest(laboratory, effort, seed)
    state = target.parent / f".{target.name}-state-{name}"
    provenance = Provenance(command, seed, name)
    with RunDirectory(target) as directory:
        found = explain_laboratory(laboratory, effort, seed=seed, state=state, progress=progress)
        write_report(found, directory.path, provenance)
        provenance.save(directory.path / RunDirectory.MARK)
    shutil.rmtree(state, ignore_errors=True)
    return found


def digest(laboratory: Laboratory, effort: Effort, seed: int) -> str:
    """Return a name for everything on which an explanation depends."""
    rows = [(row.readout, row.value, row.kind, row.well, row.against) for row in laboratory.measurements]
    wells = [
        (line_of(well), well.arm.medium, sorted(well.arm.changes.items()), str(well.protocol), str(_dosed(well)))
        for well in laboratory.wells
    ]
    text = repr((laboratory.reference, rows, wells, asdict(effort), seed))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _dosed(well: Well) -> list[tuple[str, float]]:
    return [(drug.name, dose) for drug, dose in well.drugs]
