"""Names of columns: which role a column has, and which unit its name gives."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: role → names under which it is found, ours first; compared in lower case with _ for blanks
ROLES: dict[str, tuple[str, ...]] = {
    "line": ("line", "cell_line", "cell_line_name", "cellline", "sampleid", "sample", "cell", "cell_name"),
    "drug": ("drug", "compound", "drug_name", "treatment", "agent"),
    "dose": ("dose", "concentration", "conc"),
    "time": ("time", "duration", "timepoint", "time_point", "hours", "days"),
    "exposure": ("exposure", "pulse"),
    "arm": ("arm", "perturbation", "condition"),
    "replicate": ("replicate", "rep"),
    "plate": ("plate", "barcode", "plate_id", "experiment"),
    "well": ("well", "well_id", "well_name"),
    "kind": ("kind", "well_type", "type", "content", "role"),
    "readout": ("readout", "assay", "measure"),
    "gene": ("gene", "target_gene", "target"),
    "protein": ("protein",),
    "dose_unit": ("dose_unit", "concentration_unit", "conc_unit", "units"),
    "time_unit": ("time_unit",),
    "value_unit": ("value_unit",),
    "unit": ("unit",),
    "calibrator": ("calibrator",),
    "reference_gene": ("reference_gene", "housekeeping_gene"),
}
#: readout → names of its columns
READOUTS: dict[str, tuple[str, ...]] = {
    "viability": ("viability", "viability_fraction", "viability_pct", "viability_percent"),
    "live_count": ("live_count", "cell_count", "nuclei_count", "count", "live_cells", "cells", "cell_number"),
    "intensity": ("intensity", "luminescence", "fluorescence", "absorbance", "signal", "od", "rlu", "rfu"),
    "il6": ("il6", "il_6", "il-6"),
    "ct": ("ct", "cq", "cp"),
    "fold": ("fold", "fold_change", "relative_expression"),
    "fluor_cell_mean": ("fluor_cell_mean",),
    "fluor_medium_mean": ("fluor_medium_mean",),
    "value": ("value",),
}
#: control and start count of the same row, as GR metrics tables (case A) give them
OWN_CONTROL = ("cell_count__ctrl", "count_control", "live_count_control")
OWN_START = ("cell_count__time0", "count_start", "live_count_start")
_BRACKET = re.compile(r"^(.+?)\s*[(\[]\s*([^()\[\]]+?)\s*[)\]]$")
_TAILS = re.compile(
    r"^(.+?)[_ ](M|mM|uM|µM|μM|nM|pM|h|hr|hrs|hours?|min|minutes|s|d|days?|ns|pct|percent|"
    r"(?:pg|ng|ug|µg|g)[_/](?:ml|mL|l|L))$"
)
_QUANTITY = re.compile(
    r"^(dose|concentration|conc|time|duration|timepoint|exposure)_(?!unit$)([A-Za-z].*)$", re.IGNORECASE
)
_SPELLED = {"hr": "h", "hrs": "h", "hours": "h", "hour": "h", "d": "day", "days": "day", "minutes": "min"}
MOLAR = frozenset({"M", "mM", "uM", "µM", "μM", "nM", "pM"})


@dataclass(frozen=True)
class ColumnName:
    """A name taken apart.

    Attributes
    ----------
    word : str
        In lower case with _ for blanks: what is compared with the roles.
    unit : str
        As the name gives it; empty where it gives none.
    """

    word: str
    unit: str


def take_apart(name: str) -> ColumnName:
    """Split ``Dose (uM)``, ``dose_uM`` and ``time_h`` into word and unit; other names have no unit."""
    folded = _folded(name)
    if folded in {"hours", "days"}:
        return ColumnName(folded, "h" if folded == "hours" else "day")
    if any(folded in names for names in (*ROLES.values(), *READOUTS.values())):
        return ColumnName(folded, "")
    found = _BRACKET.match(name) or _TAILS.match(name) or _QUANTITY.match(name)
    if not found:
        return ColumnName(folded, "")
    return ColumnName(_folded(found[1]), spelled(found[2]))


def spelled(unit: str) -> str:
    """Return a unit in the spelling that is known: hr is h, days are day, pg_ml is pg/ml, % is pct."""
    unit = _SPELLED.get(unit.strip().lower(), unit.strip())
    unit = "pct" if unit in {"%", "percent"} else unit
    return re.sub(r"^(pg|ng|ug|µg|g)[_/](m?)[lL]$", r"\1/\2l", unit)


def role_of(word: str) -> str:
    """Return the role of a word, or nothing."""
    return next((role for role, names in ROLES.items() if word in names), "")


def readout_of(word: str) -> str:
    """Return the readout that a word names, or nothing."""
    return next((readout for readout, names in READOUTS.items() if word in names), "")


def _folded(name: str) -> str:
    return re.sub(r"[\s.]+", "_", name.strip()).lower()
