"""SBML in and out: files of strangers become networks, networks become files. Imported late: libsbml loads slowly."""

from autocrine.engine.sbml.maths import Function, Maths
from autocrine.engine.sbml.quantity import Quantity
from autocrine.engine.sbml.reading import network_of, read_sbml, read_text, sheet_of
from autocrine.engine.sbml.source import load
from autocrine.engine.sbml.writer import sbml_text, write_sbml

__all__ = [
    "Function",
    "Maths",
    "Quantity",
    "load",
    "network_of",
    "read_sbml",
    "read_text",
    "sbml_text",
    "sheet_of",
    "write_sbml",
]
