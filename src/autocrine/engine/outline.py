"""What a network declares, without its expressions: enough to simulate with code that was compiled before."""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass

from autocrine.core import Parameters


@dataclass(frozen=True)
class Outline:
    """The names of a network, and its parameters.

    Attributes
    ----------
    name : str
        What it is called in messages.
    species, rules, observables : tuple of str
        Names in the order of the arrays.
    parameters : core.Parameters
        Constants and surroundings.
    """

    name: str
    species: tuple[str, ...]
    rules: tuple[str, ...]
    observables: tuple[str, ...]
    parameters: Parameters

    @property
    def outputs(self) -> tuple[str, ...]:
        """Rules and observables, as compiled code returns them."""
        return (*self.rules, *self.observables)

    def to_text(self) -> str:
        """Return it as JSON; numbers keep every digit."""
        rows = [astuple(parameter) for parameter in self.parameters.values()]
        return json.dumps([self.name, self.species, self.rules, self.observables, rows])

    @classmethod
    def from_text(cls, text: str) -> Outline:
        """Return what `to_text` wrote."""
        name, species, rules, observables, rows = json.loads(text)
        return cls(name, tuple(species), tuple(rules), tuple(observables), Parameters.from_rows(rows))
