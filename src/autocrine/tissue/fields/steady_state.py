"""The levels at which a field stays, by other means than steps: an oracle for them.

Without cells, the operator of a box is a sum over axes of small matrices; their eigenvectors solve it directly
(Lynch, Rice and Thomas 1964, doi:10.1007/BF01386067). With cells it preconditions conjugate gradients, and a
saturable uptake is followed by Newton.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, cg

from autocrine.core import errors
from autocrine.tissue.fields.contacts import Contacts
from autocrine.tissue.fields.exchange import Exchange
from autocrine.tissue.fields.factors import Factors
from autocrine.tissue.fields.fields import Fields

_ROUNDS, _STEPS = 40, 2000


def steady_state(
    fields: Fields,
    name: str,
    contacts: Contacts | None = None,
    exchange: Exchange | None = None,
    *,
    tolerance: float = 1e-11,
) -> NDArray[np.float64]:
    """Return the levels at which one substrate stays, with cells and faces as they are now.

    Parameters
    ----------
    fields : Fields
        The fields; they are not changed.
    name : str
        The substrate; it must not bind in the fluid.
    contacts : Contacts, optional
        Where the cells are.
    exchange : Exchange, optional
        What they do.
    tolerance : float
        Largest residual, relative to the sources.

    Returns
    -------
    array
        Levels, of the shape of the grid.

    Raises
    ------
    InputError
        If the substrate binds, or nothing removes what is secreted.
    SolverError
        If the iterations do not end.
    """
    substrate, grid = fields.substrate(name), fields.grid
    if any(name in {each.first, each.second, each.complex} for each in fields.bindings):
        raise errors.InputError("a substrate with a steady state of its own must not bind in the fluid", name)
    touched = fields.contacts(np.empty((0, 3))) if contacts is None else contacts
    law = fields.laws(touched, {} if exchange is None else {name: exchange})[name]
    factors = Factors(grid, substrate)
    gone = substrate.decay_1_h + law.clearance.sum() + law.wall.sum() + law.most.sum() + factors.weights.sum()
    if gone == 0:
        raise errors.InputError("a steady state must have a way out: decay, uptake, vessels or an open face", name)
    matrices = _axes(grid.box, factors, grid.spacing_um, substrate.diffusion_um2_h)
    source = _outside(grid.box, factors, grid.spacing_um, substrate.diffusion_um2_h, fields.time_h)
    level = np.maximum(fields[name].reshape(grid.box), 0.0).copy()
    outside = 0.0 if law.plasma is None else law.plasma.at(fields.time_h)
    for _ in range(_ROUNDS):
        now = level.ravel()[law.contacts.voxel]
        above = law.half + now
        sink, given = np.full(level.size, substrate.decay_1_h), source.ravel().copy()
        sink[law.contacts.voxel] += law.clearance + law.wall + law.most * law.half / above**2
        given[law.contacts.voxel] += law.secretion + law.wall * outside - law.most * (now / above) ** 2
        found = _solve(matrices, sink.reshape(level.shape), given.reshape(level.shape), level, tolerance, name)
        change, level = np.abs(found - level).max(), found
        if not law.most.any() or change <= 1e-12 * np.abs(found).max():
            return level.reshape(grid.shape)
    raise errors.SolverError("Newton's iterations for a saturable uptake did not end", species=name)


def _axes(box: tuple[int, ...], factors: Factors, spacing: float, diffusion: float) -> list[NDArray[np.float64]]:
    """Return -D d²/dx² of each axis with its faces, as small matrices."""
    found = []
    for axis, n in enumerate(box):
        rate = diffusion / spacing**2 if n > 1 else 0.0
        ends = np.zeros(n)
        ends[0] += factors.weights[2 * axis] - 1
        ends[-1] += factors.weights[2 * axis + 1] - 1
        found.append(rate * (np.diag(2.0 + ends) - np.eye(n, k=1) - np.eye(n, k=-1)))
    return found


def _outside(
    box: tuple[int, ...], factors: Factors, spacing: float, diffusion: float, time_h: float
) -> NDArray[np.float64]:
    """Return what comes in through the faces where the level inside is zero."""
    found = np.zeros(box)
    for side, face in enumerate(factors.faces):
        if factors.weights[side] > 0:
            index: list[int | slice] = [slice(None)] * 3
            index[side // 2] = -(side % 2)
            found[tuple(index)] += diffusion / spacing**2 * factors.weights[side] * face.plasma.at(time_h)
    return found


def _along(matrices: list[NDArray[np.float64]], level: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    return [np.moveaxis(np.tensordot(m, level, axes=(1, axis)), 0, axis) for axis, m in enumerate(matrices)]


def _solve(
    matrices: list[NDArray[np.float64]],
    sink: NDArray[np.float64],
    given: NDArray[np.float64],
    start: NDArray[np.float64],
    tolerance: float,
    name: str,
) -> NDArray[np.float64]:
    """Solve (diffusion + sink) level = given."""
    shape, size = sink.shape, sink.size

    def operator(x: Any) -> NDArray[np.float64]:
        level = x.reshape(shape)
        return (sum(_along(matrices, level)) + sink * level).ravel()

    if not given.any():
        return np.zeros(shape)
    inverse = _uniform_inverse(matrices, float(sink.mean()))
    linear: Any = LinearOperator  # its type says nothing of what __new__ takes
    whole = linear((size, size), matvec=operator, dtype=np.float64)
    preconditioner = linear((size, size), matvec=lambda x: inverse(x.reshape(shape)).ravel(), dtype=np.float64)
    found, failed = cg(
        whole,
        given.ravel(),
        x0=start.ravel(),
        rtol=tolerance,
        maxiter=_STEPS,
        M=preconditioner,
    )
    if failed:
        raise errors.SolverError("conjugate gradients for a steady state did not end", species=name)
    return found.reshape(shape)


def _uniform_inverse(
    matrices: list[NDArray[np.float64]], sink: float
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Return the inverse of diffusion plus one sink for all, by the eigenvectors of each axis."""
    values, vectors = zip(*(np.linalg.eigh(m) for m in matrices), strict=True)
    total = functools.reduce(np.add.outer, values) + sink
    total[total <= 0] = 1.0  # the mean, where nothing but cells removes it

    def turned(level: NDArray[np.float64], back: bool) -> NDArray[np.float64]:
        for axis, v in enumerate(vectors):
            level = np.moveaxis(np.tensordot(v if back else v.T, level, axes=(1, axis)), 0, axis)
        return level

    return lambda level: turned(turned(level, False) / total, True)
