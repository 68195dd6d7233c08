"""Cells that push and pull until they rest: centres without inertia, Adams-Bashforth steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np

from autocrine.core import errors
from autocrine.tissue.cells.bins import Bins
from autocrine.tissue.cells.compiled import kernel
from autocrine.tissue.cells.domain import Domain
from autocrine.tissue.cells.force import RADIUS, REACH, WIDTH, ForceLaw, add_forces, table_of
from autocrine.tissue.cells.neighbours import Share
from autocrine.tissue.cells.population import Population

#: positions from which cells are seen to move are kept in 32 bits: what that may lose of a skin (um)
_LOST_UM = 0.02
#: sum of (1 - d/R)^2 over twelve neighbours at the distance of a confluent culture
PRESSURE_OF_TWELVE = 12 * (1 - np.sqrt(np.pi / (2 * np.sqrt(3)))) ** 2


class Mechanics:
    """Moves the cells of a population.

    Parameters
    ----------
    laws : sequence of ForceLaw
        One for each clone.
    domain : Domain
        The box; its walls stop cells.
    skin_um : float
        Width by which lists of neighbours reach further than forces. It changes the speed and nothing else.
    threads : int
        Threads to use; results do not depend on them, bit for bit.

    Notes
    -----
    The velocity of a cell is the sum of the velocities that its neighbours give it, and its own. A step is
    ``x + dt (3 v - v_last)/2``, of order 2; a cell that has no last velocity yet starts with ``x + dt v``.
    """

    def __init__(self, laws: Sequence[ForceLaw], domain: Domain, *, skin_um: float = 3.0, threads: int = 1) -> None:
        if not skin_um > 2 * _LOST_UM:
            raise errors.InputError("skin_um must be larger than 0.04 um", skin_um)
        if threads < 1:
            raise errors.InputError("threads must be at least 1", threads)
        self.laws, self.domain, self.skin_um, self.threads = tuple(laws), domain, skin_um, threads
        self._table = table_of(self.laws)
        self._reach = float(self._table[:, REACH].max())
        self._kind = np.zeros(0, np.int16)
        #: how often lists were made
        self.builds = 0
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self._packed, self._sums = np.zeros((0, WIDTH)), np.zeros((0, WIDTH))
        self._seen = np.zeros((0, 4), np.float32)
        self._shares: list[Share] = []
        self._order_revision = self._size_revision = -1
        self._moved = np.inf

    def step(self, population: Population, dt_h: float, own: np.ndarray | None = None) -> None:
        """Move all cells by one step.

        Parameters
        ----------
        population : Population
            Its positions and velocities change.
        dt_h : float
            The step (h).
        own : ndarray of shape (3, cells), optional
            The velocity with which each cell moves by itself (um/h).

        Raises
        ------
        SolverError
            If a cell is no longer at a finite place.
        """
        if not population.count:
            return
        self._prepare(population)
        self._sum()
        own = np.zeros((3, 0)) if own is None else own
        corners, packed = self.domain.corners, self._packed
        position, velocity = population.position, population.velocity
        moved = self._map(
            lambda s: _advance(
                packed, s.first, s.last, self._sums, own, position, velocity, dt_h, corners, self._seen, self._reach
            )
        )
        self._moved = max(moved)
        if not np.isfinite(self._moved):
            raise _lost(population)

    def velocities(self, population: Population) -> np.ndarray:
        """Return the velocities that neighbours give, shape (3, cells), in um/h; nothing moves."""
        if not population.count:
            return np.zeros((3, 0))
        self._prepare(population)
        self._sum()
        return np.ascontiguousarray(self._sums.T[:3])

    def pressure(self, population: Population) -> np.ndarray:
        """Return how closely neighbours press each cell, shape (cells,).

        Notes
        -----
        The sum over neighbours of ``(1 - d/R)^2``, over that of twelve equal spheres in a dense packing whose
        distance is ``sqrt(pi/(2 sqrt 3)) R``: so that 1 is the pressure of PhysiCell's confluent culture.
        """
        pressure = np.zeros(population.count)
        if population.count:
            self._prepare(population)
            for share in self._shares:
                _press(self._packed, share.first, share.last, share.rows, share.neighbours, pressure)
        return pressure / PRESSURE_OF_TWELVE

    def sort(self, population: Population) -> None:
        """Put the cells into an order in which neighbours in space are neighbours in memory."""
        if population.count:
            self._pack(population)
            population.reorder(Bins(self._packed, self._side).order())

    @property
    def bytes(self) -> int:
        """Bytes of lists and of what is kept between steps."""
        arrays = (self._packed, self._sums, self._seen)
        return sum(share.bytes for share in self._shares) + sum(each.nbytes for each in arrays)

    @property
    def _side(self) -> float:
        return 2 * self._reach * float(self._packed[:, RADIUS].max()) + self.skin_um

    def _prepare(self, population: Population) -> None:
        """Bring what is kept up to date with a population; make new lists if the old ones may lack a pair."""
        same = self._order_revision == population.order_revision and len(self._packed) == population.count
        if not same or self._size_revision != population.size_revision:
            self._pack(population)
            if same:
                self._moved = _largest_move(self._packed, self._seen, self._reach)
        if not same or not 2 * self._moved < self.skin_um - _LOST_UM:
            self._build()
        self._order_revision, self._size_revision = population.order_revision, population.size_revision

    def _pack(self, population: Population) -> None:
        if len(self._packed) != population.count:
            self._packed, self._sums = np.zeros((population.count, WIDTH)), np.zeros((population.count, WIDTH))
        packed, self._kind = self._packed, np.array(population.clone)
        packed[:, :RADIUS] = population.position.T
        packed[:, RADIUS] = np.cbrt(population.total_volume * (3 / (4 * np.pi)))
        if not np.isfinite(packed).all():
            raise _lost(population)

    def _build(self) -> None:
        cells = len(self._packed)
        bins = Bins(self._packed, self._side)
        ends = np.linspace(0, cells, min(self.threads, cells) + 1).astype(int).tolist()
        if [(share.first, share.last) for share in self._shares] != list(pairwise(ends)):
            self._shares = [Share(first, last) for first, last in pairwise(ends)]
        self._map(lambda share: share.fill(self._packed, bins, self._reach, self.skin_um))
        self._seen = self._packed.astype(np.float32)
        self._moved = 0.0
        self.builds += 1

    def _sum(self) -> None:
        packed, kind, table, sums = self._packed, self._kind, self._table, self._sums

        def add(s: Share) -> None:
            lists = (s.rows, s.neighbours, s.below_rows, s.below)
            add_forces(packed, kind, table, s.first, s.last, *lists, sums, s.work)

        self._map(add)

    def _map(self, work: Callable[[Share], float | None]) -> list[float]:
        found: Iterable[float | None]
        if self._pool is None or len(self._shares) == 1:
            found = map(work, self._shares)
        else:
            found = self._pool.map(work, self._shares)
        return [0.0 if each is None else each for each in found]


def _lost(population: Population) -> errors.SolverError:
    """Return what to say of cells that are nowhere."""
    lost = np.flatnonzero(~np.isfinite(population.position).all(axis=0) | ~np.isfinite(population.total_volume))
    first = int(lost[0])
    cause = f"cell {population.id[first]} has no finite place or volume in the mechanics"
    return errors.SolverError(cause, trajectory=first, species="position")


@kernel()
def _advance(packed, first, last, sums, own, position, velocity, dt, corners, seen, reach):
    """Move some cells; return how far any is from where lists were made, or NaN where one is nowhere."""
    most = 0.0
    for i in range(np.uint64(first), np.uint64(last)):
        for axis in range(3):
            v = sums[i, axis]
            if own.shape[1]:
                v += own[axis, i]
            last_v = v if np.isnan(velocity[axis, i]) else velocity[axis, i]
            x = packed[i, axis] + dt * (1.5 * v - 0.5 * last_v)
            if not np.isnan(x):
                x = min(max(x, corners[0, axis]), corners[1, axis])
            packed[i, axis] = position[axis, i] = x
            velocity[axis, i] = v
        moved = _move(packed, seen, i, reach)
        if not moved <= most:
            most = moved
            if np.isnan(moved):
                break
    return most


@kernel()
def _largest_move(packed, seen, reach):
    most = 0.0
    for i in range(len(packed)):
        most = max(most, _move(packed, seen, i, reach))
    return most


@kernel()
def _move(packed, seen, i, reach):
    """Return how far a cell has moved, and its reach has grown."""
    dx, dy, dz = packed[i, 0] - seen[i, 0], packed[i, 1] - seen[i, 1], packed[i, 2] - seen[i, 2]
    return np.sqrt(dx * dx + dy * dy + dz * dz) + reach * max(0.0, packed[i, RADIUS] - seen[i, RADIUS])


@kernel()
def _press(packed, first, last, rows, neighbours, pressure):
    for i in range(first, last):
        for p in range(rows[i], rows[i + 1]):
            j = neighbours[p]
            dx, dy, dz = packed[i, 0] - packed[j, 0], packed[i, 1] - packed[j, 1], packed[i, 2] - packed[j, 2]
            d = np.sqrt(dx * dx + dy * dy + dz * dz)
            overlap = max(0.0, 1.0 - d / (packed[i, RADIUS] + packed[j, RADIUS]))
            pressure[i] += overlap * overlap
            pressure[j] += overlap * overlap
