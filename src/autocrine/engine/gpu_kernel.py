"""The loop over steps on a GPU, with batches and outcomes as those of the processor. It has not yet run on one."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import Any

import numpy as np

from autocrine.engine import thread_loop
from autocrine.engine.gpu import gpu
from autocrine.engine.job import JOB
from autocrine.engine.kernel import Kernel, hoist_of, network_step, sizes_of
from autocrine.engine.network import Network
from autocrine.engine.ptx import emit_ptx
from autocrine.engine.rosenbrock import Rosenbrock
from autocrine.engine.step_statements import StepProgram

#: threads of a block: one warp, so that few trajectories are spread over many multiprocessors; nothing is shared
BLOCK = 32
_WRITTEN = ("state", "shown", "verdict", "reached", "steps", "rejections", "length", "arrived", "curve")


class GpuKernel(Kernel):
    """The loop of one network and one method on the first GPU of this machine.

    Parameters
    ----------
    step : StepProgram
        The functions of the network.
    method : Rosenbrock
        The method.

    Raises
    ------
    InputError
        If there is no GPU, or a trajectory needs more memory than a thread of it can have.
    DeviceError
        If the driver cannot compile the loop.

    Notes
    -----
    A batch is copied to the GPU, integrated, and copied back; ``stop`` is looked at before and after, not while the
    GPU runs.
    """

    def __init__(self, step: StepProgram, method: Rosenbrock) -> None:
        self._gpu = gpu()
        text = emit_ptx(thread_loop.print_threads(step, method), self._gpu.architecture)
        self._kernel = self._gpu.load(text, thread_loop.NAME)
        self._resident = self._gpu.resident(self._kernel, BLOCK)
        self.method, self.lanes, self._hoist = method, 1, hoist_of(step)
        self.species, self.triggers, _ = sizes_of(step, method)

    def _execute(self, arrays: Mapping[str, np.ndarray], counts: Mapping[str, int]) -> int:
        with self._gpu.memory() as memory:
            there = {name: memory.copy(each) for name, each in arrays.items()}
            words = {name: each.value for name, each in there.items()} | dict(counts)
            # an address is a whole number without a sign, of which the highest bit may be set
            job = np.array([words.get(name, 0) for name in JOB], dtype=np.uint64)
            table = memory.copy(job)
            # more threads than the GPU holds at once would find the queue empty when their turn comes
            self._gpu.launch(self._kernel, [table], max(1, min(counts["count"], self._resident)), BLOCK)
            memory.fetch(table, job)
            for name in _WRITTEN:
                if name in there:
                    memory.fetch(there[name], arrays[name])
        return int(job[JOB.index("iterations")])


_kernels: weakref.WeakKeyDictionary[Network, dict[tuple, GpuKernel]] = weakref.WeakKeyDictionary()


def gpu_kernel(network: Network, method: Rosenbrock, triggers: tuple[Any, ...] = ()) -> GpuKernel:
    """Return the kernel of a network that watches some triggers; it is compiled when it is first asked for."""
    known = _kernels.setdefault(network, {})
    key = method.name, triggers
    if key not in known:
        known[key] = GpuKernel(network_step(network, triggers), method)
    return known[key]
