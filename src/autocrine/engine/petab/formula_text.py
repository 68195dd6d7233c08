"""SymPy expressions as the text that PEtab's grammar reads."""

from __future__ import annotations

from typing import Any

import sympy
from sympy.logic.boolalg import ITE, BooleanAtom, Equivalent, Xor

from autocrine.core import errors

_CALLS = {
    sympy.exp: "exp",
    sympy.log: "ln",
    sympy.Abs: "abs",
    sympy.sign: "sign",
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.tan: "tan",
    sympy.sinh: "sinh",
    sympy.cosh: "cosh",
    sympy.tanh: "tanh",
    sympy.asin: "arcsin",
    sympy.acos: "arccos",
    sympy.atan: "arctan",
    sympy.asinh: "arcsinh",
    sympy.acosh: "arccosh",
    sympy.atanh: "arctanh",
}
_SIGNS: dict[Any, str] = {
    sympy.StrictLessThan: "<",
    sympy.LessThan: "<=",
    sympy.StrictGreaterThan: ">",
    sympy.GreaterThan: ">=",
    sympy.Equality: "==",
    sympy.Unequality: "!=",
    Equivalent: "==",
    Xor: "!=",
    sympy.Add: "+",
    sympy.Mul: "*",
    sympy.And: "&&",
    sympy.Or: "||",
}
_FORMS = {sympy.Pow: "({0})^({1})", sympy.Not: "(!({0}))", ITE: "piecewise({1}, {0}, {2})"}
_FOLDS = {sympy.Max: "max", sympy.Min: "min"}


def formula_text(expression: Any) -> str:
    """Return the text of an expression; reading it gives the same values.

    Raises
    ------
    InputError
        If it has a function that PEtab has not.
    """
    if isinstance(expression, sympy.Symbol):
        return expression.name
    if isinstance(expression, BooleanAtom):
        return str(expression).lower()
    if isinstance(expression, sympy.Number | sympy.NumberSymbol):
        return _number(expression)
    return _composed(expression)


def _composed(expression: Any) -> str:
    kind = type(expression)
    if kind is sympy.Piecewise:
        return _pieces(expression)
    arguments = [formula_text(each) for each in expression.args]
    if kind in _SIGNS:
        return "(" + f" {_SIGNS[kind]} ".join(arguments) + ")"
    if kind in _CALLS:
        return f"{_CALLS[kind]}({arguments[0]})"
    if kind in _FOLDS:
        folded = arguments[0]
        for other in arguments[1:]:
            folded = f"{_FOLDS[kind]}({folded}, {other})"
        return folded
    if kind in _FORMS:
        return _FORMS[kind].format(*arguments)
    raise errors.InputError("a formula must use functions of PEtab", str(expression))


def _number(value: Any) -> str:
    if value in (sympy.oo, -sympy.oo):
        return "inf" if value == sympy.oo else "(-inf)"
    text = str(int(value)) if value.is_Integer else repr(float(value))
    return text if float(value) >= 0 else f"({text})"


def _pieces(expression: Any) -> str:
    pieces, otherwise = [], ""
    for value, condition in expression.args:
        if condition == sympy.true:
            otherwise = formula_text(value)
            break
        pieces += [formula_text(value), formula_text(condition)]
    if not otherwise:
        raise errors.InputError("piecewise must have a value for all other cases", str(expression))
    return f"piecewise({', '.join([*pieces, otherwise])})" if pieces else otherwise
