"""A Rosenbrock method: its numbers, and what follows from them."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

Rows = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Rosenbrock:
    """A stiffly accurate Rosenbrock method with dense output.

    Attributes
    ----------
    name : str
        What it is called.
    order : int
        Order of convergence.
    error_order : int
        Order of the local error estimate: the step grows with the error to the power of -1 over it.
    gamma : float
        The number on the diagonal.
    A, C : tuple of rows
        Weights of earlier stages in the argument of a stage, and in its right-hand side (over h).
    H : tuple of rows
        Weights of all stages in the coefficients of the dense output.

    Notes
    -----
    Stage i solves (I/(h gamma) - J) U_i = f(t + alpha_i h, y + sum_j A_ij U_j) + sum_j C_ij U_j / h + delta_i h df/dt.
    The last stage is the error estimate, and its argument plus itself is the result y1. Between the ends of a step,
    y(t + x h) = (1 - x) y0 + x (y1 + (1 - x) (k_1 + x (k_2 + ...))) with k = H U.

    References
    ----------
    Hairer & Wanner 1996, Solving Ordinary Differential Equations II, 2nd ed., section IV.7,
    doi:10.1007/978-3-642-05221-7.
    """

    name: str
    order: int
    error_order: int
    gamma: float
    A: Rows
    C: Rows
    H: Rows

    @property
    def stages(self) -> int:
        """Number of stages."""
        return len(self.A)

    @functools.cached_property
    def alpha(self) -> tuple[float, ...]:
        """Times of the stages within the step."""
        inner = _square(self.A) @ self._gammas
        return tuple(float(each) for each in inner.sum(axis=1))

    @functools.cached_property
    def delta(self) -> tuple[float, ...]:
        """Weights of the time derivative."""
        return tuple(float(each) for each in self._gammas.sum(axis=1))

    @functools.cached_property
    def _gammas(self) -> np.ndarray:
        """The matrix Gamma of the untransformed method, from C = I/gamma - Gamma^-1."""
        return np.linalg.inv(np.eye(self.stages) / self.gamma - _square(self.C))


def _square(rows: Rows) -> np.ndarray:
    size = len(rows)
    return np.array([[*row, *[0.0] * (size - len(row))] for row in rows])
