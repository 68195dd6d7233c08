"""The step of many cells on a GPU: a cell in each thread."""

from __future__ import annotations

import ctypes

import numpy as np

from autocrine.engine.gpu import gpu
from autocrine.engine.one_step import OneStep
from autocrine.engine.ptx import print_ptx


class GpuStep:
    """The kernel of one stepper on the first GPU of this machine.

    Raises
    ------
    InputError
        If there is no GPU.
    """

    def __init__(self, program: OneStep) -> None:
        self._gpu = gpu()
        self._kernel = self._gpu.load(print_ptx(program, self._gpu.architecture), "step_cells")

    def attempt(self, state: np.ndarray, rows: list[np.ndarray], constants: np.ndarray) -> np.ndarray:
        """Step the cells that can be stepped, in place; return the others."""
        cells = state.shape[1]
        if not cells:
            return np.empty(0, int)
        whole, marks = np.ascontiguousarray(state), np.zeros(cells)
        inside = [self._gpu.copy(each) for each in rows]
        table = np.array([each.value for each in inside], np.uint64)
        given = [self._gpu.copy(each) for each in (whole, table, constants, marks)]
        try:
            sizes = ctypes.c_int64(cells), ctypes.c_int64(cells)
            self._gpu.launch(self._kernel, [*given, *sizes], cells)
            self._gpu.fetch(given[0], whole)
            self._gpu.fetch(given[3], marks)
        finally:
            self._gpu.free([*inside, *given])
        state[:] = whole
        return np.flatnonzero(marks)
