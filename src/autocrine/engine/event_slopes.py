"""How events change derivatives: what they set, and when they happen, may depend on state and parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autocrine.engine.event_table import EventTable
from autocrine.engine.graph import Graph
from autocrine.engine.network import Network
from autocrine.engine.slopes import Slopes
from autocrine.engine.statements import leaves_of
from autocrine.engine.translation import Translation


@dataclass(frozen=True)
class EventSlopes:
    """The derivatives of the times, assignments and scales of some events.

    Attributes
    ----------
    times : Slopes
        Of the times of all events.
    assigned : tuple of Slopes
        Of what each event sets.
    scales : tuple of Slopes or None
        Of what multiplies the values that each event sets; of those that scale nothing None.
    targets : tuple of list of (int, int)
        For each event the places of what it sets among its assignments, and among species and active parameters;
        a parameter that is set to a number, and that no derivative is asked by, has none.
    """

    times: Slopes
    assigned: tuple[Slopes, ...]
    scales: tuple[Slopes | None, ...]
    targets: tuple[list[tuple[int, int]], ...]

    @classmethod
    def of(cls, network: Network, table: EventTable, active: tuple[int, ...]) -> EventSlopes:
        """Differentiate events."""
        species, constants = tuple(each.name for each in network.species), tuple(network.parameters)
        graph, events = Graph(), (*network.events, *table.given)
        translation = Translation(graph, leaves_of(graph, species, constants), network.rules)
        times = [translation.node(event.time) for event in events]
        values = [[translation.node(each) for each in event.assignments.values()] for event in events]
        factors = [[translation.node(event.scales.get(to, 1.0)) for to in event.assignments] for event in events]
        places = {("y", place): place for place in range(len(species))}
        places |= {("p", place): len(species) + k for k, place in enumerate(active)}
        return cls(
            Slopes(graph, times, len(species), active),
            tuple(Slopes(graph, each, len(species), active) for each in values),
            tuple(
                Slopes(graph, each, len(species), active) if event.scales else None
                for event, each in zip(events, factors, strict=True)
            ),
            tuple([(i, places[to]) for i, to in enumerate(each) if to in places] for each in table.targets),
        )

    def put(self, number: int, directions: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Return the derivatives after an event from those up to it.

        Parameters
        ----------
        number : int
            Which event.
        directions : ndarray of shape (rows, n + m, d)
            Derivatives of the state where the event finds it, wherever that is, and of the active parameters.
        values : ndarray of shape (rows, targets, d)
            Derivatives of what it sets.
        """
        after = directions.copy()
        for assignment, place in self.targets[number]:
            after[:, place] = values[:, assignment]
        return after
