"""What the derivative of a step by parameters and initial values needs of a network, as statements.

A stage of a Rosenbrock method solves (d I - J) U = f(Y) + r, with J at the begin y of the step. In a direction in
which the begin changes by s, the argument by z, r by k and the parameters by q, its derivative V solves

    (d I - J) V = f_y(Y) z + f_p(Y) q + k + (J U)_y s + (J U)_p q,

with the factors that the step has found already: the derivative of the method is the method of the derivative.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autocrine.engine.elimination import factorise
from autocrine.engine.graph import Graph, Node
from autocrine.engine.statements import Block, Program
from autocrine.engine.step_statements import block_of, hoisted_terms, kept_terms, loaded
from autocrine.engine.tangent import Tangent

Entries = dict[tuple[int, int], Node]


@dataclass(frozen=True)
class GradientProgram:
    """The functions of the derivative of a step; arrays are named in the statements.

    Attributes
    ----------
    species : int
        Number of species n.
    active : tuple of int
        Places of the parameters that may change along a direction.
    hoisted, slopes, bends : int
        Lengths of ``c``, ``a`` and ``b``.
    hoist : Block
        p to c.
    slope : Block
        t, y, c at a stage to ``a``: the derivatives of the right-hand side by species and active parameters.
    bend : Block
        t, y, c at the begin, the stage ``u``, the weight ``w`` of the time derivative, and ``a`` to ``b``: how J u + w
        f_t changes with species and active parameters; what both arrays hold for a parameter is added up in ``b``.
    direct : Block
        a, b, c, lu, z, s, q, r to the solution V, with k in ``r``.
    """

    species: int
    active: tuple[int, ...]
    hoisted: int
    slopes: int
    bends: int
    hoist: Block
    slope: Block
    bend: Block
    direct: Block


def gradient_program(program: Program, active: Sequence[int]) -> GradientProgram:
    """Write the functions of the derivative of a step by species and some parameters."""
    equations, n = program.equations, len(program.species)
    graph = equations.graph.copy()  # so that what else is written from the equations does not depend on this
    jacobian = dict(zip(program.entries, equations.slopes, strict=True))
    # as in `step_program` before anything else, so that the factors stand in the same order
    factors = factorise(graph, n, jacobian, graph.load("d", 0, 1 << (n + 1)))
    factors = loaded(graph, factors, kept_terms(graph, factors))
    by_parameter = _by_parameters(graph, equations.rhs, active)
    # how the slopes change along a stage; bit n is time and n + 1 the shift of the factors
    seeds = {("y", i): graph.load("u", i, 1 << (n + 2)) for i in range(n)} | {
        ("t", 0): graph.load("w", 0, 1 << (n + 2))
    }
    along = Tangent(graph, seeds)
    images = [along.of(node) for node in equations.rhs]
    curved = {(i, k): graph.derivative(image, k) for i, image in enumerate(images) for k in range(n)}
    curved = {place: node for place, node in curved.items() if node != graph.zero}
    curved_parameters = _by_parameters(graph, images, active)
    slopes = _changing(graph, [*jacobian.values(), *by_parameter.values()])
    at_stage = {node: graph.load("a", place, 1) for node, place in slopes.items()}
    for place, node in by_parameter.items():
        if place in curved_parameters:
            curved_parameters[place] = graph.add(at_stage.get(node, node), curved_parameters[place])
    bends = _changing(graph, [*curved.values(), *curved_parameters.values()])
    at_begin = {node: graph.load("b", place, 1) for node, place in bends.items()}
    right = [graph.load("r", i, 1) for i in range(n)]
    _add_products(graph, right, jacobian, at_stage, "z")
    _add_products(graph, right, curved, at_begin, "s")
    _add_products(graph, right, by_parameter | curved_parameters, at_stage | at_begin, "q")
    stores = {
        "slope": [(place, node) for node, place in slopes.items()],
        "bend": [(place, node) for node, place in bends.items()],
        "direct": list(enumerate(factors.solve(graph, right))),
    }
    hoisted = hoisted_terms(graph, stores.values())
    constants = {node: graph.load("c", place, 1) for node, place in hoisted.items()}
    blocks = {name: block_of(graph, name, each, constants) for name, each in stores.items()}
    hoist = block_of(graph, "hoist", [(place, node) for node, place in hoisted.items()], {})
    return GradientProgram(n, tuple(active), len(hoisted), len(slopes), len(bends), hoist, **blocks)


def _by_parameters(graph: Graph, nodes: Sequence[Node], active: Sequence[int]) -> Entries:
    found: Entries = {}
    for k, place in enumerate(active):
        slope = Tangent(graph, {("p", place): graph.one})
        found |= {(i, k): slope.of(node) for i, node in enumerate(nodes)}
    return {place: node for place, node in found.items() if node != graph.zero}


def _changing(graph: Graph, nodes: Sequence[Node]) -> dict[Node, int]:
    """Return the terms that are not of parameters only, each once."""
    found: dict[Node, int] = {}
    for node in nodes:
        if graph.support[node]:
            found.setdefault(node, len(found))
    return found


def _add_products(
    graph: Graph, right: list[Node], entries: Mapping[tuple[int, int], Node], loads: Mapping[Node, Node], array: str
) -> None:
    for (i, k), node in entries.items():
        product = graph.multiply(loads.get(node, node), graph.load(array, k, 1))
        right[i] = graph.add(right[i], product)
