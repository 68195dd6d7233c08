"""Units of SBML as the texts that the house reads."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import libsbml

_PREFIXES = {0: "", -3: "milli", -6: "micro", -9: "nano", -12: "pico", -15: "femto", -2: "centi", -1: "deci", 3: "kilo"}
_PLAIN = {"dimensionless": "", "item": "molecule", "litre": "liter", "metre": "meter", "avogadro": ""}
#: what Level 2 has without a definition
_BUILT_IN = {
    "substance": ("mole", 1.0),
    "volume": ("liter", 1.0),
    "area": ("meter", 2.0),
    "length": ("meter", 1.0),
    "time": ("second", 1.0),
}
Powers = list[tuple[str, float]]
#: seconds
_TIMES = {60.0: "minute", 3600.0: "hour", 86400.0: "day"}


def of_compartment(item: Any) -> str:
    """Return the unit that is declared for a compartment.

    libsbml's own answer looks at the units of all maths of the model, and destroys memory at some.
    """
    return _text(_size_of(item))


def of_parameter(item: Any) -> str:
    """Return the unit that is declared for a parameter."""
    return _text(_named(item.getModel(), item.getUnits()) if item.isSetUnits() else None)


def of_species(item: Any, compartment: Any) -> str:
    """Return the unit of the value of a species: an amount, or an amount in the size of its compartment."""
    model = item.getModel()
    name = item.getSubstanceUnits() or (model.getSubstanceUnits() if model.getLevel() > 2 else "substance")
    amount = _named(model, name)
    if item.getHasOnlySubstanceUnits() or compartment is None or compartment.getSpatialDimensionsAsDouble() == 0:
        return _text(amount)
    size = _size_of(compartment)
    return "1" if amount is None or size is None else _text([*amount, *((each, -power) for each, power in size)])


def _size_of(item: Any) -> Powers | None:
    model, dimensions = item.getModel(), item.getSpatialDimensionsAsDouble()
    if item.isSetUnits():
        return _named(model, item.getUnits())
    if model.getLevel() < 3:
        return _named(model, {3: "volume", 2: "area", 1: "length"}.get(dimensions, ""))
    by_model = {3: model.getVolumeUnits, 2: model.getAreaUnits, 1: model.getLengthUnits}
    return _named(model, by_model[dimensions]()) if dimensions in by_model else None


def _named(model: Any, name: str) -> Powers | None:
    """Return the unit of a name as names with exponents; None where there is none, or none that can be said."""
    definition = model.getUnitDefinition(name) if name else None
    if definition is not None:
        found = [_unit(definition.getUnit(place)) for place in range(definition.getNumUnits())]
        known = [each for each in found if each is not None]
        return known if len(known) == len(found) else None
    if model.getLevel() < 3 and name in _BUILT_IN:
        return [_BUILT_IN[name]]
    if libsbml.UnitKind_forName(name) == libsbml.UNIT_KIND_INVALID:
        return None
    return [(_PLAIN.get(name, name), 1.0)]


def _text(powers: Powers | None) -> str:
    return "1" if powers is None else product(powers)


def of_time(model: Any) -> str:
    """Return the unit of time of a model: in Level 2 seconds, unless it is defined otherwise."""
    name = model.getTimeUnits() if model.getLevel() > 2 else "time"
    if model.getLevel() > 2 and model.getUnitDefinition(name) is None:
        return _PLAIN.get(name, name) or "1"
    return _text(_named(model, name))


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
