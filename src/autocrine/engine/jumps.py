"""A network as jumps of whole numbers of molecules: changes, propensities, and which propensities a jump changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy

from autocrine.core import errors
from autocrine.engine.graph import Graph, Node
from autocrine.engine.names import TIME
from autocrine.engine.network import Network
from autocrine.engine.reaction import Reaction
from autocrine.engine.statements import Block, leaves_of, plain_block
from autocrine.engine.step_statements import block_of, hoisted_terms
from autocrine.engine.translation import Translation
from autocrine.engine.trigger_table import truth_nodes, unsolved_in_time

#: order that a rate counts with in the choice of a leap if it is no polynomial of the species
_ORDER_OF_OTHERS = 3


@dataclass(frozen=True)
class Jumps:
    """What happens to whole numbers.

    Attributes
    ----------
    reactions : tuple of str
        Their names.
    species : tuple of str
        Their names.
    changes : tuple of tuple of (int, int)
        Of each reaction: places of species, and by how many molecules they change.
    affected : tuple of tuple of int
        Of each reaction: the reactions whose propensity changes when it happens, itself first.
    hoisted : int
        Number of terms of parameters only.
    hoist : Block
        p to c.
    propensities : Block
        y, c to the propensity (1/h) of each reaction.
    updates : tuple of Block
        Of each reaction: y, c to the propensities of those affected.
    orders : mapping of int to (int, int)
        Of each species on which rates depend: the highest order of such a reaction, and how many molecules of the
        species take part in it.
    parameters : int
        Number of parameters.
    watch : Block
        y, p, t to 1 for each trigger that is true, and 0 for the others.
    """

    reactions: tuple[str, ...]
    species: tuple[str, ...]
    changes: tuple[tuple[tuple[int, int], ...], ...]
    affected: tuple[tuple[int, ...], ...]
    hoisted: int
    hoist: Block
    propensities: Block
    updates: tuple[Block, ...]
    orders: Mapping[int, tuple[int, int]]
    parameters: int
    watch: Block


def jumps_of(network: Network, triggers: tuple[Any, ...] = ()) -> Jumps:
    """Read a network as jumps, with some triggers to watch.

    Raises
    ------
    InputError
        If a stoichiometry is no whole number, or a rate follows time, with the name of the reaction; or if a comparison
        in a trigger follows time and cannot be solved beforehand.
    """
    species = tuple(each.name for each in network.species)
    graph = Graph()
    translation = Translation(graph, leaves_of(graph, species, network.parameters), network.rules)
    rates = [translation.node(each.rate) for each in network.reactions]
    changes = tuple(_changes(network, each, species) for each in network.reactions)
    for reaction, rate in zip(network.reactions, rates, strict=True):
        if graph.support[rate] >> len(species) & 1:
            raise errors.InputError(
                f"rates must not follow time {TIME} in a simulation by chance", **_at(network, reaction)
            )
    affected = tuple(_affected(graph, rates, changes, number) for number in range(len(rates)))
    lists = [list(enumerate(rates)), *([(k, rates[k]) for k in each] for each in affected)]
    hoisted = hoisted_terms(graph, lists)
    constants = {node: graph.load("c", place, 1) for node, place in hoisted.items()}
    blocks = [block_of(graph, "propensities", stores, constants) for stores in lists]
    hoist = block_of(graph, "hoist", [(place, node) for node, place in hoisted.items()], {})
    names = tuple(each.name for each in network.reactions)
    orders = _orders(network, species)
    _check_times(network, triggers)
    watch = plain_block(graph, "watch", truth_nodes(translation, triggers))
    parts = hoist, blocks[0], tuple(blocks[1:]), orders, len(network.parameters), watch
    return Jumps(names, species, changes, affected, len(hoisted), *parts)


def _check_times(network: Network, triggers: tuple[Any, ...]) -> None:
    """Refuse comparisons whose turns lie between jumps at times that are not known beforehand."""
    for trigger in triggers:
        for comparison in unsolved_in_time(network, trigger):
            must = "in a simulation by chance a comparison that follows time must be linear in it, without species,"
            raise errors.InputError(must, str(comparison), where=f"network {network.name}, trigger {trigger}")


def _at(network: Network, reaction: Reaction) -> dict[str, str]:
    return {"where": f"network {network.name}, reaction {reaction.name!r}"}


def _changes(network: Network, reaction: Reaction, species: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    found = []
    for name, change in reaction.stoichiometry.items():
        number: Any = sympy.sympify(change)
        if not number.is_number or number != int(number):
            must = f"the stoichiometry of {name} must be a whole number in a simulation by chance"
            raise errors.InputError(must, str(change), **_at(network, reaction))
        if number != 0:
            found.append((species.index(name), int(number)))
    return tuple(found)


def _affected(graph: Graph, rates: list[Node], changes: tuple, number: int) -> tuple[int, ...]:
    changed = sum(1 << place for place, _ in changes[number])
    return (number, *(k for k, rate in enumerate(rates) if k != number and graph.support[rate] & changed))


def _orders(network: Network, species: tuple[str, ...]) -> dict[int, tuple[int, int]]:
    """Return the highest order of the reactions that depend on each species, and the power of the species in it."""
    found: dict[int, tuple[int, int]] = {}
    written = network.written_out()
    for reaction in network.reactions:
        rate: Any = reaction.rate.xreplace(written)
        symbols = [each for each in rate.free_symbols if each.name in species]
        if not symbols:
            continue
        whole = rate.is_polynomial(*symbols)
        polynomial = sympy.Poly(rate, *symbols) if whole else None
        for place, each in enumerate(symbols):
            order = (_ORDER_OF_OTHERS, 1)
            if polynomial is not None:
                order = polynomial.total_degree(), max(powers[place] for powers in polynomial.monoms())
            index = species.index(each.name)
            found[index] = max(found.get(index, (1, 1)), order)
    return found
