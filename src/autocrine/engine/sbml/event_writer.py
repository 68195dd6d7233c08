"""Events of a network as events of SBML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libsbml
import sympy

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
    An event at a fixed time becomes one whose trigger is that the time has come. Equal priorities are left open by
    SBML, while here the order of the events counts: where no two events may change places, priorities are written that
    say so.
    """
    ranks = _ranks(network.events)
    changed = {name for event in network.events for name in event.assignments}
    for event, rank in zip(network.events, ranks, strict=True):
        made = model.createEvent()
        made.setId(identifiers.free(event.name or "event"))
        made.setName(event.name)
        made.setUseValuesFromTriggerTime(event.use_trigger_time_values)
        trigger = made.createTrigger()
        timed = event.trigger is None
        trigger.setPersistent(timed or event.persistent)
        trigger.setInitialValue(not timed and event.initial)
        if timed:
            mark(made, {"role": "timed"})
            trigger.setMath(_has_come(model, event, changed, identifiers, formula))
        else:
            trigger.setMath(formula.node(event.trigger))
        if not sympy.sympify(event.delay).is_zero:
            made.createDelay().setMath(formula.node(event.delay))
        if rank is not None:
            made.createPriority().setMath(formula.node(rank))
        for name, value in event.assignments.items():
            assignment = made.createEventAssignment()
            assignment.setVariable(identifiers[name])
            assignment.setMath(formula.node(value))


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
    """Return the priority of each event; None where one event is alone."""
    given: list[Any] = [sympy.sympify(0 if event.priority is None else event.priority) for event in events]
    if len(events) < 2:
        return [event.priority for event in events]
    if len(set(given)) == len(given) or not all(rank.is_number for rank in given):
        return given
    # of equal ones the earlier event stands higher
    order = sorted(range(len(events)), key=lambda number: (float(given[number]), -number))
    return [sympy.Integer(order.index(number)) for number in range(len(events))]
