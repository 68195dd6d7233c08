"""Errors, units, parameters, seeds and provenance. This room knows no biology."""

from autocrine.core import errors, notebook, units
from autocrine.core.cluster import spread
from autocrine.core.document import Document
from autocrine.core.parameters import Parameters
from autocrine.core.provenance import Provenance
from autocrine.core.run_directory import RunDirectory
from autocrine.core.seeds import generator

__all__ = [
    "Document",
    "Parameters",
    "Provenance",
    "RunDirectory",
    "errors",
    "generator",
    "notebook",
    "spread",
    "units",
]
