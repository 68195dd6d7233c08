"""One Markov chain of the hierarchical curve: its log density and its moves, compiled."""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: where the law of error turns from normal to exponential, in its own widths: as the scale of single fits
TURN = 2.0
#: chosen, as in single fits: a smaller noise is not resolved
_LEAST_NOISE = 1e-4
_LEAST_SPREAD, _MOST_SPREAD = 1e-9, 1e3
_LN10 = math.log(10.0)
#: rounds between two changes of the size of steps
_TUNED = 50
#: degrees of freedom of the half-t law of the spreads between plates
_FREEDOM = 3.0


@numba.njit(cache=True)
def _loss(theta: Array, x: Array, y: Array, floor: float, sigma: float) -> float:
    """Return minus the log density of values around one curve, without what does not depend on the curve."""
    total, reach, span = 0.0, TURN * sigma, (theta[0] - floor) * theta[1]
    steep = _LN10 * math.exp(theta[3])
    for i in range(x.size):
        place = min(max(-steep * (x[i] - theta[2]), -600.0), 600.0)
        ratio = (theta[0] - span / (1.0 + math.exp(place)) - y[i]) / reach
        total += math.sqrt(1.0 + ratio * ratio) - 1.0
    return TURN * TURN * total


@numba.njit(cache=True)
def _within(theta: Array, low: Array, high: Array) -> bool:
    return bool(np.all((low <= theta) & (theta <= high)))


@numba.njit(cache=True)
def _apart(theta: Array, mu: Array, variance: Array) -> float:
    """Return minus the log density of one plate's parameters around the typical ones."""
    total = 0.0
    for k in range(4):
        if variance[k] > 0:
            total += 0.5 * ((theta[k] - mu[k]) ** 2 / variance[k] + math.log(variance[k]))
    return total


@numba.njit(cache=True)
def _spread_loss(tau: float, prior: float) -> float:
    """Return minus the log density of log tau: tau has a half-t law."""
    return 0.5 * (_FREEDOM + 1.0) * math.log(1.0 + (tau / prior) ** 2 / _FREEDOM) - math.log(tau)


@numba.njit(cache=True)
def _factor(curvature, variance):
    """Return the Cholesky factor of a step's covariance: curvature of the data and spread between plates together."""
    precision = curvature.copy()
    for k in range(4):
        precision[k, k] += 1.0 / variance[k] if variance[k] > 0 else 1e12
    return np.linalg.cholesky(np.linalg.inv(precision))


@numba.njit(cache=True)
def _drawn(factor: Array, size: float, random: np.random.Generator) -> Array:
    step = np.zeros(4)
    for m in range(4):
        z = size * random.standard_normal()
        for k in range(m, 4):
            step[k] += factor[k, m] * z
    return step


@numba.njit(cache=True)
def _accepts(gain: float, random: np.random.Generator) -> bool:
    return math.log(random.random() + 1e-300) < gain


@numba.njit(cache=True)
def _all_losses(theta, wells, sigma):
    """Return minus the log density of the values of every plate, shape (plates,)."""
    x, y, starts, floor = wells
    losses = np.empty(starts.size - 1)
    for j in range(losses.size):
        own = slice(starts[j], starts[j + 1])
        losses[j] = _loss(theta[j], x[own], y[own], floor, sigma)
    return losses


@numba.njit(cache=True)
def _sum_apart(theta, mu, variance):
    total = 0.0
    for j in range(len(theta)):
        total += _apart(theta[j], mu, variance)
    return total


@numba.njit(cache=True)
def _move_plates(state, wells, laws, steps, random):
    """Move the parameters of every plate by themselves; a parameter without spread stays with the typical one."""
    theta, mu, tau, losses, sigma = state
    known, _, low, high = laws
    curvature, sizes, taken = steps
    x, y, starts, floor = wells
    variance = tau**2 + known**2
    for j in range(len(theta)):
        own = slice(starts[j], starts[j + 1])
        trial = theta[j] + _drawn(_factor(curvature[j] / sigma[0] ** 2, variance), sizes[j], random)
        trial = np.where(variance == 0, theta[j], trial)
        if not _within(trial, low, high):
            continue
        loss = _loss(trial, x[own], y[own], floor, sigma[0])
        gain = losses[j] - loss + _apart(theta[j], mu, variance) - _apart(trial, mu, variance)
        if _accepts(gain, random):
            theta[j], losses[j] = trial, loss
            taken[j] += 1.0


@numba.njit(cache=True)
def _shift(state, wells, laws, curvature, random):
    """Move the typical curve and all plates together, in place: what couples them does not change."""
    theta, mu, _, losses, sigma = state
    factor = _factor(curvature.sum(axis=0) / sigma[0] ** 2, np.ones(4))
    step = _drawn(factor, 1.2 * 10.0 ** (random.random() - 0.7), random)
    new_mu, trial = mu + step, theta + step
    if not _within(new_mu, laws[2], laws[3]) or not _within(trial, laws[2], laws[3]):
        return
    new = _all_losses(trial, wells, sigma[0])
    if _accepts(losses.sum() - new.sum(), random):
        mu[:], theta[:], losses[:] = new_mu, trial, new


