"""Derivatives of terms along a direction."""

from __future__ import annotations

from collections.abc import Mapping

from autocrine.engine.graph import Graph, Node


class Tangent:
    """Differentiates the terms of a graph along a direction, each term once.

    Parameters
    ----------
    graph : Graph
        The terms; it grows.
    seeds : mapping of (array, place) to Node
        How the numbers that are loaded change: ``{("p", 3): graph.one}`` is the derivative by a parameter.
    """

    def __init__(self, graph: Graph, seeds: Mapping[tuple[str, int], Node]) -> None:
        self._graph, self._seeds = graph, seeds
        self._known: dict[Node, Node] = {}

    def of(self, node: Node) -> Node:
        """Return the derivative of a node."""
        known, waiting = self._known, [node]
        # a stack and no recursion, because a sum of a thousand terms is a thousand nodes deep
        while waiting:
            each = waiting[-1]
            missing = [argument for argument in self._graph.arguments[each] if argument not in known]
            if not missing:
                waiting.pop()
                if each not in known:
                    known[each] = self._slope(each)
            waiting.extend(missing)
        return known[node]

    def _slope(self, node: Node) -> Node:
        graph = self._graph
        if graph.operations[node] == "load":
            return self._seeds.get(graph.payloads[node], graph.zero)  # pyright: ignore[reportArgumentType, reportCallIssue]
        if all(self._known[argument] == graph.zero for argument in graph.arguments[node]):
            return graph.zero
        return graph.chain(node, self._known.__getitem__)
