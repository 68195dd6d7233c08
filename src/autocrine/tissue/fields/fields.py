"""All substrates on one grid, stepped together with the cells."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autocrine.core import errors
from autocrine.tissue.fields.balance import Balance
from autocrine.tissue.fields.binding import Binding, react
from autocrine.tissue.fields.contacts import Contacts, find_contacts
from autocrine.tissue.fields.crew import Crew
from autocrine.tissue.fields.exchange import Exchange
from autocrine.tissue.fields.grid import Grid
from autocrine.tissue.fields.level import Level
from autocrine.tissue.fields.parts import parts_of
from autocrine.tissue.fields.site_law import SiteLaw
from autocrine.tissue.fields.substrate import Substrate
from autocrine.tissue.fields.vessels import Vessels

#: largest D dt / dx², and largest (decay + clearance) dt, that a tick may have; both measured in
#: docs/decisions/tissue-fields.md
LARGEST_SPREAD, LARGEST_LOSS = 1000.0, 16.0


class Fields:
    """All substrates on one grid.

    Parameters
    ----------
    grid : Grid
        The grid.
    substrates : sequence of Substrate
        What diffuses.
    bindings : sequence of Binding
        What binds in the fluid.
    vessels : Vessels, optional
        Voxels that exchange with plasma.
    threads : int
        Threads; results are the same, bit by bit, for any number.
    time_h : float
        Time at the start (h).

    Raises
    ------
    InputError
        If a name stands twice or is unknown, or the grid does not fit into memory.

    Examples
    --------
    >>> grid = Grid((32, 32), 10.0)
    >>> fields = Fields(grid, [Substrate("il6", 1e5, decay_1_h=0.1)])
    >>> contacts = fields.contacts([[160.0, 160.0, 0.0]])
    >>> balance = fields.step(0.01, contacts, {"il6": Exchange(secretion=1e4)})["il6"]
    >>> round(balance.secreted, 3), abs(balance.residual) < 1e-12
    (100.0, True)
    """

    def __init__(
        self,
        grid: Grid,
        substrates: Sequence[Substrate],
        *,
        bindings: Sequence[Binding] = (),
        vessels: Vessels | None = None,
        threads: int = 1,
        time_h: float = 0.0,
    ) -> None:
        names = [each.name for each in substrates]
        twice = [name for name in names if names.count(name) > 1]
        if twice or not names:
            raise errors.InputError("substrates must be at least one, each with a name of its own", names)
        grid.check_memory(len(names))
        self.grid, self.time_h, self.bindings, self.vessels = grid, float(time_h), tuple(bindings), vessels
        self._crew = Crew(threads)
        scratch = Level.sheets(grid, threads)
        self._levels = {each.name: Level(grid, each, self._crew, scratch) for each in substrates}
        self._vessel_voxels = np.empty(0, dtype=np.int64) if vessels is None else vessels.voxels(grid)
        for name in [n for b in self.bindings for n in (b.first, b.second, b.complex, b.blocker) if n]:
            self._level(name)
        for name in vessels.plasma if vessels is not None else ():
            self._level(name)
        self._bound = np.zeros(grid.box[1])

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        """Return the levels of a substrate, an array of the shape of the grid that is overwritten by later steps."""
        return self._level(name).now.reshape(self.grid.shape)

    def __iter__(self) -> Iterator[str]:
        return iter(self._levels)

    def substrate(self, name: str) -> Substrate:
        """Return a substrate by its name."""
        return self._level(name).substrate

    def put(self, name: str, levels: float | NDArray[np.float64]) -> None:
        """Set the levels of a substrate; the next tick is damped."""
        self._level(name).put(levels)

    def amount(self, name: str) -> float:
        """Return how much there is of a substrate in the whole domain (level · um³)."""
        return self._level(name).total * self.grid.voxel_um3

    def deposit(
        self, name: str, voxel: NDArray[np.int64], amount: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Add amounts to voxels, or take them; return voxels that hold too little, and what is still to be taken.

        Parameters
        ----------
        name : str
            The substrate.
        voxel, amount : (n,) array
            Voxels, of which one may stand more than once, and what each of them gets (level · um³).

        Returns
        -------
        voxel, owed : (m,) array
            Levels do not fall below zero; ``owed`` is negative, and the caller has to deposit it later.
        """
        level = self._level(name)
        flat = level.now.reshape(-1)
        np.add.at(flat, voxel, amount / self.grid.voxel_um3)
        low = np.unique(voxel[flat[voxel] < 0])
        owed = flat[low] * self.grid.voxel_um3
        flat[low] = 0.0
        level.total = float(level.now.sum())
        return low, owed

    def state(self) -> dict[str, NDArray[np.float64]]:
        """Return all that a later process needs to go on with equal bits: time, levels, sums and what is disturbed."""
        found = {f"level/{name}": self[name].copy() for name in self}
        found["time_h"] = np.array(self.time_h)
        found["totals"] = np.array([level.total for level in self._levels.values()])
        found["disturbed"] = np.array([float(level.disturbed) for level in self._levels.values()])
        return found

    def restore(self, state: Mapping[str, NDArray[np.float64]]) -> None:
        """Go back to a state that `state` returned.

        Raises
        ------
        InputError
            If it is of other fields.
        """
        wanted = {f"level/{name}" for name in self} | {"time_h", "totals", "disturbed"}
        if set(state) != wanted:
            raise errors.InputError(
                f"a state must hold {', '.join(sorted(wanted))}", sorted(state), hint="the fields it was saved from"
            )
        for i, (name, level) in enumerate(self._levels.items()):
            level.put(state[f"level/{name}"])
            level.total, level.disturbed = float(state["totals"][i]), bool(state["disturbed"][i])
        self.time_h = float(state["time_h"])

    def contacts(self, positions_um: ArrayLike, spread: str = "voxel") -> Contacts:
        """Find which voxels cells touch; see `find_contacts`."""
        return find_contacts(self.grid, positions_um, spread, self._vessel_voxels)

    def at(self, name: str, contacts: Contacts) -> NDArray[np.float64]:
        """Return the level that each cell sees, (cells,)."""
        return contacts.to_cells(self._level(name).now.ravel()[contacts.voxel])

    def step(
        self, dt_h: float, contacts: Contacts | None = None, exchange: Mapping[str, Exchange] | None = None
    ) -> dict[str, Balance]:
        """Advance all substrates by one tick, during which cells stay and do the same.

        Parameters
        ----------
        dt_h : float
            Length of the tick (h).
        contacts : Contacts, optional
            Where the cells are.
        exchange : mapping, optional
            What the cells do to each substrate.

        Returns
        -------
        dict
            The balance of each substrate.

        Raises
        ------
        InputError
            If the tick is not positive or too long to be accurate, or a substrate is unknown.
        SolverError
            If a level is not finite.
        """
        if not (np.isfinite(dt_h) and dt_h > 0):
            raise errors.InputError("a tick must be a positive number of hours", dt_h)
        touched = self.contacts(np.empty((0, 3))) if contacts is None else contacts
        laws = self.laws(touched, exchange or {})
        self.check_tick(dt_h, laws)
        balances = {name: Balance(before=self.amount(name)) for name in self._levels}
        self._bind(dt_h / 2, balances, self.bindings)
        self._diffuse(dt_h, laws, balances)
        self._bind(dt_h / 2, balances, self.bindings[::-1])
        for name, balance in balances.items():
            laws[name].fill(balance, self.grid.voxel_um3)
            balance.after = self.amount(name)
        self.time_h += dt_h
        return balances

    def _level(self, name: str) -> Level:
        if name not in self._levels:
            close = difflib.get_close_matches(name, self._levels, 1)
            hint = close[0] if close else ", ".join(self._levels)
            raise errors.InputError("a substrate must be one of the fields", name, hint=hint)
        return self._levels[name]

    def laws(self, contacts: Contacts, exchange: Mapping[str, Exchange]) -> dict[str, SiteLaw]:
        """Return what cells and vessels do to each substrate, gathered in voxels."""
        for name in exchange:
            self._level(name)
        found = {}
        for name in self._levels:
            vessels = self.vessels
            wall = np.zeros(0) if vessels is None else vessels.clearance_um3_h(name)
            plasma = None if vessels is None else vessels.course(name)
            given = exchange.get(name, Exchange())
            found[name] = SiteLaw.gathered(contacts, given, name, self.grid.voxel_um3, wall, plasma)
        return found

    def check_tick(self, dt_h: float, laws: Mapping[str, SiteLaw]) -> None:
        """Refuse a tick (h) that is too long for what cells and vessels do.

        Raises
        ------
        InputError
            With the process, the substrate, and the longest tick.
        """
        for name, level in self._levels.items():
            spread = level.substrate.diffusion_um2_h / self.grid.spacing_um**2
            law = laws[name]
            fastest = (law.clearance + law.wall + law.most / law.half).max(initial=0.0)
            for what, rate, most in (
                ("diffusion D/dx²", spread, LARGEST_SPREAD),
                ("decay, uptake and vessels", level.substrate.decay_1_h + fastest, LARGEST_LOSS),
            ):
                if rate * dt_h > most:
                    raise errors.InputError(
                        f"a tick must be at most {most / rate:.3g} h for the {what} of {name}",
                        dt_h,
                        hint=f"dt_h = {most / rate / 2:.2g}, or more ticks between two moves of the cells",
                    )

    def _bind(self, dt_h: float, balances: dict[str, Balance], bindings: Sequence[Binding]) -> None:
        for each in bindings:
            levels = [self._levels[name] for name in (each.first, each.second, each.complex)]
            arrays = [level.now for level in levels]
            blocker = self._levels[each.blocker].now if each.blocker else arrays[1]
            blocking = 1 / each.blocker_ki if each.blocker else 0.0
            rates = (each.on_rate, each.off_rate_1_h, dt_h, blocker, blocking)
            parts = self._crew.share(self.grid.box[1])
            self._crew.run([(i, partial(react, *arrays, first, last, *rates, self._bound)) for i, first, last in parts])
            bound = float(self._bound.sum())
            for level, sign in zip(levels, (-1, -1, 1), strict=True):
                balances[level.substrate.name].reacted += sign * bound * self.grid.voxel_um3
                level.total = float(level.now.sum())

    def _diffuse(self, dt_h: float, laws: Mapping[str, SiteLaw], balances: Mapping[str, Balance]) -> None:
        """Advance diffusion and cells; substrates that jumped make more steps than others."""
        plans = {name: self._plan(level, laws[name], dt_h) for name, level in self._levels.items()}
        for turn in range(max(map(len, plans.values()))):
            now = {name: plan[turn] for name, plan in plans.items() if turn < len(plan)}
            self._pass(now, laws, split=False)
            again = {name: part for name, part in now.items() if self._levels[name].negative}
            if again:
                self._pass(again, laws, split=True)
            for name in now:
                self._levels[name].keep(laws[name], balances[name])
                balances[name].redone += name in again

    def _plan(self, level: Level, law: SiteLaw, dt_h: float) -> list[tuple[float, float]]:
        courses = [face.plasma for face in level.factors.faces] + ([law.plasma] if law.plasma is not None else [])
        jumps = {t for course in courses for t in course.jumps_h}
        return parts_of(self.time_h, dt_h, jumps, float(level.factors.rates(dt_h).max()), disturbed=level.disturbed)

    def _pass(self, parts: Mapping[str, tuple[float, float]], laws: Mapping[str, SiteLaw], *, split: bool) -> None:
        tasks = [t for n, part in parts.items() for t in self._levels[n].first_pass(laws[n], *part, split=split)]
        self._crew.run(tasks)
        self._crew.run([task for name in parts for task in self._levels[name].second_pass()])
