"""What is due in each trajectory: events that were triggered and wait for their execution."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from autocrine.core import errors
from autocrine.engine.event_table import EventTable

if TYPE_CHECKING:
    from autocrine.engine.trigger_table import TriggerTable

#: executions at one time after which events are taken to trigger one another for ever
MOST_AT_ONCE = 1000


@dataclass(frozen=True)
class Execution:
    """An event that was triggered: when it is due, its number, its values if they are known, and derivatives."""

    due: float
    number: int
    values: np.ndarray | None
    slopes: Any = None


@dataclass
class Agenda:
    """Triggered events of N trajectories; the order is that of SBML Level 3 Version 2, section 4.11.

    Attributes
    ----------
    events : EventTable
        All events.
    state, parameters, now : ndarray of shape (N, n), (N, m) and (N,)
        Those of the trajectories; executions change them.
    event_times : ndarray of shape (N, events)
        When events with a time happen; infinity once they have, and for the others.
    failures : dict of int to SolverError
        Why trajectories failed.
    """

    events: EventTable
    state: np.ndarray
    parameters: np.ndarray
    now: np.ndarray
    event_times: np.ndarray
    failures: dict[int, errors.SolverError]
    waiting: dict[int, list[Execution]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.truth = np.tile(self.table.initial, (len(self.now), 1))

    @property
    def table(self) -> TriggerTable:
        """The triggers, delays and priorities."""
        return self.events.general()

    def next_time(self, who: np.ndarray) -> np.ndarray:
        """Return when something is due or may change next in some trajectories, shape (rows,)."""
        times = self.event_times[who].min(axis=1, initial=np.inf)
        times = np.minimum(times, self.table.next_stop(self.now[who], self.state[who], self.parameters[who]))
        for row, each in enumerate(who.tolist()):
            for execution in self.waiting.get(each, ()):
                times[row] = min(times[row], execution.due)
        return times

    def settle(self, who: np.ndarray) -> None:
        """Do everything that is due now in some trajectories."""
        due = self.event_times[who] <= self.now[who, None]
        for row, number in np.argwhere(due):
            self.event_times[who[row], number] = np.inf
        self._trigger(who, due & ~self._done_at_once(who, due))
        for _ in range(MOST_AT_ONCE):
            who = self._execute(self._alive(who))
            if not len(who):
                return
            who = self._alive(who)
            self._trigger(who, np.zeros((len(who), len(self.events)), bool))
        for each in who.tolist():
            cause = f"events trigger one another: more than {MOST_AT_ONCE} executions at one time"
            self._fail(each, cause)

    def _done_at_once(self, who: np.ndarray, due: np.ndarray) -> np.ndarray:
        """Carry out the events that only have a time, before any trigger is looked at; return which they were."""
        plain = due & np.array(self.events.plain, bool)
        for number in np.flatnonzero(plain.any(axis=0)).tolist():
            rows = who[plain[:, number]]
            alone = np.zeros((len(rows), plain.shape[1]), bool)
            alone[:, number] = True
            self._queue(rows, alone)
            self._carry_out(number, [(each, self.waiting[each].pop()) for each in rows.tolist()])
        return plain

    def _trigger(self, who: np.ndarray, timed: np.ndarray) -> None:
        """Look at the triggers; queue the events that were triggered, and strike off those that no longer persist."""
        table, triggered = self.table, timed
        if len(table.numbers) and len(who):
            watched, _ = table.triggers(self._times(who), self.state[who], self.parameters[who])
            truth, before = watched[:, : len(table.numbers)], self.truth[who][:, : len(table.numbers)]
            triggered[:, table.numbers] |= truth & ~before
            self.truth[who] = watched
            gone = np.zeros_like(triggered)
            gone[:, table.numbers] = ~truth & ~table.persistent[table.numbers]
            for row in np.flatnonzero(gone.any(axis=1)):
                kept = [each for each in self.waiting.get(int(who[row]), ()) if not gone[row, each.number]]
                self.waiting[int(who[row])] = kept
        rows = np.flatnonzero(triggered.any(axis=1))
        if len(rows):
            self._queue(who[rows], triggered[rows])

    def _times(self, who: np.ndarray) -> np.ndarray:
        """Return the times at which triggers are looked at."""
        return self.now[who]

    def _queue(self, who: np.ndarray, triggered: np.ndarray) -> None:
        delays = self.table.delays(self.now[who], self.state[who], self.parameters[who])
        for number in np.flatnonzero(triggered.any(axis=0)):
            rows = np.flatnonzero(triggered[:, number])
            early = self.table.trigger_values[number]
            values = self._values(int(number), who[rows]) if early else [None] * len(rows)
            slopes = self._slopes(int(number), who[rows])
            for row, value, slope in zip(rows.tolist(), values, slopes, strict=True):
                each, delay = int(who[row]), float(delays[row, number])
                if not delay >= 0.0:
                    self._fail(each, f"the delay of event {self.events.shown(int(number))} is {delay:g}")
                due = float(self.now[each]) + delay
                self.waiting.setdefault(each, []).append(Execution(due, int(number), value, slope))

    def _execute(self, who: np.ndarray) -> np.ndarray:
        """Execute what comes first in each trajectory; return those in which something was executed."""
        ready = {each: [x for x in self.waiting.get(each, ()) if x.due <= self.now[each]] for each in who.tolist()}
        ready = {each: found for each, found in ready.items() if found}
        if not ready:
            return np.empty(0, int)
        rows = np.array(list(ready), int)
        ranks = np.zeros((len(rows), len(self.events)))
        if self.table.has_priority.any() and any(len(found) > 1 for found in ready.values()):
            ranks = self.table.priorities(self.now[rows], self.state[rows], self.parameters[rows])
        chosen: dict[int, list[tuple[int, Execution]]] = {}
        for rank, (each, found) in zip(ranks.tolist(), ready.items(), strict=True):
            first = self._first(each, found, rank)
            self.waiting[each] = [x for x in self.waiting[each] if x is not first]
            chosen.setdefault(first.number, []).append((each, first))
        for number, members in chosen.items():
            self._carry_out(number, members)
        return rows

    def _first(self, each: int, found: list[Execution], rank: list[float]) -> Execution:
        """Return what is executed first; of those that have the same priority any, as a draw from now would have it."""
        highest = max(rank[x.number] for x in found)
        equal = [x for x in found if rank[x.number] == highest]
        if len(equal) > 1 and all(self.table.has_priority[x.number] for x in equal):
            # from the time and what is still due, so that it depends on no other trajectory and can be done again
            words = np.array([self.now[each]]).view(np.uint32).tolist()
            return equal[int(np.random.default_rng([*words, len(equal), len(found)]).integers(len(equal)))]
        return min(equal, key=lambda x: x.number)

    def _carry_out(self, number: int, members: list[tuple[int, Execution]]) -> None:
        """Execute one event in some trajectories."""
        who = np.array([each for each, _ in members], int)
        values = self._known(number, members) * self.events.scales(number, who, self.now, self.state, self.parameters)
        failed = self.events.assign(number, who, self.now, values, {"y": self.state, "p": self.parameters})
        self.failures |= {each: error for each, error in failed.items() if each not in self.failures}

    def _known(self, number: int, members: list[tuple[int, Execution]]) -> np.ndarray:
        """Return the new values before they are scaled, shape (members, targets)."""
        if self.table.trigger_values[number]:
            return np.array([x.values for _, x in members]).reshape(len(members), -1)
        return self._values(number, np.array([each for each, _ in members], int))

    def _slopes(self, number: int, who: np.ndarray) -> list[Any]:
        """Return derivatives of what is queued now, one for each trajectory."""
        return [None] * len(who)

    def _values(self, number: int, who: np.ndarray) -> np.ndarray:
        return self.events.values(number, who, self.now, self.state, self.parameters)

    def _alive(self, who: np.ndarray) -> np.ndarray:
        return np.array([each for each in who.tolist() if each not in self.failures], int)

    def _fail(self, each: int, cause: str) -> None:
        self.failures.setdefault(each, errors.SolverError(cause, time_h=float(self.now[each])))
