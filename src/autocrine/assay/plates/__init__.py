"""Plates of a user: read in any shape, checked, normalised, fitted."""

from autocrine.assay.plates.dose_series import dose_series
from autocrine.assay.plates.options import Options
from autocrine.assay.plates.read import read_plates

__all__ = ["Options", "dose_series", "read_plates"]
