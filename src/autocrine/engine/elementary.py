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
_MANTISSA, _ONE_BITS = 0x000FFFFFFFFFFFFF, 0x3FF0000000000000


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


def _power_of_two(w: Writer, rounded: Value) -> Value:
    """Return 2**k for the whole number k that `_ROUNDER` was added to, -1022 <= k <= 1023."""
    exponent = w.bits(rounded) + 1023  # what lies above the lowest 12 bits is shifted out
    return w.bits(w.write(w.whole, f"shl {w.whole} {exponent.text}, {w.constant(w.whole, 52).text}"))


def _exp(w: Writer, x: Value) -> Value:
    x = w.select(x > 710.0, 710.0, x)
    x = w.select(x < -746.0, -746.0, x)
    k = (x * math.log2(math.e) + _ROUNDER) - _ROUNDER
    r = (x - k * _LN2[0]) - k * _LN2[1]
    series = polynomial(r, [1 / math.factorial(i) for i in range(13)])
    half = k * 0.5 + _ROUNDER  # two factors, so that the result may be denormal
    other = (k - (half - _ROUNDER)) + _ROUNDER
    return series * _power_of_two(w, half) * _power_of_two(w, other)


def _log(w: Writer, x: Value) -> Value:
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
