"""How the times at which triggers turn, and the delays after them, change with parameters and initial values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy.core.relational import Relational

from autocrine.engine.compiled import Functions
from autocrine.engine.event_table import EventTable
from autocrine.engine.graph import Graph, Node
from autocrine.engine.network import Network
from autocrine.engine.sensitivities import Sensitivities
from autocrine.engine.slopes import Slopes
from autocrine.engine.statements import leaves_of, plain_block
from autocrine.engine.translation import Translation

#: times that differ by less than this share cannot be told apart
_LAST_BITS = 1e-12
#: of the shortest time in which a species changes: how far ahead the speed of a comparison is looked at again
_AHEAD = 1e-3
#: a derivative of a turning time with a larger relative error than this is none
_LARGEST_ERROR = 0.1


@dataclass(frozen=True)
class TriggerSlopes:
    """The derivatives of turning times and delays of some events.

    Attributes
    ----------
    delays : Slopes
        Of the delays of all events.
    differences : tuple of Slopes
        Of the differences of both sides of each comparison, for each trigger.
    """

    delays: Slopes
    differences: tuple[Slopes, ...]
    _functions: Functions

    @classmethod
    def of(cls, network: Network, table: EventTable, active: tuple[int, ...]) -> TriggerSlopes:
        """Differentiate the triggers and delays of the events of a network."""
        species, constants = tuple(each.name for each in network.species), tuple(network.parameters)
        graph, written = Graph(), network.written_out()
        translation = Translation(graph, leaves_of(graph, species, constants), network.rules)
        delays = [translation.node(event.delay) for event in (*network.events, *table.given)]
        general = table.general()
        triggers = general.conditions[: len(general.numbers)]
        # with the comparisons inside of rules and of pieces, because what they choose may be what turns the trigger
        lists = [_differences(translation, each.xreplace(written)) for each in triggers]
        names = {f"trigger{number}": nodes for number, nodes in enumerate(lists)}
        blocks = {name: replace(plain_block(graph, name, nodes), name=name) for name, nodes in names.items()}
        return cls(
            Slopes(graph, delays, len(species), active),
            tuple(Slopes(graph, nodes, len(species), active) for nodes in lists),
            Functions(blocks, {name: (len(species), len(nodes)) for name, nodes in names.items()}),
        )

    def turned(
        self, trigger: int, now: Sensitivities, who: np.ndarray, widths: np.ndarray, sizes: np.ndarray
    ) -> np.ndarray:
        """Return the derivatives of the time at which a trigger has turned just now.

        Parameters
        ----------
        trigger : int
            Which one.
        now : Sensitivities
            The trajectories.
        who : ndarray of int, shape (rows,)
            Those in which it turned.
        widths : ndarray of shape (rows,)
            It turned less than this (h) before.
        sizes : ndarray of shape (rows, n)
            Errors of the states.

        Returns
        -------
        ndarray of shape (rows, d)
            NaN where there are none: where the comparison that turned only touches, or its sides jump.

        Notes
        -----
        A comparison of a and b turns where g = a - b is zero. By the implicit function theorem its time changes along
        a direction (s, q) by -(g_y s + g_p q) / (g_t + g_y f). The comparison that turned is the one that is nearest to
        zero in time. An error e of g moves the time by e / g', and g', which divides, by e g'' / g': the derivative has
        a relative error of e g'' / g'^2, which has no bound as the trigger comes to touch its threshold only.
        """
        here = now.here(who)
        speed = now.speed(**here)
        slopes = self.differences[trigger]
        along, moving, error = _apart(slopes, now.met(who, np.zeros((len(who), 1))), speed, sizes, here)
        value = self._functions.many(f"trigger{trigger}", **here)
        blur = error + np.abs(moving) * (widths + _LAST_BITS * np.abs(here["times"]))[:, None]
        ahead = _AHEAD / np.maximum((np.abs(speed) / np.maximum(np.abs(here["y"]), 1e3 * sizes)).max(axis=1), 1e-300)
        ahead = np.minimum(ahead, _AHEAD * (1.0 + np.abs(here["times"])))
        then = here | {"times": here["times"] + ahead, "y": here["y"] + ahead[:, None] * speed}
        _, later, _ = _apart(slopes, now.met(who, np.zeros((len(who), 1))), now.speed(**then), sizes, then)
        with np.errstate(all="ignore"):
            distance = np.where((np.abs(value) <= blur) & (moving != 0.0), np.abs(value / moving), np.inf)
            rows, chosen = np.arange(len(who)), distance.argmin(axis=1)
            bend = np.abs(later - moving) / ahead[:, None]
            told = np.isfinite(distance) & (error * bend < _LARGEST_ERROR * moving**2)
            found = -along[rows, chosen] / moving[rows, chosen, None]
        return np.where(told[rows, chosen, None], found, np.nan)


def _differences(translation: Translation, condition: Any) -> list[Node]:
    sides = {each.args for each in condition.atoms(Relational)}
    ordered = sorted(sides, key=str)
    return [translation.graph.subtract(translation.node(a), translation.node(b)) for a, b in ordered]


def _apart(
    slopes: Slopes, directions: np.ndarray, speed: np.ndarray, sizes: np.ndarray, here: dict[str, Any]
) -> Sequence[np.ndarray]:
    """Return derivatives along directions, in time, and the error of each term from those of the states."""
    rows, n = speed.shape
    count = directions.shape[2]
    wide = np.zeros((rows, directions.shape[1], count + 1 + n))
    wide[:, :, :count] = directions
    wide[:, :n, count] = speed
    wide[:, np.arange(n), count + 1 + np.arange(n)] = sizes
    moves = np.zeros((rows, count + 1 + n))
    moves[:, count] = 1.0
    found = slopes.along(wide, **here, time_slopes=moves)
    return found[..., :count], found[..., count], np.abs(found[..., count + 1 :]).sum(axis=-1)
