"""Events of an SBML model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autocrine.core import errors
from autocrine.engine.event import Event
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
    delay, priority = _math(item.getDelay()), _math(item.getPriority()) if item.getLevel() > 2 else None
    assignments = dict(_assignments(sheet, item, where))
    scales = _scales(sheet, item)
    return Event(
        name=item.getId(),
        trigger=maths.condition(trigger.getMath(), where),
        assignments=assignments,
        delay=0.0 if delay is None else maths.number(delay, where),
        priority=None if priority is None else maths.number(priority, where),
        persistent=trigger.getPersistent() if item.getLevel() > 2 else True,
        initial=trigger.getInitialValue() if item.getLevel() > 2 else True,
        use_trigger_time_values=item.getUseValuesFromTriggerTime(),
        scales=scales,
    )


def _math(part: Any) -> Any:
    return part.getMath() if part is not None and part.isSetMath() else None


def _assignments(sheet: Sheet, item: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Yield the new values of the states that an event sets."""
    for assignment in each(item.getListOfEventAssignments()):
        key = assignment.getVariable()
        if key not in sheet.states:
            raise errors.InputError("an event must not set what a rule gives its value", key, where=where)
        if assignment.isSetMath():
            yield sheet.states[key], sheet.maths.number(assignment.getMath(), where)


def _scales(sheet: Sheet, item: Any) -> dict[str, Any]:
    """Return the sizes of the compartments of those species whose state is an amount while they are concentrations."""
    keys = [assignment.getVariable() for assignment in each(item.getListOfEventAssignments()) if assignment.isSetMath()]
    quantities = {key: sheet.quantities[key] for key in keys}
    return {sheet.states[key]: sheet.volume(each) for key, each in quantities.items() if sheet.follows_volume(each)}
