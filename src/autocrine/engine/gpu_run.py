"""All trajectories of an ensemble on a GPU, a large part of them at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from autocrine.core import errors
from autocrine.engine.ensemble_run import EnsembleRun
from autocrine.engine.gpu import gpu
from autocrine.engine.gpu_kernel import GpuKernel, gpu_kernel

DEVICES = ("cpu", "gpu")
#: bytes that the states at output times of one part may take
_MOST_BYTES = 2**28


@dataclass(frozen=True)
class GpuRun(EnsembleRun):
    """What all trajectories of a call share; events, outputs and reductions are the processor's work.

    Notes
    -----
    Results do not depend on the parts, bit for bit, but differ from those of the processor in the last digits, where
    products and sums are rounded together.
    """

    largest_chunk: ClassVar[int] = 65_536
    #: one part is on the GPU, one waits to be taken
    ahead: ClassVar[int] = 1

    def workers(self, threads: int | None) -> int:
        """Return the threads of Python that wait for the GPU: one, which does all between two launches."""
        return 1

    def chunk_size(self, workers: int) -> int:
        """Return how many trajectories a part has: many, but their states at output times must fit."""
        row = 8 * max(1, len(self.network.species) * len(self.times))
        return max(self.smallest_chunk, min(self.largest_chunk, _MOST_BYTES // row))

    def _kernel(self) -> GpuKernel:
        triggers = self.events.triggers
        return gpu_kernel(self.network, self.method, () if triggers is None else triggers.conditions)


def check_device(device: str, others: Sequence[str]) -> None:
    """Refuse a device that does not exist here, and what cannot be done on a GPU, before anything is compiled.

    Parameters
    ----------
    device : str
        The device.
    others : sequence of str
        What else was asked for that only the processor can do.

    Raises
    ------
    InputError
        If the device is unknown, there is no GPU, or something else was asked for.
    """
    if device not in DEVICES:
        raise errors.InputError("device must be 'cpu' or 'gpu'", device)
    if device == "gpu":
        if others:
            raise errors.InputError(f"device 'gpu' must be asked for without {others[0]}", hint="device='cpu'")
        gpu()
