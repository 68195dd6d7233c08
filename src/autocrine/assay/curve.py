"""A dose-response curve: fitted, flat or refused, and always with its reason."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from autocrine.assay import curve_fit
from autocrine.assay.curve_fit import Array, Fit
from autocrine.assay.potency import Potency
from autocrine.core import notebook

#: how far below the lowest dose, on a logarithmic axis, dose 0 stands
DECADES_TO_ZERO = 40.0


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
        return curve_fit.logistic(self._fit.theta, log_dose(dose).ravel(), self._floor).reshape(dose.shape)

    def band(self, dose_nM: ArrayLike) -> tuple[Array, Array]:
        """Return the lower and upper 95 % confidence band of the curve at doses (pointwise, delta method)."""
        dose = np.asarray(dose_nM, dtype=float)
        middle = self.predict(dose)
        if self._fit is None:
            n = max(self.points.value.size, 2)
            half = np.full(dose.shape, stdtrit(n - 1, 0.975) * self.residual_sd / math.sqrt(n))
        else:
            _, slopes = curve_fit.logistic_with_slopes(self._fit.theta, log_dose(dose).ravel(), self._floor)
            variance = np.sum(slopes * (self._fit.covariance @ slopes), axis=0)
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

    def _repr_html_(self) -> str:
        """Show the curve over log dose, its wells as a second line of means, and its numbers."""
        numbers = [
            ("IC50", str(self.ic50)), ("EC50", str(self.ec50)), ("E_0", self.e_0), ("E_max", self.e_max),
            ("Hill slope", self.hill_slope), ("status", ": ".join(filter(None, (self.status, self.reason)))),
        ]  # fmt: skip
        courses = {}
        doses = np.unique(self.points.dose_nM[self.points.dose_nM > 0])
        if doses.size > 1:
            means = [float(self.points.value[self.points.dose_nM == dose].mean()) for dose in doses]
            courses["mean of the wells"] = (np.log10(doses), np.array(means))
            places = np.geomspace(doses[0], doses[-1], 60)
            courses["curve"] = (np.log10(places), self.predict(places))
        says = f"response over log dose; IC50 {self.ic50}"
        return notebook.page("dose-response curve", notebook.picture(says, courses), notebook.fields(numbers))

    @property
    def auc(self) -> float:
        """Mean of the curve over the tested range of log dose: 1 is no effect; NaN where refused."""
        low, high = self.points.tested_range
        if self.status == "refused":
            return math.nan
        doses = np.geomspace(low, high, 201)
        return float(np.trapezoid(self.predict(doses), np.log(doses)) / math.log(high / low))


def refused_curve(points: Points, reason: str) -> Curve:
    """Return a curve of which nothing can be said, with the reason."""
    reason = "; ".join(filter(None, [reason, note_left_out(points)]))
    nothing = math.nan
    return Curve("refused", reason, Potency(None), Potency(None), nothing, nothing, nothing, nothing, points)


def note_left_out(points: Points) -> str:
    """Say how many values were left out; nothing where none was."""
    total = points.left_out + points.value.size
    return f"{points.left_out} of {total} values are not finite and were left out" if points.left_out else ""


def log_dose(dose_nM: Array, lowest: float = 1e-3) -> Array:
    """Return log10 of doses; dose 0 stands so far to the left that the curve has its level E_0 there."""
    zero = dose_nM <= 0
    return np.where(zero, math.log10(lowest) - DECADES_TO_ZERO, np.log10(np.where(zero, 1.0, dose_nM)))
