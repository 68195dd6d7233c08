"""What diffuses in a tumour and where vessels are, read from TOML."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import numpy as np

from autocrine.core import Document, errors, units
from autocrine.tissue.fields import Face, Grid, Substrate, Vessels
from autocrine.tissue.fields.plasma import Plasma

MEDIUM = ("il6", "oxygen", "sil6r", "il6_sil6r", "il6_siltuximab")
_KEYS = ("diffusion", "decay", "initial", "outside", "uptake")


@functools.cache
def known_substrates() -> Mapping[str, Any]:
    """Return diffusion, decay, unit and uptake of what comes with Autocrine."""
    text = (files("autocrine.tissue") / "substrates.toml").read_text(encoding="utf-8")
    return Document.parse(text, "substrates.toml").values


def refuse_unknown(table: Document, known: Sequence[str]) -> list[str]:
    """Return the names of the substrates of a design.

    Raises
    ------
    InputError
        If one is unknown, or IL-6 is absent.
    """
    for name in table.values:
        if name not in known:
            near = difflib.get_close_matches(name, known, 3, 0.4)
            raise errors.InputError(
                "a substrate must be one that is known", name, where=table.where(name), hint=", ".join(near or known)
            )
    if "il6" not in table.values:
        raise errors.InputError("a tumour must have the substrate il6", where=table.where(), hint="[substrate.il6]")
    return list(table.values)


def read_substrates(table: Document) -> tuple[tuple[Substrate, ...], float]:
    """Return the substrates of a design, and what cells clear of oxygen (1/h)."""
    found, uptake = [], 0.0
    for name in table.values:
        entry = table.table(name)
        entry.allow(_KEYS)
        given = {**known_substrates()["default"], **known_substrates().get(name, {}), **entry.values}
        unit = given.get("unit", "nM")

        def read(key: str, wanted: str, default: str, given: Any = given, entry: Document = entry) -> float:
            return units.read(given.get(key, default), wanted, where=entry.where(key))

        face = Face.held(read("outside", unit, "")) if "outside" in given else Face()
        initial = read("initial", unit, given.get("outside", f"0 {unit}"))
        diffusion, decay = read("diffusion", "um^2/h", ""), read("decay", "1/h", "0 1/h")
        with errors.inside(entry.where()):
            found.append(Substrate(name, diffusion, decay, initial, face, unit))
        if name == "oxygen":
            uptake = read("uptake", "1/h", "")
    return tuple(found), uptake


def read_vessels(table: Document, grid: Grid, plasma: Mapping[str, Plasma]) -> Vessels | None:
    """Return vessels on a lattice, which let through what the design says; None where there are none.

    Raises
    ------
    InputError
        If something has a permeability and no level in plasma, or the other way.
    """
    table.allow(["spacing", "area", "permeability"])
    if not table.values:
        if plasma:
            raise errors.InputError("plasma must have vessels through which it acts", where=table.where("plasma"))
        return None
    spacing = units.read(table.get("spacing", str), "um", where=table.where("spacing"))
    if not spacing >= grid.spacing_um:
        raise errors.InputError("vessels must be at least a voxel apart", spacing, where=table.where("spacing"))
    area = units.read(table.get("area", str), "um^2", where=table.where("area"))
    walls = table.table("permeability")
    permeability = {name: units.read(walls.get(name, str), "um/h", where=walls.where(name)) for name in walls.values}
    axes = [
        np.arange(spacing / 2, n * grid.spacing_um, spacing) + grid.origin_um[axis] for axis, n in enumerate(grid.shape)
    ]
    places = np.stack([each.ravel() for each in np.meshgrid(*axes, indexing="ij")], axis=1)
    with errors.inside(walls.where()):
        return Vessels(places, area, permeability, plasma)
