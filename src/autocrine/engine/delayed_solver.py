"""Equations with delayed values, step by step."""

from __future__ import annotations

import warnings

import numpy as np
from scipy.linalg import LinAlgWarning

from autocrine.engine.compiled import System
from autocrine.engine.delayed_step import Linear, attempt, slopes_by_differences
from autocrine.engine.delayed_values import DelayedValues
from autocrine.engine.history import Segment
from autocrine.engine.jump_times import JumpTimes
from autocrine.engine.rodas5p import RODAS5P

#: next step over this one: limits and safety, as in the compiled loop
_SHRINK, _GROW, _SAFETY, _AFTER_NONSENSE = 0.2, 6.0, 0.9, 0.1
#: steps below this share of time, or of the whole interval, cannot be told from none
_SMALLEST_STEP, _SMALLEST_SHARE = 8.9e-16, 1e-28
#: a step that asks for its own values is done again until they change by less than this share of the tolerance
_SETTLED, _MOST_ROUNDS = 0.01, 12
#: steps are not longer than a delay, unless it is below this share of them
_WORTH_WAITING = 0.25


class DelayedSolver:
    """Integrates from one event to the next with Rodas5P; what it has is what solvers of SciPy have.

    Parameters
    ----------
    system : System
        The network without delays.
    values : DelayedValues
        The delayed values, with the history.
    rates : tuple of int
        The delayed terms in the right-hand side.
    jumps : JumpTimes
        Where derivatives jump.
    end : float
        Where to stop (h).
    rtol, atol : float and ndarray of shape (n,)
        Tolerances.

    Attributes
    ----------
    t, y, status : float, ndarray of shape (n,), str
        Where it is; ``running``, ``finished`` or ``failed``.

    Notes
    -----
    A step is no longer than the shortest delay, so that it asks for what is known; where that would be a small part of
    what the tolerance allows, or a delay shrinks to nothing, the step asks for values within itself. They are guessed,
    and the step is done again with what it gave until nothing changes. Such a value y(t - tau) is taken as
    u(t - tau) + (y - u(t)), where u is the guess and y the state of a stage: this is the same once u has settled, it is
    right at once for no delay, and stiff equations see that y matters. The slopes by the state leave out other
    delayed values, which do not depend on it; where there are such near ones, or a lag depends on the state, the slopes
    are differences.

    References
    ----------
    Bellen & Zennaro 2003, Numerical Methods for Delay Differential Equations,
    doi:10.1093/acprof:oso/9780198506546.001.0001.
    """

    def __init__(
        self,
        system: System,
        values: DelayedValues,
        rates: tuple[int, ...],
        jumps: JumpTimes,
        *,
        end: float,
        rtol: float,
        atol: np.ndarray,
    ) -> None:
        self._system, self._values, self._rates, self._jumps = system, values, rates, jumps
        history = values.history
        self.t, self.y, self.status = history.now, history.state.copy(), "running"
        self._parameters = history.parameters
        self._near: list[int] = []
        self._end, self._rtol, self._atol = end, rtol, atol
        self._last: tuple[float, float] | None = None
        self._segment: Segment | None = None
        system.set_parameters(self._parameters)
        value = self._slope(self.t, self.y, False)
        fastest = float((np.abs(value) / (np.abs(self.y) + atol / rtol)).max(initial=0.0))
        self._h = min(0.5 * rtol ** (1 / RODAS5P.error_order) / fastest if fastest > 0 else np.inf, end - self.t)

    def step(self) -> str | None:
        """Do one step; return why it failed, if it did."""
        limit = self._limit()
        linear, shrunk = self._linear(), False
        if not (np.isfinite(linear.value).all() and np.isfinite(linear.jacobian).all()):
            return self._failed("the solution is not finite")
        while True:
            h = min(self._h, limit)
            h = limit if 1.001 * h >= limit else h
            # the way to the next event may be as short as it likes
            if h < limit and h < abs(self.t) * _SMALLEST_STEP + (self._end - self.t) * _SMALLEST_SHARE:
                return self._failed("the tolerance cannot be met by any step")
            segment, error = self._settled(linear, h)
            if error <= 1.0:
                break
            self._h, shrunk = h / self._slower(error) if error < 1e100 else h * _AFTER_NONSENSE, True
        self._take(segment, error, h, shrunk=shrunk)
        return None

    def dense_output(self) -> Segment:
        """Return the step that was done."""
        if self._segment is None:
            raise TypeError("no step was done")
        return self._segment

    def _take(self, segment: Segment, error: float, h: float, *, shrunk: bool) -> None:
        self._segment, self.y = segment, segment.new
        at_end = self._end - self.t <= h
        self.t = self._end if at_end else self._jumps.snapped(self.t + h)
        self.status = "finished" if at_end else "running"
        divisor = self._slower(error)
        if self._last is not None:  # Gustafsson 1994, doi:10.1145/198429.198437
            last_h, last_error = self._last
            e = max(error, 1e-10)
            divisor = max(divisor, _limited(last_h / h * (e * e / last_error) ** (1 / RODAS5P.error_order) / _SAFETY))
        wished = max(self._h, h / divisor) if divisor < 1.0 else h / divisor  # a step may be short for other reasons
        self._h = min(wished, h) if shrunk else wished
        self._last = h, max(error, 1e-2)

    def _settled(self, linear: Linear, h: float) -> tuple[Segment, float]:
        """Return a step and its error over the tolerance, done again where it asks for its own values."""
        history = self._values.history
        n = len(linear.state)
        straight = np.zeros((1, n))
        segment = Segment(linear.time, h, linear.state, linear.state + h * linear.value, straight)
        history.ahead, error = segment, np.inf
        before: np.ndarray | None = None
        for _ in range(_MOST_ROUNDS):
            history.used = False
            segment, estimate = self._attempt(linear, h)
            scale = self._atol + self._rtol * np.maximum(np.abs(linear.state), np.abs(segment.new))
            error = float(np.sqrt(np.mean((estimate / scale) ** 2)))
            change = np.inf if before is None else float(np.sqrt(np.mean(((segment.new - before) / scale) ** 2)))
            if not np.isfinite(error) or not history.used or change < _SETTLED:
                break
            if before is not None and error > 1e3:
                break
            history.ahead, before = segment, segment.new
        else:
            error = max(error, 100.0)  # a shorter step settles
        history.ahead = None
        return segment, error if np.isfinite(error) else np.inf

    def _attempt(self, linear: Linear, h: float) -> tuple[Segment, np.ndarray]:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", LinAlgWarning)  # a singular matrix gives what is not finite
            return attempt(RODAS5P, self._slope, linear, h)

    def _slope(self, time: float, state: np.ndarray, before: bool) -> np.ndarray:
        if self._rates:
            shifts: dict[int, np.ndarray] = {}
            if self._near:
                ahead = self._values.history.ahead
                shifts = dict.fromkeys(self._near, state - (self.y if ahead is None else ahead(time)))
            given = (self._rates, time, np.ascontiguousarray(state), self._parameters)
            self._system.set_parameters(self._values.set(*given, before=before, shifts=shifts))
        return self._system.derivative_copied(time, state)

    def _linear(self) -> Linear:
        value = self._slope(self.t, self.y, False)
        if self._near or any(each in self._values.table.follows_state for each in self._rates):
            jacobian = slopes_by_differences(self._slope, self.t, self.y, value, self._atol / self._rtol)
        else:
            jacobian = self._system.jacobian(self.t, self.y)
        return Linear(self.t, self.y, value, jacobian)

    def _limit(self) -> float:
        """Return how long a step may be (h), and find the values that it asks for within itself."""
        limit = min(self._end, self._jumps.following(self.t)) - self.t
        row = self._values.set(self._rates, self.t, self.y, self._parameters)
        lags = {each: self._values.lag(each, self.t, self.y, row) for each in self._rates}
        short = _WORTH_WAITING * min(limit, self._h)
        self._near = [each for each, lag in lags.items() if lag < short or lag == 0.0]
        return min([limit, *(lag for each, lag in lags.items() if each not in self._near)])

    def _slower(self, error: float) -> float:
        return _limited(max(error, 1e-10) ** (1 / RODAS5P.error_order) / _SAFETY)

    def _failed(self, message: str) -> str:
        self.status = "failed"
        return message


def _limited(factor: float) -> float:
    return max(min(factor, 1.0 / _SHRINK), 1.0 / _GROW)
