"""What is believed about one parameter before there are data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import special

from autocrine.core import errors

if TYPE_CHECKING:
    from autocrine.core.parameters import Parameter

#: how many standard deviations of the prior lie between the value and the end of its range: a range that was read or
#: derived holds 95 % of the mass, one that was only recalled or chosen 68 %, so that such a prior is wide
_REACH = {"read": 1.96, "derived": 1.96, "fitted": 1.96, "recalled": 1.0, "chosen": 1.0}
#: where a search ends on a side without a bound, in standard deviations
_SEARCHED = 4.0
_LOG_ROOT_2PI = 0.5 * math.log(2 * math.pi)


@dataclass(frozen=True)
class Prior:
    """The density of one parameter on its scale.

    Attributes
    ----------
    name : str
        The parameter.
    centre, width : float
        Mean and standard deviation on the scale: of the natural logarithm where ``scale`` is ``"log"``. An infinite
        width is an even density between the bounds.
    scale : {"lin", "log", "log10"}
        The scale on which the parameter is sought and its density is meant.
    lower, upper : float
        Bounds on the scale; the density between them integrates to one.

    Raises
    ------
    InputError
        If the width is not positive, the bounds are not in order, or an even density has no bounds.
    """

    name: str
    centre: float = 0.0
    width: float = math.inf
    scale: Literal["lin", "log", "log10"] = "lin"
    lower: float = -math.inf
    upper: float = math.inf

    def __post_init__(self) -> None:
        if self.scale not in {"lin", "log", "log10"}:
            raise errors.InputError("scale must be 'lin', 'log' or 'log10'", self.scale, where=self.name)
        if not self.width > 0:
            raise errors.InputError("the width of a prior must be positive", self.width, where=self.name)
        if not self.lower < self.upper:
            must = "the bounds of a prior must be in order"
            raise errors.InputError(must, (self.lower, self.upper), where=self.name)
        if not math.isfinite(self.centre) or not (self.mass > 0 and math.isfinite(self.mass)):
            must = "a prior must have some mass between its bounds"
            hint = "finite bounds for an infinite width, or a finite width"
            raise errors.InputError(must, (self.centre, self.width), where=self.name, hint=hint)

    @classmethod
    def uniform(cls, name: str, low: float, high: float, scale: Literal["lin", "log", "log10"] = "lin") -> Prior:
        """Return an even density of the parameter, or of its logarithm, from ``low`` to ``high`` (values as they are).

        Raises
        ------
        InputError
            If the range is empty, or reaches to zero on a logarithmic scale.
        """
        low, high = _on(name, low, scale), _on(name, high, scale)
        return cls(name, 0.5 * (low + high), math.inf, scale, low, high)

    @classmethod
    def of(cls, parameter: Parameter) -> Prior:
        """Return the prior that a row of a parameter table means.

        A positive range is meant on the logarithm, any other on the value itself. What was read, derived or fitted
        lies in its range with 95 %; what was recalled or chosen with 68 %.

        Raises
        ------
        InputError
            If the range holds nothing but the value.
        """
        scale = "log" if parameter.low > 0 else "lin"
        low, value, high = (
            _on(parameter.name, each, scale) for each in (parameter.low, parameter.value, parameter.high)
        )
        if not low < high:
            must, hint = f"{parameter.name} must have a range to be estimated", "low and high around its value"
            raise errors.InputError(must, (parameter.low, parameter.high), hint=hint)
        return cls(parameter.name, value, 0.5 * (high - low) / _REACH[parameter.basis], scale)

    @property
    def mass(self) -> float:
        """How much of the density without bounds lies between them; for an even one the distance of the bounds."""
        if math.isinf(self.width):
            return self.upper - self.lower
        low, high = self._in_widths(self.lower), self._in_widths(self.upper)
        # in the far tail on the right a difference of distribution functions would have no digits left
        return float(special.ndtr(-low) - special.ndtr(-high) if low > 0 else special.ndtr(high) - special.ndtr(low))

    @property
    def searched(self) -> tuple[float, float]:
        """Where a search looks, on the scale: between the bounds, within four standard deviations."""
        reach = _SEARCHED * self.width
        return max(self.lower, self.centre - reach), min(self.upper, self.centre + reach)

    @property
    def inside(self) -> float:
        """The place on the scale where the density is highest."""
        return min(max(self.centre, self.lower), self.upper)

    def log_density(self, place: np.ndarray) -> np.ndarray:
        """Return the logarithm of the density at places on the scale; -infinity beyond the bounds."""
        if math.isinf(self.width):
            inside = np.full(np.shape(place), -math.log(self.mass))
        else:
            inside = -0.5 * self._in_widths(place) ** 2 - math.log(self.width * self.mass) - _LOG_ROOT_2PI
        return np.where((place >= self.lower) & (place <= self.upper), inside, -math.inf)

    def slope(self, place: np.ndarray) -> np.ndarray:
        """Return the derivative of `log_density` by the place on the scale."""
        return -np.asarray(self._in_widths(place)) / self.width

    def quantile(self, share: np.ndarray) -> np.ndarray:
        """Return places on the scale below which shares of the mass lie."""
        if math.isinf(self.width):
            return self.lower + share * self.mass
        if self.lower > self.centre:
            found = -special.ndtri(special.ndtr(-self._in_widths(self.lower)) - share * self.mass)
        else:
            found = special.ndtri(special.ndtr(self._in_widths(self.lower)) + share * self.mass)
        found = self.centre + self.width * found
        return np.clip(found, self.lower, self.upper)

    def _in_widths(self, place: np.ndarray | float) -> np.ndarray | float:
        return (place - self.centre) / self.width


def _on(name: str, value: float, scale: str) -> float:
    if scale == "lin":
        return value
    if not value > 0:
        raise errors.InputError("a value on a logarithmic scale must be positive", value, where=name, hint="'lin'")
    return math.log(value) if scale == "log" else math.log10(value)
