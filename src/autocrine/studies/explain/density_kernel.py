"""The log density of a laboratory with polynomials for its wells, and its derivatives, in compiled code.

Numbers go forwards through five steps (parameters, coordinates, polynomials, readouts, densities) and derivatives
backwards through the same ones. One point takes some tens of microseconds.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numba
import numpy as np

from autocrine.studies.explain.polynomial import MARGIN

_LOG_ROOT_2PI = 0.5 * math.log(2.0 * math.pi)
#: ways in which a parameter enters coordinates
AS_LOG, AS_IS, SATURATING = 0, 1, 2
#: what is known of a measurement
EXACT, BELOW, ABOVE = 0, 1, 2


class Tables(NamedTuple):
    """All that does not change from point to point.

    Attributes
    ----------
    centre, per_width, floor : ndarray of shape (p,)
        Of the priors, on the scales.
    constant : float
        Of the log density of the priors.
    logs : ndarray of bool, shape (p,)
        Which parameters are sought by their logarithm.
    absent, small : ndarray of shape (E,)
        Values of parameters of the wells that the model lacks; where a saturating one begins to count.
    source, enters : ndarray of int, shape (E,)
        The place of each among the p parameters, or -1; how it enters coordinates.
    sums : ndarray of int, shape (s, 3)
        Group, coordinate, and parameter of the wells that is added to it.
    mean, width, low, high : ndarray of shape (G, d)
        See `Polynomials`.
    parent, last : ndarray of int, shape (t,)
        Each term is its parent times a coordinate.
    terms : ndarray of int, shape (G, t)
        The terms that each group has, its first ``held`` numbers, a parent before its children.
    held : ndarray of int, shape (G,)
        How many these are.
    weights : ndarray of shape (G, t, k)
        Of the terms.
    bent : ndarray of bool, shape (G,)
        Which groups hold viability, bent as `polynomial.bent` does.
    over, under, factor, offset, noise, kind, log : ndarray of int, shape (m,)
        For each measurement: its level and that by which it is divided (places among G k numbers; -1 for none), its
        factor, offset and noise (places among parameters; -1 for none), what is known of it, whether it is
        logarithmic.
    value, sd : ndarray of shape (m,)
        Measurements, or means of exact ones that have all else in common, of logarithms where the noise is on them; and
        the known part of the width of their noise.
    copies, scatter, jacobian : ndarray of shape (m,)
        How many have this mean, the sum of squares around it, and what is taken off the density for logarithms.
    """

    centre: np.ndarray
    per_width: np.ndarray
    floor: np.ndarray
    constant: float
    logs: np.ndarray
    absent: np.ndarray
    small: np.ndarray
    source: np.ndarray
    enters: np.ndarray
    sums: np.ndarray
    mean: np.ndarray
    width: np.ndarray
    low: np.ndarray
    high: np.ndarray
    parent: np.ndarray
    last: np.ndarray
    terms: np.ndarray
    held: np.ndarray
    weights: np.ndarray
    bent: np.ndarray
    over: np.ndarray
    under: np.ndarray
    factor: np.ndarray
    offset: np.ndarray
    noise: np.ndarray
    kind: np.ndarray
    log: np.ndarray
    value: np.ndarray
    sd: np.ndarray
    copies: np.ndarray
    scatter: np.ndarray
    jacobian: np.ndarray


@numba.njit(cache=True)
def _log_share(far: float) -> float:
    """Return the logarithm of the share of a normal distribution below a place."""
    if far > -10.0:
        return math.log(0.5 * math.erfc(-far / math.sqrt(2.0)))
    inverse = 1.0 / (far * far)
    return -0.5 * far * far - math.log(-far) - _LOG_ROOT_2PI + math.log1p(-inverse + 3 * inverse**2 - 15 * inverse**3)


@numba.njit(cache=True)
def _enter(t: Tables, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what each parameter of the wells adds to coordinates, and its derivative."""
    count = len(t.absent)
    entered, slope = np.empty(count), np.empty(count)
    for k in range(count):
        value = t.absent[k] if t.source[k] < 0 else values[t.source[k]]
        if t.enters[k] == AS_LOG:
            entered[k], slope[k] = math.log(value), 1.0 / value
        elif t.enters[k] == AS_IS:
            entered[k], slope[k] = value, 1.0
        else:
            entered[k] = math.log1p(max(value, 0.0) / t.small[k])
            slope[k] = 1.0 / (t.small[k] + max(value, 0.0))
    return entered, slope


