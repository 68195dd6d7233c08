"""Values at the start, in terms of constants."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import sympy

from autocrine.core import errors
from autocrine.engine.names import TIME, symbol
from autocrine.engine.sbml.maths import exact
from autocrine.engine.sbml.quantity import Quantity
from autocrine.engine.sbml.sheet import Sheet


class InitialValues:
    """Values at the start of a simulation, at time 0.

    Parameters
    ----------
    sheet : Sheet
        The equations.

    Attributes
    ----------
    constants : dict of str to float
        The constants that are numbers, by name.
    derived : dict of str to sympy.Expr
        The constants that an initial assignment gives, by name, in terms of constants.
    """

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._by_name = {quantity.name: key for key, quantity in sheet.quantities.items()}
        self._state_of = {state: key for key, state in sheet.states.items()}
        self._known: dict[str, Any] = {}
        self._open: set[str] = set()
        fixed = [q for k, q in sheet.quantities.items() if k not in sheet.states and not q.is_assigned]
        self.constants = {q.name: q.value for q in fixed if q.initial is None}
        self.constants |= dict.fromkeys(sheet.unset.values(), math.nan)
        self.constants |= {name: value for name, (value, _) in sheet.locals.items()}
        self.derived: dict[str, Any] = {q.name: None for q in fixed if q.initial is not None}
        for quantity in fixed:
            if quantity.initial is not None:
                self.derived[quantity.name] = self._once(f"={quantity.name}", lambda q=quantity: self._assigned(q))

    def of_state(self, key: str) -> Any:
        """Return the initial value of the state variable of a quantity."""
        return self._value(self._sheet.states[key])

    def _value(self, name: str) -> Any:
        """Return what a name of the network is worth at the start."""
        if name == TIME:
            return sympy.S.Zero
        if name in self.constants:
            return symbol(name)
        if name in self.derived:
            if self.derived[name] is None:  # its own value is asked for before it is written: refuse circles
                key = self._by_name[name]
                self.derived[name] = self._once(f"={name}", lambda: self._assigned(self._sheet.quantities[key]))
            return symbol(name)
        return self._once(name, lambda: self._worked_out(name))

    def _worked_out(self, name: str) -> Any:
        sheet = self._sheet
        if name in self._state_of and name not in self._by_name:
            quantity = sheet.quantities[self._state_of[name]]
            if quantity.initial is None and quantity.is_amount:
                return exact(quantity.value)
            return self._value(quantity.name) * self._value(str(sheet.volume(quantity)))
        if name in self._by_name:
            quantity = sheet.quantities[self._by_name[name]]
            if quantity.initial is not None or not quantity.is_assigned:
                return self._given(quantity)
        return self.written(sheet.rules[name])

    def _given(self, quantity: Quantity) -> Any:
        """Return the initial value of a quantity in the unit of its identifier."""
        if quantity.initial is not None:
            return self._assigned(quantity)
        value = exact(quantity.value)
        if quantity.kind != "species" or quantity.is_amount == quantity.only_substance:
            return value
        size = self._value(str(self._sheet.volume(quantity)))
        return value / size if quantity.is_amount else value * size

    def _assigned(self, quantity: Quantity) -> Any:
        return self.written(self._sheet.assigned[self._by_name[quantity.name]])

    def written(self, expression: Any) -> Any:
        """Return an expression at the start, in terms of constants."""
        values = {each: self._value(str(each)) for each in sorted(expression.free_symbols, key=str)}
        return expression.xreplace({name: value for name, value in values.items() if name != value})

    def _once(self, name: str, work: Callable[[], Any]) -> Any:
        if name in self._known:
            return self._known[name]
        if name in self._open:
            raise errors.InputError("initial values must not depend on one another in a circle", name.lstrip("="))
        self._open.add(name)
        self._known[name] = found = work()
        self._open.discard(name)
        return found
