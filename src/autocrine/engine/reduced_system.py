"""The equations of a steady state: slopes, their Jacobian, and conservation laws in place of as many of them."""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np

from autocrine.engine.compiled import Functions
from autocrine.engine.network import Network
from autocrine.engine.statements import leaves_of, plain_block
from autocrine.engine.translation import Translation


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
    """

    species: int
    dependent: np.ndarray
    independent: np.ndarray
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
        _systems[network] = _compiled(network)
    return _systems[network]


def follows_time(network: Network) -> bool:
    """Tell whether a rate depends on time itself."""
    equations, n = network.program.equations, len(network.species)
    return any(equations.graph.support[node] >> n & 1 for node in equations.rhs)


def _compiled(network: Network) -> ReducedSystem:
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
    dependent = np.array([species.index(name) for name in own], int)
    rows, columns = (np.array([entry[axis] for entry in program.entries], int) for axis in (0, 1))
    independent = np.setdiff1d(np.arange(len(species)), dependent)
    return ReducedSystem(len(species), dependent, independent, (rows, columns), functions)
