"""A network as one list of statements per function: what the printers of all back ends print."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from autocrine.engine.graph import LOGICAL, Graph, Node
from autocrine.engine.names import TIME

if TYPE_CHECKING:
    import sympy

    from autocrine.engine.translation import Translation

    Expression: TypeAlias = sympy.Basic | float


@dataclass(frozen=True)
class Statement:
    """``target = operation(arguments)``; a leaf has a payload: its number, or array and index."""

    target: Node
    operation: str
    arguments: tuple[Node, ...]
    payload: object


@dataclass(frozen=True)
class Block:
    """One function: statements in order, then stores into the array ``out``.

    Every function takes time ``t``, species ``y``, parameters ``p``, hoisted terms ``c`` and ``out``.
    """

    name: str
    statements: tuple[Statement, ...]
    stores: tuple[tuple[int, Node], ...]


@dataclass(frozen=True)
class Equations:
    """The terms of the right-hand side and of the entries of its Jacobian, for further functions."""

    graph: Graph
    rhs: tuple[Node, ...]
    slopes: tuple[Node, ...]


@dataclass(frozen=True)
class Program:
    """All functions of a network.

    Attributes
    ----------
    species, parameters, outputs : tuple of str
        Names in the order of the arrays; outputs are the rules and observables.
    hoisted : int
        Number of terms of parameters only, computed once per trajectory.
    entries : tuple of (row, column)
        Where the Jacobian is not zero, in the order in which the block ``jacobian`` stores: entry (i, j) goes to
        ``out[j * n + i]``, columns one after the other, as solvers want it.
    blocks : mapping of str to Block
        ``hoist`` (p to c), ``start`` (p, c to y), ``rhs``, ``jacobian``, ``outputs``.
    equations : Equations
        What further functions are written from.
    """

    species: tuple[str, ...]
    parameters: tuple[str, ...]
    outputs: tuple[str, ...]
    hoisted: int
    entries: tuple[tuple[int, int], ...]
    blocks: Mapping[str, Block]
    equations: Equations


def leaves_of(graph: Graph, species: Sequence[str], parameters: Iterable[str]) -> dict[str, Node]:
    """Make the nodes of species, parameters and time."""
    leaves = {name: graph.load("y", i, 1 << i) for i, name in enumerate(species)}
    leaves |= {name: graph.load("p", i) for i, name in enumerate(parameters)}
    leaves[TIME] = graph.load("t", 0, 1 << len(species))
    return leaves


def compile_network(
    initial: Mapping[str, Expression],
    parameters: Sequence[str],
    reactions: Iterable[tuple[Mapping[str, Expression], Expression]],
    rules: Mapping[str, sympy.Expr],
    observables: Mapping[str, sympy.Expr],
) -> Program:
    """Write a network as statements.

    Parameters
    ----------
    initial : mapping of str to expression
        Species and their initial values.
    parameters : sequence of str
        Names in the order of the parameter array.
    reactions : iterable of (stoichiometry, rate)
        Changes per turnover and turnovers per hour.
    rules, observables : mapping of str to sympy.Expr
        Named expressions.
    """
    from autocrine.engine.translation import Translation

    graph, species = Graph(), tuple(initial)
    translation = Translation(graph, leaves_of(graph, species, parameters), rules)
    start = [translation.node(value) for value in initial.values()]
    rhs = right_hand_side(graph, translation, species, reactions)
    entries, slopes = jacobian_of(graph, rhs)
    outputs = (*rules, *observables)
    shown = [translation.node(expression) for expression in (*rules.values(), *observables.values())]
    n = len(species)
    roots = {
        "start": list(enumerate(start)),
        "rhs": list(enumerate(rhs)),
        "jacobian": [(j * n + i, node) for (i, j), node in zip(entries, slopes, strict=True)],
        "outputs": list(enumerate(shown)),
    }
    blocks, hoisted = _blocks(graph, roots)
    equations = Equations(graph, tuple(rhs), tuple(slopes))
    return Program(species, tuple(parameters), outputs, hoisted, tuple(entries), blocks, equations)


def compile_expressions(
    expressions: Sequence[Expression],
    species: Sequence[str],
    parameters: Sequence[str],
    rules: Mapping[str, sympy.Expr],
) -> Block:
    """Write some expressions as one function without hoisted terms."""
    graph = Graph()
    numbers = [graph.number(float(each)) for each in expressions if isinstance(each, int | float)]
    if len(numbers) == len(expressions):  # without SymPy
        return plain_block(graph, "expressions", numbers)
    from autocrine.engine.translation import Translation

    translation = Translation(graph, leaves_of(graph, species, parameters), rules)
    return plain_block(graph, "expressions", [translation.node(expression) for expression in expressions])


def plain_block(graph: Graph, name: str, nodes: Iterable[Node]) -> Block:
    """Write nodes as one function without hoisted terms."""
    return _block(graph, name, list(enumerate(nodes)), {})


def right_hand_side(
    graph: Graph,
    translation: Translation,
    species: Sequence[str],
    reactions: Iterable[tuple[Mapping[str, Expression], Expression]],
) -> list[Node]:
    """Return the time derivative of each species."""
    gains: dict[str, Node] = dict.fromkeys(species, graph.zero)
    losses: dict[str, Node] = dict.fromkeys(species, graph.zero)
    for stoichiometry, rate in reactions:
        flux = translation.node(rate)
        for name, change in stoichiometry.items():
            amount = translation.node(change)
            number = graph.value(amount)
            if number is not None and number < 0:
                loss = graph.multiply(graph.number(-number), flux)
                losses[name] = graph.add(losses[name], loss)
            else:
                gains[name] = graph.add(gains[name], graph.multiply(amount, flux))
    return [graph.subtract(gains[name], losses[name]) for name in species]


def jacobian_of(graph: Graph, rhs: Sequence[Node]) -> tuple[list[tuple[int, int]], list[Node]]:
    """Return where the Jacobian is not zero, by rows, and its terms there."""
    entries, slopes = [], []
    for i, node in enumerate(rhs):
        for j in range(len(rhs)):
            slope = graph.derivative(node, j)
            if slope != graph.zero:
                entries.append((i, j))
                slopes.append(slope)
    return entries, slopes


def _blocks(graph: Graph, roots: Mapping[str, list[tuple[int, Node]]]) -> tuple[dict[str, Block], int]:
    hoisted: dict[Node, int] = {}
    for stores in roots.values():
        for node in _reachable(graph, [node for _, node in stores], _is_hoistable):
            if _is_hoistable(graph, node):
                hoisted.setdefault(node, len(hoisted))
    blocks = {"hoist": _block(graph, "hoist", [(place, node) for node, place in hoisted.items()], {})}
    blocks |= {name: _block(graph, name, stores, hoisted) for name, stores in roots.items()}
    return blocks, len(hoisted)


def _is_hoistable(graph: Graph, node: Node) -> bool:
    """Tell whether a node is a term of parameters only.

    Truth values are no numbers and are found again where they are used.
    """
    leaf = graph.operations[node] in {"load", "number"}
    return not leaf and not graph.support[node] and graph.operations[node] not in LOGICAL


def _reachable(graph: Graph, roots: Iterable[Node], stop=lambda graph, node: False) -> list[Node]:  # noqa: ARG005
    """Return every node that the roots need, arguments first; nodes at which ``stop`` holds are not opened."""
    seen: set[Node] = set()
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            if not stop(graph, node):
                waiting.extend(graph.arguments[node])
    return sorted(seen)  # an argument is always older than the term that uses it


def _block(graph: Graph, name: str, stores: list[tuple[int, Node]], hoisted: Mapping[Node, int]) -> Block:
    statements = []
    for node in _reachable(graph, [node for _, node in stores], lambda _, node: node in hoisted):
        if node in hoisted:
            statements.append(Statement(node, "load", (), ("c", hoisted[node])))
        else:
            statements.append(Statement(node, graph.operations[node], graph.arguments[node], graph.payloads[node]))
    return Block(name, tuple(statements), tuple(stores))
