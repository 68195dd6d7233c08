"""Experiments while a person waits: a study, its sliders, and what they do to curves, courses and patients."""

from autocrine.studies.interactive import density, dose_response, files, patients, slider, time_course
from autocrine.studies.interactive.catalogue import built_in_design, built_in_studies, own_design

__all__ = [
    "built_in_design",
    "built_in_studies",
    "density",
    "dose_response",
    "files",
    "own_design",
    "patients",
    "slider",
    "time_course",
]
