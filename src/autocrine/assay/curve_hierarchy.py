"""Dose-response curves of several plates at once: each has its curve, all scatter around a typical one."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from autocrine.assay import curve_fit, curve_hierarchy_draws
from autocrine.assay.curve import Curve, Points
from autocrine.assay.curve_fit import Array, Problem
from autocrine.assay.curve_hierarchy_draws import CurveDraws, areas, half_doses, potency_of
from autocrine.assay.curve_series import fit_curve
from autocrine.assay.potency import Potency
from autocrine.core import errors, generator

#: chosen: typical sizes of the spread between plates of E_0, g, log10 EC50 (a factor of 1.4) and ln hill_slope
_SPREADS = np.array([0.05, 0.08, 0.15, 0.2])
_CHAINS = 4
_WARM, _KEEP, _THIN = 1000, 1000, 3
#: chains that agree less than this are run once more, longer
_AGREE = 1.05
_DECADES_TO_ZERO = 40.0


@dataclass(frozen=True)
class PlateCurve:
    """The curve of one plate or replicate, drawn toward the typical one as far as its own wells are few or noisy.

    Attributes
    ----------
    label : str
    ic50 : Potency
        Absolute, censored at the doses tested on any plate.
    e_0, e_max, hill_slope : float
        Medians.
    wells : int
        How many values it has.
    """

    label: str
    ic50: Potency
    e_0: float
    e_max: float
    hill_slope: float
    wells: int


@dataclass(frozen=True)
class HierarchicalCurve:
    """The typical curve of several plates, and theirs.

    Attributes
    ----------
    status : str
        ``"fitted"``.
    reason : str
        What a reader must know of the fit; may be empty.
    ic50, ec50 : Potency
        Absolute and relative potency of the typical curve: posterior median and 95 % interval, censored at the doses.
    e_0, e_max, hill_slope : float
        Posterior medians of the typical curve.
    residual_sd : float
        Scatter of wells around the curve of their plate, fraction of control.
    points : Points
        What was fitted.
    plates : tuple of PlateCurve
    draws : CurveDraws
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
    plates: tuple[PlateCurve, ...]
    draws: CurveDraws

    @property
    def fold_between_plates(self) -> tuple[float, float, float]:
        """Median and 95 % interval of the factor by which EC50 of plates typically differ: 10^(standard deviation)."""
        middle, low, high = curve_hierarchy_draws.interval(self.draws.tau[..., 2].ravel())
        return 10.0**middle, 10.0**low, 10.0**high

    @property
    def chance_beyond(self) -> tuple[float, float]:
        """Posterior chances that the typical IC50 lies below the lowest and above the highest tested dose."""
        at, (low, high) = half_doses(self.draws.typical, self.draws.floor), np.log10(self.points.tested_range)
        return float(np.mean(at < low)), float(np.mean(at > high))

    @property
    def auc(self) -> float:
        """Mean of the typical curve over the tested range of log dose: 1 is no effect."""
        return self.auc_interval[0]

    @property
    def auc_interval(self) -> tuple[float, float, float]:
        """Median and 95 % interval of `auc`."""
        low, high = np.log10(self.points.tested_range)
        return curve_hierarchy_draws.interval(areas(self.draws.typical, self.draws.floor, low, high))

    def predict(self, dose_nM: ArrayLike) -> Array:
        """Return the pointwise median of the typical curve at doses (shape kept), a fraction of control."""
        return self._quantiles(dose_nM, (0.5,))[0]

    def band(self, dose_nM: ArrayLike) -> tuple[Array, Array]:
        """Return the pointwise 95 % band of the typical curve at doses."""
        low, high = self._quantiles(dose_nM, (0.025, 0.975))
        return low, high

    def _quantiles(self, dose_nM: ArrayLike, at: tuple[float, ...], theta: Array | None = None) -> Array:
        dose = np.asarray(dose_nM, dtype=float)
        drawn = self.draws.typical if theta is None else theta
        values = curve_fit.logistic(drawn, _log(dose.ravel(), 1e-3), self.draws.floor)
        return np.asarray(np.quantile(values, at, axis=0), dtype=np.float64).reshape(len(at), *dose.shape)

    def frames(self, arm: str = "", count: int = 80) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """Return the tables of the typical curve for a figure, as `Curve.frames`."""
        points = pd.DataFrame({"arm": arm, "dose_nM": self.points.dose_nM, "value": self.points.value})
        doses = np.geomspace(*self.points.tested_range, count)
        low, middle, high = self._quantiles(doses, (0.025, 0.5, 0.975))
        line = pd.DataFrame({"arm": arm, "dose_nM": doses, "value": middle, "low": low, "high": high})
        return points, line, pd.DataFrame([{"arm": arm, **asdict(self.ic50), "text": str(self.ic50)}])

    def plate_frames(self, count: int = 60) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """Return the tables of a figure with the typical curve, its band, and the curve of every plate as an arm."""
        _, line, potency = self.frames("typical", count)
        doses = line["dose_nM"].to_numpy()
        lines, points, potencies = [line], [], [potency]
        for number, plate in enumerate(self.plates):
            middle = self._quantiles(doses, (0.5,), self.draws.plate(number))[0]
            lines.append(pd.DataFrame({"arm": plate.label, "dose_nM": doses, "value": middle}))
            mine = np.asarray(self.points.replicate, dtype=str) == plate.label
            wells = {"dose_nM": self.points.dose_nM[mine], "value": self.points.value[mine]}
            points.append(pd.DataFrame({"arm": plate.label, **wells}))
            potencies.append(pd.DataFrame([{"arm": plate.label, **asdict(plate.ic50), "text": str(plate.ic50)}]))
        return pd.concat(points), pd.concat(lines), pd.concat(potencies)

    def table(self) -> pd.DataFrame:
        """Return one row per plate: its name, wells, IC50 with interval and text, levels and slope."""
        rows = [
            {
                "plate": plate.label,
                "wells": plate.wells,
                "ic50_nM": math.nan if plate.ic50.value_nM is None else plate.ic50.value_nM,
                "ic50_low_nM": plate.ic50.low,
                "ic50_high_nM": plate.ic50.high,
                "ic50_text": str(plate.ic50),
                "e_0": plate.e_0,
                "e_max": plate.e_max,
                "hill_slope": plate.hill_slope,
            }
            for plate in self.plates
        ]
        return pd.DataFrame(rows)


