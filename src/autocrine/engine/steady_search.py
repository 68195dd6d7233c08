"""The search for steady states of many trajectories: integrate, then Newton's method, then integrate on."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field

import numpy as np

from autocrine.core import errors
from autocrine.engine.chunk import CAUSES, LONGEST
from autocrine.engine.job import FINISHED
from autocrine.engine.kernel import Batch, Kernel
from autocrine.engine.reduced_system import ReducedSystem

_FIRST_HORIZON_H = 100.0
_LONGER = 10.0
_NEWTON_STEPS = 20
#: a solution further from the integrated state than this belongs to another branch: integrate on
_NEAR = 0.1
#: net change over gross change at which a species counts as steady
RESIDUAL = 1e-9


@dataclass
class SteadySearch:
    """Some trajectories on their way to their steady states.

    Attributes
    ----------
    system, kernel : ReducedSystem, Kernel
        The compiled network.
    names : tuple of str
        The species.
    state, parameters : ndarray of shape (N, n) and (N, m)
        Where they are; at the end the steady states.
    rtol, atol : float and ndarray of shape (n,)
        Tolerances.
    longest_h : float
        When the search ends (h).
    stop : ndarray of int64, shape (1,)
        Not 0 once all shall stop.
    failures : dict of int to SolverError
        Why some failed.
    """

    system: ReducedSystem
    kernel: Kernel
    names: tuple[str, ...]
    state: np.ndarray
    parameters: np.ndarray
    rtol: float
    atol: np.ndarray
    longest_h: float
    stop: np.ndarray
    failures: dict[int, errors.SolverError] = field(default_factory=dict)

    def run(self) -> None:
        """Find the steady states."""
        self.laws = self.system.laws(self.parameters)
        waiting = np.array([each for each in range(len(self.state)) if each not in self.failures], int)
        now, until = 0.0, _FIRST_HORIZON_H
        while len(waiting) and now < self.longest_h and not self.stop[0]:
            until = min(until, self.longest_h)
            waiting = self._integrate(waiting, now, until)
            solved, solutions = self._newton(waiting)
            self.state[waiting[solved]] = solutions[solved]
            waiting = waiting[~solved]
            now, until = until, until * _LONGER
        if len(waiting) and not self.stop[0]:
            self._give_up(waiting)

    def _give_up(self, who: np.ndarray) -> None:
        residuals = self.residuals(self.state[who], self.parameters[who])
        for each, row in zip(who.tolist(), residuals, strict=True):
            cause = f"no steady state was reached in {self.longest_h:g} h (residual {row.max():.1e})"
            worst = self.names[int(np.argmax(row))]
            self.failures[each] = errors.SolverError(cause, time_h=self.longest_h, species=worst)

    def residuals(self, states: np.ndarray, parameters: np.ndarray) -> np.ndarray:
        """Return net change over gross change of each species, shape (rows, n)."""
        system = self.system
        diagonal = np.abs(np.diagonal(system.jacobians(states, parameters), axis1=1, axis2=2))
        # what moves by less than the tolerance within its own relaxation time is steady
        gross = system.turnovers(states, parameters) + self.atol * diagonal / RESIDUAL
        return np.abs(system.slopes(states, parameters)) / np.maximum(gross, np.finfo(float).tiny)

    def _integrate(self, who: np.ndarray, now: float, until: float) -> np.ndarray:
        """Bring trajectories to a time; return those that have not failed."""
        count = len(who)
        nowhere = np.zeros(count, np.int64)
        batch = Batch(
            state=self.state[who],
            parameters=self.parameters[who],
            begin=np.full(count, now),
            end=np.full(count, until),
            rtol=np.full(count, self.rtol),
            atol=np.tile(self.atol, (count, 1)),
            times=np.array([until]),
            first=nowhere,
            past=nowhere,
            shown=np.empty(0),
            longest=LONGEST,
        )
        outcome = self.kernel.run(batch, self.stop)
        self.state[who] = batch.state
        for row in np.flatnonzero(np.isin(outcome.verdict, list(CAUSES))):
            cause, time = CAUSES[int(outcome.verdict[row])], float(outcome.reached[row])
            self.failures[int(who[row])] = errors.SolverError(cause, time_h=time)
        return who[outcome.verdict == FINISHED]

    def _newton(self, who: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return which trajectories have a solution near where they are, and these solutions."""
        start, parameters, laws = self.state[who], self.parameters[who], self.laws[who]
        size = np.maximum(np.abs(start), self.atol)
        state: np.ndarray = start.copy()
        open_, lost = np.ones(len(who), bool), np.zeros(len(who), bool)
        for _ in range(_NEWTON_STEPS):
            rows = np.flatnonzero(open_)
            if not len(rows):
                break
            step = self._step(state[rows], parameters[rows], laws[rows], size[rows])
            state[rows] = state[rows] + step
            near = np.abs(state[rows] - start[rows]) <= _NEAR * np.abs(start[rows]) + 1e3 * self.atol
            above = state[rows] >= np.minimum(start[rows], 0.0) - self.atol
            sound = np.all(near & above, axis=1)
            lost[rows] = ~sound
            open_[rows] = sound & np.any(np.abs(step) > 1e-12 * size[rows], axis=1)
        solved = np.zeros(len(who), bool)
        rows = np.flatnonzero(~lost)
        solved[rows] = (self.residuals(state[rows], parameters[rows]) <= RESIDUAL).all(axis=1)
        # where equations are singular (nothing takes up a drug that is there) a state that is steady already is kept
        kept = np.flatnonzero(~solved)
        if len(kept):
            state[kept] = start[kept]
            solved[kept] = (self.residuals(start[kept], parameters[kept]) <= RESIDUAL).all(axis=1)
        return solved, state

    def _step(self, states: np.ndarray, parameters: np.ndarray, laws: np.ndarray, size: np.ndarray) -> np.ndarray:
        """Return the steps of Newton's method in which the conservation laws replace dependent equations."""
        matrices, slopes = self.system.jacobians(states, parameters), self.system.slopes(states, parameters)
        sound = np.all(np.isfinite(matrices), axis=(1, 2)) & np.all(np.isfinite(slopes), axis=1)
        matrices[~sound], slopes[~sound] = 0.0, 0.0
        left, right = matrices * size[:, None, :], -slopes
        left[:, self.system.dependent], right[:, self.system.dependent] = laws * size[:, None, :], 0.0
        rows = np.maximum(np.abs(left).max(axis=2), np.finfo(float).tiny)
        left, right = left / rows[:, :, None], right / rows
        steps = size * _solved(left, right)
        return np.where(sound[:, None], steps, np.inf)


def _solved(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the solutions of many linear systems; the shortest one where a system is singular or nearly so."""
    found = np.full(right.shape, np.nan)
    try:
        found = np.linalg.solve(left, right[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:
        # one singular system must not change how the others are solved
        for row in range(len(left)):
            with contextlib.suppress(np.linalg.LinAlgError):
                found[row] = np.linalg.solve(left[row], right[row])
    # in units of the levels a step far beyond 1 would be refused in any case
    for row in np.flatnonzero(~(np.abs(found).max(axis=1, initial=0.0) <= 1.0 / _NEAR)):
        found[row] = np.linalg.lstsq(left[row], right[row], rcond=1e-14)[0]
    return found
