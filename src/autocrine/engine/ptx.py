"""The step of a tissue for a GPU: the same statements for one cell in each thread, as PTX text."""

from __future__ import annotations

import llvmlite.binding as llvm

from autocrine.core import errors
from autocrine.engine.ir_writer import INT, POINTER, Value, Writer
from autocrine.engine.one_step import OneStep
from autocrine.engine.step_loop import attempt

_TRIPLE = "nvptx64-nvidia-cuda"
#: arguments of the kernel: state (n rows, ``stride`` numbers apart), addresses of the rows of inputs, terms of
#: parameters, marks of the cells that could not be stepped, how many cells
_ARGUMENTS = (
    *((POINTER, name) for name in ("state", "inputs", "constants", "marks")),
    *((INT, name) for name in ("stride", "cells")),
)
_EFFORT = 3


def print_ptx(step: OneStep, architecture: str = "sm_90") -> str:
    """Return the PTX of the kernel ``step_cells`` for an architecture; thread i of the grid steps cell i.

    Raises
    ------
    InputError
        If this LLVM has no back end for NVIDIA's processors.
    """
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    try:
        target = llvm.Target.from_triple(_TRIPLE)
    except RuntimeError as error:
        must = "llvmlite must have been built with the back end NVPTX to print code for a GPU"
        raise errors.InputError(must, str(error)) from error
    machine = target.create_target_machine(cpu=architecture, opt=_EFFORT)
    module = llvm.parse_assembly(_print_kernel(step))
    module.triple = _TRIPLE
    module.data_layout = str(machine.target_data)
    module.verify()
    return machine.emit_assembly(module)


def _print_kernel(step: OneStep) -> str:
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
