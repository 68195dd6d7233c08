"""A GPU of NVIDIA through the driver that comes with it: nothing is installed, nothing is linked."""

from __future__ import annotations

import ctypes
import functools
import sys
from collections.abc import Sequence

import numpy as np

from autocrine.core import errors

_MAJOR, _MINOR = 75, 76
#: the newest architecture that the printer is asked for; newer processors read its code too
_NEWEST = 90
_BLOCK = 128


class Gpu:
    """The first GPU of this machine.

    Raises
    ------
    InputError
        If there is none, or no driver for it.
    """

    def __init__(self) -> None:
        self._driver = _driver()
        count, device, context = ctypes.c_int(), ctypes.c_int(), ctypes.c_void_p()
        try:
            self._ask("cuInit", ctypes.c_uint(0))
            self._ask("cuDeviceGetCount", ctypes.byref(count))
        except errors.SolverError as error:
            raise _absent(error.cause) from error
        if not count.value:
            raise _absent("the driver found none")
        self._ask("cuDeviceGet", ctypes.byref(device), 0)
        self._ask("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
        self._context = context
        version = [ctypes.c_int() for _ in range(2)]
        for value, attribute in zip(version, (_MAJOR, _MINOR), strict=True):
            self._ask("cuDeviceGetAttribute", ctypes.byref(value), attribute, device)
        self.architecture = f"sm_{min(10 * version[0].value + version[1].value, _NEWEST)}"

    def load(self, text: str, name: str) -> ctypes.c_void_p:
        """Return a kernel of a text of PTX."""
        module, kernel = ctypes.c_void_p(), ctypes.c_void_p()
        self._enter()
        self._ask("cuModuleLoadData", ctypes.byref(module), ctypes.c_char_p(text.encode()))
        self._ask("cuModuleGetFunction", ctypes.byref(kernel), module, ctypes.c_char_p(name.encode()))
        return kernel

    def copy(self, array: np.ndarray) -> ctypes.c_uint64:
        """Return the address on the GPU of a copy of an array; `free` gives it back."""
        address = ctypes.c_uint64()
        self._enter()
        self._ask("cuMemAlloc_v2", ctypes.byref(address), ctypes.c_size_t(max(array.nbytes, 8)))
        if array.nbytes:
            source = ctypes.c_void_p(array.ctypes.data)
            self._ask("cuMemcpyHtoD_v2", address, source, ctypes.c_size_t(array.nbytes))
        return address

    def fetch(self, address: ctypes.c_uint64, array: np.ndarray) -> None:
        """Write what lies at an address on the GPU into an array."""
        target = ctypes.c_void_p(array.ctypes.data)
        self._ask("cuMemcpyDtoH_v2", target, address, ctypes.c_size_t(array.nbytes))

    def free(self, addresses: Sequence[ctypes.c_uint64]) -> None:
        """Give memory on the GPU back."""
        for address in addresses:
            self._ask("cuMemFree_v2", address)

    def launch(
        self, kernel: ctypes.c_void_p, arguments: Sequence[ctypes.c_uint64 | ctypes.c_int64], threads: int
    ) -> None:
        """Run a kernel in so many threads, and wait for it."""
        table = (ctypes.c_void_p * len(arguments))(*(ctypes.addressof(each) for each in arguments))
        grid = (-(-threads // _BLOCK), 1, 1, _BLOCK, 1, 1)
        self._enter()
        self._ask(
            "cuLaunchKernel", kernel, *(ctypes.c_uint(each) for each in grid), ctypes.c_uint(0), None, table, None
        )
        self._ask("cuCtxSynchronize")

    def _enter(self) -> None:
        """Let this thread use the GPU."""
        self._ask("cuCtxSetCurrent", self._context)

    def _ask(self, name: str, *arguments: object) -> None:
        status = getattr(self._driver, name)(*arguments)
        if status:
            raise errors.SolverError(f"the GPU's driver answered {name} with error {status}")


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
