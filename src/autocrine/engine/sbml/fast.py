"""Fast reactions of SBML: those that are taken to be in equilibrium at all times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sympy

from autocrine.core import errors
from autocrine.engine.delay import Delay
from autocrine.engine.event import Event
from autocrine.engine.names import symbol
from autocrine.engine.network import Network
from autocrine.engine.simulation import simulate
from autocrine.engine.species import Species

#: how much faster they are taken than they are written: what is left to equilibrium is about this share of what the
#: other reactions turn over in a unit of time, and rounding errors of 1e-16 become a share of 1e-7 of their turnover
FASTER = 1e9
#: units of time that they are given to reach equilibrium before the start
_LONG = 1e9


def settled(alone: Network, events: Sequence[Event]) -> tuple[list[Species], list[Event]]:
    """Return the species and events of a network as fast reactions leave them at the start.

    Parameters
    ----------
    alone : Network
        The network with its fast reactions only.
    events : sequence of Event
        The events of the network.

    Returns
    -------
    species : list of Species
        With other initial values: what the reactions turn over until they are in equilibrium, with the parameters of
        the file, is added as a number.
    events : list of Event
        The events; in networks that look back before the start, where the reactions had not begun, it is an event at
        time 0 that adds these numbers, and the initial values stay.

    Raises
    ------
    UnsupportedError
        If they do not come to an equilibrium.

    Notes
    -----
    The equilibrium that is reached depends on the start where a reaction runs until one of its reactants is used up,
    so the rates are followed instead of being set to zero.
    """
    names = [each.name for each in alone.species]
    try:
        found = simulate(alone, [0.0, _LONG], outputs=names, rtol=1e-10, atol=1e-13).values[0]
    except errors.SolverError as error:
        raise errors.UnsupportedError("fast reactions that come to no equilibrium", where=alone.name) from error
    touched = {name for reaction in alone.reactions for name in reaction.stoichiometry}
    shifts = {name: shift for name, shift in zip(names, (found[1] - found[0]).tolist(), strict=True) if name in touched}
    if any(rule.has(Delay) for rule in alone.rules.values()):
        settling = Event(0.0, {name: symbol(name) + shift for name, shift in shifts.items()}, name="fast reactions")
        return list(alone.species), [settling, *events]
    return [_shifted(each, shifts.get(each.name, 0.0)) for each in alone.species], list(events)


def _shifted(species: Species, shift: float) -> Species:
    return replace(species, initial=sympy.sympify(species.initial) + sympy.Float(shift)) if shift else species


def named(reactions: Sequence[str]) -> str:
    """Return what a person should know about fast reactions."""
    return (
        f"fast reactions ({', '.join(reactions)}) are in equilibrium from the start, with the parameters of the file, "
        f"and {FASTER:g} times as fast as written from then on"
    )
