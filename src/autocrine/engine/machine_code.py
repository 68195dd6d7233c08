"""LLVM IR text to functions of this processor."""

from __future__ import annotations

import ctypes
import functools
import hashlib
from collections.abc import Callable
from typing import Any

import llvmlite
import llvmlite.binding as llvm

from autocrine.engine import code_cache


class MachineCode:
    """The compiled functions of one module; they live as long as this object.

    Parameters
    ----------
    key : str
        The name under which the code is kept.
    code : bytes
        An object file of this processor.
    """

    def __init__(self, key: str, code: bytes) -> None:
        _initialise()
        self.key = key
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine(0))
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()

    @classmethod
    def of(cls, text: str, effort: int) -> MachineCode:
        """Compile a module, or find it compiled.

        Parameters
        ----------
        text : str
            The LLVM IR.
        effort : int
            Level of LLVM's code generation, 0 to 3.
        """
        key = hashlib.sha256("\n".join((*platform(), str(effort), text)).encode()).hexdigest()
        return cls(key, code_cache.fetch(key, lambda: _compile(text, effort)))

    def function(self, name: str, prototype: Callable[[int], Any]) -> Any:
        """Return a function as a callable of ctypes."""
        return prototype(self._engine.get_function_address(name))


@functools.lru_cache(maxsize=64)
def machine_code(text: str, effort: int) -> MachineCode:
    """Return the code of a module; equal texts share it."""
    return MachineCode.of(text, effort)


def kept_code(key: str) -> MachineCode | None:
    """Return the code that is kept under a key, if it still is."""
    code = code_cache.read(key)
    return MachineCode(key, code) if code else None


@functools.cache
def platform() -> tuple[str, ...]:
    """Return what machine code depends on beside its text: processor, and version of the compiler."""
    _initialise()
    target = llvm.Target.from_default_triple().name
    return *processor(), target, llvmlite.__version__, str(llvm.llvm_version_info)


@functools.cache
def processor() -> tuple[str, str]:
    """Return name and features of this processor."""
    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


@functools.cache
def best_lanes() -> int:
    """Return how many trajectories one register value of a kernel should hold on this processor."""
    features = processor()[1].split(",")
    return 8 if "+avx512f" in features or "+avx2" in features else 4


@functools.cache
def _initialise() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


def _compile(text: str, effort: int) -> bytes:
    _initialise()
    machine = _machine(effort)
    module = llvm.parse_assembly(text)
    module.triple = machine.triple
    module.data_layout = str(machine.target_data)
    module.verify()
    return machine.emit_object(module)


def _machine(effort: int) -> llvm.TargetMachine:
    name, features = processor()
    return llvm.Target.from_default_triple().create_target_machine(cpu=name, features=features, opt=effort, jit=True)


#: prototypes of quick functions, and of those during which other threads of Python go on
FUNCTION, FREE_FUNCTION = ctypes.PYFUNCTYPE, ctypes.CFUNCTYPE
POINTER, REAL, WHOLE = ctypes.c_void_p, ctypes.c_double, ctypes.c_int64
