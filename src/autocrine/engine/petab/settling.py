"""Steady states that trajectories come from or go to, with their derivatives."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from autocrine.core import errors
from autocrine.engine.gradient import INITIAL
from autocrine.engine.network import Network
from autocrine.engine.petab.plan import NEVER
from autocrine.engine.petab.terms import Terms
from autocrine.engine.reduced_system import reduced_system
from autocrine.engine.simulation import simulate
from autocrine.engine.slopes import Slopes
from autocrine.engine.steady_states import steady_state

#: horizons after which a state is looked at, where it cannot be solved for
_HORIZONS = tuple(10.0**k for k in range(2, 9))
#: net change over gross change at which a state that was integrated is steady
_STEADY = 1e-7
#: beyond this condition number derivatives are integrated instead of solved for
_WORST_CONDITION = 1e12


@dataclass
class Settled:
    """Steady states.

    Attributes
    ----------
    states : ndarray of shape (N, n)
        The states.
    slopes : ndarray of shape (N, n, D)
        Their derivatives.
    failures : dict of int to SolverError
        Why there are none.
    """

    states: np.ndarray
    slopes: np.ndarray
    failures: dict[int, errors.SolverError] = field(default_factory=dict)


@dataclass(frozen=True)
class Settling:
    """The search for steady states of a network.

    Attributes
    ----------
    network : Network
        The network.
    conditions : int
        How many of its events are conditions, which do not happen meanwhile.
    rtol, atol : float
        Tolerances.
    start : float
        When it begins, where it must be integrated.
    """

    network: Network
    conditions: int
    rtol: float
    atol: float
    start: float = 0.0

    @property
    def must_be_followed(self) -> bool:
        """Whether it must be integrated, because of events or a right-hand side that follows time."""
        return len(self.network.events) > self.conditions or reduced_system(self.network).follows_time

    def find(
        self, parameters: np.ndarray, initial: np.ndarray | None, tangents: np.ndarray, slopes: np.ndarray | None
    ) -> Settled:
        """Return the steady states that trajectories reach.

        Parameters
        ----------
        parameters : ndarray of shape (N, m)
            Parameters.
        initial : ndarray of shape (N, n), optional
            Where they begin; without it where the network says.
        tangents, slopes : ndarray of shape (N, m, D) and (N, n, D)
            Derivatives of both; D may be 0.
        """
        names = [each.name for each in self.network.species]
        if initial is None:
            begun = self._simulated([self.start], parameters, None, tangents, None)
            initial, slopes = begun.states, begun.slopes
        if slopes is None:
            slopes = np.zeros((*initial.shape, tangents.shape[2]))
        if self.must_be_followed:
            return self._followed(parameters, initial, tangents, slopes)
        found = steady_state(
            self.network,
            self._given(parameters),
            initial=dict(zip(names, initial.T, strict=True)),
            outputs=names,
            rtol=self.rtol,
            atol=self.atol,
            on_failure="nan",
        )
        settled = Settled(found.values, np.full((*found.values.shape, tangents.shape[2]), np.nan), found.failures)
        if tangents.shape[2]:
            self._differentiate(settled, parameters, initial, tangents, slopes)
        return settled

    def quiet(self, parameters: np.ndarray) -> np.ndarray:
        """Return parameters with which no condition happens."""
        times = {str(event.time) for event in self.network.events[: self.conditions]}
        found = parameters.copy()
        found[:, [place for place, name in enumerate(self.network.parameters) if name in times]] = NEVER
        return found

    def _given(self, parameters: np.ndarray) -> dict[str, np.ndarray]:
        return dict(zip(self.network.parameters, parameters.T, strict=True))

    def _simulated(
        self,
        times: list[float],
        parameters: np.ndarray,
        initial: np.ndarray | None,
        tangents: np.ndarray,
        slopes: np.ndarray | None,
    ) -> Settled:
        """Return the states at the last time; conditions never happen."""
        names = [each.name for each in self.network.species]
        active = np.flatnonzero(np.any(tangents != 0, axis=(0, 2)))
        constants = tuple(self.network.parameters)
        by = [constants[place] for place in active]
        if slopes is not None and slopes.any():
            by += [INITIAL + name for name in names]
        found = simulate(
            self.network,
            times,
            self._given(self.quiet(parameters)),
            initial=None if initial is None else dict(zip(names, initial.T, strict=True)),
            outputs=names,
            rtol=self.rtol,
            atol=self.atol,
            start=self.start,
            gradient=by or None,
            on_failure="nan",
        )
        states = found.values[:, -1]
        total = np.zeros((*states.shape, tangents.shape[2]))
        if by:
            last = found.gradient[:, -1]
            with np.errstate(all="ignore"):  # trajectories that failed are NaN
                total += last[:, :, : len(active)] @ tangents[:, active]
                if len(by) > len(active) and slopes is not None:
                    total += last[:, :, len(active) :] @ slopes
        return Settled(states, total, found.failures)

    def _followed(
        self, parameters: np.ndarray, initial: np.ndarray, tangents: np.ndarray, slopes: np.ndarray
    ) -> Settled:
        """Integrate until nothing changes, and see that it is still so ten times later."""
        found = Settled(np.full(initial.shape, np.nan), np.full(slopes.shape, np.nan))
        waiting, last = np.arange(len(initial)), np.full(initial.shape, np.nan)
        for horizon in _HORIZONS:
            of = parameters[waiting], initial[waiting], tangents[waiting], slopes[waiting]
            now = self._simulated([self.start + horizon], *of)
            found.failures |= {int(waiting[row]): error for row, error in now.failures.items()}
            steady = self._are_steady(now.states, parameters[waiting], horizon)
            as_before = np.isclose(now.states, last[waiting], rtol=1e-5, atol=10 * self.atol).all(axis=1)
            done = waiting[steady & as_before]
            found.states[done], found.slopes[done] = now.states[steady & as_before], now.slopes[steady & as_before]
            last[waiting] = np.where(steady[:, None], now.states, np.nan)
            waiting = waiting[~(steady & as_before) & np.isfinite(now.states).all(axis=1)]
            if not len(waiting):
                return found
        cause = f"no steady state was reached in {_HORIZONS[-1]:g}"
        for row in waiting.tolist():
            error = found.failures[row] = errors.SolverError(cause, trajectory=row, time_h=_HORIZONS[-1])
            error.time_unit = self.network.time_unit
        return found

    def _are_steady(self, states: np.ndarray, parameters: np.ndarray, horizon: float) -> np.ndarray:
        """Tell where nothing moves: gains and losses balance, or too little is lost to matter so far."""
        system, times = reduced_system(self.network), np.full(len(states), self.start + horizon)
        net = np.abs(system.slopes(states, parameters, times))
        gross = system.turnovers(states, parameters, times)
        little = (_STEADY * np.abs(states) + self.atol) / horizon
        return np.all(net <= np.maximum(_STEADY * gross, little), axis=1)

    def _differentiate(
        self, settled: Settled, parameters: np.ndarray, initial: np.ndarray, tangents: np.ndarray, slopes: np.ndarray
    ) -> None:
        """Fill in the derivatives.

        Of f(x, p) = 0 and the conservation laws W(p) x = W(p) x0: J dx = -f_p dp, W dx = W dx0 + dW (x0 - x), where the
        laws stand in the place of as many dependent equations.
        """
        system, rows = reduced_system(self.network), np.flatnonzero(np.isfinite(settled.states).all(axis=1))
        if not len(rows):
            return
        x, p, dp = settled.states[rows], parameters[rows], tangents[rows]
        left, right = system.jacobians(x, p), -self._by_parameters(x, p, dp)
        if len(system.dependent):
            laws = system.laws(p)
            left[:, system.dependent] = laws
            moved = self._laws_by_parameters(p, dp)
            right[:, system.dependent] = laws @ slopes[rows] + np.einsum("rlnd,rn->rld", moved, initial[rows] - x)
        size = np.maximum(np.abs(left).max(axis=2, keepdims=True), np.finfo(float).tiny)
        weak = np.linalg.cond(left / size) > _WORST_CONDITION
        if not weak.all():
            settled.slopes[rows[~weak]] = np.linalg.solve((left / size)[~weak], (right / size)[~weak])
        if weak.any():
            at = rows[weak]
            followed = self._followed(parameters[at], initial[at], tangents[at], slopes[at])
            settled.slopes[at], settled.states[at] = followed.slopes, followed.states
            settled.failures |= {int(at[row]): error for row, error in followed.failures.items()}

    def _by_parameters(self, x: np.ndarray, p: np.ndarray, dp: np.ndarray) -> np.ndarray:
        """Return f_p dp, shape (rows, n, D)."""
        equations, n = self.network.program.equations, x.shape[1]
        active = np.flatnonzero(np.any(dp != 0, axis=(0, 2)))
        slopes = Slopes(equations.graph, equations.rhs, n, active.tolist())
        directions = np.concatenate([np.zeros((len(x), n, dp.shape[2])), dp[:, active]], axis=1)
        return slopes.along(directions, p, y=x)

    def _laws_by_parameters(self, p: np.ndarray, dp: np.ndarray) -> np.ndarray:
        """Return how the coefficients of the conservation laws move, shape (rows, L, n, D)."""
        names = [each.name for each in self.network.species]
        laws = self.network.conservation_laws()
        terms = Terms([law.get(name, 0.0) for law in laws for name in names], tuple(self.network.parameters))
        return terms.along(p, dp).reshape(len(p), len(laws), len(names), dp.shape[2])
