"""Formulas that are evaluated, with their derivatives, for many rows of values at once."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from autocrine.engine.compiled import Functions
from autocrine.engine.graph import Graph
from autocrine.engine.slopes import Slopes
from autocrine.engine.statements import leaves_of, plain_block
from autocrine.engine.translation import Translation


class Terms:
    """Some expressions, compiled.

    Parameters
    ----------
    expressions : sequence of sympy.Expr
        The k expressions.
    names : sequence of str
        The m quantities that they are written in.
    """

    def __init__(self, expressions: Sequence[Any], names: Sequence[str]) -> None:
        self._count, self._names = len(expressions), tuple(names)
        self._graph = Graph()
        translation = Translation(self._graph, leaves_of(self._graph, (), self._names), {})
        self._nodes = [translation.node(expression) for expression in expressions]

    @functools.cached_property
    def _functions(self) -> Functions:
        return Functions({"terms": plain_block(self._graph, "terms", self._nodes)}, {"terms": (0, self._count)})

    @functools.cached_property
    def _slopes(self) -> Slopes:
        return Slopes(self._graph, self._nodes, 0, range(len(self._names)))

    def evaluate(self, given: np.ndarray) -> np.ndarray:
        """Return the values, shape (rows, k), at given ones of shape (rows, m)."""
        if not self._count:
            return np.empty((len(given), 0))
        return self._functions.many("terms", given)

    def along(self, given: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """Return the derivatives, shape (rows, k, d), along directions of shape (rows, m, d)."""
        with np.errstate(all="ignore"):  # what is not finite shows in the values
            return self._slopes.along(directions, given)

    def chosen(self, given: np.ndarray, directions: np.ndarray, which: np.ndarray) -> np.ndarray:
        """Return the derivatives of the expressions that each row asks for by number, shape (rows, c, d).

        ``given`` has the shape (rows, m), ``directions`` (rows, m, d), ``which`` (rows, c).
        """
        with np.errstate(all="ignore"):  # what is not finite shows in the values
            return self._slopes.chosen(directions, given, which)
