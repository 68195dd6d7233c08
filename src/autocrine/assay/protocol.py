"""The protocol of a plate: volume, seeding, medium changes, times."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from autocrine.core import Document, errors, units

#: word in a study's TOML → attribute and unit
_KEYS = {
    "seeded": ("seeded_cells", "cell"),
    "medium_volume": ("medium_volume_l", "l"),
    "capacity": ("capacity_cells", "cell"),
    "preincubation": ("preincubation_h", "h"),
    "duration": ("duration_h", "h"),
    "medium_change": ("medium_change_h", "h"),
    "washout": ("washout_h", "h"),
    "area": ("area_cm2", "cm^2"),
}


@dataclass(frozen=True)
class Protocol:
    """What is done to every well of a plate, and when.

    Attributes
    ----------
    seeded_cells : float
        Cells per well at the start, all populations together.
    medium_volume_l : float
        Volume of medium, in litres.
    capacity_cells : float
        Cells of a confluent well.
    preincubation_h : float
        From seeding to the addition of drugs.
    duration_h : float
        From the addition of drugs to the readout.
    medium_change_h : float or None
        From seeding to a change of the medium; None leaves the medium as it is. A change after the addition of drugs
        removes them, because fresh medium holds the agents of the start only.
    medium_change_fraction : float
        Share of the medium that is changed.
    washout_h : float or None
        From the addition of drugs to their wash-out; None leaves them in.
    pgp_cv : float
        Variation of P-gp between cells (standard deviation over mean, lognormal).
    area_cm2 : float
        Area of the well's floor; only densities in figures use it.
    where : str
        File and line for messages.
    """

    seeded_cells: float = 1e4
    medium_volume_l: float = 1e-4
    capacity_cells: float = 1e5
    preincubation_h: float = 24.0
    duration_h: float = 72.0
    medium_change_h: float | None = None
    medium_change_fraction: float = 1.0
    washout_h: float | None = None
    pgp_cv: float = 0.5
    area_cm2: float = 0.32
    where: str = field(default="protocol", repr=False, compare=False)

    @classmethod
    def from_document(cls, table: Document) -> Protocol:
        """Read a protocol; every key is optional and is a quantity such as ``"24 h"`` or ``"100 ul"``."""
        table.allow([*_KEYS, "medium_change_fraction", "pgp_cv"])
        given: dict[str, float] = {}
        for key, (name, unit) in _KEYS.items():
            text = table.get(key, str, "")
            if text:
                given[name] = units.read(text, unit, where=table.where(key))
        for key in ("medium_change_fraction", "pgp_cv"):
            if key in table.values:
                given[key] = float(table.get(key, float))
        try:
            return cls(**given, where=table.where())
        except errors.DesignError as error:
            # a person typed "washout", not "washout_h", and looks for it in its own line
            for key, (name, _) in _KEYS.items():
                if error.must.startswith(f"{name} "):
                    must = key + error.must.removeprefix(name)
                    raise errors.DesignError(must, error.was, where=table.where(key), hint=error.hint) from None
            raise

    def __post_init__(self) -> None:
        """Refuse what cannot be done.

        Raises
        ------
        errors.DesignError
            If a number is not finite or has the wrong sign, or something happens after the end.
        """
        for name in ("seeded_cells", "medium_volume_l", "capacity_cells", "duration_h", "area_cm2"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise errors.DesignError(f"{name} must be a positive number", value, where=self.where)
        if self.seeded_cells > self.capacity_cells:
            raise errors.DesignError(
                f"seeded_cells must not exceed the capacity of the well ({self.capacity_cells:g} cells)",
                self.seeded_cells,
                where=self.where,
                hint="fewer cells or a larger capacity",
            )
        for name, most in (("preincubation_h", math.inf), ("pgp_cv", 5.0)):
            value = getattr(self, name)
            if not (math.isfinite(value) and 0 <= value <= most):
                limit = "" if most == math.inf else f" and at most {most:g}"
                raise errors.DesignError(f"{name} must be zero or positive{limit}", value, where=self.where)
        if not 0 <= self.medium_change_fraction <= 1:
            raise errors.DesignError(
                "medium_change_fraction must lie between 0 and 1", self.medium_change_fraction, where=self.where
            )
        self._refuse_late("medium_change_h", self.medium_change_h, self.end_h, "the end of the experiment")
        self._refuse_late("washout_h", self.washout_h, self.duration_h, "the end of the exposure")

    @property
    def end_h(self) -> float:
        """Time of the readout, from seeding."""
        return self.preincubation_h + self.duration_h

    def _refuse_late(self, name: str, value: float | None, end: float, what: str) -> None:
        if value is not None and not 0 <= value < end:
            raise errors.DesignError(
                f"{name} must lie between 0 h and {what} ({end:g} h)", value, where=self.where,
                hint="an earlier time or a longer duration",
            )  # fmt: skip
