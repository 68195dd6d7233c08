"""A GPU of NVIDIA through the driver that comes with it: nothing is installed, nothing is linked.

The calls follow the documentation and the header of CUDA's driver interface. They have been tested against a driver
that is played by the processor, and have not yet met a GPU.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import sys
from collections.abc import Iterator, Sequence

import numpy as np

from autocrine.core import errors
from autocrine.engine.ptx import architecture_of

#: numbers of attributes of a device: compute capability, and how many multiprocessors it has
_MAJOR, _MINOR, _MULTIPROCESSORS = 75, 76, 16
#: numbers of options of the driver's compiler
_ERROR_LOG, _ERROR_LOG_BYTES = 5, 6
_LOG_BYTES = 4096
_BLOCK = 128


class Gpu:
    """The first GPU of this machine.

    Attributes
    ----------
    architecture : str
        What code is printed for.
    multiprocessors : int
        How many it has.

    Raises
    ------
    InputError
        If there is none, no driver for it, or if it is too old.
    """

    def __init__(self) -> None:
        self._driver = _driver()
        count, device, context = ctypes.c_int(), ctypes.c_int(), ctypes.c_void_p()
        try:
            self._ask("cuInit", ctypes.c_uint(0))
            self._ask("cuDeviceGetCount", ctypes.byref(count))
        except errors.DeviceError as error:
            raise _absent(error.cause) from error
        if not count.value:
            raise _absent("the driver found none")
        self._ask("cuDeviceGet", ctypes.byref(device), ctypes.c_int(0))
        wanted = (_MAJOR, _MINOR, _MULTIPROCESSORS)
        major, minor, self.multiprocessors = (self._attribute(each, device) for each in wanted)
        self.architecture = architecture_of(major, minor)
        self._ask("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
        self._context = context

    def load(self, text: str, name: str) -> ctypes.c_void_p:
        """Return a kernel of a text of PTX, which the driver compiles; it stays loaded as long as this process.

        Raises
        ------
        DeviceError
            If the driver cannot compile it, with what its compiler says.
        """
        module, kernel = ctypes.c_void_p(), ctypes.c_void_p()
        log = ctypes.create_string_buffer(_LOG_BYTES)
        options = (ctypes.c_int * 2)(_ERROR_LOG, _ERROR_LOG_BYTES)
        values = (ctypes.c_void_p * 2)(ctypes.addressof(log), _LOG_BYTES)
        self._enter()
        source = ctypes.c_char_p(text.encode())
        try:
            self._ask("cuModuleLoadDataEx", ctypes.byref(module), source, ctypes.c_uint(2), options, values)
        except errors.DeviceError as error:
            said = log.value.decode(errors="replace").strip()
            raise errors.DeviceError(f"{error.cause}: {said}" if said else error.cause) from error
        self._ask("cuModuleGetFunction", ctypes.byref(kernel), module, ctypes.c_char_p(name.encode()))
        return kernel

    def resident(self, kernel: ctypes.c_void_p, block: int = _BLOCK) -> int:
        """Return how many threads of a kernel, in blocks of ``block``, the GPU holds at once."""
        blocks = ctypes.c_int()
        self._enter()
        name = "cuOccupancyMaxActiveBlocksPerMultiprocessor"
        self._ask(name, ctypes.byref(blocks), kernel, ctypes.c_int(block), ctypes.c_size_t(0))
        return max(blocks.value, 1) * block * self.multiprocessors

    @contextlib.contextmanager
    def memory(self) -> Iterator[Memory]:
        """Give memory on the GPU that is given back at the end, also when something failed."""
        self._enter()
        memory = Memory(self)
        try:
            yield memory
        except BaseException:
            # after a kernel that failed, the driver answers everything with that failure, which is on its way already
            with contextlib.suppress(errors.DeviceError):
                memory.give_back()
            raise
        memory.give_back()

    def launch(
        self,
        kernel: ctypes.c_void_p,
        arguments: Sequence[ctypes.c_uint64 | ctypes.c_int64],
        threads: int,
        block: int = _BLOCK,
    ) -> None:
        """Run a kernel in so many threads, or a few more to fill the last block, and wait for it."""
        table = (ctypes.c_void_p * len(arguments))(*(ctypes.addressof(each) for each in arguments))
        grid = (-(-threads // block), 1, 1, block, 1, 1)
        self._enter()
        self._ask(
            "cuLaunchKernel", kernel, *(ctypes.c_uint(each) for each in grid), ctypes.c_uint(0), None, table, None
        )
        # what goes wrong in the kernel is only known when it is waited for
        self._ask("cuCtxSynchronize")

    def _attribute(self, number: int, device: ctypes.c_int) -> int:
        value = ctypes.c_int()
        self._ask("cuDeviceGetAttribute", ctypes.byref(value), ctypes.c_int(number), device)
        return value.value

    def _enter(self) -> None:
        """Let this thread use the GPU."""
        self._ask("cuCtxSetCurrent", self._context)

    def _ask(self, name: str, *arguments: object) -> None:
        status = getattr(self._driver, name)(*arguments)
        if status:
            raise errors.DeviceError(f"the GPU's driver answered {name} with error {status}{self._meaning(status)}")

    def _meaning(self, status: int) -> str:
        """Return what an error means, in brackets; nothing if the driver does not say."""
        text = ctypes.c_char_p()
        unknown = self._driver.cuGetErrorString(ctypes.c_int(status), ctypes.byref(text))
        return "" if unknown or text.value is None else f" ({text.value.decode(errors='replace')})"


class Memory:
    """Memory on a GPU, used by the thread of Python that asked for it.

    Parameters
    ----------
    gpu : Gpu
        The GPU.
    """

    def __init__(self, gpu: Gpu) -> None:
        self._ask, self._held = gpu._ask, list[ctypes.c_uint64]()

    def copy(self, array: np.ndarray) -> ctypes.c_uint64:
        """Return the address on the GPU of a copy of an array.

        Raises
        ------
        TypeError
            If its numbers do not lie one behind the other, 8 bytes each.
        """
        if not array.flags.c_contiguous or array.dtype.itemsize != 8:
            raise TypeError(f"a GPU gets contiguous arrays of 8 bytes a number, not {array.dtype}")
        address = ctypes.c_uint64()
        self._ask("cuMemAlloc_v2", ctypes.byref(address), ctypes.c_size_t(max(array.nbytes, 8)))
        self._held.append(address)
        if array.nbytes:
            source = ctypes.c_void_p(array.ctypes.data)
            self._ask("cuMemcpyHtoD_v2", address, source, ctypes.c_size_t(array.nbytes))
        return address

    def fetch(self, address: ctypes.c_uint64, array: np.ndarray) -> None:
        """Write what lies at an address on the GPU into an array, which is contiguous as the one that was copied."""
        if array.nbytes:
            target = ctypes.c_void_p(array.ctypes.data)
            self._ask("cuMemcpyDtoH_v2", target, address, ctypes.c_size_t(array.nbytes))

    def give_back(self) -> None:
        """Give all of it back."""
        while self._held:
            self._ask("cuMemFree_v2", self._held.pop())


@functools.cache
def gpu() -> Gpu:
    """Return the first GPU of this machine."""
    return Gpu()


def _driver() -> ctypes.CDLL:
    name = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        return ctypes.CDLL(name)
    except OSError as error:
        raise _absent(f"no driver: {error}") from error


def _absent(why: str) -> errors.InputError:
    return errors.InputError(f"device 'gpu' needs a GPU of NVIDIA with its driver ({why})", hint="device='cpu'")
