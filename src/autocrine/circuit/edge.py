"""The edges of the circuit: which can be cut, and where they stand in the drawing."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib.resources import files

from autocrine.core import Document, Parameters


@dataclass(frozen=True)
class Edge:
    """One arrow of the circuit that can be cut.

    Attributes
    ----------
    name : str
        Name of the parameter that cuts it, ``edge_...``.
    source, target : str
        The nodes it joins.
    kind : str
        ``activates`` or ``inhibits``.
    note : str
        What it stands for.
    """

    name: str
    source: str
    target: str
    kind: str
    note: str


@functools.cache
def load_edges() -> dict[str, Edge]:
    """Return all edges by name."""
    resource = files("autocrine.circuit") / "edges.toml"
    document = Document.parse(resource.read_text(encoding="utf-8"), "edges.toml")
    return {
        name: Edge(name, row.get("from", str), row.get("to", str), row.get("kind", str), row.get("note", str))
        for name, row in ((name, document.table(name)) for name in document.values)
    }


def edge_parameters() -> Parameters:
    """Return one parameter per edge: 1 is intact, 0 is cut."""
    rows = "".join(
        f'[{edge.name}]\nvalue = 1.0\nlow = 0.0\nhigh = 1.0\nunit = "1"\nbasis = "chosen"\nnote = "{edge.note}"\n'
        for edge in load_edges().values()
    )
    return Parameters.from_document(Document.parse(rows, "edges.toml"), "edges")
