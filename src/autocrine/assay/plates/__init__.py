"""Plates of a user: read in any shape, checked, normalised, fitted."""

from autocrine.assay.plates.check import check_plates
from autocrine.assay.plates.dose_series import dose_series
from autocrine.assay.plates.grouped_findings import grouped_findings
from autocrine.assay.plates.normalise import normalised
from autocrine.assay.plates.options import Options
from autocrine.assay.plates.read import read_plates

__all__ = ["Options", "check_plates", "dose_series", "grouped_findings", "normalised", "read_plates"]
