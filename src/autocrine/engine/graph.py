"""Expressions as a graph in which equal terms are one node: common terms and derivatives come without a search."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable

from autocrine.core import errors

#: operations whose value is true or false
LOGICAL = frozenset({"lt", "le", "eq", "ne", "and", "or", "not"})
#: at a smaller base the slope of a power is taken here, because that of x**0.5 at zero is infinite
_ALMOST_ZERO = 1e-20
_LARGEST_UNROLLED_POWER = 16
#: terms within terms that are differentiated by recursion
_DEEPEST_RECURSION = 100

Node = int


class Graph:
    """A growing set of terms; a term is an operation on earlier terms, and equal terms are the same node.

    ``support[node]`` is a bit mask of the variables (bit *j* is species *j*, the last bit is time) that the node
    depends on; zero means that the node depends on parameters only.

    Powers of a negative base with a fractional exponent are zero: a solver may step below zero by a rounding error, and
    a rate law such as ``(x/K)**1.7`` then means that nothing is there.
    """

    def __init__(self) -> None:
        self.operations: list[str] = []
        self.arguments: list[tuple[Node, ...]] = []
        self.payloads: list[object] = []
        self.support: list[int] = []
        self._index: dict[tuple, Node] = {}
        self._derivatives: dict[tuple[Node, int], Node] = {}
        self.zero, self.one = self.number(0.0), self.number(1.0)

    def copy(self) -> Graph:
        """Return a graph with the same nodes that grows on its own."""
        other = Graph()
        vars(other).update({name: copy.copy(value) for name, value in vars(self).items()})
        return other

    def _node(self, operation: str, arguments: tuple[Node, ...], payload: object = None, support: int = 0) -> Node:
        key = (operation, arguments, payload)
        found = self._index.get(key)
        if found is not None:
            return found
        for argument in arguments:
            support |= self.support[argument]
        self.operations.append(operation)
        self.arguments.append(arguments)
        self.payloads.append(payload)
        self.support.append(support)
        self._index[key] = node = len(self.operations) - 1
        return node

    def number(self, value: float) -> Node:
        """Return the node of a number."""
        return self._node("number", (), value + 0.0)

    def load(self, array: str, index: int, support: int = 0) -> Node:
        """Return the node of entry ``index`` of an input array (``t``, ``y`` or ``p``)."""
        return self._node("load", (), (array, index), support)

    def value(self, node: Node) -> float | None:
        """Return the number that a node is, or None."""
        payload = self.payloads[node]
        return payload if isinstance(payload, float) else None

    def add(self, a: Node, b: Node) -> Node:
        """Return a + b."""
        u, v = self.value(a), self.value(b)
        if u is not None and v is not None:
            return self.number(u + v)
        if u == 0:
            return b
        if v == 0:
            return a
        return self._node("add", (min(a, b), max(a, b)))

    def subtract(self, a: Node, b: Node) -> Node:
        """Return a - b."""
        u, v = self.value(a), self.value(b)
        if u is not None and v is not None:
            return self.number(u - v)
        if v == 0:
            return a
        if u == 0:
            return self.multiply(self.number(-1.0), b)
        return self._node("subtract", (a, b))

    def multiply(self, a: Node, b: Node) -> Node:
        """Return a b."""
        u, v = self.value(a), self.value(b)
        if u is not None and v is not None:
            return self.number(u * v)
        if u == 0 or v == 0:
            return self.zero
        if u == 1:
            return b
        if v == 1:
            return a
        return self._node("multiply", (min(a, b), max(a, b)))

    def divide(self, a: Node, b: Node) -> Node:
        """Return a / b, as a product with the reciprocal of b, which quotients and their slopes share.

        A division costs as much as ten products, and a rate law has one denominator but a slope by each of its species.
        """
        u, v = self.value(a), self.value(b)
        if u is not None and v:
            return self.number(u / v)
        if u == 0 or v == 1:
            return a
        if u == 1:
            return self._node("divide", (a, b))
        return self.multiply(self.divide(self.one, b), a)

    def power(self, base: Node, exponent: Node) -> Node:
        """Return base ** exponent; a small whole exponent becomes products."""
        n = self.value(exponent)
        if n is not None and n == int(n) and abs(n) <= _LARGEST_UNROLLED_POWER:
            return self._whole_power(base, int(n))
        if n == 0.5:
            return self.call("sqrt", base)
        if n == -0.5:
            return self.divide(self.one, self.call("sqrt", base))
        return self._real_power(base, exponent)

    def _real_power(self, base: Node, exponent: Node) -> Node:
        """Return a power with the sign that it has at a negative base, which is mostly a term of parameters."""
        return self._node("power", (base, exponent, self.call("negative_power", exponent)))

    def _whole_power(self, base: Node, n: int) -> Node:
        if n < 0:
            return self.divide(self.one, self._whole_power(base, -n))
        if n == 0:
            return self.one
        half = self._whole_power(base, n // 2)
        square = self.multiply(half, half)
        return self.multiply(square, base) if n % 2 else square

    def call(self, operation: str, *arguments: Node) -> Node:
        """Return a function of nodes, such as ``exp``, ``max`` or the comparison ``lt``."""
        return self._node(operation, arguments)

    def select(self, condition: Node, yes: Node, no: Node) -> Node:
        """Return ``yes`` where the condition holds, else ``no``."""
        return yes if yes == no else self._node("select", (condition, yes, no))

    def derivative(self, node: Node, variable: int) -> Node:
        """Return the partial derivative of a node by a variable."""
        for each in self._deep_terms(node, variable):
            self._slope(each, variable)
        return self._slope(node, variable)

    def _slope(self, node: Node, variable: int) -> Node:
        if not self.support[node] >> variable & 1:
            return self.zero
        found = self._derivatives.get((node, variable))
        if found is None:
            found = self._differentiate(node, variable)
            self._derivatives[node, variable] = found
        return found

    def _differentiate(self, node: Node, variable: int) -> Node:
        if self.operations[node] == "load":
            return self.one
        return self.chain(node, lambda argument: self._slope(argument, variable))

    def _deep_terms(self, node: Node, variable: int) -> list[Node]:
        """Return the terms to differentiate before a node, arguments first, where recursion would be too deep."""
        depths: dict[Node, int] = {}
        waiting = [node]
        while waiting:
            each = waiting.pop()
            if each not in depths and self.support[each] >> variable & 1 and (each, variable) not in self._derivatives:
                depths[each] = 0
                waiting.extend(self.arguments[each])
        order = sorted(depths)  # an argument is always older than the term that uses it
        for each in order:
            depths[each] = 1 + max((depths.get(argument, 0) for argument in self.arguments[each]), default=0)
        return order if depths.get(node, 0) > _DEEPEST_RECURSION else []

    def chain(self, node: Node, slope: Callable[[Node], Node]) -> Node:
        """Return the derivative of a term from those of its arguments, by the chain rule."""
        operation, arguments = self.operations[node], self.arguments[node]
        if operation == "select":
            condition, yes, no = arguments
            return self.select(condition, slope(yes), slope(no))
        slopes = [slope(argument) for argument in arguments]
        rule = getattr(self, f"_slope_{operation}", None)
        if rule is None:  # floor, ceiling, sign: constant almost everywhere
            return self.zero
        return rule(node, *arguments, *slopes)

    def _slope_add(self, node: Node, a: Node, b: Node, da: Node, db: Node) -> Node:
        return self.add(da, db)

    def _slope_subtract(self, node: Node, a: Node, b: Node, da: Node, db: Node) -> Node:
        return self.subtract(da, db)

    def _slope_multiply(self, node: Node, a: Node, b: Node, da: Node, db: Node) -> Node:
        return self.add(self.multiply(da, b), self.multiply(a, db))

    def _slope_divide(self, node: Node, a: Node, b: Node, da: Node, db: Node) -> Node:
        if db == self.zero:
            return self.divide(da, b)
        return self.divide(self.subtract(da, self.multiply(node, db)), b)

    def _slope_power(self, node: Node, *terms: Node) -> Node:
        a, b, _, da, db, _ = terms
        slope = self.zero
        if da != self.zero:
            # b a**(b-1) from the power that is there already; near zero, where 1/a is too large, from a power of
            # _ALMOST_ZERO, which is a term of parameters if b is one
            tiny, small = self.number(_ALMOST_ZERO), self.call("lt", self.call("abs", a), self.number(_ALMOST_ZERO))
            value = self.select(small, self._real_power(tiny, b), node)
            slope = self.multiply(self.divide(self.multiply(b, value), self.select(small, tiny, a)), da)
        if db != self.zero:
            logarithm = self.select(self.call("lt", self.zero, a), self.call("log", a), self.zero)
            slope = self.add(slope, self.multiply(self.multiply(node, logarithm), db))
        return slope

    def _slope_sqrt(self, node: Node, a: Node, da: Node) -> Node:
        root = self.select(self.call("lt", node, self.number(math.sqrt(_ALMOST_ZERO))), self.number(1e-10), node)
        positive = self.divide(da, self.multiply(self.number(2.0), root))
        return self.select(self.call("lt", a, self.zero), self.zero, positive)

    def _slope_exp(self, node: Node, a: Node, da: Node) -> Node:
        return self.multiply(node, da)

    def _slope_log(self, node: Node, a: Node, da: Node) -> Node:
        return self.divide(da, a)

    def _slope_tanh(self, node: Node, a: Node, da: Node) -> Node:
        return self.multiply(self.subtract(self.one, self.multiply(node, node)), da)

    def _slope_sin(self, node: Node, a: Node, da: Node) -> Node:
        return self.multiply(self.call("cos", a), da)

    def _slope_cos(self, node: Node, a: Node, da: Node) -> Node:
        return self.multiply(self.subtract(self.zero, self.call("sin", a)), da)

    def _slope_asin(self, node: Node, a: Node, da: Node) -> Node:
        return self._over_root(da, self._one_less_square(a))

    def _slope_acos(self, node: Node, a: Node, da: Node) -> Node:
        return self.subtract(self.zero, self._slope_asin(node, a, da))

    def _slope_atan(self, node: Node, a: Node, da: Node) -> Node:
        return self.divide(da, self.add(self.one, self.multiply(a, a)))

    def _slope_sinh(self, node: Node, a: Node, da: Node) -> Node:
        return self.multiply(self.call("cosh", a), da)

    def _slope_cosh(self, node: Node, a: Node, da: Node) -> Node:
        return self.multiply(self.call("sinh", a), da)

    def _slope_asinh(self, node: Node, a: Node, da: Node) -> Node:
        return self._over_root(da, self.add(self.one, self.multiply(a, a)))

    def _slope_acosh(self, node: Node, a: Node, da: Node) -> Node:
        return self._over_root(da, self.multiply(self.subtract(a, self.one), self.add(a, self.one)))

    def _slope_atanh(self, node: Node, a: Node, da: Node) -> Node:
        return self.divide(da, self._one_less_square(a))

    def _one_less_square(self, a: Node) -> Node:
        return self.multiply(self.subtract(self.one, a), self.add(self.one, a))

    def _over_root(self, slope: Node, square: Node) -> Node:
        """Return a slope over a root that is taken of no less than `_ALMOST_ZERO`: asin is vertical at 1."""
        tiny = self.number(_ALMOST_ZERO)
        return self.divide(slope, self.call("sqrt", self.select(self.call("lt", square, tiny), tiny, square)))

    def _slope_gamma(self, node: Node, a: Node, da: Node) -> Node:
        return self.multiply(self.multiply(node, self.call("digamma", a)), da)

    def _slope_digamma(self, node: Node, a: Node, da: Node) -> Node:
        return self.multiply(self.call("trigamma", a), da)

    def _slope_trigamma(self, node: Node, a: Node, da: Node) -> Node:
        raise errors.InputError("gamma must be differentiated at most twice", "a third derivative")

    def _slope_abs(self, node: Node, a: Node, da: Node) -> Node:
        return self.select(self.call("lt", a, self.zero), self.subtract(self.zero, da), da)

    def _slope_max(self, node: Node, a: Node, b: Node, da: Node, db: Node) -> Node:
        return self.select(self.call("lt", a, b), db, da)

    def _slope_min(self, node: Node, a: Node, b: Node, da: Node, db: Node) -> Node:
        return self.select(self.call("lt", b, a), db, da)
