"""An ensemble that is integrated with its derivatives."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from autocrine.core import errors
from autocrine.engine.chunk import Chunk
from autocrine.engine.ensemble_run import EnsembleRun
from autocrine.engine.event_slopes import EventSlopes
from autocrine.engine.gradient import Gradient
from autocrine.engine.gradient_chunk import GradientChunk
from autocrine.engine.gradient_kernel import GradientKernel, aligned, gradient_kernel
from autocrine.engine.network import Network
from autocrine.engine.slopes import Slopes
from autocrine.engine.trigger_slopes import TriggerSlopes
from autocrine.engine.triggered_gradient_chunk import TriggeredGradientChunk


@dataclass(frozen=True, kw_only=True)
class GradientRun(EnsembleRun):
    """What all trajectories of a call share that asks for derivatives.

    Attributes
    ----------
    gradient : Gradient
        By what they are taken.
    strictness : float
        One over the tolerance of the derivatives in units of that of the states.
    finished : dict of int to ndarray of shape (rows, T, k, p)
        The derivatives of chunks that wait to be taken, by their first row.
    """

    gradient: Gradient
    strictness: float
    finished: dict[int, np.ndarray]
    event_slopes: EventSlopes
    output_slopes: Slopes
    start_slopes: Slopes
    trigger_slopes: TriggerSlopes | None

    # derivatives of a trajectory need the room of many, and idle lanes cost little beside them
    largest_chunk = 64
    smallest_chunk = 8

    @classmethod
    def of(cls, run: EnsembleRun, names: Sequence[str], tolerance: float) -> GradientRun:
        """Add derivatives to a run.

        Raises
        ------
        InputError
            If a name is unknown, or the tolerance not positive.
        """
        if not isinstance(tolerance, int | float) or not tolerance > 0:
            raise errors.InputError("gradient_tolerance must be a positive number", tolerance)
        events = (*run.network.events, *run.events.given)
        gradient = Gradient.of(run.network, names, events)
        n, active = len(run.network.species), gradient.active
        outputs = tuple(column - n for column in run.columns if column >= n)
        return cls(
            **vars(run),
            gradient=gradient,
            strictness=1.0 / tolerance,
            finished={},
            event_slopes=_event_slopes(run, active),
            output_slopes=_block_slopes(run.network, "outputs", active, outputs),
            start_slopes=_block_slopes(run.network, "start", active, tuple(range(n))),
            trigger_slopes=_trigger_slopes(run, active),
        )

    def _kernel(self) -> GradientKernel:
        return gradient_kernel(
            self.network, self.method, self.gradient.active, len(self.gradient), self.events.conditions
        )

    def _begin(self, part: slice, stop: np.ndarray) -> GradientChunk:
        chunk, kernel = super()._begin(part, stop), self._kernel()
        count, n, width = *chunk.state.shape, kernel.width
        rows = self.gradient.directions(count, n, width)
        self._differentiate_start(rows, chunk.parameters)
        groups = rows.shape[1]
        scale = aligned((count, groups, width))
        sizes = self.gradient.scale(chunk.parameters, chunk.state)
        scale.reshape(count, groups * width)[:, : len(self.gradient)] = sizes
        outputs = sum(column >= n for column in self.columns)
        given: dict[str, Any] = {} if self.trigger_slopes is None else {"trigger_slopes": self.trigger_slopes}
        return (TriggeredGradientChunk if given else GradientChunk)(
            **vars(chunk),
            **given,
            gradient_kernel=kernel,
            event_slopes=self.event_slopes,
            output_slopes=self.output_slopes,
            rows=rows,
            scale=scale,
            strictness=self.strictness,
            begun_with=(chunk.parameters.copy(), rows.copy()),
            shown_rows=aligned((count, len(self.times), groups, n, width)),
            shown_outputs=np.full((count, len(self.times), outputs, groups * width), np.nan),
        )

    def _differentiate_start(self, rows: np.ndarray, parameters: np.ndarray) -> None:
        """Add how initial values that were not given follow the parameters."""
        count, groups, _, width = rows.shape
        n = len(self.network.species)
        only = rows.copy()
        only[:, :, :n] = 0.0
        directions = only.transpose(0, 2, 1, 3).reshape(count, -1, groups * width)
        found = self.start_slopes.along(directions, parameters)
        found[:, list(self.ensemble.initial)] = 0.0
        rows[:, :, :n] += found.reshape(count, n, groups, width).transpose(0, 2, 1, 3)

    def _keep(self, part: slice, chunk: Chunk) -> None:
        if not isinstance(chunk, GradientChunk):
            raise TypeError(chunk)
        count, n, p = *chunk.state.shape, len(self.gradient)
        species = chunk.shown_rows.transpose(0, 1, 3, 2, 4).reshape(count, len(self.times), n, -1)[..., :p]
        outputs, after = chunk.shown_outputs[..., :p], 0
        kept = self.finished[part.start] = np.empty((count, len(self.times), len(self.columns), p))
        for place, column in enumerate(self.columns):
            if column < n:
                kept[:, :, place] = species[:, :, column]
            else:
                kept[:, :, place], after = outputs[:, :, after], after + 1
        kept[~chunk.times.reached()] = np.nan
        kept[list(chunk.failures)] = np.nan

    def taken(self, part: slice) -> np.ndarray:
        """Return the derivatives of finished rows, shape (rows, T, k, p), and keep them no longer."""
        return self.finished.pop(part.start)


_known: weakref.WeakKeyDictionary[Network, dict[tuple, Slopes | EventSlopes | TriggerSlopes]] = (
    weakref.WeakKeyDictionary()
)
Found = TypeVar("Found", Slopes, EventSlopes, TriggerSlopes)


def _once(network: Network, key: tuple, make: Callable[[], Found], kind: type[Found]) -> Found:
    """Return what was made for a network before, or make it."""
    known = _known.setdefault(network, {})
    found = known.get(key)
    if not isinstance(found, kind):
        known[key] = found = make()
    return found


def _block_slopes(network: Network, block: str, active: tuple[int, ...], places: tuple[int, ...]) -> Slopes:
    """Return the derivatives of some results of a function of the network."""

    def make() -> Slopes:
        nodes = dict(network.program.blocks[block].stores)
        graph, wanted = network.program.equations.graph, [nodes[place] for place in places]
        return Slopes(graph, wanted, len(network.species), active)

    return _once(network, (block, active, places), make, Slopes)


def _event_slopes(run: EnsembleRun, active: tuple[int, ...]) -> EventSlopes:
    """Return the derivatives of the events; those of the network alone are compiled once."""
    network, table = run.network, run.events
    if table.given:
        return EventSlopes.of(network, table, active)
    return _once(network, ("events", active), lambda: EventSlopes.of(network, table, active), EventSlopes)


def _trigger_slopes(run: EnsembleRun, active: tuple[int, ...]) -> TriggerSlopes | None:
    """Return the derivatives of the triggers and delays, if there are some."""
    network, table = run.network, run.events
    if table.triggers is None:
        return None
    if table.given:
        return TriggerSlopes.of(network, table, active)
    return _once(network, ("triggers", active), lambda: TriggerSlopes.of(network, table, active), TriggerSlopes)
