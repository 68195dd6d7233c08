"""The simulation of a plan: what formulas are written in, at each measurement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from autocrine.core import errors
from autocrine.engine.event import Event
from autocrine.engine.gradient import INITIAL
from autocrine.engine.names import TIME
from autocrine.engine.network import Network
from autocrine.engine.petab.formula import as_number
from autocrine.engine.petab.plan import Plan
from autocrine.engine.petab.settling import Settled, Settling
from autocrine.engine.petab.terms import Terms
from autocrine.engine.simulation import simulate


@dataclass
class Seen:
    """What is seen of a plan at its M measurements.

    Attributes
    ----------
    quantities : ndarray of shape (M, L)
        The L quantities that formulas are written in.
    slopes : ndarray of shape (M, L, D)
        Their derivatives.
    failures : dict of str to SolverError
        Why experiments could not be simulated.
    """

    quantities: np.ndarray
    slopes: np.ndarray
    failures: dict[str, errors.SolverError] = field(default_factory=dict)


@dataclass
class _Group:
    """Trajectories that are simulated in one call."""

    rows: np.ndarray
    start: float
    network: Network
    rested: Settled | None


class Courses:
    """Simulates the trajectories of a plan.

    Parameters
    ----------
    plan : Plan
        The plan.
    rtol, atol : float
        Tolerances of the solver.
    threads : int, optional
        Threads to use.
    """

    def __init__(self, plan: Plan, rtol: float, atol: float, threads: int | None) -> None:
        self.plan, self._rtol, self._atol, self._threads = plan, rtol, atol, threads
        rows = {course.name: row for row, course in enumerate(plan.courses)}
        measured = plan.part.measurements
        self._row = np.array([rows[each.experiment] for each in measured], int)
        self._time = np.array([each.time for each in measured], float)
        self._remembering: dict[tuple[bool, ...], Network] = {}

    def see(self, table: np.ndarray, tangents: np.ndarray) -> Seen:
        """Simulate.

        Parameters
        ----------
        table, tangents : ndarray of shape (E, m) and (E, m, D)
            Parameters of all trajectories, and their derivatives; D may be 0.
        """
        count, leaves = len(self._time), len(self.plan.leaves)
        seen = Seen(np.full((count, leaves), np.nan), np.full((count, leaves, tangents.shape[2]), np.nan))
        for group in self._groups(table, tangents, seen):
            self._see_group(group, table, tangents, seen)
        return seen

    def _groups(self, table: np.ndarray, tangents: np.ndarray, seen: Seen) -> Iterator[_Group]:
        kinds: dict[tuple[float, bool], list[int]] = {}
        for row, course in enumerate(self.plan.courses):
            kinds.setdefault((course.start, course.rests), []).append(row)
        for (start, rests), rows in kinds.items():
            members = np.array(rows)
            if not rests:
                yield _Group(members, start, self.plan.network, None)
                continue
            settling = Settling(self.plan.network, self.plan.conditions, self._rtol, self._atol)
            # trajectories that begin alike rest alike: the times of later conditions do not matter yet
            rested = settling.find(table[members], None, tangents[members], None)
            self._note(seen, members, rested.failures)
            sound = np.isfinite(rested.states).all(axis=1)
            memories = self._memories(rested.states, table[members])
            for memory in sorted(set(memories)):
                here = np.array([each == memory for each in memories]) & sound
                if here.any():
                    part = Settled(rested.states[here], rested.slopes[here])
                    yield _Group(members[here], start, self._with_memory(memory), part)

    def _note(self, seen: Seen, rows: np.ndarray, failures: dict[int, errors.SolverError]) -> None:
        for row, error in failures.items():
            seen.failures.setdefault(self.plan.courses[rows[row]].name, error)

    def _memories(self, states: np.ndarray, table: np.ndarray) -> list[tuple[bool, ...]]:
        """Return, for each trajectory, which triggers are true in its steady state: those do not turn true again."""
        network = self.plan.network
        triggered = [event for event in network.events if event.trigger is not None]
        if not triggered:
            return [()] * len(states)
        names = (*(each.name for each in network.species), *network.parameters, TIME)
        written = [as_number(event.trigger).xreplace(network.written_out()) for event in triggered]
        given = np.hstack([states, table, np.zeros((len(states), 1))])
        return [tuple(bool(each) for each in row) for row in Terms(written, names).evaluate(given) > 0.5]

    def _with_memory(self, memory: tuple[bool, ...]) -> Network:
        if not memory:
            return self.plan.network
        if memory not in self._remembering:
            left = list(memory)
            events = [
                event if event.trigger is None else replace(event, initial=left.pop(0))
                for event in self.plan.network.events
            ]
            self._remembering[memory] = with_events(self.plan.network, events)
        return self._remembering[memory]

    def _see_group(self, group: _Group, table: np.ndarray, tangents: np.ndarray, seen: Seen) -> None:
        mine = np.isin(self._row, group.rows)
        finite, endless = mine & np.isfinite(self._time), mine & np.isinf(self._time)
        ends = [period.time for row in group.rows for period in self.plan.courses[row].later]
        times = np.unique([*self._time[finite], max([group.start, *ends, *self._time[finite]])])
        names, species = [*self.plan.leaves.values()], [each.name for each in group.network.species]
        after = [*self.plan.changing.values(), *species] if endless.any() else []
        p, dp = table[group.rows], tangents[group.rows]
        values, slopes, failures = self._simulated(group, times, names + after, p, dp)
        self._note(seen, group.rows, failures)
        who = np.searchsorted(group.rows, self._row[finite])
        when = np.searchsorted(times, self._time[finite])
        seen.quantities[finite] = values[who, when, : len(names)]
        seen.slopes[finite] = slopes[who, when, : len(names)]
        if not endless.any():
            return
        p, dp, begin = p.copy(), dp.copy(), len(names) + len(self.plan.changing)
        for place, name in enumerate(self.plan.changing, start=len(names)):
            p[:, self.plan.places[name]] = values[:, -1, place]
            dp[:, self.plan.places[name]] = slopes[:, -1, place]
        state = Settled(values[:, -1, begin:], slopes[:, -1, begin:])
        self._see_endless(group, np.flatnonzero(endless), (p, dp, state, float(times[-1])), seen)

    def _see_endless(
        self, group: _Group, which: np.ndarray, end: tuple[np.ndarray, np.ndarray, Settled, float], seen: Seen
    ) -> None:
        """Fill in the measurements ``which`` of steady states, from parameters, their derivatives, states and time."""
        p, dp, state, time = end
        row = np.searchsorted(group.rows, self._row[which])
        needed = np.array([each for each in np.unique(row) if np.isfinite(state.states[each]).all()], int)
        if not len(needed):
            return
        # what is true already does not turn true again
        network = self._with_memory(tuple(True for event in group.network.events if event.trigger is not None))
        p, dp = p[needed], dp[needed]
        settling = Settling(network, self.plan.conditions, self._rtol, self._atol, time)
        rested = settling.find(p, state.states[needed], dp, state.slopes[needed])
        rows = group.rows[needed]
        self._note(seen, rows, rested.failures)
        sound = np.isfinite(rested.states).all(axis=1)
        if not sound.any():
            return
        still = settling.quiet(p)[sound]
        at = _Group(rows[sound], time, network, Settled(rested.states[sound], rested.slopes[sound]))
        values, slopes, _ = self._simulated(at, np.array([time]), [*self.plan.leaves.values()], still, dp[sound])
        for measurement, each in zip(which, group.rows[row], strict=True):
            place = np.flatnonzero(at.rows == each)
            if len(place):
                seen.quantities[measurement], seen.slopes[measurement] = values[place[0], 0], slopes[place[0], 0]

    def _simulated(
        self, group: _Group, times: np.ndarray, outputs: list[str], p: np.ndarray, dp: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, dict[int, errors.SolverError]]:
        """Return values (N, T, k) and derivatives (N, T, k, D)."""
        network, rested, wanted = group.network, group.rested, dp.shape[2] > 0
        species = [each.name for each in network.species]
        active = np.flatnonzero(np.any(dp != 0, axis=(0, 2)))
        by = [list(network.parameters)[place] for place in active]
        from_rest = rested is not None and wanted and bool(rested.slopes.any())
        by += [INITIAL + name for name in species] if from_rest else []
        found = simulate(
            network,
            times,
            dict(zip(network.parameters, p.T, strict=True)),
            initial=None if rested is None else dict(zip(species, rested.states.T, strict=True)),
            outputs=outputs,
            rtol=self._rtol,
            atol=self._atol,
            start=group.start,
            gradient=by if wanted and by else None,
            on_failure="nan",
            threads=self._threads,
        )
        slopes = np.zeros((*found.values.shape, dp.shape[2]))
        if wanted and by:
            slopes += np.einsum("ntka,nad->ntkd", found.gradient[..., : len(active)], dp[:, active], optimize=True)
            if from_rest and rested is not None:
                slopes += np.einsum("ntks,nsd->ntkd", found.gradient[..., len(active) :], rested.slopes, optimize=True)
        return found.values, slopes, found.failures


def with_events(network: Network, events: Sequence[Event]) -> Network:
    """Return a network with other events."""
    return Network(
        network.name,
        network.species,
        network.parameters,
        network.reactions,
        rules=network.rules,
        events=events,
        observables=network.observables,
    )
