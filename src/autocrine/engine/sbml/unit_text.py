"""Units of SBML as the texts that the house reads."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import libsbml

_PREFIXES = {0: "", -3: "milli", -6: "micro", -9: "nano", -12: "pico", -15: "femto", -2: "centi", -1: "deci", 3: "kilo"}
_PLAIN = {"dimensionless": "", "item": "molecule", "litre": "liter", "metre": "meter", "avogadro": ""}
#: seconds
_TIMES = {60.0: "minute", 3600.0: "hour", 86400.0: "day"}


def text(definition: Any) -> str:
    """Return a unit definition of libsbml as text; ``"1"`` where it has no unit, or none that has a name.

    Parameters
    ----------
    definition : libsbml.UnitDefinition or None
        The units, multiplied with one another.
    """
    if definition is None:
        return "1"
    found = [_unit(definition.getUnit(place)) for place in range(definition.getNumUnits())]
    if any(each is None for each in found):
        return "1"
    return product(each for each in found if each is not None)


def of_time(model: Any) -> str:
    """Return the unit of time of a model: in Level 2 seconds, unless it is defined otherwise."""
    name = model.getTimeUnits() if model.getLevel() > 2 else "time"
    definition = model.getUnitDefinition(name) if name else None
    if definition is not None:
        return text(definition)
    if model.getLevel() < 3:
        return "second"
    return _PLAIN.get(name, name) or "1"


def product(powers: Iterable[tuple[str, float]]) -> str:
    """Return names with exponents as text, e.g. ``"nanomole/liter"``."""
    above, below = [], []
    for name, exponent in powers:
        if name and exponent:
            size = abs(exponent)
            shown = name if size == 1 else f"{name}**{size:g}"
            (above if exponent > 0 else below).append(shown)
    if not above and not below:
        return "1"
    return "/".join(["*".join(above) or "1", *below])


def _unit(unit: Any) -> tuple[str, float] | None:
    kind = libsbml.UnitKind_toString(unit.getKind()) or ""
    kind = _PLAIN.get(kind, kind)
    exponent, size = unit.getExponentAsDouble(), unit.getMultiplier() * 10.0 ** unit.getScale()
    if not kind:
        return (kind, exponent) if size == 1 else None
    # programs write the same size in different ways: an hour is 3600 or 3.6e3 seconds
    time = next((name for seconds, name in _TIMES.items() if math.isclose(size, seconds, rel_tol=1e-12)), "")
    if kind == "second" and time:
        return time, exponent
    if kind == "kilogram":
        kind, size = "gram", size * 1000.0
    scale = round(math.log10(size)) if size > 0 else 0
    if scale not in _PREFIXES or not math.isclose(size, 10.0**scale, rel_tol=1e-12):
        return None
    return _PREFIXES[scale] + kind, exponent
