"""Derivatives of some terms, such as rules or assignments, for many trajectories at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autocrine.engine.compiled import Functions
from autocrine.engine.graph import Graph, Node
from autocrine.engine.step_statements import block_of
from autocrine.engine.tangent import Tangent


class Slopes:
    """The derivatives of terms by species, some parameters, and time, compiled.

    Parameters
    ----------
    graph : Graph
        The graph of the terms.
    terms : sequence of Node
        The terms.
    species : int
        Number of species n.
    active : sequence of int
        Places of the m parameters.
    """

    def __init__(self, graph: Graph, terms: Sequence[Node], species: int, active: Sequence[int]) -> None:
        graph = graph.copy()
        self._count, self._species, self._time = len(terms), species, species + len(active)
        leaves = [("y", i) for i in range(species)] + [("p", place) for place in active] + [("t", 0)]
        entries: list[tuple[tuple[int, int], Node]] = []
        for column, leaf in enumerate(leaves):
            tangent = Tangent(graph, {leaf: graph.one})
            slopes = ((row, tangent.of(term)) for row, term in enumerate(terms))
            entries += [((row, column), slope) for row, slope in slopes if slope != graph.zero]
        self._places = [place for place, _ in entries]
        block = block_of(graph, "slopes", list(enumerate(slope for _, slope in entries)), {})
        self._functions = Functions({"slopes": block}, {"slopes": (species, len(entries))})

    def along(
        self,
        directions: np.ndarray,
        p: np.ndarray,
        who: np.ndarray | None = None,
        *,
        times: np.ndarray | None = None,
        y: np.ndarray | None = None,
        time_slopes: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return the derivatives of the terms along directions, shape (rows, terms, d).

        Parameters
        ----------
        directions : ndarray of shape (rows, n + m, d)
            How species and parameters change.
        p, who, times, y
            As in `Functions.many`.
        time_slopes : ndarray of shape (rows, d), optional
            How time changes; without it, time stands still.
        """
        found = np.zeros((len(directions), self._count, directions.shape[2]))
        if not self._places:
            return found
        values = self._functions.many("slopes", p, who=who, times=times, y=y)
        for place, (row, column) in enumerate(self._places):
            if column < self._time:
                found[:, row] += values[:, place, None] * directions[:, column]
            elif time_slopes is not None:
                found[:, row] += values[:, place, None] * time_slopes
        return found

    def chosen(self, directions: np.ndarray, p: np.ndarray, which: np.ndarray) -> np.ndarray:
        """Return the derivatives of some terms of each row along directions, shape (rows, c, d).

        Parameters
        ----------
        directions : ndarray of shape (rows, m, d)
            How parameters change; there must be no species.
        p : ndarray of shape (rows, m)
            Parameters.
        which : ndarray of int, shape (rows, c)
            The c terms that each row asks for.
        """
        found = np.zeros((*which.shape, directions.shape[2]))
        if not self._places:
            return found
        values = self._functions.many("slopes", p)
        for column in range(which.shape[1]):
            asking = {term: np.flatnonzero(which[:, column] == term) for term in np.unique(which[:, column]).tolist()}
            for place, (term, leaf) in enumerate(self._places):
                rows = asking.get(term)
                if rows is not None and leaf < self._time:
                    found[rows, column] += values[rows, place, None] * directions[rows, leaf]
        return found
