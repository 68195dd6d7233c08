"""Units as texts become unit definitions of SBML, made of its base units."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

import libsbml

from autocrine.core import errors, units
from autocrine.engine.dimension import unit

#: kind, multiplier, scale and exponent of a base unit
_Part = tuple[int, float, int, float]
#: names of pint → base units of SBML with multiplier and exponent. SBML counts everything in ``item``: molecules and
#: cells, which are dimensions of their own here, become the same
_BASE: dict[str, tuple[tuple[int, float, int], ...]] = {
    "molecule": ((libsbml.UNIT_KIND_ITEM, 1.0, 1),),
    "site": ((libsbml.UNIT_KIND_ITEM, 1.0, 1),),
    "cell": ((libsbml.UNIT_KIND_ITEM, 1.0, 1),),
    "count": ((libsbml.UNIT_KIND_ITEM, 1.0, 1),),
    "mole": ((libsbml.UNIT_KIND_MOLE, 1.0, 1),),
    "molar": ((libsbml.UNIT_KIND_MOLE, 1.0, 1), (libsbml.UNIT_KIND_LITRE, 1.0, -1)),
    "liter": ((libsbml.UNIT_KIND_LITRE, 1.0, 1),),
    "meter": ((libsbml.UNIT_KIND_METRE, 1.0, 1),),
    "gram": ((libsbml.UNIT_KIND_GRAM, 1.0, 1),),
    "kilogram": ((libsbml.UNIT_KIND_KILOGRAM, 1.0, 1),),
    "second": ((libsbml.UNIT_KIND_SECOND, 1.0, 1),),
    "minute": ((libsbml.UNIT_KIND_SECOND, 60.0, 1),),
    "hour": ((libsbml.UNIT_KIND_SECOND, 3600.0, 1),),
    "day": ((libsbml.UNIT_KIND_SECOND, 86400.0, 1),),
    "ampere": ((libsbml.UNIT_KIND_AMPERE, 1.0, 1),),
    "kelvin": ((libsbml.UNIT_KIND_KELVIN, 1.0, 1),),
    "candela": ((libsbml.UNIT_KIND_CANDELA, 1.0, 1),),
    "radian": ((libsbml.UNIT_KIND_RADIAN, 1.0, 1),),
    "fold": (),
}
_RESERVED = {libsbml.UnitKind_toString(kind) for kind in range(libsbml.UNIT_KIND_INVALID)}
_RESERVED |= {"substance", "volume", "area", "length", "time", "extent"}
DIMENSIONLESS = "dimensionless"
#: dimensions that SBML accepts as an amount
_AMOUNTS = ({"[substance]": 1}, {"[molecule]": 1}, {"[cell]": 1}, {"[mass]": 1}, {"[molecule]": 1, "[cell]": -1}, {})


class UnitDefinitions:
    """The units of a model, each defined when it is first asked for.

    Parameters
    ----------
    model : libsbml.Model
        Where the definitions go. The name of each is the text that it was made from.
    """

    def __init__(self, model: libsbml.Model) -> None:
        self._model = model
        self._known: dict[str, str] = {}

    def id_of(self, text: str) -> str:
        """Return the identifier of a unit.

        Raises
        ------
        UnitError
            If no such unit is known, or SBML cannot express it (a temperature with its own zero).
        """
        if text not in self._known:
            self._known[text] = DIMENSIONLESS if text.strip() in {"", "1", "-"} else self._define(text)
        return self._known[text]

    def amount_of(self, text: str) -> str | None:
        """Return the identifier of the unit of an amount; None if SBML would not take it for one."""
        return self.id_of(text) if _dimensions(text) in _AMOUNTS else None

    def _define(self, text: str) -> str:
        parts = _cancelled(part for name, power in unit(text).items() for part in _parts(name, float(power), text))
        definition = self._model.createUnitDefinition()
        definition.setId(self._free(text))
        definition.setName(text)
        for kind, multiplier, scale, exponent in parts or [(libsbml.UNIT_KIND_DIMENSIONLESS, 1.0, 0, 1.0)]:
            one = definition.createUnit()
            one.setKind(kind)
            one.setMultiplier(multiplier)
            one.setScale(scale)
            one.setExponent(exponent)
        return definition.getId()

    def _free(self, text: str) -> str:
        spelled = text.replace("/", "_per_").replace("**", "").replace("^", "").replace("%", "percent")
        spelled = re.sub(r"[^A-Za-z0-9]+", "_", re.sub(r"^1_per_", "per_", spelled)).strip("_")
        taken = {*self._known.values(), *_RESERVED}
        name = spelled if spelled[:1].isalpha() and spelled not in taken else f"unit_{spelled}"
        while name in taken:
            name += "_"
        return name


def in_one_litre(text: str) -> str | None:
    """Return the unit of what one litre holds at a concentration of one unit (``nmol`` for ``nM``).

    None is returned for what is no concentration.
    """
    dimensions = _dimensions(text)
    if dimensions.pop("[length]", 0) != -3 or not dimensions or dimensions not in _AMOUNTS:
        return None
    molar = re.fullmatch(r"\s*([a-zµμ]?)M\s*", text)
    return f"{molar[1]}mol" if molar else f"{text} * l"


def _dimensions(text: str) -> dict[str, float]:
    dimensionality: Any = units.unit_of(text).dimensionality
    return {name: float(power) for name, power in dimensionality.items()}


def _cancelled(parts: Iterable[_Part]) -> list[_Part]:
    """Return base units once each: a litre over a litre is nothing."""
    found: dict[tuple[int, float, int], float] = {}
    for kind, multiplier, scale, exponent in parts:
        found[kind, multiplier, scale] = found.get((kind, multiplier, scale), 0.0) + exponent
    return [(*base, exponent) for base, exponent in found.items() if exponent]


def _parts(name: str, exponent: float, text: str) -> list[_Part]:
    """Return the base units of one named unit: kind, multiplier, scale and exponent."""
    registry: Any = units.registry()
    prefix, root, _ = registry.parse_unit_name(name)[0]
    if root not in _BASE:
        return _in_base_units(name, exponent, text)
    factor = float(registry.Quantity(1.0, name).to(root).magnitude) if prefix else 1.0
    scale = round(math.log10(factor))
    if not math.isclose(factor, 10.0**scale, rel_tol=1e-9):
        return _in_base_units(name, exponent, text)
    found = []
    for number, (kind, multiplier, power) in enumerate(_BASE[root]):
        found.append((kind, multiplier, 0 if number else scale, exponent * power))
    return found


def _in_base_units(name: str, exponent: float, text: str) -> list[_Part]:
    registry: Any = units.registry()
    if not registry.Quantity(1.0, name)._is_multiplicative:
        raise errors.UnitError("a unit must have its zero at nothing to be written as SBML", text, hint="kelvin")
    quantity = registry.Quantity(1.0, name).to_base_units()
    found = [(libsbml.UNIT_KIND_DIMENSIONLESS, float(quantity.magnitude), 0, exponent)]
    for base, power in quantity.unit_items():
        if base not in _BASE:
            raise errors.UnitError("a unit must be one that SBML can express", text, hint="a unit made of SI units")
        found += [(kind, size, 0, exponent * float(power) * own) for kind, size, own in _BASE[base]]
    return found
