"""Quantities with units at the border, plain numbers inside.

Canonical units are h, um, nM and molecule/cell. pint does the arithmetic and is imported when it is first needed.
"""

from __future__ import annotations

import functools
import math
import re
from typing import TYPE_CHECKING, Any

from autocrine.core.errors import InputError, UnitError

if TYPE_CHECKING:
    import pint

_QUANTITY = re.compile(r"^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|inf))\s*(.*?)\s*$", re.IGNORECASE)
_MICRO = str.maketrans({"µ": "u", "μ": "u", "·": "*", "²": "^2", "³": "^3"})
#: pint works such a number out, and 9**9**9**9 takes for ever
_RAISED_NUMBER = re.compile(r"\d[\s)]*(?:\*\*|\^)")
#: names of the bench that pint reads differently or not at all
_BENCH = {"nM": "nanomolar", "uM": "micromolar", "mM": "millimolar", "pM": "picomolar", "M": "molar"}
#: units of the bench as whole numbers of one small unit of their kind: they are converted exactly, and without pint,
#: which takes longer to import than a well to simulate
_COUNTED = {
    "M": ("amount per volume", 10**12),
    "mM": ("amount per volume", 10**9),
    "uM": ("amount per volume", 10**6),
    "nM": ("amount per volume", 10**3),
    "pM": ("amount per volume", 1),
    "mg/ml": ("mass per volume", 10**9),
    "ug/ml": ("mass per volume", 10**6),
    "ng/ml": ("mass per volume", 10**3),
    "pg/ml": ("mass per volume", 1),
    "l": ("volume", 10**6),
    "ml": ("volume", 10**3),
    "ul": ("volume", 1),
    "d": ("time", 1440),
    "h": ("time", 60),
    "min": ("time", 1),
    "cell": ("cells", 1),
    "molecule/cell": ("molecules per cell", 1),
    "cm^2": ("area", 1),
}


@functools.cache
def registry() -> pint.UnitRegistry:
    """Return the one pint registry, with the words of cell biology added."""
    import pint

    units = pint.UnitRegistry(cache_folder=None)
    # counted things are dimensions of their own, so that a forgotten Avogadro number or cell number is an error
    units.define("molecule = [molecule]")
    units.define("cell = [cell]")
    units.define("fold = []")
    units.define("site = molecule")
    return units


def parse(text: str, *, where: str = "") -> tuple[float, str]:
    """Split ``"10 ng/ml"`` into the number 10.0 and the unit ``"ng/ml"``.

    Raises
    ------
    InputError
        If the text does not start with a finite number.
    """
    found = _QUANTITY.match(text)
    if not found:
        raise InputError("a quantity must be a number with a unit", text, where=where, hint='"10 ng/ml" or "72 h"')
    value = float(found[1])
    if not math.isfinite(value):
        raise InputError("a quantity must be finite", text, where=where, hint='a number such as "10 ng/ml"')
    return value, found[2]


def unit_of(text: str, *, where: str = "") -> Any:
    """Return the pint unit that ``text`` names; ``""`` and ``"1"`` are dimensionless.

    Raises
    ------
    UnitError
        If no such unit is known.
    """
    spelled = re.sub(r"(?<![A-Za-z])([pnum]?M)(?![A-Za-z])", lambda m: _BENCH[m[1]], text.translate(_MICRO).strip())
    if spelled in {"", "1", "-"}:
        return registry().dimensionless
    try:
        if _RAISED_NUMBER.search(spelled):
            raise ValueError("a number raised to a power is no unit")
        return registry().parse_units(re.sub(r"^1\s*/", "dimensionless/", spelled))
    except Exception as error:
        raise UnitError(
            "a unit must be one that is known", text, where=where, hint="uM, nM, ng/ml, h or 1/h"
        ) from error


def convert(value: float, unit: str, to: str, *, molar_mass_g_mol: float | None = None, where: str = "") -> float:
    """Return ``value`` in another unit, through the molar mass where mass meets amount.

    Parameters
    ----------
    value : float
        The number, in ``unit``.
    unit, to : str
        The unit it has and the unit that is wanted.
    molar_mass_g_mol : float, optional
        Lets ``ng/ml`` become ``nM`` and back.

    Raises
    ------
    UnitError
        If the two units do not measure the same thing.
    InputError
        If the number is not finite, before or after.
    """
    counted = _counted(value, unit, to, molar_mass_g_mol)
    if counted is not None:
        return _finite(counted, value, unit, where)
    units = registry()
    quantity: Any = units.Quantity(value, unit_of(unit, where=where))  # a product would fail for degC
    target = unit_of(to, where=where)
    if quantity.is_compatible_with(target):
        return _finite(quantity.to(target).magnitude, value, unit, where)
    mass_per_volume, molar = units.Unit("g/l"), units.Unit("mol/l")
    if molar_mass_g_mol is not None:
        per_mole = molar_mass_g_mol * units.Unit("g/mol")
        if quantity.is_compatible_with(mass_per_volume) and target.is_compatible_with(molar):
            return _finite((quantity / per_mole).to(target).magnitude, value, unit, where)
        if quantity.is_compatible_with(molar) and target.is_compatible_with(mass_per_volume):
            return _finite((quantity * per_mole).to(target).magnitude, value, unit, where)
    raise UnitError(
        f"the unit must be one that converts to {to}",
        unit or "nothing",
        where=where,
        hint=_offer(to, molar_mass_g_mol),
    )


def _counted(value: float, unit: str, to: str, molar_mass_g_mol: float | None) -> float | None:
    """Return a value in another unit of the bench; nothing where pint must decide."""
    old, new = (_COUNTED.get(text.translate(_MICRO).strip()) for text in (unit, to))
    if old is None or new is None:
        return None
    if old[0] == new[0]:
        shared = math.gcd(old[1], new[1])
        return value * (old[1] // shared) / (new[1] // shared)
    if molar_mass_g_mol is not None and {old[0], new[0]} == {"mass per volume", "amount per volume"}:
        # 1 pg/ml is 1e-9 g/l, 1 pM is 1e-12 mol/l: a pM of 1000 g/mol weighs 1 pg/ml
        weight = molar_mass_g_mol / 1000
        return value * old[1] / (new[1] * weight) if new[0].startswith("amount") else value * old[1] * weight / new[1]
    return None


def read(text: str, to: str, *, molar_mass_g_mol: float | None = None, where: str = "") -> float:
    """Read ``"0.3 uM"`` as a plain number in the unit ``to``."""
    value, unit = parse(text, where=where)
    return convert(value, unit, to, molar_mass_g_mol=molar_mass_g_mol, where=where)


def _finite(converted: Any, value: float, unit: str, where: str) -> float:
    if not math.isfinite(converted):
        raise InputError("a quantity must be finite", f"{value:g} {unit}", where=where)
    return float(converted)


def _offer(to: str, molar_mass_g_mol: float | None) -> str:
    if unit_of(to).is_compatible_with(registry().Unit("mol/l")):
        return "a concentration in nM or uM" + (" or ng/ml" if molar_mass_g_mol else "")
    return f"a quantity in {to}"
