"""One step of a Rosenbrock method for equations with delayed values, in plain NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import lu_factor, lu_solve

from autocrine.engine.history import Segment
from autocrine.engine.rosenbrock import Rosenbrock

#: share of the step in which the slope by time is taken, and relative change of a level for the slopes by levels
_SHARE, _CHANGE = 1e-4, 1e-7

#: the right-hand side at a time and a state; in the second half of a step events of the past have not happened yet
Slope = Callable[[float, np.ndarray, bool], np.ndarray]


@dataclass(frozen=True)
class Linear:
    """The equations at the beginning of a step: their value, and slopes by the state."""

    time: float
    state: np.ndarray
    value: np.ndarray
    jacobian: np.ndarray


def attempt(method: Rosenbrock, slope: Slope, linear: Linear, h: float) -> tuple[Segment, np.ndarray]:
    """Return a step, and the estimate of its error, shape (n,); NaN where it cannot be done.

    Notes
    -----
    See `Rosenbrock`. The slope by time, which is that of the delayed values too, follows from three values.
    """
    t, y, n = linear.time, linear.state, len(linear.state)
    d = _SHARE * h
    drift = (4.0 * slope(t + d, y, False) - slope(t + 2.0 * d, y, False) - 3.0 * linear.value) / (2.0 * d)
    matrix = np.eye(n) / (h * method.gamma) - linear.jacobian
    if not (np.isfinite(matrix).all() and np.isfinite(drift).all()):
        return Segment(t, h, y, np.full(n, np.nan), np.empty((0, n))), np.full(n, np.nan)
    factors = lu_factor(matrix, check_finite=False)
    stages, argument = np.zeros((method.stages, n)), y
    for i in range(method.stages):
        value = linear.value
        if i:
            argument = y + np.array(method.A[i]) @ stages[:i]
            value = slope(t + method.alpha[i] * h, argument, method.alpha[i] > 0.5)
            value = value + np.array(method.C[i]) @ stages[:i] / h
        stages[i] = lu_solve(factors, value + h * method.delta[i] * drift, check_finite=False)
    curve = np.array(method.H) @ stages
    return Segment(t, h, y, argument + stages[-1], curve), stages[-1]


def slopes_by_differences(slope: Slope, time: float, state: np.ndarray, value: np.ndarray, scale: np.ndarray):
    """Return the Jacobian, shape (n, n), with what the delayed values add to it.

    Parameters
    ----------
    scale : ndarray of shape (n,)
        Levels below which a species counts as absent.
    """
    jacobian = np.empty((len(state), len(state)))
    for j in range(len(state)):
        moved = state.copy()
        moved[j] += _CHANGE * max(abs(state[j]), scale[j])
        jacobian[:, j] = (slope(time, moved, False) - value) / (moved[j] - state[j])
    return jacobian
