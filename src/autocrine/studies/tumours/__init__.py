"""Tumours: designs with what they vary, runs that can be resumed, tables, a report, and their course for others."""

from autocrine.studies.tumours.export import FORMATS, export_tumour
from autocrine.studies.tumours.run import simulate_tumours

__all__ = ["FORMATS", "export_tumour", "simulate_tumours"]
