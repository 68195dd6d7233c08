"""The compiled loop over steps that takes derivatives along, and the directions of a batch."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autocrine.engine.compiled import Functions
from autocrine.engine.gradient_statements import GradientProgram, gradient_program
from autocrine.engine.gradient_step import WORDS, GradientStep, scratch_layout
from autocrine.engine.kernel import Batch, Kernel, Outcome, address_of, network_step
from autocrine.engine.machine_code import best_lanes
from autocrine.engine.network import Network
from autocrine.engine.rosenbrock import Rosenbrock
from autocrine.engine.step_statements import StepProgram

#: bytes; of the widest group
_ALIGNMENT = 256


@dataclass
class Directions:
    """Derivatives of the trajectories of a batch along directions.

    Attributes
    ----------
    rows : ndarray of shape (N, G, n + m, W)
        Of species and active parameters, at the begin; after the run at the end. There are G groups of W directions.
    scale : ndarray of shape (N, G, W)
        What a derivative is multiplied with before its error is measured.
    strictness : float
        What the error of the derivatives is multiplied with.
    shown : ndarray of shape (N, T, G, n, W)
        Where the derivatives at the times of the batch go.
    arrived, curve : ndarray of shape (N, G, n, W) and (N, G, D - 1, n, W)
        After a run in which triggers are watched: the derivatives at the end of the step in which one turned, and the
        coefficients of their dense output; ``rows`` are those at its beginning.
    """

    rows: np.ndarray
    scale: np.ndarray
    strictness: float
    shown: np.ndarray
    arrived: np.ndarray = field(default_factory=lambda: np.empty(0))
    curve: np.ndarray = field(default_factory=lambda: np.empty(0))


class GradientKernel(Kernel):
    """The loop of one network and one method, with derivatives by some parameters and by initial values.

    Parameters
    ----------
    step : StepProgram
        The functions of the network.
    gradient : GradientProgram
        Those of the derivatives.
    method : Rosenbrock
        The method.
    width : int
        Directions of a group.
    lanes : int, optional
        As in `Kernel`.
    """

    def __init__(
        self, step: StepProgram, gradient: GradientProgram, method: Rosenbrock, width: int, *, lanes: int | None = None
    ) -> None:
        self._companion = GradientStep(gradient, step.factors, method, width, watching=step.triggers > 0)
        self.width = width
        super().__init__(step, method, lanes, self._companion)
        self.gradient = gradient
        self._constants = Functions({"hoist": gradient.hoist}, {"hoist": (0, gradient.lengths["c"])})

    def follow(self, batch: Batch, directions: Directions, stop: np.ndarray) -> Outcome:
        """Integrate a batch with its derivatives."""
        count, groups, _, width = directions.rows.shape
        n = self.species
        arrays = {
            "rows": directions.rows,
            "scale": directions.scale,
            "shown": directions.shown,
            "strictness": np.full(count, directions.strictness),
            "constants": self._constants.many("hoist", batch.parameters),
            "new": aligned((self.lanes, groups, n, width)),
            "dense": aligned((self.lanes, groups, len(self.method.H) * n, width)),
            "scratch": aligned((scratch_layout(self._companion, self.lanes)[""],)),
        }
        if self.triggers:
            directions.arrived = arrays["arrived"] = aligned((count, groups, n, width))
            directions.curve = arrays["curve"] = aligned((count, groups, len(self.method.H), n, width))
        words = {"groups": groups} | {name: address_of(each) for name, each in arrays.items()}
        return self.run(batch, stop, np.array([words.get(name, 0) for name in WORDS], dtype=np.int64))


def aligned(shape: tuple[int, ...]) -> np.ndarray:
    """Return zeros that compiled code may read in groups of lanes."""
    size = int(np.prod(shape))
    memory = np.zeros(size + _ALIGNMENT // 8)
    first = -memory.ctypes.data % _ALIGNMENT // 8
    return memory[first : first + size].reshape(shape)


_kernels: weakref.WeakKeyDictionary[Network, dict[tuple, GradientKernel]]
_kernels = weakref.WeakKeyDictionary()


def gradient_kernel(
    network: Network, method: Rosenbrock, active: tuple[int, ...], directions: int, triggers: tuple[Any, ...] = ()
) -> GradientKernel:
    """Return the kernel for derivatives along some directions; it is compiled when it is first asked for.

    ``active`` are the places of the parameters that may change along them; ``triggers`` are watched.
    """
    known = _kernels.setdefault(network, {})
    width = best_lanes() if directions <= best_lanes() else 2 * best_lanes()
    key = method.name, active, width, triggers
    if key not in known:
        program = gradient_program(network.program, active)
        known[key] = GradientKernel(network_step(network, triggers), program, method, width)
    return known[key]
