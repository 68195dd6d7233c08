"""The frames of a tumour: where its cells are and what they hold, at some times, as arrays for a browser."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autocrine.core import errors
from autocrine.web.journal import write_note

if TYPE_CHECKING:
    from autocrine.tissue import Tumour

INDEX = "film.json"
_PART = re.compile(r"\d{1,3}")
#: colours that are always there: name → what it is
_LABELS = {
    "il6": "IL-6 around the cell (nM)",
    "drug": "drug around the cell (nM)",
    "oxygen": "oxygen around the cell",
    "pgp": "P-gp (molecules per cell)",
    "producer": "makes IL-6 (1) or not (0)",
    "clone": "founder cell",
    "alive": "alive (1) or dead (0)",
}


def arrays_of(tumour: Tumour) -> dict[str, np.ndarray]:
    """Return position (um, shape (n, 3)), radius (um) and one value per cell for each colour."""
    population = tumour.population
    levels, species = tumour.levels(), tumour.circuit.species
    drugs = [drug.name for drug in tumour.circuit.drugs]
    found = {
        "position": np.ascontiguousarray(population.position.T),
        "radius": np.cbrt(population.total_volume * 3 / (4 * np.pi)),
        "producer": population.producer,
        "clone": tumour.lineage.founders()[population.id],
        "alive": population.alive,
        "pgp": population.state[list(species).index("pgp")],
    }
    found |= {name: levels[name] for name in ("il6", "oxygen") if name in levels}
    found |= {"drug": levels[drugs[0]]} if drugs and drugs[0] in levels else {}
    return {name: np.asarray(values, np.float32) for name, values in found.items()}


@dataclass
class Film:
    """A film that is being taken.

    Attributes
    ----------
    folder : Path
        Each tumour of the run has a part in it, and each frame a file in the part.
    labels : list of str
        The tumours, in the order in which they began.
    """

    folder: Path
    labels: list[str] = field(default_factory=list)
    frames: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @classmethod
    def begin(cls, folder: Path) -> Film:
        """Begin a film; of one that was cut off, the frames stay until they are taken again."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder)

    def take(self, label: str, tumour: Tumour) -> None:
        """Take a frame of a tumour."""
        if label not in self.labels:
            self.labels.append(label)
            self.frames[label] = []
        part = self.folder / str(self.labels.index(label))
        part.mkdir(exist_ok=True)
        arrays, taken = arrays_of(tumour), self.frames[label]
        np.savez_compressed(part / f"{len(taken)}.npz", **arrays)  # pyright: ignore[reportArgumentType]
        low, high = tumour.colony.domain.corners
        size = (high - low).tolist()
        taken.append({"time_h": tumour.time_h, "cells": len(arrays["radius"]), "size_um": size, "names": list(arrays)})
        # after each frame, so that a tumour can be watched while it grows
        write_note(self.folder / INDEX, {"labels": self.labels, "frames": [self.frames[each] for each in self.labels]})


@dataclass(frozen=True)
class Shown:
    """A finished film."""

    folder: Path
    labels: list[str]
    frames: list[list[dict[str, Any]]]

    @classmethod
    def open(cls, folder: Path) -> Shown | None:
        """Open a film; None where there is none yet."""
        try:
            index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
            return cls(folder, index["labels"], index["frames"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def described(self, part: int) -> dict[str, Any]:
        """Return times, size, colours and the largest number of cells of one tumour."""
        frames = self.frames[part]
        colours = [name for name in _LABELS if all(name in each["names"] for each in frames)]
        return {
            "title": self.labels[part] or "tumour",
            "times_h": [each["time_h"] for each in frames],
            "domain_um": frames[0]["size_um"],
            "colours": colours,
            "colour_labels": {name: _LABELS[name] for name in colours},
            "cells_max": max(each["cells"] for each in frames),
        }

    def frame(self, part: int, number: int) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Return time and arrays of a frame.

        Raises
        ------
        errors.InputError
            If there is none of this number.
        """
        if not (0 <= part < len(self.frames) and 0 <= number < len(self.frames[part])):
            raise errors.InputError("the frame must be one of the film", number)
        with np.load(self.folder / str(part) / f"{number}.npz", allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        return self.frames[part][number], arrays


def discard(folder: Path) -> None:
    """Remove a film."""
    shutil.rmtree(folder, ignore_errors=True)
