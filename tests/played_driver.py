"""A driver of a GPU that is played by the processor: it checks calls as the header of CUDA declares them, and obeys.

Memory is that of the processor, with guards around each piece, and holds NaN until it is written. A kernel runs from
the same LLVM IR that its PTX was printed from, compiled for this processor: threads that take work from a queue run at
once, those that ask for their number one after the other.
"""

from __future__ import annotations

import ctypes
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from autocrine.engine.machine_code import FREE_FUNCTION, MachineCode

_BY_REFERENCE, _UINT, _INT, _SIZE = "&", ctypes.c_uint, ctypes.c_int, ctypes.c_size_t
_ADDRESS, _POINTER, _TEXT = ctypes.c_uint64, ctypes.c_void_p, ctypes.c_char_p
#: arguments of the functions in cuda.h
HEADER = {
    "cuInit": (_UINT,),
    "cuDeviceGetCount": (_BY_REFERENCE,),
    "cuDeviceGet": (_BY_REFERENCE, _INT),
    "cuDeviceGetAttribute": (_BY_REFERENCE, _INT, _INT),
    "cuDevicePrimaryCtxRetain": (_BY_REFERENCE, _INT),
    "cuCtxSetCurrent": (_POINTER,),
    "cuCtxSynchronize": (),
    "cuGetErrorString": (_INT, _BY_REFERENCE),
    "cuModuleLoadDataEx": (_BY_REFERENCE, _TEXT, _UINT, ctypes.Array, ctypes.Array),
    "cuModuleGetFunction": (_BY_REFERENCE, _POINTER, _TEXT),
    "cuOccupancyMaxActiveBlocksPerMultiprocessor": (_BY_REFERENCE, _POINTER, _INT, _SIZE),
    "cuMemAlloc_v2": (_BY_REFERENCE, _SIZE),
    "cuMemFree_v2": (_ADDRESS,),
    "cuMemcpyHtoD_v2": (_ADDRESS, _POINTER, _SIZE),
    "cuMemcpyDtoH_v2": (_POINTER, _ADDRESS, _SIZE),
    "cuLaunchKernel": (_POINTER, *[_UINT] * 7, type(None), ctypes.Array, type(None)),
}
MEANINGS = {2: b"out of memory", 218: b"a PTX JIT compilation failed", 700: b"an illegal memory access was encountered"}
_GUARD = b"\xa5" * 64
_SREG = "nvvm.read.ptx.sreg."