@numba.njit(cache=True)
def _typical(state, laws, random):
    """Draw the typical parameters given those of the plates; one that would leave the bounds stays."""
    theta, mu, tau = state[0], state[1], state[2]
    variance = tau**2 + laws[0] ** 2
    for k in range(4):
        if variance[k] == 0:
            mu[k] = theta[0, k]
            continue
        drawn = theta[:, k].mean() + math.sqrt(variance[k] / len(theta)) * random.standard_normal()
        if laws[2][k] <= drawn <= laws[3][k]:
            mu[k] = drawn


@numba.njit(cache=True)
def _move_spread(k, stretched, state, wells, laws, random):  # noqa: PLR0917 - compiled functions have no keywords
    """Move one spread: with the plates held, or with their distances from the typical value stretched alike."""
    theta, mu, tau, losses, sigma = state
    known, prior = laws[0][k], laws[1][k]
    length = (0.6 if stretched else 0.8) * random.standard_normal()
    spread, trial, changed = tau[k] * math.exp(length), theta, losses
    if not _LEAST_SPREAD < spread < _MOST_SPREAD:
        return
    if stretched:
        trial = theta.copy()
        trial[:, k] = mu[k] + (theta[:, k] - mu[k]) * math.exp(length)
        if not _within(trial, laws[2], laws[3]):
            return
        changed = _all_losses(trial, wells, sigma[0])
    old, new = np.zeros(4), np.zeros(4)
    old[k], new[k] = tau[k] ** 2 + known**2, spread**2 + known**2
    gain = losses.sum() - changed.sum() + _sum_apart(theta, mu, old) - _sum_apart(trial, mu, new)
    gain += _spread_loss(tau[k], prior) - _spread_loss(spread, prior)
    if stretched:
        # the volume by which a stretch changes
        gain += len(theta) * length
    if _accepts(gain, random):
        theta[:], losses[:] = trial, changed
        tau[k] = spread


@numba.njit(cache=True)
def _noise(state, wells, random):
    """Move the noise; its law is flat on the log scale."""
    theta, losses, sigma, n = state[0], state[3], state[4], wells[0].size
    trial = sigma[0] * math.exp(2.0 / math.sqrt(n) * random.standard_normal())
    if trial < _LEAST_NOISE:
        return
    new = _all_losses(theta, wells, trial)
    if _accepts(losses.sum() - new.sum() + n * math.log(sigma[0] / trial), random):
        losses[:] = new
        sigma[0] = trial


@numba.njit(cache=True)
def chain(wells, laws, start, curvature, rounds, random):  # noqa: PLR0917 - compiled functions have no keywords
    """Run one chain.

    Parameters
    ----------
    wells : tuple
        log10 doses and values of all plates, shape (n,) each, plate after plate; where each plate begins and the end,
        shape (plates + 1,); the lowest possible effect.
    laws : tuple of ndarray, shape (4,)
        Spread between plates that is known beforehand; scale of the law of what is unknown; lower and upper bounds.
    start : tuple
        E_0, g, log10 EC50, ln hill_slope to start from, shape (4,); the spreads where they are given, shape (4,), NaN
        where they are drawn; the noise.
    curvature : ndarray, shape (plates, 4, 4)
        Squares of the derivatives of each plate's values.
    rounds : tuple of 3 int
        Rounds of warming up, draws kept, rounds per draw.
    random : Generator

    Returns
    -------
    mu, tau, sigma, theta : ndarray, shapes (draws, 4), (draws, 4), (draws,), (draws, plates, 4)
    """
    warm, keep, thin = rounds
    plates, drawn = len(curvature), np.isnan(start[1])
    theta, sigma = np.zeros((plates, 4)) + start[0], np.array([start[2]])
    tau = np.where(drawn, 0.3 * laws[1], start[1])
    state = (theta, start[0].copy(), tau, _all_losses(theta, wells, sigma[0]), sigma)
    steps = (curvature, np.full(plates, 1.2), np.zeros(plates))
    out = (np.empty((keep, 4)), np.empty((keep, 4)), np.empty(keep), np.empty((keep, plates, 4)))
    for turn in range(warm + keep * thin):
        _move_plates(state, wells, laws, steps, random)
        _shift(state, wells, laws, curvature, random)
        _typical(state, laws, random)
        for k in range(4):
            if drawn[k]:
                _move_spread(k, False, state, wells, laws, random)
                _move_spread(k, True, state, wells, laws, random)
        _noise(state, wells, random)
        if turn < warm and turn % _TUNED == _TUNED - 1:
            # the size of steps follows the share that was taken, only while warming up
            steps[1][:] = np.minimum(np.maximum(steps[1] * np.exp(steps[2] / _TUNED - 0.3), 0.02), 5.0)
            steps[2][:] = 0.0
        at, rest = divmod(turn - warm, thin)
        if turn >= warm and rest == thin - 1:
            out[0][at], out[1][at], out[2][at], out[3][at] = state[1], tau, sigma[0], theta
    return out