@numba.njit(cache=True, fastmath={"contract", "reassoc"})
def _expand(t: Tables, coordinates: np.ndarray, standard: np.ndarray, terms: np.ndarray, levels: np.ndarray) -> None:
    """Fill standardised coordinates, terms and levels of all groups."""
    groups, wide = coordinates.shape
    for g in range(groups):
        for d in range(wide):
            raw = (coordinates[g, d] - t.mean[g, d]) / t.width[g, d]
            standard[g, d] = min(max(raw, t.low[g, d]), t.high[g, d])
            coordinates[g, d] = 1.0 / t.width[g, d] if raw == standard[g, d] else 0.0
        terms[g, 0] = 1.0
        for k in range(levels.shape[1]):
            levels[g, k] = t.weights[g, 0, k]
        for place in range(1, t.held[g]):
            j = t.terms[g, place]
            factor = terms[g, t.parent[j]] * standard[g, t.last[j]]
            terms[g, j] = factor
            for k in range(levels.shape[1]):
                levels[g, k] += factor * t.weights[g, j, k]


@numba.njit(cache=True, fastmath={"contract", "reassoc"})
def _contract(  # noqa: PLR0917 — compiled code takes arguments by place
    t: Tables, standard: np.ndarray, terms: np.ndarray, by_level: np.ndarray, slope: np.ndarray, by_entered: np.ndarray
) -> None:
    """Add derivatives by what entered the coordinates; ``slope`` is that of standardised coordinates."""
    groups, wide = standard.shape
    back, along = np.empty(terms.shape[1]), np.empty((groups, wide))
    for g in range(groups):
        for place in range(t.held[g]):
            j = t.terms[g, place]
            total = 0.0
            for k in range(by_level.shape[1]):
                total += t.weights[g, j, k] * by_level[g, k]
            back[j] = total
        along[g, :] = 0.0
        for place in range(t.held[g] - 1, 0, -1):
            j = t.terms[g, place]
            along[g, t.last[j]] += back[j] * terms[g, t.parent[j]]
            back[t.parent[j]] += back[j] * standard[g, t.last[j]]
    for s in range(len(t.sums)):
        g, d, k = t.sums[s]
        by_entered[k] += along[g, d] * slope[g, d]


@numba.njit(cache=True)
def _straighten(t: Tables, levels: np.ndarray) -> np.ndarray:
    """Turn bent levels into viability; return derivatives."""
    slope = np.ones(levels.shape)
    for g in range(levels.shape[0]):
        if not t.bent[g]:
            continue
        for k in range(levels.shape[1]):
            hazard = math.exp(min(levels[g, k], 5.0))
            share = (1.0 + 2.0 * MARGIN) * math.exp(-hazard)
            levels[g, k], slope[g, k] = share - MARGIN, -share * hazard
    return slope


@numba.njit(cache=True)
def _one_density(t: Tables, m: int, values: np.ndarray, readout: Any) -> tuple[Any, Any, Any]:
    """Return the log density of what has one mean, and its derivatives by readout and by the estimated width."""
    own = values[t.noise[m]]
    width = math.sqrt(t.sd[m] ** 2 + own**2)
    inner = 1.0 / readout if t.log[m] else 1.0
    far = (t.value[m] - (math.log(readout) if t.log[m] else readout)) / width
    if t.kind[m] == EXACT:
        copies = t.copies[m]
        square = copies * far * far + t.scatter[m] / (width * width)
        found = -0.5 * square - copies * (math.log(width) + _LOG_ROOT_2PI) - t.jacobian[m]
        return found, copies * far / width * inner, (square - copies) / width * own / width
    sign = 1.0 if t.kind[m] == BELOW else -1.0
    found = _log_share(sign * far)
    slope = math.exp(-0.5 * far * far - _LOG_ROOT_2PI - found)
    return found, -sign * slope / width * inner, -slope * sign * far / width * own / width


