"""A cell definition of PhysiCell as a clone: volume, cycle, death, forces, motion."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from autocrine.tissue.physicell.settings import Settings

_PER_HOUR = 60.0
#: PhysiCell's name of a number in the table of volumes, ours, and its factor
_VOLUME = (
    ("total", "volume", 1.0),
    ("nuclear", "nuclear_volume", 1.0),
    ("fluid_fraction", "fluid_fraction", 1.0),
    ("fluid_change_rate", "fluid_rate", _PER_HOUR),
    ("nuclear_biomass_change_rate", "nuclear_rate", _PER_HOUR),
    ("cytoplasmic_biomass_change_rate", "cytoplasmic_rate", _PER_HOUR),
)
_APOPTOSIS = (
    ("unlysed_fluid_change_rate", "apoptosis_fluid_rate", _PER_HOUR),
    ("nuclear_biomass_change_rate", "apoptosis_nuclear_rate", _PER_HOUR),
    ("cytoplasmic_biomass_change_rate", "apoptosis_cytoplasmic_rate", _PER_HOUR),
)
_NECROSIS = (
    ("unlysed_fluid_change_rate", "swelling_fluid_rate", _PER_HOUR),
    ("lysed_fluid_change_rate", "lysed_fluid_rate", _PER_HOUR),
    ("nuclear_biomass_change_rate", "necrosis_nuclear_rate", _PER_HOUR),
    ("cytoplasmic_biomass_change_rate", "necrosis_cytoplasmic_rate", _PER_HOUR),
    ("relative_rupture_volume", "rupture_ratio", 1.0),
)
#: PhysiCell's cycle models of which S, G2 and M can be told: the phases after which a cell is in S, and in G2 or M
_CYCLES = {"2": ((1,), (2,)), "6": ((1,), (2, 3))}


def read_definition(settings: Settings, element: Element, name: str) -> tuple[dict[str, float], dict[str, Any], str]:
    """Return the phenotype and the forces of a clone, and the substrate that its cells follow (empty for none)."""
    phenotype: dict[str, float] = {}
    settings.find("phenotype", element)
    _numbers(settings, element.find("phenotype/volume"), _VOLUME, phenotype)
    # PhysiCell has one of its own for the volume, which its necrosis model overrides
    settings.find("phenotype/volume/relative_rupture_volume", element)
    _cycle(settings, element.find("phenotype/cycle"), phenotype, name)
    for model in element.iterfind("phenotype/death/model"):
        _death(settings, model, phenotype, name)
    follows = _motion(settings, element.find("phenotype/motility"), phenotype)
    return phenotype, _forces(settings, element.find("phenotype/mechanics"), name), follows


def _plain(value: float) -> float:
    """Return a number without the digits that a change of unit adds."""
    return float(f"{value:.6g}")


def _numbers(
    settings: Settings, table: Element | None, names: tuple[tuple[str, str, float], ...], into: dict[str, float]
) -> None:
    for theirs, ours, factor in names:
        value = settings.number(theirs, table) if table is not None else None
        if value is not None:
            into[ours] = _plain(value * factor)


def _durations(settings: Settings, table: Element) -> dict[int, float]:
    """Return the mean time in each phase (h), from durations or from rates."""
    found = {}
    for each in table.iterfind("phase_durations/duration"):
        found[int(each.get("index", "0"))] = float(each.text or "0") / _PER_HOUR
    for each in table.iterfind("phase_transition_rates/rate"):
        rate = float(each.text or "0") * _PER_HOUR
        found[int(each.get("start_index", "0"))] = 1 / rate if rate > 0 else float("inf")
    for group in ("phase_durations", "phase_transition_rates"):
        if (whole := table.find(group)) is not None:
            settings.take(whole)
    return found


def _cycle(settings: Settings, cycle: Element | None, into: dict[str, float], name: str) -> None:
    if cycle is None:
        return
    code, durations = cycle.get("code", ""), _durations(settings, cycle)
    if code not in _CYCLES:
        settings.note(
            f"{name}: cycle {cycle.get('name', code)}: the circuit gives the rate of division, and S, G2 and M take "
            "the times of phenotype.toml"
        )
        return
    for key, phases in zip(("s_duration", "g2m_duration"), _CYCLES[code], strict=True):
        if all(phase in durations for phase in phases):
            into[key] = _plain(sum(durations[phase] for phase in phases))
    if 0 in durations:
        settings.note(f"{name}: cycle, G0/G1 of {durations[0]:g} h: the circuit gives the rate of division")


def _death(settings: Settings, model: Element, into: dict[str, float], name: str) -> None:
    durations = _durations(settings, model)
    rate = settings.number("death_rate", model, 0.0) or 0.0
    parameters = model.find("parameters")
    if model.get("code") == "100":
        into["apoptosis_rate"] = _plain(rate * _PER_HOUR)
        if durations.get(0):
            into["apoptosis_duration"] = durations[0]
        _numbers(settings, parameters, _APOPTOSIS, into)
        # what bursts is necrotic; apoptotic cells have these numbers and no use for them
        for unused in ("lysed_fluid_change_rate", "relative_rupture_volume"):
            settings.find(unused, parameters) if parameters is not None else None
    elif model.get("code") == "101":
        if rate:
            settings.note(f"{name}: necrosis at {rate * _PER_HOUR:g} 1/h: here it follows from oxygen")
        if durations.get(1):
            into["lysed_duration"] = durations[1]
        _numbers(settings, parameters, _NECROSIS, into)
    elif rate:
        settings.note(f"{name}: death model {model.get('name', '')} at {rate * _PER_HOUR:g} 1/h")


def _forces(settings: Settings, table: Element | None, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if table is None:
        return found
    for theirs, ours in (("cell_cell_adhesion_strength", "adhesion"), ("cell_cell_repulsion_strength", "repulsion")):
        value = settings.number(theirs, table)
        if value is not None:
            found[ours] = f"{value!r} um/min"
    reach = settings.number("relative_maximum_adhesion_distance", table)
    if reach is not None:
        found["reach"] = reach
    if (settings.number("attachment_rate", table, 0.0) or 0.0) > 0:
        settings.note(f"{name}: mechanics, springs between attached cells")
    return found


def _motion(settings: Settings, table: Element | None, into: dict[str, float]) -> str:
    if table is None or not settings.enabled("options/enabled", table):
        return ""
    into["speed"] = _plain((settings.number("speed", table, 0.0) or 0.0) * _PER_HOUR)
    persistence = settings.number("persistence_time", table, 0.0) or 0.0
    if persistence > 0:
        into["persistence"] = _plain(persistence / _PER_HOUR)
    bias = settings.number("migration_bias", table, 0.0) or 0.0
    if not settings.enabled("options/chemotaxis/enabled", table):
        return ""
    into["chemotaxis"] = bias * (settings.number("options/chemotaxis/direction", table, 1.0) or 1.0)
    return settings.text("options/chemotaxis/substrate", table)
