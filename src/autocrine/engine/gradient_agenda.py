"""An agenda that takes derivatives along: of turning times, delays, and what is set."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autocrine.core import errors
from autocrine.engine.agenda import Agenda, Execution
from autocrine.engine.sensitivities import Sensitivities
from autocrine.engine.trigger_slopes import TriggerSlopes


@dataclass(frozen=True)
class ExecutionSlopes:
    """Derivatives of one execution along d directions.

    Attributes
    ----------
    due : ndarray of shape (d,)
        Of its time.
    values : ndarray of shape (targets, d), optional
        Of the values that were known when it was triggered.
    """

    due: np.ndarray
    values: np.ndarray | None


@dataclass(kw_only=True)
class GradientAgenda(Agenda):
    """Triggered events of N trajectories with derivatives.

    Attributes
    ----------
    sensitivities : Sensitivities
        The derivatives now.
    slopes : TriggerSlopes
        Those of triggers and delays.
    widths : ndarray of shape (N,)
        Triggers turned less than this (h) before now.
    sizes : (ndarray, ndarray)
        Relative and absolute tolerances, shape (N,) and (N, n).
    cause : ndarray of shape (N, d)
        Derivatives of the time of what was executed last.
    caused : ndarray of bool, shape (N,)
        Whether what turns now does because something was executed, or because the trajectory begins.
    begun : bool
        Whether the start has been settled.
    """

    sensitivities: Sensitivities
    slopes: TriggerSlopes
    widths: np.ndarray
    sizes: tuple[np.ndarray, np.ndarray]
    cause: np.ndarray = field(init=False)
    caused: np.ndarray = field(init=False)
    begun: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        rows = self.sensitivities.rows
        self.cause, self.caused = np.zeros((len(rows), rows.shape[1] * rows.shape[3])), np.ones(len(rows), bool)

    def settle(self, who: np.ndarray) -> None:
        """Do everything that is due now in some trajectories."""
        if self.begun:
            self.caused[who] = False
        with np.errstate(all="ignore"):  # trajectories that failed become NaN later
            super().settle(who)
        self.begun = True

    def _slopes(self, number: int, who: np.ndarray) -> list[Any]:
        now = self.sensitivities
        moves = self._moves(number, who)
        found = self.slopes.delays.along(now.met(who, moves), **now.here(who), time_slopes=moves)
        due = moves + found[:, number]
        values: list[Any] = [None] * len(who)
        if self.table.trigger_values[number]:
            values = list(now.set_by(number, who, moves))
        return [ExecutionSlopes(*each) for each in zip(due, values, strict=True)]

    def _moves(self, number: int, who: np.ndarray) -> np.ndarray:
        """Return the derivatives of the time at which an event is triggered now, shape (rows, d)."""
        triggers = np.flatnonzero(self.table.numbers == number)
        if not len(triggers):
            return self.sensitivities.due(number, who)
        moves, rows = self.cause[who], np.flatnonzero(~self.caused[who])
        if len(rows):
            turned = who[rows]
            rtol, atol = (each[turned] for each in self.sizes)
            sizes = atol + rtol[:, None] * np.abs(self.state[turned])
            given = self.sensitivities, turned, self.widths[turned], sizes
            moves[rows] = self.slopes.turned(int(triggers[0]), *given)
            for each in turned[np.isnan(moves[rows]).any(axis=1)].tolist():
                shown = self.events.shown(number)
                self._fail(each, f"the time at which the trigger of event {shown} turns has no derivative here: {_WHY}")
        return moves

    def _carry_out(self, number: int, members: list[tuple[int, Execution]]) -> None:
        who = np.array([each for each, _ in members], int)
        moves = np.array([x.slopes.due for _, x in members])
        if self.table.trigger_values[number]:
            values = np.array([x.slopes.values for _, x in members])
        else:
            values = self.sensitivities.set_by(number, who, moves)
        values = self._scaled(number, members, moves, values)

        def happen() -> dict[int, errors.SolverError]:
            super(GradientAgenda, self)._carry_out(number, members)
            return {}

        self.sensitivities.jump(number, who, moves, values, happen)
        self.cause[who], self.caused[who] = moves, True

    def _scaled(
        self, number: int, members: list[tuple[int, Execution]], moves: np.ndarray, slopes: np.ndarray
    ) -> np.ndarray:
        """Return the derivatives of what is set from those before it is scaled."""
        if self.sensitivities.events.scales[number] is None:
            return slopes
        who = np.array([each for each, _ in members], int)
        by = self.events.scales(number, who, self.now, self.state, self.parameters)
        return self.sensitivities.scaled(number, who, moves, (self._known(number, members), slopes), by)


_WHY = "it only touches its threshold, or a side of it jumps"