@numba.njit(cache=True)
def _measure(  # noqa: PLR0917 — compiled code takes arguments by place
    t: Tables, values: np.ndarray, levels: np.ndarray, each: np.ndarray, by_level: np.ndarray, by_value: np.ndarray
) -> None:
    """Fill the density of each measurement; add derivatives by levels (flat) and parameters."""
    for m in range(len(t.value)):
        base = levels[t.over[m]] - (levels[t.under[m]] if t.under[m] >= 0 else 0.0)
        if t.log[m]:
            base = math.exp(base)
        factor = values[t.factor[m]] if t.factor[m] >= 0 else 1.0
        readout = factor * base + (values[t.offset[m]] if t.offset[m] >= 0 else 0.0)
        each[m], pull, by_own = _one_density(t, m, values, readout)
        by_value[t.noise[m]] += by_own
        if t.factor[m] >= 0:
            by_value[t.factor[m]] += pull * base
        if t.offset[m] >= 0:
            by_value[t.offset[m]] += pull
        pull *= factor * (base if t.log[m] else 1.0)
        by_level[t.over[m]] += pull
        if t.under[m] >= 0:
            by_level[t.under[m]] -= pull


@numba.njit(cache=True, error_model="numpy")
def likelihood(t: Tables, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the log density of each mean of measurements, shape (m,), and derivatives of their sum, shape (p,)."""
    values, stretch = np.empty(len(point)), np.ones(len(point))
    for k in range(len(point)):
        values[k] = math.exp(point[k]) if t.logs[k] else point[k]
        stretch[k] = values[k] if t.logs[k] else 1.0
    entered, slope = _enter(t, values)
    groups, wide = t.mean.shape
    coordinates, standard = np.zeros((groups, wide)), np.empty((groups, wide))
    for s in range(len(t.sums)):
        g, d, k = t.sums[s]
        coordinates[g, d] += entered[k]
    terms, levels = np.empty((groups, len(t.parent))), np.empty((groups, t.weights.shape[2]))
    _expand(t, coordinates, standard, terms, levels)
    straight = _straighten(t, levels)
    each, by_level, by_value = np.empty(len(t.value)), np.zeros(levels.shape), np.zeros(len(point))
    _measure(t, values, levels.ravel(), each, by_level.ravel(), by_value)
    by_entered = np.zeros(len(t.absent))
    _contract(t, standard, terms, by_level * straight, coordinates, by_entered)
    for k in range(len(t.absent)):
        if t.source[k] >= 0:
            by_value[t.source[k]] += by_entered[k] * slope[k]
    return each, by_value * stretch


@numba.njit(cache=True, error_model="numpy")
def free_density(t: Tables, free: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the log posterior density of numbers without bounds, as `Priors.from_free` means them."""
    point, slope = free.copy(), np.ones(len(free))
    gained = 0.0
    for k in range(len(free)):
        if t.floor[k] > -np.inf:
            slope[k] = math.exp(free[k])
            point[k] = t.floor[k] + slope[k]
            gained += free[k]
    each, gradient = likelihood(t, point)
    total = t.constant + gained + each.sum()
    for k in range(len(free)):
        away = (point[k] - t.centre[k]) * t.per_width[k]
        total -= 0.5 * away * away
        gradient[k] = (gradient[k] - away * t.per_width[k]) * slope[k]
        if t.floor[k] > -np.inf:
            gradient[k] += 1.0
    return total, gradient


@numba.njit(cache=True, error_model="numpy")
def free_densities(t: Tables, free: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return log posterior densities of many points without bounds, shape (n, p), and their derivatives."""
    values, gradients = np.empty(len(free)), np.empty(free.shape)
    for k in range(len(free)):
        values[k], gradients[k] = free_density(t, free[k])
    return values, gradients
