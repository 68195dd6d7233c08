"""Derivatives of the states of trajectories now, and how what happens changes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autocrine.core import errors
from autocrine.engine.compiled import Functions
from autocrine.engine.event_slopes import EventSlopes


@dataclass(frozen=True)
class Sensitivities:
    """Derivatives of N trajectories now, at times that stand still.

    Attributes
    ----------
    functions : Functions
        The compiled network; n species, m active parameters.
    events : EventSlopes
        The derivatives of what happens.
    state, parameters, now : ndarray of shape (N, ...)
        Those of the trajectories.
    rows : ndarray of shape (N, G, n + m, W)
        Derivatives of state and active parameters along d = G W directions, in groups.
    begun_with : (ndarray, ndarray)
        Parameters at the start, and ``rows``.
    """

    functions: Functions
    events: EventSlopes
    state: np.ndarray
    parameters: np.ndarray
    now: np.ndarray
    rows: np.ndarray
    begun_with: tuple[np.ndarray, np.ndarray]

    def here(self, who: np.ndarray) -> dict[str, Any]:
        """Return parameters, times and states of some trajectories by the names that `Slopes.along` gives them."""
        return {"p": self.parameters[who], "times": self.now[who], "y": self.state[who]}

    def speed(self, *, p: np.ndarray, times: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the time derivatives of states, shape (rows, n)."""
        return self.functions.many("rhs", p, self.functions.many("hoist", p), times=times, y=y)

    def met(self, who: np.ndarray, moves: np.ndarray) -> np.ndarray:
        """Return the derivatives where something finds the states whose time has derivatives, shape (rows, n + m, d).

        ``moves`` of shape (rows, d) are those of the time.
        """
        found = side_by_side(self.rows[who])
        if moves.any():
            found[:, : self.state.shape[1]] += self.speed(**self.here(who))[:, :, None] * moves[:, None]
        return found

    def due(self, number: int, who: np.ndarray) -> np.ndarray:
        """Return the derivatives of the time of an event that has one, shape (rows, d)."""
        parameters, directions = (each[who] for each in self.begun_with)
        return self.events.times.along(side_by_side(directions), parameters)[:, number]

    def set_by(self, number: int, who: np.ndarray, moves: np.ndarray) -> np.ndarray:
        """Return the derivatives of what an event would set now, shape (rows, targets, d)."""
        return self.events.assigned[number].along(self.met(who, moves), **self.here(who), time_slopes=moves)

    def scaled(
        self, number: int, who: np.ndarray, moves: np.ndarray, values: tuple[np.ndarray, np.ndarray], by: Any
    ) -> np.ndarray:
        """Return the derivatives of values that an event multiplies now, shape (rows, targets, d).

        Parameters
        ----------
        number : int
            Which event.
        who : ndarray of int, shape (rows,)
            The trajectories.
        moves : ndarray of shape (rows, d)
            Derivatives of its time.
        values : (ndarray, ndarray)
            The values before, shape (rows, targets), and their derivatives.
        by : float or ndarray of shape (rows, targets)
            What they are multiplied with.
        """
        slopes, (before, found) = self.events.scales[number], values
        if slopes is None:
            return found
        factors = slopes.along(self.met(who, moves), **self.here(who), time_slopes=moves)
        return found * np.broadcast_to(by, before.shape)[:, :, None] + before[:, :, None] * factors

    def jump(
        self,
        number: int,
        who: np.ndarray,
        moves: np.ndarray,
        values: np.ndarray,
        happen: Callable[[], dict[int, errors.SolverError]],
    ) -> dict[int, errors.SolverError]:
        """Let an event happen, and let the derivatives jump.

        If the time of the event moves with a parameter, the state is followed to where the event finds it, and back
        from there with the slopes after it.

        Parameters
        ----------
        number : int
            Which event.
        who : ndarray of int, shape (rows,)
            The trajectories.
        moves : ndarray of shape (rows, d)
            Derivatives of its time.
        values : ndarray of shape (rows, targets, d)
            Derivatives of what it sets.
        happen : callable
            Changes states and parameters, and returns why some trajectories failed.
        """
        after = self.events.put(number, self.met(who, moves), values)
        failed = happen()
        if moves.any():
            after[:, : self.state.shape[1]] -= self.speed(**self.here(who))[:, :, None] * moves[:, None]
        groups, width = self.rows.shape[1], self.rows.shape[3]
        self.rows[who] = after.reshape(len(who), -1, groups, width).transpose(0, 2, 1, 3)
        return failed


def side_by_side(rows: np.ndarray) -> np.ndarray:
    """Return groups of directions (N, G, n, W) as (N, n, G W)."""
    return rows.transpose(0, 2, 1, 3).reshape(len(rows), rows.shape[2], -1)
