"""Laws of the compiled functions: close to NumPy, and exact where IEEE 754 names a value."""

import functools
import math
import struct
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autocrine.engine import elementary
from autocrine.engine.exponential import negative_power
from autocrine.engine.ir_writer import POINTER, Writer
from autocrine.engine.machine_code import FUNCTION, MachineCode
from autocrine.engine.machine_code import POINTER as ADDRESS

ARGUMENTS = dict.fromkeys(elementary.NAMES, 1) | {"power": 2}
SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 0.5, -0.5, np.inf, -np.inf, np.nan, 5e-324, -5e-324, 1e-310]
#: not a number, with some of the bits set that are usually zero
NAN_WITH_BITS = struct.unpack("d", struct.pack("Q", 0x7FFA77ABC349A0FA))[0]
NUMBERS = st.one_of(st.sampled_from(SPECIAL), st.floats(-1000, 1000), st.floats())


@functools.cache
def function(name, lanes):
    """Return a compiled function of as many numbers as it has lanes."""
    w = Writer(lanes)
    names = ["a", "b"][: ARGUMENTS[name]]
    with w.function("apply", [(POINTER, each) for each in [*names, "out"]]) as (*given, out):
        numbers = [w.array(each)[0] for each in given]
        if name == "power":
            numbers.append(negative_power(w, numbers[1]))
        w.array(out)[0] = elementary.call(w, name, *numbers)
    code = MachineCode.of(w.module(), 1)
    apply = code.function("apply", FUNCTION(None, *[ADDRESS] * (len(names) + 1)))

    def evaluate(*numbers):
        memory = np.zeros(8 * 4)  # rows of eight numbers, the first of them at a multiple of 64 bytes
        first = (-memory.ctypes.data // 8) % 8
        rows = [memory[first + 8 * i : first + 8 * i + 8] for i in range(3)]
        for row, number in zip(rows, numbers, strict=False):
            row[:] = number
        apply(*(rows[i].ctypes.data for i in [*range(len(numbers)), 2]))
        assert code is not None
        found = rows[2][:lanes]
        assert (found.view(np.int64) == found.view(np.int64)[0]).all(), "every lane computes alike"
        return float(found[0])

    return evaluate


def reference(name, *numbers):
    with np.errstate(all="ignore"):
        if name == "power":
            a, b = np.float64(numbers[0]), np.float64(numbers[1])
            return 0.0 if a < 0 and np.floor(b) < b else float(a**b)
        return float(getattr(np, name)(np.float64(numbers[0])))


@pytest.mark.parametrize("lanes", [1, 4, 8])
@pytest.mark.parametrize("name", ["exp", "log"])
def test_exp_and_log_are_those_of_numpy(name, lanes):
    @given(NUMBERS)
    @example(709.78)
    @example(709.79)
    @example(-745.1)
    @example(-746.0)
    @example(-720.5)
    @example(1 + 1e-12)
    @example(1.7e308)
    @example(NAN_WITH_BITS)
    def check(x):
        expected = reference(name, x)
        # a denormal result has fewer digits
        np.testing.assert_allclose(function(name, lanes)(x), expected, rtol=1e-15, atol=1e-323)

    check()


#: where each function is looked at, between these numbers, and its relative error
RANGES = {
    "sin": (-1e18, 1e18, 1e-15),
    "cos": (-1e18, 1e18, 1e-15),
    "asin": (-1.0, 1.0, 2e-15),
    "acos": (-1.0, 1.0, 2e-15),
    "atan": (-1e300, 1e300, 1e-15),
    "sinh": (-710.0, 710.0, 2e-15),
    "cosh": (-710.0, 710.0, 2e-15),
    "tanh": (-30.0, 30.0, 1e-14),
    "asinh": (-1e300, 1e300, 1e-15),
    "acosh": (1.0, 1e300, 1e-15),
    "atanh": (-1.0, 1.0, 2e-15),
    "gamma": (-20.0, 171.6, 1e-14),
    "digamma": (0.01, 1e6, 1e-13),
    "trigamma": (-20.0, 30.0, 1e-13),
}


def spread(low, high):
    """Return a strategy of numbers of every size between two."""
    size = st.floats(-307.0, math.log10(max(-low, high))).map(lambda x: 10.0**x)
    either = size.flatmap(lambda x: st.sampled_from([x, -x]))
    near = st.floats(max(low, -20.0), min(high, 20.0))
    return st.one_of(st.floats(low, high), either.map(lambda x: min(max(x, low), high)), near)


@pytest.mark.parametrize("lanes", [1, 8])
@pytest.mark.parametrize("name", RANGES)
def test_functions_are_those_of_mpmath(name, lanes):
    low, high, limit = RANGES[name]
    known: Any = mpmath
    exact = (lambda x: known.psi(1, x)) if name == "trigamma" else getattr(known, name)

    @settings(max_examples=150)
    @given(spread(low, high))
    def check(x):
        try:
            with mpmath.workprec(300):
                expected = float(exact(mpmath.mpf(x)))
        except (ValueError, ZeroDivisionError):
            return  # a pole
        if abs(expected) > 1e-300 and math.isfinite(expected):
            assert abs(function(name, lanes)(x) - expected) <= limit * max(abs(expected), name == "digamma")

    check()


@pytest.mark.parametrize("name", ["sin", "cos"])
@pytest.mark.parametrize("turns", [1, 2, 3, 100, 12345, 999_999, 10**9 + 7, 10**15])
def test_circular_functions_have_all_digits_beside_their_zeros(name, turns):
    with mpmath.workprec(300):
        x = float(turns * mpmath.pi / 2)
        expected = float(getattr(mpmath, name)(mpmath.mpf(x)))
    assert function(name, 8)(x) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("lanes", [1, 8])
@pytest.mark.parametrize("name", [name for name in RANGES if "gamma" not in name])
def test_special_numbers_follow_numpy(name, lanes):
    numpy_name = f"arc{name[1:]}" if name.startswith("a") else name
    for x in [*SPECIAL, 1e-320, 1 + 1e-15, 1 - 1e-16]:
        with np.errstate(all="ignore"):
            expected = float(getattr(np, numpy_name)(np.float64(x)))
        np.testing.assert_allclose(function(name, lanes)(x), expected, rtol=1e-15, atol=0, err_msg=f"{name} {x}")
    if name in {"sin", "cos"}:
        assert math.isnan(function(name, lanes)(2.0**61))


def test_gamma_of_whole_numbers_is_a_product():
    gamma = function("gamma", 8)
    assert [gamma(n + 1.0) for n in range(23)] == [float(math.factorial(n)) for n in range(23)]
    assert gamma(171.0) == pytest.approx(float(math.factorial(170)), rel=1e-14)
    assert [gamma(x) for x in (0.0, 172.0, np.inf, 1e300)] == [np.inf] * 4
    assert all(math.isnan(gamma(x)) for x in (-1.0, -2.0, -1e20, -np.inf, np.nan))
    assert function("gamma", 1)(-200.5) == 0.0


@pytest.mark.parametrize("lanes", [1, 8])
@given(st.floats(1e-300, 1e300), st.floats(-8, 8))
def test_power_is_that_of_numpy(lanes, a, b):
    expected = reference("power", a, b)
    if 1e-300 < expected < 1e300:
        limit = 1e-15 + 2.5e-16 * abs(b * math.log(a))
        assert function("power", lanes)(a, b) == pytest.approx(expected, rel=limit)


@pytest.mark.parametrize("a", SPECIAL)
@pytest.mark.parametrize(
    "b", [0.0, -0.0, *[each for each in SPECIAL if abs(each) >= 0.5], np.nan, 4.0, -4.0, 1.7, -1.7]
)
def test_power_of_special_numbers(a, b):
    expected, found = reference("power", a, b), function("power", 8)(a, b)
    if math.isinf(b) and (a < 0 or a == 1):
        return  # no rate law has an infinite exponent
    if math.isnan(a) or math.isnan(b):
        assert math.isnan(found)  # NumPy says nan**0 = 1**nan = 1
    elif a == 0 and b < 0:
        assert abs(found) == math.inf
    else:
        np.testing.assert_allclose(found, expected, rtol=3e-13, atol=1e-320)
