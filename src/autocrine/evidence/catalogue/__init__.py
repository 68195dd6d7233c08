"""The catalogue of publications: full-text search, duplicates, citations, and what claims and parameters rest on."""

from autocrine.evidence.catalogue.catalogue import Catalogue
from autocrine.evidence.catalogue.citations import STYLES, cite
from autocrine.evidence.coverage import coverage, parameter_page, used_records
from autocrine.evidence.formats import FORMATS, addresses_of, full_names, read_records, write_records

__all__ = [
    "FORMATS",
    "STYLES",
    "Catalogue",
    "addresses_of",
    "cite",
    "coverage",
    "full_names",
    "parameter_page",
    "read_records",
    "used_records",
    "write_records",
]
