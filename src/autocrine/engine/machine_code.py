"""LLVM IR text to functions of this processor."""

from __future__ import annotations

import ctypes
import functools
import sys
from collections.abc import Sequence

import llvmlite.binding as llvm

#: names of the C mathematics library that compiled code may call
_MATHEMATICS = ("exp", "log", "pow", "tanh", "sin", "cos", "floor", "ceil", "sqrt")
_POINTER = ctypes.c_void_p
_BLOCK = ctypes.PYFUNCTYPE(None, ctypes.c_double, _POINTER, _POINTER, _POINTER, _POINTER)
_ROWS = ctypes.PYFUNCTYPE(None, ctypes.c_int64, _POINTER, _POINTER, _POINTER, _POINTER, _POINTER)


class MachineCode:
    """The compiled functions of one module; they live as long as this object.

    Parameters
    ----------
    text : str
        The LLVM IR.
    blocks : sequence of str
        Names of its functions of ``t, y, p, c, out``; ``outputs_many`` is expected beside them.
    """

    def __init__(self, text: str, blocks: Sequence[str]) -> None:
        machine = _machine()
        module = llvm.parse_assembly(text)
        module.triple = machine.triple
        module.data_layout = str(machine.target_data)
        module.verify()
        self._engine = llvm.create_mcjit_compiler(module, machine)
        self._engine.finalize_object()
        self.functions = {name: _BLOCK(self._engine.get_function_address(name)) for name in blocks}
        self.outputs_many = _ROWS(self._engine.get_function_address("outputs_many"))


@functools.cache
def _initialise() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    # on Linux and macOS the symbols of libm are those of the process; elsewhere they are looked up and handed over
    library = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
    for name in _MATHEMATICS:
        if llvm.address_of_symbol(name) is None:
            llvm.add_symbol(name, ctypes.cast(getattr(library, name), _POINTER).value or 0)


def _machine() -> llvm.TargetMachine:
    """Return a machine that emits code at once.

    The statements share common terms already: for a network of 96 species O2 took 0.9 s and level 0 takes 0.06 s, while
    a call of the right-hand side went from 1.06 to 1.16 us and one of the Jacobian from 3.2 to 3.9 us.
    """
    _initialise()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=0, jit=True
    )
