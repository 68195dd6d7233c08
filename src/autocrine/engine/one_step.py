"""One whole step of a Rosenbrock method as one function, for many cells that share their parameters and the step.

Slopes, Jacobian, factors and stages are terms of one graph. What depends on the shared parameters and on the step
only is computed once; what depends on the surroundings of a cell but not on its state is computed once for all
stages. A species that only decays has a pivot of parameters only, so that most of the elimination is over before the
first cell comes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sympy

from autocrine.core import errors
from autocrine.engine.elimination import Entries, Factors, factorise
from autocrine.engine.graph import Graph, Node
from autocrine.engine.names import TIME, nearest
from autocrine.engine.statements import Block, jacobian_of, right_hand_side
from autocrine.engine.step_control import SMALLEST_PIVOT
from autocrine.engine.step_method import StepMethod
from autocrine.engine.step_statements import block_of, hoisted_terms
from autocrine.engine.translation import Translation

if TYPE_CHECKING:
    from autocrine.engine.statements import Expression


@dataclass(frozen=True)
class Equations:
    """What a network is made of.

    Attributes
    ----------
    species, parameters : tuple of str
        Names in the order of the arrays.
    reactions : tuple of (stoichiometry, rate)
        Changes per turnover and turnovers per hour.
    rules : mapping of str to sympy.Expr
        Named expressions.
    observables : mapping of str to sympy.Expr
        Named expressions that are only shown.
    """

    species: tuple[str, ...]
    parameters: tuple[str, ...]
    reactions: tuple[tuple[Mapping[str, Expression], Expression], ...]
    rules: Mapping[str, sympy.Expr]
    observables: Mapping[str, sympy.Expr] = field(default_factory=dict)


@dataclass(frozen=True)
class OneStep:
    """The functions of a step.

    Attributes
    ----------
    species, inputs : int
        Number of species n, and of numbers that each cell has of its own.
    hoisted : int
        Number of terms of shared parameters and of the step, ``c``.
    hoist : Block
        p to c; after the parameters, p holds the step (h), the relative tolerance and n absolute ones.
    step : Block
        y (state), x (inputs), c to n new values and, at place n, whether the step can be taken.
    """

    species: int
    inputs: int
    hoisted: int
    hoist: Block
    step: Block


def one_step(equations: Equations, inputs: Sequence[str], method: StepMethod) -> OneStep:
    """Write a step for cells that have ``inputs``, names of parameters or time ``t``, of their own.

    Raises
    ------
    InputError
        If an input is not declared, stands twice, or if rates follow time and time is no input.
    """
    graph = Graph()
    leaves = leaves_of_cell(graph, equations, inputs)
    rates = [each for changes, rate in equations.reactions for each in (rate, *changes.values())]
    if TIME not in inputs and follows_time(equations.rules, rates):
        raise errors.InputError("the rates of a stepper must not follow time", hint="surroundings=[..., 't']")
    y = [leaves[name] for name in equations.species]
    stages = _Stages(graph, equations, leaves, method)
    new, problem, order = stages.written(y)
    n = len(y)
    fits = _within_tolerance(graph, len(equations.parameters) + 1, y, new, problem)
    stores = [(place, node) for place, node in enumerate([*new, graph.call("and", fits, stages.safe)])]
    constants = {
        node: graph.load("c", place, 1) for place, node in enumerate(hoisted_terms(graph, [stores, _unplaced(order)]))
    }
    hoist = block_of(graph, "hoist", [(place, node) for place, node in enumerate(constants)], {})
    block = block_of(graph, "step", [*_unplaced(order), *stores], constants)
    return OneStep(n, len(inputs), len(constants), hoist, Block(block.name, block.statements, tuple(stores)))


class _Stages:
    """The stages of a step, as terms."""

    def __init__(self, graph: Graph, equations: Equations, leaves: Mapping[str, Node], method: StepMethod) -> None:
        self.graph, self.equations, self.leaves, self.method = graph, equations, leaves, method
        self.safe = graph.call("le", graph.zero, graph.zero)

    def written(self, y: list[Node]) -> tuple[list[Node], list[Node], list[Node]]:
        """Return the new values, the error estimates, and all terms in the order in which they are best computed."""
        graph, method, n = self.graph, self.method, len(y)
        per_h = graph.divide(graph.one, graph.load("p", len(self.equations.parameters)))
        slopes = self._slopes(y)
        factors = self._factors(slopes, graph.multiply(per_h, graph.number(1.0 / method.gamma)))
        order = [*slopes, *_in_order(factors)]
        found: list[list[Node]] = []
        for a, c in zip(method.A, method.C, strict=True):
            argument = self._sum(y, a, found)
            right = self._sum(self._slopes(argument), c, found, per_h)
            found.append(factors.solve(graph, right))
            order += [*argument, *right, *found[-1]]
        zero = [graph.zero] * n
        return self._sum(y, method.m, found), self._sum(zero, method.e, found), order

    def _slopes(self, argument: Sequence[Node]) -> list[Node]:
        names = dict(self.leaves) | dict(zip(self.equations.species, argument, strict=True))
        translation = Translation(self.graph, names, self.equations.rules)
        return right_hand_side(self.graph, translation, self.equations.species, self.equations.reactions)

    def _factors(self, slopes: Sequence[Node], shift: Node) -> Factors:
        entries, derivatives = jacobian_of(self.graph, slopes)
        jacobian: Entries = dict(zip(entries, derivatives, strict=True))
        factors = factorise(self.graph, len(slopes), jacobian, shift)
        self.safe = _safe(self.graph, list(factors.inverses.values()), shift)
        return factors

    def _sum(
        self,
        start: Sequence[Node],
        weights: Sequence[float],
        stages: Sequence[Sequence[Node]],
        scale: Node | None = None,
    ) -> list[Node]:
        """Return start + scale times the sum of weights times stages."""
        graph, result = self.graph, list(start)
        for weight, stage in zip(weights, stages, strict=True):
            factor = graph.number(weight) if scale is None else graph.multiply(graph.number(weight), scale)
            result = [graph.add(each, graph.multiply(factor, u)) for each, u in zip(result, stage, strict=True)]
        return result


def leaves_of_cell(graph: Graph, equations: Equations, inputs: Sequence[str]) -> dict[str, Node]:
    """Make the nodes of species, shared parameters and inputs; time is there if it is an input."""
    known = (*equations.parameters, TIME)
    for name in inputs:
        if name not in known:
            raise errors.InputError("a surrounding must be a parameter of the network", name, hint=nearest(name, known))
        if list(inputs).count(name) > 1:
            raise errors.InputError("a surrounding must be named once", name)
    n = len(equations.species)
    leaves = {name: graph.load("y", i, 1 << i) for i, name in enumerate(equations.species)}
    leaves |= {name: graph.load("p", i) for i, name in enumerate(equations.parameters)}
    leaves |= {name: graph.load("x", k, 1 << (n + k)) for k, name in enumerate(inputs)}
    return leaves


def follows_time(rules: Mapping[str, sympy.Expr], expressions: Sequence[object]) -> bool:
    """Tell whether time stands in expressions or in the rules that they use."""
    seen: set[str] = set()
    waiting = list(expressions)
    while waiting:
        expression = waiting.pop()
        names = {str(each) for each in expression.free_symbols} if isinstance(expression, sympy.Basic) else set()
        waiting += [rules[name] for name in names - seen if name in rules]
        seen |= names
    return TIME in seen


def _safe(graph: Graph, inverses: Sequence[Node], shift: Node) -> Node:
    """Return whether no pivot is small or of the wrong sign; those of parameters only are looked at once."""
    largest = graph.divide(graph.number(1.0 / SMALLEST_PIVOT), shift)
    result = graph.call("le", graph.zero, graph.zero)
    for of_cells in (False, True):
        nodes = [node for node in inverses if bool(graph.support[node]) == of_cells]
        if nodes:
            low, high = nodes[0], nodes[0]
            for node in nodes[1:]:
                low = graph.select(graph.call("lt", low, node), low, node)
                high = graph.select(graph.call("lt", high, node), node, high)
            inside = graph.call("and", graph.call("lt", graph.zero, low), graph.call("le", high, largest))
            result = graph.call("and", result, inside)
    return result


def _within_tolerance(graph: Graph, first: int, y: list[Node], new: list[Node], problem: list[Node]) -> Node:
    """Return whether the error of each species is within its tolerance; a NaN never is."""
    rtol, result = graph.load("p", first), graph.call("le", graph.zero, graph.zero)
    for i, (old, value, error) in enumerate(zip(y, new, problem, strict=True)):
        a, b = graph.call("abs", old), graph.call("abs", value)
        size = graph.select(graph.call("lt", a, b), b, a)
        allowed = graph.add(graph.load("p", first + 1 + i), graph.multiply(rtol, size))
        result = graph.call("and", result, graph.call("le", graph.call("abs", error), allowed))
    return result


def _in_order(factors: Factors) -> list[Node]:
    """Return the terms of the factors in the order of elimination."""
    place = {k: position for position, k in enumerate(factors.order)}
    terms = [(place[k], 0, node) for k, node in factors.inverses.items()]
    terms += [(place[k], 1, node) for (_, k), node in factors.lower.items()]
    terms += [(place[k], 2, node) for (k, _), node in factors.upper.items()]
    return [node for _, _, node in sorted(terms)]


def _unplaced(nodes: Sequence[Node]) -> list[tuple[int, Node]]:
    return [(-1, node) for node in nodes]
