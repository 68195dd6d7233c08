"""Exponential, logarithm, power and their kin as polynomials, lane by lane, without a mathematics library.

NaN and infinity pass as IEEE 754 says, and denormal numbers keep their value. Relative errors, checked in the tests:
exp and log 1e-15, tanh, sin and cos 1e-14 (sin and cos for arguments below 1e5), and power 1e-15 + 2e-16 |b ln a|.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from autocrine.engine.ir_writer import Value, Writer

#: adding this to a number below 2**51 rounds it to a whole number, which then stands in the lowest bits
_ROUNDER = 1.5 * 2.0**52
#: ln 2 and pi/2 in parts; products of the first parts with whole numbers below 2**20 are exact
_LN2 = (6.93147180369123816490e-01, 1.90821492927058770002e-10)
_HALF_PI = (1.57079632673412561417, 6.07710050630396597660e-11, 2.02226624879595063154e-21)
_ROUNDER_BITS, _ROOT_HALF_BITS = 0x4338000000000000, 0x3FE6A09E667F3BCD
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


def call(writer: Writer, name: str, *arguments: Value) -> Value:
    """Write one of them: exp, log, tanh, sin, cos, or power (base, exponent, `negative_power` of the exponent).

    Lanes get the instructions where they stand: several then run at once, and nothing need be kept for a call; so do
    writers that ``inlines``.
    """
    names, body = _BODIES[name]
    if writer.lanes > 1 or writer.inlines:
        return body(writer, *arguments)
    full = f"{name}_"
    if full not in writer.functions:
        with writer.function(full, [(writer.real, each) for each in names], writer.real, "internal") as values:
            writer.give(body(writer, *values))
    return writer.call(full, arguments, writer.real)


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


def _exp(w: Writer, x: Value) -> Value:
    x = w.minimum(w.number(710.0), x)
    x = w.maximum(w.number(-746.0), x)
    shifted = x * math.log2(math.e) + _ROUNDER
    k = shifted - _ROUNDER
    r = (x - k * _LN2[0]) - k * _LN2[1]
    series = 1.0 + (r + r * r * polynomial(r, EXP_TAIL))
    # 2**k in two factors, so that the result may be denormal; k stands in the lowest bits, what is above is shifted out.
    # They are multiplied, not added to the exponent of the series: that would lose a NaN with some of its other bits set
    half = w.bits(shifted).shifted("lshr", 1)
    rest = w.bits(shifted) - half
    return (series * w.bits((half + 1023).shifted("shl", 52))) * w.bits((rest + 1023).shifted("shl", 52))


def _log(w: Writer, x: Value) -> Value:
    return w.select(x.compare("oge", 0.0), _logarithm(w, x, math.inf), math.nan)


def _logarithm(w: Writer, x: Value, limit: float) -> Value:
    """Return the logarithm of the size of x: -limit at zero, limit at infinity."""
    small = x < 2.0**-1022
    bits = w.bits(w.select(small, x * 2.0**54, x))
    exponent = (bits - _ROOT_HALF_BITS).shifted("ashr", 52)
    mantissa = w.bits(bits - exponent.shifted("shl", 52))  # from the root of 1/2 to that of 2
    e = w.bits(exponent + _ROUNDER_BITS) - w.select(small, _ROUNDER + 54.0, _ROUNDER)
    f = mantissa - 1.0
    s = f / (mantissa + 1.0)
    z = s * s
    tail = z * polynomial(z, LOG_TAIL)
    # f - s (f - tail) is ln(mantissa) with the rounding error of s kept small
    result = e * _LN2[0] + ((f - s * (f - tail)) + e * _LN2[1])
    result = w.select(x.equals(0.0), -limit, result)
    result = w.select(x < math.inf, result, x)  # NaN stays
    return result if limit == math.inf else w.minimum(w.number(limit), result)


def _power(w: Writer, a: Value, b: Value, negative: Value) -> Value:
    """Return |a|**b, times ``negative`` if a is negative; finite limits of the logarithm make a**0 = 1."""
    size = w.intrinsic("fabs", a)
    magnitude = _exp(w, b * _logarithm(w, size, 1e300))
    below = w.select(negative.equals(0.0), 0.0, magnitude * negative)
    return w.select(a < 0.0, below, magnitude)


def negative_power(w: Writer, b: Value) -> Value:
    """Return the sign of (-1)**b: 1 or -1 for a whole b, 0 for a fraction, so that there is nothing below nothing."""
    half = b * 0.5
    odd = w.intrinsic("floor", half).compare("one", half)
    return w.select(w.intrinsic("floor", b).equals(b), w.select(odd, -1.0, 1.0), b * 0.0)


def _tanh(w: Writer, x: Value) -> Value:
    size = w.intrinsic("fabs", x)
    e = call(w, "exp", 2.0 * w.select(size > 20.0, 20.0, size))
    large = w.intrinsic("copysign", 1.0 - 2.0 / (e + 1.0), x)
    z = x * x
    small = x * polynomial(z, _TANH)
    return w.select(size < 0.3, small, w.select(x.compare("uno", x), x, large))


def _circular(shift: float) -> Callable[[Writer, Value], Value]:
    """Return the sine, ahead by ``shift`` quarter turns."""

    def function(w: Writer, x: Value) -> Value:
        k = (x * (2 / math.pi) + _ROUNDER) - _ROUNDER
        r = ((x - k * _HALF_PI[0]) - k * _HALF_PI[1]) - k * _HALF_PI[2]
        z = r * r
        sine = r * polynomial(z, [(-1) ** i / math.factorial(2 * i + 1) for i in range(9)])
        cosine = polynomial(z, [(-1) ** i / math.factorial(2 * i) for i in range(10)])
        quarter = k + shift
        half = quarter * 0.5
        odd = w.intrinsic("floor", half).compare("one", half)
        fourth = w.intrinsic("floor", half) * 0.5
        negative = w.intrinsic("floor", fourth).compare("one", fourth)
        value = w.select(odd, cosine, sine)
        return w.select(negative, 0.0 - value, value)

    return function


def _tanh_series(terms: int) -> list[float]:
    """Return the Taylor coefficients of tanh(x)/x in x**2, from tanh' = 1 - tanh**2."""
    c = [1.0]
    for k in range(1, terms):
        c.append(-sum(c[i] * c[k - 1 - i] for i in range(k)) / (2 * k + 1))
    return c


_TANH = _tanh_series(14)
_BODIES: Mapping[str, tuple[tuple[str, ...], Callable[..., Value]]] = {
    "exp": (("x",), _exp),
    "log": (("x",), _log),
    "power": (("a", "b", "negative"), _power),
    "tanh": (("x",), _tanh),
    "sin": (("x",), _circular(0.0)),
    "cos": (("x",), _circular(1.0)),
}
