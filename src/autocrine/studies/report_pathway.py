"""The drawing of the circuit: whole, and with the edge of each causal claim cut."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from autocrine.circuit import edge
from autocrine.core import Document
from autocrine.plots import maps
from autocrine.studies.design import Design
from autocrine.studies.report_picture import picture
from autocrine.studies.verdict import JudgedClaim

_PREFIX = "edge_"


def pathway_section(claims: Sequence[JudgedClaim], design: Design | None) -> dict[str, Any]:
    """Return the circuit with its edges, and one small drawing per edge that a claim or an arm cuts."""
    cut = _cut_by(claims, design)
    labels = {name: ", ".join(who) for name, who in cut.items()}
    says = "The circuit. Arrows activate, bars inhibit" + ("; the words on an edge say what cuts it." if cut else ".")
    small = [
        picture(
            f"circuit-{name}",
            maps.draw_pathway(_nodes(), _edges(off=(name,)), title=f"{labels[name]}: {_words(name)}"),
            f"{labels[name].capitalize()}: run again without the edge {_words(name)}.",
            "half",
        )
        for name in cut
    ]
    whole = picture("circuit-whole", maps.draw_pathway(_nodes(), _edges(labels=labels)), says)
    return {"whole": whole, "small": small, "edges": _table(labels)}


def circuit_map(changes: Mapping[str, float]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return nodes (id, label, group, x, y; y points up) and edges (from, to, kind, on) of the circuit for a drawing.

    Parameters
    ----------
    changes : mapping of str to float
        Parameters that an arm changes: an edge at zero is off.
    """
    off = [name for name in edge.load_edges() if changes.get(name) == 0]
    nodes = [
        {"id": row["name"], "label": row["name"], "group": row["group"], "x": row["x"], "y": row["y"]}
        for row in _nodes()
    ]
    edges = [{"from": row["from"], "to": row["to"], "kind": row["kind"], "on": row["on"]} for row in _edges(off=off)]
    return nodes, edges


def _cut_by(claims: Sequence[JudgedClaim], design: Design | None) -> dict[str, list[str]]:
    """Return who cuts each edge, claims first."""
    found: dict[str, list[str]] = {}
    numbers: dict[str, list[int]] = {}
    for judged in claims:
        if judged.claim.edge:
            numbers.setdefault(_PREFIX + judged.claim.edge, []).append(judged.claim.number)
    for name, which in numbers.items():
        found[name] = [f"claim{'s' * (len(which) > 1)} {', '.join(map(str, which))}"]
    for arm in design.arms if design else ():
        for name, value in arm.changes.items():
            if name in edge.load_edges() and value == 0:
                found.setdefault(name, []).append(f"arm {arm.name}")
    return {name: who for name, who in found.items() if name in edge.load_edges()}


def _words(name: str) -> str:
    found = edge.load_edges()[name]
    return f"{found.source} → {found.target}"


@functools.cache
def _document() -> Document:
    resource = files("autocrine.studies") / "pathway.toml"
    return Document.parse(resource.read_text(encoding="utf-8"), "pathway.toml")


def _nodes() -> list[dict[str, Any]]:
    groups = _document().table("groups").values
    # the key of the drawing has the order of the groups
    rows = [{"name": n, **row, "group": groups[row["group"]]} for n, row in _document().table("nodes").values.items()]
    return sorted(rows, key=lambda row: list(groups.values()).index(row["group"]))


def _edges(labels: dict[str, str] | None = None, off: Sequence[str] = ()) -> list[dict[str, Any]]:
    bends = _document().table("bends").values
    rows = [{**row, "on": True} for row in _document().get("edges", list)]
    for name, found in edge.load_edges().items():
        row = {"from": found.source, "to": found.target, "kind": found.kind, "on": name not in off}
        rows.append({**row, "label": (labels or {}).get(name), "bend": bends.get(name)})
    return rows


def _table(labels: dict[str, str]) -> list[dict[str, str]]:
    cuttable = [
        {"from": e.source, "to": e.target, "kind": e.kind, "note": e.note, "name": n, "cut": labels.get(n, "")}
        for n, e in edge.load_edges().items()
    ]
    return [*cuttable, *({**row, "name": "", "cut": ""} for row in _document().get("edges", list))]
