"""The gamma function and the derivatives of its logarithm, lane by lane."""

from __future__ import annotations

import math

from autocrine.engine.circular import sine
from autocrine.engine.exponential import log, polynomial
from autocrine.engine.ir_writer import Value, Writer

#: gamma(2 + x) is the quotient of two polynomials for 0 <= x < 1, with a relative error of 1e-17
_ABOVE = (
    *(9.99999999999999996796e-1, 4.94214826801497100753e-1, 2.07448227648435975150e-1, 4.76367800457137231464e-2),
    *(1.04213797561761569935e-2, 1.19135147006586384913e-3, 1.60119522476751861407e-4),
)
_BELOW = (
    *(1.00000000000000000320, 7.14304917030273074085e-2, -2.34591795718243348568e-1, 3.58236398605498653373e-2),
    *(1.18139785222060435552e-2, -4.45641913851797240494e-3, 5.39605580493303397842e-4, -2.31581873324120129819e-5),
)
#: gamma is infinite above
_LARGEST = 172.0
#: the asymptotic series of digamma and trigamma are used above this
_ENOUGH = 10
#: Bernoulli numbers B2, B4 ...
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)


def gamma(w: Writer, x: Value) -> Value:
    """Return gamma(x): products of whole numbers at whole numbers, NaN at the poles below zero.

    References
    ----------
    Moshier 1989, Methods and Programs for Mathematical Functions (Cephes), gamma.c: the quotient of polynomials.
    """
    reflected = x < 0.5
    u = w.select(reflected, 1.0 - x, x)
    v, product = _lowered(w, w.select(u > _LARGEST, _LARGEST, u))
    below_one, below_two = v < 1.0, v < 2.0
    divisor = w.select(below_one, v * (v + 1.0), w.select(below_two, v, 1.0))
    f = w.select(below_one, v, w.select(below_two, v - 1.0, v - 2.0))
    value = product * (polynomial(f, _ABOVE) / polynomial(f, _BELOW)) / divisor
    value = w.select(u > _LARGEST, math.inf, value)
    s, pole = _sine_of_turns(w, x)
    other = w.select(pole, math.nan, math.pi / (s * value))
    return w.select(reflected, other, value)


def _lowered(w: Writer, v: Value) -> tuple[Value, Value]:
    """Return v less a whole number, below 3, and the product of the numbers that were passed on the way."""
    places = [w.array(w.write("ptr", f"alloca {w.real}")) for _ in range(2)]
    places[0][0], places[1][0] = v, 1.0
    with w.repeat() as repeat:
        now, product = places[0][0], places[1][0]
        high = now.compare("oge", 3.0)
        repeat.as_long_as(w.any(high))
        lower = now - 1.0
        places[0][0], places[1][0] = w.select(high, lower, now), w.select(high, product * lower, product)
    return places[0][0], places[1][0]


def _sine_of_turns(w: Writer, x: Value, shift: float = 0.0) -> tuple[Value, Value]:
    """Return sin(pi x), ahead by ``shift`` quarter turns, and whether x is a whole number below zero."""
    whole = w.intrinsic("floor", x + 0.5)
    odd = w.intrinsic("floor", whole * 0.5).compare("one", whole * 0.5)
    part = x - whole
    value = sine(shift)(w, part * math.pi)
    return w.select(odd, 0.0 - value, value), part.equals(0.0) & (x < 0.0)


def digamma(w: Writer, x: Value) -> Value:
    """Return the derivative of ln gamma(x); NaN at the poles."""
    reflected = x < 0.5
    v, total = w.select(reflected, 1.0 - x, x), w.number(0.0)
    for _ in range(_ENOUGH):
        low = v < float(_ENOUGH)
        total, v = w.select(low, total - 1.0 / v, total), w.select(low, v + 1.0, v)
    z = 1.0 / (v * v)
    series = z * polynomial(z, [b / (2 * k) for k, b in enumerate(_BERNOULLI, start=1)])
    value = total + (log(w, v) - 0.5 / v - series)
    s, _ = _sine_of_turns(w, x)
    c, _ = _sine_of_turns(w, x, 1.0)
    turned = w.select(s.equals(0.0), math.nan, value - math.pi * c / s)
    return w.select(reflected, turned, value)


def trigamma(w: Writer, x: Value) -> Value:
    """Return the second derivative of ln gamma(x); infinite at the poles."""
    reflected = x < 0.5
    v, total = w.select(reflected, 1.0 - x, x), w.number(0.0)
    for _ in range(_ENOUGH):
        low = v < float(_ENOUGH)
        total, v = w.select(low, total + 1.0 / (v * v), total), w.select(low, v + 1.0, v)
    z = 1.0 / (v * v)
    value = total + (1.0 / v + 0.5 * z + z / v * polynomial(z, _BERNOULLI))
    s, _ = _sine_of_turns(w, x)
    return w.select(reflected, (math.pi / s) * (math.pi / s) - value, value)
