"""SBML in and out: files of strangers become networks, networks become files. Imported late: libsbml loads slowly."""

from autocrine.engine.sbml import source
from autocrine.engine.sbml.identifiers import Identifiers
from autocrine.engine.sbml.maths import Function, Maths
from autocrine.engine.sbml.quantity import Quantity
from autocrine.engine.sbml.reading import network_of, read_sbml, read_text, sheet_of
from autocrine.engine.sbml.source import load
from autocrine.engine.sbml.unit_definitions import in_one_litre
from autocrine.engine.sbml.writer import References, sbml_text, write_sbml

__all__ = [
    "Function",
    "Identifiers",
    "Maths",
    "Quantity",
    "References",
    "in_one_litre",
    "load",
    "network_of",
    "read_sbml",
    "read_text",
    "sbml_text",
    "sheet_of",
    "source",
    "write_sbml",
]
