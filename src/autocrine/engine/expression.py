"""What a network is given, checked and brought to one form: plain numbers, expressions and conditions of SymPy.

SymPy is imported when something is checked that is no plain number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from autocrine.core import errors
from autocrine.engine.names import nearest, symbol


def value(given: Any, known: Iterable[str], where: str) -> Any:
    """Return a number as a float, for which no SymPy is needed, or an expression."""
    if isinstance(given, int | float) and not isinstance(given, bool):
        return float(given)
    found = expression(given, known, where)
    return float(found) if found.is_Number else found


def condition(given: Any, known: Iterable[str], where: str) -> Any:
    """Return a condition in the symbols of the engine; a number is one that holds while it is positive."""
    import sympy

    from autocrine.engine.composition import is_condition

    found = sympy.sympify(given) if isinstance(given, bool) else given
    if is_condition(found):
        return _in_symbols(found, known, where)
    return sympy.StrictGreaterThan(expression(found, known, where), 0)


def expression(given: Any, known: Iterable[str], where: str) -> Any:
    """Return a SymPy expression in the symbols of the engine, whatever assumptions its own symbols had.

    Raises
    ------
    InputError
        If it is none, or has a symbol that is not known.
    """
    import sympy

    try:
        found = sympy.sympify(given, strict=True)  # strict: text is refused, not evaluated
    except (sympy.SympifyError, TypeError) as error:
        raise errors.InputError("an expression must be a number or SymPy", given, where=where) from error
    if not isinstance(found, sympy.Expr):
        raise errors.InputError("an expression must be a number or SymPy", given, where=where)
    return _in_symbols(found, known, where)


def constants(parameters: Iterable[str], rules: Mapping[str, Any]) -> set[str]:
    """Return the names of the parameters, and of the rules that follow from them alone."""
    found = set(parameters)
    for name, rule in rules.items():
        if all(str(each) in found for each in rule.free_symbols):
            found.add(name)
    return found


def unknown(must: str, name: str, known: Iterable[str], where: str) -> errors.InputError:
    """Return the refusal of a name, with the nearest one that is known."""
    return errors.InputError(must, name, where=where, hint=nearest(name, known))


def _in_symbols(found: Any, known: Iterable[str], where: str) -> Any:
    swap = {}
    for each in found.free_symbols:
        name = str(each)
        if name not in known:
            raise unknown("a symbol must be declared", name, known, where)
        if each != symbol(name):
            swap[each] = symbol(name)
    return found.xreplace(swap) if swap else found
