"""A Rosenbrock method of one step: its numbers."""

from __future__ import annotations

from dataclasses import dataclass

Rows = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class StepMethod:
    """A Rosenbrock method without dense output and without a step control.

    Attributes
    ----------
    name : str
        What it is called.
    order : int
        Order of convergence.
    gamma : float
        The number on the diagonal.
    A, C : tuple of rows
        Weights of earlier stages in the argument of a stage, and in its right-hand side (over h).
    m, e : tuple of float
        Weights of all stages in the result and in the error estimate.

    Notes
    -----
    Stage i solves (I/(h gamma) - J) U_i = f(y + sum_j A_ij U_j) + sum_j C_ij U_j / h; the result is y + sum_i m_i U_i.
    """

    name: str
    order: int
    gamma: float
    A: Rows
    C: Rows
    m: tuple[float, ...]
    e: tuple[float, ...]
