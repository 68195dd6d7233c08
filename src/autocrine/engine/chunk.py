"""Trajectories that one thread integrates: from event to event, each at its own times."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from autocrine.core import errors
from autocrine.engine.compiled import Functions
from autocrine.engine.event_table import EventTable
from autocrine.engine.job import NOT_FINITE, TOO_MANY, TOO_SMALL
from autocrine.engine.kernel import Batch, Kernel, Outcome
from autocrine.engine.output_times import OutputTimes

#: attempted steps between two events before a trajectory fails
LONGEST = 100_000
CAUSES = {
    TOO_SMALL: "the tolerance cannot be met by any step",
    NOT_FINITE: "the solution is not finite",
    TOO_MANY: f"more than {LONGEST} steps were needed",
}


@dataclass
class Chunk:
    """Some trajectories on their way.

    Attributes
    ----------
    functions, events : Functions, EventTable
        The compiled network, and what happens.
    stop : ndarray of int64, shape (1,)
        Not 0 once all shall stop.
    state, parameters : ndarray of shape (N, n) and (N, m)
        What they are now.
    now : ndarray of shape (N,)
        Their times (h).
    event_times : ndarray of shape (N, events)
        When what happens; infinity once it has.
    rtol, atol : ndarray of shape (N,) and (N, n)
        Tolerances.
    times : OutputTimes
        Times that are asked for, and where each trajectory ends.
    shown : ndarray of shape (N, T, n)
        States at these times.
    outputs : ndarray of shape (N, T, k)
        Rules and observables at these times; k = 0 if none is asked for.
    failures : dict of int to SolverError
        Why some failed.
    kernel : Kernel, optional
        The compiled loop over steps.
    """

    functions: Functions
    events: EventTable
    stop: np.ndarray
    state: np.ndarray
    parameters: np.ndarray
    now: np.ndarray
    event_times: np.ndarray
    rtol: np.ndarray
    atol: np.ndarray
    times: OutputTimes
    shown: np.ndarray
    outputs: np.ndarray
    failures: dict[int, errors.SolverError] = field(default_factory=dict)
    kernel: Kernel | None = None

    def run(self) -> None:
        """Integrate to the end."""
        waiting = np.array([each for each in range(len(self.state)) if each not in self.failures], int)
        while len(waiting) and not self.stop[0]:
            following = self.event_times[waiting].min(axis=1, initial=np.inf)
            final = self.times.final[waiting]
            happens = following <= final
            end = np.where(happens, following, final)
            self._advance(waiting, end, happens)
            alive = np.array([each not in self.failures for each in waiting.tolist()], bool)
            waiting = waiting[happens & alive]
            self._happen(waiting)
            waiting = np.array([each for each in waiting.tolist() if each not in self.failures], int)

    def _advance(self, who: np.ndarray, end: np.ndarray, happens: np.ndarray) -> None:
        """Bring trajectories to the end of their segment, and fill in what is shown on the way."""
        now = self.now[who]
        first = self.times.before(who, now)
        past = np.where(happens, self.times.before(who, end), self.times.up_to(who, end))
        at_once = (first < past) & (self.times.at(who, first) == now)
        self._show_state(who[at_once], first[at_once])
        moving = end > now
        self._integrate(who[moving], end[moving], (first + at_once)[moving], past[moving])
        self.now[who] = end
        self._show(who, first, past)

    def _integrate(
        self, who: np.ndarray, end: np.ndarray, first: np.ndarray, past: np.ndarray, truth: np.ndarray | None = None
    ) -> Outcome | None:
        if not len(who):
            return None
        everything = len(who) == len(self.state)
        times, begin_places, end_places = self.times.queue(who, first, past)
        shown = self.shown if everything else np.empty((len(who), *self.shown.shape[1:]))
        batch = Batch(
            state=self.state[who],
            parameters=self.parameters[who],
            begin=self.now[who],
            end=end,
            rtol=self.rtol[who],
            atol=self.atol[who],
            times=times,
            first=begin_places,
            past=end_places,
            shown=shown,
            longest=LONGEST,
            truth=truth,
        )
        outcome = self._run(batch, who)
        self.state[who] = batch.state
        if not everything:
            for row, owner in enumerate(who):
                self.shown[owner, first[row] : past[row]] = shown[row, first[row] : past[row]]
        for row in np.flatnonzero(np.isin(outcome.verdict, list(CAUSES))):
            owner, cause = int(who[row]), CAUSES[int(outcome.verdict[row])]
            self.failures[owner] = errors.SolverError(cause, time_h=float(outcome.reached[row]))
        return outcome

    def _run(self, batch: Batch, who: np.ndarray) -> Outcome:
        """Integrate the batch of some trajectories."""
        if self.kernel is None:
            raise TypeError("there is no compiled loop over steps")
        return self.kernel.run(batch, self.stop)

    def _show_state(self, who: np.ndarray, places: np.ndarray) -> None:
        """Write the states of now at some of the times."""
        self.shown[who, places] = self.state[who]

    def _show(self, who: np.ndarray, first: np.ndarray, past: np.ndarray) -> None:
        """Write the rules and observables of the times from ``first`` to ``past``, with the parameters of now."""
        owners = np.repeat(who, past - first)
        if not len(owners) or not self.outputs.shape[2]:
            return
        starts = np.repeat(first - np.cumsum(past - first) + (past - first), past - first)
        places = np.arange(len(owners)) + starts
        hoisted = self.functions.many("hoist", self.parameters)
        states, times = self.shown[owners, places], self.times.at(owners, places)
        self.outputs[owners, places] = self.functions.many(
            "outputs", self.parameters, hoisted, who=owners, times=times, y=states
        )

    def _happen(self, who: np.ndarray) -> None:
        """Let happen what happens now, one event after the other."""
        for number in range(self.event_times.shape[1]):
            due = who[self.event_times[who, number] == self.now[who]]
            if len(due):
                self.event_times[due, number] = np.inf
                failed = self._carry_out(number, due)
                self.failures |= {each: error for each, error in failed.items() if each not in self.failures}

    def _carry_out(self, number: int, due: np.ndarray) -> dict[int, errors.SolverError]:
        """Let one event happen in some trajectories, and return why some failed."""
        return self.events.carry_out(number, due, self.now, self.state, self.parameters)
