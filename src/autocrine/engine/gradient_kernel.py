"""The compiled loop over steps that takes derivatives along, and the directions of a batch."""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np

from autocrine.engine.compiled import Functions
from autocrine.engine.gradient_statements import GradientProgram, gradient_program
from autocrine.engine.gradient_step import WORDS, GradientStep, scratch_layout
from autocrine.engine.kernel import Batch, Kernel, Outcome, address_of, network_step
from autocrine.engine.network import Network
from autocrine.engine.rosenbrock import Rosenbrock
from autocrine.engine.step_statements import StepProgram

_ALIGNMENT = 64


@dataclass
class Directions:
    """Derivatives of the trajectories of a batch along directions.

    Attributes
    ----------
    rows : ndarray of shape (N, G, n + m, L)
        Of species and active parameters, at the begin; after the run at the end. There are G groups of L directions.
    scale : ndarray of shape (N, G, L)
        What a derivative is multiplied with before its error is measured.
    strictness : float
        What the error of the derivatives is multiplied with.
    shown : ndarray of shape (N, T, G, n, L)
        Where the derivatives at the times of the batch go.
    """

    rows: np.ndarray
    scale: np.ndarray
    strictness: float
    shown: np.ndarray


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
    lanes : int, optional
        As in `Kernel`.
    """

    def __init__(
        self, step: StepProgram, gradient: GradientProgram, method: Rosenbrock, lanes: int | None = None
    ) -> None:
        super().__init__(step, method, lanes, GradientStep(gradient, step.factors, method))
        self.gradient = gradient
        self._constants = Functions({"hoist": gradient.hoist}, {"hoist": (0, gradient.hoisted)})

    def follow(self, batch: Batch, directions: Directions, stop: np.ndarray) -> Outcome:
        """Integrate a batch with its derivatives."""
        count, groups, _, lanes = directions.rows.shape
        n = self.step.species
        arrays = {
            "rows": directions.rows,
            "scale": directions.scale,
            "shown": directions.shown,
            "strictness": np.full(count, directions.strictness),
            "constants": self._constants.many("hoist", batch.parameters),
            "new": aligned((lanes, groups, n, lanes)),
            "dense": aligned((lanes, groups, len(self.method.H) * n, lanes)),
            "scratch": aligned((scratch_layout(self.gradient, self.method, self.step.factors, lanes)[""][1], lanes)),
        }
        words = {"groups": groups} | {name: address_of(each) for name, each in arrays.items()}
        return self.run(batch, stop, np.array([words[name] for name in WORDS], dtype=np.int64))


def aligned(shape: tuple[int, ...]) -> np.ndarray:
    """Return zeros that compiled code may read in groups of lanes."""
    size = int(np.prod(shape))
    memory = np.zeros(size + _ALIGNMENT // 8)
    first = -memory.ctypes.data % _ALIGNMENT // 8
    return memory[first : first + size].reshape(shape)


_kernels: weakref.WeakKeyDictionary[Network, dict[tuple[str, tuple[int, ...]], GradientKernel]]
_kernels = weakref.WeakKeyDictionary()


def gradient_kernel(network: Network, method: Rosenbrock, active: tuple[int, ...]) -> GradientKernel:
    """Return the kernel for derivatives by the parameters at some places; it is compiled when first asked for."""
    known = _kernels.setdefault(network, {})
    if (method.name, active) not in known:
        program = gradient_program(network.program, active)
        known[method.name, active] = GradientKernel(network_step(network), program, method)
    return known[method.name, active]
