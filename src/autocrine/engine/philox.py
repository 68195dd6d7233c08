"""Random numbers that are counted, not carried along: Philox4x64-10, written as instructions.

A block of four words is a function of a key (the seed) and of a counter (which draw, of which trajectory), so that a
trajectory draws the same whoever computes it and when.

References
----------
Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3, SC '11, doi:10.1145/2063384.2063405.
"""

from __future__ import annotations

import math

from autocrine.engine import elementary
from autocrine.engine.ir_writer import INT, POINTER, REAL, Value, Writer

_ROUNDS = 10
_MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
_WEYL = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
#: words of a stream: the key, the trajectory, the number of words drawn, and the block they come from
SEED, TRAJECTORY, DRAWN, BLOCK, WORDS = 0, 1, 2, 3, 7


def write_philox(w: Writer) -> None:
    """Write ``philox(key0, key1, counter0 ... counter3, out)``, which stores a block, and ``uniform(stream)``."""
    names = ("k0", "k1", "c0", "c1", "c2", "c3")
    with w.function("philox", [*((INT, name) for name in names), (POINTER, "out")]) as (*given, out):
        k0, k1, c0, c1, c2, c3 = given
        for _ in range(_ROUNDS):
            high0, low0 = _product(w, c0, _MULTIPLIERS[0])
            high1, low1 = _product(w, c2, _MULTIPLIERS[1])
            c0, c1, c2, c3 = _xor(w, high1, c1, k0), low1, _xor(w, high0, c3, k1), low0
            k0, k1 = k0 + _signed(_WEYL[0]), k1 + _signed(_WEYL[1])
        words = w.array(out, INT)
        for place, word in enumerate((c0, c1, c2, c3)):
            words[place] = word
    with w.function("uniform", [(POINTER, "stream")], REAL) as (stream,):
        _uniform(w, stream)


def _uniform(w: Writer, stream: Value) -> None:
    """Give a number between 0 and 1, both excluded, of 53 random bits."""
    words = w.array(stream, INT)
    drawn = words[DRAWN]
    place = drawn & w.constant(INT, 3)
    with w.when(place.equals(0)):
        block = w.write(INT, f"lshr i64 {drawn.text}, 2")
        zero = w.constant(INT, 0)
        w.call("philox", [words[SEED], zero, block, words[TRAJECTORY], zero, zero, words.at(BLOCK)])
    words[DRAWN] = drawn + 1
    bits = w.write(INT, f"lshr i64 {words[place + BLOCK].text}, 11")
    number = w.write(REAL, f"uitofp i64 {bits.text} to double")
    w.give((number + 0.5) * 2.0**-53)


def uniform(w: Writer, stream: Value) -> Value:
    """Return the next number of a stream."""
    return w.call("uniform", [stream], REAL)


def exponential(w: Writer, stream: Value) -> Value:
    """Return a number from the exponential distribution of mean 1."""
    return elementary.call(w, "log", uniform(w, stream)) * -1.0


def _product(w: Writer, a: Value, b: int) -> tuple[Value, Value]:
    """Return high and low word of a product of two whole numbers without sign."""
    wide = w.write("i128", f"zext i64 {a.text} to i128")
    whole = w.write("i128", f"mul i128 {wide.text}, {b}")
    upper = w.write("i128", f"lshr i128 {whole.text}, 64")
    return w.write(INT, f"trunc i128 {upper.text} to i64"), w.write(INT, f"trunc i128 {whole.text} to i64")


def _xor(w: Writer, a: Value, b: Value, c: Value) -> Value:
    first = w.write(INT, f"xor i64 {a.text}, {b.text}")
    return w.write(INT, f"xor i64 {first.text}, {c.text}")


def _signed(word: int) -> int:
    return word - 2**64 if word >= 2**63 else word


#: the smallest number that `uniform` gives, and so the largest of `exponential`
LARGEST_EXPONENTIAL = 54 * math.log(2)
