"""The step size of each lane: what is accepted, and how large the next step is.

All functions write instructions for all lanes at once; no lane reads what belongs to another.
"""

from __future__ import annotations

from autocrine.engine import elementary
from autocrine.engine.ir_writer import Value, Writer
from autocrine.engine.lanes import Lanes
from autocrine.engine.rosenbrock import Rosenbrock

#: next step over this one: limits and safety of Hairer & Wanner's code RODAS
_SHRINK, _GROW, _SAFETY = 0.2, 6.0, 0.9
#: a pivot smaller than this share of 1/(h gamma) makes a factorisation without exchange of rows unsafe
SMALLEST_PIVOT = 1e-6
#: what a step is reduced to after a bad pivot, or when something was not finite
_AFTER_NONSENSE = 0.1
#: steps below this share of time, or of the whole interval, cannot be told from none
_SMALLEST_STEP, _SMALLEST_SHARE = 8.9e-16, 1e-28
_SUMS = 4


def first_step(w: Writer, lanes: Lanes, method: Rosenbrock) -> None:
    """Write the first step of fresh lanes: a share rtol^(1/k) of the time in which the fastest species changes."""
    w.call("rhs", [lanes.address(name) for name in ("t", "y", "c", "f")])
    rtol, end, t = lanes["rtol"][0], lanes["end"][0], lanes["t"][0]
    lanes["total"][0] = 0.0
    with w.loop(lanes.species) as i:
        size = w.intrinsic("fabs", lanes["y"][i]) + lanes["atol"][i] / rtol
        speed = w.intrinsic("fabs", lanes["f"][i]) / size
        lanes["total"][0] = w.maximum(speed, lanes["total"][0])
    step = 0.5 * _root(w, rtol, method) / lanes["total"][0]
    step = w.select(step < end - t, step, end - t)
    lanes["h"][0] = w.select(lanes["fresh"][0] > 0.0, step, lanes["h"][0])
    lanes["fresh"][0] = 0.0


def fit_to_end(w: Writer, lanes: Lanes) -> None:
    """Let a step that reaches the end, or nearly, end there."""
    left = lanes["end"][0] - lanes["t"][0]
    last = lanes["h"][0] * 1.001 >= left
    lanes["h"][0] = w.select(last, left, lanes["h"][0])
    lanes["last"][0] = w.select(last, 1.0, 0.0)


def measure_error(w: Writer, lanes: Lanes, stages: int) -> None:
    """Write the root mean square of the errors over their tolerances."""
    estimate = lanes.from_("stages", (stages - 1) * lanes.species)
    rtol = lanes["rtol"][0]
    sums: list[Value] = []  # some that do not wait for one another
    for i in range(lanes.species):
        old, new = w.intrinsic("fabs", lanes["y"][i]), w.intrinsic("fabs", lanes["new"][i])
        share = estimate[i] / (lanes["atol"][i] + rtol * w.maximum(old, new))
        square = share * share
        sums = [*sums, square] if i < _SUMS else [*sums[1:], sums[0] + square]
    while len(sums) > 1:
        sums = [*sums[2:], sums[0] + sums[1]]
    lanes["error"][0] = w.intrinsic("sqrt", sums[0] * (1.0 / lanes.species))


def judge(w: Writer, lanes: Lanes, method: Rosenbrock) -> None:
    """Accept or reject the step of each lane, and write the next step.

    The next step follows from this error and the last accepted one (Gustafsson 1994, doi:10.1145/198429.198437).
    """
    h, error, accepted_h = lanes["h"][0], lanes["error"][0], lanes["accepted_h"][0]
    sound = (lanes["safety"][0] >= SMALLEST_PIVOT) & (error < 1e100)
    accepted = sound & (error <= 1.0) & (lanes["live"][0] > 0.0)
    e = w.maximum(error, 1e-10)
    slower = _limited(w, _root(w, e, method) * (1.0 / _SAFETY))
    previous = lanes["accepted_error"][0]
    predicted = accepted_h / h * _root(w, e * e / previous, method) * (1.0 / _SAFETY)
    with_past = w.maximum(slower, _limited(w, predicted))
    following = h / w.select(accepted & (accepted_h > 0.0), with_past, slower)
    grown_too_soon = accepted & (lanes["rejected"][0] > 0.0) & (following > h)
    following = w.select(grown_too_soon, h, following)
    lanes["next_h"][0] = w.select(sound, following, h * _AFTER_NONSENSE)
    lanes["accepted_h"][0] = w.select(accepted, h, accepted_h)
    lanes["accepted_error"][0] = w.select(accepted, w.maximum(e, 1e-2), previous)
    lanes["rejected"][0] = w.select(accepted, 0.0, 1.0)
    lanes["accepted"][0] = w.select(accepted, 1.0, 0.0)
    lanes["sound"][0] = w.select(sound, 1.0, 0.0)


def smallest_step(w: Writer, lanes: Lanes) -> Value:
    """Return the step below which a lane fails."""
    t = w.intrinsic("fabs", lanes["t"][0])
    return t * _SMALLEST_STEP + (lanes["end"][0] - lanes["t"][0]) * _SMALLEST_SHARE


def _root(w: Writer, x: Value, method: Rosenbrock) -> Value:
    """Return x^(1/k) for the order k of the error estimate."""
    return elementary.call(w, "exp", elementary.call(w, "log", x) * (1.0 / method.error_order))


def _limited(w: Writer, factor: Value) -> Value:
    return w.maximum(w.minimum(factor, 1.0 / _SHRINK), 1.0 / _GROW)
