"""A dose-response curve: fitted, flat or refused, and always with its reason."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtrc, ndtri, stdtr, stdtrit

from autocrine.assay import curve_fit, curve_fit_profile
from autocrine.assay.curve_fit import HALF, NOISE_FLOOR, Array, Fit, Problem
from autocrine.assay.potency import Potency
from autocrine.core import errors

#: chosen: a curve whose fitted change is smaller than this fraction of control is flat whatever the noise
_LEAST_CHANGE = 0.02
#: four parameters need as many doses
_LEAST_DOSES = 4
_DECADES_TO_ZERO = 40.0


@dataclass(frozen=True)
class Points:
    """What was measured.

    Attributes
    ----------
    dose_nM, value : ndarray, shape (n,)
        Doses, and values as a fraction of control, without the ones that were left out.
    replicate : ndarray, shape (n,), or None
        Which replicate a point belongs to.
    left_out : int
        How many values were not finite.
    """

    dose_nM: Array
    value: Array
    replicate: NDArray[np.generic] | None = None
    left_out: int = 0

    @property
    def tested_range(self) -> tuple[float, float]:
        """The lowest and highest dose above 0, nM."""
        tested = self.dose_nM[self.dose_nM > 0]
        return (float(tested.min()), float(tested.max())) if tested.size else (math.nan, math.nan)


@dataclass(frozen=True)
class Curve:
    """A fitted dose-response curve.

    Attributes
    ----------
    status : str
        ``"fitted"``; ``"flat"``: no fall with dose can be told from noise; ``"refused"``: nothing can be said.
    reason : str
        Why it is not fitted, or what a reader must know of the fit; may be empty.
    ic50 : Potency
        Absolute: the dose where the curve crosses half of the control level.
    ec50 : Potency
        Relative: the dose half-way between E_0 and E_max of the fit, whatever they are.
    e_0, e_max, hill_slope : float
        Level at dose 0, level at infinite dose, slope; NaN where refused, slope NaN where flat.
    residual_sd : float
        Noise around the curve, fraction of control.
    points : Points
        What was fitted.
    """

    status: str
    reason: str
    ic50: Potency
    ec50: Potency
    e_0: float
    e_max: float
    hill_slope: float
    residual_sd: float
    points: Points
    _fit: Fit | None = field(default=None, repr=False, compare=False)
    _floor: float = field(default=0.0, repr=False)

    def predict(self, dose_nM: ArrayLike) -> Array:
        """Return the curve at doses (shape kept), a fraction of control; NaN where refused."""
        dose = np.asarray(dose_nM, dtype=float)
        if self._fit is None:
            return np.full(dose.shape, self.e_0)
        return curve_fit.logistic(self._fit.theta, _log(dose).ravel(), self._floor).reshape(dose.shape)

    def band(self, dose_nM: ArrayLike) -> tuple[Array, Array]:
        """Return the lower and upper 95 % confidence band of the curve at doses (pointwise, delta method)."""
        dose = np.asarray(dose_nM, dtype=float)
        middle = self.predict(dose)
        if self._fit is None:
            n = max(self.points.value.size, 2)
            half = np.full(dose.shape, stdtrit(n - 1, 0.975) * self.residual_sd / math.sqrt(n))
        else:
            slopes = curve_fit.jacobian(self._fit.theta, _log(dose).ravel(), self._floor)
            variance = np.einsum("ni,ij,nj->n", slopes, self._fit.covariance, slopes)
            half = (stdtrit(self._fit.freedom, 0.975) * np.sqrt(variance)).reshape(dose.shape)
        return np.maximum(middle - half, self._floor), middle + half

    def frames(self, arm: str = "", count: int = 80) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """Return the tables that a dose-response figure needs, each with a column ``arm``.

        Parameters
        ----------
        arm : str
            Name of this curve among others.
        count : int
            Number of places at which the curve is given.

        Returns
        -------
        points, line, potency : DataFrame
            ``dose_nM, value`` of the wells; ``dose_nM, value, low, high`` of the curve (empty where refused); one row
            ``value_nM, low, high, censored, bound_nM, text`` of the IC50.
        """
        points = pd.DataFrame({"arm": arm, "dose_nM": self.points.dose_nM, "value": self.points.value})
        doses = np.geomspace(*self.points.tested_range, count) if self.status != "refused" else np.empty(0)
        low, high = self.band(doses)
        line = pd.DataFrame({"arm": arm, "dose_nM": doses, "value": self.predict(doses), "low": low, "high": high})
        potency = pd.DataFrame([{"arm": arm, **asdict(self.ic50), "text": str(self.ic50)}])
        return points, line, potency

    @property
    def auc(self) -> float:
        """Mean of the curve over the tested range of log dose: 1 is no effect; NaN where refused."""
        low, high = self.points.tested_range
        if self.status == "refused":
            return math.nan
        doses = np.geomspace(low, high, 201)
        return float(np.trapezoid(self.predict(doses), np.log(doses)) / math.log(high / low))


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
    points = _points(dose_nM, viability, replicate, control)
    why = _refusal(points)
    if why:
        return refused_curve(points, why)
    problem = _problem(points, floor)
    fit = curve_fit.best(problem)
    trend = _trend(points)
    if not _falls(problem, fit, trend):
        return _flat(points, trend)
    labels = points.replicate if points.replicate is None else _plated(points)
    notes = [_left_out(points)]
    ends = _ends(problem, fit, labels, half_level_error) if interval else (-math.inf, math.inf)
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
        e_0 - (e_0 - floor) * g,
        math.exp(b),
        fit.residual_sd,
        points,
        fit,
        floor,
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
    x, y = _log(points.dose_nM, points.tested_range[0]), points.value
    low, high = (math.log10(edge) for edge in points.tested_range)
    if not np.any(points.dose_nM == 0):
        x, y = np.append(x, low - _DECADES_TO_ZERO), np.append(y, 1.0)
    return Problem(x, y, floor, low, high)


def _log(dose_nM: Array, lowest: float = 1e-3) -> Array:
    """Return log10 of doses; dose 0 stands so far to the left that the curve has its level E_0 there."""
    zero = dose_nM <= 0
    return np.where(zero, math.log10(lowest) - _DECADES_TO_ZERO, np.log10(np.where(zero, 1.0, dose_nM)))


def _plated(points: Points) -> NDArray[np.generic] | None:
    """Return replicate labels where each is found at several doses; other labels only number the wells of a dose."""
    assert points.replicate is not None  # noqa: S101 - the caller asked first
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
    reason = "; ".join(filter(None, [f"{how} and stays {at}", _left_out(points)]))
    return Curve("flat", reason, ic50, Potency(None), trend.level, trend.level, math.nan, trend.spread, points)


def refused_curve(points: Points, reason: str) -> Curve:
    """Return a curve of which nothing can be said, with the reason."""
    reason = "; ".join(filter(None, [reason, _left_out(points)]))
    nothing = math.nan
    return Curve("refused", reason, Potency(None), Potency(None), nothing, nothing, nothing, nothing, points)


def _left_out(points: Points) -> str:
    total = points.left_out + points.value.size
    return f"{points.left_out} of {total} values are not finite and were left out" if points.left_out else ""


def _ends(problem: Problem, fit: Fit, labels: NDArray[np.generic] | None, level_error: float) -> tuple[float, float]:
    """Return the interval of the IC50 on log10 dose: scatter by profile, the error of the half level in quadrature."""
    low, high = curve_fit_profile.interval(problem, fit, labels)
    if level_error == 0:
        return low, high
    at, step = curve_fit.half_dose(fit.theta, problem.floor), 1e-4
    around = curve_fit.logistic(fit.theta, np.array([at - step, at + step]), problem.floor)
    slope = max(abs(float(around[1] - around[0])) / (2 * step), 1e-9)
    shift = float(ndtri(0.975)) * level_error / slope
    return at - math.hypot(at - low, shift), at + math.hypot(high - at, shift)


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
