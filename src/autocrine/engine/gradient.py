"""By what the derivatives of a simulation are taken, and where they go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autocrine.core import errors
from autocrine.engine.ensemble import check_names
from autocrine.engine.event import Event
from autocrine.engine.gradient_kernel import aligned
from autocrine.engine.network import Network

#: what an initial value is called among parameters: ``initial:il6``
INITIAL = "initial:"


@dataclass(frozen=True)
class Gradient:
    """By what derivatives are taken.

    Attributes
    ----------
    names : tuple of str
        Parameters, and species behind ``initial:``.
    parameters, initial : dict of int to int
        Places of those parameters, and of those species, by place among the names.
    active : tuple of int
        Places of all parameters that may depend on them: themselves, and what events set.
    """

    names: tuple[str, ...]
    parameters: dict[int, int]
    initial: dict[int, int]
    active: tuple[int, ...]

    @classmethod
    def of(cls, network: Network, names: Sequence[str], events: Sequence[Event]) -> Gradient:
        """Check the names.

        Raises
        ------
        InputError
            If one is unknown or stands twice, or there is none.
        """
        given = (names,) if isinstance(names, str) else tuple(names)
        if not given:
            raise errors.InputError("a gradient must be by one parameter or initial value at least", given)
        twice = [name for name in given if given.count(name) > 1]
        if twice:
            raise errors.InputError("a gradient must name a parameter once", twice[0])
        constants, levels = tuple(network.parameters), tuple(each.name for each in network.species)
        by_initial = {place: name.removeprefix(INITIAL) for place, name in enumerate(given) if name.startswith(INITIAL)}
        by_parameter = {place: name for place, name in enumerate(given) if place not in by_initial}
        check_names(by_initial.values(), levels, "species behind 'initial:'")
        check_names(by_parameter.values(), constants, "parameter of the gradient")
        assigned = [
            name
            for event in events
            for given_values in (event.assignments, event.scales)
            for name, value in given_values.items()
            if getattr(value, "free_symbols", ())
        ]
        places = {constants.index(name) for name in (*by_parameter.values(), *assigned) if name in constants}
        return cls(
            given,
            {place: constants.index(name) for place, name in by_parameter.items()},
            {place: levels.index(name) for place, name in by_initial.items()},
            tuple(sorted(places)),
        )

    def __len__(self) -> int:
        return len(self.names)

    def directions(self, count: int, species: int, width: int) -> np.ndarray:
        """Return how species (not at all, but for initial values) and active parameters change at the start.

        Returns
        -------
        ndarray of shape (count, groups, species + active, width)
            The last directions of the last group may be empty.
        """
        rows = aligned((count, -(-len(self) // width), species + len(self.active), width))
        for place, species_place in self.initial.items():
            rows[:, place // width, species_place, place % width] = 1.0
        for place, parameter in self.parameters.items():
            rows[:, place // width, species + self.active.index(parameter), place % width] = 1.0
        return rows

    def scale(self, parameters: np.ndarray, initial: np.ndarray) -> np.ndarray:
        """Return the sizes of the parameters and initial values, shape (N, p), 1 where they are zero."""
        sizes = np.empty((len(initial), len(self)))
        for place, parameter in self.parameters.items():
            sizes[:, place] = np.abs(parameters[:, parameter])
        for place, species in self.initial.items():
            sizes[:, place] = np.abs(initial[:, species])
        return np.where(sizes > 0, sizes, 1.0)
