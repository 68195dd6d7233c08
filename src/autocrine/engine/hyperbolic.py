"""Hyperbolic functions and their inverses by exponentials and logarithms, lane by lane."""

from __future__ import annotations

import math

from autocrine.engine.exponential import exp, log, log1p, polynomial
from autocrine.engine.ir_writer import Value, Writer

#: the square of a larger number hides a one
_LARGE = 2.0**28


def tanh(w: Writer, x: Value) -> Value:
    """Return the hyperbolic tangent."""
    size = w.intrinsic("fabs", x)
    e = exp(w, 2.0 * w.select(size > 20.0, 20.0, size))
    large = w.intrinsic("copysign", 1.0 - 2.0 / (e + 1.0), x)
    z = x * x
    small = x * polynomial(z, _TANH)
    return w.select(size < 0.3, small, w.select(x.compare("uno", x), x, large))


def sinh(w: Writer, x: Value) -> Value:
    """Return the hyperbolic sine."""
    size = w.intrinsic("fabs", x)
    half = _half_exp(w, size)
    small = x * polynomial(x * x, [1 / math.factorial(2 * i + 1) for i in range(10)])
    return w.select(size < 1.0, small, w.intrinsic("copysign", half - 0.25 / half, x))


def cosh(w: Writer, x: Value) -> Value:
    """Return the hyperbolic cosine."""
    half = _half_exp(w, w.intrinsic("fabs", x))
    return half + 0.25 / half


def _half_exp(w: Writer, x: Value) -> Value:
    """Return exp(x)/2, where exp(x) itself is too large too."""
    e = exp(w, x * 0.5)
    return (e * 0.5) * e


def asinh(w: Writer, x: Value) -> Value:
    """Return the number whose hyperbolic sine is x."""
    size = w.intrinsic("fabs", x)
    z = size * size
    small = log1p(w, size + z / (1.0 + w.intrinsic("sqrt", z + 1.0)))
    return w.intrinsic("copysign", w.select(size > _LARGE, log(w, size) + math.log(2.0), small), x)


def acosh(w: Writer, x: Value) -> Value:
    """Return the number above zero whose hyperbolic cosine is x; NaN below 1."""
    above = x - 1.0
    small = log1p(w, above + w.intrinsic("sqrt", above * (above + 2.0)))
    result = w.select(x > _LARGE, log(w, x) + math.log(2.0), small)
    return w.select(x.compare("oge", 1.0), result, math.nan)


def atanh(w: Writer, x: Value) -> Value:
    """Return the number whose hyperbolic tangent is x; NaN outside of -1 to 1."""
    size = w.intrinsic("fabs", x)
    return w.intrinsic("copysign", log1p(w, 2.0 * size / (1.0 - size)) * 0.5, x)


def _tanh_series(terms: int) -> list[float]:
    """Return the Taylor coefficients of tanh(x)/x in x**2, from tanh' = 1 - tanh**2."""
    c = [1.0]
    for k in range(1, terms):
        c.append(-sum(c[i] * c[k - 1 - i] for i in range(k)) / (2 * k + 1))
    return c


_TANH = _tanh_series(14)
