"""Steady states: integrate long, then solve, and look at the eigenvalues."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import scipy.linalg

from autocrine.core import errors
from autocrine.engine.compiled import System
from autocrine.engine.ensemble import Ensemble, Values
from autocrine.engine.lsoda import Lsoda
from autocrine.engine.network import Network
from autocrine.engine.one_by_one import failed, start_of
from autocrine.engine.python_printer import Function, as_function
from autocrine.engine.simulation import Tolerance, chosen, tolerances
from autocrine.engine.statements import compile_expressions
from autocrine.engine.trajectories import place_of

_FIRST_HORIZON_H = 100.0
_LONGER = 10.0
_NEWTON_STEPS = 20
#: a solution further from the integrated state than this belongs to another branch: integrate on
_NEAR = 0.1
#: net change over gross change at which a species counts as steady
_RESIDUAL = 1e-9


@dataclass(frozen=True)
class SteadyStates:
    """Steady states of an ensemble.

    Attributes
    ----------
    names : tuple of str
        The k outputs.
    values : ndarray of shape (n, k)
        Their values; NaN where none was found.
    stable : ndarray of bool, shape (n,)
        Whether every eigenvalue of the Jacobian, within the conservation laws, has a negative real part.
    eigenvalues : tuple of ndarray
        These eigenvalues (1/h), one array per member, largest real part first.
    residuals : ndarray of shape (n,)
        Largest net change of a species over its gross change.
    failures : dict of int to SolverError
        Why no steady state was found, by index.
    """

    names: tuple[str, ...]
    values: np.ndarray
    stable: np.ndarray
    eigenvalues: tuple[np.ndarray, ...]
    residuals: np.ndarray
    failures: dict[int, errors.SolverError] = field(default_factory=dict)

    def __getitem__(self, name: str) -> np.ndarray:
        """Return one output, shape (n,)."""
        return self.values[:, place_of(name, self.names)]

    def __len__(self) -> int:
        return len(self.values)


def steady_state(
    network: Network,
    parameters: Values | None = None,
    *,
    initial: Values | None = None,
    outputs: Sequence[str] | None = None,
    rtol: float = 1e-8,
    atol: Tolerance = 1e-9,
    on_failure: Literal["raise", "nan"] = "raise",
    progress: Callable[[int], None] | None = None,
    longest_h: float = 1e6,
) -> SteadyStates:
    """Find the steady state that a network, or an ensemble of it, approaches from its initial values.

    Events do not happen: doses are off.

    Parameters
    ----------
    parameters, initial, outputs, rtol, atol, on_failure, progress
        As in `simulate`.
    longest_h : float
        The time (h) after which the search ends.

    Returns
    -------
    SteadyStates
        Values of shape (n, k).

    Raises
    ------
    InputError
        If something given cannot be used, or the rates depend on time.
    SolverError
        If no steady state is reached and ``on_failure`` is ``"raise"``.

    Notes
    -----
    The state is integrated over 100 h, then ten times longer until Newton's method converges nearby. A Newton step is
    the shortest solution (each species measured by its own level) of J d = -f and W d = 0, in which the rows of W are
    the conservation laws, so that conserved amounts stay what the initial values made them.
    """
    relative, absolute = tolerances(network, 1, rtol, atol)
    search = _Search(network, Lsoda(float(relative[0]), absolute[0]), longest_h)
    ensemble = Ensemble.of(network, parameters, initial)
    columns, names = chosen(network, outputs)
    count = len(ensemble)
    values, residuals = np.full((count, len(names)), np.nan), np.full(count, np.nan)
    eigenvalues = [np.empty(0, complex)] * count
    failures: dict[int, errors.SolverError] = {}
    for index in range(count):
        try:
            state = search.find(start_of(search.system, ensemble, index))
            shown = np.concatenate([state, search.system.outputs(np.zeros(1), state[None, :])[0]])
            values[index], residuals[index] = shown[columns], search.residual(state)
            eigenvalues[index] = search.eigenvalues(state)
        except errors.SolverError as error:
            failures[index] = failed(error, index)
            if on_failure == "raise":
                raise failures[index] from error
        if progress is not None:
            progress(index + 1)
    stable = np.array([i not in failures and bool((np.real(eigenvalues[i]) < 0).all()) for i in range(count)])
    return SteadyStates(names, values, stable, tuple(eigenvalues), residuals, failures)


class _Search:
    """Looks for the steady state of one trajectory after the other."""

    def __init__(self, network: Network, method: Lsoda, longest_h: float) -> None:
        self.system, self._method, self._longest_h = System(network), method, longest_h
        rhs = self.system.program.blocks["rhs"]
        if any(statement.payload == ("t", 0) for statement in rhs.statements):
            raise errors.InputError("rates must not depend on time t where a steady state is asked", network.name)
        self._changes = [
            (self.system.species.index(name), number, change)
            for number, reaction in enumerate(network.reactions)
            for name, change in reaction.stoichiometry.items()
        ]
        self._count = len(network.reactions)
        expressions = [*(reaction.rate for reaction in network.reactions), *(change for *_, change in self._changes)]
        levels, constants = self.system.species, tuple(network.parameters)
        self._rates: Function = as_function(compile_expressions(expressions, levels, constants, network.rules))

    def find(self, state: np.ndarray) -> np.ndarray:
        """Return the steady state that is approached from a state."""
        now, until = 0.0, _FIRST_HORIZON_H
        while now < self._longest_h:
            until = min(until, self._longest_h)
            state = self._method.integrate(self.system, state, np.array([now, until]))[-1]
            solution = self._newton(state)
            if solution is not None:
                return solution
            now, until = until, until * _LONGER
        cause = f"no steady state was reached in {self._longest_h:g} h (residual {self.residual(state):.1e})"
        raise errors.SolverError(cause, time_h=now, species=self._restless(state))

    def residual(self, state: np.ndarray) -> float:
        """Return the largest net change of a species over its gross change."""
        return float(np.max(self._residuals(state), initial=0.0))

    def eigenvalues(self, state: np.ndarray) -> np.ndarray:
        """Return the eigenvalues of the Jacobian in the space in which reactions can move, largest real part first."""
        stoichiometry, _ = self._stoichiometry(state)
        basis = scipy.linalg.orth(stoichiometry)
        found = np.asarray(np.linalg.eigvals(basis.T @ self._jacobian(state) @ basis), dtype=complex)
        return found[np.argsort(-np.real(found))]

    def _newton(self, start: np.ndarray) -> np.ndarray | None:
        """Return the solution near a state, or None."""
        atol = self._method.atol
        size = np.maximum(np.abs(start), atol)
        laws = scipy.linalg.null_space(self._stoichiometry(start)[0].T).T
        state = start.copy()
        for _ in range(_NEWTON_STEPS):
            slope = self.system.derivative(0.0, state).copy()
            matrix = self._jacobian(state)
            if not (np.isfinite(slope).all() and np.isfinite(matrix).all()):
                return None
            step = _shortest(matrix, slope, laws, size)
            state = state + step
            far = np.abs(state - start) > _NEAR * np.abs(start) + 1e3 * atol
            if far.any() or (state < np.minimum(start, 0.0) - atol).any():
                return None
            if (np.abs(step) <= 1e-12 * size).all():
                break
        return state if self.residual(state) <= _RESIDUAL else None

    def _jacobian(self, state: np.ndarray) -> np.ndarray:
        return self.system.jacobian_columns(0.0, state).T.copy()

    def _stoichiometry(self, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the stoichiometric matrix, shape (species, reactions), and the rates, shape (reactions,)."""
        values = [0.0] * (self._count + len(self._changes))
        self._rates(0.0, state.tolist(), self.system.parameters.tolist(), (), values)
        matrix = np.zeros((len(state), self._count))
        for (row, column, _), change in zip(self._changes, values[self._count :], strict=True):
            matrix[row, column] = change
        return matrix, np.array(values[: self._count])

    def _residuals(self, state: np.ndarray) -> np.ndarray:
        matrix, rates = self._stoichiometry(state)
        gross = np.abs(matrix) @ np.abs(rates)
        # what moves by less than the tolerance within its own relaxation time is steady
        allowed = self._method.atol * np.abs(np.diag(self._jacobian(state)))
        net = np.abs(matrix @ rates)
        return net / np.maximum(gross + allowed / _RESIDUAL, np.finfo(float).tiny)

    def _restless(self, state: np.ndarray) -> str:
        return self.system.species[int(np.argmax(self._residuals(state)))]


def _shortest(matrix: np.ndarray, slope: np.ndarray, laws: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return the shortest step that solves J d = -f within the conservation laws, lengths measured by ``size``."""
    scaled = matrix * size
    rows = np.maximum(np.abs(scaled).max(axis=1), np.finfo(float).tiny)
    kept = laws * size
    kept_rows = np.maximum(np.abs(kept).max(axis=1), np.finfo(float).tiny) if len(kept) else np.empty(0)
    left = np.vstack([scaled / rows[:, None], kept / kept_rows[:, None]])
    right = np.concatenate([-slope / rows, np.zeros(len(kept))])
    return np.linalg.lstsq(left, right, rcond=1e-14)[0] * size
