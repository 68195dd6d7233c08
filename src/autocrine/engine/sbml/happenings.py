"""Events of an SBML model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy

from autocrine.engine.event import Event
from autocrine.engine.names import symbol
from autocrine.engine.sbml.inventory import each
from autocrine.engine.sbml.sheet import Sheet


def events(sheet: Sheet) -> list[Event]:
    """Return the events of a model; without trigger an event never happens."""
    return [found for item in each(sheet.model.getListOfEvents()) if (found := _event(sheet, item)) is not None]


def _event(sheet: Sheet, item: Any) -> Event | None:
    where, maths = f"event {item.getId()!r}", sheet.maths
    trigger = item.getTrigger()
    if trigger is None or not trigger.isSetMath():
        return None
    delay, priority = item.getDelay(), item.getPriority() if item.getLevel() > 2 else None
    set_delay = delay is not None and delay.isSetMath()
    set_priority = priority is not None and priority.isSetMath()
    return Event(
        name=item.getId(),
        trigger=maths.condition(trigger.getMath(), where),
        assignments=dict(_assignments(sheet, item, where)),
        delay=maths.number(delay.getMath(), where) if set_delay else 0.0,
        priority=maths.number(priority.getMath(), where) if set_priority else None,
        persistent=trigger.getPersistent() if item.getLevel() > 2 else True,
        initial=trigger.getInitialValue() if item.getLevel() > 2 else True,
        use_trigger_time_values=bool(item.getUseValuesFromTriggerTime()) and set_delay,
    )


def _assignments(sheet: Sheet, item: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Yield the new values of the states that an event sets.

    Where the state is an amount it is the new concentration times the size that the compartment has afterwards.
    """
    given = {
        assignment.getVariable(): sheet.maths.number(assignment.getMath(), where)
        for assignment in each(item.getListOfEventAssignments())
        if assignment.isSetMath()
    }
    new = {symbol(sheet.quantities[key].name): value for key, value in given.items()}
    for key, value in given.items():
        quantity = sheet.quantities[key]
        if sheet.follows_volume(quantity):
            yield sheet.states[key], value * _afterwards(sheet, sheet.volume(quantity), new)
        else:
            yield sheet.states[key], value


def _afterwards(sheet: Sheet, size: Any, new: dict[Any, Any]) -> Any:
    """Return the size of a compartment after new values are set, in terms of the values before."""
    if size in new:
        return new[size]
    rule: sympy.Expr | None = sheet.rules.get(str(size))
    if rule is None or not new:
        return size
    within = {each: _afterwards(sheet, each, new) for each in rule.free_symbols}
    return size if all(a == b for a, b in within.items()) else rule.xreplace(within)
