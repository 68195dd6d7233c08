"""Priors of parameters."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import stats

from autocrine.core import errors
from autocrine.engine.petab.scale import LN10, Scale, scaled, unscaled


@dataclass(frozen=True)
class _Family:
    """Densities of one form: how SciPy calls them, and derivatives of their logarithm."""

    make: Callable[..., Any]
    slope: Callable[..., float]
    count: int
    positive: tuple[int, ...]


def _laplace_slope(x: float, m: float, b: float) -> float:
    return -float(np.sign(x - m)) / b


def _on_log(slope: Callable[..., float]) -> Callable[..., float]:
    """Return the slope of log p(log x) - log x."""
    return lambda x, *given: (slope(math.log(x), *given) - 1.0) / x


def _normal_slope(x: float, m: float, s: float) -> float:
    return -(x - m) / s**2


_FAMILIES: dict[str, _Family] = {
    "uniform": _Family(lambda a, b: stats.uniform(a, b - a), lambda *_: 0.0, 2, ()),
    "normal": _Family(stats.norm, _normal_slope, 2, (1,)),
    "laplace": _Family(stats.laplace, _laplace_slope, 2, (1,)),
    "cauchy": _Family(stats.cauchy, lambda x, m, s: -2 * (x - m) / (s**2 + (x - m) ** 2), 2, (1,)),
    "log-uniform": _Family(stats.loguniform, lambda x, *_: -1.0 / x, 2, (0, 1)),
    "log-normal": _Family(lambda m, s: stats.lognorm(s, scale=math.exp(m)), _on_log(_normal_slope), 2, (1,)),
    "log-laplace": _Family(lambda m, b: stats.loglaplace(1.0 / b, scale=math.exp(m)), _on_log(_laplace_slope), 2, (1,)),
    "chisquare": _Family(stats.chi2, lambda x, n: (n / 2 - 1) / x - 0.5, 1, (0,)),
    "exponential": _Family(lambda t: stats.expon(scale=t), lambda _, t: -1.0 / t, 1, (0,)),
    "gamma": _Family(lambda a, t: stats.gamma(a, scale=t), lambda x, a, t: (a - 1) / x - 1.0 / t, 2, (0, 1)),
    "rayleigh": _Family(lambda s: stats.rayleigh(scale=s), lambda x, s: 1.0 / x - x / s**2, 1, (0,)),
}
DISTRIBUTIONS = tuple(_FAMILIES)


@dataclass(frozen=True)
class Prior:
    """The density of a parameter before there are data.

    Attributes
    ----------
    distribution : str
        One of `DISTRIBUTIONS`.
    parameters : tuple of float
        Its parameters, in the order of PEtab; those of ``log-normal`` and ``log-laplace`` are those of the logarithm.
    lower, upper : float
        Where it is cut off, in units of the parameter; the rest is made larger so that it adds up to one.
    on_scale : bool
        Whether it is a density of the parameter on its scale, as the ``parameterScale...`` priors of PEtab v1 are.
    where : str
        File, row and column, for messages.

    References
    ----------
    PEtab data format specification 2.0, "Prior distributions", petab.readthedocs.io.
    """

    distribution: str
    parameters: tuple[float, ...]
    lower: float = -math.inf
    upper: float = math.inf
    on_scale: bool = False
    where: str = ""

    def __post_init__(self) -> None:
        family, given = _FAMILIES.get(self.distribution), self.parameters
        if family is None:
            must = f"a prior must be one of {', '.join(DISTRIBUTIONS)}"
            raise errors.InputError(must, self.distribution, where=self.where)
        if len(given) != family.count or not all(map(math.isfinite, given)):
            must = f"a prior {self.distribution} must have {family.count} finite parameters"
            raise errors.InputError(must, given, where=self.where)
        if any(given[place] <= 0 for place in family.positive):
            must = f"a prior {self.distribution} must have a positive width, or positive bounds"
            raise errors.InputError(must, given, where=self.where)
        if "uniform" in self.distribution and given[0] >= given[1]:
            raise errors.InputError("bounds must be in order", given, where=self.where)
        if not self.mass > 0:
            must = "a prior must have some of its mass between the bounds of the parameter"
            raise errors.InputError(must, (self.lower, self.upper), where=self.where)

    @functools.cached_property
    def _frozen(self) -> Any:
        return _FAMILIES[self.distribution].make(*self.parameters)

    @functools.cached_property
    def mass(self) -> float:
        """How much of the density lies between the bounds; 1 for one on the scale, whose bounds only cut samples."""
        if self.on_scale:
            return 1.0
        below, above = self._frozen.cdf(self.lower), self._frozen.sf(self.upper)
        # in the far tail on the right a difference of distribution functions would have no digits left
        direct = self._frozen.cdf(self.upper) - below
        return float(direct if below < 0.5 else self._frozen.sf(self.lower) - above)

    def log_density(self, value: float, scale: Scale = "lin") -> float:
        """Return the logarithm of the density at a value of the parameter; -infinity where it cannot be.

        Parameters
        ----------
        value : float
            The parameter, as it is.
        scale : {"lin", "log", "log10"}
            The scale of the parameter, for a density on it.
        """
        if self.on_scale:
            return float(self._frozen.logpdf(scaled(value, scale)))
        if not self.lower <= value <= self.upper:
            return -math.inf
        return float(self._frozen.logpdf(value)) - math.log(self.mass)

    def slope(self, value: float, scale: Scale = "lin") -> float:
        """Return the derivative of `log_density` by the value on the scale."""
        family = _FAMILIES[self.distribution]
        if not math.isfinite(self.log_density(value, scale)):
            return math.nan
        if self.on_scale:
            return family.slope(scaled(value, scale), *self.parameters)
        stretch = {"lin": 1.0, "log": value, "log10": value * LN10}[scale]
        return family.slope(value, *self.parameters) * stretch

    def as_it_is(self, scale: Scale) -> Prior:
        """Return the same distribution as a density of the parameter as it is, cut off at the same bounds.

        Parameters
        ----------
        scale : {"lin", "log", "log10"}
            The scale of the parameter.

        Raises
        ------
        InputError
            If its values on the scale are too large for numbers.

        Notes
        -----
        p(x) = p(s(x)) ds/dx for the scale s: the maximum of a posterior need not stay where it was.
        """
        if not self.on_scale:
            return self
        if scale == "lin":
            return replace(self, on_scale=False)
        factor = LN10 if scale == "log10" else 1.0
        if self.distribution == "uniform":
            given = tuple(float(unscaled(each, scale)) for each in self.parameters)
        else:
            given = tuple(each * factor for each in self.parameters)
        return replace(self, distribution=f"log-{self.distribution}", parameters=given, on_scale=False)

    def curvature(self, value: float, scale: Scale = "lin") -> float:
        """Return minus the second derivative by the value on the scale, by differences; 0 where there is none."""
        at = scaled(value, scale)
        width = 1e-5 * max(1.0, abs(at))
        high, low = (self.slope(float(unscaled(np.float64(at + side), scale)), scale) for side in (width, -width))
        found = (low - high) / (2.0 * width)
        return found if math.isfinite(found) else 0.0

    def sample(self, rng: np.random.Generator, count: int, scale: Scale = "lin") -> np.ndarray:
        """Draw values of the parameter, as they are, between the bounds, shape (count,)."""
        lower, upper = (scaled(np.float64(each), scale) if self.on_scale else each for each in (self.lower, self.upper))
        low, high = self._frozen.cdf(lower), self._frozen.cdf(upper)
        found = np.asarray(self._frozen.ppf(rng.uniform(low, high, count)))
        return unscaled(found, scale) if self.on_scale else found
