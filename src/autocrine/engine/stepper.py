"""One step for many cells: what a tissue does at each tick."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from autocrine.core import errors
from autocrine.engine import step_loop
from autocrine.engine.gpu_step import GpuStep
from autocrine.engine.llvm_printer import print_functions
from autocrine.engine.machine_code import (
    FREE_FUNCTION,
    FUNCTION,
    POINTER,
    REAL,
    WHOLE,
    best_lanes,
    machine_code,
)
from autocrine.engine.names import nearest
from autocrine.engine.observer import Observer
from autocrine.engine.one_step import Equations, OneStep, one_step
from autocrine.engine.rodas3 import RODAS3
from autocrine.engine.ros2 import ROS2
from autocrine.engine.step_method import StepMethod

_BLOCK = FUNCTION(None, REAL, POINTER, POINTER, POINTER, POINTER)
_STEP = FREE_FUNCTION(None, *[POINTER] * 5, *[WHOLE] * 3)
_EFFORT = 2
_METHODS = {each.order: each for each in (ROS2, RODAS3)}
#: how often the step of a cell is halved; after that only unsafe pivots and numbers that are not finite are failures
_HALVINGS = 6
#: instead of a number of threads
_ON_GPU = 0
#: absolute tolerance of species that a mapping leaves out
_ATOL = 1e-6


class Stepper:
    """Steps many cells of one network over one fixed step, in place.

    `Network.stepper` makes it; it is compiled then. The state has a row for each species and a column for each cell.

    Attributes
    ----------
    species : tuple of str
        The rows of the state.
    surroundings : tuple of str
        The parameters of which each cell has its own value.

    Notes
    -----
    One step of an L-stable Rosenbrock method with the exact Jacobian; surroundings hold during the step. A cell whose
    estimated error is not within the tolerance, after a jump of its surroundings for example, or whose elimination
    meets an unsafe pivot, is stepped again in halves, of which there are at most 64. What a cell becomes depends on
    nothing but its own numbers: neither its neighbours nor the number of threads matter.
    """

    def __init__(
        self,
        equations: Equations,
        values: np.ndarray,
        surroundings: Sequence[str],
        tolerances: tuple[float, np.ndarray],
        method: StepMethod,
        *,
        lanes: int | None = None,
    ) -> None:
        self.species, self.surroundings = equations.species, tuple(surroundings)
        self.program: OneStep = one_step(equations, self.surroundings, method)
        self._lanes = lanes or best_lanes()
        self._code = machine_code(step_loop.print_step(self.program, self._lanes), _EFFORT)
        self._step = self._code.function("step", _STEP)
        self._hoist_code = machine_code(print_functions({"hoist": self.program.hoist}, {}), 0)
        self._hoist = self._hoist_code.function("hoist", _BLOCK)
        self._values, self._tolerances = values, tolerances
        self._constants: dict[tuple[float, bool], np.ndarray] = {}
        self._pools: dict[int, ThreadPoolExecutor] = {}
        self._equations = equations
        self._observers: dict[tuple[str, ...], Observer] = {}

    @classmethod
    def of(
        cls,
        equations: Equations,
        defaults: Mapping[str, float],
        given: Mapping[str, float] | None,
        surroundings: Sequence[str],
        *,
        rtol: float,
        atol: float | Mapping[str, float],
        order: int = 2,
    ) -> Stepper:
        """Make a stepper with other values of some parameters than the defaults; see `Network.stepper`."""
        values = dict(defaults)
        for name, value in (given or {}).items():
            if name not in values:
                hint = nearest(name, values)
                raise errors.InputError("a parameter must be one of the network", name, hint=hint)
            if name in surroundings:
                raise errors.InputError("a surrounding must not be a shared parameter too", name)
            values[name] = _number(f"parameter {name}", value)
        absolute = _absolute(equations.species, atol)
        if order not in _METHODS:
            raise errors.InputError("order must be 2 or 3", order)
        relative = _number("rtol", rtol, positive=True)
        shared = np.array([values[name] for name in equations.parameters], float)
        return cls(equations, shared, surroundings, (relative, absolute), _METHODS[order])

    def step(
        self,
        state: np.ndarray,
        surroundings: np.ndarray | Mapping[str, ArrayLike],
        dt: float,
        *,
        threads: int = 1,
        device: Literal["cpu", "gpu"] = "cpu",
        on_failure: Literal["raise", "keep"] = "raise",
    ) -> np.ndarray:
        """Step all cells by ``dt``, in place.

        Parameters
        ----------
        state : ndarray of float, shape (species, cells)
            The state, in the units of the species; numbers of one species lie side by side (columns of a larger table
            may be given, for a population that grows).
        surroundings : ndarray of shape (k, cells), or mapping of str to number or array of shape (cells,)
            What each cell has of its own, by `surroundings`.
        dt : float
            The step (h).
        threads : int
            Threads to use; the result does not depend on them.
        device : {"cpu", "gpu"}
            Where to step; the state goes to a GPU and comes back, and halves are stepped here.
        on_failure : {"raise", "keep"}
            Whether a cell that cannot be stepped raises.

        Returns
        -------
        ndarray of int
            The cells that could not be stepped, in order; they keep their state.

        Raises
        ------
        InputError
            If something given cannot be used.
        SolverError
            If a cell cannot be stepped and ``on_failure`` is ``"raise"``; the others are stepped.
        DeviceError
            If the GPU or its driver fails; no cell is stepped.
        """
        _check_state(state, len(self.species))
        _check_threads(threads)
        rows = _rows(surroundings, self.surroundings, state.shape[1])
        _number("dt", dt, positive=True)
        if device not in {"cpu", "gpu"}:
            raise errors.InputError("device must be 'cpu' or 'gpu'", device)
        failed = self._advance(state, rows, float(dt), _HALVINGS, threads if device == "cpu" else _ON_GPU)
        if len(failed) and on_failure == "raise":
            raise self._explained(state, rows, failed)
        return failed

    def observe(
        self,
        state: np.ndarray,
        surroundings: np.ndarray | Mapping[str, ArrayLike],
        names: Sequence[str],
        *,
        threads: int = 1,
    ) -> np.ndarray:
        """Return species, rules and observables of all cells, as they are now.

        Parameters
        ----------
        state : ndarray of float, shape (species, cells)
            The state, as in `step`; it is not changed.
        surroundings : ndarray of shape (k, cells), or mapping of str to number or array of shape (cells,)
            What each cell has of its own, as in `step`.
        names : sequence of str
            Species, rules and observables of the network; what is asked for the first time is compiled.
        threads : int
            Threads to use; the result does not depend on them.

        Returns
        -------
        ndarray of shape (names, cells)
            Their values, in their own units; NaN where a cell is not finite.

        Raises
        ------
        InputError
            If something given cannot be used, or something asked for follows time and time is no surrounding.
        """
        _check_state(state, len(self.species), changed=False)
        _check_threads(threads)
        rows = _rows(surroundings, self.surroundings, state.shape[1])
        if isinstance(names, str):
            raise errors.InputError("names must be a list of names", names, hint=f"[{names!r}]")
        asked = tuple(names)
        if asked not in self._observers:
            self._observers[asked] = Observer(self._equations, self._values, self.surroundings, asked, self._lanes)
        return self._observers[asked].of(state, rows, threads, self._pool(threads) if threads > 1 else None)

    def _advance(self, state: np.ndarray, rows: list[np.ndarray], dt: float, halvings: int, threads: int) -> np.ndarray:
        """Step all cells, again in halves where that fails; return the cells that failed in spite of it."""
        constants = self._hoisted(dt, bounded=halvings > 0)
        if threads == _ON_GPU:
            failed = self._on_gpu.attempt(state, rows, constants)
        else:
            failed = self._attempt(state, rows, constants, threads)
        if not len(failed) or not halvings:
            return failed
        part, own = np.ascontiguousarray(state[:, failed]), [row[failed] for row in rows]
        lost = np.zeros(len(failed), bool)
        for _ in range(2):
            lost[self._advance(part, own, dt / 2, halvings - 1, max(threads, 1))] = True
        state[:, failed[~lost]] = part[:, ~lost]
        return failed[lost]

    @functools.cached_property
    def _on_gpu(self) -> GpuStep:
        return GpuStep(self.program)

    def _attempt(self, state: np.ndarray, rows: list[np.ndarray], constants: np.ndarray, threads: int) -> np.ndarray:
        """Step the cells that can be stepped at once; return the others."""
        cells = state.shape[1]
        whole = cells - cells % self._lanes
        failed: list[np.ndarray] = []
        if whole:
            marks = np.zeros(whole)
            table = _addresses(rows)
            parts = list(self._parts(whole // self._lanes, threads))
            given = [(state, table, constants, marks, np.zeros(1, np.int64), *part) for part in parts]
            if len(parts) > 1:
                list(self._pool(len(parts)).map(self._run, given))
            else:
                self._run(given[0])
            if any(each[4][0] for each in given):
                failed.append(np.flatnonzero(marks))
        if whole < cells:
            failed.append(whole + self._rest(state[:, whole:], [row[whole:] for row in rows], constants))
        return np.concatenate([np.empty(0, int), *failed])

    def _rest(self, state: np.ndarray, rows: list[np.ndarray], constants: np.ndarray) -> np.ndarray:
        """Step cells that fill no register; the last one fills the lanes that are left."""
        width = [(0, self._lanes - state.shape[1])]
        full = np.pad(state, [(0, 0), *width], mode="edge")
        beside = [np.pad(row, width, mode="edge") for row in rows]
        marks = np.zeros(self._lanes)
        self._run((full, _addresses(beside), constants, marks, np.zeros(1, np.int64), 0, 1))
        state[:] = full[:, : state.shape[1]]
        return np.flatnonzero(marks[: state.shape[1]])

    def _run(self, job: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, int, int]) -> None:
        state, table, constants, marks, troubled, first, groups = job
        arrays = (each.ctypes.data for each in (state, table, constants, marks, troubled))
        self._step(*arrays, state.strides[0] // 8, first * self._lanes, groups)

    def _parts(self, groups: int, threads: int) -> Iterator[tuple[int, int]]:
        """Yield first group and number of groups for each thread."""
        share = -(-groups // threads)
        for first in range(0, groups, share):
            yield first, min(share, groups - first)

    def _pool(self, threads: int) -> ThreadPoolExecutor:
        if threads not in self._pools:
            self._pools[threads] = ThreadPoolExecutor(threads)
        return self._pools[threads]

    def _hoisted(self, dt: float, *, bounded: bool) -> np.ndarray:
        """Return the terms of shared parameters, of the step and of the tolerances, which may be infinite."""
        if (dt, bounded) not in self._constants:
            relative, absolute = self._tolerances
            given = np.array([*self._values, dt, relative, *(absolute if bounded else np.full(len(absolute), np.inf))])
            found = np.zeros(self.program.hoisted)
            self._hoist(0.0, 0, given.ctypes.data, 0, found.ctypes.data)
            self._constants[dt, bounded] = found
        return self._constants[dt, bounded]

    def _explained(self, state: np.ndarray, rows: list[np.ndarray], failed: np.ndarray) -> errors.SolverError:
        """Return why cells failed, with the first of them and what looks worst in it."""
        cell = int(failed[0])
        found = dict(zip(self.species, state[:, cell].tolist(), strict=True))
        outside = {name: float(row[cell]) for name, row in zip(self.surroundings, rows, strict=True)}
        strange = [name for name, value in (found | outside).items() if not np.isfinite(value)]
        cause = f"cell {cell} cannot be stepped, nor can {len(failed) - 1} others"
        if strange:
            cause += f"; {strange[0]} is {(found | outside)[strange[0]]}"
        return errors.SolverError(cause, trajectory=cell, species=strange[0] if strange else "")


def _check_threads(threads: int) -> None:
    if threads < 1:
        raise errors.InputError("threads must be at least 1", threads)


def _check_state(state: np.ndarray, species: int, *, changed: bool = True) -> None:
    if not isinstance(state, np.ndarray) or state.dtype != np.float64 or state.ndim != 2:
        raise errors.InputError("the state must be an array of float64 of two axes", getattr(state, "dtype", state))
    if state.shape[0] != species:
        raise errors.InputError(f"the state must have a row for each of {species} species", state.shape)
    by_row = state.shape[1] < 2 or state.strides[1] == 8
    if not (by_row and state.strides[0] % 8 == 0 and state.strides[0] >= 0):
        raise errors.InputError("numbers of a species must lie side by side in the state", state.strides)
    if changed and not state.flags.writeable:
        raise errors.InputError("the state must be writeable", "read-only")


def _rows(given: np.ndarray | Mapping[str, ArrayLike], names: tuple[str, ...], cells: int) -> list[np.ndarray]:
    """Return what each cell has of its own, an array for each name."""
    if isinstance(given, Mapping):
        for name in (*names, *given):
            if name not in given or name not in names:
                raise errors.InputError(f"surroundings must be {', '.join(names) or 'none'}", sorted(given))
        listed = [given[name] for name in names]
    else:
        listed = list(given)
    if len(listed) != len(names):
        raise errors.InputError(f"surroundings must have {len(names)} rows: {', '.join(names)}", len(listed))
    rows = [np.asarray(each, float) for each in listed]
    for name, row in zip(names, rows, strict=True):
        if row.shape not in {(), (cells,)}:
            raise errors.InputError(f"{name} must have a number for each of {cells} cells", row.shape)
    return [np.ascontiguousarray(row if row.ndim else np.full(cells, row)) for row in rows]


def _addresses(rows: list[np.ndarray]) -> np.ndarray:
    return np.array([row.ctypes.data for row in rows], np.int64)


def _absolute(species: tuple[str, ...], atol: float | Mapping[str, float]) -> np.ndarray:
    if not isinstance(atol, Mapping):
        return np.full(len(species), _number("atol", atol, positive=True))
    for name in atol:
        if name not in species:
            raise errors.InputError("atol must name species of the network", name, hint=nearest(name, species))
    return np.array([_number(f"atol of {name}", atol.get(name, _ATOL), positive=True) for name in species])


def _number(name: str, value: float, *, positive: bool = False) -> float:
    good = np.ndim(value) == 0 and np.isfinite(value) and (value > 0 or not positive)
    if not good:
        raise errors.InputError(f"{name} must be a {'positive' if positive else 'finite'} number", value)
    return float(value)
