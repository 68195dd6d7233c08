"""The cells of a tissue as a struct of arrays: no object for each cell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from autocrine.core import errors
from autocrine.tissue.cells.phase import Phase

_GROWTH, _SMALLEST = 1.5, 64
#: name, kind and rows of each array; the last axis is that of the cells
_COLUMNS: dict[str, tuple[Any, int]] = {
    "id": (np.int64, 0),
    "parent": (np.int64, 0),
    "birth_h": (np.float64, 0),
    "position": (np.float64, 3),
    "velocity": (np.float64, 3),
    "heading": (np.float32, 3),
    "volume": (np.float64, 3),
    "rupture": (np.float32, 0),
    "phase": (np.int8, 0),
    "clock_h": (np.float64, 0),
    "clone": (np.int16, 0),
    "producer": (np.bool_, 0),
    "abcb1_copies": (np.float64, 0),
}
#: the first cells have no parent
NONE = -1


class _Column:
    """One array of a population, as long as there are cells."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, population: Population, owner: type) -> np.ndarray:
        return population._arrays[self.name][..., : population.count]

    def __set__(self, population: Population, value: Any) -> None:
        population._arrays[self.name][..., : population.count] = value


class Population:
    """Cells side by side; all arrays have the cells in their last axis.

    Parameters
    ----------
    species : sequence of str
        Rows of `state`: molecules and drugs of a cell.
    capacity : int
        Cells to make room for; more room is made when it is needed.
    intensive : collection of str
        Species that are no amounts, such as damage: growth does not thin them, and daughters do not share them.

    Attributes
    ----------
    count : int
        Number of cells.
    id, parent : ndarray of int64, shape (cells,)
        Ids, never used twice; the first cells have the parent -1.
    birth_h, clock_h : ndarray of shape (cells,)
        When the cell was born, and how long it is in its phase (h).
    position, velocity, heading : ndarray of shape (3, cells)
        Centre (um), velocity of the last step (um/h; NaN before the first), direction of motion (unit vector or zero).
    volume : ndarray of shape (3, cells)
        Fluid, nuclear solid and cytoplasmic solid (um^3).
    rupture : ndarray of float32, shape (cells,)
        Volume at which a necrotic cell bursts (um^3).
    phase : ndarray of int8, shape (cells,)
        A `Phase`.
    clone : ndarray of int16, shape (cells,)
        Number of the clone.
    producer : ndarray of bool, shape (cells,)
        Whether the cell makes IL-6 of its own.
    abcb1_copies : ndarray of shape (cells,)
        Gene dose of ABCB1 over that of the clone; amplification is handed down.
    state : ndarray of shape (species, cells)
        Levels, in the units of the circuit.
    amounts : ndarray of int
        Rows of the state that are amounts in the volume of the cell.
    order_revision, size_revision : int
        Rise when cells come, go or change places, and when they change in size: lists of neighbours follow them.
    """

    id, parent, birth_h, clock_h = _Column(), _Column(), _Column(), _Column()
    position, velocity, heading, volume = _Column(), _Column(), _Column(), _Column()
    rupture, phase, clone, producer, abcb1_copies, state = (_Column() for _ in range(6))

    def __init__(self, species: Sequence[str] = (), capacity: int = _SMALLEST, intensive: Collection[str] = ()) -> None:
        self.species, self.intensive = tuple(species), frozenset(intensive)
        self.amounts = np.array([row for row, name in enumerate(species) if name not in intensive], int)
        self.count, self.next_id = 0, 0
        self.order_revision = self.size_revision = 0
        columns = _COLUMNS | {"state": (np.float64, len(self.species))}
        self._arrays = {
            name: np.zeros((rows, capacity) if rows or name == "state" else capacity, kind)
            for name, (kind, rows) in columns.items()
        }

    @property
    def capacity(self) -> int:
        """Number of cells for which there is room."""
        return self._arrays["id"].shape[-1]

    @property
    def bytes_per_cell(self) -> int:
        """Bytes that one cell needs."""
        return sum(each.dtype.itemsize * (each.size // each.shape[-1]) for each in self._arrays.values())

    @property
    def total_volume(self) -> np.ndarray:
        """Volume of each cell (um^3)."""
        return self.volume.sum(axis=0)

    @property
    def alive(self) -> np.ndarray:
        """Whether each cell lives."""
        return self.phase < Phase.APOPTOTIC

    def add(self, cells: int) -> slice:
        """Make cells with new ids at the end, with nothing in them; return where they are."""
        if self.count + cells > self.capacity:
            self._grow(max(int(self.capacity * _GROWTH), self.count + cells, _SMALLEST))
        new = slice(self.count, self.count + cells)
        for each in self._arrays.values():
            each[..., new] = 0
        self.count += cells
        self.id[new], self.parent[new] = self.new_ids(cells), NONE
        self.abcb1_copies[new], self.velocity[:, new] = 1.0, np.nan
        self.order_revision += 1
        return new

    def new_ids(self, cells: int) -> np.ndarray:
        """Return ids that no cell has had."""
        self.next_id += cells
        return np.arange(self.next_id - cells, self.next_id)

    def keep(self, kept: np.ndarray) -> None:
        """Remove the cells that are not marked; the others move up and stay in order."""
        self._take(np.flatnonzero(kept))

    def reorder(self, order: np.ndarray) -> None:
        """Put the cells in another order, such as that of space."""
        self._take(order)

    def resized(self) -> None:
        """Say that volumes have changed."""
        self.size_revision += 1

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return copies of all arrays, from which `from_arrays` makes an equal population."""
        found = {name: np.array(each[..., : self.count]) for name, each in self._arrays.items()}
        return found | {"next_id": np.array(self.next_id)}

    @classmethod
    def from_arrays(
        cls, species: Sequence[str], arrays: Mapping[str, np.ndarray], intensive: Collection[str] = ()
    ) -> Population:
        """Return the population that was saved.

        Raises
        ------
        InputError
            If an array is absent or does not fit.
        """
        population = cls(species, max(len(arrays.get("id", ())), _SMALLEST), intensive)
        for name, each in population._arrays.items():
            if name not in arrays or arrays[name].shape[:-1] != each.shape[:-1]:
                was = arrays[name].shape if name in arrays else "absent"
                raise errors.InputError(f"saved cells must have {name} with {each.shape[:-1]} rows", was)
            each[..., : len(arrays["id"])] = arrays[name]
        population.count, population.next_id = len(arrays["id"]), int(arrays["next_id"])
        population.order_revision += 1
        return population

    def _take(self, chosen: np.ndarray) -> None:
        for each in self._arrays.values():
            each[..., : len(chosen)] = each[..., chosen]
        self.count = len(chosen)
        self.order_revision += 1

    def _grow(self, capacity: int) -> None:
        for name, each in self._arrays.items():
            larger = np.zeros((*each.shape[:-1], capacity), each.dtype)
            larger[..., : self.count] = each[..., : self.count]
            self._arrays[name] = larger
