"""A file of PhysiCell's settings that remembers what was read of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml import ElementTree as DefusedTree

from autocrine.core import errors

#: what concerns PhysiCell's own output and machine, or describes the file
_WITHOUT_EFFECT = {
    "save", "parallel", "time_units", "space_units", "user_details", "dt_diffusion", "random_seed",
    "legacy_random_points_on_sphere_in_divide", "virtual_wall_at_domain_edge", "disable_automated_spring_adhesions",
    "calculate_gradients", "track_internalized_substrates_in_each_agent", "legacy_cell_defaults_copy", "molecular",
    "use_2D",
}  # fmt: skip
#: what has an effect only where something else, which is listed, is there
_SECONDARY = {
    "secretion_target", "cell_BM_adhesion_strength", "cell_BM_repulsion_strength", "attachment_elastic_constant",
    "maximum_number_of_attachments", "detachment_rate", "attack_damage_rate", "attack_duration", "damage_repair_rate",
    "damage_rate", "asymmetric_division_probability", "calcified_fraction", "calcification_rate",
    "normalize_each_gradient", "filename", "folder", "substrate", "direction",
}  # fmt: skip
_NOTHING = {"", "0", "false", "none", "."}


class Settings:
    """The tree of a settings file.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    InputError
        If it cannot be read, is no XML, or is not of PhysiCell.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            root = DefusedTree.fromstring(path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            raise errors.InputError(f"settings must be readable ({error})", str(path)) from error
        except (ParseError, DefusedXmlException, ValueError) as error:
            raise errors.InputError(
                f"settings must be XML without entities of their own ({error})", str(path)
            ) from error
        if root.tag != "PhysiCell_settings":
            raise errors.InputError(
                "settings of PhysiCell must begin with PhysiCell_settings", f"<{root.tag}>", where=str(path)
            )
        self.root: Element = root
        self._read: set[int] = set()
        self._notes: list[str] = []

    def note(self, text: str) -> None:
        """Add a line to the list of what was not understood."""
        self._notes.append(text)

    def find(self, path: str, within: Element | None = None) -> Element | None:
        """Return the first element at a path, which counts as read."""
        found = (self.root if within is None else within).find(path)
        if found is not None:
            self._read.add(id(found))
        return found

    def text(self, path: str, within: Element | None = None) -> str:
        """Return the text at a path; empty where there is none."""
        found = self.find(path, within)
        return "" if found is None else (found.text or "").strip()

    def number(self, path: str, within: Element | None = None, default: float | None = None) -> float | None:
        """Return a number at a path.

        Raises
        ------
        InputError
            If what stands there is no finite number.
        """
        text = self.text(path, within)
        if not text:
            return default
        try:
            value = float(text)
        except ValueError as error:
            raise errors.InputError(f"{path} must be a number", text, where=str(self.path)) from error
        if not math.isfinite(value):
            raise errors.InputError(f"{path} must be a finite number", text, where=str(self.path))
        return value

    def enabled(self, path: str, within: Element | None = None) -> bool:
        """Return whether an element at a path says true, by its text or by its attribute ``enabled``."""
        found = self.find(path, within)
        said = "" if found is None else found.get("enabled", found.text or "")
        return said.strip().lower() == "true"

    def take(self, element: Element) -> None:
        """Count an element and all below it as read."""
        self._read.update(map(id, element.iter()))

    def unread(self) -> list[str]:
        """Return what was not understood: notes, and each element with an effect that nobody read."""
        found = self._notes + list(self._walk(self.root, "", ""))
        return list(dict.fromkeys(found))

    def _walk(self, element: Element, above: str, owner: str) -> Iterator[str]:
        for child in element:
            if not isinstance(child.tag, str) or child.tag in _WITHOUT_EFFECT:
                continue
            if child.tag in _SECONDARY and not len(child):
                continue
            if child.get("enabled", "").lower() == "false" or _switched_off(child):
                continue
            name = child.get("name") or child.get("substrate") or ""
            label = f"{child.tag} {name}".strip()
            whole = child.tag in {"cell_definition", "variable"}
            own = f"{name}: " if whole else owner
            text = (child.text or "").strip()
            if not len(child) and id(child) not in self._read and _has_effect(child, text):
                yield f"{own}{above}{label}{f' = {text}' if text else ''}"
            if len(child) and child.get("enabled", "").lower() == "true" and id(child) not in self._read:
                yield f"{own}{above}{label}"
            yield from self._walk(child, "" if whole or child.tag == "phenotype" else f"{label}/", own)


def _switched_off(element: Element) -> bool:
    """Return whether an element has a child that says that it is not enabled."""
    said = element.find("enabled")
    said = said if said is not None else element.find("options/enabled")
    return said is not None and (said.text or "").strip().lower() == "false"


def _has_effect(element: Element, text: str) -> bool:
    if element.tag == "cell_adhesion_affinity" and text in {"1", "1.0"}:
        return False
    if element.tag == "enabled" or element.get("type") == "divider":
        return False
    try:
        return float(text) != 0
    except ValueError:
        return text.lower() not in _NOTHING
