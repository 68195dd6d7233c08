"""Trajectories that one thread integrates together with their derivatives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autocrine.core import errors
from autocrine.engine.chunk import Chunk
from autocrine.engine.event_slopes import EventSlopes
from autocrine.engine.gradient_kernel import Directions, GradientKernel, aligned
from autocrine.engine.kernel import Batch, Outcome
from autocrine.engine.sensitivities import Sensitivities, side_by_side
from autocrine.engine.slopes import Slopes


@dataclass(kw_only=True)
class GradientChunk(Chunk):
    """Some trajectories on their way, with their derivatives along directions.

    Attributes
    ----------
    gradient_kernel : GradientKernel
        The compiled network; n species, m active parameters.
    event_slopes : EventSlopes
        The derivatives of what happens.
    output_slopes : Slopes
        Those of k rules and observables.
    rows : ndarray of shape (N, G, n + m, W)
        Derivatives of state and active parameters now, along G groups of W directions.
    scale : ndarray of shape (N, G, W)
        What a derivative is multiplied with before its error is measured.
    strictness : float
        What the error of the derivatives is multiplied with.
    begun_with : (ndarray, ndarray)
        Parameters at the start, and ``rows``.
    shown_rows : ndarray of shape (N, T, G, n, W)
        Derivatives of the states at the times that are asked for.
    shown_outputs : ndarray of shape (N, T, k, G W)
        Derivatives of rules and observables at these times.
    followed : Directions, optional
        Those of the batch that was integrated last.
    """

    gradient_kernel: GradientKernel
    event_slopes: EventSlopes
    output_slopes: Slopes
    rows: np.ndarray
    scale: np.ndarray
    strictness: float
    begun_with: tuple[np.ndarray, np.ndarray]
    shown_rows: np.ndarray
    shown_outputs: np.ndarray
    followed: Directions | None = None

    @property
    def sensitivities(self) -> Sensitivities:
        """The derivatives now."""
        arrays = self.state, self.parameters, self.now, self.rows, self.begun_with
        return Sensitivities(self.functions, self.event_slopes, *arrays)

    def _run(self, batch: Batch, who: np.ndarray) -> Outcome:
        everything = len(who) == len(self.state)
        shown = self.shown_rows if everything else aligned((len(who), *self.shown_rows.shape[1:]))
        rows, scale = aligned((len(who), *self.rows.shape[1:])), aligned((len(who), *self.scale.shape[1:]))
        rows[:], scale[:] = self.rows[who], self.scale[who]
        self.followed = Directions(rows, scale, self.strictness, shown)
        outcome = self.gradient_kernel.follow(batch, self.followed, self.stop)
        self.rows[who] = rows
        if not everything:
            # places in times of each trajectory are counted through all rows
            before = np.arange(len(who)) * (0 if batch.times.ndim == 1 else len(self.times))
            for row, (owner, first, past) in enumerate(
                zip(who, batch.first - before, batch.past - before, strict=True)
            ):
                self.shown_rows[owner, first:past] = shown[row, first:past]
        return outcome

    def _show_state(self, who: np.ndarray, places: np.ndarray) -> None:
        super()._show_state(who, places)
        self.shown_rows[who, places] = self.rows[who, :, : self.state.shape[1]]

    def _show(self, who: np.ndarray, first: np.ndarray, past: np.ndarray) -> None:
        super()._show(who, first, past)
        lengths = past - first
        owners = np.repeat(who, lengths)
        if not len(owners):
            return
        places = np.arange(len(owners)) + np.repeat(past - np.cumsum(lengths), lengths)
        n = self.state.shape[1]
        directions = self.rows[owners]
        directions[:, :, :n] = self.shown_rows[owners, places]
        given = {"who": owners, "times": self.times.at(owners, places), "y": self.shown[owners, places]}
        with np.errstate(all="ignore"):  # trajectories that failed become NaN later
            found = self.output_slopes.along(side_by_side(directions), self.parameters, **given)
        self.shown_outputs[owners, places] = found

    def _carry_out(self, number: int, due: np.ndarray) -> dict[int, errors.SolverError]:
        """Let an event happen, and let the derivatives jump."""
        found = self.sensitivities
        with np.errstate(all="ignore"):
            moves = found.due(number, due)
            values = found.set_by(number, due, moves)
            return found.jump(number, due, moves, values, lambda: super(GradientChunk, self)._carry_out(number, due))
