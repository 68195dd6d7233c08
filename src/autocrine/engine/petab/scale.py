"""Scales on which values are compared and parameters estimated."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

Scale = Literal["lin", "log", "log10"]
SCALES = ("lin", "log", "log10")
LN10 = math.log(10.0)
Value = Any  # a number or an array of them


def scaled(values: Value, scale: Scale) -> Value:
    """Return values on a scale; a logarithm of nothing is -infinity, one of less is NaN."""
    if scale == "lin":
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(values) if scale == "log" else np.log10(values)


def unscaled(values: Value, scale: Scale) -> Value:
    """Return values of a scale as they are."""
    if scale == "lin":
        return values
    with np.errstate(over="ignore"):
        return np.exp(values) if scale == "log" else np.power(10.0, values)


def slope(values: Value, scale: Scale) -> Value:
    """Return the derivatives of scaled values by the values."""
    if scale == "lin":
        return values * 0.0 + 1.0
    with np.errstate(divide="ignore"):
        return 1.0 / values if scale == "log" else 1.0 / (values * LN10)
