"""Circular functions and their inverses as polynomials, lane by lane."""

from __future__ import annotations

import math
from collections.abc import Callable

from autocrine.engine.exponential import ROUNDER, polynomial
from autocrine.engine.ir_writer import Value, Writer

#: pi/2 in parts; products of the first two with whole numbers below 2**20, times a power of two, are exact
_HALF_PI = (1.57079632673412561417, 6.07710050630396597660e-11, 2.02226624879595063154e-21)
#: pi/2 as the sum of two numbers
_RIGHT_ANGLE = (math.pi / 2, 6.123233995736766e-17)
#: quarter turns are taken away in steps of these, so that each product with `_HALF_PI` is exact
_STEPS = (2.0**40, 2.0**20, 1.0)
_LARGEST = 2.0**60
_ASIN = [math.comb(2 * i, i) / (4.0**i * (2 * i + 1)) for i in range(26)]
_ATAN = [(-1) ** i / (2 * i + 1) for i in range(22)]


def sine(shift: float) -> Callable[[Writer, Value], Value]:
    """Return the sine, ahead by ``shift`` quarter turns."""

    def function(w: Writer, x: Value) -> Value:
        r, k = _reduced(w, x)
        z = r * r
        sine = r * polynomial(z, [(-1) ** i / math.factorial(2 * i + 1) for i in range(9)])
        cosine = polynomial(z, [(-1) ** i / math.factorial(2 * i) for i in range(10)])
        quarter = k + shift
        half = quarter * 0.5
        odd = w.intrinsic("floor", half).compare("one", half)
        fourth = w.intrinsic("floor", half) * 0.5
        negative = w.intrinsic("floor", fourth).compare("one", fourth)
        value = w.select(odd, cosine, sine)
        value = w.select(negative, 0.0 - value, value)
        return w.select(w.intrinsic("fabs", x) < _LARGEST, value, math.nan)

    return function


def _reduced(w: Writer, x: Value) -> tuple[Value, Value]:
    """Return x less a number of quarter turns, between -pi/4 and pi/4, and that number up to multiples of four.

    What is left is kept as the sum of two numbers, so that it has all its digits beside a multiple of pi/2 too.
    """
    rest, error, k = x, w.number(0.0), w.number(0.0)
    for step in _STEPS:
        k = (rest * (2 / math.pi) + ROUNDER * step) - ROUNDER * step
        a, b = rest - k * _HALF_PI[0], k * _HALF_PI[1]
        rest = a - b
        moved = rest - a
        error = error + ((a - (rest - moved)) - (b + moved)) - k * _HALF_PI[2]
    return rest + error, k


def asin(w: Writer, x: Value) -> Value:
    """Return the angle from -pi/2 to pi/2 of a sine."""
    upper, core = _arc(w, x)
    size = w.select(upper, _RIGHT_ANGLE[0] - (core * 2.0 - _RIGHT_ANGLE[1]), core)
    return w.intrinsic("copysign", size, x)


def acos(w: Writer, x: Value) -> Value:
    """Return the angle from 0 to pi of a cosine."""
    upper, core = _arc(w, x)
    obtuse = 2.0 * _RIGHT_ANGLE[0] - (core * 2.0 - 2.0 * _RIGHT_ANGLE[1])
    middle = _RIGHT_ANGLE[0] - (w.intrinsic("copysign", core, x) - _RIGHT_ANGLE[1])
    return w.select(upper, w.select(x < 0.0, obtuse, core * 2.0), middle)


def _arc(w: Writer, x: Value) -> tuple[Value, Value]:
    """Return whether the size of x is above 1/2, and asin of the size, or there of the root of (1 - size)/2."""
    size = w.intrinsic("fabs", x)
    upper = size > 0.5
    z = w.select(upper, (1.0 - size) * 0.5, x * x)
    root = w.select(upper, w.intrinsic("sqrt", z), size)
    return upper, root * polynomial(z, _ASIN)


def atan(w: Writer, x: Value) -> Value:
    """Return the angle from -pi/2 to pi/2 of a tangent."""
    size = w.intrinsic("fabs", x)
    steep = size > 1.0
    a = w.select(steep, 1.0 / size, size)
    upper = a > math.sqrt(2.0) - 1.0
    b = w.select(upper, (a - 1.0) / (a + 1.0), a)
    angle = b * polynomial(b * b, _ATAN)
    angle = w.select(upper, 0.5 * _RIGHT_ANGLE[0] + (angle + 0.5 * _RIGHT_ANGLE[1]), angle)
    angle = w.select(steep, _RIGHT_ANGLE[0] - (angle - _RIGHT_ANGLE[1]), angle)
    return w.intrinsic("copysign", angle, x)
