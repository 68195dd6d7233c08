"""Trajectories with triggers, delays or priorities: from one turn of a trigger to the next, each at its own times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autocrine.core import errors
from autocrine.engine.agenda import Agenda
from autocrine.engine.chunk import Chunk
from autocrine.engine.job import FINISHED, TURNED
from autocrine.engine.kernel import Outcome
from autocrine.engine.turning_point import DenseSteps, Triggers, turning_points

#: moves, each from one event or turn of a trigger to the next, before a trajectory fails
MOST_MOVES = 100_000
#: a turn in this share of a step at its beginning or end is found well enough on its dense output
_NEAR_AN_END = 1e-6


@dataclass
class TriggeredChunk(Chunk):
    """Some trajectories on their way, with an agenda of triggered events.

    Notes
    -----
    The compiled loop stops a trajectory at the step in which a trigger turns. The turning point is found on the dense
    output of that step; then the step is done again so that it ends there, because the ends of steps are exacter than
    what lies between, and the turning point is looked for once more. The agenda does what is due.
    """

    def run(self) -> None:
        """Integrate to the end."""
        count = len(self.state)
        #: where a trigger was found to turn: the step is done again up to there; whether that was tried
        self.aims, self.tried = np.full(count, np.inf), np.zeros(count, bool)
        #: a trigger turned less than this before now
        self.widths = np.zeros(count)
        self.agenda = self._agenda()
        waiting = self._before_end(self._arrive(np.arange(count)))
        for _ in range(MOST_MOVES):
            if not len(waiting) or self.stop[0]:
                return
            arrived = self._move(waiting)
            self._arrive(waiting[arrived])
            waiting = self._before_end(self._alive(waiting))
        for each in waiting.tolist():
            cause = f"triggers turned more than {MOST_MOVES} times"
            self.failures[each] = errors.SolverError(cause, time_h=float(self.now[each]))

    def _agenda(self) -> Agenda:
        """Return an agenda of all trajectories."""
        return Agenda(self.events, self.state, self.parameters, self.now, self.event_times, self.failures)

    def _arrive(self, who: np.ndarray) -> np.ndarray:
        """Do what is due now, show the state after it, and return the trajectories that have not failed."""
        who = self._alive(who)
        self.agenda.settle(who)
        who = self._alive(who)
        first, past = self.times.before(who, self.now[who] - self.widths[who]), self.times.up_to(who, self.now[who])
        for shift in range(int((past - first).max(initial=0))):
            here = first + shift < past
            self._show_state(who[here], (first + shift)[here])
        self._show(who, first, past)
        return who

    def _move(self, who: np.ndarray) -> np.ndarray:
        """Bring trajectories to what happens next; return which are there, the others do a step again."""
        first = self.times.up_to(who, self.now[who])
        end = np.minimum(self.agenda.next_time(who), self.times.final[who])
        end = np.minimum(end, self.aims[who])
        self.widths[who] = 0.0
        turned, again = self._follow(who, end, first)
        arrived = np.ones(len(who), bool)
        arrived[turned[again]] = False
        self.tried[who[turned]] = again
        self.aims[who[arrived]] = np.inf
        here = self.now[who]
        past = np.where(arrived, self.times.before(who, here - self.widths[who]), self.times.up_to(who, here))
        self._show(who, first, np.maximum(first, past))
        return arrived

    def _follow(self, who: np.ndarray, end: np.ndarray, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Integrate to the end or to a turning point; return the rows in which something turned, and which try again.

        Times and states are set: to the turning point, or to the beginning of the step that is done again.
        """
        past = np.maximum(first, self.times.up_to(who, end))
        outcome = self._integrate(who, end, first, past, self.agenda.truth[who].astype(float))
        if outcome is None:
            return np.empty(0, int), np.empty(0, bool)
        turned = np.flatnonzero(outcome.verdict == TURNED)
        self.now[who] = np.where(outcome.verdict == FINISHED, end, outcome.reached)
        if not len(turned):
            return turned, np.empty(0, bool)
        rows = who[turned]
        steps = _steps(outcome, turned, self.state[rows])
        points = turning_points(steps, self.agenda.truth[rows], lambda some: self._triggers(rows[some]))
        share = (points.times - steps.begin) / steps.length
        inside = (share > _NEAR_AN_END) & (share < 1.0 - _NEAR_AN_END)
        again = inside & ~self.tried[rows]
        self.aims[rows[again]] = points.times[again]
        there, accepted = rows[~again], ~again
        self.now[there] = np.minimum(points.times[accepted], end[turned][accepted])
        self.state[there], self.widths[there] = points.states[accepted], points.widths[accepted]
        self._stop_within(turned[accepted], there, steps.of(accepted), points.times[accepted])
        return turned, again

    def _stop_within(self, places: np.ndarray, who: np.ndarray, steps: DenseSteps, times: np.ndarray) -> None:
        """Bring what goes along with the states of some trajectories to times within their steps.

        ``places`` are those of the trajectories in the batch.
        """

    def _triggers(self, rows: np.ndarray) -> Triggers:
        table, parameters = self.agenda.table, self.parameters[rows]
        return lambda times, states: table.triggers(times, states, parameters)

    def _before_end(self, who: np.ndarray) -> np.ndarray:
        return who[self.now[who] < self.times.final[who]]

    def _alive(self, who: np.ndarray) -> np.ndarray:
        return np.array([each for each in who.tolist() if each not in self.failures], int)


def _steps(outcome: Outcome, turned: np.ndarray, old: np.ndarray) -> DenseSteps:
    if outcome.length is None or outcome.arrived is None or outcome.curve is None:
        raise TypeError("the kernel watches no triggers")
    return DenseSteps(
        outcome.reached[turned], outcome.length[turned], old, outcome.arrived[turned], outcome.curve[turned]
    )
