"""A potency that may be censored, and the ratio of two potencies: fold resistance."""

from __future__ import annotations

import math
from dataclasses import dataclass

from autocrine.core import errors

_SCALES = ((1e6, "mM"), (1e2, "uM"), (1e-1, "nM"), (0.0, "pM"))
_FACTORS = {"mM": 1e6, "uM": 1e3, "nM": 1.0, "pM": 1e-3}


@dataclass(frozen=True)
class Potency:
    """A dose of half effect, or the edge of the tested range beyond which it lies.

    Attributes
    ----------
    value_nM : float or None
        The dose; None where it lies outside of the tested doses or could not be determined. Never extrapolated.
    low, high : float
        95 % interval, nM. ``0.0`` is open below and ``inf`` open above: the data do not exclude a dose outside of the
        tested range on that side.
    censored : str
        ``">"`` above the highest dose, ``"<"`` below the lowest dose, else empty. With ``value_nM`` None and no
        censoring the potency is not determined.
    bound_nM : float or None
        The edge of the tested range that censors.
    """

    value_nM: float | None
    low: float = 0.0
    high: float = math.inf
    censored: str = ""
    bound_nM: float | None = None

    def __post_init__(self) -> None:
        if self.censored not in {"", "<", ">"}:
            raise errors.InputError("censored must be '', '<' or '>'", self.censored)
        if bool(self.censored) != (self.bound_nM is not None):
            raise errors.InputError("a censored potency must have a bound and another none", self.bound_nM)
        if self.censored and self.value_nM is not None:
            raise errors.InputError("a censored potency must not have a value", self.value_nM)

    @property
    def determined(self) -> bool:
        """Whether it is a value or at least a bound."""
        return self.value_nM is not None or bool(self.censored)

    def __str__(self) -> str:
        edge = self.value_nM if self.value_nM is not None else self.bound_nM
        if edge is None:
            return "not determined"
        unit = next(name for least, name in _SCALES if edge >= least)
        factor = _FACTORS[unit]
        if self.censored:
            return f"{self.censored} {_edge(edge / factor)} {unit}"
        return f"{shown(edge / factor)} {unit} {_interval(self.low / factor, self.high / factor)}"


@dataclass(frozen=True)
class Fold:
    """How many times more drug one line needs than another.

    Attributes
    ----------
    value : float or None
        Ratio of the two IC50; None where one of them is censored.
    low, high : float
        95 % interval; ``0.0`` and ``inf`` are open.
    censored : str
        ``">"`` or ``"<"`` where only a bound is known.
    bound : float or None
        That bound.
    """

    value: float | None
    low: float = 0.0
    high: float = math.inf
    censored: str = ""
    bound: float | None = None

    @property
    def determined(self) -> bool:
        """Whether it is a value or at least a bound."""
        return self.value is not None or bool(self.censored)

    def __str__(self) -> str:
        if self.value is not None:
            return f"{shown(self.value)} {_interval(self.low, self.high)}"
        return f"{self.censored} {shown(self.bound)}" if self.bound is not None else "not determined"


def fold_resistance(resistant: Potency, sensitive: Potency) -> Fold:
    """Return the ratio IC50(resistant) / IC50(sensitive) with a 95 % interval.

    Parameters
    ----------
    resistant, sensitive : Potency
        The two IC50.

    Returns
    -------
    Fold
        A value, a bound where one potency is censored (or both, in directions that agree on a bound), or an explicit
        "not determined" where both are censored on the same side or one was not determined.

    Notes
    -----
    The intervals are combined on the log scale, each side by itself (MOVER): with ``d = log r - log s``,
    ``low = d - sqrt((log r - log r_low)^2 + (log s_high - log s)^2)``. For symmetric intervals this adds the log
    variances. Swapping the arguments gives the reciprocal.

    References
    ----------
    Zou and Donner 2008, Stat Med 27:1693-1702, doi:10.1002/sim.3095.
    """
    top = resistant.value_nM if resistant.value_nM is not None else resistant.bound_nM
    bottom = sensitive.value_nM if sensitive.value_nM is not None else sensitive.bound_nM
    side = _side(resistant.censored, sensitive.censored)
    if top is None or bottom is None or side is None:
        return Fold(None)
    ratio = top / bottom
    shorter = math.hypot(_gap(resistant.low, top), _gap(bottom, sensitive.high))
    longer = math.hypot(_gap(top, resistant.high), _gap(sensitive.low, bottom))
    low = 0.0 if side == "<" or math.isinf(shorter) else ratio * math.exp(-shorter)
    high = math.inf if side == ">" or math.isinf(longer) else ratio * math.exp(longer)
    return Fold(None, low, high, side, ratio) if side else Fold(ratio, low, high)


def _side(resistant: str, sensitive: str) -> str | None:
    """Say on which side the ratio is open; None if both sides are."""
    opposite = {"<": ">", ">": "<", "": ""}[sensitive]
    if not resistant or not opposite:
        return resistant or opposite
    return resistant if resistant == opposite else None


def _gap(low: float, high: float) -> float:
    """Return the log distance between two ends; an open end is infinitely far, a bound's own side at least 0."""
    if low <= 0 or math.isinf(high):
        return math.inf
    return max(math.log(high / low), 0.0)


def shown(number: float) -> str:
    """Write a number with two digits, whole from 10 on, rounded to hundreds from 1000 on."""
    if number == 0 or not math.isfinite(number):
        return f"{number:g}"
    digits = 1 - math.floor(math.log10(abs(number)))
    if digits > 5 or abs(number) >= 1e6:
        return f"{number:.1e}"
    return f"{number:.{digits}f}" if digits > 0 else f"{round(number, digits if number >= 1000 else 0):.0f}"


def _edge(number: float) -> str:
    """Write the edge of a dose range as a person would: 10 and 8 rather than 8.0."""
    return f"{number:.3g}" if 1e-3 <= abs(number) < 1000 else shown(number)


def _interval(low: float, high: float) -> str:
    if low <= 0 or math.isinf(high):
        return f"({shown(low) if low > 0 else 'open'} to {'open' if math.isinf(high) else shown(high)})"
    return f"({shown(low)}-{shown(high)})"
