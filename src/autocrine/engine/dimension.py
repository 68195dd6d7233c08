"""Units of terms: products of named units with exponents that may be symbols, as in ``K**n``."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any

import sympy

from autocrine.core import units

#: a unit by the names of pint, with the exponent of each: a number or a SymPy expression
Unit = Mapping[str, Any]
DIMENSIONLESS: Unit = {}
_SCALE = "scale"
#: relative difference of two scales that counts as none
_CLOSE = 1e-9


@functools.cache
def unit(text: str, where: str = "") -> Unit:
    """Return the unit that a text names.

    Raises
    ------
    UnitError
        If no such unit is known.
    """
    parsed = units.unit_of(text, where=where)
    return {name: exponent for name, exponent in parsed._units.items()}  # noqa: C416 - pint has no public way


def multiplied(first: Unit, second: Unit, power: Any = 1) -> Unit:
    """Return ``first * second**power``."""
    result = dict(first)
    for name, exponent in second.items():
        total = result.get(name, 0) + exponent * power
        result[name] = sympy.expand(total) if isinstance(total, sympy.Basic) else total
    return {name: exponent for name, exponent in result.items() if exponent != 0}


def equal(first: Unit, second: Unit) -> bool:
    """Tell whether two units measure the same thing on the same scale: nM and uM do not."""
    reduced: dict[str, Any] = {}
    for name, exponent in multiplied(first, second, -1).items():
        for base, amount in _base(name).items():
            reduced[base] = reduced.get(base, 0) + exponent * amount
    return all(_vanishes(amount) for amount in reduced.values())


def shown(what: Unit) -> str:
    """Return a unit as a person writes it, e.g. ``nM^2/h``."""
    registry = units.registry()
    above, below = [], []
    for name, exponent in what.items():
        negative = sympy.sympify(exponent).could_extract_minus_sign()
        size = -exponent if negative else exponent
        size = int(size) if isinstance(size, float) and size == int(size) else size
        power = f"({size})" if isinstance(size, sympy.Add) else size
        text = registry.get_symbol(name).replace("µ", "u") + ("" if size == 1 else f"^{power}")
        (below if negative else above).append(text)
    return "/".join(["*".join(above) or "1", *below])


@functools.cache
def _base(name: str) -> dict[str, float]:
    """Return the dimensions of a named unit and the logarithm of its scale."""
    quantity: Any = units.registry().Quantity(1.0, name).to_base_units()
    found = {dimension: float(power) for dimension, power in quantity.dimensionality.items()}
    return {**found, _SCALE: math.log(quantity.magnitude)}


def _vanishes(amount: Any) -> bool:
    if isinstance(amount, sympy.Basic):
        coefficients = sympy.expand(amount).as_coefficients_dict().values()
        return all(abs(float(coefficient)) < _CLOSE for coefficient in coefficients)
    return abs(amount) < _CLOSE
