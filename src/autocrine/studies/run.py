"""A run: a study from its design to a directory with report, results and provenance."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import multiprocessing
import signal
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from multiprocessing.pool import AsyncResult, Pool
from pathlib import Path
from typing import Any

import pandas as pd

from autocrine.circuit import baseline, cell
from autocrine.core import Provenance, RunDirectory, errors, notebook
from autocrine.studies import conze2001
from autocrine.studies.design import Design, load_design, published_design
from autocrine.studies.experiment import Experiment, Results
from autocrine.studies.findings import judge_findings
from autocrine.studies.progress import Progress
from autocrine.studies.registry import STUDIES
from autocrine.studies.report import figure_jobs, write_report
from autocrine.studies.study_archive import FILE, write_study_archive
from autocrine.studies.uncertainty import FULL_DRAWS, QUICK_DRAWS
from autocrine.studies.verdict import JudgedClaim, JudgedFinding

#: doses of the curves behind the claims, and draws behind the predictions of findings: full and quick
_CLAIM_DOSES, _FINDING_DRAWS = (15, 10), (8, QUICK_DRAWS)
CONZE = conze2001.RECORD


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes
    ----------
    path : Path
        Its directory.
    name : str
        Name of the study.
    claims : sequence of JudgedClaim
    findings : sequence of JudgedFinding
    results : Results or None
        The tables, where the study has wells of its own.
    """

    path: Path
    name: str
    claims: Sequence[JudgedClaim]
    findings: Sequence[JudgedFinding]
    results: Results | None

    def _repr_html_(self) -> str:
        parts = []
        if self.claims:
            rows = [(each.claim.statement, str(each.verdict), str(each.effect or "none")) for each in self.claims]
            parts.append(notebook.table(["claim", "verdict", "effect"], rows))
        if self.findings:
            found = [(f.finding.key, f.finding.role, str(f.predicted or "none"), f.outcome) for f in self.findings]
            parts.append(notebook.table(["finding", "role", "predicted", "outcome"], found))
        if self.results is not None:
            parts.append(self.results._repr_html_())
        return notebook.page(f"{self.name}: {self.path}", *parts)

    def as_object(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        found: dict[str, Any] = {"study": self.name, "run": str(self.path)}
        found["claims"] = [claim.as_row() for claim in self.claims]
        found["findings"] = [finding.as_row() for finding in self.findings]
        if self.results is not None:
            rows = self.results.potencies.to_dict("records")
            found["potencies"] = [{key: _json(value) for key, value in row.items()} for row in rows]
        return found


def _json(value: Any) -> Any:
    """Return a value that JSON can hold: an absent number is null, an open end is text."""
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value


def published_keys() -> tuple[str, ...]:
    """Return the keys of all published studies that can be repeated."""
    return (CONZE, *STUDIES)


def reproduce(
    key: str,
    target: Path,
    *,
    seed: int,
    command: str,
    quick: bool = False,
    claim: int | None = None,
    progress: Progress | None = None,
    processes: int = 1,
) -> Run:
    """Repeat a published study and write its run.

    Parameters
    ----------
    key : str
        Key of the study.
    target : Path
        Directory of the run.
    seed : int
        Seed of all noise; equal seeds give equal results, byte for byte.
    command : str
        The command as it was typed, for the provenance.
    quick : bool
        A smaller design: fewer doses, drugs, arms and draws.
    claim : int, optional
        Number of one claim of conze2001: then only this one is measured and judged.
    processes : int
        With 2 or more, a second process judges claims and findings while the wells run and figures are drawn, then
        draws those that are left, with equal results.
        A script that asks for it must guard its own start with ``if __name__ == "__main__"``.
    progress : Progress, optional
        How to tell how far it is.

    Raises
    ------
    errors.InputError
        If the study is unknown.
    errors.OutputError
        If the directory cannot be written.
    """
    if key not in published_keys():
        raise errors.InputError("the study must be one that is known", key, hint=", ".join(published_keys()))
    if claim is not None and key != CONZE:
        raise errors.InputError(f"a claim must be one of {CONZE}", key, hint=f"autocrine reproduce {key}")
    progress = progress or Progress()
    provenance = _provenance(command, seed, published_design(CONZE, quick=quick))
    alone = processes == 1 or key != CONZE or claim is not None
    with RunDirectory(target) as directory, contextlib.nullcontext() if alone else _second_process() as pool:
        drawn = None
        if claim is not None:
            parts = (None, None, _claims(published_design(CONZE, quick=quick), claim, seed, quick, progress), [])
        elif key != CONZE:
            parts = _findings_only(key, quick, progress)
        elif pool is None:
            parts = _conze(seed, quick, progress)
        else:
            parts, drawn = _conze_shared(seed, quick, progress, pool)
        return _written(directory, target, key, parts, provenance, drawn)


def simulate_study(
    path: Path,
    target: Path | None,
    *,
    seed: int,
    command: str,
    quick: bool = False,
    archive: bool = False,
    progress: Progress | None = None,
) -> Run:
    """Do a user's own study and write its run; ``target`` is ``runs/<name>`` by default.

    With ``archive`` its wells are also written as a COMBINE archive, ``study.omex``.
    """
    progress = progress or Progress()
    design = load_design(path, quick=quick)
    target = target or Path("runs") / design.name
    provenance = _provenance(command, seed, design)
    with RunDirectory(target) as directory:
        results = _experiment(design, seed, progress)
        if archive:
            write_study_archive(directory.path / FILE, design)
        return _written(directory, target, design.name, (design, results, [], []), provenance)


_Parts = tuple[Design | None, Results | None, Sequence[JudgedClaim], Sequence[JudgedFinding]]


def _conze(seed: int, quick: bool, progress: Progress) -> _Parts:
    design = published_design(CONZE, quick=quick)
    results = _experiment(design, seed, progress)
    claims = _claims(design, None, seed, quick, progress)
    return design, results, claims, _all_findings(quick, progress)


def _conze_shared(seed: int, quick: bool, progress: Progress, pool: Pool) -> tuple[_Parts, list[Any]]:
    """Return what was measured and judged, and the figures that need no claims."""
    design = published_design(CONZE, quick=quick)
    claims = pool.apply_async(_claims, (design, None, seed, quick))
    findings = pool.apply_async(_all_findings, (quick,))
    results = _experiment(design, seed, progress)
    jobs = figure_jobs(design, results)
    progress.begin("figures; claims and findings in a second process", len(jobs) + 2)
    drawn = _shared(pool, findings, jobs, progress)
    parts = design, results, claims.get(), findings.get()
    progress.step(2)
    return parts, drawn


@contextlib.contextmanager
def _second_process() -> Generator[Pool, None, None]:
    with multiprocessing.get_context("spawn").Pool(1, _ignore_interrupts) as pool:
        yield pool


def _shared(pool: Pool, last: AsyncResult[Any], jobs: Sequence[Callable[[], Any]], progress: Progress) -> list[Any]:
    """Do jobs, and give the second process one whenever it has nothing else to do, which it has until ``last``."""
    here: dict[int, Any] = {}
    there: dict[int, AsyncResult[Any]] = {}
    for place, job in enumerate(jobs):
        if last.ready():
            last = there[place] = pool.apply_async(job)
        else:
            here[place] = job()
            progress.step(1)
    found = [here[place] if place in here else there[place].get() for place in range(len(jobs))]
    progress.step(len(there))
    return found


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the first process, which ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _all_findings(quick: bool, progress: Progress | None = None) -> list[JudgedFinding]:
    """Judge the findings of all other studies."""
    progress = progress or Progress()
    progress.begin("findings of other studies", _FINDING_DRAWS[quick] + 1)
    return judge_findings(tuple(STUDIES), draws=_FINDING_DRAWS[quick], progress=progress.step)


def _claims(
    design: Design, number: int | None, seed: int, quick: bool, progress: Progress | None = None
) -> list[JudgedClaim]:
    progress = progress or Progress()
    claims = conze2001.claims_of(number)
    draws, doses = (QUICK_DRAWS if quick else FULL_DRAWS), _CLAIM_DOSES[quick]
    progress.begin("claims, with each edge whole and cut", conze2001.claim_wells(claims, draws=draws, doses=doses))
    return conze2001.judge_claims(
        claims,
        design.protocol,
        seed=seed,
        replicates=design.replicates,
        draws=draws,
        doses=doses,
        progress=progress.step,
    )


def _findings_only(key: str, quick: bool, progress: Progress) -> _Parts:
    draws = QUICK_DRAWS if quick else FULL_DRAWS
    progress.begin("findings", draws + 1)
    return None, None, [], judge_findings((key,), draws=draws, progress=progress.step)


def _experiment(design: Design, seed: int, progress: Progress) -> Results:
    experiment = Experiment(design, seed, progress.step)
    progress.begin("wells", experiment.size)
    return experiment.run()


def _provenance(command: str, seed: int, design: Design) -> Provenance:
    """Return the provenance, begun now; its hash covers the circuit, the lines, the drugs and the well of a study."""
    bench = design.bench
    tables = [
        cell.cell_parameters().changed(dict(bench.overrides.cell)),
        baseline.line_parameters(),
        *(bench.lines[name].changes for name in bench.lines),
        *(bench.drugs[name].parameters for name in bench.drugs),
        bench.well_parameters,
    ]
    text = "".join(table.digest for table in tables)
    return Provenance(command, seed, hashlib.sha256(text.encode()).hexdigest()[:16])


def _written(  # noqa: PLR0917 - the parts of a run, in the order in which they arise
    directory: RunDirectory,
    target: Path,
    name: str,
    parts: _Parts,
    provenance: Provenance,
    drawn: Sequence[Any] | None = None,
) -> Run:
    design, results, claims, findings = parts
    place = directory.path
    if results is not None:
        results.wells.to_parquet(place / "results.parquet", index=False)
        results.potencies.to_parquet(place / "potencies.parquet", index=False)
    if findings:
        table = pd.DataFrame([finding.as_row() for finding in findings]).astype({"ratio": float})
        table.to_parquet(place / ("results.parquet" if results is None else "findings.parquet"), index=False)
    run = Run(target, name, claims, findings, results)
    if claims:
        text = json.dumps({"claims": [claim.as_row() for claim in claims]}, indent=2)
        (place / "claims.json").write_text(text + "\n", encoding="utf-8")
    write_report(place, name, design, results, claims, findings, provenance, drawn=drawn)
    provenance.save(place / RunDirectory.MARK)
    return run