@dataclass
class PlayedDriver:
    """A driver with one GPU.

    Attributes
    ----------
    programs : dict of str to str
        LLVM IR of each text of PTX that may be loaded.
    capability : (int, int)
        Compute capability.
    devices, multiprocessors, blocks : int
        How many GPUs there are, their processors, and the blocks that each of these holds.
    fails : dict of str to (int, int)
        The call of a function, counted from 0, that answers with an error, and which.
    """

    programs: dict[str, str]
    capability: tuple[int, int] = (9, 0)
    devices: int = 1
    multiprocessors: int = 2
    blocks: int = 2
    fails: dict[str, tuple[int, int]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    launches: list[tuple[int, int]] = field(default_factory=list)
    held: dict[int, tuple[ctypes.Array, int]] = field(default_factory=dict)
    most_held: int = 0
    kernels: list[tuple[MachineCode, str, list[str]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    broken: int = 0

    def __getattr__(self, name):
        if not name.startswith("cu"):
            raise AttributeError(name)
        return lambda *arguments: self._answer(name, arguments)

    def _answer(self, name, arguments):
        expected = HEADER[name]
        assert len(arguments) == len(expected), name
        for given, type_ in zip(arguments, expected, strict=True):
            assert hasattr(given, "_obj") if type_ == _BY_REFERENCE else isinstance(given, type_), (name, given)
        before = self.calls.count(name)
        self.calls.append(name)
        if self.broken and name != "cuGetErrorString":
            return self.broken
        if name in self.fails and self.fails[name][0] == before:
            status = self.fails[name][1]
            self.broken = status if name == "cuCtxSynchronize" else 0
            if name == "cuModuleLoadDataEx":
                _log(arguments)
            return status
        return getattr(self, "_" + name)(*arguments) or 0

    def _cuInit(self, flags):
        assert flags.value == 0

    def _cuDeviceGetCount(self, count):
        count._obj.value = self.devices

    def _cuDeviceGet(self, device, ordinal):
        assert ordinal.value == 0
        device._obj.value = 0

    def _cuDeviceGetAttribute(self, value, attribute, device):
        assert device.value == 0
        value._obj.value = {75: self.capability[0], 76: self.capability[1], 16: self.multiprocessors}[attribute.value]

    def _cuDevicePrimaryCtxRetain(self, context, device):
        assert device.value == 0
        context._obj.value = 77

    def _cuCtxSetCurrent(self, context):
        assert context.value == 77

    def _cuCtxSynchronize(self):
        pass

    def _cuGetErrorString(self, status, text):
        if status.value not in MEANINGS:
            return 1
        text._obj.value = MEANINGS[status.value]
        return 0

    def _cuModuleLoadDataEx(self, module, text, count, options, values):
        assert (count.value, list(options), values[1]) == (2, [5, 6], 4096)
        self.texts.append(text.value.decode())
        module._obj.value = len(self.texts)

    def _cuModuleGetFunction(self, kernel, module, name):
        text, entry = self.programs[self.texts[module.value - 1]], name.value.decode()
        types = re.findall(rf"define ptx_kernel void @{entry}\((.*)\)", text)[0].split(", ")
        self.kernels.append((MachineCode.of(as_of_a_processor(text), 1), entry, [each.split()[0] for each in types]))
        kernel._obj.value = len(self.kernels)

    def _cuOccupancyMaxActiveBlocksPerMultiprocessor(self, blocks, kernel, size, shared):
        assert kernel.value == len(self.kernels)
        assert (size.value % 32, shared.value) == (0, 0)
        blocks._obj.value = self.blocks

    def _cuMemAlloc_v2(self, address, size):
        assert size.value > 0
        room = ctypes.create_string_buffer(_GUARD + b"\xff" * size.value + _GUARD, 128 + size.value)
        address._obj.value = ctypes.addressof(room) + 64
        self.held[address._obj.value] = room, size.value
        self.most_held = max(self.most_held, len(self.held))

    def _cuMemFree_v2(self, address):
        room, size = self.held.pop(address.value)
        assert room.raw[:64] == _GUARD
        assert room.raw[64 + size :] == _GUARD

    def _cuMemcpyHtoD_v2(self, target, source, size):
        assert size.value <= self.held[target.value][1]
        ctypes.memmove(target.value, source.value, size.value)

    def _cuMemcpyDtoH_v2(self, target, source, size):
        assert size.value <= self.held[source.value][1]
        ctypes.memmove(target.value, source.value, size.value)

    def _cuLaunchKernel(self, kernel, *others):
        *grid, shared = (each.value for each in others[:7])
        assert (shared, grid[1:3], grid[4:]) == (0, [1, 1], [1, 1])
        blocks, block = grid[0], grid[3]
        assert 0 < block <= 1024
        assert 0 < blocks < 2**31
        self.launches.append((blocks, block))
        code, name, types = self.kernels[kernel.value - 1]
        table = others[8]
        assert len(table) == len(types)
        given = [ctypes.c_uint64.from_address(each).value for each in table]
        run = code.function(name, FREE_FUNCTION(None, *[ctypes.c_uint64] * len(types)))
        if _SREG in self.programs[self.texts[-1]]:
            place = code.function("place", FREE_FUNCTION(None, *[ctypes.c_int32] * 3))
            for thread in range(blocks * block):
                place(thread // block, block, thread % block)
                run(*given)
            return
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: run(*given), range(blocks * block)))


def as_of_a_processor(text):
    """Return the text of a kernel as that of a function of this processor; ``place`` says which thread it is."""
    text = text.replace("define ptx_kernel", "define")
    # memory of a thread begins with anything: here with NaN
    room = re.compile(r"^( *(%\w+) = alloca \[(\d+) x \w+\].*)$", re.MULTILINE)
    text, rooms = room.subn(lambda found: _poisoned(found[1], found[2], int(found[3])), text)
    if rooms:
        text += "\ndeclare void @llvm.memset.p0.i64(ptr, i8, i64, i1)\n"
    names = [name for name in ("ctaid", "ntid", "tid") if _SREG + name in text]
    for name in names:
        text = text.replace(f"declare i32 @llvm.{_SREG}{name}.x()", "").replace(f"llvm.{_SREG}{name}.x", f"read.{name}")
        text += f"\n@{name} = internal global i32 0\ndefine internal i32 @read.{name}() {{\n"
        text += f"  %v = load i32, ptr @{name}\n  ret i32 %v\n}}\n"
    if names:
        text += "define void @place(i32 %a, i32 %b, i32 %c) {\n"
        text += "".join(f"  store i32 %{v}, ptr @{name}\n" for v, name in zip("abc", names, strict=True))
        text += "  ret void\n}\n"
    return text


def _poisoned(line, name, length):
    return f"{line}\n  call void @llvm.memset.p0.i64(ptr {name}, i8 -1, i64 {8 * length}, i1 false)"


def _log(arguments):
    """Write what the driver's compiler complains about."""
    said = b"ptxas fatal : nothing fits\0"
    ctypes.memmove(arguments[4][0], np.frombuffer(said, np.uint8).ctypes.data, len(said))
