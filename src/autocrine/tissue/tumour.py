"""A tumour: cells with the circuit in fields that they change, one tick after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autocrine.core import errors, notebook
from autocrine.tissue.cells import Colony, Population, Surroundings
from autocrine.tissue.cells.colony import Events
from autocrine.tissue.fields import Exchange, Fields
from autocrine.tissue.fields.contacts import Contacts
from autocrine.tissue.fields.gradient import gradient_at
from autocrine.tissue.ledger import Ledger
from autocrine.tissue.lineage import Lineage

#: what a cell finds, by the substrate that it is in
_SEEN = {"il6": "il6_at_cell", "il6_sil6r": "il6_sil6r"}
OXYGEN = "oxygen"
#: cells and the grid they live in must end at the same places, but for round-off
_ROUND_OFF = 1e-9


class Tumour:
    """Cells with the circuit in fields that they change.

    Parameters
    ----------
    colony : Colony
        The cells, which have a circuit.
    fields : Fields
        Substrates; one named ``il6``, one of the name of each drug of the circuit, and ``oxygen`` where cells need it.
    blockers : mapping of str to (str, float)
        For substrates that block: what they block (``il6r_block``, ``jak_block``, ``pump_block``) and their Ki (nM).
    oxygen_uptake_1_h : float
        What a cell clears of oxygen, in volumes of its own per hour.
    follows : str
        Substrate whose gradient moving cells follow; none if empty.
    most_cells : int
        A tick with more cells is refused; 0 sets no limit.

    Raises
    ------
    InputError
        If a substrate is absent or unknown, or the grid does not cover the domain.

    Notes
    -----
    One tick: what cells secrete and clear at their present state goes into the implicit step of the fields; cells then
    step in the mean of the levels before and after it; the difference between what they truly gave and what the step
    of the fields had assumed is put into their voxels. Nothing is lost: what a voxel cannot give at once stays owed.
    """

    def __init__(
        self,
        colony: Colony,
        fields: Fields,
        *,
        blockers: Mapping[str, tuple[str, float]] | None = None,
        oxygen_uptake_1_h: float = 600.0,
        follows: str = "",
        most_cells: int = 0,
    ) -> None:
        if colony.circuit is None:
            raise errors.InputError("the cells of a tumour must have a circuit")
        self.colony, self.fields, self.circuit = colony, fields, colony.circuit
        self.blockers, self.oxygen_uptake_1_h, self.follows = dict(blockers or {}), oxygen_uptake_1_h, follows
        drugs = {f"drug{j}": drug.name for j, drug in enumerate(self.circuit.drugs, start=1)}
        #: solutes of the circuit by substrate; what has no substrate, such as shed receptors, leaves the tissue
        self.solutes = {drugs.get(name, name): name for name in self.circuit.solutes if drugs.get(name, name) in fields}
        for name in ["il6", *drugs.values(), *self.blockers, *([follows] if follows else [])]:
            fields.substrate(name)
        for what, _ in self.blockers.values():
            if what not in self.circuit.outside:
                raise errors.InputError(f"a blocker must block one of {', '.join(self.circuit.outside)}", what)
        self.most_cells = most_cells
        self._check_box()
        self.ledgers = {name: Ledger(start=fields.amount(name)) for name in fields}
        self._owed = {name: (np.zeros(0, np.int64), np.zeros(0)) for name in self.solutes}
        self.lineage = Lineage()
        self.lineage.follow(colony.population)

    @property
    def population(self) -> Population:
        """The cells."""
        return self.colony.population

    def _repr_html_(self) -> str:
        cells = self.population
        rows = [
            ("cells alive", int(cells.alive.sum())),
            ("of these producers of IL-6", int((cells.alive & cells.producer).sum())),
        ]
        rows += [
            (f"mean {name} that cells find (nM)", float(level.mean()))
            for name, level in self.levels().items()
            if level.size
        ]
        return notebook.page(f"tumour after {self.time_h:g} h", notebook.fields(rows))

    @property
    def time_h(self) -> float:
        """Time since the start (h)."""
        return self.colony.time_h

    def run(self, duration_h: float, progress: Callable[[Tumour], None] | None = None) -> None:
        """Live until a time since the start (h); ``progress`` is called after each tick."""
        ticks = round(duration_h / self.colony.pace.dt_h)
        while self.colony.ticks < ticks:
            self.tick()
            if progress is not None:
                progress(self)

    def tick(self) -> None:
        """Live for one tick: fields and circuit step at the first of those that make one step of chemistry.

        Raises
        ------
        DesignError
            If there are more cells than ``most_cells``; the state is that after the last tick, from which a tumour of
            a larger limit can go on.
        """
        if self.most_cells and self.population.count > self.most_cells:
            raise errors.DesignError(
                f"a tumour must have at most {self.most_cells:,} cells (most_cells), after {self.time_h:.3g} h",
                f"{self.population.count:,}",
                hint="a larger most_cells and --resume, or a shorter duration",
            )
        if self.colony.pace.is_chemistry(self.colony.ticks):
            self._react()
            return
        follows, grows = bool(self.follows), self.colony.pace.is_growth(self.colony.ticks)
        self._after(self.colony.tick(self.surroundings() if follows or grows else Surroundings()))

    def _react(self) -> None:
        """Live for a tick at which fields and circuit step."""
        dt_h = self.colony.pace.chemistry_h
        contacts = self.fields.contacts(self.population.position.T)
        before = self._levels(contacts)
        given = self._exchange(before)
        balances = self.fields.step(dt_h, contacts, given)
        seen = {name: balance.mean_at_cell for name, balance in balances.items()}
        events = self.colony.tick(self._surroundings(seen, contacts))
        for name, balance in balances.items():
            self.ledgers[name].take(balance)
        for name, solute in self.solutes.items():
            assumed = np.asarray(given[name].secretion) * dt_h - balances[name].taken_by_cell
            self._deposit(name, contacts, events.given[solute], assumed)
        self._after(events)

    def _after(self, events: Events) -> None:
        """Take what cells left that are gone, and write down who divided and died."""
        if len(events.removed):
            for name, solute in self.solutes.items():
                self._release(name, events.released_at, events.released[solute])
        if len(events.divided) or len(events.died) or len(events.removed):
            self.lineage.follow(self.population, events.died, events.divided, self.time_h)

    def check(self) -> None:
        """Refuse a tick that is too long for what cells do now, before anything runs.

        Raises
        ------
        InputError
            With the process, the substrate, and the longest tick.
        """
        contacts = self.fields.contacts(self.population.position.T)
        laws = self.fields.laws(contacts, self._exchange(self._levels(contacts)))
        self.fields.check_tick(self.colony.pace.chemistry_h, laws)

    def surroundings(self) -> Surroundings:
        """Return what the cells find now."""
        contacts = self.fields.contacts(self.population.position.T)
        return self._surroundings(self._levels(contacts), contacts)

    def rates(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the rate of division and that of death by drugs of each cell (1/h)."""
        return self.colony.rates(self.surroundings())

    def levels(self) -> dict[str, np.ndarray]:
        """Return the level of each substrate that each cell finds."""
        return self._levels(self.fields.contacts(self.population.position.T))

    def clearance_um3_h(self, name: str) -> float:
        """Return what all cells together clear of a substrate (um³/h) at the levels that they find."""
        given = self._exchange(self._levels(self.fields.contacts(self.population.position.T))).get(name)
        return 0.0 if given is None else float(np.sum(given.clearance_um3_h))

    def amount(self, name: str) -> float:
        """Return how much of a substrate there is outside the cells, less what is owed (level · um³)."""
        return self.fields.amount(name) + float(self._owed[name][1].sum() if name in self._owed else 0.0)

    def residual(self, name: str) -> float:
        """Return what is not accounted for of a substrate, over the largest amount that was moved: round-off."""
        return self.ledgers[name].residual(self.amount(name))

    def observe(self, names: Sequence[str]) -> np.ndarray:
        """Return species and observables of the circuit, shape (names, cells); those of dead cells are 0."""
        return self.circuit.observe(self.population, self.surroundings().outside, names)

    def state(self) -> dict[str, np.ndarray]:
        """Return all that a later process needs to go on with equal bits."""
        found = {f"cells/{name}": each for name, each in self.population.to_arrays().items()}
        found |= {f"fields/{name}": each for name, each in self.fields.state().items()}
        found |= {f"ledger/{name}": each.to_array() for name, each in self.ledgers.items()}
        for name, (voxel, owed) in self._owed.items():
            found |= {f"owed_voxel/{name}": voxel, f"owed/{name}": owed}
        return found | {f"lineage/{n}": a for n, a in self.lineage.to_arrays().items()} | {
            "ticks": np.array(self.colony.ticks)
        }  # fmt: skip

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go back to a state that `state` returned, of a tumour of the same design."""

        def below(prefix: str) -> dict[str, Any]:
            return {name.removeprefix(prefix): each for name, each in state.items() if name.startswith(prefix)}

        colony = self.colony
        colony.population = Population.from_arrays(colony.population.species, below("cells/"), self.circuit.intensive)
        self.fields.restore(below("fields/"))
        self.ledgers = {name: Ledger.from_array(each) for name, each in below("ledger/").items()}
        self._owed = {name: (state[f"owed_voxel/{name}"], owed) for name, owed in below("owed/").items()}
        self.lineage = Lineage.from_arrays(below("lineage/"))
        colony.ticks = int(state["ticks"])

    def _check_box(self) -> None:
        domain, grid = self.colony.domain, self.fields.grid
        if len(grid.shape) != domain.dimensions:
            raise errors.InputError(
                "fields and cells must have as many dimensions", (len(grid.shape), domain.dimensions)
            )
        for axis, n in enumerate(grid.shape):
            low, high = grid.origin_um[axis], grid.origin_um[axis] + n * grid.spacing_um
            slack = _ROUND_OFF * (high - low)
            if domain.low_um[axis] < low - slack or domain.high_um[axis] > high + slack:
                raise errors.InputError(f"the grid must cover the domain of the cells along {'xyz'[axis]}", (low, high))

    def _exchange(self, levels: Mapping[str, np.ndarray]) -> dict[str, Exchange]:
        """Return what cells do to each substrate at their present state; round-off may not make it negative."""
        population = self.population
        given = self._outside(levels), self.colony.fading_1_h(), tuple(self.solutes.values())
        exchange = self.circuit.exchange(population, *given)
        found = {
            name: Exchange(np.maximum(exchange.secretion[solute], 0.0), np.maximum(exchange.uptake[solute], 0.0))
            for name, solute in self.solutes.items()
        }
        if OXYGEN in self.fields:
            uptake = np.where(population.alive, population.total_volume * self.oxygen_uptake_1_h, 0.0)
            found[OXYGEN] = Exchange(clearance_um3_h=uptake)
        return found

    def _levels(self, contacts: Contacts) -> dict[str, np.ndarray]:
        return {name: self.fields.at(name, contacts) for name in self.fields}

    def _outside(self, levels: Mapping[str, np.ndarray]) -> dict[str, Any]:
        found: dict[str, Any] = {seen: levels[name] for name, seen in _SEEN.items() if name in levels}
        for j, drug in enumerate(self.circuit.drugs, start=1):
            found[f"drug{j}_outside"] = levels[drug.name]
        for name, (what, ki_nM) in self.blockers.items():
            found[what] = found.get(what, 0.0) + levels[name] / ki_nM
        return found

    def _surroundings(self, levels: Mapping[str, np.ndarray], contacts: Contacts) -> Surroundings:
        gradient = None
        if self.follows:
            gradient = np.zeros((3, contacts.cells))
            slope = gradient_at(self.fields, self.follows, contacts).T
            gradient[: len(slope)] = slope
        return Surroundings(self._outside(levels), levels.get(OXYGEN, 160.0), gradient)

    def _deposit(self, name: str, contacts: Contacts, given: np.ndarray, assumed: np.ndarray) -> None:
        """Put into voxels what cells gave beyond what the step of the fields assumed, and what was owed."""
        voxel, owed = self._owed[name]
        more = contacts.to_sites(given - assumed)
        self._owed[name] = self.fields.deposit(
            name, np.concatenate([voxel, contacts.voxel]), np.concatenate([owed, more])
        )
        self.ledgers[name].given += float(given.sum())

    def _release(self, name: str, at_um: np.ndarray, amount: np.ndarray) -> None:
        contacts = self.fields.contacts(at_um.T)
        voxel, owed = self._owed[name]
        more = contacts.to_sites(amount)
        self._owed[name] = self.fields.deposit(
            name, np.concatenate([voxel, contacts.voxel]), np.concatenate([owed, more])
        )
        self.ledgers[name].released += float(amount.sum())
