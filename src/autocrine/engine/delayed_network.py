"""A network with delays as one without: each delayed value becomes a parameter that is set again and again."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sympy

from autocrine.core import Document, Parameters, errors
from autocrine.engine.delay import Delay, event_has_delay, in_expression
from autocrine.engine.event import Event
from autocrine.engine.names import DELAYED, TIME, symbol
from autocrine.engine.network import Network
from autocrine.engine.reaction import Reaction


@dataclass(frozen=True)
class DelayedTerm:
    """A delayed value: the parameter that holds it, the expression, and how long ago (h)."""

    name: str
    expression: Any
    lag: Any


@dataclass(frozen=True)
class DelayedNetwork:
    """A network without delays, the events of a call in its terms, and the delayed values.

    Attributes
    ----------
    network : Network
        The species, parameters, rules, reactions, events and observables with a parameter for each delayed value.
    events : tuple of Event
        Those of the call.
    terms : tuple of DelayedTerm
        What the parameters are set to; expressions and lags may use the terms before.
    """

    network: Network
    events: tuple[Event, ...]
    terms: tuple[DelayedTerm, ...]

    @classmethod
    def of(cls, network: Network, events: Sequence[Event]) -> DelayedNetwork | None:
        """Return a network and the events of a call in terms without delays; None where there are no delays."""
        if not any(event_has_delay(event) for event in events) and not network.has_delays:
            return None
        if not events and network in _known:
            return _known[network]
        made = _Rewriting(network).network(network.checked_events(events))
        if not events:
            _known[network] = made
        return made

    def needed(self, *expressions: Any) -> tuple[int, ...]:
        """Return the places of the terms that are needed for some expressions, in order."""
        written, places = self.network.written_out(), {symbol(term.name): i for i, term in enumerate(self.terms)}
        found: set[int] = set()
        waiting = list(expressions)
        while waiting:
            expression = sympy.sympify(waiting.pop()).xreplace(written)
            new = {places[each] for each in expression.free_symbols & places.keys()} - found
            found |= new
            waiting += [self.terms[each].lag for each in new]
        return tuple(sorted(found))

    def needed_by_rates(self) -> tuple[int, ...]:
        """Return the places of the terms in the right-hand side."""
        return self.needed(*self.network.rates())

    def is_constant(self, place: int) -> bool:
        """Tell whether a lag depends on parameters alone."""
        symbols = self._symbols(place)
        moving = {symbol(TIME), *(symbol(each.name) for each in (*self.network.species, *self.terms))}
        return not symbols & moving

    def follows_state(self, place: int) -> bool:
        """Tell whether a lag depends on species."""
        return bool(self._symbols(place) & {symbol(each.name) for each in self.network.species})

    def _symbols(self, place: int) -> set[Any]:
        return sympy.sympify(self.terms[place].lag).xreplace(self.network.written_out()).free_symbols


_known: weakref.WeakKeyDictionary[Network, DelayedNetwork] = weakref.WeakKeyDictionary()


class _Rewriting:
    """Puts a parameter in the place of each delayed value."""

    def __init__(self, network: Network) -> None:
        self._given, self._terms = network, {}
        used = {*(each.name for each in network.species), *network.parameters, *network.rules, *network.observables}
        self._names = (name for name in (f"{DELAYED}{i}" for i in itertools.count()) if name not in used)

    def network(self, events: Sequence[Event]) -> DelayedNetwork:
        """Return the network and the events of a call without delays."""
        given = self._given
        for each in given.species:
            if in_expression(each.initial):
                must, where = "an initial value must have no delay", f"network {given.name}, species {each.name}"
                raise errors.InputError(must, str(each.initial), where=where)
        rules = self._all(given.rules)
        reactions = [Reaction(r.name, self._all(r.stoichiometry), self._without(r.rate)) for r in given.reactions]
        observables = self._all(given.observables)
        own, more = ([self._event(each) for each in some] for some in (given.events, events))
        terms = tuple(DelayedTerm(name, *parts) for parts, name in self._terms.items())
        text = "".join(f'[{each.name}]\nvalue = 0.0\nunit = "1"\nbasis = "derived"\n' for each in terms)
        held = Parameters.from_document(Document.parse(text, "delays"), given.name)
        network = Network(
            given.name,
            given.species,
            given.parameters.joined(held),
            reactions,
            rules=rules,
            events=own,
            observables=observables,
        )
        return DelayedNetwork(network, tuple(more), terms)

    def _without(self, expression: Any) -> Any:
        if not in_expression(expression):
            return expression
        parts = tuple(self._without(each) for each in expression.args)
        if not isinstance(expression, Delay):
            return expression.func(*parts)
        if parts not in self._terms:
            self._terms[parts] = next(self._names)
        return symbol(self._terms[parts])

    def _all(self, expressions: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._without(each) for name, each in expressions.items()}

    def _event(self, event: Event) -> Event:
        if in_expression(event.time):
            raise errors.InputError("the time of an event must have no delay", str(event.time), hint="a trigger")
        return replace(
            event,
            assignments=self._all(event.assignments),
            trigger=self._without(event.trigger),
            delay=self._without(event.delay),
            priority=self._without(event.priority),
            scales=self._all(event.scales),
        )
