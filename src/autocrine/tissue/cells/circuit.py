"""The circuit in every cell of a population: its steps, and what cells give to the fields and take from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from autocrine.circuit import Drug, Line, cell
from autocrine.core import errors
from autocrine.engine import simulate
from autocrine.tissue.cells.network import intensive_names, outside_names, resting_network, solute_names, tissue_network
from autocrine.tissue.cells.population import Population

#: molecules in 1 nM of 1 um^3
MOLECULES = 0.602214076
#: what a producer has; every other cell has that of its clone
PRODUCER = "il6_transgene"
#: cells whose surroundings are written at once
_BLOCK = 8192
_SETTLED_H = 2000.0
#: what a cell has given is no state: its error says nothing about the step
_ANY = 1e12


@dataclass(frozen=True)
class Exchange:
    """What each cell gives to its surroundings: ``secretion - uptake * concentration``.

    Attributes
    ----------
    secretion : dict of str to ndarray of shape (cells,)
        By solute, in nM um^3/h.
    uptake : dict of str to ndarray of shape (cells,)
        By solute, in um^3/h.
    """

    secretion: dict[str, np.ndarray]
    uptake: dict[str, np.ndarray]


class Circuit:
    """Steps the circuit of all living cells.

    Parameters
    ----------
    lines : sequence of Line
        The line of each clone.
    drugs : sequence of Drug
        Drugs around the cells, at most as many as are needed: each costs time.
    reference_um3 : float
        Volume in which the levels of the circuit are molecules: that of a cell in G1.
    threads : int
        Threads to use; results do not depend on them.
    values : mapping of str to float, optional
        Other values of parameters of the circuit, for all clones.

    Attributes
    ----------
    species : tuple of str
        Rows of the state of a population.
    outside : tuple of str
        What every cell finds around it, by which `step` asks for it.
    solutes : tuple of str
        What is exchanged.
    """

    def __init__(
        self,
        lines: Sequence[Line],
        drugs: Sequence[Drug] = (),
        *,
        reference_um3: float = 2494.0,
        threads: int = 1,
        values: Mapping[str, float] | None = None,
    ) -> None:
        for drug in drugs:
            if drug.kind == "blocker":
                raise errors.DesignError(f"{drug.name} must be given as a blocker outside, not as a drug")
        self.lines, self.drugs, self.reference_um3 = tuple(lines), tuple(drugs), reference_um3
        network = tissue_network(len(drugs))
        self.species, self.outside = network.outline.species, outside_names(len(drugs))
        self.solutes, self.intensive = solute_names(len(drugs)), intensive_names(len(drugs))
        shared = dict(values or {})
        for j, drug in enumerate(drugs, start=1):
            shared |= {f"d{j}_{n}": value for n, value in drug.parameters.values_by_name.items()}
        changed = dict.fromkeys([PRODUCER, "abcb1_copies", *(name for line in lines for name in line.values)])
        defaults = cell.cell_parameters().values_by_name | {
            n: v for n, v in shared.items() if n in cell.cell_parameters()
        }
        each = {name: [(defaults | line.values)[name] for line in lines] for name in changed}
        #: parameters in which cells differ, a row for each clone
        self.own = tuple(n for n in each if n in {PRODUCER, "abcb1_copies"} or len(set(each[n])) > 1)
        self._clones = np.array([each[name] for name in self.own]).T
        self._shared = {name: value for name, value in shared.items() if name not in self.own}
        self._shared |= {name: values[0] for name, values in each.items() if name not in self.own}
        self._stepper = network.stepper(
            self._shared,
            surroundings=[*self.outside, *self.own],
            atol={f"given_{name}": _ANY for name in self.solutes},
        )
        self._given = np.array([self.species.index(f"given_{name}") for name in self.solutes])
        self._carried = self._carrying()
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def population(self, capacity: int = 64) -> Population:
        """Return a population without cells, with the species of this circuit."""
        return Population(self.species, capacity, self.intensive)

    def settle(self, population: Population, cells: slice | np.ndarray) -> None:
        """Give cells the state that they reach as they grow alone, without IL-6 of others and without drug.

        Growth at the full rate of division thins what they hold. (The flask from which wells are seeded is nearly
        full, so that its cells hold more.)
        """
        clone, producer = population.clone[cells], population.producer[cells]
        kinds, which = np.unique(np.stack([clone, producer]), axis=1, return_inverse=True)
        resting = np.zeros((len(self.species), kinds.shape[1]))
        settled = {name: value for name, value in self._shared.items() if name in cell.cell_parameters()}
        given = settled | {n: self._clones[kinds[0], k] for k, n in enumerate(self.own)}
        given[PRODUCER] = np.where(kinds[1] == 1, 1.0, given[PRODUCER])
        given["dilution"] = given.get("division_rate_max", cell.cell_parameters()["division_rate_max"].value)
        found = simulate(resting_network(), [_SETTLED_H], {n: np.atleast_1d(v) for n, v in given.items()})
        for name in (each.name for each in cell.SPECIES):
            resting[self.species.index(name)] = found[name][:, -1]
        population.state[:, cells] = resting[:, np.ravel(which)]

    def step(
        self,
        population: Population,
        outside: Mapping[str, ArrayLike],
        dt_h: float,
        fading_1_h: np.ndarray | None = None,
    ) -> dict[str, np.ndarray]:
        """Step the circuit of all living cells in surroundings that hold during the step.

        Parameters
        ----------
        outside : mapping of str to number or array of shape (cells,)
            By `outside`; what is left out is 0.
        fading_1_h : ndarray of shape (cells,), optional
            Rate at which dead cells give what they hold; without it they keep it.

        Returns
        -------
        dict of str to ndarray of shape (cells,)
            What each cell has given, by solute, in nM um^3; negative where it took. It is exactly what its state lost.

        Raises
        ------
        InputError
            If something outside is unknown, or has another number of cells.
        SolverError
            If a cell cannot be stepped.
        """
        rows = self._rows(outside, population.count)
        population.state[self._given] = 0.0
        alive = population.alive
        self._map(lambda part: self._step_block(population, rows, part, alive[part], dt_h), population.count)
        amount = self._per_level(population) * population.state[self._given]
        dead = np.flatnonzero(~alive)
        if fading_1_h is not None and len(dead):
            share = -np.expm1(-fading_1_h[dead] * dt_h)
            amount[:, dead] = self._held(population, dead) * share
            population.state[:, dead] *= 1 - share
        return dict(zip(self.solutes, amount, strict=True))

    def rates(self, population: Population, outside: Mapping[str, ArrayLike]) -> tuple[np.ndarray, np.ndarray]:
        """Return division and death rate of each cell (1/h), without what oxygen and neighbours do to them."""
        found = self._observed(population, outside, ["division_rate", "death_rate"])
        return found[0], found[1]

    def observe(self, population: Population, outside: Mapping[str, ArrayLike], names: Sequence[str]) -> np.ndarray:
        """Return species and observables of all cells, shape (names, cells); those of dead cells are 0."""
        return self._observed(population, outside, list(names))

    def exchange(
        self,
        population: Population,
        outside: Mapping[str, ArrayLike],
        fading_1_h: np.ndarray | None = None,
        solutes: Sequence[str] = (),
    ) -> Exchange:
        """Return what each cell would give at its present state, for fields that take it into their step.

        Parameters
        ----------
        outside, fading_1_h
            As in `step`.
        solutes : sequence of str
            What is asked for; all if empty.
        """
        asked = list(solutes or self.solutes)
        names = [f"{what}_{name}" for what in ("secretion", "uptake") for name in asked]
        found = self._observed(population, outside, names)
        rows = [self.solutes.index(name) for name in asked]
        scale = self._per_level(population)[rows]
        half = len(asked)
        secretion, uptake = found[:half] * scale, found[half:] * scale
        dead = np.flatnonzero(~population.alive)
        if fading_1_h is not None and len(dead):
            secretion[:, dead] = self._held(population, dead)[rows] * fading_1_h[dead]
        return Exchange(dict(zip(asked, secretion, strict=True)), dict(zip(asked, uptake, strict=True)))

    def contents(self, population: Population) -> dict[str, np.ndarray]:
        """Return what each cell holds of each solute, bound or free, in nM um^3."""
        return dict(zip(self.solutes, self._held(population, slice(None)), strict=True))

    def stop(self, population: Population, cells: np.ndarray) -> None:
        """Leave in dying cells nothing but what holds a solute: they do no more than lose it."""
        idle = np.flatnonzero(~self._carried.any(axis=0))
        population.state[np.ix_(idle, cells)] = 0.0

    def empty(self, population: Population, cells: np.ndarray) -> dict[str, np.ndarray]:
        """Take all out of some cells; return what they held of each solute, in nM um^3."""
        held = self._held(population, cells)
        population.state[:, cells] = 0.0
        return dict(zip(self.solutes, held, strict=True))

    def _held(self, population: Population, cells: slice | np.ndarray) -> np.ndarray:
        return self._per_level(population)[:, cells] * (self._carried @ population.state[:, cells])

    def _step_block(
        self, population: Population, rows: list[np.ndarray], part: slice, alive: np.ndarray, dt_h: float
    ) -> None:
        if alive.all():
            self._stepper.step(population.state[:, part], self._surroundings(population, rows, part), dt_h)
        elif alive.any():
            cells = part.start + np.flatnonzero(alive)
            state = np.ascontiguousarray(population.state[:, cells])
            self._stepper.step(state, self._surroundings(population, rows, cells), dt_h)
            population.state[:, cells] = state

    def _observed(self, population: Population, outside: Mapping[str, ArrayLike], names: list[str]) -> np.ndarray:
        rows = self._rows(outside, population.count)
        found = np.zeros((len(names), population.count))
        alive = population.alive
        for part in _blocks(population.count):
            seen = self._stepper.observe(population.state[:, part], self._surroundings(population, rows, part), names)
            found[:, part] = np.where(alive[part], seen, 0.0)
        return found

    def _surroundings(self, population: Population, rows: list[np.ndarray], cells: slice | np.ndarray) -> np.ndarray:
        """Return what the stepper needs of some cells: what is outside, and in what they differ."""
        clone = population.clone[cells]
        found = np.empty((len(self.outside) + len(self.own), len(clone)))
        for k, row in enumerate(rows):
            found[k] = row[cells] if row.ndim else row
        for k, name in enumerate(self.own, start=len(self.outside)):
            found[k] = self._clones[clone, k - len(self.outside)]
            if name == "abcb1_copies":
                found[k] *= population.abcb1_copies[cells]
            elif name == PRODUCER:
                found[k][population.producer[cells]] = 1.0
        return found

    def _rows(self, outside: Mapping[str, ArrayLike], cells: int) -> list[np.ndarray]:
        for name, value in outside.items():
            if name not in self.outside:
                raise errors.InputError(f"what is outside must be one of {', '.join(self.outside)}", name)
            if np.shape(value) not in {(), (cells,)}:
                raise errors.InputError(f"{name} must have a number for each of {cells} cells", np.shape(value))
        return [np.asarray(outside.get(name, 0.0), float) for name in self.outside]

    def _per_level(self, population: Population) -> np.ndarray:
        """Return nM um^3 of each solute (rows) and cell for a level of 1."""
        molecules = np.array([not name.startswith("drug") for name in self.solutes])[:, None]
        volume = population.total_volume
        return np.where(molecules, volume / (self.reference_um3 * MOLECULES), volume)

    def _carrying(self) -> np.ndarray:
        """Return how much of each solute (rows) one unit of each species (columns) holds."""
        found = np.zeros((len(self.solutes), len(self.species)))
        for name, carried in cell.receptor.CARRIES.items():
            for solute, count in carried.items():
                found[self.solutes.index(solute), self.species.index(name)] = count
        for name in self.solutes:
            if name in self.species:
                found[self.solutes.index(name), self.species.index(name)] = 1
        return found

    def _map(self, work, cells: int) -> None:
        blocks = _blocks(cells)
        if self._pool is None or len(blocks) < 2:
            for part in blocks:
                work(part)
        else:
            list(self._pool.map(work, blocks))


def _blocks(cells: int) -> list[slice]:
    return [slice(first, min(first + _BLOCK, cells)) for first in range(0, cells, _BLOCK)]
