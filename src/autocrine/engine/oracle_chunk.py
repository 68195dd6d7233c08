"""One trajectory with triggers by an independent way: LSODA step by step, turning points by bisection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import LSODA

from autocrine.core import errors
from autocrine.engine.compiled import System
from autocrine.engine.lsoda import worst_species
from autocrine.engine.trigger_watch import SHARES
from autocrine.engine.triggered_chunk import TriggeredChunk

_BISECTIONS = 60
_MOST_STEPS = 100_000


@dataclass
class OracleChunk(TriggeredChunk):
    """A single trajectory; only what is due when is shared with the compiled way."""

    system: System | None = None

    def _follow(self, who: np.ndarray, end: np.ndarray, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Integrate to the end or to a turning point; see `TriggeredChunk`."""
        nothing, system = (np.empty(0, int), np.empty(0, bool)), self.system
        if system is None or not end[0] > self.now[0]:
            return nothing
        system.set_parameters(self.parameters[0])
        solver = self._solver(system, float(end[0]))
        for _ in range(_MOST_STEPS):
            before, message = float(solver.t), solver.step()
            if solver.status == "failed" or not np.isfinite(solver.y).all():
                break
            curve = solver.dense_output()
            turn = self._turn(curve, before, float(solver.t))
            until = float(solver.t) if turn is None else turn[1]
            self._passed(curve, until)
            self._show_on(curve, int(first[0]), before, until)
            if turn is not None:
                self.now[0], self.state[0], self.widths[0] = turn[1], curve(turn[1]), turn[1] - turn[0]
                return np.zeros(1, int), np.zeros(1, bool)
            if solver.status == "finished":
                self.now[0], self.state[0] = end[0], solver.y
                return nothing
        else:
            message = f"more than {_MOST_STEPS} steps were needed"
        worst = worst_species(system, solver.y, solver.t, self.atol[0])
        cause = message or "the solution is not finite"
        self.failures[0] = errors.SolverError(cause, time_h=float(solver.t), species=worst)
        return nothing

    def _solver(self, system: System, end: float) -> Any:
        """Return what solves from now to the end step by step, as solvers of SciPy do."""
        begin, state, derivative = float(self.now[0]), self.state[0].copy(), system.derivative_copied
        return LSODA(derivative, begin, state, end, rtol=self.rtol[0], atol=self.atol[0], jac=system.jacobian)

    def _passed(self, curve: Callable, until: float) -> None:
        """Remember a step, or its part up to a time."""

    def _turn(self, curve: Callable, left: float, end: float) -> tuple[float, float] | None:
        """Return an interval in which a trigger turns, if one does."""
        begin = left
        for share in SHARES:
            right = begin + share * (end - begin)
            if self._differs(right, curve(right)):
                for _ in range(_BISECTIONS):
                    middle = left + 0.5 * (right - left)
                    if not left < middle < right:
                        break
                    left, right = (left, middle) if self._differs(middle, curve(middle)) else (middle, right)
                return left, right
            left = right
        return None

    def _differs(self, time: float, state: np.ndarray) -> bool:
        truth, _ = self.agenda.table.triggers(np.array([time]), state[None], self.parameters)
        return bool((truth != self.agenda.truth).any())

    def _show_on(self, curve: Callable, first: int, after: float, until: float) -> None:
        """Fill in the times that are asked for on a step."""
        who = np.zeros(1, int)
        begin = max(first, int(self.times.up_to(who, np.array([after]))[0]))
        for place in range(begin, int(self.times.up_to(who, np.array([until]))[0])):
            self.shown[0, place] = curve(float(self.times.at(who, np.array([place]))[0]))
