"""The equations of a steady state: slopes, their Jacobian, and conservation laws in place of as many of them."""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np

from autocrine.engine.compiled import Functions, recalled
from autocrine.engine.network import Network


@dataclass(frozen=True)
class ReducedSystem:
    """What a steady state of a network solves, for many trajectories at once.

    Attributes
    ----------
    species : int
        Number of species n.
    dependent : ndarray of int, shape (L,)
        For each conservation law a species that no other law has; its level follows from the others.
    independent : ndarray of int, shape (n - L,)
        The other species.
    follows_time : bool
        Whether a rate depends on time itself: then there is no steady state.
    """

    species: int
    dependent: np.ndarray
    independent: np.ndarray
    follows_time: bool
    _entries: tuple[np.ndarray, np.ndarray]
    _functions: Functions

    def slopes(self, states: np.ndarray, parameters: np.ndarray, times: np.ndarray | None = None) -> np.ndarray:
        """Return the rates of change, shape (N, n), at times of shape (N,) where they follow time."""
        return self._functions.many("net", parameters, times=times, y=states)

    def turnovers(self, states: np.ndarray, parameters: np.ndarray, times: np.ndarray | None = None) -> np.ndarray:
        """Return what all reactions together bring and take of each species, shape (N, n)."""
        return self._functions.many("gross", parameters, times=times, y=states)

    def jacobians(self, states: np.ndarray, parameters: np.ndarray) -> np.ndarray:
        """Return the derivatives of the slopes, shape (N, n, n), rows by equation."""
        matrices = np.zeros((len(states), self.species, self.species))
        matrices[:, self._entries[0], self._entries[1]] = self._functions.many("entries", parameters, y=states)
        return matrices

    def laws(self, parameters: np.ndarray) -> np.ndarray:
        """Return the coefficients of the conservation laws, shape (N, L, n)."""
        found = self._functions.many("laws", parameters, y=np.zeros((len(parameters), self.species)))
        return found.reshape(len(parameters), len(self.dependent), self.species)

    def within_laws(self, matrices: np.ndarray, laws: np.ndarray) -> np.ndarray:
        """Return Jacobians of the independent species alone, shape (N, n - L, n - L)."""
        i, d = self.independent, self.dependent
        inner = matrices[:, i[:, None], i]
        if not len(d):
            return inner
        own = laws[:, np.arange(len(d)), d]
        return inner - matrices[:, i[:, None], d] @ (laws[:, :, i] / own[:, :, None])


_systems: weakref.WeakKeyDictionary[Network, ReducedSystem] = weakref.WeakKeyDictionary()


def reduced_system(network: Network) -> ReducedSystem:
    """Return the equations of the steady states of a network, compiled when they are first asked for."""
    if network not in _systems:
        functions, facts = recalled(network.identity, "steady states", lambda: _compiled(network))
        species = len(network.outline.species)
        dependent, rows, columns = (np.array(each, int) for each in facts[:3])
        independent = np.array([place for place in range(species) if place not in facts[0]], int)
        sizes = (species, dependent, independent, facts[3], (rows, columns))
        _systems[network] = ReducedSystem(*sizes, functions)
    return _systems[network]


def _compiled(network: Network) -> tuple[Functions, list]:
    """Return the functions; dependent species, rows and columns of the Jacobian, and whether rates follow time."""
    from autocrine.engine.statements import leaves_of, plain_block
    from autocrine.engine.translation import Translation

    program, laws = network.program, network.conservation_laws()
    graph, species = program.equations.graph, program.species
    translation = Translation(graph, leaves_of(graph, species, program.parameters), network.rules)
    gross = dict.fromkeys(species, graph.zero)
    for reaction in network.reactions:
        flux = translation.node(reaction.rate)
        for name, change in reaction.stoichiometry.items():
            moved = graph.call("abs", graph.multiply(translation.node(change), flux))
            gross[name] = graph.add(gross[name], moved)
    coefficients = [translation.node(law[name]) if name in law else graph.zero for law in laws for name in species]
    nodes = {
        "net": program.equations.rhs,
        "gross": list(gross.values()),
        "entries": program.equations.slopes,
        "laws": coefficients,
    }
    blocks = {name: plain_block(graph, name, each) for name, each in nodes.items()}
    functions = Functions(blocks, {name: (len(species), len(each)) for name, each in nodes.items()})
    own = [next(n for n in law if sum(n in other for other in laws) == 1) for law in laws]
    dependent = [species.index(name) for name in own]
    rows, columns = ([entry[axis] for entry in program.entries] for axis in (0, 1))
    follows_time = any(graph.support[node] >> len(species) & 1 for node in program.equations.rhs)
    return functions, [dependent, rows, columns, follows_time]
