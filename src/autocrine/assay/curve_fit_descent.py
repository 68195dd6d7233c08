"""Many small robust least-squares problems at once: damped Gauss-Newton inside of bounds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rows = NDArray[np.intp]

#: losses of curves in fractions of control that are smaller than this are equal
_NOTHING = 1e-12


def loss_of(residuals: Array, scale: float | Array) -> Array:
    """Return the robust loss (soft L1), summed over the last axis; a small residual counts with its square."""
    squared = np.square(scale)
    return 2 * squared * np.sum(np.sqrt(1 + residuals**2 / np.asarray(squared)[..., None]) - 1, axis=-1)


def descend(
    start: Array,
    evaluate: Callable[[Array, Rows], tuple[Array, Array]],
    inside: Callable[[Array, Rows], Array],
    *,
    scale: Array,
    rounds: int,
    tolerance: float = 1e-7,
) -> tuple[Array, Array]:
    """Improve every start until it has settled, each by itself: what else is solved with it changes nothing.

    Parameters
    ----------
    start : ndarray, shape (m, p)
        One problem per row.
    evaluate : function
        From parameters (k, p) of some rows, and which rows these are, to residuals (k, n) and their derivative
        (k, p, n).
    inside : function
        Moves parameters of some rows into their bounds.
    scale : ndarray, shape (m,)
        Of the robust loss.
    rounds : int
        Most trials.
    tolerance : float
        A row has settled when a trial takes, or promises to take, no more than this share off its loss.

    Returns
    -------
    free, loss : ndarray, shape (m, p) and (m,)
    """
    rows = np.arange(len(start))
    here = inside(start, rows)
    residuals, slopes = evaluate(here, rows)
    here_loss, damping = loss_of(residuals, scale), np.full(rows.size, 1e-3)
    free, loss = here.copy(), here_loss.copy()
    for _ in range(rounds):
        trial, promised = _trial(
            here, residuals, slopes, damping, lambda moved, at=rows: inside(moved, at), scale[rows]
        )
        trial_residuals, trial_slopes = evaluate(trial, rows)
        trial_loss = loss_of(trial_residuals, scale[rows])
        gain, least = here_loss - trial_loss, tolerance * (here_loss + _NOTHING)
        better = gain > 0
        here = np.where(better[:, None], trial, here)
        here_loss = np.where(better, trial_loss, here_loss)
        free[rows], loss[rows] = here, here_loss
        going = np.where(better, gain > least, promised > least)
        if not going.any():
            break
        residuals = np.where(better[:, None], trial_residuals, residuals)[going]
        slopes = np.where(better[:, None, None], trial_slopes, slopes)[going]
        damping = np.where(better, damping / 6, damping * 6)[going]
        rows, here, here_loss = rows[going], here[going], here_loss[going]
    return free, loss


def _trial(  # noqa: PLR0917
    free: Array, residuals: Array, slopes: Array, damping: Array, inside: Callable[[Array], Array], scale: Array
) -> tuple[Array, Array]:
    """Return where to look next, and by how much the loss would fall there if it were a parabola."""
    weighted = slopes / np.sqrt(1 + (residuals / scale[:, None]) ** 2)[:, None, :]
    normal = weighted @ np.swapaxes(slopes, 1, 2)
    fall = -(weighted @ residuals[..., None])[..., 0]
    count = free.shape[1]
    size = np.trace(normal, axis1=1, axis2=2) / count + 1e-12
    normal += (size * damping)[:, None, None] * np.eye(count)
    step = np.linalg.solve(normal, fall[..., None])[..., 0]
    trial = inside(free + step)
    # a parameter that its bound holds back is taken out, so that the others step as if it were fixed
    held = (np.abs(trial - free) < 1e-12) & (np.abs(step) > 1e-9)
    some = held.any(axis=1)
    if some.any():
        keep = ~held[some]
        left = normal[some] * (keep[:, :, None] & keep[:, None, :]) + held[some, :, None] * np.eye(count)
        step[some] = np.linalg.solve(left, (fall[some] * keep)[..., None])[..., 0]
        trial = inside(free + step)
    return trial, np.sum(fall * (trial - free), axis=1)
