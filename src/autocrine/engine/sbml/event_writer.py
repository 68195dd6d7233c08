"""Events of a network as events of SBML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libsbml
import sympy

from autocrine.core import errors
from autocrine.engine.event import Event
from autocrine.engine.names import TIME, symbol
from autocrine.engine.network import Network
from autocrine.engine.sbml.annotation import mark
from autocrine.engine.sbml.formula import Formula, joined
from autocrine.engine.sbml.identifiers import Identifiers


def write_events(model: libsbml.Model, network: Network, identifiers: Identifiers, formula: Formula) -> None:
    """Write all events.

    Notes
    -----
    An event at a fixed time becomes one whose trigger is that the time has come. SBML leaves the order of events
    without priority open, while here they come as they are listed: where none has a priority, priorities are written
    that say so.

    Raises
    ------
    InputError
        If new values at triggering are multiplied with what changes until an event is executed.
    """
    events = [each.in_expressions() for each in network.events]
    ranks = _ranks(events)
    changed = {name for event in network.events for name in event.assignments}
    moving = {*(each.name for each in network.species), *network.rules, *changed, TIME}
    for event, rank in zip(events, ranks, strict=True):
        made = model.createEvent()
        made.setId(identifiers.free(event.name or "event"))
        made.setName(event.name)
        made.setUseValuesFromTriggerTime(event.use_trigger_time_values)
        trigger = made.createTrigger()
        timed = event.trigger is None
        ranked = "written" if rank is not None and event.priority is None else ""
        mark(made, {"role": "timed" if timed else "", "rank": ranked})
        trigger.setPersistent(timed or event.persistent)
        trigger.setInitialValue(not timed and event.initial)
        if timed:
            trigger.setMath(_has_come(model, event, changed, identifiers, formula))
        else:
            trigger.setMath(formula.node(event.trigger))
        if not sympy.sympify(event.delay).is_zero:
            made.createDelay().setMath(formula.node(event.delay))
        if rank is not None:
            made.createPriority().setMath(formula.node(rank))
        for name in event.assignments:
            assignment = made.createEventAssignment()
            assignment.setVariable(identifiers[name])
            assignment.setMath(formula.node(_value(event, name, moving)))


def _has_come(
    model: libsbml.Model, event: Event, changed: set[str], identifiers: Identifiers, formula: Formula
) -> libsbml.ASTNode:
    """Return ``time >= T``; T is worked out at the start, so what events change must not change it."""
    time: Any = event.time
    known = formula
    if {each.name for each in time.free_symbols} & changed:
        name = identifiers.free(f"time of {event.name or 'event'}")
        fixed = model.createParameter()
        fixed.setId(name)
        fixed.setUnits(model.getTimeUnits())
        fixed.setConstant(True)
        assignment = model.createInitialAssignment()
        assignment.setSymbol(name)
        assignment.setMath(formula.node(time))
        known, time = Formula({name: name}), symbol(name)
    return joined(libsbml.AST_RELATIONAL_GEQ, [known.node(symbol(TIME)), known.node(time)])


def _ranks(events: Sequence[Event]) -> list[Any]:
    """Return the priority of each event; None where it has none and stands alone, or beside others that have."""
    given = [event.priority for event in events]
    if len(events) < 2 or any(rank is not None for rank in given):
        return given
    return [sympy.Integer(len(events) - number) for number in range(len(events))]


def _value(event: Event, name: str, moving: set[str]) -> Any:
    """Return a new value with its scale, which counts at the time of execution."""
    value: Any = sympy.sympify(event.assignments[name])
    scale: Any = sympy.sympify(event.scales.get(name, 1))
    waits = event.use_trigger_time_values and not sympy.sympify(event.delay).is_zero
    if waits and {each.name for each in scale.free_symbols} & moving:
        must = "what a new value at triggering is multiplied with must not change before the event is executed"
        raise errors.InputError(must, str(scale), where=f"event {event.name}")
    return value * scale
