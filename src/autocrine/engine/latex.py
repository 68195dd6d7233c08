"""The network as a reader of equations wants it."""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from autocrine.engine.names import symbol


def rates(expressions: Mapping[str, sympy.Expr]) -> dict[str, str]:
    """Return the LaTeX of each rate by the name of its reaction."""
    return {name: formula(expression) for name, expression in expressions.items()}


def equations(odes: Mapping[str, sympy.Expr]) -> dict[str, str]:
    r"""Return ``\frac{dx}{dt} = ...`` under the key ``dx/dt`` for each species."""
    return {f"d{name}/dt": rf"{derivative(name)} = {formula(right)}" for name, right in odes.items()}


def derivative(name: str) -> str:
    """Return the left side of the equation of a species."""
    return rf"\frac{{\mathrm{{d}} {formula(symbol(name))}}}{{\mathrm{{d}} t}}"


def formula(expression: sympy.Basic) -> str:
    """Return the LaTeX of an expression."""
    names = {each: _name(str(each)) for each in expression.free_symbols}
    return sympy.latex(expression, symbol_names=names, mul_symbol=r"\,")


def _name(name: str) -> str:
    """Return a name upright, what follows the first underscore as its index: ``k_on`` is k with index on."""
    head, _, tail = name.partition("_")
    head = rf"\mathit{{{head}}}" if len(head) == 1 else rf"\mathrm{{{head}}}"
    return head + (rf"_{{\mathrm{{{tail.replace('_', ',')}}}}}" if tail else "")
