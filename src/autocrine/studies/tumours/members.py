"""The tumours of one design: one for each combination of what it varies."""

from __future__ import annotations

import copy
import difflib
import itertools
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from autocrine.core import Document, errors
from autocrine.tissue import TumourDesign

#: designs that come with Autocrine
SHIPPED = ("producers", "disc", "spheroid")
_MOST_MEMBERS = 200


@dataclass(frozen=True)
class Member:
    """One tumour of a study: its label, what was varied in it, and its design."""

    label: str
    varied: dict[str, Any]
    design: TumourDesign


def load_document(source: str | Path) -> Document:
    """Read a design by the name of one that comes with Autocrine, or by its path."""
    if str(source) in SHIPPED:
        name = f"tumour_{source}.toml"
        text = (files("autocrine.studies") / "designs" / name).read_text(encoding="utf-8")
        return Document.parse(text, name)
    if not Path(source).exists() and not Path(source).suffix:
        near = difflib.get_close_matches(str(source), SHIPPED, 1, 0.5)
        raise errors.InputError(
            f"a design must be a TOML file or one of {', '.join(SHIPPED)}", str(source), hint=", ".join(near)
        )
    return Document.load(Path(source))


def members_of(document: Document, *, quick: bool) -> list[Member]:
    """Return all tumours of a design.

    Parameters
    ----------
    document : Document
        The table ``vary`` names keys such as ``"producers.fraction"`` and lists values; ``quick`` names keys and the
        value, or the list of what is varied, that a quick run has.
    quick : bool
        Whether the run is quick.

    Raises
    ------
    InputError
        If a value is not listed, or there are too many tumours.
    """
    smaller = dict(document.table("quick").values) if quick else {}
    varied = {key: document.table("vary").get(key, list) for key in document.table("vary").values}
    fixed = {key: value for key, value in smaller.items() if key not in varied}
    varied |= {key: value for key, value in smaller.items() if key in varied}
    combined = [dict(zip(varied, each, strict=True)) for each in itertools.product(*varied.values())]
    if len(combined) > _MOST_MEMBERS:
        raise errors.InputError(
            f"a study must have at most {_MOST_MEMBERS} tumours", len(combined), where=document.where("vary")
        )
    # where all or no cells are producers there is nothing to arrange
    kept = [each for each in combined if not _is_copy(each, varied)]
    found = []
    for each in kept:
        values = copy.deepcopy(document.values)
        for key, value in {**fixed, **each}.items():
            _put(values, key, value, document)
        changed = Document(values, document.text, document.name)
        found.append(Member(_label(each), each, TumourDesign.from_document(changed)))
    return found


def _is_copy(each: dict[str, Any], varied: dict[str, list[Any]]) -> bool:
    arrangements = varied.get("producers.arrangement", [])
    alike = each.get("producers.fraction") in {0, 1}
    return alike and bool(arrangements) and each["producers.arrangement"] != arrangements[0]


def _put(values: dict[str, Any], key: str, value: Any, document: Document) -> None:
    *path, last = key.split(".")
    for part in path:
        values = values.setdefault(part, {})
        if not isinstance(values, dict):
            raise errors.InputError("what is varied must be a key of a table", key, where=document.where("vary"))
    values[last] = value


def _label(each: dict[str, Any]) -> str:
    words = []
    for key, value in each.items():
        name = key.rsplit(".", 1)[-1]
        if key == "treatment.without":
            words.append(("no " + " and ".join(value)) if value else "all given")
        elif key == "producers.fraction":
            words.append(f"{100 * value:g} % producers")
        elif isinstance(value, str) and key.startswith("substrate."):
            words.append(f"{value} {key.split('.')[1]}")
        elif isinstance(value, str):
            words.append(value)
        else:
            words.append(f"{name} {value}")
    return ", ".join(words) or "tumour"
