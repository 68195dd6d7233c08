"""What stays the same while a tumour lives, and other programs must know: names, grid, substrates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from autocrine.tissue.fields import Grid
from autocrine.tissue.tumour import Tumour


@dataclass(frozen=True)
class Medium:
    """A substrate: its name, the unit of its level, its diffusion (um²/h) and decay (1/h)."""

    name: str
    unit: str
    diffusion_um2_h: float
    decay_1_h: float


@dataclass(frozen=True)
class Scene:
    """What stays the same.

    Attributes
    ----------
    title, label : str
        Of the run, and of this tumour in it.
    clones : tuple of str
        Names, in the order of their numbers.
    grid : Grid
        Of the levels.
    media : tuple of Medium
        The substrates.
    """

    title: str
    label: str
    clones: tuple[str, ...]
    grid: Grid
    media: tuple[Medium, ...]

    @property
    def dimensions(self) -> int:
        """2 or 3."""
        return len(self.grid.shape)

    @property
    def corners_um(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """The low and the high corner of the domain; a plane is one voxel thick, with its cells in the middle."""
        spacing = self.grid.spacing_um
        low, high = list(self.grid.origin_um), list(self.grid.origin_um)
        for axis in range(3):
            if axis < self.dimensions:
                high[axis] += self.grid.shape[axis] * spacing
            else:
                low[axis], high[axis] = low[axis] - spacing / 2, high[axis] + spacing / 2
        return (low[0], low[1], low[2]), (high[0], high[1], high[2])

    def kinds(self) -> list[str]:
        """Return the names of kinds of cells: each clone, and the producers of each, by twice the clone's number."""
        return [each for name in self.clones for each in (name, f"{name} producer")]

    def to_attributes(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return {
            "title": self.title,
            "label": self.label,
            "clones": list(self.clones),
            "shape": list(self.grid.shape),
            "spacing_um": self.grid.spacing_um,
            "origin_um": list(self.grid.origin_um),
            "media": [asdict(each) for each in self.media],
        }

    @classmethod
    def from_attributes(cls, found: dict[str, Any]) -> Scene:
        """Return the scene that `to_attributes` described."""
        grid = Grid(tuple(found["shape"]), found["spacing_um"], tuple(found["origin_um"]))
        media = tuple(Medium(**each) for each in found["media"])
        return cls(found["title"], found["label"], tuple(found["clones"]), grid, media)


def scene_of(tumour: Tumour, clones: Sequence[str], title: str = "", label: str = "") -> Scene:
    """Return the scene of a tumour.

    Parameters
    ----------
    tumour : Tumour
        Which.
    clones : sequence of str
        Names of its clones.
    title, label : str
        Of the run, and of this tumour in it.
    """
    media = []
    for name in tumour.fields:
        substrate = tumour.fields.substrate(name)
        media.append(Medium(name, substrate.unit, float(substrate.diffusion_um2_h), float(substrate.decay_1_h)))
    return Scene(title, label, tuple(clones), tumour.fields.grid, tuple(media))
