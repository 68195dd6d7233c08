"""Names of a network as identifiers of SBML: letters, digits and underscores of ASCII."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autocrine.engine.network import Network


class Identifiers(dict[str, str]):
    """The identifier of each name of a network; names that are identifiers of SBML stay as they are.

    Parameters
    ----------
    names : iterable of str
        Names of species, parameters, rules and observables.
    """

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__()
        names = list(names)
        plain = {name: name for name in names if name.isascii()}
        self._taken = set(plain)
        for name in names:
            self[name] = plain.get(name) or self.free(name)

    @classmethod
    def of(cls, network: Network) -> Identifiers:
        """Return the identifiers of all names of a network."""
        species = [each.name for each in network.species]
        return cls([*species, *network.parameters, *network.rules, *network.observables])

    def free(self, text: str) -> str:
        """Take an identifier that nothing has yet, spelled like a text."""
        spelled = re.sub(r"[^A-Za-z0-9_]+", lambda found: _spelled(found[0]), text).strip("_") or "unnamed"
        if not spelled[0].isalpha():
            spelled = f"_{spelled}"
        name, number = spelled, 1
        while name in self._taken:
            number += 1
            name = f"{spelled}_{number}"
        self._taken.add(name)
        return name


def _spelled(text: str) -> str:
    """Return letters outside of ASCII as their number, everything else as an underscore."""
    return "_".join(f"u{ord(letter):x}" if letter.isalpha() else "" for letter in text) or "_"
