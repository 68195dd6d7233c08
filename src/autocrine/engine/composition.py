"""Functions that are written with those of the graph: the rest of the circular ones, remainders, and logic."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import sympy
from sympy.logic.boolalg import Boolean

from autocrine.engine.graph import Graph, Node
from autocrine.engine.whole_division import Quotient, Remainder


def is_condition(expression: object) -> bool:
    """Tell whether an expression is true or false; for SymPy a symbol may be that as well as a number."""
    return isinstance(expression, Boolean) and not isinstance(expression, sympy.Expr)


def _ratio(graph: Graph, a: Node, b: Node) -> Node:
    """Return a/b rounded once, so that 49/49 is 1; a product with 1/49 is less."""
    u, v = graph.value(a), graph.value(b)
    return graph.divide(a, b) if (u is not None and v is not None) or v == 1 else graph.call("divide", a, b)


def _of_inverse(name: str) -> Callable[..., Node]:
    """Return a function of 1/a."""
    return lambda graph, a: graph.call(name, _ratio(graph, graph.one, a))


def _inverse_of(name: str) -> Callable[..., Node]:
    """Return one over a function of a."""
    return lambda graph, a: _ratio(graph, graph.one, graph.call(name, a))


def _tan(graph: Graph, a: Node) -> Node:
    return _ratio(graph, graph.call("sin", a), graph.call("cos", a))


def _cot(graph: Graph, a: Node) -> Node:
    return _ratio(graph, graph.call("cos", a), graph.call("sin", a))


def _atan2(graph: Graph, y: Node, x: Node) -> Node:
    """Return the angle of the point (x, y)."""
    angle = graph.call("atan", _ratio(graph, y, x))
    turn = graph.select(graph.call("lt", y, graph.zero), graph.number(-math.pi), graph.number(math.pi))
    angle = graph.select(graph.call("lt", x, graph.zero), graph.add(angle, turn), angle)
    nowhere = graph.call("and", graph.call("eq", x, graph.zero), graph.call("eq", y, graph.zero))
    return graph.select(nowhere, graph.zero, angle)


def _factorial(graph: Graph, a: Node) -> Node:
    return graph.call("gamma", graph.add(a, graph.one))


def _truncated(graph: Graph, a: Node) -> Node:
    return graph.select(graph.call("lt", a, graph.zero), graph.call("ceiling", a), graph.call("floor", a))


def _quotient(graph: Graph, a: Node, b: Node) -> Node:
    return _truncated(graph, _ratio(graph, a, b))


def _remainder(graph: Graph, a: Node, b: Node) -> Node:
    return graph.subtract(a, graph.multiply(b, _quotient(graph, a, b)))


def _modulo(graph: Graph, a: Node, b: Node) -> Node:
    return graph.subtract(a, graph.multiply(b, graph.call("floor", _ratio(graph, a, b))))


def _fraction(graph: Graph, a: Node) -> Node:
    return graph.subtract(a, graph.call("floor", a))


def different(graph: Graph, *conditions: Node) -> Node:
    """Return whether an odd number of conditions is true."""
    result = conditions[0]
    for other in conditions[1:]:
        first = graph.call("and", result, graph.call("not", other))
        result = graph.call("or", first, graph.call("and", graph.call("not", result), other))
    return result


def equivalent(graph: Graph, *conditions: Node) -> Node:
    """Return whether all conditions are true or all are false."""
    all_true, any_true = conditions[0], conditions[0]
    for other in conditions[1:]:
        all_true, any_true = graph.call("and", all_true, other), graph.call("or", any_true, other)
    return graph.call("or", all_true, graph.call("not", any_true))


def _chosen(graph: Graph, condition: Node, yes: Node, no: Node) -> Node:
    other = graph.call("and", graph.call("not", condition), no)
    return graph.call("or", graph.call("and", condition, yes), other)


COMPOSED: Mapping[type, Callable[..., Node]] = {
    sympy.tan: _tan,
    sympy.cot: _cot,
    sympy.sec: _inverse_of("cos"),
    sympy.csc: _inverse_of("sin"),
    sympy.sech: _inverse_of("cosh"),
    sympy.csch: _inverse_of("sinh"),
    sympy.coth: _inverse_of("tanh"),
    sympy.asec: _of_inverse("acos"),
    sympy.acsc: _of_inverse("asin"),
    sympy.acot: _of_inverse("atan"),
    sympy.asech: _of_inverse("acosh"),
    sympy.acsch: _of_inverse("asinh"),
    sympy.acoth: _of_inverse("atanh"),
    sympy.atan2: _atan2,
    sympy.factorial: _factorial,
    sympy.frac: _fraction,
    sympy.Mod: _modulo,
    Quotient: _quotient,
    Remainder: _remainder,
    # every quantity is real, and powers of negative numbers are
    sympy.re: lambda _, a: a,
    sympy.im: lambda graph, _: graph.zero,
    sympy.conjugate: lambda _, a: a,
    sympy.Xor: different,
    sympy.Equivalent: equivalent,
    sympy.Implies: lambda graph, a, b: graph.call("or", graph.call("not", a), b),
    sympy.ITE: _chosen,
}
