"""LLVM IR as PTX, the text that the driver of an NVIDIA GPU compiles."""

from __future__ import annotations

import llvmlite.binding as llvm

from autocrine.core import errors

_TRIPLE = "nvptx64-nvidia-cuda"
_EFFORT = 3
#: what LLVM prints code for; a newer GPU runs the code of an older one
_ARCHITECTURES = (60, 61, 62, 70, 72, 75, 80, 86, 87, 89, 90)


def architecture_of(major: int, minor: int) -> str:
    """Return the newest architecture that code may be printed for, for a GPU of a compute capability.

    Raises
    ------
    InputError
        If the GPU is older than all of them.
    """
    fitting = [each for each in _ARCHITECTURES if each <= 10 * major + minor]
    if not fitting:
        must = f"a GPU must have compute capability {_ARCHITECTURES[0] / 10} or more"
        raise errors.InputError(must, f"{major}.{minor}", hint="device='cpu'")
    return f"sm_{fitting[-1]}"


def emit_ptx(text: str, architecture: str = "sm_90") -> str:
    """Return LLVM IR as PTX for an architecture.

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
    module = llvm.parse_assembly(text)
    module.triple = _TRIPLE
    module.data_layout = str(machine.target_data)
    module.verify()
    return machine.emit_assembly(module)
