"""What a clone is like: how it grows, divides, dies and moves."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files

import numpy as np

from autocrine.core import Document, Parameters, errors
from autocrine.tissue.cells.force import ForceLaw


@functools.cache
def phenotype_parameters() -> Parameters:
    """Return the parameters of a cell in a tissue, with unit, range and basis."""
    text = (files("autocrine.tissue.cells") / "phenotype.toml").read_text(encoding="utf-8")
    return Parameters.from_document(Document.parse(text, "phenotype.toml"), "phenotype")


@dataclass(frozen=True)
class Phenotype:
    """A clone.

    Attributes
    ----------
    changes : mapping of str to float
        Parameters that differ from `phenotype_parameters`, in their units.
    law : ForceLaw
        How its cells push and pull.
    """

    changes: Mapping[str, float] = field(default_factory=dict)
    law: ForceLaw = field(default_factory=ForceLaw)

    def __post_init__(self) -> None:
        """Refuse numbers that no cell can have."""
        table = phenotype_parameters()
        values = table.changed(self.changes).values_by_name
        for name, value in values.items():
            if value < min(0.0, table[name].low):
                raise errors.InputError(f"{name} must not be negative", value)
        for name in ("volume", "nuclear_volume", "persistence", "amplification_factor", "pressure_full"):
            if not values[name] > 0:
                raise errors.InputError(f"{name} must be positive", values[name])
        if not values["nuclear_volume"] < values["volume"] or not values["fluid_fraction"] < 1:
            raise errors.InputError("the nucleus and the fluid must be smaller than the cell", dict(self.changes))
        for low, high in (("necrosis_oxygen_full", "necrosis_oxygen"), ("division_oxygen", "division_oxygen_full")):
            if not values[low] < values[high]:
                raise errors.InputError(f"{low} must lie below {high}", values[low])

    @property
    def values(self) -> dict[str, float]:
        """All numbers by name."""
        return phenotype_parameters().changed(self.changes).values_by_name


class Phenotypes:
    """The clones of a tissue; each of their numbers as an array over cells.

    ``phenotypes.of("speed", clone)`` gives the speed of each cell.
    """

    def __init__(self, clones: Sequence[Phenotype]) -> None:
        if not clones:
            raise errors.InputError("a tissue must have a clone", list(clones))
        self.clones = tuple(clones)
        values = [each.values for each in clones]
        self._table = {name: np.array([each[name] for each in values]) for name in phenotype_parameters()}

    def of(self, name: str, clone: np.ndarray) -> np.ndarray:
        """Return a number for each cell, from the numbers of the clones."""
        return self._table[name][clone]

    def largest(self, name: str) -> float:
        """Return the largest number of all clones."""
        return float(self._table[name].max())

    def resting_volume(self, clone: np.ndarray) -> np.ndarray:
        """Return fluid, nuclear and cytoplasmic solid of a cell in G1, shape (3, cells), in um^3."""
        volume, nucleus = self.of("volume", clone), self.of("nuclear_volume", clone)
        solid = 1 - self.of("fluid_fraction", clone)
        return np.stack([volume * (1 - solid), nucleus * solid, (volume - nucleus) * solid])
