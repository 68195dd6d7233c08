"""What is kept of a tumour at one time, for movies and other programs: cells and levels, in single precision."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autocrine.core import errors
from autocrine.tissue.cells.phase import Phase
from autocrine.tissue.tumour import Tumour

#: molecules of the circuit that are kept over time; drugs inside are kept too
_MOLECULES = ("receptor_complex", "pstat3_nuclear", "pgp", "mcl1")
_LEVEL, _CELL = "level|", "cell|"


@dataclass(frozen=True)
class Frame:
    """A tumour at one time.

    Attributes
    ----------
    time_h : float
        Since the start (h).
    cells : mapping of str to ndarray
        The cells in the first axis: ``id``, ``parent``, ``clone``, ``producer``, ``phase`` (a `Phase`), ``clock_h``
        (time in the phase), ``abcb1_copies``, ``position`` and ``velocity`` (three columns, um and um/h), ``volume``
        (fluid, nuclear and cytoplasmic solid, um³), ``division_rate`` and ``death_rate`` (1/h), ``level_<substrate>``,
        and molecules.
    levels : mapping of str to ndarray
        Levels of each substrate on the grid.
    """

    time_h: float
    cells: Mapping[str, np.ndarray]
    levels: Mapping[str, np.ndarray]

    @property
    def count(self) -> int:
        """Number of cells, dead ones too."""
        return len(self.cells["id"])

    @property
    def alive(self) -> np.ndarray:
        """Which cells live."""
        return self.cells["phase"] < Phase.APOPTOTIC

    @property
    def radius_um(self) -> np.ndarray:
        """Radii (um)."""
        return np.cbrt(self.cells["volume"].sum(axis=1) * (3 / (4 * np.pi)))

    @property
    def kind(self) -> np.ndarray:
        """0 for living cells, 1 for living producers, 2 for dead cells."""
        return np.where(self.alive, self.cells["producer"].astype(np.int64), 2)


def take_frame(tumour: Tumour) -> Frame:
    """Return what is kept of a tumour now."""
    population = tumour.population
    division, death = tumour.rates()
    species = tumour.circuit.species
    kept = [name for name in species if name in _MOLECULES or name in tumour.circuit.contents(population)]
    cells = {
        "id": population.id.copy(),
        "parent": population.parent.copy(),
        "clone": population.clone.copy(),
        "producer": population.producer.copy(),
        "phase": population.phase.copy(),
        "clock_h": population.clock_h,
        "abcb1_copies": population.abcb1_copies,
        "position": population.position.T,
        # NaN until a cell has moved, which other programs do not expect
        "velocity": np.nan_to_num(population.velocity.T),
        "volume": population.volume.T,
        "division_rate": division,
        "death_rate": np.where(population.alive, death, 0.0),
    }
    cells |= {f"level_{name}": level for name, level in tumour.levels().items()}
    cells |= {name: population.state[species.index(name)] for name in kept}
    levels = {name: tumour.fields[name] for name in tumour.fields}
    return Frame(tumour.time_h, {n: _single(a) for n, a in cells.items()}, {n: _single(a) for n, a in levels.items()})


def save_frame(frame: Frame, path: Path) -> None:
    """Write a frame to a file that is whole or absent.

    Raises
    ------
    OutputError
        If it cannot be written: a full disk, for example.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}")
    arrays = {_CELL + n: a for n, a in frame.cells.items()} | {_LEVEL + n: a for n, a in frame.levels.items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            np.savez(file, time_h=np.array(frame.time_h), **arrays)  # pyright: ignore[reportArgumentType]
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise errors.OutputError(f"the frame {path} must be writable ({error.strerror or error})") from error


def load_frame(path: Path) -> Frame:
    """Read a frame.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise errors.InputError(f"a frame must be readable ({error})", where=str(path)) from error

    def below(prefix: str) -> dict[str, np.ndarray]:
        return {name.removeprefix(prefix): each for name, each in found.items() if name.startswith(prefix)}

    return Frame(float(found["time_h"]), below(_CELL), below(_LEVEL))


def _single(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float32) if values.dtype.kind == "f" else values
