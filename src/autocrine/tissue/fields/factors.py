"""Factors of the tridiagonal systems along the axes, and the numbers of a step."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autocrine.tissue.fields.grid import Grid
from autocrine.tissue.fields.substrate import Substrate
from autocrine.tissue.fields.sweep import Scheme
from autocrine.tissue.fields.tile import LANES


def padded(n: int) -> int:
    """Return a length in whole tiles."""
    return (n + LANES - 1) // LANES * LANES


class Factors:
    """The numbers of steps of one substrate; those that depend on the step only are kept.

    Parameters
    ----------
    grid, substrate : Grid, Substrate
        What is stepped.
    """

    _KEPT = 64

    def __init__(self, grid: Grid, substrate: Substrate) -> None:
        self._grid, self._substrate = grid, substrate
        self.faces = substrate.face_list(len(grid.shape))
        diffusion, spacing = substrate.diffusion_um2_h, grid.spacing_um
        self.weights = np.array([face.weight(diffusion, spacing) for face in self.faces])
        self._made: dict[tuple[float, bool], tuple[NDArray, NDArray]] = {}

    def rates(self, dt_h: float) -> NDArray[np.float64]:
        """Return D dt / dx² along each axis; none along an axis of one voxel."""
        rate = self._substrate.diffusion_um2_h * dt_h / self._grid.spacing_um**2
        return np.array([rate if n > 1 else 0.0 for n in self._grid.box])

    def scheme(self, start_h: float, dt_h: float, *, split: bool) -> Scheme:
        """Return the numbers of a step from ``start_h``."""
        rates, new = self.rates(dt_h), 1.0 if split else 0.5
        key = (dt_h, split)
        if key not in self._made:
            if len(self._made) >= self._KEPT:
                self._made.clear()
            self._made[key] = self._factored(rates * new)
        own, coupled = self._made[key]
        outside = np.array([face.plasma.mean(start_h, start_h + dt_h) for face in self.faces])
        decay = self._substrate.decay_1_h * dt_h
        return Scheme(float(dt_h), float(decay), 0.0 if split else 1.0, new, rates, self.weights, outside, own, coupled)

    def _factored(self, couplings: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Eliminate 1 + coupling (2, -1, -1) with the faces at its ends, for each axis."""
        longest = padded(max(self._grid.box))
        own, coupled = np.zeros((3, longest)), np.zeros((3, longest))
        for axis, (n, h) in enumerate(zip(self._grid.box, couplings, strict=True)):
            before = 0.0
            for i in range(n):
                low = 1.0 if i > 0 else self.weights[2 * axis]
                high = 1.0 if i < n - 1 else self.weights[2 * axis + 1]
                own[axis, i] = 1 / (1 + h * (low + high) - h * before)
                before = coupled[axis, i] = h * own[axis, i]
        return own, coupled
