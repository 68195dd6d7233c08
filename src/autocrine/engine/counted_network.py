"""A network in molecules: what chance simulates of a network whose species have other units."""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import sympy
from numpy.typing import ArrayLike

from autocrine.core import errors
from autocrine.engine.ensemble import check_names
from autocrine.engine.event import Event
from autocrine.engine.names import symbol
from autocrine.engine.network import Network
from autocrine.engine.reaction import Reaction
from autocrine.engine.species import Species

#: units in which one is one molecule; a fold is none
_COUNTS = frozenset({"", "1", "molecule", "molecule/cell", "molecules", "molecules/cell", "cell", "cells"})
#: share by which a change may differ from a whole number of molecules, for factors that are rounded themselves
_ROUNDING = 1e-9
_HALF = sympy.Rational(1, 2)

Parts = Generator[tuple[slice, np.ndarray, dict[int, errors.SolverError]], None, None]


class CountedNetwork:
    """A network whose species are counted in molecules.

    Parameters
    ----------
    original : Network
        The network in its own units.
    molecules : mapping of str to float
        How many molecules one unit of a species is. The levels of these species are rounded to whole molecules at the
        start and after events; those of others, of which one is one molecule, must be whole.

    Attributes
    ----------
    network : Network
        The network in molecules.

    Raises
    ------
    InputError
        If a species is unknown, its number no positive one, or missing though its unit is no number; or if a reaction
        does not change molecules by whole numbers, with both names.

    Notes
    -----
    Where all species that a reaction changes have the same number m, and their changes s are whole, a turnover of the
    reaction changes s molecules at m times the rate. Otherwise the changes are s m molecules, which must be whole, at
    the rate; if the s are whole, a factor that all changes have beyond the one that the s have goes into the rate. So
    bursts stay bursts, and the mean changes as in the ODE. Rates are taken as they stand: that of two equal molecules,
    k a^2, is not made k a (a - 1).
    """

    def __init__(self, original: Network, molecules: Mapping[str, float]) -> None:
        self.original = original
        names = tuple(each.name for each in original.species)
        check_names(molecules, names, "species")
        self._named = frozenset(molecules)
        self._factors = {each.name: self._factor(each, molecules) for each in original.species}
        self._levels = {symbol(name): symbol(name) / factor for name, factor in self._factors.items() if factor != 1}
        self.network = Network(
            original.name,
            [Species(each.name, "molecule", self._counted(each.name, each.initial)) for each in original.species],
            original.parameters,
            [self._turnover(each) for each in original.reactions],
            rules={name: self._in_molecules(rule) for name, rule in original.rules.items()},
            events=[self._event(each) for each in original.events],
            observables={name: self._in_molecules(each) for name, each in original.observables.items()},
        )

    def events(self, events: Sequence[Event]) -> list[Event]:
        """Return events in molecules."""
        return [self._event(each) for each in self.original.checked_events(events)]

    def initial(self, initial: Mapping[str, ArrayLike] | None) -> dict[str, ArrayLike]:
        """Return initial values in molecules."""
        found = dict(initial or {})
        for name in self._named & found.keys():
            with contextlib.suppress(TypeError, ValueError):  # what is no number is refused where it is used
                found[name] = np.floor(np.asarray(found[name], float) * float(self._factors[name]) + 0.5)
        return found

    def shown(self, parts: Parts, names: Sequence[str]) -> Parts:
        """Yield outputs in the units of the network."""
        scale = np.array([float(self._factors.get(name, 1)) for name in names])
        with contextlib.closing(parts):
            for part, values, failures in parts:
                yield part, values / scale, failures

    def _factor(self, species: Species, molecules: Mapping[str, float]) -> sympy.Expr:
        name = species.name
        if name not in molecules:
            if species.unit not in _COUNTS:
                must = f"molecules must say how many molecules one {species.unit} of {name} is"
                raise errors.InputError(must, sorted(molecules), where=f"network {self.original.name}")
            return sympy.Integer(1)
        try:
            number = float(molecules[name])
        except (TypeError, ValueError):
            number = math.nan
        if not 0 < number < math.inf:
            raise errors.InputError(f"molecules of {name} must be a positive number", molecules[name])
        return sympy.Integer(int(number)) if number == int(number) else sympy.Float(number)

    def _in_molecules(self, expression: Any) -> Any:
        """Return an expression of levels as one of molecules."""
        return expression.xreplace(self._levels) if isinstance(expression, sympy.Basic) else expression

    def _counted(self, name: str, level: Any) -> Any:
        """Return a level as a number of molecules."""
        inside = self._in_molecules(sympy.sympify(level))
        return sympy.floor(inside * self._factors[name] + _HALF) if name in self._named else inside

    def _event(self, event: Event) -> Event:
        kept = {each.name for each in self.original.species}
        assignments = {
            name: self._counted(name, value) if name in kept else self._in_molecules(value)
            for name, value in event.assignments.items()
        }
        marks = {each: self._in_molecules(getattr(event, each)) for each in ("trigger", "delay", "priority")}
        return replace(event, assignments=assignments, **marks)

    def _turnover(self, reaction: Reaction) -> Reaction:
        """Return a reaction of whole molecules with the same mean."""
        changes = {name: self._number(reaction, name, each) for name, each in reaction.stoichiometry.items()}
        changes = {name: each for name, each in changes.items() if each != 0}
        rate = self._in_molecules(reaction.rate)
        factors = {self._factors[name] for name in changes}
        all_whole = all(each == int(each) for each in changes.values())
        if all_whole and len(factors) == 1:
            whole = {name: int(each) for name, each in changes.items()}
            return Reaction(reaction.name, whole, rate * factors.pop())
        whole = {name: self._whole(reaction, name, each) for name, each in changes.items()}
        shared = 1
        if all_whole and whole:
            shared, rest = divmod(math.gcd(*whole.values()), math.gcd(*(int(each) for each in changes.values())))
            shared = 1 if rest else shared
        return Reaction(reaction.name, {name: each // shared for name, each in whole.items()}, rate * shared)

    def _number(self, reaction: Reaction, name: str, change: Any) -> float:
        number: Any = sympy.sympify(change)
        if not number.is_number:
            must = f"the stoichiometry of {name} must be a number in a simulation by chance"
            raise errors.InputError(must, str(change), where=self._at(reaction))
        return float(number)

    def _whole(self, reaction: Reaction, name: str, change: float) -> int:
        found = change * float(self._factors[name])
        if round(found) == 0 or abs(found - round(found)) > _ROUNDING * abs(found):
            must = f"the change of {name} must be a whole number of molecules in a simulation by chance"
            raise errors.InputError(
                must, float(f"{found:.6g}"), where=self._at(reaction), hint="another number in molecules="
            )
        return round(found)

    def _at(self, reaction: Reaction) -> str:
        return f"network {self.original.name}, reaction {reaction.name!r}"


def counted_network(network: Network, molecules: Mapping[str, float], chance: str | None) -> CountedNetwork:
    """Return a network in molecules, for a simulation by chance; the same one for the same numbers.

    Raises
    ------
    InputError
        If nothing goes by chance, or as `CountedNetwork`.
    """
    if chance is None:
        raise errors.InputError("molecules must be given together with chance", chance, hint="chance='direct'")
    if not isinstance(molecules, Mapping):
        raise errors.InputError("molecules must be numbers by species", molecules, hint="molecules={'x': 2e4}")
    return _known(network, tuple(sorted(molecules.items())))


@functools.lru_cache(maxsize=16)
def _known(network: Network, molecules: tuple[tuple[str, float], ...]) -> CountedNetwork:
    return CountedNetwork(network, dict(molecules))
