"""What can be read off many cells: species, rules and observables, each cell in its own surroundings."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import sympy

from autocrine.core import errors
from autocrine.engine import step_loop
from autocrine.engine.graph import Graph
from autocrine.engine.llvm_printer import print_functions
from autocrine.engine.machine_code import FREE_FUNCTION, FUNCTION, POINTER, REAL, WHOLE, machine_code
from autocrine.engine.names import TIME, nearest, symbol
from autocrine.engine.one_step import Equations, follows_time, leaves_of_cell
from autocrine.engine.step_statements import block_of, hoisted_terms
from autocrine.engine.translation import Translation

_BLOCK = FUNCTION(None, REAL, POINTER, POINTER, POINTER, POINTER)
_VIEW = FREE_FUNCTION(None, *[POINTER] * 4, *[WHOLE] * 4)
_EFFORT = 1


class Observer:
    """Some values of many cells; it is compiled when it is made.

    Parameters
    ----------
    equations : Equations
        The network.
    values : ndarray of shape (m,)
        Values of the parameters that all cells share.
    surroundings : sequence of str
        Parameters of which each cell has its own value, and time ``t`` where something follows it.
    names : sequence of str
        Species, rules and observables.
    lanes : int
        Cells in one register.

    Raises
    ------
    InputError
        If a name is unknown, or something follows time that is no surrounding.
    """

    def __init__(
        self, equations: Equations, values: np.ndarray, surroundings: Sequence[str], names: Sequence[str], lanes: int
    ) -> None:
        self._lanes, self._outputs = lanes, len(names)
        graph = Graph()
        translation = Translation(graph, leaves_of_cell(graph, equations, surroundings), equations.rules)
        stores = [
            (place, translation.node(_expression(equations, name, surroundings))) for place, name in enumerate(names)
        ]
        hoisted = hoisted_terms(graph, [stores])
        constants = {node: graph.load("c", place, 1) for node, place in hoisted.items()}
        self._code = machine_code(step_loop.print_view(block_of(graph, "view", stores, constants), lanes), _EFFORT)
        self._view = self._code.function("view", _VIEW)
        hoist = block_of(graph, "hoist", [(place, node) for node, place in hoisted.items()], {})
        self._constants = _computed(print_functions({"hoist": hoist}, {}), values, len(hoisted))

    def of(
        self, state: np.ndarray, rows: Sequence[np.ndarray], threads: int = 1, pool: ThreadPoolExecutor | None = None
    ) -> np.ndarray:
        """Return the values, shape (names, cells), of cells in a state, shape (species, cells), and surroundings."""
        cells, lanes = state.shape[1], self._lanes
        if 0 < cells < lanes:  # the last cell fills the lanes that are left
            fill = [(0, lanes - cells)]
            padded = np.pad(state, [(0, 0), *fill], mode="edge")
            return self.of(padded, [np.pad(row, fill, mode="edge") for row in rows])[:, :cells].copy()
        out = np.empty((self._outputs, cells))
        table = np.array([row.ctypes.data for row in rows], np.int64)

        def view(first: int, groups: int) -> None:
            arrays = (each.ctypes.data for each in (state, table, self._constants, out))
            self._view(*arrays, state.strides[0] // 8, cells, first, groups)

        groups = cells // lanes
        share = -(-groups // threads) if pool is not None else groups
        parts = [(first * lanes, min(share, groups - first)) for first in range(0, groups, max(share, 1))]
        list((map if pool is None else pool.map)(view, *zip(*parts, strict=True)) if parts else ())
        if cells % lanes:  # some cells are seen twice, and are the same
            view(cells - lanes, 1)
        return out


def _expression(equations: Equations, name: str, surroundings: Sequence[str]) -> sympy.Basic:
    """Return what a name stands for."""
    known = (*equations.species, *equations.rules, *equations.observables)
    if name not in known:
        raise errors.InputError(
            "what is observed must be a species, a rule or an observable", name, hint=nearest(name, known)
        )
    expression = equations.observables.get(name, equations.rules.get(name, symbol(name)))
    if TIME not in surroundings and follows_time(equations.rules, [expression]):
        raise errors.InputError("what is observed must not follow time", name, hint="surroundings=[..., 't']")
    return expression


def _computed(text: str, values: np.ndarray, count: int) -> np.ndarray:
    """Return the terms of shared parameters."""
    code = machine_code(text, 0)
    found, given = np.zeros(count), np.ascontiguousarray(values)
    code.function("hoist", _BLOCK)(0.0, 0, given.ctypes.data, 0, found.ctypes.data)
    return found
