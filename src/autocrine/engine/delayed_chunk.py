"""One trajectory of a network with delays: from event to event, with its past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autocrine.core import errors
from autocrine.engine.agenda import Agenda
from autocrine.engine.compiled import System
from autocrine.engine.delayed_agenda import DelayedAgenda
from autocrine.engine.delayed_solver import DelayedSolver
from autocrine.engine.delayed_values import DelayedTable, DelayedValues
from autocrine.engine.history import History
from autocrine.engine.jump_times import JumpTimes
from autocrine.engine.oracle_chunk import OracleChunk


@dataclass(frozen=True)
class DelayedNeeds:
    """The delayed values, and which of them the right-hand side, the triggers, and rules and observables need."""

    table: DelayedTable
    rates: tuple[int, ...]
    triggers: tuple[int, ...]
    outputs: tuple[int, ...]

    @property
    def felt(self) -> tuple[int, ...]:
        """Those that move the solution, with what they themselves need in the past."""
        found, waiting = set[int](), [*self.rates, *self.triggers]
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.add(each)
                waiting += self.table.needs[each]
        return tuple(sorted(found))


@dataclass(kw_only=True)
class DelayedChunk(OracleChunk):
    """A single trajectory; the parameters that hold delayed values are set whenever something asks for them."""

    needs: DelayedNeeds

    def run(self) -> None:
        """Integrate to the end."""
        table, start = self.needs.table, float(self.now[0])
        self.history = History(start, self.state[0], self._plain())
        self.values, self.jumps = DelayedValues(table, self.history), JumpTimes(start)
        self.everything = tuple(range(table.count))
        try:
            super().run()
        except errors.SolverError as error:
            self.failures[0] = error

    def _agenda(self) -> Agenda:
        given = (self.events, self.state, self.parameters, self.now, self.event_times, self.failures)
        return DelayedAgenda(*given, refresh=self._refresh)

    def _refresh(self) -> None:
        """Set all delayed values to those of now."""
        self.parameters[0] = self._set(self.everything, float(self.now[0]), self.state[0])

    def _plain(self) -> np.ndarray:
        """Return the parameters without delayed values."""
        parameters = self.parameters[0].copy()
        parameters[self.needs.table.first :] = 0.0
        return parameters

    def _set(self, which: tuple[int, ...], time: float, state: np.ndarray) -> np.ndarray:
        return self.values.set(which, time, np.ascontiguousarray(state), self.parameters[0])

    def _solver(self, system: System, end: float) -> Any:
        history, table = self.history, self.needs.table
        changed = history.goes_on(self.state[0], self._plain())
        lags = [
            self.values.lag(each, history.now, history.state, history.parameters)
            for each in self.needs.felt
            if each in table.constant
        ]
        self.jumps.restart(history.now, lags, changed=changed)
        rtol, atol = float(self.rtol[0]), self.atol[0]
        return DelayedSolver(system, self.values, self.needs.rates, self.jumps, end=end, rtol=rtol, atol=atol)

    def _passed(self, curve: Any, until: float) -> None:
        self.history.add(curve, until)

    def _turn(self, curve: Any, left: float, end: float) -> tuple[float, float] | None:
        if not len(self.agenda.table.numbers):
            return None
        self.history.ahead = curve  # a trigger may ask for a value within the step
        return super()._turn(curve, left, end)

    def _differs(self, time: float, state: np.ndarray) -> bool:
        row = self._set(self.needs.triggers, time, state)
        truth, _ = self.agenda.table.triggers(np.array([time]), state[None], row[None])
        return bool((truth != self.agenda.truth).any())

    def _show(self, who: np.ndarray, first: np.ndarray, past: np.ndarray) -> None:
        """Write the rules and observables of the times from ``first`` to ``past``."""
        if not self.outputs.shape[2]:
            return
        for place in range(int(first[0]) if len(who) else 0, int(past[0]) if len(who) else 0):
            time, state = self.times.at(who, np.array([place])), self.shown[0, place]
            row = self._set(self.needs.outputs, float(time[0]), state)[None]
            hoisted = self.functions.many("hoist", row)
            found = self.functions.many("outputs", row, hoisted, times=time, y=state[None])
            self.outputs[0, place] = found[0]
