"""Exponential, logarithm and power as polynomials, and the sum of a series, lane by lane."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autocrine.engine.ir_writer import Value, Writer

#: adding this to a number below 2**51 rounds it to a whole number, which then stands in the lowest bits
ROUNDER = 1.5 * 2.0**52
#: ln 2 in parts; products of the first part with whole numbers below 2**20 are exact
_LN2 = (6.93147180369123816490e-01, 1.90821492927058770002e-10)
_MANTISSA, _ONE_BITS = 0x000FFFFFFFFFFFFF, 0x3FF0000000000000


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


def _power_of_two(w: Writer, rounded: Value) -> Value:
    """Return 2**k for the whole number k that `ROUNDER` was added to, -1022 <= k <= 1023."""
    exponent = w.bits(rounded) + 1023  # what lies above the lowest 12 bits is shifted out
    return w.bits(w.write(w.whole, f"shl {w.whole} {exponent.text}, {w.constant(w.whole, 52).text}"))


def exp(w: Writer, x: Value) -> Value:
    """Return e**x."""
    x = w.select(x > 710.0, 710.0, x)
    x = w.select(x < -746.0, -746.0, x)
    k = (x * math.log2(math.e) + ROUNDER) - ROUNDER
    r = (x - k * _LN2[0]) - k * _LN2[1]
    series = polynomial(r, [1 / math.factorial(i) for i in range(13)])
    half = k * 0.5 + ROUNDER  # two factors, so that the result may be denormal
    other = (k - (half - ROUNDER)) + ROUNDER
    return series * _power_of_two(w, half) * _power_of_two(w, other)


def log(w: Writer, x: Value) -> Value:
    """Return the natural logarithm; NaN of a negative number."""
    return w.select(x.compare("oge", 0.0), _logarithm(w, x, math.inf), math.nan)


def _logarithm(w: Writer, x: Value, limit: float) -> Value:
    """Return the logarithm of the size of x: -limit at zero, limit at infinity."""
    small = x < 2.0**-1022
    bits = w.bits(w.select(small, x * 2.0**54, x))
    exponent = w.write(w.whole, f"lshr {w.whole} {bits.text}, {w.constant(w.whole, 52).text}")
    # the exponent, below 2**11, becomes a number through the bits of 2**52
    number = w.bits(exponent | w.constant(w.whole, 0x4330000000000000)) - 2.0**52
    mantissa = w.bits((bits & w.constant(w.whole, _MANTISSA)) | w.constant(w.whole, _ONE_BITS))
    upper = mantissa > math.sqrt(2.0)
    mantissa = w.select(upper, mantissa * 0.5, mantissa)
    e = number + w.select(small, -1077.0, -1023.0)
    e = w.select(upper, e + 1.0, e)
    f = mantissa - 1.0
    s = f / (mantissa + 1.0)
    z = s * s
    tail = z * polynomial(z, [2 / (2 * i + 3) for i in range(10)])
    # f - s (f - tail) is ln(mantissa) with the rounding error of s kept small
    result = e * _LN2[0] + ((f - s * (f - tail)) + e * _LN2[1])
    result = w.select(x.equals(0.0), -limit, result)
    return w.select(x < math.inf, result, w.select(x.equals(math.inf), limit, x))  # NaN stays


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
