"""Powers of a base that is known to be positive and normal, as the floor of a Hill term is: for half the price."""

from __future__ import annotations

import math

from autocrine.engine.exponential import polynomial
from autocrine.engine.ir_writer import Value, Writer

_LN2 = (6.93147180369123816490e-01, 1.90821492927058770002e-10)
_ROUNDER = 1.5 * 2.0**52
_MANTISSA, _ONE_BITS, _NUMBER = 0x000FFFFFFFFFFFFF, 0x3FF0000000000000, 0x4330000000000000


def positive_power(w: Writer, a: Value, b: Value) -> Value:
    """Return a^b for a normal a > 0, with a relative error of 1e-13 (1 + |b ln a|); beyond exp(+-700) it stays there.

    A base or an exponent that is NaN gives NaN.
    """
    x = b * _logarithm(w, a)
    x = w.maximum(w.minimum(x, 700.0), -700.0)
    shifted = x * math.log2(math.e) + _ROUNDER
    k = shifted - _ROUNDER
    r = (x - k * _LN2[0]) - k * _LN2[1]
    series = polynomial(r, [1 / math.factorial(i) for i in range(12)])
    exponent = w.bits(shifted) + 1023
    scale = w.bits(w.write(w.whole, f"shl {w.whole} {exponent.text}, {w.constant(w.whole, 52).text}"))
    return w.select(a.compare("uno", b), math.nan, series * scale)


def _logarithm(w: Writer, a: Value) -> Value:
    bits = w.bits(a)
    exponent = w.write(w.whole, f"lshr {w.whole} {bits.text}, {w.constant(w.whole, 52).text}")
    number = w.bits(exponent | w.constant(w.whole, _NUMBER)) - 2.0**52
    mantissa = w.bits((bits & w.constant(w.whole, _MANTISSA)) | w.constant(w.whole, _ONE_BITS))
    upper = mantissa > math.sqrt(2.0)
    mantissa = w.select(upper, mantissa * 0.5, mantissa)
    e = number + w.select(upper, -1022.0, -1023.0)
    f = mantissa - 1.0
    s = f / (mantissa + 1.0)
    z = s * s
    tail = z * polynomial(z, [2 / (2 * i + 3) for i in range(7)])
    return e * _LN2[0] + ((f - s * (f - tail)) + e * _LN2[1])
