"""Steady states: integrate long, then solve, and look at the eigenvalues."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from autocrine.core import errors, notebook
from autocrine.engine.ensemble import Ensemble, Values
from autocrine.engine.network import Network
from autocrine.engine.simulation import Tolerance, chosen, tolerances
from autocrine.engine.steady_run import SteadyRun
from autocrine.engine.trajectories import place_of


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

    def _repr_html_(self) -> str:
        stable = f"{len(self)} steady states, {int(self.stable.sum())} stable, {len(self.failures)} not found"
        first = [] if not len(self) else list(zip(self.names, self.values[0], strict=True))
        return notebook.page(stable, notebook.table(["output", "first of them"], first))


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
    threads: int | None = None,
) -> SteadyStates:
    """Find the steady state that a network, or an ensemble of it, approaches from its initial values.

    Events do not happen: doses are off.

    Parameters
    ----------
    parameters, initial, outputs, rtol, atol, on_failure, progress, threads
        As in `simulate`; tolerances are those of all trajectories.
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
    The state is integrated over 100 h, then ten times longer until Newton's method converges nearby. Its steps solve
    J d = -f, in which the conservation laws W d = 0 (`Network.conservation_laws`) stand in the place of the equations
    of as many dependent species, so that conserved amounts stay what the initial values made them.
    """
    relative, absolute = tolerances(network, 1, rtol, atol)
    ensemble = Ensemble.of(network, parameters, initial)
    columns, names = chosen(network, outputs)
    run = SteadyRun(network, ensemble, float(relative[0]), absolute[0], longest_h, columns)
    count = len(ensemble)
    values, residuals = np.full((count, len(names)), np.nan), np.full(count, np.nan)
    eigenvalues: list[np.ndarray] = []
    failures: dict[int, errors.SolverError] = {}
    with contextlib.closing(run.parts(threads)) as parts:
        for part, found in parts:
            for error in found.failures.values():
                error.time_unit = network.time_unit
            if found.failures and on_failure == "raise":
                raise found.failures[min(found.failures)]
            values[part], residuals[part] = found.values, found.residuals
            eigenvalues += found.eigenvalues
            failures |= found.failures
            if progress is not None:
                for finished in range(part.start, part.stop):
                    progress(finished + 1)
    stable = np.array([i not in failures and bool((np.real(eigenvalues[i]) < 0).all()) for i in range(count)])
    return SteadyStates(names, values, stable, tuple(eigenvalues), residuals, failures)
