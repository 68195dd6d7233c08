"""What cells and vessels do to one substrate, gathered in voxels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autocrine.tissue.fields.balance import Balance
from autocrine.tissue.fields.contacts import Contacts
from autocrine.tissue.fields.exchange import Exchange
from autocrine.tissue.fields.plasma import Plasma
from autocrine.tissue.fields.sweep import Sites


@dataclass
class SiteLaw:
    """What cells and vessels do to one substrate, in the voxels that they touch; rates for each voxel (level/h or 1/h).

    A saturable way goes into a step as its tangent at the level before, which keeps the order of the step; into a
    split step as most / (half + level), which keeps levels positive.
    """

    contacts: Contacts
    per_cell: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
    secretion: NDArray[np.float64]
    clearance: NDArray[np.float64]
    most: NDArray[np.float64]
    half: float
    wall: NDArray[np.float64]
    plasma: Plasma | None

    def __post_init__(self) -> None:
        n = self.contacts.voxel.size
        self.exposure, self.saturation, self._from_vessels = np.zeros(n), np.zeros(n), np.zeros(n)
        self._level, self._outside = np.zeros(n), 0.0
        self._hours = 0.0
        self._saturable, self._walled = bool(self.most.any()), bool(self.wall.any())
        self._free = self.clearance + self.wall

    @classmethod
    def gathered(
        cls,
        contacts: Contacts,
        exchange: Exchange,
        name: str,
        voxel_um3: float,
        vessel_clearance: NDArray[np.float64],
        plasma: Plasma | None,
    ) -> SiteLaw:
        """Sum what the cells of each voxel do."""
        per_cell = exchange.arrays(contacts.cells, name)
        given, cleared, most = (contacts.to_sites(values) / voxel_um3 for values in per_cell)
        n = contacts.voxel.size
        wall = np.bincount(contacts.vessel_site, weights=vessel_clearance, minlength=n) / voxel_um3
        return cls(contacts, per_cell, given, cleared, most, exchange.half, wall, plasma)

    def sites(self, start_h: float, dt_h: float) -> Sites:
        """Return what cells and vessels do in a step, for the kernels."""
        self._outside = 0.0 if self.plasma is None else self.plasma.mean(start_h, start_h + dt_h)
        come = self.secretion + self.wall * self._outside if self._walled else self.secretion
        contacts, n = self.contacts, self.contacts.voxel.size
        self._level = np.empty(n)
        given = (come, self._free, self.most, float(self.half))
        return Sites(contacts.row_start, contacts.column, *given, self._level, np.empty(n), np.empty(n))

    def note(self, sites: Sites, dt_h: float, *, split: bool) -> None:
        """Count what went through cells and vessels in a step that is kept."""
        mean = sites.mean
        self._hours += dt_h
        self.exposure += dt_h * mean
        if self._walled:
            self._from_vessels += dt_h * self.wall * (self._outside - mean)
        if not self._saturable:
            return
        above = self.half + self._level
        if split:
            self.saturation += dt_h * mean / above
        else:
            self.saturation += dt_h * (self._level / above + self.half / above**2 * (mean - self._level))

    def fill(self, balance: Balance, voxel_um3: float) -> None:
        """Write the amounts into a balance."""
        balance.secreted = float(np.sum(self.secretion)) * self._hours * voxel_um3
        balance.taken_up = float(np.dot(self.clearance, self.exposure) + np.dot(self.most, self.saturation)) * voxel_um3
        balance.from_vessels = float(np.sum(self._from_vessels)) * voxel_um3
        _, cleared, most = self.per_cell
        seen = self.contacts.to_cells(self.exposure)
        balance.taken_by_cell, balance.mean_at_cell = cleared * seen, seen / self._hours
        if self._saturable:
            balance.taken_by_cell += most * self.contacts.to_cells(self.saturation)
