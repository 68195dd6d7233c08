"""Tumours: designs with what they vary, runs that can be resumed, tables and a report."""

from autocrine.studies.tumours.run import simulate_tumours

__all__ = ["simulate_tumours"]