def fit_hierarchy(
    dose_nM: ArrayLike,
    viability: ArrayLike,
    plate: ArrayLike,
    *,
    floor: float = 0.0,
    control_error: float = 0.0,
    between: ArrayLike | None = None,
    seed: int = 1,
) -> Curve | HierarchicalCurve:
    """Fit one curve per plate and the typical curve around which they scatter.

    Parameters
    ----------
    dose_nM, viability : array_like, shape (n,)
        As in `fit_curve`, viability as a fraction of control. A plate may have few doses: the others fill in.
    plate : array_like, shape (n,)
        The plate or replicate of each value.
    floor : float
        The lowest level that the response can have.
    control_error : float
        Relative standard error of the control level of a single plate: a spread of E_0 that is known beforehand.
    between : array_like, shape (4,), optional
        Standard deviations between plates of (E_0, g, log10 EC50, ln hill_slope), where they are given and not drawn: 0
        makes the plates one, a large value makes each stand for itself.
    seed : int
        Of the draws.

    Returns
    -------
    HierarchicalCurve or Curve
        A `Curve` where no plates can be compared: there is one only, labels only number the wells of a dose, or the
        pooled curve is flat or refused.

    Raises
    ------
    InputError
        As `fit_curve`; if a label is missing, or ``between`` or ``control_error`` is no spread.

    Notes
    -----
    ``y = f(theta_j) + e``, ``theta_j ~ N(mu, diag(tau^2))`` cut at the bounds of single fits, with flat laws of mu and
    of log s, and half-t laws (3 degrees of freedom) of tau. The density of e goes with
    ``exp(-4 (sqrt(1 + (e / 2 s)^2) - 1))``, the soft-L1 loss of single fits as a law of error: its tails are
    exponential, so a bad well hardly pulls. Drawn by Metropolis steps of each plate, shifts of all, and stretches that
    scale a spread with what it spreads.
    """
    labels = np.asarray(plate, dtype=str)
    spread, known = _spreads(between, control_error)
    pooled = fit_curve(dose_nM, viability, labels, floor=floor, interval=False)
    points = pooled.points
    assert points.replicate is not None  # noqa: S101 - labels were given
    if pooled.status != "fitted" or not _several(points):
        error = control_error * curve_fit.HALF / math.sqrt(max(np.unique(points.replicate).size, 1))
        return fit_curve(dose_nM, viability, labels, floor=floor, half_level_error=error)
    names, problem, starts = _arranged(points, floor)
    draws = _sampled(problem, starts, (spread, known), seed, 1)
    if draws.r_hat > _AGREE:
        draws = _sampled(problem, starts, (spread, known), seed, 5)
    return _summed_up(points, names, problem, draws)


def _spreads(between: ArrayLike | None, control_error: float) -> tuple[Array, Array]:
    spread = np.full(4, np.nan) if between is None else np.asarray(between, dtype=float)
    if spread.shape != (4,) or (between is not None and not np.all(spread >= 0)):
        raise errors.InputError("between must be four standard deviations of at least 0", between)
    if not (math.isfinite(control_error) and control_error >= 0):
        raise errors.InputError("control_error must be finite and at least 0", control_error)
    return np.minimum(spread, 1e3), np.array([control_error, 0.0, 0.0, 0.0])


