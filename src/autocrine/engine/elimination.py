"""Elimination of a sparse matrix as terms: pivots and fill-in are found before any number is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autocrine.engine.graph import Graph, Node

Entries = Mapping[tuple[int, int], Node]


@dataclass(frozen=True)
class Factors:
    """The factors of d I - J for a number d and a matrix J.

    Attributes
    ----------
    order : tuple of int
        Rows in the order in which they serve as pivots.
    lower, upper : mapping of (row, column) to Node
        The negative multipliers, and the entries right of the pivots with the sign of J.
    inverses : mapping of int to Node
        Reciprocals of the pivots, by row.
    safety : Node
        The smallest size of a pivot over ``shift``; negative if the determinant is.
    """

    order: tuple[int, ...]
    lower: Entries
    upper: Entries
    inverses: Mapping[int, Node]
    safety: Node

    def solve(self, graph: Graph, right: Sequence[Node]) -> list[Node]:
        """Return the solution for a right-hand side as terms."""
        x = list(right)
        columns, rows = _by(self.lower, 1), _by(self.upper, 0)
        for k in self.order:
            for i in columns.get(k, ()):
                x[i] = graph.add(x[i], graph.multiply(self.lower[i, k], x[k]))
        for k in reversed(self.order):
            for j in rows.get(k, ()):
                x[k] = graph.add(x[k], graph.multiply(self.upper[k, j], x[j]))
            x[k] = graph.multiply(x[k], self.inverses[k])
        return x


def factorise(graph: Graph, size: int, jacobian: Entries, shift: Node) -> Factors:
    """Write the elimination of ``shift`` I - J without exchange of rows.

    Notes
    -----
    What is eliminated is J - ``shift`` I, so that every update is a sum of products and none a difference; the sign is
    put right with the reciprocal of the pivot. For small steps the shift rules the diagonal, and pivots on it are safe;
    `safety` tells the caller when they were not. A determinant below zero means that a real eigenvalue of J is larger
    than ``shift``: something grows faster than the step can follow, and the method would damp it.
    """
    matrix = dict(jacobian)
    for i in range(size):
        matrix[i, i] = graph.subtract(matrix.get((i, i), graph.zero), shift)
    order = _markowitz(size, matrix)
    lower: dict[tuple[int, int], Node] = {}
    upper: dict[tuple[int, int], Node] = {}
    inverses: dict[int, Node] = {}
    pivots: list[Node] = []
    rows, columns = _sets(size, matrix)
    minus = graph.number(-1.0)
    for k in order:
        pivot = matrix[k, k]
        inverses[k] = graph.divide(minus, pivot)
        pivots.append(pivot)
        below, right = sorted(columns[k] - {k}), sorted(rows[k] - {k})
        for i in below:
            lower[i, k] = multiplier = graph.multiply(matrix[i, k], inverses[k])
            for j in right:
                product = graph.multiply(multiplier, matrix[k, j])
                matrix[i, j] = graph.add(matrix.get((i, j), graph.zero), product)
        for j in right:
            upper[k, j] = matrix[k, j]
        _eliminate(rows, columns, k)
    return Factors(tuple(order), lower, upper, inverses, _safety(graph, pivots, shift))


def _markowitz(size: int, matrix: Entries) -> list[int]:
    """Return the order of diagonal pivots in which each one can fill the fewest places."""
    rows, columns = _sets(size, matrix)
    left, order = set(range(size)), []
    while left:
        k = min(left, key=lambda each: ((len(rows[each]) - 1) * (len(columns[each]) - 1), each))
        order.append(k)
        left.remove(k)
        _eliminate(rows, columns, k)
    return order


def _eliminate(rows: list[set[int]], columns: list[set[int]], k: int) -> None:
    """Take row and column k out and fill what the elimination fills."""
    below, right = columns[k] - {k}, rows[k] - {k}
    for i in below:
        rows[i] = (rows[i] | right) - {k}
    for j in right:
        columns[j] = (columns[j] | below) - {k}


def _sets(size: int, matrix: Entries) -> tuple[list[set[int]], list[set[int]]]:
    rows: list[set[int]] = [set() for _ in range(size)]
    columns: list[set[int]] = [set() for _ in range(size)]
    for i, j in matrix:
        rows[i].add(j)
        columns[j].add(i)
    return rows, columns


def _safety(graph: Graph, pivots: Sequence[Node], shift: Node) -> Node:
    scale = graph.divide(graph.number(-1.0), shift)
    least, product = graph.number(float("inf")), graph.one
    for pivot in pivots:
        share = graph.multiply(pivot, scale)
        size = graph.call("abs", share)
        product = graph.multiply(product, share)
        least = graph.select(graph.call("lt", size, least), size, least)
    return graph.select(graph.call("lt", product, graph.zero), graph.multiply(graph.number(-1.0), least), least)


def _by(entries: Entries, axis: int) -> dict[int, list[int]]:
    """Group the places of entries by row (axis 0) or column (axis 1)."""
    found: dict[int, list[int]] = {}
    for place in entries:
        found.setdefault(place[axis], []).append(place[1 - axis])
    return found
