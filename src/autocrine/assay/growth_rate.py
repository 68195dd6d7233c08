"""Growth-rate inhibition: the effect of a drug freed from how fast the cells divide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autocrine.assay.curve import Curve
from autocrine.assay.curve_series import Series, fit_curves
from autocrine.assay.potency import Potency
from autocrine.core import errors

#: GR of cells that all died: the lowest possible effect
ALL_DEAD = -1.0


@dataclass(frozen=True)
class GrowthRateCurve:
    """A dose-response curve of GR values.

    Attributes
    ----------
    curve : Curve
        The fit; its levels are GR values, so its ``ic50`` is where GR is 0.5.
    """

    curve: Curve

    @property
    def gr50(self) -> Potency:
        """The dose where the growth rate is half of the control's (GR = 0.5)."""
        return self.curve.ic50

    @property
    def gr_max(self) -> float:
        """GR at infinite dose: 0 is arrest, negative is death."""
        return self.curve.e_max


def growth_rate_value(count: ArrayLike, count_start: ArrayLike, count_control: ArrayLike) -> NDArray[np.float64]:
    """Return the normalised growth-rate inhibition value GR.

    Parameters
    ----------
    count : array_like
        Live cells under the drug at the end.
    count_start : array_like
        Live cells when the drug was added.
    count_control : array_like
        Live cells without drug at the end; must have grown.

    Returns
    -------
    ndarray
        1: grows as the control; 0: no growth; negative: the count fell; -1: all dead. Shapes are broadcast.

    Raises
    ------
    InputError
        If a count is negative or not finite, the start is 0, or the control did not grow (GR is then not defined).

    Notes
    -----
    ``GR = 2**(log2(x / x0) / log2(xctrl / x0)) - 1``.

    References
    ----------
    Hafner et al. 2016, Nat Methods 13:521-527, doi:10.1038/nmeth.3853.
    """
    x, x0, grown = (np.asarray(value, dtype=float) for value in (count, count_start, count_control))
    for name, value in (("count", x), ("count at drug addition", x0), ("count of the control", grown)):
        if not np.all(np.isfinite(value)) or np.any(value < 0):
            raise errors.InputError(f"every {name} must be finite and not negative", float(np.min(value)))
    if np.any(x0 <= 0):
        raise errors.InputError("the count at drug addition must be positive", float(np.min(x0)))
    if np.any(grown <= x0):
        raise errors.InputError(
            "the control must have grown since drug addition, else GR is not defined",
            f"{float(np.min(grown / x0)):.3g} times the start",
            hint="the IC50 of viability, or a longer experiment",
        )
    with np.errstate(divide="ignore"):
        return 2.0 ** (np.log2(x / x0) / np.log2(grown / x0)) - 1.0


def fit_growth_rate(
    dose_nM: ArrayLike,
    count: ArrayLike,
    *,
    count_start: ArrayLike,
    count_control: ArrayLike,
    replicate: ArrayLike | None = None,
    half_level_error: float = 0.0,
) -> GrowthRateCurve:
    """Fit the curve of GR values over dose and read GR50 from it.

    Parameters
    ----------
    dose_nM : array_like, shape (n,)
        Doses, nM.
    count : array_like, shape (n,)
        Live cells at the end.
    count_start, count_control : float or array_like, shape (n,)
        Live cells at drug addition, and without drug at the end.
    replicate : array_like, shape (n,), optional
        As in `fit_curve`.
    half_level_error : float
        As in `fit_curve`, for GR = 0.5.

    Returns
    -------
    GrowthRateCurve
        GR50 is censored at the edges of the tested range and never extrapolated.

    Raises
    ------
    InputError
        As `growth_rate_value` and `fit_curve`.
    """
    value = growth_rate_value(count, count_start, count_control)
    series = Series(dose_nM, value, replicate, floor=ALL_DEAD, half_level_error=half_level_error)
    return GrowthRateCurve(fit_curves([series])[0])
