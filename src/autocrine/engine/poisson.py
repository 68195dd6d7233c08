"""Numbers from a Poisson distribution, written as instructions.

References
----------
Hoermann 1993, The transformed rejection method for generating Poisson random variables, Insurance: Mathematics and
Economics 12(1):39-45, doi:10.1016/0167-6687(93)90997-4.
"""

from __future__ import annotations

import math

from autocrine.engine import elementary
from autocrine.engine.exponential import polynomial
from autocrine.engine.ir_writer import POINTER, REAL, Array, Value, Writer
from autocrine.engine.philox import uniform

#: below this mean the distribution function is searched from zero; the rejection needs at least 10
_SEARCHED = 10.0
_LONGEST_SEARCH = 200.0
#: what `ln_factorial` adds before Stirling's series, whose terms are these
_SHIFT = 7
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188)
#: numbers in memory: the result, what is left of the uniform number, a probability, whether the search goes on
RESULT, _LEFT, _SHARE, _AGAIN, NUMBERS = 0, 1, 2, 3, 4


def write_poisson(w: Writer) -> None:
    """Write ``poisson(mean, stream, memory)``, which stores its result at ``memory``; it needs `philox`."""
    with w.function("ln_factorial", [(REAL, "n")], REAL, "internal") as (n,):
        w.give(_ln_factorial(w, n))
    with w.function("poisson", [(REAL, "mean"), (POINTER, "stream"), (POINTER, "memory")]) as (mean, stream, memory):
        numbers = w.array(memory, REAL)
        numbers[RESULT] = 0.0
        with w.when(mean > 0.0):
            with w.when(mean < _SEARCHED):
                _search(w, mean, stream, numbers)
            with w.when(mean >= _SEARCHED):
                _reject(w, mean, stream, numbers)


def _search(w: Writer, mean: Value, stream: Value, numbers: Array) -> None:
    numbers[_LEFT] = uniform(w, stream)
    numbers[_SHARE] = elementary.call(w, "exp", mean * -1.0)
    with w.repeat() as again:
        again.as_long_as((numbers[_LEFT] > numbers[_SHARE]) & (numbers[RESULT] < _LONGEST_SEARCH))
        numbers[_LEFT] = numbers[_LEFT] - numbers[_SHARE]
        numbers[RESULT] = numbers[RESULT] + 1.0
        numbers[_SHARE] = numbers[_SHARE] * mean / numbers[RESULT]


def _reject(w: Writer, mean: Value, stream: Value, numbers: Array) -> None:
    b = 0.931 + 2.53 * w.intrinsic("sqrt", mean)
    a = 0.02483 * b - 0.059
    logarithm = elementary.call(w, "log", mean)
    scale = elementary.call(w, "log", 1.1239 + 1.1328 / (b - 3.4))
    quick = 0.9277 - 3.6224 / (b - 2.0)
    numbers[_AGAIN] = 1.0
    with w.repeat() as again:
        again.as_long_as(numbers[_AGAIN] > 0.0)
        u = uniform(w, stream) - 0.5
        v = uniform(w, stream)
        size = 0.5 - w.intrinsic("fabs", u)
        k = w.intrinsic("floor", (2.0 * a / size + b) * u + mean + 0.43)
        numbers[RESULT] = k
        at_once = (size >= 0.07) & (v <= quick)
        possible = (k >= 0.0) & ~((size < 0.013) & (v > size))
        n = w.select(k >= 0.0, k, 0.0)
        left = elementary.call(w, "log", v) + scale - elementary.call(w, "log", a / (size * size) + b)
        right = n * logarithm - mean - w.call("ln_factorial", [n], REAL)
        numbers[_AGAIN] = w.select(at_once | (possible & (left <= right)), 0.0, 1.0)


def _ln_factorial(w: Writer, n: Value) -> Value:
    """Return ln n! by Stirling's series for n + 7."""
    product = n + 1.0
    for i in range(2, _SHIFT + 1):
        product = product * (n + float(i))
    x = n + float(_SHIFT + 1)
    inverse = 1.0 / x
    series = inverse * polynomial(inverse * inverse, _STIRLING)
    stirling = (x - 0.5) * elementary.call(w, "log", x) - x + 0.5 * math.log(2 * math.pi) + series
    return stirling - elementary.call(w, "log", product)
