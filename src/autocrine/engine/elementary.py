"""Elementary functions and their kin as polynomials, lane by lane, without a mathematics library.

NaN and infinity pass as IEEE 754 says, and denormal numbers keep their value. Relative errors, checked in the tests:
exp and log 1e-15; power 1e-15 + 2e-16 |b ln a|; gamma 1e-14; the circular and hyperbolic functions and their inverses
2e-15 (tanh 1e-14). The sine and cosine of a number of 2**60 or more, where neighbouring numbers lie many turns apart,
are NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autocrine.engine import circular, exponential, gamma, hyperbolic
from autocrine.engine.ir_writer import Value, Writer

#: they have loops, or are long: nothing is won by writing them where they are called
_LONG = frozenset({"gamma", "digamma", "trigamma"})


def call(writer: Writer, name: str, *arguments: Value) -> Value:
    """Write one of `NAMES`: of one number, but power of base, exponent and `negative_power` of the exponent.

    Lanes get the instructions where they stand: several then run at once, and nothing need be kept for a call; so do
    writers that ``inlines``.
    """
    names, body = _BODIES[name]
    if (writer.lanes > 1 or writer.inlines) and name not in _LONG:
        return body(writer, *arguments)
    full = f"{name}_" if writer.lanes == 1 else f"{name}_of_{writer.lanes}"
    if full not in writer.functions:
        with writer.function(full, [(writer.real, each) for each in names], writer.real, "internal") as values:
            writer.give(body(writer, *values))
    return writer.call(full, arguments, writer.real)


_BODIES: Mapping[str, tuple[tuple[str, ...], Callable[..., Value]]] = {
    "exp": (("x",), exponential.exp),
    "log": (("x",), exponential.log),
    "power": (("a", "b", "negative"), exponential.power),
    "sin": (("x",), circular.sine(0.0)),
    "cos": (("x",), circular.sine(1.0)),
    "asin": (("x",), circular.asin),
    "acos": (("x",), circular.acos),
    "atan": (("x",), circular.atan),
    "sinh": (("x",), hyperbolic.sinh),
    "cosh": (("x",), hyperbolic.cosh),
    "tanh": (("x",), hyperbolic.tanh),
    "asinh": (("x",), hyperbolic.asinh),
    "acosh": (("x",), hyperbolic.acosh),
    "atanh": (("x",), hyperbolic.atanh),
    "gamma": (("x",), gamma.gamma),
    "digamma": (("x",), gamma.digamma),
    "trigamma": (("x",), gamma.trigamma),
}
NAMES = frozenset(_BODIES)
