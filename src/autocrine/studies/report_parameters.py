"""Parameters of the circuit, lines and drugs with their evidence, and the list of that evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autocrine.circuit import Drug, Line, cell
from autocrine.core import Parameters
from autocrine.evidence import load_library
from autocrine.studies.design import Design
from autocrine.studies.report_number import number

#: pages of the circuit in words
_PAGES = {
    "il6_gene": "IL6 gene",
    "receptor": "IL-6, IL-6R and gp130",
    "jak_stat": "JAK, STAT3 and SOCS3",
    "cebp": "C/EBP family",
    "abcb1": "ABCB1 and P-gp",
    "survival": "Survival factor",
    "growth": "Growth",
}
_LINKS = {"DOI": "https://doi.org/{}", "PMID": "https://pubmed.ncbi.nlm.nih.gov/{}/"}
#: keys that name the fit itself
_FIT = "baseline"


def parameters_section(design: Design | None) -> dict[str, Any]:
    """Return tables of all parameters that a study uses, and the evidence behind them."""
    lines, drugs = (_lines(design), _drugs(design)) if design else ([], [])
    return {
        "pages": _circuit(dict(design.bench.overrides.cell) if design else {}),
        "lines": [_owned(line.name, line.note, line.changes, f"line-{at}") for at, line in enumerate(lines, start=1)],
        "drugs": [
            {**_owned(drug.name, drug.note, drug.parameters, f"record-of-drug-{at}"), "kind": _kind(drug)}
            for at, drug in enumerate(drugs, start=1)
        ],
    }


def _circuit(changed: dict[str, float]) -> list[dict[str, Any]]:
    fitted, before = cell.cell_parameters(), cell.cell_parameters(fitted=False)
    pages = []
    for key, title in _PAGES.items():
        rows = []
        for row in _rows(p for p in fitted.values() if p.module == key):
            start = before[row["name"]]
            if row["fitted"]:
                row["before"] = f"before the fit: {number(start.value)} ({number(start.low)} to {number(start.high)})"
                row["evidence"] = [*row["evidence"], *_evidence(start.evidence)]
            if row["name"] in changed:
                row |= {"value": number(changed[row["name"]]), "basis": "set by this study", "before": ""}
            rows.append(row)
        pages.append({"title": title, "rows": rows})
    return pages


def _owned(name: str, note: str, parameters: Parameters, anchor: str) -> dict[str, Any]:
    return {"name": name, "note": note, "id": anchor, "rows": _rows(parameters.values())}


def _rows(parameters: Iterable[Any]) -> list[dict[str, Any]]:
    return [
        {
            "name": p.name,
            "value": number(p.value),
            "unit": "" if p.unit == "1" else p.unit,
            "range": f"{number(p.low)} to {number(p.high)}" if p.low < p.high else "–",
            "basis": p.basis,
            "fitted": p.basis == "fitted",
            "evidence": _evidence(p.evidence),
            "note": p.note,
            "before": "",
        }
        for p in parameters
    ]


def _evidence(key: str) -> list[dict[str, str]]:
    """Return a key with the anchor it leads to; a key that the library does not have leads nowhere."""
    if not key:
        return []
    if key == _FIT:
        return [{"key": "baseline fit", "anchor": "parameters"}]
    library = load_library()
    kind = "fact" if key in library.facts else "record" if key in library.records else ""
    return [{"key": key, "anchor": f"{kind}-{key}" if kind else ""}]


def _lines(design: Design) -> list[Line]:
    names = [*design.lines]
    names += design.density.lines if design.density else ()
    names += (design.coculture.producers, design.coculture.others) if design.coculture else ()
    names += design.time_course.lines if design.time_course else ()
    return [design.bench.line(name) for name in dict.fromkeys(names)]


def _drugs(design: Design) -> list[Drug]:
    names = [*design.drugs, *design.probes]
    names += [part.drug for part in (design.density, design.coculture) if part]
    found = {name: design.bench.drug(name) for name in names}
    found |= {drug.name: drug for arm in design.arms for drug, _ in arm.agents}
    return list(found.values())


def _kind(drug: Drug) -> str:
    if drug.target:
        return f"blocker of {drug.target}"
    return f"{drug.kind}, {'substrate' if drug.is_substrate else 'no substrate'} of P-gp"


def sources(keys: Iterable[str]) -> dict[str, Any]:
    """Return the facts with these keys and the records behind facts and keys, for the list of evidence.

    Parameters
    ----------
    keys : iterable of str
        Keys of facts or records; others are passed over.
    """
    library, wanted = load_library(), set(keys)
    facts = [library.facts[key] for key in sorted(wanted & set(library.facts))]
    records = sorted((wanted & set(library.records)) | {fact.record for fact in facts})
    return {
        "facts": [
            {
                "key": f.key,
                "quantity": f.quantity,
                "amount": f.amount,
                "context": f.context,
                "record": f.record,
                "basis": f.basis,
            }
            for f in facts
        ],
        "records": [citation(key) for key in records],
    }


def citation(key: str) -> dict[str, Any]:
    """Return a record as one reference with its links."""
    record = load_library().record(key)
    names = [author.name for author in record.authors]
    where = record.journal + (f" {record.volume}" if record.volume else "")
    where += f"({record.issue})" if record.issue else ""
    where += f":{record.pages}" if record.pages else ""
    links = [
        {"text": f"{s.scheme} {s.value}", "href": _LINKS[s.scheme].format(s.value) if s.scheme in _LINKS else ""}
        for s in record.sources
    ]
    recalled = record.bibliography_basis == "recalled"
    return {
        "key": key,
        "authors": ", ".join(names) + (" et al." if names and not record.authors_complete else ""),
        "year": record.year,
        "title": record.title or ("" if names else record.type),
        "where": where,
        "links": links,
        "basis": "citation recalled, not read" if recalled else "",
    }


def evidence_keys(section: dict[str, Any]) -> set[str]:
    """Return every key that the tables of parameters point to."""
    tables = [*section["pages"], *section["lines"], *section["drugs"]]
    return {link["key"] for table in tables for row in table["rows"] for link in row["evidence"]}
