"""Conservation laws: amounts that no reaction changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sympy
from sympy.polys.matrices import DomainMatrix

from autocrine.engine.names import TIME, symbol

Law = dict[str, Any]


def conservation_laws(
    species: Iterable[str], stoichiometries: Iterable[Mapping[str, Any]], rules: Mapping[Any, Any]
) -> tuple[Law, ...]:
    """Return coefficients by species whose weighted sum no reaction changes, one mapping for each independent law.

    Parameters
    ----------
    species : iterable of str
        The species.
    stoichiometries : iterable of mapping of str to sympy.Expr
        Changes per turnover of each reaction; they may hold parameters, and then the coefficients may too.
    rules : mapping of sympy.Symbol to sympy.Expr
        Rules, written out.

    Notes
    -----
    The left null space of the stoichiometric matrix over the rational functions of the parameters, exact: decimals are
    taken as they are written. A change that depends on the state counts as one column for each of its terms, so that
    laws hold in every state. Each law has a species that no other law has.
    """
    names = tuple(species)
    state = {symbol(name) for name in (*names, TIME)}
    columns = [column for each in stoichiometries for column in _columns(each, rules, state)]
    place = {name: i for i, name in enumerate(names)}
    matrix = sympy.SparseMatrix(
        len(columns), len(names), {(j, place[n]): x for j, each in enumerate(columns) for n, x in each.items()}
    )
    if not columns:
        return tuple({name: sympy.S.One} for name in names)
    kernel = DomainMatrix.from_Matrix(matrix).to_field().nullspace().to_Matrix()
    return tuple(_readable(names, kernel.row(i)) for i in range(kernel.rows))


def _columns(stoichiometry: Mapping[str, Any], rules: Mapping[Any, Any], state: set) -> list[dict[str, Any]]:
    """Return the columns of one reaction: changes of species, without what depends on the state."""
    found: dict[Any, dict[str, Any]] = {}
    for name, change in stoichiometry.items():
        written = _exact(sympy.sympify(change).xreplace(dict(rules)))
        terms = sympy.Add.make_args(sympy.expand(written)) if written.free_symbols & state else (written,)
        for term in terms:
            share, moving = term.as_independent(*state, as_Add=False)
            column = found.setdefault(moving, {})
            column[name] = column.get(name, sympy.S.Zero) + share
    return list(found.values())


def _exact(expression: Any) -> Any:
    """Return an expression with decimals as fractions of whole numbers."""
    return expression.xreplace({each: sympy.Rational(str(each)) for each in expression.atoms(sympy.Float)})


def _readable(names: tuple[str, ...], row: Any) -> Law:
    """Return a law without fractions and with a positive first coefficient."""
    entries = {name: sympy.factor(x) for name, x in zip(names, row, strict=True) if x != 0}
    below = sympy.lcm([sympy.denom(x) for x in entries.values()])
    whole = {name: sympy.cancel(x * below) for name, x in entries.items()}
    shared = sympy.gcd(list(whole.values()))
    first = next(iter(whole.values())) / shared
    sign = -1 if first.could_extract_minus_sign() else 1
    return {name: sympy.factor(sympy.cancel(sign * x / shared)) for name, x in whole.items()}
