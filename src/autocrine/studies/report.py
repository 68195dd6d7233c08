"""The report of a study: one page that opens offline and loads nothing."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autocrine.core import Provenance
from autocrine.evidence import load_library
from autocrine.studies.design import Design
from autocrine.studies.experiment import Results
from autocrine.studies.page import page_templates
from autocrine.studies.published import PublishedStudy
from autocrine.studies.registry import STUDIES
from autocrine.studies.report_claims import claims_section, findings_section
from autocrine.studies.report_curves import curves_section, potency_map
from autocrine.studies.report_number import number
from autocrine.studies.report_parameters import citation, evidence_keys, parameters_section, sources
from autocrine.studies.report_pathway import pathway_section
from autocrine.studies.report_readouts import (
    EC50,
    ISOLATED,
    coculture_pictures,
    density_pictures,
    readouts_section,
    time_courses,
)
from autocrine.studies.verdict import JudgedClaim, JudgedFinding

FILE = "report.html"
#: keys of the facts and records that the result used, for `autocrine cite`
EVIDENCE = "evidence.json"


def write_report(  # noqa: PLR0917 - the parts of a run, in the order in which they arise
    directory: Path,
    name: str,
    design: Design | None,
    results: Results | None,
    claims: Sequence[JudgedClaim],
    findings: Sequence[JudgedFinding],
    provenance: Provenance,
    *,
    drawn: Sequence[Any] | None = None,
) -> Path:
    """Write the report of a run.

    Parameters
    ----------
    directory : Path
        Where it is written.
    name : str
        Name of the study; where a record of this name exists, the publication is cited.
    design, results : Design and Results, or None
        The study and what it measured; None where it consists of findings only.
    claims, findings : sequence
        What was judged; parts without data are left out of the page.
    provenance : Provenance
        Where the numbers come from.
    drawn : sequence, optional
        What the jobs of `figure_jobs` return, where they are already done.

    Returns
    -------
    Path
        The page: the same bytes for the same arguments.
    """
    parameters = parameters_section(design)
    drawn = [job() for job in figure_jobs(design, results)] if drawn is None else drawn
    measured = _measured(design, results, drawn) if design and results else {}
    records = {judged.finding.record for judged in findings}
    marked = {EC50, ISOLATED} if measured.get("density") else set()
    used = sources(evidence_keys(parameters) | marked | records)
    page = page_templates().get_template("report.html").render(
        name=name,
        title=_title(name, design),
        citation=citation(name) if name in load_library().records else None,
        design=_design(design) if design else None,
        claims=claims_section(claims),
        findings=findings_section(findings),
        pathway=pathway_section(claims, design),
        parameters=parameters,
        sources=used,
        provenance=provenance,
        **measured,
    )  # fmt: skip
    path = directory / FILE
    path.write_text(page, encoding="utf-8")
    keys = {claim.claim.record for claim in claims} | {record["key"] for record in used["records"]}
    keys |= {name} & set(load_library().records)
    evidence = {"facts": [fact["key"] for fact in used["facts"]], "records": sorted(keys)}
    (directory / EVIDENCE).write_text(json.dumps(evidence, indent=1) + "\n", encoding="utf-8")
    return path


def _title(name: str, design: Design | None) -> str:
    if design is not None and design.title:
        return design.title
    study: PublishedStudy | None = STUDIES.get(name)
    return study.title if study else name


#: parts of the page that are drawn at once, beside the curves of each drug
_DRAWN: dict[str, Callable[[Design, Results], Any]] = {
    "potency_map": potency_map,
    "time_courses": time_courses,
    "density": density_pictures,
    "coculture": coculture_pictures,
}


def figure_jobs(design: Design | None, results: Results | None) -> list[Callable[[], Any]]:
    """Return what draws the figures of a study, none of which needs another: no claims, so it may be done before them.

    First come those of `_DRAWN`, then the curves of each drug.
    """
    if design is None or results is None:
        return []
    curves = [
        functools.partial(curves_section, design, results, drug, at)
        for at, drug in enumerate(design.drugs, start=1)
        if any(key[1] == drug for key in results.curves)
    ]
    return [*(functools.partial(draw, design, results) for draw in _DRAWN.values()), *curves]


def _measured(design: Design, results: Results, drawn: Sequence[Any]) -> dict[str, Any]:
    parts = dict(zip(_DRAWN, drawn, strict=False))
    return {**parts, "curves": list(drawn[len(_DRAWN) :]), "readouts": readouts_section(design, results)}


def _design(design: Design) -> dict[str, Any]:
    """Return the design as labels and words."""
    p = design.protocol
    rows = [
        ("Lines", ", ".join(design.lines)),
        ("Drugs", ", ".join(design.drugs)),
        ("Arms", ", ".join(arm.name for arm in design.arms)),
        ("Replicates", str(design.replicates)),
        (
            "Seeding",
            f"{number(p.seeded_cells)} cells in {number(p.medium_volume_l * 1e6)} µl, {number(p.area_cm2)} cm²",
        ),
        ("Confluent at", f"{number(p.capacity_cells)} cells"),
        ("Times", f"drug after {number(p.preincubation_h)} h, read {number(p.duration_h)} h later"),
        ("Medium change", f"after {number(p.medium_change_h)} h" if p.medium_change_h is not None else "none"),
        ("Wash-out", f"{number(p.washout_h)} h after the drug" if p.washout_h is not None else "none"),
    ]
    return {"rows": rows, "quick": design.quick, "first": design.lines[0], "replicates": design.replicates}
