"""LSODA of ODEPACK through SciPy: the first integrator, and the oracle of later ones."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np

from autocrine.core import errors
from autocrine.engine.compiled import System
from autocrine.engine.integrator import Integrator

#: steps between two output times before a trajectory counts as failed
_MAXIMUM_STEPS = 20_000
_SUCCESS = "Integration successful."


class Lsoda(Integrator):
    """Adams and BDF methods with automatic change between them.

    Notes
    -----
    `odeint` loops in compiled code; `solve_ivp` loops in Python and is tens of times slower for networks of this size.

    References
    ----------
    Petzold 1983, SIAM J Sci Stat Comput 4:136-148, doi:10.1137/0904010.
    """

    def integrate(self, system: System, state: np.ndarray, times: np.ndarray) -> np.ndarray:
        """Return the states at some times, shape (T, n)."""
        states, message = self._solve(system, system.derivative, state, times)
        if message != _SUCCESS or not np.isfinite(states[-1]).all():
            cause = message if message != _SUCCESS else "the solution is not finite"
            raise self._failure(system, state, times, cause)
        return states

    def _solve(
        self, system: System, derivative: Callable, state: np.ndarray, times: np.ndarray
    ) -> tuple[np.ndarray, str]:
        from scipy.integrate import ODEintWarning, odeint

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ODEintWarning)  # its message is returned
            states, report = odeint(
                derivative,
                state,
                times,
                Dfun=system.jacobian_columns,
                col_deriv=True,
                tfirst=True,
                full_output=True,
                rtol=self.rtol,
                atol=self.atol,
                mxstep=_MAXIMUM_STEPS,
            )
        return states, report["message"]

    def _failure(self, system: System, state: np.ndarray, times: np.ndarray, cause: str) -> errors.SolverError:
        """Run again and watch, because LSODA does not tell where it stopped between two output times."""
        last_time, last_state = float(times[0]), state

        def watched(time: float, levels: np.ndarray) -> np.ndarray:
            nonlocal last_time, last_state
            if np.isfinite(last_state).all():
                last_time, last_state = time, levels.copy()
            return system.derivative(time, levels)

        self._solve(system, watched, state, times)
        worst = worst_species(system, last_state, last_time, self.atol)
        return errors.SolverError(cause, time_h=last_time, species=worst)


def worst_species(system: System, state: np.ndarray, time: float, atol: np.ndarray) -> str:
    """Name a species that is not finite, or whose slope is not; else the most negative; else the fastest."""
    slope = system.derivative(time, state)
    for values in (state, slope):
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            return system.species[bad[0]]
    with np.errstate(over="ignore"):  # infinitely far below is far below
        below = state / atol
    if (below < -1).any():
        return system.species[int(np.argmin(below))]
    return system.species[int(np.argmax(np.abs(slope) / (np.abs(state) + atol)))] if len(state) else ""
