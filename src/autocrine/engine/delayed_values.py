"""Delayed values of one trajectory: expressions at the times that their lags lead to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from autocrine.core import errors
from autocrine.engine.compiled import Functions
from autocrine.engine.delayed_network import DelayedNetwork
from autocrine.engine.history import History
from autocrine.engine.statements import compile_expressions


class DelayedTable:
    """The delayed values of a network, compiled.

    Parameters
    ----------
    delayed : DelayedNetwork
        The network.

    Attributes
    ----------
    needs : tuple of tuple of int
        The terms that the expression of each term needs.
    constant : tuple of int
        Terms whose lag depends on parameters alone.
    """

    def __init__(self, delayed: DelayedNetwork) -> None:
        network, terms = delayed.network, delayed.terms
        species, parameters = tuple(each.name for each in network.species), tuple(network.parameters)
        blocks = {}
        for place, term in enumerate(terms):
            for what, expression in (("value", term.expression), ("lag", term.lag)):
                block = compile_expressions([expression], species, parameters, network.rules)
                blocks[f"{what}{place}"] = replace(block, name=f"{what}{place}")
        self._functions = Functions(blocks, {})
        self.names = tuple(f"Delay({term.expression}, {term.lag})" for term in terms)
        self.count, self.first = len(terms), len(parameters) - len(terms)
        self.needs = tuple(delayed.needed(term.expression) for term in terms)
        self.constant = tuple(place for place in range(len(terms)) if delayed.is_constant(place))
        self.follows_state = frozenset(place for place in range(len(terms)) if delayed.follows_state(place))

    def evaluate(self, what: str, place: int, time: float, state: np.ndarray, parameters: np.ndarray) -> float:
        """Return the ``value`` or the ``lag`` of a term."""
        out = np.empty(1)
        addresses = (each.ctypes.data for each in (state, parameters, out, out))
        self._functions.block[f"{what}{place}"](time, *addresses)
        return float(out[0])


class DelayedValues:
    """What the parameters for delayed values are, at any time that is known.

    Parameters
    ----------
    table : DelayedTable
        The terms.
    history : History
        The past.
    """

    def __init__(self, table: DelayedTable, history: History) -> None:
        self.table, self.history = table, history

    def lag(self, place: int, time: float, state: np.ndarray, parameters: np.ndarray) -> float:
        """Return how long ago a value is taken (h).

        Raises
        ------
        SolverError
            If it is negative or no number.
        """
        lag = self.table.evaluate("lag", place, time, state, parameters)
        if not lag >= 0.0:
            raise errors.SolverError(f"the delay of {self.table.names[place]} is {lag:g}", time_h=time)
        return lag

    def set(
        self,
        which: Sequence[int],
        time: float,
        state: np.ndarray,
        parameters: np.ndarray,
        *,
        before: bool = False,
        shifts: Mapping[int, np.ndarray] | None = None,
    ) -> np.ndarray:
        """Return the parameters, shape (m,), with some delayed values at a time and a state.

        Parameters
        ----------
        before : bool
            Whether an event in the past, exactly a delay ago, has not happened yet: at the end of a step.
        shifts : mapping of int to ndarray of shape (n,), optional
            What is added to the past states of some terms.
        """
        row = parameters.copy()
        for place in which:
            shift = shifts.get(place) if shifts else None
            row[self.table.first + place] = self._past(place, time, state, row, before=before, shift=shift)
        return row

    def _past(
        self,
        place: int,
        time: float,
        state: np.ndarray,
        parameters: np.ndarray,
        *,
        before: bool,
        shift: np.ndarray | None,
    ) -> float:
        lag, then = self.lag(place, time, state, parameters), time
        if lag > 0.0:
            then = time - lag
            state, parameters = self.history.at(then, before=before)
            state = state if shift is None else state + shift
        needs = self.table.needs[place]
        if needs:
            parameters = self.set(needs, then, state, parameters, before=before)
        return self.table.evaluate("value", place, then, state, parameters)
