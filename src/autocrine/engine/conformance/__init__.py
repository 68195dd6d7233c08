"""Runners of official suites: ``python -m autocrine.engine.conformance sbml DIRECTORY``."""