def _several(points: Points) -> bool:
    """Say whether two labels or more are found at several doses; other labels only number the wells of a dose."""
    labels = np.asarray(points.replicate)
    spread = [np.unique(points.dose_nM[labels == label]).size for label in np.unique(labels)]
    return sum(size >= 2 for size in spread) >= 2


def _log(dose_nM: Array, lowest: float) -> Array:
    zero = dose_nM <= 0
    return np.where(zero, math.log10(lowest) - _DECADES_TO_ZERO, np.log10(np.where(zero, 1.0, dose_nM)))


def _arranged(points: Points, floor: float) -> tuple[list[str], Problem, NDArray[np.int64]]:
    """Return labels, values plate after plate, and where each begins; without control wells a plate gets one of 1."""
    labels = np.asarray(points.replicate)
    low, high = np.log10(points.tested_range)
    x = _log(points.dose_nM, points.tested_range[0])
    names, parts, ends = [str(name) for name in dict.fromkeys(labels)], [], [0]
    for name in names:
        mine = labels == name
        part = np.stack([x[mine], points.value[mine]])
        if not np.any(points.dose_nM[mine] == 0):
            part = np.column_stack([part, [low - _DECADES_TO_ZERO, 1.0]])
        parts.append(part)
        ends.append(ends[-1] + part.shape[1])
    data = np.ascontiguousarray(np.concatenate(parts, axis=1))
    return names, Problem(data[0], data[1], floor, float(low), float(high)), np.array(ends)


def _sampled(
    problem: Problem, starts: NDArray[np.int64], spreads: tuple[Array, Array], seed: int, times: int
) -> CurveDraws:
    """Run the chains, each from a place of its own around the pooled fit."""
    from autocrine.assay.curve_hierarchy_chain import chain

    (fit,) = curve_fit.best([problem])
    slopes = curve_fit.logistic_with_slopes(fit.theta, problem.x, problem.floor)[1].T
    curvature = np.stack([part.T @ part for part in np.split(slopes, starts[1:-1])])
    low, high = problem.bounds
    wells, laws = (problem.x, problem.y, starts, problem.floor), (spreads[1], _SPREADS, low, high)
    width = np.sqrt(np.diag(fit.covariance))
    found = []
    for number in range(_CHAINS):
        random = generator(seed, "hierarchical curve", number)
        start = np.clip(fit.theta + width * random.normal(size=4), low + 1e-6, high - 1e-6)
        begin = (start, spreads[0], max(fit.residual_sd, 1e-3))
        found.append(chain(wells, laws, begin, curvature, (_WARM * times, _KEEP, _THIN * times), random))
    mu, tau, sigma, theta = (np.stack(parts) for parts in zip(*found, strict=True))
    return CurveDraws(mu, tau, sigma, theta, problem.floor)


def _summed_up(points: Points, names: list[str], problem: Problem, draws: CurveDraws) -> HierarchicalCurve:
    low, high, floor = problem.x_low, problem.x_high, problem.floor
    ic50 = potency_of(half_doses(draws.typical, floor), low, high)
    ec50 = potency_of(draws.typical[:, 2], low, high)
    notes = [f"{points.left_out} values are not finite and were left out"] if points.left_out else []
    if ic50.censored:
        notes.append(f"IC50 lies {'above the highest' if ic50.censored == '>' else 'below the lowest'} dose")
    if draws.r_hat > _AGREE:
        notes.append(f"the chains do not agree (R-hat {draws.r_hat:.2f}), so the intervals may be too narrow")
    plates = []
    for number, name in enumerate(names):
        theta, wells = draws.plate(number), int(np.sum(np.asarray(points.replicate) == name))
        potency = potency_of(half_doses(theta, floor), low, high)
        plates.append(PlateCurve(name, potency, *_levels(theta, floor), wells))
    noise = float(np.median(draws.sigma)) * _WIDTH
    levels = _levels(draws.typical, floor)
    return HierarchicalCurve("fitted", "; ".join(notes), ic50, ec50, *levels, noise, points, tuple(plates), draws)


def _levels(theta: Array, floor: float) -> tuple[float, float, float]:
    e_0, g, _, b = theta.T
    return float(np.median(e_0)), float(np.median(e_0 - (e_0 - floor) * g)), float(np.exp(np.median(b)))


def _width() -> float:
    """Return the standard deviation of the law of error over its scale."""
    grid = np.linspace(-60, 60, 24001)
    density = np.exp(-4.0 * (np.sqrt(1 + (grid / 2) ** 2) - 1))
    return math.sqrt(float(np.sum(grid**2 * density) / np.sum(density)))


_WIDTH = _width()
