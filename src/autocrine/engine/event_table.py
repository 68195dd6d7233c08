"""Events of many trajectories at once."""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autocrine.core import errors
from autocrine.engine import image
from autocrine.engine.compiled import Functions, recalled
from autocrine.engine.event import Event
from autocrine.engine.network import Network

if TYPE_CHECKING:
    from autocrine.engine.trigger_table import TriggerTable


@dataclass(frozen=True)
class EventTable:
    """The events of a network followed by those of a call, compiled; in this order those of one time happen.

    Attributes
    ----------
    names : tuple of str
        What events are called in messages.
    targets : tuple of tuple of (str, int)
        What each event sets: the array, ``y`` or ``p``, and the place in it.
    assigned : tuple of tuple of str
        The names of these species and parameters.
    given : tuple of Event
        Those of the call.
    plain : tuple of bool
        Which only have a time.
    triggers : TriggerTable, optional
        Triggers, delays and priorities, if any event has more than a time.
    """

    names: tuple[str, ...]
    targets: tuple[tuple[tuple[str, int], ...], ...]
    assigned: tuple[tuple[str, ...], ...]
    given: tuple[Event, ...]
    plain: tuple[bool, ...]
    _functions: Functions | None
    triggers: TriggerTable | None = None

    def __len__(self) -> int:
        return len(self.names)

    @classmethod
    def of(cls, network: Network, events: Sequence[Event]) -> EventTable:
        """Return the events of a network followed by others; those of the network alone are compiled once."""
        if events:
            return cls._compiled(network, events)
        if network not in _tables:
            _tables[network] = cls._recalled(network) or cls._compiled(network, ())
        return _tables[network]

    @classmethod
    def _recalled(cls, network: Network) -> EventTable | None:
        """Return the events of a network from its image; nothing where it has none that only have times."""

        def outline() -> image.Part:
            table = cls._compiled(network, ())
            plain = table.triggers is None and table._functions is not None
            return [plain, table.names, table.targets, table.assigned], None

        def functions() -> tuple[Functions, None]:
            found = cls._compiled(network, ())._functions
            if found is None:
                raise TypeError("a network without events has no functions of them")
            return found, None

        if not network.identity:
            return None
        (plain, names, targets, assigned), _ = image.recall(network.identity, "events", outline)
        if not plain:
            return None
        places = tuple(tuple((array, place) for array, place in each) for each in targets)
        code, _ = recalled(network.identity, "functions of events", functions)
        return cls(tuple(names), places, tuple(map(tuple, assigned)), (), (True,) * len(names), code)

    @classmethod
    def _compiled(cls, network: Network, events: Sequence[Event]) -> EventTable:
        given = network.checked_events(events)
        joined = (*network.events, *given)
        if not joined:
            return cls((), (), (), (), (), None)
        species = network.outline.species
        blocks = {"times": network.block("times", [event.time for event in joined])}
        for number, event in enumerate(joined):
            name = f"event{number}"
            blocks[name] = network.block(name, list(event.assignments.values()))
            if event.scales:
                factors = [event.scales.get(target, 1.0) for target in event.assignments]
                blocks[f"scale{number}"] = network.block(f"scale{number}", factors)
        rows = {name: (len(species), len(block.stores)) for name, block in blocks.items()}
        places = {name: ("p", i) for i, name in enumerate(network.parameters)}
        places |= {name: ("y", i) for i, name in enumerate(species)}
        targets = tuple(tuple(places[name] for name in event.assignments) for event in joined)
        triggers, only_times = None, tuple(event.is_plain for event in joined)
        if not all(only_times):
            from autocrine.engine.trigger_table import TriggerTable

            triggers = TriggerTable.of(network, joined)
        names, assigned = (event.name for event in joined), (tuple(event.assignments) for event in joined)
        return cls(tuple(names), targets, tuple(assigned), given, only_times, Functions(blocks, rows), triggers)

    def general(self) -> TriggerTable:
        """Return triggers, delays and priorities, where there are some."""
        if self.triggers is None:
            raise TypeError("these events have only times")
        return self.triggers

    @property
    def conditions(self) -> tuple[Any, ...]:
        """The triggers."""
        return () if self.triggers is None else self.triggers.conditions

    def shown(self, number: int) -> str:
        """Return an event as messages name it."""
        return repr(self.names[number] or number + 1)

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
            where = f"event {self.shown(number)}"
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
        if self._functions is None or f"scale{number}" not in self._functions.block:
            return 1.0
        rows = np.arange(len(who))
        return self._functions.many(f"scale{number}", parameters[who], who=rows, times=times[who], y=states[who])

    def assign(
        self, number: int, who: np.ndarray, times: np.ndarray, found: np.ndarray, arrays: Mapping[str, np.ndarray]
    ) -> dict[int, errors.SolverError]:
        """Set new values of an event in the rows ``who`` of the arrays ``y`` and ``p``; return why some rows failed."""
        failures = {}
        for row, column in np.argwhere(~np.isfinite(found))[::-1]:
            name = self.assigned[number][column]
            cause, time = f"event {self.names[number]!r} sets {found[row, column]}", float(times[who[row]])
            failures[int(who[row])] = errors.SolverError(cause, time_h=time, species=name)
        for (array, place), values in zip(self.targets[number], found.T, strict=True):
            arrays[array][who, place] = values
        return failures


_tables: weakref.WeakKeyDictionary[Network, EventTable] = weakref.WeakKeyDictionary()
