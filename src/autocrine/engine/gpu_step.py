"""The step of many cells on a GPU: a cell in each thread. It has not yet run on one."""

from __future__ import annotations

import ctypes

import numpy as np

from autocrine.engine.gpu import gpu
from autocrine.engine.ir_writer import INT, POINTER, Value, Writer
from autocrine.engine.one_step import OneStep
from autocrine.engine.ptx import emit_ptx
from autocrine.engine.step_loop import attempt

#: arguments of the kernel: state (n rows, ``stride`` numbers apart), addresses of the rows of inputs, terms of
#: parameters, marks of the cells that could not be stepped, how many cells
_ARGUMENTS = (
    *((POINTER, name) for name in ("state", "inputs", "constants", "marks")),
    *((INT, name) for name in ("stride", "cells")),
)


class GpuStep:
    """The kernel of one stepper on the first GPU of this machine.

    Raises
    ------
    InputError
        If there is no GPU.
    """

    def __init__(self, program: OneStep) -> None:
        self._gpu = gpu()
        self._kernel = self._gpu.load(emit_ptx(print_cells(program), self._gpu.architecture), "step_cells")

    def attempt(self, state: np.ndarray, rows: list[np.ndarray], constants: np.ndarray) -> np.ndarray:
        """Step the cells that can be stepped, in place; return the others."""
        cells = state.shape[1]
        if not cells:
            return np.empty(0, int)
        whole, marks = np.ascontiguousarray(state), np.zeros(cells)
        with self._gpu.memory() as memory:
            table = np.array([memory.copy(each).value for each in rows], np.uint64)
            given = [memory.copy(each) for each in (whole, table, constants, marks)]
            sizes = ctypes.c_int64(cells), ctypes.c_int64(cells)
            self._gpu.launch(self._kernel, [*given, *sizes], cells)
            memory.fetch(given[0], whole)
            memory.fetch(given[3], marks)
        state[:] = whole
        return np.flatnonzero(marks)


def print_cells(step: OneStep) -> str:
    """Return the LLVM IR of the kernel ``step_cells``; thread i of the grid steps cell i."""
    w = Writer(lanes=1, inlines=True)
    with w.function("step_cells", _ARGUMENTS, how="ptx_kernel") as (state, inputs, constants, marks, stride, cells):
        cell = _thread(w)
        with w.when(cell < cells):
            taken = attempt(w, step, (state, inputs, constants), stride, cell)
            with w.when(~taken):
                w.array(marks)[cell] = 1.0
    return w.module()


def _thread(w: Writer) -> Value:
    """Return the number of this thread in the grid."""
    parts = [w.special(f"nvvm.read.ptx.sreg.{name}.x") for name in ("ctaid", "ntid", "tid")]
    return parts[0] * parts[1] + parts[2]
