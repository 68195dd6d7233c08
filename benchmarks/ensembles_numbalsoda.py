"""numbalsoda: LSODA in C++ with a right-hand side that Numba compiles."""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np

from autocrine.engine.event_table import EventTable
from autocrine.engine.python_printer import print_python
from autocrine.engine.statements import Program
from ensembles_models import Case

#: steps between two outputs before it gives up
_STEPS = 100_000


class NumbaLsoda:
    """The peer; the terms of parameters are hoisted for it as for the engine, events are restarts.

    References
    ----------
    Wogan 2021, https://github.com/Nicholaswogan/numbalsoda.
    """

    name, module, package = "numbalsoda", "numbalsoda", "numbalsoda"

    def __init__(self, case: Case) -> None:
        self._case = case
        self._api: Any = importlib.import_module("numbalsoda")
        program = case.network.program
        scope = _compiled(program, self._api.lsoda_sig)
        self._address, self._hoist, self._start = scope["right"].address, scope["hoist"], scope["start"]
        self._sizes = program.hoisted, len(program.species)
        self._events = EventTable.of(case.network, ())
        self._columns = [program.species.index(name) for name in case.outputs]

    def solve(self, parameters: np.ndarray, rtol: float) -> np.ndarray:
        """Return the outputs, shape (n, T, k), for parameters of shape (n, m)."""
        times = self._events.times(parameters, 0.0)
        return np.array([self._one(row.copy(), due, rtol) for row, due in zip(parameters, times, strict=True)])

    def _one(self, p: np.ndarray, due: np.ndarray, rtol: float) -> np.ndarray:
        asked, hoisted, state = self._case.times, np.zeros(self._sizes[0] + 1), np.zeros(self._sizes[1])
        self._hoist(0.0, state, p, hoisted, hoisted)
        self._start(0.0, state, p, hoisted, state)
        data = np.concatenate([p, hoisted])
        found, now, first = [], 0.0, 0
        for number in np.argsort(due, kind="stable"):
            if due[number] > asked[-1]:
                break
            until = int(np.searchsorted(asked, due[number]))
            rows = self._segment(state, np.concatenate([asked[first:until], [due[number]]]), now, data, rtol)
            found.append(rows[:-1])
            state, now, first = rows[-1].copy(), float(due[number]), until
            self._events.carry_out(int(number), np.array([0]), np.array([now]), state[None], p[None])
        found.append(self._segment(state, asked[first:], now, data, rtol))
        return np.concatenate(found)[:, self._columns]

    def _segment(self, state: np.ndarray, times: np.ndarray, now: float, data: np.ndarray, rtol: float) -> np.ndarray:
        """Return the states at times after ``now``."""
        grid = times if times[0] == now else np.concatenate([[now], times])
        atol = rtol * self._case.floor
        rows, success = self._api.lsoda(self._address, state, grid, data, rtol=rtol, atol=atol, mxstep=_STEPS)
        if not success:
            rows = np.full((len(grid), len(state)), np.nan)
        return rows[len(grid) - len(times) :]


def _compiled(program: Program, signature: Any) -> dict[str, Any]:
    """Return the functions of a network, compiled by Numba."""
    numba = importlib.import_module("numba")
    quick = numba.njit(error_model="numpy", fastmath=False)
    scope: dict[str, Any] = {name: quick(each) for name, each in _FUNCTIONS.items()}
    scope |= {"exp": math.exp, "log": math.log, "tanh": math.tanh, "inf": math.inf, "nan": math.nan}
    for name in ("hoist", "start", "rhs"):
        # the text comes from the printer, of numbers and indices only
        exec(print_python(program.blocks[name]), scope)  # noqa: S102
        scope[name] = quick(scope[name])
    rhs, carray, species, parameters, hoisted = (
        scope["rhs"],
        numba.carray,
        len(program.species),
        len(program.parameters),
        program.hoisted,
    )

    def right(t, y, out, data):
        given = carray(data, (parameters + hoisted,))
        rhs(t, carray(y, (species,)), given[:parameters], given[parameters:], carray(out, (species,)))

    scope["right"] = numba.cfunc(signature, error_model="numpy")(right)
    return scope


def _divide(a, b):
    return a / b


def _power(base, exponent, negative):
    if base < 0.0:
        return (-base) ** exponent * negative if negative != 0.0 else 0.0
    return base**exponent


def _negative_power(exponent):
    if exponent != math.floor(exponent):
        return 0.0
    return 1.0 - 2.0 * (exponent % 2.0)


def _sqrt(a):
    return math.sqrt(max(a, 0.0))


_FUNCTIONS = {"divide": _divide, "power": _power, "negative_power": _negative_power, "sqrt": _sqrt}
