"""What one step of a Rosenbrock method needs of a network, as statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from autocrine.engine.elimination import Factors, factorise
from autocrine.engine.graph import LOGICAL, Graph, Node
from autocrine.engine.statements import Block, Program, Statement

Stores = Sequence[tuple[int, Node]]
_SMALLEST_NORMAL = 2.3e-308


@dataclass(frozen=True)
class StepProgram:
    """The functions of a step; arrays are named in the statements.

    Attributes
    ----------
    species : int
        Number of species n.
    hoisted : int
        Number of terms of parameters only, ``c``.
    factors : int
        Number of terms of the factors that are kept, ``lu``.
    follows_time : bool
        Whether the right-hand side depends on time.
    hoist : Block
        p to c.
    rhs : Block
        t, y, c to the n slopes.
    linearise : Block
        t, y, c, d to n slopes, n time derivatives (only if they are not all zero), the safety and the factors
        of d I - J.
    solve : Block
        f, b, c, lu to the solution x of (d I - J) x = f + b.
    watch : Block, optional
        t, y, c to 1 for each trigger that is true and 0 for the others; None where there are no triggers.
    watched_species : tuple of int
        The species that triggers depend on.
    """

    species: int
    hoisted: int
    factors: int
    follows_time: bool
    hoist: Block
    rhs: Block
    linearise: Block
    solve: Block
    watch: Block | None = None
    watched_species: tuple[int, ...] = ()

    @property
    def triggers(self) -> int:
        """Number of triggers that are watched."""
        return len(self.watch.stores) if self.watch else 0


def step_program(program: Program, triggers: Sequence[Node] = ()) -> StepProgram:
    """Write the functions of a step; triggers are terms of the program's graph that are 1 or 0."""
    equations = program.equations
    graph, n = equations.graph, len(program.species)
    shift = graph.load("d", 0, 1 << (n + 1))
    jacobian = dict(zip(program.entries, equations.slopes, strict=True))
    factors = factorise(graph, n, jacobian, shift)
    drifts = [graph.derivative(node, n) for node in equations.rhs]
    follows_time = any(node != graph.zero for node in drifts)
    kept = kept_terms(graph, factors)
    right = [graph.add(graph.load("f", i, 1), graph.load("b", i, 1)) for i in range(n)]
    solution = loaded(graph, factors, kept).solve(graph, right)
    first = [*equations.rhs, *(drifts if follows_time else ())]
    # the safety is known last, though it stands before the factors
    places = [*range(len(first)), *range(len(first) + 1, len(first) + 1 + len(kept)), len(first)]
    linearised = list(zip(places, [*first, *kept, factors.safety], strict=True))
    lists = {"rhs": list(enumerate(equations.rhs)), "linearise": linearised, "solve": list(enumerate(solution))}
    if triggers:
        lists["watch"] = list(enumerate(triggers))
    hoisted = hoisted_terms(graph, lists.values())
    constants = {node: graph.load("c", place, 1) for node, place in hoisted.items()}
    blocks = {name: block_of(graph, name, stores, constants) for name, stores in lists.items()}
    hoist = block_of(graph, "hoist", [(place, node) for node, place in hoisted.items()], {})
    watched = tuple(i for i in range(n) if any(graph.support[node] >> i & 1 for node in triggers))
    return StepProgram(n, len(hoisted), len(kept), follows_time, hoist, watched_species=watched, **blocks)


def kept_terms(graph: Graph, factors: Factors) -> dict[Node, int]:
    """Return the terms of the factors that change with the state, each once, in the order of elimination."""
    place = {k: position for position, k in enumerate(factors.order)}
    terms = [(place[k], 0, node) for k, node in factors.inverses.items()]
    terms += [(place[k], 1, node) for (_, k), node in factors.lower.items()]
    terms += [(place[k], 2, node) for (k, _), node in factors.upper.items()]
    found: dict[Node, int] = {}
    for _, _, node in sorted(terms):
        if graph.support[node]:
            found.setdefault(node, len(found))
    return found


def loaded(graph: Graph, factors: Factors, kept: Mapping[Node, int]) -> Factors:
    """Return the factors as they are found in memory."""
    loaded = {node: graph.load("lu", place, 1) for node, place in kept.items()}
    lower = {place: loaded.get(node, node) for place, node in factors.lower.items()}
    upper = {place: loaded.get(node, node) for place, node in factors.upper.items()}
    inverses = {k: loaded.get(node, node) for k, node in factors.inverses.items()}
    return Factors(factors.order, lower, upper, inverses, factors.safety)


def hoisted_terms(graph: Graph, lists: Iterable[Stores]) -> dict[Node, int]:
    """Return the largest terms of parameters only; truth values are no numbers and are found again where used."""
    found: dict[Node, int] = {}
    seen: set[Node] = set()
    waiting = [node for stores in lists for _, node in stores]
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        plain = graph.operations[node] == "number" or graph.operations[node] in LOGICAL
        if graph.support[node] or plain:
            waiting.extend(graph.arguments[node])
        else:
            found.setdefault(node, len(found))
    return found


def block_of(graph: Graph, name: str, stores: Stores, constants: Mapping[Node, Node]) -> Block:
    """Return a function in which each term is computed when the first store needs it, so that few wait at a time."""
    done: set[Node] = set()
    statements: list[Statement] = []
    for _, root in stores:
        waiting = [(root, False)]
        while waiting:
            node, ready = waiting.pop()
            if node in done:
                continue
            source = constants.get(node, node)
            if ready or not graph.arguments[source]:
                done.add(node)
                statements.append(_statement(graph, node, source))
                continue
            waiting.append((node, True))
            waiting.extend((each, False) for each in reversed(graph.arguments[source]))
    return Block(name, tuple(statements), tuple(stores))


def _statement(graph: Graph, node: Node, source: Node) -> Statement:
    return _quicker(graph, Statement(node, graph.operations[source], graph.arguments[source], graph.payloads[source]))


def _quicker(graph: Graph, statement: Statement) -> Statement:
    """Return a power whose base cannot fall below a positive number as one that need not look for other bases."""
    if statement.operation == "max":
        fixed = [each for each in statement.arguments if graph.value(each) is not None]
        if fixed:
            other = [each for each in statement.arguments if each not in fixed]
            return replace(statement, operation="floor_at", arguments=(fixed[0], *other))
    if statement.operation == "power" and graph.operations[statement.arguments[0]] == "max":
        floors = [graph.value(each) for each in graph.arguments[statement.arguments[0]]]
        if any(floor is not None and floor > _SMALLEST_NORMAL for floor in floors):
            return replace(statement, operation="positive_power", arguments=statement.arguments[:2])
    return statement
