"""From SymPy expressions to the graph of terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy

from autocrine.core import errors
from autocrine.engine.composition import COMPOSED, different, equivalent, is_condition
from autocrine.engine.delay import Delay
from autocrine.engine.graph import Graph, Node

_CALLS = {
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.asin: "asin",
    sympy.acos: "acos",
    sympy.atan: "atan",
    sympy.sinh: "sinh",
    sympy.cosh: "cosh",
    sympy.tanh: "tanh",
    sympy.asinh: "asinh",
    sympy.acosh: "acosh",
    sympy.atanh: "atanh",
    sympy.gamma: "gamma",
    sympy.Abs: "abs",
    sympy.sign: "sign",
}
_ROUNDED = {sympy.floor: "floor", sympy.ceiling: "ceiling"}
_KNOWN = "exp, log, sqrt, the circular and hyperbolic functions and their inverses, Abs, Max, Min, Piecewise, gamma"
#: rules that may be written one within the other
_MOST_NESTED_RULES = 40
_FOLDS = {sympy.Max: "max", sympy.Min: "min", sympy.And: "and", sympy.Or: "or"}
_COMPARISONS = {
    sympy.StrictLessThan: ("lt", False),
    sympy.LessThan: ("le", False),
    sympy.StrictGreaterThan: ("lt", True),
    sympy.GreaterThan: ("le", True),
    sympy.Equality: ("eq", False),
    sympy.Unequality: ("ne", False),
}
_KINDS = frozenset([*_CALLS, *_FOLDS, *_COMPARISONS, *COMPOSED, sympy.Not])


class Translation:
    """Writes SymPy expressions into a graph.

    Parameters
    ----------
    graph : Graph
        Where the terms go.
    leaves : mapping of str to Node
        The nodes of species, parameters and time by name.
    rules : mapping of str to sympy.Expr
        Named expressions, written when they are first used.
    """

    def __init__(self, graph: Graph, leaves: Mapping[str, Node], rules: Mapping[str, sympy.Expr]) -> None:
        self.graph = graph
        self._names = dict(leaves)
        self._rules = rules
        self._known: dict[sympy.Basic, Node] = {}

    def node(self, expression: sympy.Basic | float) -> Node:
        """Return the node of an expression.

        Raises
        ------
        InputError
            If it holds a function that the engine cannot evaluate.
        """
        if isinstance(expression, int | float):
            return self.graph.number(float(expression))
        found = self._known.get(expression)
        if found is None:
            self._known[expression] = found = self._translate(expression)
        return found

    def _translate(self, expression: sympy.Basic) -> Node:
        if isinstance(expression, sympy.Symbol):
            return self._symbol(expression.name)
        if isinstance(expression, sympy.Number | sympy.NumberSymbol):
            return self.graph.number(float(expression))
        if expression is sympy.zoo:  # an infinity without a sign is no real number
            return self.graph.number(float("nan"))
        special: dict[type, Callable[..., Node]] = {
            sympy.Add: self._sum,
            sympy.Mul: self._product,
            sympy.Pow: self._product,
            sympy.Piecewise: self._piecewise,
            sympy.Heaviside: self._step,
        }
        if type(expression) in special:
            return special[type(expression)](expression)
        return self._function(expression)

    def _function(self, expression: sympy.Basic) -> Node:
        kind, graph = type(expression), self.graph
        if expression in (sympy.true, sympy.false):
            return graph.call("eq", graph.zero, graph.zero if expression is sympy.true else graph.one)
        if kind in _ROUNDED:
            return graph.call(_ROUNDED[kind], self._ratios(expression.args[0]))
        if kind is Delay:
            must = (
                "delays must be simulated by `simulate`, without a gradient, chance, steady states or steps of tissues,"
            )
            raise errors.InputError(must, str(expression))
        if kind not in _KINDS:
            raise errors.InputError("an expression must use functions the engine knows", str(expression), hint=_KNOWN)
        nodes = [self.node(argument) for argument in expression.args]
        if kind in _COMPARISONS:
            return self._comparison(expression, nodes)
        if kind in COMPOSED:
            return COMPOSED[kind](graph, *nodes)
        if kind in _FOLDS:
            result = nodes[0]
            for other in nodes[1:]:
                result = graph.call(_FOLDS[kind], result, other)
            return result
        return graph.call("not" if kind is sympy.Not else _CALLS[kind], *nodes)

    def _comparison(self, expression: Any, nodes: list[Node]) -> Node:
        operation, swapped = _COMPARISONS[type(expression)]
        if any(is_condition(argument) for argument in expression.args):
            return (equivalent if operation == "eq" else different)(self.graph, *nodes)
        return self.graph.call(operation, *(reversed(nodes) if swapped else nodes))

    def _ratios(self, expression: Any) -> Node:
        """Write a sum of quotients, each rounded once, because what is rounded to whole numbers must be exact."""
        graph, total = self.graph, self.graph.zero
        for term in sympy.Add.make_args(expression):
            above, below = sympy.fraction(term)
            fits = isinstance(term, sympy.Mul | sympy.Pow) and below != 1
            node = graph.call("divide", self.node(above), self.node(below)) if fits else self.node(term)
            total = graph.add(total, node)
        return total

    def _symbol(self, name: str) -> Node:
        if name not in self._names:
            for each in self._needed(name):
                self._names[each] = self.node(self._rules[each])
        return self._names[name]

    def _needed(self, name: str) -> list[str]:
        """Return the rules to write for a rule: it alone, or, where very many wait, all in order.

        One by one they are written by recursion, which is not deep enough for the rules of other people's models.
        """
        found: dict[str, None] = {}
        waiting = [name]
        while waiting:
            needs = [str(each) for each in self._rules[waiting[-1]].free_symbols]
            missing = sorted(each for each in needs if each not in self._names and each not in found)
            if missing and len(waiting) <= len(self._rules):
                waiting.append(missing[0])
            else:
                found[waiting.pop()] = None
        return list(found) if len(found) > _MOST_NESTED_RULES else [name]

    def _sum(self, expression: Any) -> Node:
        graph, terms = self.graph, []
        for term in expression.args:
            negative = isinstance(term, sympy.Mul | sympy.Number) and term.could_extract_minus_sign()
            terms.append((self.node(-term if negative else term), negative))
        # terms of parameters only come first, so that they are one number in the inner loop; positive before negative
        terms.sort(key=lambda item: (graph.support[item[0]] != 0, item[1]))
        total = graph.zero
        for node, negative in terms:
            total = graph.subtract(total, node) if negative else graph.add(total, node)
        return total

    def _product(self, expression: Any) -> Node:
        """Write numerator and denominator, each with its parameters first; powers of one exponent share one power."""
        graph = self.graph
        above: list[Node] = []
        below: list[Node] = []
        shared: dict[Node, tuple[list[Node], list[Node]]] = {}
        for factor in sympy.Mul.make_args(expression):
            base, exponent = factor.as_base_exp() if isinstance(factor, sympy.Pow) else (factor, sympy.S.One)
            inverse = exponent.could_extract_minus_sign()
            exponent = -exponent if inverse else exponent
            if exponent.is_Integer:
                power = graph.power(self.node(base), graph.number(float(exponent)))
                (below if inverse else above).append(power)
            else:
                group = shared.setdefault(self.node(exponent), ([], []))
                group[inverse].append(self.node(base))
        for exponent, (bases, inverses) in shared.items():
            if bases:
                above.append(graph.power(graph.divide(self._multiplied(bases), self._multiplied(inverses)), exponent))
            else:
                below.append(graph.power(self._multiplied(inverses), exponent))
        return self._quotient(above, below)

    def _quotient(self, above: list[Node], below: list[Node]) -> Node:
        graph = self.graph
        fixed = [[n for n in nodes if not graph.support[n]] for nodes in (above, below)]
        moving = [[n for n in nodes if graph.support[n]] for nodes in (above, below)]
        coefficient = graph.divide(self._multiplied(fixed[0]), self._multiplied(fixed[1]))
        numerator = graph.multiply(coefficient, self._multiplied(moving[0]))
        return graph.divide(numerator, self._multiplied(moving[1]))

    def _multiplied(self, nodes: list[Node]) -> Node:
        result = self.graph.one
        for node in sorted(nodes):
            result = self.graph.multiply(result, node)
        return result

    def _piecewise(self, expression: Any) -> Node:
        graph = self.graph
        result = graph.number(float("nan"))
        for value, condition in reversed(expression.args):
            if condition == sympy.true:
                result = self.node(value)
            else:
                result = graph.select(self.node(condition), self.node(value), result)
        return result

    def _step(self, expression: sympy.Basic) -> Node:
        graph = self.graph
        argument, middle = self.node(expression.args[0]), self.node(expression.args[1])
        above = graph.select(graph.call("lt", graph.zero, argument), graph.one, middle)
        return graph.select(graph.call("lt", argument, graph.zero), graph.zero, above)
