"""A number with the range in which it lies."""

from __future__ import annotations

import math
from dataclasses import dataclass

from autocrine.core import errors


@dataclass(frozen=True)
class Interval:
    """A number with the range in which it lies; either end may be infinite (a censored fold).

    Parameters
    ----------
    value, low, high : float
        The number and its range, ``low <= value <= high``.

    Raises
    ------
    InputError
        If one of them is not a number, or they are out of order.
    """

    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        ends = (self.low, self.value, self.high)
        if any(math.isnan(end) for end in ends):
            raise errors.InputError("an interval must be made of numbers", ends, hint="leave out a run that failed")
        if not self.low <= self.value <= self.high:
            raise errors.InputError("an interval must hold low <= value <= high", ends)

    @classmethod
    def exact(cls, value: float) -> Interval:
        """Return the interval of a number without spread."""
        return cls(value, value, value)

    def lies_inside(self, lower: float, upper: float) -> bool:
        """Tell whether every value lies strictly between two bounds; an infinite bound binds nothing."""
        return (self.low > lower or lower == -math.inf) and (self.high < upper or upper == math.inf)

    def lies_outside(self, lower: float, upper: float) -> bool:
        """Tell whether no value lies strictly between two bounds."""
        return (self.high <= lower and lower != -math.inf) or (self.low >= upper and upper != math.inf)

    def __str__(self) -> str:
        if self.low == self.high:
            return shown(self.value)
        return f"{shown(self.value)} ({shown(self.low)} to {shown(self.high)})"


def shown(number: float) -> str:
    """Return a number with three digits that count, and no power of ten between 0.001 and a million."""
    return f"{number:,.0f}" if 1000 <= abs(number) < 1e6 else f"{number:.3g}"
