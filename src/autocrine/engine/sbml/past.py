"""What delays find before the start: there initial assignments hold, and nothing changes at a rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy

from autocrine.engine.delay import Delay
from autocrine.engine.event import Event
from autocrine.engine.names import TIME, symbol
from autocrine.engine.sbml.sheet import Sheet


class Past:
    """Delayed values with the past that SBML gives them.

    The engine lets every quantity have its initial value before the start. In SBML one with an initial assignment that
    uses time follows it there, and a derivative is zero.

    Parameters
    ----------
    sheet : Sheet
        The equations, with the rules of all derivatives.
    """

    def __init__(self, sheet: Sheet) -> None:
        self._rules = sheet.rules
        self._before: dict[Any, Any] = {symbol(name): sympy.S.Zero for name in sheet.wanted_rates.values()}
        for key, value in sheet.assigned.items():
            if symbol(TIME) in value.free_symbols:
                self._before[symbol(sheet.quantities[key].name)] = value
        self._known: dict[Any, Any] = {}

    def of_all(self, expressions: Mapping[str, Any]) -> dict[str, Any]:
        """Return expressions by name with their delayed values."""
        return {name: self.of(each) for name, each in expressions.items()}

    def of(self, expression: Any) -> Any:
        """Return an expression with its delayed values."""
        if not self._before or not isinstance(expression, sympy.Basic) or not expression.has(Delay):
            return expression
        swap = {each: Delay(self._early(self.of(each.args[0])), each.args[1]) for each in expression.atoms(Delay)}
        return expression.xreplace(swap)

    def of_event(self, event: Event) -> Event:
        """Return an event with its delayed values."""
        return replace(
            event,
            trigger=self.of(event.trigger),
            delay=self.of(event.delay),
            priority=None if event.priority is None else self.of(event.priority),
            assignments=self.of_all(event.assignments),
        )

    def _early(self, expression: Any) -> Any:
        """Return an expression in which every symbol is right before the start as well."""
        return expression.xreplace({each: self._symbol(each) for each in expression.free_symbols})

    def _symbol(self, name: Any) -> Any:
        if name not in self._known:
            self._known[name] = self._worked_out(name)
        return self._known[name]

    def _worked_out(self, name: Any) -> Any:
        if name in self._before:
            began = sympy.GreaterThan(symbol(TIME), 0)
            return sympy.Piecewise((name, began), (self._before[name], True), evaluate=False)
        rule = self._rules.get(str(name))
        if rule is None:
            return name
        early = self._early(rule)
        return name if early == rule else early
