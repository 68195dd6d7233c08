"""Many small robust least-squares problems at once: damped Gauss-Newton inside of bounds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def loss_of(residuals: Array, scale: float) -> Array:
    """Return the robust loss (soft L1), summed over the last axis; a small residual counts with its square."""
    return np.sum(2 * scale**2 * (np.sqrt(1 + (residuals / scale) ** 2) - 1), axis=-1)


def descend(
    start: Array,
    evaluate: Callable[[Array], tuple[Array, Array]],
    inside: Callable[[Array], Array],
    *,
    scale: float,
    rounds: int,
) -> tuple[Array, Array]:
    """Improve every start for some rounds.

    Parameters
    ----------
    start : ndarray, shape (m, p)
        One problem per row.
    evaluate : function
        From parameters (m, p) to residuals (m, n) and their derivative (m, n, p).
    inside : function
        Moves parameters into their bounds.
    scale : float
        Of the robust loss.
    rounds : int
        Number of trials.

    Returns
    -------
    free, loss : ndarray, shape (m, p) and (m,)
    """
    free = inside(start)
    residuals, slopes = evaluate(free)
    loss, damping = loss_of(residuals, scale), np.full(len(free), 1e-3)
    for _ in range(rounds):
        trial = _trial(free, residuals, slopes, damping, inside, scale)
        trial_residuals, trial_slopes = evaluate(trial)
        trial_loss = loss_of(trial_residuals, scale)
        better = trial_loss < loss
        free[better], residuals[better], slopes[better] = trial[better], trial_residuals[better], trial_slopes[better]
        gain = float(np.max(np.where(better, (loss - trial_loss) / (loss + 1e-12), 0.0)))
        loss = np.where(better, trial_loss, loss)
        damping = np.where(better, damping / 6, damping * 6)
        if gain < 1e-7 and bool(better.all()):
            break
    return free, loss


def _trial(  # noqa: PLR0917
    free: Array,
    residuals: Array,
    slopes: Array,
    damping: Array,
    inside: Callable[[Array], Array],
    scale: float,
) -> Array:
    weighted = slopes / np.sqrt(1 + (residuals / scale) ** 2)[..., None]
    normal = np.swapaxes(weighted, 1, 2) @ slopes
    fall = -(np.swapaxes(weighted, 1, 2) @ residuals[..., None])[..., 0]
    count = free.shape[1]
    size = np.trace(normal, axis1=1, axis2=2) / count + 1e-12
    normal = normal + (size * damping)[:, None, None] * np.eye(count)
    step = np.linalg.solve(normal, fall[..., None])[..., 0]
    trial = inside(free + step)
    # a parameter that its bound holds back is taken out, so that the others step as if it were fixed
    held = (np.abs(trial - free) < 1e-12) & (np.abs(step) > 1e-9)
    if not held.any():
        return trial
    keep = ~held
    normal = normal * (keep[:, :, None] & keep[:, None, :]) + held[:, :, None] * np.eye(count)
    step = np.linalg.solve(normal, (fall * keep)[..., None])[..., 0]
    return inside(free + step)
