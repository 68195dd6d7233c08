"""Models in SBML: networks written as it."""

from autocrine.engine.sbml.writer import sbml_text, write_sbml

__all__ = ["sbml_text", "write_sbml"]
