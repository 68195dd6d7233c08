"""The molecules of one cell: the IL-6 loop, drugs, survival. Each page of equations has its parameters beside it."""

from autocrine.circuit import baseline, cell, edge
from autocrine.circuit.drug import Drug, Pharmacology
from autocrine.circuit.line import Line, Lines

__all__ = ["Drug", "Line", "Lines", "Pharmacology", "baseline", "cell", "edge"]
