"""Where finished trajectories go: into one array, or through reductions that keep little."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np

from autocrine.core import errors
from autocrine.engine.names import nearest
from autocrine.engine.output_times import OutputTimes
from autocrine.engine.reduction import Reduction
from autocrine.engine.trajectories import Trajectories

#: trajectories that reductions take at a time
_BLOCK = 512
_PLAIN = ("mean", "variance", "minimum", "maximum")
_NAMES = (*_PLAIN, "quantiles", "histogram", "crossing")


class Sink(ABC):
    """Takes finished trajectories in order."""

    @staticmethod
    def of(reduce: Any, times: OutputTimes, names: tuple[str, ...], count: int, by: tuple[str, ...] = ()) -> Sink:
        """Return what keeps all values, or what ``reduce`` asks for.

        Parameters
        ----------
        reduce : str, callable, sequence or mapping, optional
            Names of reductions: ``"mean"``, ``"variance"``, ``"minimum"``, ``"maximum"`` of shape (T, k); in a mapping
            also those with options: ``{"quantiles": probabilities}`` (`QuantileSketch`), ``{"histogram": edges}``
            (`Histogram`), ``{"crossing": {"output": ..., "level": ..., ...}}`` (`Crossing`). A callable, alone or under
            a name of its own in a mapping, gets up to 512 trajectories at a time in order, as `Trajectories`; the
            arrays that it returns are joined. With a gradient they have their derivatives, and so has what is kept of
            mean, variance, least and greatest values and crossings.
        times : OutputTimes
            Output times.
        names : tuple of str
            The outputs.
        count : int
            Number of trajectories.
        by : tuple of str
            What the outputs are differentiated by.

        Raises
        ------
        InputError
            If there is no such reduction, an option does not fit, or it has no derivatives where they are asked for.
        """
        if reduce is None:
            return _Storage(times, names, count, by)
        if callable(reduce):
            reduce = {getattr(reduce, "__name__", "reduced"): reduce}
        elif isinstance(reduce, str):
            reduce = {reduce: None}
        wanted = reduce if isinstance(reduce, Mapping) else dict.fromkeys(reduce)
        made = {name: _reduction(name, wanted[name], times, names) for name in wanted}
        for name, each in made.items():
            if by and isinstance(each, Reduction) and not each.differentiable:
                must = "with a gradient a reduction must be one whose derivatives follow from those of each trajectory,"
                raise errors.InputError(must, name, hint="mean, variance, minimum, maximum, crossing, or a callable")
        return _Stream(times, names, made, by)

    @abstractmethod
    def take(
        self, part: slice, values: np.ndarray, failures: dict[int, errors.SolverError], slopes: np.ndarray | None = None
    ) -> None:
        """Take values, shape (rows, T, k), failures and derivatives, shape (rows, T, k, p), of some trajectories."""

    @abstractmethod
    def result(self) -> Trajectories:
        """Return what was kept."""


class _Storage(Sink):
    """Keeps everything."""

    def __init__(self, times: OutputTimes, names: tuple[str, ...], count: int, by: tuple[str, ...]) -> None:
        shape = count, len(times), len(names)
        gradient = np.empty((*shape, len(by)) if by else (0, 0, 0, 0))
        self._trajectories = Trajectories(times.values, names, np.empty(shape), by=by, gradient=gradient)

    def take(
        self, part: slice, values: np.ndarray, failures: dict[int, errors.SolverError], slopes: np.ndarray | None = None
    ) -> None:
        self._trajectories.values[part] = values
        if slopes is not None:
            self._trajectories.gradient[part] = slopes
        self._trajectories.failures.update(failures)

    def result(self) -> Trajectories:
        return self._trajectories


class _Stream(Sink):
    """Passes blocks with fixed borders to reductions."""

    def __init__(
        self, times: OutputTimes, names: tuple[str, ...], reductions: dict[str, Any], by: tuple[str, ...]
    ) -> None:
        self._times, self._names, self._reductions, self._by = times, names, reductions, by
        self._failures: dict[int, errors.SolverError] = {}
        self._waiting, self._first = np.empty((0, len(times), len(names))), 0
        self._slopes = np.empty((*self._waiting.shape, len(by)))
        self._made: dict[str, list] = {name: [] for name, each in reductions.items() if callable(each)}

    def take(
        self, part: slice, values: np.ndarray, failures: dict[int, errors.SolverError], slopes: np.ndarray | None = None
    ) -> None:
        self._failures |= failures
        self._waiting = np.concatenate([self._waiting, values])
        if slopes is not None:
            self._slopes = np.concatenate([self._slopes, slopes])
        while len(self._waiting) >= _BLOCK:
            self._pass(self._waiting[:_BLOCK], self._slopes[:_BLOCK])
            self._waiting, self._slopes = self._waiting[_BLOCK:], self._slopes[_BLOCK:]

    def _pass(self, block: np.ndarray, slopes: np.ndarray) -> None:
        last = self._first + len(block)
        failed = {each: self._failures[each] for each in range(self._first, last) if each in self._failures}
        sound = np.ones(len(block), bool)
        sound[[each - self._first for each in failed]] = False
        times = self._times.part(slice(self._first, last)).values
        for name, each in self._reductions.items():
            if isinstance(each, Reduction):
                wanted = slice(None) if each.wants_failed else sound
                each.take(block[wanted], slopes[wanted] if self._by else None)
            else:
                gradient = slopes if self._by else np.empty((0, 0, 0, 0))
                made = each(Trajectories(times, self._names, block, failed, self._by, gradient))
                if made is not None:
                    self._made[name].append(np.atleast_1d(made))
        self._first = last

    def result(self) -> Trajectories:
        if len(self._waiting):
            self._pass(self._waiting, self._slopes)
            self._waiting, self._slopes = self._waiting[:0], self._slopes[:0]
        reductions = {name: each for name, each in self._reductions.items() if isinstance(each, Reduction)}
        kept = {name: each.result() for name, each in reductions.items()}
        slopes = {name: found for name, each in reductions.items() if (found := each.derivatives()) is not None}
        kept |= {name: np.concatenate(made) for name, made in self._made.items() if made}
        nothing = np.empty((0, len(self._times), len(self._names)))
        return Trajectories(
            self._times.values, self._names, nothing, self._failures, self._by, reduced=kept, reduced_gradient=slopes
        )


def _reduction(name: Any, options: Any, times: OutputTimes, names: tuple[str, ...]) -> Any:
    if callable(options):
        return options
    if name not in _NAMES:
        raise errors.InputError("a reduction must be a callable or a known name", name, hint=nearest(str(name), _NAMES))
    if name in _PLAIN:
        if options is not None:
            raise errors.InputError(f"reduction {name} must have no options", options, hint="None")
        return _plain(name)
    if options is None:
        raise errors.InputError(f"reduction {name} must have options", hint=f"reduce={{{name!r}: ...}}")
    if name == "crossing":
        known = ("output", "level", "over", "log", "relative")
        if not isinstance(options, Mapping) or not {"output", "level"} <= options.keys() <= set(known):
            raise errors.InputError("a crossing must have output and level", options, hint=", ".join(known))
        from autocrine.engine.crossing import Crossing

        return Crossing(times, names, **options)
    from autocrine.engine.histogram import Histogram
    from autocrine.engine.quantile_sketch import QuantileSketch

    return QuantileSketch(options) if name == "quantiles" else Histogram(options)


def _plain(name: str) -> Reduction:
    from autocrine.engine.moments import Extreme, Moments

    if name in {"mean", "variance"}:
        return Moments(variance=name == "variance")
    return Extreme(greatest=name == "maximum")
