"""Dose series, and the curves that are fitted to them, many at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtrc, ndtri, stdtr, stdtrit

from autocrine.assay import curve_fit, curve_fit_profile
from autocrine.assay.curve import DECADES_TO_ZERO, Curve, Points, log_dose, note_left_out, refused_curve
from autocrine.assay.curve_fit import HALF, NOISE_FLOOR, Fit, Problem
from autocrine.assay.potency import Potency
from autocrine.core import errors

#: chosen: a curve whose fitted change is smaller than this fraction of control is flat whatever the noise
_LEAST_CHANGE = 0.02
#: four parameters need as many doses
_LEAST_DOSES = 4
#: curves that are fitted at once; measured: 8 to 32 take the same time
_BATCH = 16
_OPEN = (-math.inf, math.inf)


@dataclass(frozen=True)
class Series:
    """One dose series that is to be fitted: the arguments of `fit_curve`."""

    dose_nM: ArrayLike
    value: ArrayLike
    replicate: ArrayLike | None = None
    control: float = 1.0
    floor: float = 0.0
    interval: bool = True
    half_level_error: float = 0.0


def fit_curve(
    dose_nM: ArrayLike,
    viability: ArrayLike,
    replicate: ArrayLike | None = None,
    *,
    control: float = 1.0,
    floor: float = 0.0,
    interval: bool = True,
    half_level_error: float = 0.0,
) -> Curve:
    """Fit a four-parameter logistic curve to one dose series.

    Parameters
    ----------
    dose_nM : array_like, shape (n,)
        Doses, nM. Points at dose 0 are controls and inform E_0.
    viability : array_like, shape (n,)
        Response of each well, in units of ``control``. Values that are not finite are left out, and the reason says so.
    replicate : array_like, shape (n,), optional
        Label of the plate or repeat of each well. Wells with one label may share a shift, which widens the interval.
    control : float
        Level of untreated wells in the units of ``viability``: 1 for fractions, 100 for per cent, a count for counts.
    floor : float
        The lowest level that the response can have: 0 for viability, -1 for GR values.
    interval : bool
        Whether the IC50 gets its interval, which is half of the work; without it both ends are open.
    half_level_error : float
        Standard error of half of control, as a fraction of control: all values share the error of the control that they
        were divided by, so no scatter shows it. It widens the interval of the IC50.

    Returns
    -------
    Curve
        ``ic50`` is absolute: where the curve crosses half of control, with a 95 % profile-likelihood interval.
        Outside of the tested doses it is censored, never extrapolated.

    Raises
    ------
    InputError
        If shapes differ, a dose is negative or not finite, or control is not positive.

    Notes
    -----
    ``v(d) = E_max + (E_0 - E_max) / (1 + (d / EC50)^h)`` with soft-L1 loss. Where no control wells are given, the ones
    that the values were divided by enter as a single well of value 1 at dose 0. A profile was chosen over a
    bootstrap: it is deterministic, quicker, and shows by itself when an end of the interval is open.
    """
    return fit_curves([Series(dose_nM, viability, replicate, control, floor, interval, half_level_error)])[0]


def fit_curves(series: Sequence[Series]) -> list[Curve]:
    """Fit many dose series at once, which takes a fraction of the time; each curve is that of `fit_curve`.

    Raises
    ------
    InputError
        As `fit_curve`.
    """
    points = [_points(one.dose_nM, one.value, one.replicate, one.control) for one in series]
    refusals = [_refusal(each) for each in points]
    found = {k: refused_curve(points[k], why) for k, why in enumerate(refusals) if why}
    problems = {k: _problem(points[k], series[k].floor) for k, why in enumerate(refusals) if not why}
    fits = _by_size(list(problems.items()), lambda some: curve_fit.best([problem for _, problem in some]))
    trends = {k: _trend(points[k]) for k in problems}
    falling = [k for k in problems if _falls(problems[k], fits[k], trends[k])]
    asked = [(k, problems[k]) for k in falling if series[k].interval]
    labels = {k: _plated(points[k]) for k, _ in asked}
    ends = _by_size(
        asked,
        lambda some: curve_fit_profile.intervals(
            [problem for _, problem in some], [fits[k] for k, _ in some], [labels[k] for k, _ in some]
        ),
    )
    for k, problem in problems.items():
        if k not in falling:
            found[k] = _flat(points[k], trends[k])
            continue
        reach = _widened(problem, fits[k], ends[k], series[k].half_level_error) if k in ends else _OPEN
        found[k] = _fitted(points[k], problem, fits[k], reach)
    return [found[k] for k in range(len(series))]


_Found = TypeVar("_Found")


def _by_size(
    problems: Sequence[tuple[int, Problem]], solve: Callable[[Sequence[tuple[int, Problem]]], Sequence[_Found]]
) -> dict[int, _Found]:
    """Solve numbered problems in batches of equally many points that are no larger than the cache likes."""
    sizes: dict[int, list[tuple[int, Problem]]] = {}
    for k, problem in problems:
        sizes.setdefault(problem.x.size, []).append((k, problem))
    found: dict[int, _Found] = {}
    for alike in sizes.values():
        for first in range(0, len(alike), _BATCH):
            some = alike[first : first + _BATCH]
            found.update(zip((k for k, _ in some), solve(some), strict=True))
    return found


def _fitted(points: Points, problem: Problem, fit: Fit, ends: tuple[float, float]) -> Curve:
    """Return the curve of a fit whose IC50 has an interval on log10 dose."""
    notes = [note_left_out(points)]
    ic50 = _within(curve_fit.half_dose(fit.theta, problem.floor), ends, problem, points.tested_range)
    if ic50.censored:
        notes.append(f"IC50 lies {'above the highest' if ic50.censored == '>' else 'below the lowest'} dose")
    e_0, g, _, b = (float(value) for value in fit.theta)
    return Curve(
        "fitted",
        "; ".join(filter(None, notes)),
        ic50,
        _relative(problem, fit, points.tested_range),
        e_0,
        e_0 - (e_0 - problem.floor) * g,
        math.exp(b),
        fit.residual_sd,
        points,
        fit,
        problem.floor,
    )


def _points(dose_nM: ArrayLike, viability: ArrayLike, replicate: ArrayLike | None, control: float) -> Points:
    dose, value = np.asarray(dose_nM, dtype=float), np.asarray(viability, dtype=float)
    if dose.ndim != 1 or dose.shape != value.shape:
        raise errors.InputError("dose and viability must be two rows of equal length", (dose.shape, value.shape))
    if not (math.isfinite(control) and control > 0):
        raise errors.InputError("control must be a positive number", control)
    bad = ~np.isfinite(dose) | (dose < 0)
    if bad.any():
        at = int(np.argmax(bad))
        raise errors.InputError("every dose must be finite and not negative", float(dose[at]), where=f"point {at}")
    labels = None if replicate is None else np.asarray(replicate)
    if labels is not None and labels.shape != dose.shape:
        raise errors.InputError("replicate must have one label per point", labels.shape)
    kept = np.isfinite(value)
    labels = None if labels is None else labels[kept]
    return Points(dose[kept], value[kept] / control, labels, int(np.sum(~kept)))


def _refusal(points: Points) -> str:
    doses = np.unique(points.dose_nM[points.dose_nM > 0])
    if doses.size < _LEAST_DOSES:
        number = f"{doses.size} dose{'' if doses.size == 1 else 's'} above 0 with a finite value"
        return f"only {number}; a curve needs at least {_LEAST_DOSES}"
    level = float(np.median(points.value))
    if level > 3 or (points.value.size and float(np.max(np.abs(points.value))) > 50):
        return f"values are not fractions of control (median {level:.3g} times control)"
    return ""


def _problem(points: Points, floor: float) -> Problem:
    x, y = log_dose(points.dose_nM, points.tested_range[0]), points.value
    low, high = (math.log10(edge) for edge in points.tested_range)
    if not np.any(points.dose_nM == 0):
        x, y = np.append(x, low - DECADES_TO_ZERO), np.append(y, 1.0)
    return Problem(x, y, floor, low, high)


def _plated(points: Points) -> NDArray[np.generic] | None:
    """Return replicate labels where each is found at several doses; other labels only number the wells of a dose."""
    if points.replicate is None:
        return None
    labels, doses = points.replicate, points.dose_nM
    spread = min(np.unique(doses[labels == label]).size for label in np.unique(labels))
    return labels if spread >= 2 else None


@dataclass(frozen=True)
class _Trend:
    slope: float
    chance_of_fall: float
    chance_of_rise: float
    level: float
    level_error: float
    spread: float


def _trend(points: Points) -> _Trend:
    """Describe the tested doses without a curve: straight line over log dose, mean level and its 95 % half-width."""
    tested = points.dose_nM > 0
    x, y = np.log10(points.dose_nM[tested]), points.value[tested]
    x, level, n = x - x.mean(), float(y.mean()), y.size
    slope = float(x @ y / (x @ x))
    spread = max(float(np.std(y, ddof=1)), NOISE_FLOOR)
    error = max(float(np.sqrt(np.sum((y - level - slope * x) ** 2) / (n - 2) / (x @ x))), 1e-9)
    fall = float(stdtr(n - 2, slope / error))
    return _Trend(slope, fall, 1 - fall, level, float(stdtrit(n - 1, 0.975)) * spread / math.sqrt(n), spread)


def _falls(problem: Problem, fit: Fit, trend: _Trend) -> bool:
    """Say whether the curve falls over the tested doses, and beats a constant (controls included) or a level line."""
    edges = curve_fit.logistic(fit.theta, np.array([problem.x_low, problem.x_high]), problem.floor)
    if edges[0] - edges[1] < _LEAST_CHANGE:
        return False
    y = problem.y
    residuals = curve_fit.logistic(fit.theta, problem.x, problem.floor) - y
    weight = 1 / np.sqrt(1 + (residuals / fit.scale) ** 2)
    mean = float(weight @ y / weight.sum())
    alone, fitted = float(weight @ (y - mean) ** 2), float(weight @ residuals**2) + y.size * NOISE_FLOOR**2
    ratio = max(alone - fitted, 0.0) / 3 / (fitted / fit.freedom)
    # two looks at the same data, so each at half of the usual 5 %
    return bool(fdtrc(3, fit.freedom, ratio) < 0.025 or trend.chance_of_fall < 0.025)


def _flat(points: Points, trend: _Trend) -> Curve:
    low, high = points.tested_range
    rises = trend.chance_of_rise < 0.025 and trend.slope * math.log10(high / low) > _LEAST_CHANGE
    ends = [float(np.median(points.value[points.dose_nM == edge])) for edge in (low, high)]
    if rises and ends[0] < HALF < ends[1]:
        return refused_curve(points, "viability rises with dose through half of control")
    how = "viability rises with dose" if rises else "viability does not change with dose"
    if trend.level - trend.level_error > HALF:
        ic50, at = Potency(None, high, math.inf, ">", high), "above half of control"
    elif trend.level + trend.level_error < HALF:
        ic50, at = Potency(None, 0.0, low, "<", low), "below half of control"
    else:
        ic50, at = Potency(None), "near half of control, so no IC50 can be told"
    reason = "; ".join(filter(None, [f"{how} and stays {at}", note_left_out(points)]))
    return Curve("flat", reason, ic50, Potency(None), trend.level, trend.level, math.nan, trend.spread, points)


def _widened(problem: Problem, fit: Fit, ends: tuple[float, float], level_error: float) -> tuple[float, float]:
    """Add the error of the half level to the interval of an IC50 on log10 dose, in quadrature."""
    if level_error == 0:
        return ends
    at, step = curve_fit.half_dose(fit.theta, problem.floor), 1e-4
    around = curve_fit.logistic(fit.theta, np.array([at - step, at + step]), problem.floor)
    slope = max(abs(float(around[1] - around[0])) / (2 * step), 1e-9)
    shift = float(ndtri(0.975)) * level_error / slope
    return at - math.hypot(at - ends[0], shift), at + math.hypot(ends[1] - at, shift)


def _relative(problem: Problem, fit: Fit, tested: tuple[float, float]) -> Potency:
    """Return the EC50 of the fit with an interval by the delta method on log dose."""
    at, error = float(fit.theta[2]), float(np.sqrt(fit.covariance[2, 2]))
    reach = float(stdtrit(fit.freedom, 0.975)) * error
    return _within(at, (at - reach, at + reach), problem, tested)


def _within(at: float, ends: tuple[float, float], problem: Problem, tested: tuple[float, float]) -> Potency:
    """Return a potency that has no number outside of the tested doses: what lies there is open or censored."""
    low = 0.0 if ends[0] < problem.x_low else 10 ** min(ends[0], problem.x_high)
    high = math.inf if ends[1] > problem.x_high else 10 ** max(ends[1], problem.x_low)
    if at > problem.x_high:
        return Potency(None, min(low, tested[1]) or tested[1], math.inf, ">", tested[1])
    if at < problem.x_low:
        return Potency(None, 0.0, tested[0] if math.isinf(high) else max(high, tested[0]), "<", tested[0])
    value = float(np.clip(10**at, *tested))
    return Potency(value, min(low, value), max(high, value))
