"""What a job can be: how its options are checked, what it is called, and what its process does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autocrine.core import Provenance, RunDirectory, errors
from autocrine.studies import Progress, explain, reproduce, run_trial, simulate_study, tumours
from autocrine.web.journal import RUN

_CONZE = "conze2001"
_TUMOURS = ("producers", "disc", "spheroid")
_UPLOAD = re.compile(r"[0-9a-f]{16}")
#: the smallest trial
_TRIAL = '[trial]\nname = "control"\npatients = 200\n[arm.control]\nregimen = "ac_t"\n[power]\nrepeats = 0\n'
_LONGEST_TEXT = 200_000
Options = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """A kind of job: its stages, the work of its process, and how options are checked; the latter returns the title."""

    stages: int
    work: Callable[[Options, Path, Progress], dict[str, Any]]
    check: Callable[[Options], str]


def _study(options: Options, place: Path, progress: Progress) -> dict[str, Any]:
    quick = bool(options.get("quick", True))
    if options.get("toml"):
        file = place / "study.toml"
        file.write_text(options["toml"], encoding="utf-8")
        run = simulate_study(file, place / RUN, seed=1, command="autocrine serve", quick=quick, progress=progress)
    else:
        run = reproduce(_CONZE, place / RUN, seed=1, command="autocrine serve", quick=quick, progress=progress)
    return {"study": run.name}


def _claim(options: Options, place: Path, progress: Progress) -> dict[str, Any]:
    run = reproduce(
        _CONZE, place / RUN, seed=1, command="autocrine serve", quick=bool(options.get("quick", True)),
        claim=int(str(options["claim"]).rpartition("-")[2]), progress=progress,
    )  # fmt: skip
    return {"claim": options["claim"], "verdict": str(run.claims[0].verdict), "reason": run.claims[0].reason}


def _tumour(options: Options, place: Path, progress: Progress) -> dict[str, Any]:
    from autocrine.web.tumour_film import Film

    source: str | Path = options.get("design", "spheroid")
    if options.get("toml"):
        source = place / "tumour.toml"
        source.write_text(options["toml"], encoding="utf-8")
    film = Film.begin(place / "film")
    tumours.simulate_tumours(
        source, place / RUN, seed=1, command="autocrine serve", quick=bool(options.get("quick", True)),
        resume=True, progress=progress, live=film.take,
    )  # fmt: skip
    return {"film": True}


def _trial(options: Options, place: Path, progress: Progress) -> dict[str, Any]:
    from autocrine.cohort import Trial
    from autocrine.core import Document

    text = options.get("toml") or _TRIAL
    asked = Trial.read(Document.parse(text, "your trial"))
    with RunDirectory(place / RUN) as run:
        found = run_trial(asked, place / "batches", seed=1, begin=progress.begin, step=progress.step)
        for name in ("arms", "checks", "power"):
            table = getattr(found, name)
            if len(table):
                table.to_csv(run.path / f"{name}.csv", index=False, lineterminator="\n")
        told = found.as_object()
        (run.path / "trial.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
        Provenance("autocrine serve", 1, "").save(run.path / RunDirectory.MARK)
    return {"notice": told["notice"], "conclusion": told["conclusion"], "without": found.without}


def _patients(options: Options, place: Path, progress: Progress) -> dict[str, Any]:
    from autocrine import prognosis
    from autocrine.web.patient_question import question_of

    cohort = prognosis.read_cohort(Path(options["file"]), question_of(options))
    progress.begin("analysis", 100)
    with RunDirectory(place / RUN) as run:

        def counted(rows: Any) -> Any:
            for row in rows:
                progress.step(1)
                yield row

        found = prognosis.analyse(cohort, seed=1, bootstraps=100, progress=counted)
        for name, table in prognosis.tables.tables_of(found).items():
            table.to_csv(run.path / f"{name}.csv", index=False, lineterminator="\n")
        told = prognosis.tables.object_of(found)
        (run.path / "analysis.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
        Provenance("autocrine serve", 1, "").save(run.path / RunDirectory.MARK)
    return {"conclusion": list(found.conclusion), "notice": prognosis.NOTICE}


def _plates(options: Options, place: Path, progress: Progress) -> dict[str, Any]:
    from autocrine.assay import plates
    from autocrine.web.csv_table import csv_text

    found = plates.dose_series(plates.read_plates((Path(options["file"]),), plates.Options(**said_of(options))))
    progress.begin("curves", len(found.series))
    rows, told = [], []
    for each in found.series:
        curve = each.fit()
        name = ", ".join(part for part in (each.line, each.drug, each.arm, each.measure) if part)
        told.append(f"{name}: {curve.ic50 if curve.status == 'fitted' else curve.reason or curve.status}")
        ends = (curve.ic50.value_nM, curve.ic50.low, curve.ic50.high)
        rows.append([each.line, each.drug, each.arm, each.measure, curve.status, curve.reason, str(curve.ic50), *ends])
        progress.step(1)
    head = ["line", "drug", "arm", "measure", "status", "reason", "ic50", "ic50_nM", "low_nM", "high_nM"]
    with RunDirectory(place / RUN) as run:
        (run.path / "curves.csv").write_text(csv_text(head, rows), encoding="utf-8")
        Provenance("autocrine serve", 1, "").save(run.path / RunDirectory.MARK)
    return {"curves": told}


def said_of(options: Options) -> dict[str, Any]:
    """Return what a person said of plates beside the file."""
    return {name: str(options[name]) for name in ("dose_unit", "time_unit", "line", "drug") if options.get(name)}


def _explain(options: Options, place: Path, progress: Progress) -> dict[str, Any]:
    from autocrine.assay import plates

    said = plates.Options(**said_of(options))
    brought = explain.Files((Path(options["file"]),), options=said, reference=str(options.get("reference", "")))
    effort = explain.QUICK if options.get("quick", True) else explain.Effort()
    found = explain.explain(
        explain.read_laboratory(brought), place / RUN, effort, command="autocrine serve", progress=progress
    )
    return {"verdict": list(found.verdict.sentences)}


def _check_text(options: Options, read: Callable[[str], object]) -> None:
    text = options.get("toml")
    if text is None or text == "":
        return
    if not isinstance(text, str) or len(text) > _LONGEST_TEXT:
        raise errors.InputError(f"toml must be a text of at most {_LONGEST_TEXT} characters")
    read(text)


def _check_study(options: Options) -> str:
    from autocrine.studies import interactive

    _check_text(options, interactive.own_design)
    return "Your own study" if options.get("toml") else "Repeat Conze 2001: wells, claims and findings"


def _check_claim(options: Options) -> str:
    from autocrine.evidence import load_library

    claims = [each.id for each in load_library().claims_of(_CONZE)]
    if options.get("claim") not in claims:
        raise errors.InputError("the claim must be one that can be checked", options.get("claim"), hint=claims[0])
    return f"Check claim {options['claim']}"


def _check_tumour(options: Options) -> str:
    from autocrine.core import Document
    from autocrine.tissue import TumourDesign

    _check_text(options, lambda text: TumourDesign.from_document(Document.parse(text, "your tumour")))
    if options.get("design", "spheroid") not in _TUMOURS:
        raise errors.InputError("the design must be one that is known", options["design"], hint=", ".join(_TUMOURS))
    return "Your own tumour" if options.get("toml") else f"Tumour: {options.get('design', 'spheroid')}"


def _check_trial(options: Options) -> str:
    from autocrine.cohort import Trial
    from autocrine.core import Document

    _check_text(options, lambda text: Trial.read(Document.parse(text, "your trial")))
    return "Trial of virtual patients"


def _check_patients(options: Options) -> str:
    from autocrine.web.patient_question import question_of

    question_of(options)
    _check_upload(options)
    return f"Patients: is {options['marker']} prognostic"


def _check_plates(options: Options) -> str:
    _check_upload(options)
    return "Fit curves to plates"


def _check_explain(options: Options) -> str:
    _check_upload(options)
    return "Explain the resistance of a line"


def _check_upload(options: Options) -> None:
    if not _UPLOAD.fullmatch(str(options.get("upload", ""))):
        raise errors.InputError("the upload must be one that is known", str(options.get("upload", ""))[:40])


KINDS: dict[str, Kind] = {
    "study": Kind(4, _study, _check_study),
    "claim": Kind(1, _claim, _check_claim),
    "tumour": Kind(1, _tumour, _check_tumour),
    "trial": Kind(2, _trial, _check_trial),
    "plates": Kind(1, _plates, _check_plates),
    "patients": Kind(1, _patients, _check_patients),
    "explain": Kind(6, _explain, _check_explain),
}
#: kinds that work on an uploaded file, and what kind of file
UPLOADED = {"plates": "plates", "patients": "patients", "explain": "plates"}
