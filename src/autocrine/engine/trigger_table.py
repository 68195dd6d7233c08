"""Triggers, delays and priorities of events, compiled for many trajectories at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanFunction

from autocrine.engine.compiled import Functions
from autocrine.engine.composition import is_condition
from autocrine.engine.event import Event
from autocrine.engine.graph import Graph, Node
from autocrine.engine.names import DELAYED, TIME, symbol
from autocrine.engine.network import Network
from autocrine.engine.statements import Block, leaves_of, plain_block
from autocrine.engine.translation import Translation


@dataclass(frozen=True)
class TriggerTable:
    """What events with triggers, delays or priorities need beside their times and assignments.

    Attributes
    ----------
    numbers : ndarray of int, shape (K,)
        Places of the events that have a trigger among all events.
    conditions : tuple of sympy Boolean
        Their triggers, followed by the W comparisons that these are made of: where one of them turns the triggers are
        looked at, so that ``(x > 2) & (x < 3)`` is not missed by a step that goes from 1 to 4.
    initial, persistent : ndarray of bool, shape (K + W,) and (events,)
        What the triggers count as before the start; whether events outlive their trigger.
    has_priority : ndarray of bool, shape (events,)
        Which events have a priority.
    trigger_values : ndarray of bool, shape (events,)
        Which events take their values when they are triggered.
    stops : int
        Number of times at which a condition that is linear in time may change.
    """

    numbers: np.ndarray
    conditions: tuple[Any, ...]
    initial: np.ndarray
    persistent: np.ndarray
    has_priority: np.ndarray
    trigger_values: np.ndarray
    stops: int
    _functions: Functions

    @classmethod
    def of(cls, network: Network, events: Sequence[Event]) -> TriggerTable:
        """Compile the triggers, delays and priorities of events of a network."""
        numbers = [place for place, event in enumerate(events) if event.trigger is not None]
        conditions = _with_parts([events[place].trigger for place in numbers])
        stops = linear_times(network, conditions)
        species = network.outline.species
        lists = {
            "delays": [event.delay for event in events],
            "priorities": [0.0 if event.priority is None else event.priority for event in events],
            "stops": stops,
        }
        blocks = {name: network.block(name, expressions) for name, expressions in lists.items()}
        blocks["triggers"] = _trigger_block(network, conditions)
        rows = {name: (len(species), len(block.stores)) for name, block in blocks.items()}
        return cls(
            np.array(numbers, int),
            conditions,
            np.array([events[place].initial for place in numbers] + [False] * (len(conditions) - len(numbers)), bool),
            np.array([event.persistent for event in events], bool),
            np.array([event.priority is not None for event in events], bool),
            np.array([event.use_trigger_time_values for event in events], bool),
            len(stops),
            Functions(blocks, rows),
        )

    def triggers(self, times: np.ndarray, states: np.ndarray, parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return whether conditions are true, and a number that is positive where they are, of shape (N, K + W)."""
        found = self._of("triggers", times, states, parameters)
        count = len(self.conditions)
        return found[:, :count] > 0.0, found[:, count:]

    def delays(self, times: np.ndarray, states: np.ndarray, parameters: np.ndarray) -> np.ndarray:
        """Return the delays of all events (h), shape (N, events)."""
        return self._of("delays", times, states, parameters)

    def priorities(self, times: np.ndarray, states: np.ndarray, parameters: np.ndarray) -> np.ndarray:
        """Return the priorities of all events, shape (N, events)."""
        return self._of("priorities", times, states, parameters)

    def next_stop(self, now: np.ndarray, states: np.ndarray, parameters: np.ndarray) -> np.ndarray:
        """Return the first time after now at which a condition linear in time may change, shape (N,)."""
        if not self.stops:
            return np.full(len(now), np.inf)
        times = self._of("stops", now, states, parameters)
        return np.where(times > now[:, None], times, np.inf).min(axis=1)

    def _of(self, name: str, times: np.ndarray, states: np.ndarray, parameters: np.ndarray) -> np.ndarray:
        return self._functions.many(name, parameters, times=times, y=states)


def linear_times(network: Network, conditions: Iterable[Any]) -> list[Any]:
    """Return the times at which the comparisons in some conditions that are linear in time change.

    Species that no reaction changes are constants between events, so they may stand in these times.
    """
    found: dict[Any, None] = {}
    for condition in conditions:
        for comparison in _comparisons(network, condition):
            time = _linear_time(network, comparison)
            if time is not None:
                found[time] = None
    return list(found)


def unsolved_in_time(network: Network, condition: Any) -> list[Any]:
    """Return the comparisons in a condition that follow time, but are not linear in it or follow species too."""
    follow = (each for each in _comparisons(network, condition) if any(_follows_time(side) for side in each.args))
    return [each for each in follow if _linear_time(network, each) is None]


