"""Events of many trajectories at once."""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from autocrine.core import errors
from autocrine.engine.compiled import Functions
from autocrine.engine.event import Event
from autocrine.engine.network import Network
from autocrine.engine.statements import Block, compile_expressions
from autocrine.engine.trigger_table import TriggerTable


@dataclass(frozen=True)
class EventTable:
    """The events of a network followed by those of a call, compiled.

    Attributes
    ----------
    events : tuple of Event
        In the order in which those of one time happen.
    targets : tuple of tuple of (str, int)
        What each event sets: the array, ``y`` or ``p``, and the place in it.
    triggers : TriggerTable, optional
        Triggers, delays and priorities, if any event has more than a time.
    """

    events: tuple[Event, ...]
    targets: tuple[tuple[tuple[str, int], ...], ...]
    _functions: Functions | None
    triggers: TriggerTable | None = None

    @classmethod
    def of(cls, network: Network, events: Sequence[Event]) -> EventTable:
        """Return the events of a network followed by others; those of the network alone are compiled once."""
        if events:
            return cls._compiled(network, events)
        if network not in _tables:
            _tables[network] = cls._compiled(network, ())
        return _tables[network]

    @classmethod
    def _compiled(cls, network: Network, events: Sequence[Event]) -> EventTable:
        joined = (*network.events, *network.checked_events(events))
        if not joined:
            return cls((), (), None)
        species, constants = tuple(each.name for each in network.species), tuple(network.parameters)

        def written(name: str, expressions: list) -> Block:
            return replace(compile_expressions(expressions, species, constants, network.rules), name=name)

        blocks = {"times": written("times", [event.time for event in joined])}
        for number, event in enumerate(joined):
            name = f"event{number}"
            blocks[name] = written(name, list(event.assignments.values()))
            if event.scales:
                factors = [event.scales.get(target, 1.0) for target in event.assignments]
                blocks[f"scale{number}"] = written(f"scale{number}", factors)
        rows = {name: (len(species), len(block.stores)) for name, block in blocks.items()}
        places = {name: ("p", i) for i, name in enumerate(constants)}
        places |= {name: ("y", i) for i, name in enumerate(species)}
        targets = tuple(tuple(places[name] for name in event.assignments) for event in joined)
        plain = all(event.is_plain for event in joined)
        return cls(joined, targets, Functions(blocks, rows), None if plain else TriggerTable.of(network, joined))

    def general(self) -> TriggerTable:
        """Return triggers, delays and priorities, where there are some."""
        if self.triggers is None:
            raise TypeError("these events have only times")
        return self.triggers

    def shown(self, number: int) -> str:
        """Return an event as messages name it."""
        return repr(self.events[number].name or number + 1)

    def times(self, parameters: np.ndarray, start: float) -> np.ndarray:
        """Return when each event happens, shape (N, events); parameters have shape (N, m).

        Raises
        ------
        InputError
            If a time is NaN or lies before the start.
        """
        if self._functions is None:
            return np.empty((len(parameters), 0))
        times = self._functions.many("times", parameters)
        bad = np.argwhere(~(times >= start))
        if len(bad):
            row, number = bad[0]
            where = f"event {self.events[number].name or number + 1!r}"
            must = f"its time must not lie before the start, {start:g} h,"
            raise errors.InputError(must, float(times[row, number]), where=where)
        return times

    def carry_out(
        self, number: int, who: np.ndarray, times: np.ndarray, states: np.ndarray, parameters: np.ndarray
    ) -> dict[int, errors.SolverError]:
        """Set what an event assigns in the rows ``who`` of states and parameters; return why some rows failed."""
        found = self.values(number, who, times, states, parameters)
        return self.assign(number, who, times, found, {"y": states, "p": parameters})

    def values(
        self, number: int, who: np.ndarray, times: np.ndarray, states: np.ndarray, parameters: np.ndarray
    ) -> np.ndarray:
        """Return the new values that an event would set in the rows ``who``, shape (rows, targets)."""
        if self._functions is None:
            return np.empty((len(who), 0))
        rows = np.arange(len(who))
        return self._functions.many(f"event{number}", parameters[who], who=rows, times=times[who], y=states[who])

    def scales(
        self, number: int, who: np.ndarray, times: np.ndarray, states: np.ndarray, parameters: np.ndarray
    ) -> np.ndarray | float:
        """Return what new values of an event are to be multiplied with now, shape (rows, targets)."""
        if self._functions is None or not self.events[number].scales:
            return 1.0
        rows = np.arange(len(who))
        return self._functions.many(f"scale{number}", parameters[who], who=rows, times=times[who], y=states[who])

    def assign(
        self, number: int, who: np.ndarray, times: np.ndarray, found: np.ndarray, arrays: Mapping[str, np.ndarray]
    ) -> dict[int, errors.SolverError]:
        """Set new values of an event in the rows ``who`` of the arrays ``y`` and ``p``; return why some rows failed."""
        failures = {}
        for row, column in np.argwhere(~np.isfinite(found))[::-1]:
            event, name = self.events[number], list(self.events[number].assignments)[column]
            cause, time = f"event {event.name!r} sets {found[row, column]}", float(times[who[row]])
            failures[int(who[row])] = errors.SolverError(cause, time_h=time, species=name)
        for (array, place), values in zip(self.targets[number], found.T, strict=True):
            arrays[array][who, place] = values
        return failures


_tables: weakref.WeakKeyDictionary[Network, EventTable] = weakref.WeakKeyDictionary()
