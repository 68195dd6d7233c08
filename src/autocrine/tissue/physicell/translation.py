"""PhysiCell's settings as the text of a design.

PhysiCell has no circuit: what it says of divisions, secretion and rules is replaced by the circuit or is listed as not
understood. Read are the domain, the substrates that are known here, and of each cell definition volume, cycle, death,
forces and motion.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from autocrine.circuit import Pharmacology
from autocrine.core import errors
from autocrine.tissue.physicell.cell_definition import read_definition
from autocrine.tissue.physicell.settings import Settings

_OXYGEN = {"oxygen", "o2"}
_SIDES = ("xmin", "xmax", "ymin", "ymax", "zmin", "zmax")
_MOST_FRAMES, _CELLS = 200, 100
_DEFAULT_CELLS = "number_of_cells"


@dataclass(frozen=True)
class Translation:
    """The text of a design in TOML, and a line for each thing that was not understood."""

    text: str
    unread: tuple[str, ...]


def read_physicell(path: Path) -> Translation:
    """Read settings of PhysiCell.

    Parameters
    ----------
    path : Path
        ``PhysiCell_settings.xml``.

    Returns
    -------
    Translation
        A design, and what was not understood.

    Raises
    ------
    InputError
        If it cannot be read, or has no domain.
    """
    settings = Settings(path)
    tables: dict[str, dict[str, Any]] = {"tumour": {"name": _slug(path.stem), "title": f"From {path.name}"}}
    dimensions = _domain(settings, tables)
    _overall(settings, tables["tumour"])
    known = _substrates(settings, tables, dimensions)
    _clones(settings, tables, known)
    _uptake(settings, tables)
    unread = tuple(settings.unread())
    return Translation(_write(tables, path, unread), unread)


def _domain(settings: Settings, tables: dict[str, dict[str, Any]]) -> int:
    edges = []
    for axis in "xyz":
        low, high = (_first(settings, [f"domain/{axis}_{end}", f"domain/{axis}{end}"]) for end in ("min", "max"))
        edges.append(None if low is None or high is None else high - low)
    spacing = _first(settings, ["domain/dx"])
    for other in ("domain/dy", "domain/dz"):
        if (value := settings.number(other)) is not None and spacing is not None and value != spacing:
            settings.note(f"{other} of {value:g} um: voxels are cubes of {spacing:g} um")
    x, y, z = edges
    if x is None or y is None or spacing is None or not (x > 0 and y > 0 and spacing > 0):
        raise errors.InputError(
            "settings of PhysiCell must have a domain with x, y and dx", where=str(settings.path),
            hint="a settings file of PhysiCell 1.5 or later",
        )  # fmt: skip
    flat = settings.enabled("domain/use_2D") or z is None or z <= spacing
    sides = [x, y] if flat or z is None else [x, y, z]
    if len(set(sides)) > 1:
        shown = " x ".join(f"{each:g}" for each in sides)
        settings.note(f"domain of {shown} um: edges here are equal, and the longest is taken")
    tables["domain"] = {"size": f"{max(sides)!r} um", "voxel": f"{spacing!r} um"}
    tables["tumour"]["dimensions"] = len(sides)
    return len(sides)


def _overall(settings: Settings, tumour: dict[str, Any]) -> None:
    minutes = settings.number("overall/max_time", default=1440.0) or 1440.0
    tumour["duration"] = f"{minutes / 60!r} h"
    tumour["tick"] = f"{settings.number('overall/dt_mechanics', default=0.1) or 0.1!r} min"
    tumour["growth_step"] = f"{settings.number('overall/dt_phenotype', default=6.0) or 6.0!r} min"
    pause = settings.number("save/full_data/interval") or minutes / 24
    tumour["frames"] = int(min(max(minutes / pause, 1), _MOST_FRAMES))


def _substrates(settings: Settings, tables: dict[str, dict[str, Any]], dimensions: int) -> dict[str, str]:
    """Read the substrates; return our names by theirs."""
    drugs, found = Pharmacology.load(), {}
    for variable in settings.root.iterfind("microenvironment_setup/variable"):
        theirs = variable.get("name", "")
        name = _known(theirs, set(drugs))
        if name is None:
            settings.take(variable)
            settings.note(f"substrate {theirs}: not one of il6, oxygen and the drugs of Autocrine")
            continue
        found[theirs] = name
        tables[f"substrate.{name}"] = _substrate(settings, variable, name, dimensions)
    if "substrate.il6" not in tables:
        tables["substrate.il6"] = {}
        settings.note("substrate il6: absent, and added with its own diffusion and closed faces")
    return found


def _substrate(settings: Settings, variable: Element, name: str, dimensions: int) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    numbers = variable.find("physical_parameter_set")
    for theirs, ours, unit in (("diffusion_coefficient", "diffusion", "um^2/min"), ("decay_rate", "decay", "1/min")):
        value = settings.number(theirs, numbers) if numbers is not None else None
        if value is not None:
            entry[ours] = f"{value!r} {unit}"
    unit = _unit(settings, variable, name)
    initial = settings.number("initial_condition", variable)
    if initial is not None and unit:
        entry["initial"] = f"{initial!r} {unit}"
    held = _held(settings, variable, name, dimensions)
    if held is not None and unit:
        entry["outside"] = f"{held!r} {unit}"
    return entry


def _unit(settings: Settings, variable: Element, name: str) -> str:
    """Return the unit of a level; PhysiCell does not use it, so that it is often none."""
    said = [variable.get("units", ""), *(each.get("units", "") for each in variable)]
    wanted = ["mmHg"] if name == "oxygen" else ["nM", "uM", "pM", "ng/ml", "ug/ml"]
    for unit in said:
        if unit in wanted:
            return unit
    if name == "oxygen":
        settings.note(f"oxygen: levels in {said[0] or 'no unit'}, taken for mmHg")
        return "mmHg"
    settings.note(f"{name}: levels in {said[0] or 'no unit'}: initial and outside levels are left out")
    return ""


def _held(settings: Settings, variable: Element, name: str, dimensions: int) -> float | None:
    """Return the level at which all faces are held; None where they are closed."""
    whole = settings.number("Dirichlet_boundary_condition", variable)
    everywhere = settings.enabled("Dirichlet_boundary_condition", variable)
    sides = {}
    for each in variable.iterfind("Dirichlet_options/boundary_value"):
        if each.get("enabled", "").lower() == "true":
            sides[each.get("ID", "")] = float(each.text or "0")
    if (options := variable.find("Dirichlet_options")) is not None:
        settings.take(options)
    needed = _SIDES[: 2 * dimensions]
    levels = {sides[side] for side in needed if side in sides}
    if not sides:
        return whole if everywhere else None
    if set(needed) <= set(sides) and len(levels) == 1:
        return levels.pop()
    settings.note(f"{name}: faces that differ from one another: all are closed")
    return None


def _clones(settings: Settings, tables: dict[str, dict[str, Any]], known: dict[str, str]) -> None:
    definitions = settings.root.findall("cell_definitions/cell_definition")
    names: dict[str, Element | None] = {_slug(each.get("name", "")): each for each in definitions}
    names = names or {"default": None}
    follows = set()
    for name, element in names.items():
        phenotype, forces, substrate = read_definition(settings, element, name) if element is not None else ({}, {}, "")
        # the shares must sum to 1 to round-off
        share = 1 / len(names)
        tables[f"clone.{name}"] = {"line": "sensitive", "fraction": share}
        if phenotype:
            tables[f"clone.{name}.phenotype"] = phenotype
        if forces:
            tables[f"clone.{name}.mechanics"] = forces
        if substrate:
            follows.add(substrate)
    settings.note("cell line: PhysiCell has no circuit; every clone has that of the line sensitive")
    for substrate in sorted(follows - set(known)):
        settings.note(f"chemotaxis along {substrate}, which is not here")
    here = sorted(known[each] for each in follows & set(known))
    if here:
        tables["tumour"]["follows"] = here[0]
    for other in here[1:]:
        settings.note(f"chemotaxis along {other}: cells follow one substrate, {here[0]}")
    given = settings.number(f"user_parameters/{_DEFAULT_CELLS}") or 0
    tables["tumour"]["cells"] = int(given) * len(names) or _CELLS
    if not given:
        settings.note(f"number of cells: no {_DEFAULT_CELLS} in user_parameters; {_CELLS} are taken, in a ball")
    else:
        settings.note("places of cells: a ball; PhysiCell's are made by its code or a table")


def _uptake(settings: Settings, tables: dict[str, dict[str, Any]]) -> None:
    """Take what cells clear of oxygen, the same for all clones here."""
    rates = {}
    for definition in settings.root.iterfind("cell_definitions/cell_definition"):
        for substrate in definition.iterfind("phenotype/secretion/substrate"):
            if substrate.get("name", "").lower() in _OXYGEN:
                rates[definition.get("name", "")] = settings.number("uptake_rate", substrate, 0.0)
    if rates and "substrate.oxygen" in tables:
        first = next(iter(rates.values())) or 0.0
        tables["substrate.oxygen"]["uptake"] = f"{first!r} 1/min"
        if len(set(rates.values())) > 1:
            settings.note(f"uptake of oxygen that differs between cells: {first:g} 1/min is taken for all")


def _first(settings: Settings, paths: list[str]) -> float | None:
    for path in paths:
        if (value := settings.number(path)) is not None:
            return value
    return None


def _known(theirs: str, drugs: set[str]) -> str | None:
    plain = re.sub(r"[^a-z0-9]", "", theirs.lower())
    if plain in _OXYGEN:
        return "oxygen"
    return "il6" if plain in {"il6", "interleukin6"} else plain if plain in drugs else None


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "cell"


def _write(tables: dict[str, dict[str, Any]], path: Path, unread: tuple[str, ...]) -> str:
    lines = [f"# From {path.name} of PhysiCell. Not understood:", *(f"#   {each}" for each in unread), ""]
    for name, values in tables.items():
        lines += [f"[{name}]", *(f"{key} = {_value(value)}" for key, value in values.items()), ""]
    return "\n".join(lines)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, float):
        # what never ends in PhysiCell is long here
        return repr(value if math.isfinite(value) else 1e6)
    return str(value)
