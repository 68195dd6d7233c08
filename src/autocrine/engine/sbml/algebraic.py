"""Algebraic rules: which quantity each determines, and what it makes it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy

from autocrine.core import errors
from autocrine.engine.sbml import matching

#: quantities that equations may determine together, and operations in these: beyond, a closed form takes for ever
_MOST_TOGETHER, _MOST_OPERATIONS = 8, 2_000


def solved(
    equations: Sequence[Any], free: Sequence[Any], rules: Mapping[Any, Any], guess: Callable[[Any], Any]
) -> dict[Any, Any]:
    """Return what algebraic rules make of the quantities that nothing else determines.

    Parameters
    ----------
    equations : sequence of sympy.Expr
        Expressions that are zero at all times.
    free : sequence of sympy.Symbol
        Quantities that may vary and that nothing else determines, the likelier ones first.
    rules : mapping of sympy.Symbol to sympy.Expr
        What assignment rules give, which may depend on the free quantities.
    guess : callable
        The value at the start of an expression, as far as it is known, or NaN: of several solutions the one that is
        nearest to the value that the file gives the quantity is taken.

    Returns
    -------
    dict of sympy.Symbol to sympy.Expr
        One for each equation that has a free quantity.

    Raises
    ------
    UnsupportedError
        If they cannot be solved in closed form.
    """
    written = [_written_out(each, rules, set(free)) for each in equations]
    choices = [[place for place, name in enumerate(free) if name in each.free_symbols] for each in written]
    pairs = matching.pairs(choices)
    found: dict[Any, Any] = {}
    for block in matching.blocks(choices, pairs):
        names = [free[pairs[row]] for row in block]
        found |= dict(zip(names, _solution([written[row] for row in block], names, guess), strict=True))
    return found


def _written_out(equation: Any, rules: Mapping[Any, Any], free: set[Any]) -> Any:
    """Write out those rules that depend on what is looked for."""
    for _ in range(len(rules) + 1):
        depends = {
            name: rules[name] for name in equation.free_symbols if name in rules and _needs(rules[name], rules, free)
        }
        if not depends:
            return equation
        equation = equation.xreplace(depends)
    raise errors.InputError("rules must not depend on one another in a circle", str(equation))


def _needs(expression: Any, rules: Mapping[Any, Any], free: set[Any]) -> bool:
    seen: set[Any] = set()
    waiting = list(expression.free_symbols)
    while waiting:
        name = waiting.pop()
        if name in free:
            return True
        if name not in seen and name in rules:
            seen.add(name)
            waiting += rules[name].free_symbols
    return False


def _solution(equations: Sequence[Any], names: Sequence[Any], guess: Callable[[Any], Any]) -> Sequence[Any]:
    """Return the values of some quantities that some equations determine together."""
    if len(names) > _MOST_TOGETHER or sum(each.count_ops() for each in equations) > _MOST_OPERATIONS:
        raise errors.UnsupportedError(f"algebraic rules as large as those for {', '.join(map(str, names[:8]))}")
    linear = _linear_solution(equations, names)
    if linear is not None:
        return linear
    branches = _branches(equations[0], names[0]) if len(names) == 1 else []
    if branches:
        pieces = [(_solution([each], names, guess)[0], condition) for each, condition in branches]
        return [sympy.Piecewise(*pieces)]
    try:
        solutions = sympy.solve(equations, names, dict=False) if len(names) > 1 else sympy.solve(equations[0], names[0])
    except NotImplementedError:
        solutions = []
    rows = [each if isinstance(each, tuple) else (each,) for each in solutions]
    rows = [tuple(_with_real_roots(each) for each in row) for row in rows if not any(map(_is_strange, row))]
    rows = [row for row in rows if not any(each in names for each in row)]
    if not rows:
        shown = ", ".join(map(str, names))
        raise errors.UnsupportedError(f"algebraic rules without a solution in closed form (for {shown})")
    return min(rows, key=lambda row: _distance(row, names, guess))


def _branches(equation: Any, name: Any) -> list[tuple[Any, Any]]:
    """Return equations and conditions of an equation by cases, where the cases do not depend on what is looked for."""
    folded = sympy.piecewise_fold(equation)
    pieces: Any = folded.args if isinstance(folded, sympy.Piecewise) else ()
    if any(name in condition.free_symbols for _, condition in pieces):
        return []
    return [(each, condition) for each, condition in pieces]


def _is_strange(solution: Any) -> bool:
    """Tell whether a solution is no real number, or cannot be evaluated as one on the way.

    Roots of roots, as those of cubic equations, pass through complex numbers even where the solution is real.
    """
    if solution.has(sympy.I, sympy.LambertW, sympy.CRootOf):
        return True
    roots = [each for each in solution.atoms(sympy.Pow) if _is_root(each)]
    return any(_is_root(inner) for each in roots for inner in each.base.atoms(sympy.Pow))


def _is_root(power: Any) -> bool:
    return power.exp.is_Rational and not power.exp.is_Integer and bool(power.base.free_symbols)


def _with_real_roots(solution: Any) -> Any:
    """Return a solution with odd roots of negative numbers as negative numbers; the engine takes them as zero."""

    def real(power: Any) -> Any:
        size = sympy.Abs(power.base) ** power.exp
        return size if power.exp.p % 2 == 0 else sympy.sign(power.base) * size

    odd = {each: real(each) for each in solution.atoms(sympy.Pow) if _is_root(each) and each.exp.q % 2}
    return solution.xreplace(odd)


def _linear_solution(equations: Sequence[Any], names: Sequence[Any]) -> list[Any] | None:
    """Return the solution of linear equations, without any simplification of large terms."""
    if any(each.has(sympy.Piecewise, sympy.Max, sympy.Min) and _is_inside(each, names) for each in equations):
        return None
    slopes = [[each.diff(name) for name in names] for each in equations]
    if any(slope.has(*names) for row in slopes for slope in row):
        return None
    constants = [each.xreplace(dict.fromkeys(names, sympy.S.Zero)) for each in equations]
    if len(names) == 1:
        return None if slopes[0][0] == 0 else [-constants[0] / slopes[0][0]]
    matrix: Any = sympy.Matrix(slopes)
    return None if matrix.det().simplify() == 0 else list(matrix.LUsolve(-sympy.Matrix(constants)))


def _is_inside(equation: Any, names: Sequence[Any]) -> bool:
    parts = equation.atoms(sympy.Piecewise, sympy.Max, sympy.Min)
    return any(each.has(*names) for each in parts)


def _distance(row: Sequence[Any], names: Sequence[Any], guess: Callable[[Any], Any]) -> float:
    """Return how far a solution is from the values that are given; those that cannot be told come last."""
    gaps = [abs(complex(guess(each)) - complex(guess(name))) for each, name in zip(row, names, strict=True)]
    total = sum(gaps)
    return float("inf") if math.isnan(total) else total
