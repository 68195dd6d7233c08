"""SBML in: files of strangers become networks. Imported late, because libsbml takes a while to load."""

from autocrine.engine.sbml.maths import Function, Maths
from autocrine.engine.sbml.quantity import Quantity
from autocrine.engine.sbml.reading import network_of, read_sbml, read_text, sheet_of
from autocrine.engine.sbml.source import load

__all__ = ["Function", "Maths", "Quantity", "load", "network_of", "read_sbml", "read_text", "sheet_of"]
