"""Laws of the compiled functions: close to NumPy, and exact where IEEE 754 names a value."""

import functools
import math
import struct

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autocrine.engine import elementary
from autocrine.engine.ir_writer import POINTER, Writer
from autocrine.engine.machine_code import FUNCTION, MachineCode
from autocrine.engine.machine_code import POINTER as ADDRESS

ARGUMENTS = {"exp": 1, "log": 1, "tanh": 1, "sin": 1, "cos": 1, "power": 2}
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
            numbers.append(elementary.negative_power(w, numbers[1]))
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


@pytest.mark.parametrize("lanes", [1, 8])
@given(st.one_of(st.floats(-30, 30), st.floats(-1e-5, 1e-5), st.sampled_from([0.0, np.inf, -np.inf, np.nan, 1e300])))
def test_tanh_is_that_of_numpy(lanes, x):
    np.testing.assert_allclose(function("tanh", lanes)(x), reference("tanh", x), rtol=1e-14)


@pytest.mark.parametrize("name", ["sin", "cos"])
@given(st.floats(-1e5, 1e5))
def test_circular_functions_are_those_of_numpy(name, x):
    np.testing.assert_allclose(function(name, 8)(x), reference(name, x), rtol=0, atol=1e-14)
    assert math.isnan(function(name, 8)(np.nan))


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