def _follows_time(term: Any) -> bool:
    """Return whether a term changes with time other than by the comparisons within it."""
    if isinstance(term, Relational | BooleanFunction):
        return False
    return term == symbol(TIME) or any(_follows_time(each) for each in term.args)


def _comparisons(network: Network, condition: Any) -> list[Any]:
    """Return the comparisons in a condition, those within rules and pieces too, in a fixed order."""
    return sorted(condition.xreplace(network.written_out()).atoms(Relational), key=str)


def _linear_time(network: Network, comparison: Any) -> Any:
    """Return the time at which a comparison that is linear in it changes, if it is."""
    if any(is_condition(each) for each in comparison.args):
        return None
    t, difference = symbol(TIME), comparison.lhs - comparison.rhs
    if t not in difference.free_symbols or difference.free_symbols & _moving(network):
        return None
    slope = sympy.expand(difference).diff(t)
    if t in slope.free_symbols or slope.is_zero or slope.has(sympy.Derivative, sympy.Subs):
        return None
    return -difference.xreplace({t: sympy.S.Zero}) / slope


def _moving(network: Network) -> set[Any]:
    """Return the symbols of what changes between events."""
    moving = {symbol(name) for reaction in network.reactions for name in reaction.stoichiometry}
    return moving | {symbol(name) for name in network.parameters if name.startswith(DELAYED)}


def _with_parts(conditions: Sequence[Any]) -> tuple[Any, ...]:
    """Return conditions, followed by the comparisons that the compound ones are made of."""
    parts: dict[Any, None] = {}
    for condition in conditions:
        if not isinstance(condition, Relational):
            parts |= dict.fromkeys(sorted(condition.atoms(Relational), key=str))
    return (*conditions, *(each for each in parts if each not in conditions))


def truth_nodes(translation: Translation, conditions: Iterable[Any]) -> list[Node]:
    """Return nodes that are 1 where a condition is true and 0 where it is not."""
    graph = translation.graph
    return [graph.select(translation.node(each), graph.one, graph.zero) for each in conditions]


def _trigger_block(network: Network, conditions: Sequence[Any]) -> Block:
    graph = Graph()
    leaves = leaves_of(graph, [each.name for each in network.species], network.parameters)
    translation = Translation(graph, leaves, network.rules)
    truths = truth_nodes(translation, conditions)
    margins = [_margin(translation, each) for each in conditions]
    return plain_block(graph, "triggers", [*truths, *margins])


def _margin(translation: Translation, condition: Any) -> Node:
    """Return a node that is positive where a condition is true, negative where it is not, and zero at its threshold."""
    graph = translation.graph
    if condition in (sympy.true, sympy.false):
        return graph.number(1.0 if condition == sympy.true else -1.0)
    parts = [_margin(translation, each) for each in condition.args if is_condition(each)]
    if isinstance(condition, Relational) and not parts:
        a, b = (translation.node(side) for side in condition.args)
        kinds: Mapping[type, Any] = {
            sympy.StrictLessThan: lambda: graph.subtract(b, a),
            sympy.LessThan: lambda: graph.subtract(b, a),
            sympy.StrictGreaterThan: lambda: graph.subtract(a, b),
            sympy.GreaterThan: lambda: graph.subtract(a, b),
            sympy.Equality: lambda: _minus(graph, graph.call("abs", graph.subtract(a, b))),
        }
        return kinds.get(type(condition), lambda: graph.call("abs", graph.subtract(a, b)))()
    return _joined(graph, condition, parts)


def _joined(graph: Graph, condition: Any, parts: list[Node]) -> Node:
    """Return the margin of a condition from those of its parts."""
    if isinstance(condition, sympy.Not):
        return _minus(graph, parts[0])
    if isinstance(condition, sympy.Implies):
        return graph.call("max", _minus(graph, parts[0]), parts[1])
    if isinstance(condition, sympy.ITE):
        test, yes, no = parts
        return graph.call("max", graph.call("min", test, yes), graph.call("min", _minus(graph, test), no))
    if isinstance(condition, sympy.Xor | sympy.Unequality):  # true where the margins of two have other signs
        result = parts[0]
        for other in parts[1:]:
            result = _minus(graph, graph.multiply(result, other))
        return result
    smallest, largest = parts[0], parts[0]
    for other in parts[1:]:
        smallest, largest = graph.call("min", smallest, other), graph.call("max", largest, other)
    if isinstance(condition, sympy.Equivalent | sympy.Equality):
        return graph.call("max", smallest, _minus(graph, largest))
    return smallest if isinstance(condition, sympy.And) else largest


def _minus(graph: Graph, a: Node) -> Node:
    return graph.subtract(graph.zero, a)
