"""What a network shows in a notebook: its species and reactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autocrine.core import notebook

if TYPE_CHECKING:
    from collections.abc import Mapping


class NetworkView:
    """A network as a notebook shows it."""

    name: str
    species: Any
    reactions: Any
    parameters: Any

    def _repr_html_(self) -> str:
        title = (
            f"network {self.name}: {len(self.species)} species, {len(self.reactions)} reactions, "
            f"{len(self.parameters)} parameters"
        )
        species = notebook.table(
            ["species", "unit", "starts at"], [(each.name, each.unit, str(each.initial)[:60]) for each in self.species]
        )
        reactions = notebook.table(
            ["reaction", "changes", "rate"],
            [(each.name, _changes(each.stoichiometry), str(each.rate)[:80]) for each in self.reactions],
        )
        return notebook.page(title, species, reactions)


def _changes(stoichiometry: Mapping[str, Any]) -> str:
    """Return ``A, 2 B → C``."""
    before = [_times(-n, name) for name, n in stoichiometry.items() if _negative(n)]
    after = [_times(n, name) for name, n in stoichiometry.items() if not _negative(n)]
    return f"{', '.join(before) or '∅'} → {', '.join(after) or '∅'}"


def _negative(number: Any) -> bool:
    return bool(number.could_extract_minus_sign()) if hasattr(number, "could_extract_minus_sign") else number < 0


def _times(number: Any, name: str) -> str:
    return name if number == 1 else f"{number} {name}"
