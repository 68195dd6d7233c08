"""The levels of one substrate, and one step of them in two passes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from autocrine.core import errors
from autocrine.tissue.fields.balance import Balance
from autocrine.tissue.fields.crew import Crew
from autocrine.tissue.fields.factors import Factors, padded
from autocrine.tissue.fields.grid import Grid
from autocrine.tissue.fields.site_law import SiteLaw
from autocrine.tissue.fields.substrate import Substrate
from autocrine.tissue.fields.sweep import Scheme, Sites, finish_planes, sweep_planes


class Level:
    """The levels of one substrate.

    Parameters
    ----------
    grid, substrate : Grid, Substrate
        What is stepped, where.
    crew : Crew
        The threads.
    scratch : list of array
        One sheet for each thread, shared by all substrates.
    """

    def __init__(self, grid: Grid, substrate: Substrate, crew: Crew, scratch: list[NDArray[np.float64]]) -> None:
        self.grid, self.substrate, self._crew, self._scratch = grid, substrate, crew, scratch
        self.factors = Factors(grid, substrate)
        self.now = np.empty(grid.box)
        self._next = np.empty(grid.box)
        self.put(substrate.initial)
        self._edges, self._ends = np.zeros((grid.box[0], 5)), np.zeros((grid.box[1], 4))
        self._scheme: Scheme | None = None
        self._sites: Sites | None = None
        self.disturbed = True

    @staticmethod
    def sheets(grid: Grid, threads: int) -> list[NDArray[np.float64]]:
        """Return a sheet for each thread, large enough for a plane of either pass."""
        nx, ny, nz = grid.box
        return [np.zeros((padded(max(nx, ny)), padded(nz))) for _ in range(threads)]

    def put(self, levels: float | NDArray[np.float64]) -> None:
        """Set the levels; a number for all voxels, or an array of the shape of the grid."""
        given = np.asarray(levels, dtype=float)
        if given.shape not in {(), self.grid.shape}:
            raise errors.InputError(
                f"levels must be a number or have the shape {self.grid.shape}", given.shape, where=self.substrate.name
            )
        if not (np.isfinite(given).all() and (given >= 0).all()):
            raise errors.InputError("levels must be finite and not negative", where=f"substrate {self.substrate.name}")
        self.now[...] = given.reshape(self.grid.box) if given.shape else given
        self.total = float(self.now.sum())
        self.disturbed = True

    def first_pass(
        self, law: SiteLaw, start_h: float, dt_h: float, *, split: bool
    ) -> list[tuple[int, Callable[[], None]]]:
        """Return the tasks of the first pass of a step."""
        self._scheme = self.factors.scheme(start_h, dt_h, split=split)
        self._sites = law.sites(start_h, dt_h)
        args = (self._scheme, self._sites)
        return [
            (
                thread,
                partial(sweep_planes, self.now, self._next, first, last, *args, self._scratch[thread], self._edges),
            )
            for thread, first, last in self._crew.share(self.grid.box[0])
        ]

    def second_pass(self) -> list[tuple[int, Callable[[], None]]]:
        """Return the tasks of the second pass."""
        args = (self._scheme, self._sites)
        return [
            (
                thread,
                partial(finish_planes, self.now, self._next, first, last, *args, self._scratch[thread], self._ends),
            )
            for thread, first, last in self._crew.share(self.grid.box[1])
        ]

    @property
    def negative(self) -> bool:
        """Whether the step that was just made has a level below zero."""
        return bool(self._ends[:, 3].min() < 0)

    def keep(self, law: SiteLaw, balance: Balance) -> None:
        """Take the step that was just made, and count what passed.

        Raises
        ------
        SolverError
            If a level is not finite.
        """
        assert self._scheme is not None and self._sites is not None  # noqa: S101, PT018
        scheme, volume = self._scheme, self.grid.voxel_um3
        total = float(self._ends[:, 2].sum())
        if not np.isfinite(total):
            for sheet in self._scratch:
                sheet[...] = 0.0
            raise errors.SolverError("a level of the field is not finite", species=self.substrate.name)
        split = scheme.old == 0
        law.note(self._sites, scheme.dt, split=split)
        decayed = self._edges[:, 4].sum() if split else (self.total + total) / 2
        balance.decayed += scheme.decay * float(decayed) * volume
        through = self._ends[:, :2].sum() * scheme.rates[0] + self._edges[:, :2].sum() * scheme.rates[1]
        balance.from_faces += float(through + self._edges[:, 2:4].sum() * scheme.rates[2]) * volume
        balance.parts += 1
        self.now, self._next, self.total = self._next, self.now, total
        self.disturbed = False
