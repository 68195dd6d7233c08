"""What the derivative of a step by parameters and initial values needs of a network.

A stage of a Rosenbrock method solves (d I - J) U = f(Y) + r, with J at the begin y of the step. In a direction in
which the begin changes by s, the argument by z, r by k and the parameters by q, its derivative V solves

    (d I - J) V = k + f_y(Y) z + (J U)_y s + (f_p(Y) + (J U)_p) q,

with the factors that the step has found already: the derivative of the method is the method of the derivative.
Matrices are statements, but products and solution are a table of sums for a loop: they are done for many directions,
and as statements they were larger than the cache of instructions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autocrine.engine.elimination import Factors, factorise
from autocrine.engine.graph import Graph, Node
from autocrine.engine.statements import Block, Program
from autocrine.engine.step_statements import block_of, hoisted_terms, kept_terms, loaded
from autocrine.engine.tangent import Tangent

Entries = dict[tuple[int, int], Node]


@dataclass(frozen=True)
class Sums:
    """Sums of products of numbers with vectors, to be taken one after the other.

    Attributes
    ----------
    rows : ndarray of int, shape (2 n, 4)
        First and past entry of each sum, the species that it is for, and the number that it is multiplied with. The n
        sums of the forward elimination start with r, those of the backward one with what the former have left.
    entries : ndarray of int, shape (entries, 2)
        A number and a vector each.
    """

    rows: np.ndarray
    entries: np.ndarray


@dataclass(frozen=True)
class GradientProgram:
    """The functions of the derivative of a step; arrays are named in the statements.

    Attributes
    ----------
    species : int
        Number of species n.
    active : tuple of int
        Places of the m parameters that may change along a direction.
    lengths : dict of str to int
        Lengths of the numbers that the sums use, in their order: ``a``, ``b``, ``lu`` and ``c``, each padded to a
        multiple of `PAD`.
    hoist : Block
        p to c.
    slope : Block
        t, y, c at a stage to ``a``: the derivatives of the right-hand side by species and active parameters.
    bend : Block
        t, y, c at the begin, the stage ``u``, the weight ``w`` of the time derivative, and ``a`` to ``b``: how J u + w
        f_t changes with species and active parameters; what both arrays hold for a parameter is added up in ``b``.
    sums : Sums
        The solution ``x`` from the vectors x, z, s and q, which lie behind one another.
    """

    species: int
    active: tuple[int, ...]
    lengths: dict[str, int]
    hoist: Block
    slope: Block
    bend: Block
    sums: Sums


#: arrays of numbers have a multiple of this length
PAD = 8


def gradient_program(program: Program, active: Sequence[int]) -> GradientProgram:
    """Write the functions of the derivative of a step by species and some parameters."""
    equations, n = program.equations, len(program.species)
    graph = equations.graph.copy()  # so that what else is written from the equations does not depend on this
    jacobian = dict(zip(program.entries, equations.slopes, strict=True))
    # as in `step_program` before anything else, so that the factors stand in the same order
    factors = factorise(graph, n, jacobian, graph.load("d", 0, 1 << (n + 1)))
    kept = kept_terms(graph, factors)
    factors = loaded(graph, factors, kept)
    matrices, slopes, bends = _matrices(graph, equations.rhs, jacobian, active)
    stores = {"slope": list(enumerate(slopes)), "bend": list(enumerate(bends))}
    used = [graph.zero, graph.one, *factors.inverses.values(), *factors.lower.values(), *factors.upper.values()]
    used += [node for matrix in matrices for node in matrix.values()]
    hoisted = hoisted_terms(graph, [*stores.values(), [(0, node) for node in used]])
    for node in used:  # numbers too
        if graph.operations[node] == "number":
            hoisted.setdefault(node, len(hoisted))
    constants = {node: graph.load("c", place, 1) for node, place in hoisted.items()}
    blocks = {name: block_of(graph, name, each, constants) for name, each in stores.items()}
    hoist = block_of(graph, "hoist", [(place, node) for node, place in hoisted.items()], {})
    counts = {"a": len(slopes), "b": len(bends), "lu": len(kept), "c": len(hoisted)}
    lengths = {name: -(-count // PAD) * PAD for name, count in counts.items()}
    sums = _Sums(graph, n, lengths, constants).made(matrices, factors)
    return GradientProgram(n, tuple(active), lengths, hoist, **blocks, sums=sums)


def _matrices(
    graph: Graph, rhs: Sequence[Node], jacobian: Entries, active: Sequence[int]
) -> tuple[list[Entries], list[Node], list[Node]]:
    """Return the matrices of z, s and q in loaded numbers, and the terms of ``a`` and ``b`` behind these."""
    n = len(rhs)
    by_parameter = _by_parameters(graph, rhs, active)
    # how the slopes change along a stage; bit n is time and n + 1 the shift of the factors
    seeds = {("y", i): graph.load("u", i, 1 << (n + 2)) for i in range(n)} | {
        ("t", 0): graph.load("w", 0, 1 << (n + 2))
    }
    along = Tangent(graph, seeds)
    images = [along.of(node) for node in rhs]
    curved = {(i, k): graph.derivative(image, k) for i, image in enumerate(images) for k in range(n)}
    curved = {place: node for place, node in curved.items() if node != graph.zero}
    curved_by_parameter = _by_parameters(graph, images, active)
    slopes = _changing(graph, [*jacobian.values(), *by_parameter.values()])
    at_stage = {node: graph.load("a", place, 1) for node, place in slopes.items()}
    for place, node in by_parameter.items():
        if place not in curved_by_parameter:
            continue
        curved_by_parameter[place] = graph.add(at_stage.get(node, node), curved_by_parameter[place])
    bends = _changing(graph, [*curved.values(), *curved_by_parameter.values()])
    at_begin = {node: graph.load("b", place, 1) for node, place in bends.items()}
    found = []
    for entries, loads in (
        (jacobian, at_stage),
        (curved, at_begin),
        (by_parameter | curved_by_parameter, at_stage | at_begin),
    ):
        found.append({place: loads.get(node, node) for place, node in entries.items()})
    return found, list(slopes), list(bends)


class _Sums:
    """Writes the table of sums."""

    def __init__(self, graph: Graph, species: int, lengths: Mapping[str, int], constants: Mapping[Node, Node]) -> None:
        self._graph, self._species, self._constants = graph, species, constants
        starts = np.cumsum([0, *lengths.values()])
        self._starts = dict(zip(lengths, starts.tolist(), strict=False))
        self._rows: list[tuple[int, int, int, int]] = []
        self._entries: list[tuple[int, int]] = []

    def made(self, matrices: Sequence[Entries], factors: Factors) -> Sums:
        """Return the sums of the right-hand side with the forward elimination, and of the backward one."""
        n, terms = self._species, {i: [] for i in range(self._species)}
        above = {i: [] for i in range(n)}
        for number, matrix in enumerate(matrices, start=1):
            for (i, k), node in matrix.items():
                terms[i].append((self._number(node), number * n + k))
        for (i, k), node in factors.lower.items():
            terms[i].append((self._number(node), k))
        for (k, j), node in factors.upper.items():
            above[k].append((self._number(node), j))
        for k in factors.order:
            self._add(k, terms[k], self._graph.one)
        for k in reversed(factors.order):
            self._add(k, above[k], factors.inverses[k])
        return Sums(np.array(self._rows, np.int64), np.array(self._entries, np.int64))

    def _add(self, species: int, terms: list[tuple[int, int]], factor: Node) -> None:
        first = len(self._entries)
        # a loop is run once at least
        self._entries += terms or [(self._number(self._graph.zero), 2 * self._species + species)]
        self._rows.append((first, len(self._entries), species, self._number(factor)))

    def _number(self, node: Node) -> int:
        """Return where a loaded number stands among all numbers."""
        payload = self._graph.payloads[self._constants.get(node, node)]
        array, place = payload  # pyright: ignore[reportGeneralTypeIssues]
        return self._starts[array] + place


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
