"""Exponential, logarithm and power as polynomials, and the sum of a series, lane by lane."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autocrine.engine.ir_writer import Value, Writer

#: adding this to a number below 2**51 rounds it to a whole number, which then stands in the lowest bits
ROUNDER = 1.5 * 2.0**52
_ROUNDER_BITS, _ROOT_HALF_BITS = 0x4338000000000000, 0x3FE6A09E667F3BCD
#: ln 2 in parts; products of the first part with whole numbers below 2**20 are exact
_LN2 = (6.93147180369123816490e-01, 1.90821492927058770002e-10)
#: (exp(r) - 1 - r)/r**2 in powers of r up to ln(2)/2, so that exp is off by 3e-16 at most (by Remez' exchange)
EXP_TAIL = (
    *(0.49999999999998324, 0.1666666666661151, 0.04166666666813763, 0.0083333333708925, 0.0013888888516013153),
    *(0.00019841185202531638, 2.4801931845475093e-05, 2.7635006253318475e-06, 2.7476784503711416e-07),
)
#: (ln((1+s)/(1-s)) - 2 s)/s**3 in powers of s**2 up to s = 0.172, so that ln is off by 2e-16 at most (likewise)
LOG_TAIL = (
    *(0.666666666665871, 0.40000000052328316, 0.28571417120207865),
    *(0.22223372408305092, 0.18123617910349726, 0.16820131347800224),
)


def polynomial(x: Value, coefficients: Sequence[float]) -> Value:
    """Return the sum of c_k x^k; neighbours are paired, so that few operations wait for one another."""
    terms: list[Value | float] = list(coefficients)
    power = x
    while len(terms) > 1:
        pairs: list[Value | float] = []
        for k in range(0, len(terms) - 1, 2):
            pairs.append(power * terms[k + 1] + terms[k])
        if len(terms) % 2:
            pairs.append(terms[-1])
        terms = pairs
        if len(terms) > 1:
            power = power * power
    return terms[0] if isinstance(terms[0], Value) else x * 0.0 + terms[0]


def exp(w: Writer, x: Value) -> Value:
    """Return e**x."""
    x = w.minimum(w.number(710.0), x)
    x = w.maximum(w.number(-746.0), x)
    shifted = x * math.log2(math.e) + ROUNDER
    k = shifted - ROUNDER
    r = (x - k * _LN2[0]) - k * _LN2[1]
    series = 1.0 + (r + r * r * polynomial(r, EXP_TAIL))
    # 2**k in two factors, so that the result may be denormal; k stands in the lowest bits, what is above is cut off.
    # They are multiplied, not added to the exponent of the series: that would lose a NaN with other bits set
    half = w.bits(shifted).shifted("lshr", 1)
    rest = w.bits(shifted) - half
    return (series * w.bits((half + 1023).shifted("shl", 52))) * w.bits((rest + 1023).shifted("shl", 52))


def log(w: Writer, x: Value) -> Value:
    """Return the natural logarithm; NaN of a negative number."""
    return w.select(x.compare("oge", 0.0), _logarithm(w, x, math.inf), math.nan)


def _logarithm(w: Writer, x: Value, limit: float) -> Value:
    """Return the logarithm of the size of x: -limit at zero, limit at infinity."""
    small = x < 2.0**-1022
    bits = w.bits(w.select(small, x * 2.0**54, x))
    exponent = (bits - _ROOT_HALF_BITS).shifted("ashr", 52)
    mantissa = w.bits(bits - exponent.shifted("shl", 52))  # from the root of 1/2 to that of 2
    e = w.bits(exponent + _ROUNDER_BITS) - w.select(small, ROUNDER + 54.0, ROUNDER)
    f = mantissa - 1.0
    s = f / (mantissa + 1.0)
    z = s * s
    tail = z * polynomial(z, LOG_TAIL)
    # f - s (f - tail) is ln(mantissa) with the rounding error of s kept small
    result = e * _LN2[0] + ((f - s * (f - tail)) + e * _LN2[1])
    result = w.select(x.equals(0.0), -limit, result)
    result = w.select(x < math.inf, result, x)  # NaN stays
    return result if limit == math.inf else w.minimum(w.number(limit), result)


def power(w: Writer, a: Value, b: Value, negative: Value) -> Value:
    """Return |a|**b, times ``negative`` if a is negative; finite limits of the logarithm make a**0 = 1."""
    size = w.intrinsic("fabs", a)
    magnitude = exp(w, b * _logarithm(w, size, 1e300))
    below = w.select(negative.equals(0.0), 0.0, magnitude * negative)
    return w.select(a < 0.0, below, magnitude)


def negative_power(w: Writer, b: Value) -> Value:
    """Return the sign of (-1)**b: 1 or -1 for a whole b, 0 for a fraction, so that there is nothing below nothing."""
    half = b * 0.5
    odd = w.intrinsic("floor", half).compare("one", half)
    return w.select(w.intrinsic("floor", b).equals(b), w.select(odd, -1.0, 1.0), b * 0.0)


def log1p(w: Writer, x: Value) -> Value:
    """Return ln(1 + x), for small x too.

    References
    ----------
    Goldberg 1991, ACM Comput Surv 23:5-48, theorem 4, doi:10.1145/103162.103163.
    """
    u = x + 1.0
    result = log(w, u) * (x / (u - 1.0))
    result = w.select(u.equals(math.inf), math.inf, result)
    return w.select(u.equals(1.0), x, result)
