"""What a file that was written here remembers beyond SBML: names, units, evidence, observables, fixed times."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import libsbml
import sympy

from autocrine.core import Parameters, errors, units
from autocrine.engine.event import Event
from autocrine.engine.names import TIME, symbol
from autocrine.engine.network import Network
from autocrine.engine.reaction import Reaction
from autocrine.engine.sbml.annotation import marks
from autocrine.engine.sbml.inventory import each
from autocrine.engine.sbml.naming import Naming

_BASES = ("read", "derived", "recalled", "chosen", "fitted")


def restored(network: Network, model: libsbml.Model, names: Naming) -> Network:
    """Return a network as it was before it was written; one from elsewhere as it is.

    Parameters
    ----------
    network : Network
        What the file means by the rules of SBML.
    model : libsbml.Model
        The file.
    names : Naming
        The name in the network of each identifier.

    Notes
    -----
    Marks only add to what SBML says: the equations, the values and the order of events stay. A mark that cannot be
    true is passed over.
    """
    if marks(model).get("role") != "network":
        return network
    found = {names[item.getId()]: item for item in each(model.getListOfParameters()) if item.getId() in names}
    told = {name: marks(item) for name, item in found.items()}
    shown = [name for name in network.rules if told.get(name, {}).get("role") == "observable"]
    litre = {symbol(name): sympy.S.One for name in _unit_volumes(network, model, names)}
    events = [_event(_event_without(event, litre), model, network) for event in network.events]
    kept = {name: rule.xreplace(litre) for name, rule in _kept_rules(network, model, shown, events).items()}
    return Network(
        model.getName() or network.name,
        _species(network, model, names),
        Parameters(
            _parameter(parameter, told.get(name, {}), found.get(name))
            for name, parameter in network.parameters.items()
            if symbol(name) not in litre
        ),
        _reactions(network, model, litre),
        rules={name: rule for name, rule in kept.items() if name not in shown},
        events=events,
        observables={name: kept[name] for name in shown},
        time_unit=_unit(marks(model), network.time_unit),
        # libsbml cannot check units where reactions have different ones; Network.check_units can
        notes=[note for note in network.notes if not note.startswith("units")],
    )


def _unit_volumes(network: Network, model: libsbml.Model, names: Naming) -> list[str]:
    """Return the names of compartments of one litre, which only carry units, and which no initial value names."""
    plain = [
        names[item.getId()]
        for item in each(model.getListOfCompartments())
        if item.getConstant() and item.getSize() == 1.0 and model.getInitialAssignmentBySymbol(item.getId()) is None
    ]
    free = {str(one) for species in network.species for one in sympy.sympify(species.initial).free_symbols}
    return [name for name in plain if name in network.parameters and name not in free]


def _terms(reactions: Any, rules: Mapping[str, Any], events: Any) -> list[Any]:
    """Return all expressions of a network but initial values."""
    found: list[Any] = [term for one in reactions for term in (one.rate, *one.stoichiometry.values())]
    found += rules.values()
    for event in (one.in_expressions() for one in events):
        found += [*event.assignments.values(), event.time, event.delay, *event.scales.values()]
        found += [part for part in (event.trigger, event.priority) if part is not None]
    return found


def _kept_rules(network: Network, model: libsbml.Model, shown: Any, events: Any) -> dict[str, Any]:
    """Return the rules without those that only name the rate of a reaction, where nothing uses them."""
    rates = {item.getId() for item in each(model.getListOfReactions()) if marks(item).get("role") != "rate"}
    used = {str(one) for term in _terms(network.reactions, network.rules, events) for one in term.free_symbols}
    return {name: rule for name, rule in network.rules.items() if name in shown or name not in rates or name in used}


def _species(network: Network, model: libsbml.Model, names: Naming) -> list[Any]:
    told = {names[item.getId()]: marks(item) for item in each(model.getListOfSpecies())}
    return [replace(one, unit=_unit(told.get(one.name, {}), one.unit)) for one in network.species]


def _parameter(parameter: Any, told: Mapping[str, str], item: Any) -> Any:
    low, high = (_number(told.get(end, ""), parameter.value) for end in ("low", "high"))
    basis = told.get("basis", "")
    return replace(
        parameter,
        unit=_unit(told, parameter.unit),
        low=low if low <= parameter.value else parameter.value,
        high=high if high >= parameter.value else parameter.value,
        evidence=told.get("evidence", ""),
        basis=basis if basis in _BASES else parameter.basis,
        module=told.get("module", ""),
        note=_note(item) if told else "",
    )


def _note(item: Any) -> str:
    """Return the text of notes, without its marks."""
    notes = item.getNotes() if item is not None and item.isSetNotes() else None
    return "" if notes is None else " ".join(_texts(notes)).strip()


def _texts(node: Any) -> list[str]:
    if node.isText():
        return [" ".join(node.getCharacters().split())]
    return [text for place in range(node.getNumChildren()) for text in _texts(node.getChild(place))]


def _reactions(network: Network, model: libsbml.Model, litre: Mapping[Any, Any]) -> list[Reaction]:
    titles = {item.getId(): item.getName() for item in each(model.getListOfReactions())}
    wanted = [titles.get(one.name) or one.name for one in network.reactions]
    if len(set(wanted)) < len(wanted):
        wanted = [one.name for one in network.reactions]
    return [
        Reaction(
            name, {key: _without(change, litre) for key, change in one.stoichiometry.items()}, _without(one.rate, litre)
        )
        for name, one in zip(wanted, network.reactions, strict=True)
    ]


def _without(term: Any, litre: Mapping[Any, Any]) -> Any:
    return sympy.sympify(term).xreplace(litre)


def _event_without(event: Event, litre: Mapping[Any, Any]) -> Event:
    return replace(
        event,
        assignments={name: _without(value, litre) for name, value in event.assignments.items()},
        scales={name: _without(value, litre) for name, value in event.scales.items()},
        trigger=None if event.trigger is None else _without(event.trigger, litre),
        delay=_without(event.delay, litre),
        priority=None if event.priority is None else _without(event.priority, litre),
    )


def _event(event: Event, model: libsbml.Model, network: Network) -> Event:
    item = model.getEvent(event.name)
    if item is None:
        return event
    told = marks(item)
    named = replace(event, name=item.getName(), priority=None if told.get("rank") == "written" else event.priority)
    time = _fixed_time(event, network) if told.get("role") == "timed" else None
    return named if time is None else replace(named, time=time, trigger=None, persistent=True, initial=True)


def _fixed_time(event: Event, network: Network) -> Any:
    """Return the time of an event that happens when ``t >= T``; None for any other one."""
    trigger: Any = event.trigger
    if not isinstance(trigger, sympy.GreaterThan | sympy.LessThan) or symbol(TIME) not in (trigger.gts, trigger.lts):
        return None
    time = trigger.lts
    fixed = {str(one) for one in time.free_symbols} <= set(network.parameters)
    at_once = bool(sympy.sympify(event.delay).is_zero)
    return (
        time if trigger.gts == symbol(TIME) and fixed and at_once and event.persistent and not event.initial else None
    )


def _unit(told: Mapping[str, str], known: str) -> str:
    text = told.get("unit", "")
    if not text:
        return known
    try:
        units.unit_of(text)
    except errors.UnitError:
        return known
    return text


def _number(text: str, default: float) -> float:
    try:
        value = float(text)
    except ValueError:
        return default
    return default if math.isnan(value) else value
