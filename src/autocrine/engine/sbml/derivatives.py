"""Time derivatives of the quantities of a model, in its own terms."""

from __future__ import annotations

from typing import Any

import sympy

from autocrine.core import errors
from autocrine.engine.names import TIME, symbol
from autocrine.engine.sbml.sheet import Sheet


class Derivatives:
    """Time derivatives between events.

    Parameters
    ----------
    sheet : Sheet
        The equations.
    """

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._slopes: dict[str, Any] = {}
        for process in sheet.processes:
            for state, change in process.changes.items():
                self._slopes[state] = self._slopes.get(state, sympy.S.Zero) + change * process.rate
        self._states = set(sheet.states.values())
        self._known: dict[str, Any] = {}
        self._open: set[str] = set()

    def of(self, name: str) -> Any:
        """Return the derivative of what a name of the network stands for.

        Raises
        ------
        InputError
            If it depends on itself.
        """
        if name in self._known:
            return self._known[name]
        if name in self._open:
            raise errors.InputError("a time derivative must not depend on itself", name)
        self._open.add(name)
        if name == TIME:
            found = sympy.S.One
        elif name in self._states:
            found = self._slopes.get(name, sympy.S.Zero)
        elif name in self._sheet.rules:
            found = self._total(self._sheet.rules[name])
        else:
            found = sympy.S.Zero
        self._open.discard(name)
        self._known[name] = found
        return found

    def _total(self, expression: Any) -> Any:
        terms = []
        for each in sorted(expression.free_symbols, key=str):
            slope = self.of(str(each))
            if slope != 0:
                terms.append(expression.diff(symbol(str(each))) * slope)
        return sympy.Add(*terms)


def write(sheet: Sheet) -> None:
    """Write the rules of all derivatives that the maths of a model uses."""
    derivatives, written = Derivatives(sheet), set()
    while len(written) < len(sheet.wanted_rates):
        for key, name in list(sheet.wanted_rates.items()):
            if name not in written:
                sheet.rules[name] = derivatives.of(sheet.names[key])
                written.add(name)
