"""Powers of a base that is known to be positive and normal, as the floor of a Hill term is: for half the price."""

from __future__ import annotations

import math

from autocrine.engine.exponential import EXP_TAIL, LOG_TAIL, polynomial
from autocrine.engine.ir_writer import Value, Writer

_LN2 = (6.93147180369123816490e-01, 1.90821492927058770002e-10)
_ROUNDER = 1.5 * 2.0**52
_ROUNDER_BITS, _ROOT_HALF_BITS = 0x4338000000000000, 0x3FE6A09E667F3BCD


def positive_power(w: Writer, a: Value, b: Value) -> Value:
    """Return a^b for a normal a > 0, with a relative error of 1e-15 (1 + |b ln a|); beyond exp(+-700) it stays there.

    A base or an exponent that is NaN gives NaN.
    """
    x = b * _logarithm(w, a)
    x = w.maximum(w.minimum(x, 700.0), -700.0)
    shifted = x * math.log2(math.e) + _ROUNDER
    k = shifted - _ROUNDER
    r = (x - k * _LN2[0]) - k * _LN2[1]
    series = 1.0 + (r + r * r * polynomial(r, EXP_TAIL))
    power = w.bits(w.bits(series) + w.bits(shifted).shifted("shl", 52))
    return w.select(a.compare("uno", b), math.nan, power)


def _logarithm(w: Writer, a: Value) -> Value:
    bits = w.bits(a)
    exponent = (bits - _ROOT_HALF_BITS).shifted("ashr", 52)
    e = w.bits(exponent + _ROUNDER_BITS) - _ROUNDER
    f = w.bits(bits - exponent.shifted("shl", 52)) - 1.0
    s = f / (f + 2.0)
    z = s * s
    tail = z * polynomial(z, LOG_TAIL)
    return e * _LN2[0] + ((f - s * (f - tail)) + e * _LN2[1])
