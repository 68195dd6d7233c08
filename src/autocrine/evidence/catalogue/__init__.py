"""The catalogue of publications: full-text search, duplicates, citations, and what claims and parameters rest on."""

from autocrine.evidence.catalogue.catalogue import Catalogue

__all__ = ["Catalogue"]
