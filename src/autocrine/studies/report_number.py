"""Numbers as a page shows them."""

from __future__ import annotations

import math

from autocrine.evidence import Interval

NOTHING = "–"


def number(value: float | None) -> str:
    """Write a number with three digits; an absent one as a dash, an infinite one as ``open``."""
    if value is None or math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "open"
    if value != 0 and not 1e-3 <= abs(value) < 1e5:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{float(mantissa):g} × 10{_raised(int(exponent))}".replace("-", "−")
    digits = 3 if abs(value) < 1000 else max(3, len(f"{abs(value):.0f}"))
    return f"{value:.{digits}g}".replace("-", "−")


def interval(found: Interval | None) -> str:
    """Write a number with its range."""
    if found is None:
        return NOTHING
    if found.low == found.high:
        return number(found.value)
    return f"{number(found.value)} ({number(found.low)} to {number(found.high)})"


def micro(text: str) -> str:
    """Write µ where units are typed with u."""
    return text.replace(" uM", " µM")


def _raised(exponent: int) -> str:
    return str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
