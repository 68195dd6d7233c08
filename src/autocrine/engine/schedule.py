"""Events of a trajectory in the order in which they happen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autocrine.core import errors
from autocrine.engine.compiled import System
from autocrine.engine.event import Event
from autocrine.engine.network import Network
from autocrine.engine.python_printer import Function, as_function


@dataclass(frozen=True)
class Schedule:
    """The events of a network and of a call, ready to be carried out.

    Attributes
    ----------
    events : tuple of Event
        Those of the network, then those of the call.
    """

    events: tuple[Event, ...]
    _times: Function
    _assignments: tuple[Function, ...]
    _targets: tuple[tuple[tuple[str, int], ...], ...]

    @classmethod
    def of(cls, network: Network, events: Sequence[Event]) -> Schedule:
        """Prepare the events of a network followed by others."""
        joined = (*network.events, *network.checked_events(events))
        places = {name: ("p", i) for i, name in enumerate(network.parameters)}
        places |= {name: ("y", i) for i, name in enumerate(network.outline.species)}
        return cls(
            joined,
            as_function(network.block("times", [event.time for event in joined])),
            tuple(as_function(network.block("values", [*event.assignments.values()])) for event in joined),
            tuple(tuple(places[name] for name in event.assignments) for event in joined),
        )

    def due(self, parameters: np.ndarray, start: float, end: float) -> list[tuple[float, list[int]]]:
        """Return the times at which something happens up to ``end``, with the events in order.

        Raises
        ------
        InputError
            If a time is NaN or lies before the start.
        """
        if not self.events:
            return []
        times = [0.0] * len(self.events)
        self._times(0.0, (), parameters.tolist(), (), times)
        due: dict[float, list[int]] = {}
        for number, time in enumerate(times):
            if math.isnan(time) or time < start:
                where = f"event {self.events[number].name or number + 1!r}"
                raise errors.InputError(f"its time must not lie before the start, {start:g} h,", time, where=where)
            if time <= end:
                due.setdefault(time, []).append(number)
        return sorted(due.items())

    def carry_out(self, number: int, time: float, system: System, state: np.ndarray) -> None:
        """Set what an event assigns, in the state and in the parameters of the system."""
        values = [0.0] * len(self._targets[number])
        self._assignments[number](time, state.tolist(), system.parameters.tolist(), (), values)
        changed = system.parameters.copy()
        for (array, place), value in zip(self._targets[number], values, strict=True):
            if not math.isfinite(value):
                name = list(self.events[number].assignments)[self._targets[number].index((array, place))]
                raise errors.SolverError(f"event {self.events[number].name!r} sets {value}", time_h=time, species=name)
            (state if array == "y" else changed)[place] = value
        if (changed != system.parameters).any():
            system.set_parameters(changed)
