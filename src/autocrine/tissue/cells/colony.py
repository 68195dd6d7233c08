"""Cells in their surroundings, one tick after the other: the circuit, motion, growth, division and death."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from autocrine.core import errors
from autocrine.tissue.cells.circuit import Circuit
from autocrine.tissue.cells.cycle import oxygen_factor, step_cycle
from autocrine.tissue.cells.death import step_death, step_decay
from autocrine.tissue.cells.division import divide
from autocrine.tissue.cells.domain import Domain
from autocrine.tissue.cells.mechanics import Mechanics
from autocrine.tissue.cells.motility import own_velocity
from autocrine.tissue.cells.phenotype import Phenotype, Phenotypes
from autocrine.tissue.cells.population import Population
from autocrine.tissue.cells.switching import step_producers
from autocrine.tissue.cells.volume import NUCLEAR, rates_of, step_volume


@dataclass(frozen=True)
class Surroundings:
    """What cells find where they are.

    Attributes
    ----------
    outside : mapping of str to number or array of shape (cells,)
        IL-6, drugs and blockers, by the names of `Circuit.outside`.
    oxygen_mmHg : number or array of shape (cells,)
        Oxygen.
    gradient : ndarray of shape (3, cells), optional
        Of what moving cells follow.
    """

    outside: Mapping[str, ArrayLike] = field(default_factory=dict)
    oxygen_mmHg: ArrayLike = 160.0
    gradient: np.ndarray | None = None


@dataclass
class Events:
    """What happened in a tick; amounts in nM um^3.

    Attributes
    ----------
    given : dict of str to ndarray
        What each cell gave to its surroundings, by solute, for the cells and their order before the tick; empty where
        the circuit did not step.
    divided, died, removed : ndarray of int
        Ids of mothers, of cells that began to die, and of cells that are gone.
    released : dict of str to ndarray
        What each cell that is gone left, by solute.
    released_at : ndarray of shape (3, removed)
        Where (um).
    """

    given: dict[str, np.ndarray] = field(default_factory=dict)
    divided: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    died: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    removed: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    released: dict[str, np.ndarray] = field(default_factory=dict)
    released_at: np.ndarray = field(default_factory=lambda: np.zeros((3, 0)))


@dataclass(frozen=True)
class Pace:
    """How long a tick is, and how often what is slow happens.

    Attributes
    ----------
    dt_h : float
        One tick, in which cells move once (h).
    growth_every : int
        Ticks between two steps of volume, cycle and death.
    sort_every : int
        Ticks between two sortings of the cells in space.
    chemistry_every : int
        Ticks of one step of the circuit, which is made at the first of them; both numbers above are multiples of it.
    """

    dt_h: float = 1 / 600
    growth_every: int = 60
    sort_every: int = 600
    chemistry_every: int = 1

    def __post_init__(self) -> None:
        """Refuse a pace that is none."""
        if not (np.isfinite(self.dt_h) and self.dt_h > 0):
            raise errors.InputError("dt_h must be positive", self.dt_h)
        counts = (self.growth_every, self.sort_every, self.chemistry_every)
        if min(counts) < 1:
            raise errors.InputError("ticks must be counted from 1", counts)
        if self.growth_every % self.chemistry_every or self.sort_every % self.chemistry_every:
            raise errors.InputError(
                "the ticks between two steps of growth, and between two sortings, must be a multiple of "
                "those of one step of the circuit",
                counts,
            )

    @property
    def chemistry_h(self) -> float:
        """The step of the circuit (h)."""
        return self.dt_h * self.chemistry_every

    def is_chemistry(self, tick: int) -> bool:
        """Return whether the circuit steps at a tick, counted from 0."""
        return tick % self.chemistry_every == 0

    def is_growth(self, tick: int) -> bool:
        """Return whether cells grow, divide and die at the end of a tick, counted from 0."""
        return (tick + 1) % self.growth_every == 0

    def check(self, phenotypes: Phenotypes) -> None:
        """Refuse steps that are too long, and say of which process.

        Raises
        ------
        InputError
            With the process, the step, and the longest one that it can take.
        """
        for number, clone in enumerate(phenotypes.clones):
            values = clone.values
            smallest = np.cbrt(values["volume"] * 3 / (4 * np.pi))
            growth_h = self.dt_h * self.growth_every
            limits = {
                "mechanics (dt_h)": (self.dt_h, clone.law.largest_step_h(float(smallest))),
                "motility (dt_h)": (self.dt_h, values["persistence"] if values["speed"] else np.inf),
                "S (dt_h times growth_every)": (growth_h, values["s_duration"]),
                "G2 and M (dt_h times growth_every)": (growth_h, values["g2m_duration"]),
                "apoptosis (dt_h times growth_every)": (growth_h, values["apoptosis_duration"]),
            }
            for process, (step, largest) in limits.items():
                if step > largest:
                    raise errors.InputError(
                        f"the step of {process} must be at most {largest:.3g} h in clone {number}",
                        f"{step:.3g} h",
                        hint=f"a step of {60 * largest:.2g} min: tick or growth_step of a design",
                    )


class Colony:
    """A population with its clones and its circuit.

    Parameters
    ----------
    population : Population
        The cells; seeded, and settled where there is a circuit.
    clones : sequence of Phenotype
        What the clones are like.
    domain : Domain
        Where they live.
    circuit : Circuit, optional
        Without it all cells divide at the rate of their phenotype.
    pace : Pace
        Steps.
    seed : int
        All draws follow from it.
    threads : int
        Threads of the mechanics; results do not depend on them.
    skin_um : float
        Skin of the lists of neighbours.

    Attributes
    ----------
    ticks : int
        Ticks since the start; with it and `Population.to_arrays` a run goes on as if it had never stopped.
    """

    def __init__(
        self,
        population: Population,
        clones: Sequence[Phenotype],
        domain: Domain,
        *,
        circuit: Circuit | None = None,
        pace: Pace | None = None,
        seed: int = 1,
        threads: int = 1,
        skin_um: float = 3.0,
    ) -> None:
        self.population, self.phenotypes, self.domain = population, Phenotypes(clones), domain
        self.circuit, self.pace, self.seed, self.ticks = circuit, pace or Pace(), seed, 0
        if circuit is not None and len(circuit.lines) != len(clones):
            raise errors.InputError("each clone must have a line and a phenotype", (len(circuit.lines), len(clones)))
        if circuit is not None and circuit.species != population.species:
            raise errors.InputError("cells must have the species of their circuit", population.species[:3])
        self.pace.check(self.phenotypes)
        self.mechanics = Mechanics([each.law for each in clones], domain, skin_um=skin_um, threads=threads)

    @property
    def time_h(self) -> float:
        """Time since the start (h)."""
        return self.ticks * self.pace.dt_h

    def tick(self, surroundings: Surroundings) -> Events:
        """Let all cells live for one tick in surroundings that hold during it.

        Notes
        -----
        The circuit, at the first of ``chemistry_every`` ticks for all of them; then motion; then, every
        ``growth_every`` ticks, death, volume, cycle, switching, division and removal over that time. Cells are sorted
        at fixed ticks, and sums are made in the order of the arrays, so that neither threads nor a resume change a
        result.
        """
        population, pace, events = self.population, self.pace, Events()
        dt_h = pace.dt_h
        if self.circuit is not None and pace.is_chemistry(self.ticks):
            events.given = self.circuit.step(population, surroundings.outside, pace.chemistry_h, self.fading_1_h())
        own = own_velocity(
            population, self.phenotypes, surroundings.gradient, self.domain.dimensions, dt_h, self.seed, self.ticks
        )
        self.mechanics.step(population, dt_h, own)
        grows = pace.is_growth(self.ticks)
        self.ticks += 1
        if grows:
            self._grow(surroundings, events)
        if self.ticks % pace.sort_every == 0:
            self.mechanics.sort(population)
        return events

    def rates(self, surroundings: Surroundings) -> tuple[np.ndarray, np.ndarray]:
        """Return the rate of division and that of death by drugs of each cell where it is (1/h)."""
        population, clone = self.population, self.population.clone
        if self.circuit is None:
            division, death = self.phenotypes.of("division_rate", clone), np.zeros(population.count)
        else:
            division, death = self.circuit.rates(population, surroundings.outside)
        crowding = self.mechanics.pressure(population) / self.phenotypes.of("pressure_full", clone)
        oxygen = oxygen_factor(self._oxygen(surroundings), self.phenotypes, clone)
        return division * oxygen * np.clip(1 - crowding, 0.0, 1.0), death

    def fading_1_h(self) -> np.ndarray:
        """Return the rate at which each dead cell gives what it holds (1/h): that at which its nucleus is lost.

        Most of doxorubicin in a cell lies on its DNA, and antibodies and receptors are lost with their cell.
        """
        population = self.population
        found, dead = np.zeros(population.count), np.flatnonzero(~population.alive)
        found[dead] = rates_of(population.phase[dead], self.phenotypes, population.clone[dead])[NUCLEAR]
        return found

    def _oxygen(self, surroundings: Surroundings) -> np.ndarray:
        return np.broadcast_to(np.asarray(surroundings.oxygen_mmHg, float), self.population.count)

    def _grow(self, surroundings: Surroundings, events: Events) -> None:
        """Let cells die, grow, switch, divide and vanish over the ticks since the last time."""
        population, phenotypes, seed, tick = self.population, self.phenotypes, self.seed, self.ticks
        dt_h = self.pace.dt_h * self.pace.growth_every
        division, death = self.rates(surroundings)
        dead = step_death(population, phenotypes, death, self._oxygen(surroundings), dt_h, seed, tick)
        events.died = population.id[dead].copy()
        if self.circuit is not None:
            self.circuit.stop(population, dead)
        step_volume(population, phenotypes, dt_h)
        mothers = step_cycle(population, phenotypes, division, dt_h, seed, tick)
        step_producers(population, phenotypes, dt_h, seed, tick)
        events.divided = population.id[mothers].copy()
        divide(population, phenotypes, mothers, self.domain, self.time_h, seed, tick)
        gone = step_decay(population, phenotypes)
        if gone.any():
            events.removed, events.released_at = population.id[gone].copy(), population.position[:, gone].copy()
            if self.circuit is not None:
                events.released = self.circuit.empty(population, np.flatnonzero(gone))
            population.keep(~gone)
