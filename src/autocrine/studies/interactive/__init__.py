"""Experiments while a person waits: a study, its sliders, and what they do to curves, courses and patients."""

from autocrine.studies.interactive.catalogue import built_in_design, built_in_studies, own_design
from autocrine.studies.interactive.dose_response import dose_responses
from autocrine.studies.interactive.slider import sliders_of

__all__ = ["built_in_design", "built_in_studies", "dose_responses", "own_design", "sliders_of"]
