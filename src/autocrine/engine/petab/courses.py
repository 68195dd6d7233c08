"""The simulation of a plan: what formulas are written in, at each measurement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

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
    """What is seen of a plan at its M measurements, for N points.

    Attributes
    ----------
    row, time : ndarray of shape (N * M,)
        Number of the trajectory and time of each measurement, one point after the other.
    quantities : ndarray of shape (N * M, L)
        The L quantities that formulas are written in.
    slopes : ndarray of shape (N * M, L, D)
        Their derivatives.
    failures : tuple of dict of str to SolverError
        Why experiments could not be simulated, for each point.
    """

    row: np.ndarray
    time: np.ndarray
    quantities: np.ndarray
    slopes: np.ndarray
    failures: tuple[dict[str, errors.SolverError], ...]


@dataclass
class _Group:
    """Trajectories that are simulated in one call, until the last time, or the end of each."""

    rows: np.ndarray
    start: float
    network: Network
    rested: Settled | None
    end: np.ndarray | None = None


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
        seen = list(plan.leaves.values())
        self._outputs = [seen[place] for place in range(len(seen)) if place not in plan.fixed]

    def see(self, table: np.ndarray, tangents: np.ndarray) -> Seen:
        """Simulate the trajectories of N points as one ensemble.

        Parameters
        ----------
        table, tangents : ndarray of shape (N, E, m) and (N, E, m, D)
            Parameters of all trajectories, and their derivatives; D may be 0.
        """
        points, each = table.shape[:2]
        row = (np.arange(points)[:, None] * each + self._row).ravel()
        count, leaves = len(row), len(self.plan.leaves)
        seen = Seen(
            row,
            np.tile(self._time, points),
            np.full((count, leaves), np.nan),
            np.full((count, leaves, tangents.shape[3]), np.nan),
            tuple({} for _ in range(points)),
        )
        table, tangents = (whole.reshape(points * each, *whole.shape[2:]) for whole in (table, tangents))
        for group in self._groups(table, tangents, seen):
            self._see_group(group, table, tangents, seen)
        return seen

    def _groups(self, table: np.ndarray, tangents: np.ndarray, seen: Seen) -> Iterator[_Group]:
        kinds: dict[tuple[float, bool], list[int]] = {}
        for row, course in enumerate(self.plan.courses):
            kinds.setdefault((course.start, course.rests), []).append(row)
        for (start, rests), rows in kinds.items():
            members = (np.arange(len(seen.failures))[:, None] * len(self.plan.courses) + np.array(rows)).ravel()
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
            point, course = divmod(int(rows[row]), len(self.plan.courses))
            seen.failures[point].setdefault(self.plan.courses[course].name, error)

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
        mine = np.isin(seen.row, group.rows)
        finite, endless = np.flatnonzero(mine & np.isfinite(seen.time)), np.flatnonzero(mine & np.isinf(seen.time))
        courses = [self.plan.courses[course] for course in np.unique(group.rows % len(self.plan.courses))]
        ends = [period.time for course in courses for period in course.later] if len(endless) else []
        times = np.unique(seen.time[finite])
        times = np.unique([*times, max([group.start, *ends, *times])])
        species = [each.name for each in group.network.species]
        after = [*self.plan.changing.values(), *species] if len(endless) else []
        p, dp = table[group.rows], tangents[group.rows]
        who = np.searchsorted(group.rows, seen.row[finite])
        # each trajectory ends where it is last looked at, those that go on to a steady state with all others
        last = np.full(len(group.rows), group.start)
        np.maximum.at(last, who, seen.time[finite])
        last[np.searchsorted(group.rows, seen.row[endless])] = times[-1]
        found = self._simulated(replace(group, end=last), times, [*self._outputs, *after], p, dp)
        self._note(seen, group.rows, found.failures)
        count = len(self._outputs)
        self._keep(seen, finite, *found.at(who, np.searchsorted(times, seen.time[finite]), slice(0, count)))
        self._keep_fixed(seen, np.flatnonzero(mine), table, tangents)
        if not len(endless):
            return
        everyone = np.arange(len(group.rows))
        values, slopes = found.at(everyone, np.full(len(everyone), len(times) - 1), slice(count, None))
        p, dp, begin = p.copy(), dp.copy(), len(self.plan.changing)
        for place, name in enumerate(self.plan.changing):
            p[:, self.plan.places[name]], dp[:, self.plan.places[name]] = values[:, place], slopes[:, place]
        state = Settled(values[:, begin:], slopes[:, begin:])
        self._see_endless(group, endless, (p, dp, state, float(times[-1])), seen)

    def _keep(self, seen: Seen, which: np.ndarray, values: np.ndarray, slopes: np.ndarray) -> None:
        """Note what was simulated at some measurements."""
        moving = np.array([place for place in range(len(self.plan.leaves)) if place not in self.plan.fixed], int)
        seen.quantities[which[:, None], moving] = values
        seen.slopes[which[:, None], moving] = slopes

    def _keep_fixed(self, seen: Seen, which: np.ndarray, table: np.ndarray, tangents: np.ndarray) -> None:
        """Note the parameters that nothing changes."""
        for leaf, place in self.plan.fixed.items():
            seen.quantities[which, leaf] = table[seen.row[which], place]
            seen.slopes[which, leaf] = tangents[seen.row[which], place]

    def _see_endless(
        self, group: _Group, which: np.ndarray, end: tuple[np.ndarray, np.ndarray, Settled, float], seen: Seen
    ) -> None:
        """Fill in the measurements ``which`` of steady states, from parameters, their derivatives, states and time."""
        p, dp, state, time = end
        row = np.searchsorted(group.rows, seen.row[which])
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
        found = self._simulated(at, np.array([time]), self._outputs, still, dp[sound])
        place = {each: place for place, each in enumerate(at.rows)}
        reached = np.array([each in place for each in group.rows[row]], bool)
        who = np.array([place[each] for each in group.rows[row][reached]], int)
        self._keep(seen, which[reached], *found.at(who, np.zeros(len(who), int), slice(None)))

    def _simulated(
        self, group: _Group, times: np.ndarray, outputs: Sequence[str], p: np.ndarray, dp: np.ndarray
    ) -> _Found:
        network, rested, wanted = group.network, group.rested, dp.shape[2] > 0
        species = [each.name for each in network.species]
        active = np.flatnonzero(np.any(dp != 0, axis=(0, 2)) & self.plan.moving)
        by = [list(network.parameters)[place] for place in active]
        directions = dp[:, active]
        if rested is not None and wanted and rested.slopes.any():
            by += [INITIAL + name for name in species]
            directions = np.concatenate([directions, rested.slopes], axis=1)
        found = simulate(
            network,
            times,
            dict(zip(network.parameters, p.T, strict=True)),
            initial=None if rested is None else dict(zip(species, rested.states.T, strict=True)),
            outputs=outputs,
            rtol=self._rtol,
            atol=self._atol,
            start=group.start,
            end=group.end,
            gradient=by if wanted and by else None,
            on_failure="nan",
            threads=self._threads,
        )
        return _Found(found.values, found.gradient if wanted and by else None, directions, found.failures)


@dataclass
class _Found:
    """Values of shape (N, T, k), derivatives (N, T, k, a) by what moves along directions (N, a, D), and failures."""

    values: np.ndarray
    gradient: np.ndarray | None
    directions: np.ndarray
    failures: dict[int, errors.SolverError]

    def at(self, who: np.ndarray, when: np.ndarray, outputs: slice) -> tuple[np.ndarray, np.ndarray]:
        """Return values (rows, k) and derivatives (rows, k, D) of some trajectories at some times."""
        values = self.values[who, when, outputs]
        if self.gradient is None:
            return values, np.zeros((*values.shape, self.directions.shape[2]))
        with np.errstate(all="ignore"):  # trajectories that failed are NaN
            return values, self.gradient[who, when, outputs] @ self.directions[who]


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
