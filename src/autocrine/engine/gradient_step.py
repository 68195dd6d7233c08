"""The derivative of each step of a trajectory along directions of parameters and initial values.

The loop over steps has one trajectory in each lane. Here trajectories come one after the other, and the lanes are the
stages of the step while matrices are computed, and then the directions, which share matrices and factors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autocrine.engine.gradient_statements import GradientProgram
from autocrine.engine.ir_writer import INT, POINTER, REAL, Array, Spread, Value, Writer
from autocrine.engine.lane_loop import JOB, Companion
from autocrine.engine.lanes import Lanes
from autocrine.engine.llvm_printer import print_block
from autocrine.engine.rosenbrock import Rosenbrock
from autocrine.engine.step_control import SMALLEST_PIVOT
from autocrine.engine.step_kernel import weighted_sum
from autocrine.engine.words import Words

#: words of the companion. G groups of L directions, n species, m active parameters; rows are those of trajectories
WORDS = (
    "groups",  # G
    "rows",  # (N, G, n + m, L) derivatives of state and parameters along the directions
    "scale",  # (N, G, L) what a derivative is multiplied with before its error is measured
    "strictness",  # (N,) what the error of the derivatives is multiplied with
    "constants",  # (N, hoisted)
    "shown",  # (N, T, G, n, L) derivatives of the states at the times that are asked for
    "new",  # (L, G, n, L) where the step of each lane leads
    "dense",  # (L, G, rows of H, n, L) coefficients of the dense output of each lane's step
    "scratch",  # of one thread
)


def scratch_layout(gradient: GradientProgram, method: Rosenbrock, factors: int, lanes: int) -> dict:
    """Return first place and length of what is needed for a while, in groups of lanes; ``""`` has the whole length."""
    n, stages = gradient.species, method.stages
    blocks = -(-stages // lanes)
    lengths = {"arguments": stages * n, "y": -(-n // lanes), "t": 1, "lu": -(-factors // lanes)}
    lengths |= {"stage_t": blocks, "w": blocks, "stage_y": blocks * n, "u": blocks * n}
    lengths |= {"a": blocks * gradient.slopes, "b": blocks * gradient.bends}
    lengths |= {"zero": n, "z": n, "r": n, "v": stages * n, "total": 1, "worst": 1}
    places, first = {}, 0
    for name, length in lengths.items():
        places[name] = first, length
        first += length
    return places | {"": (0, first)}


class GradientStep(Companion):
    """Writes the derivatives of steps.

    Parameters
    ----------
    gradient : GradientProgram
        The functions of the network.
    factors : int
        Number of terms of the factors that a step keeps.
    method : Rosenbrock
        The method.
    """

    def __init__(self, gradient: GradientProgram, factors: int, method: Rosenbrock) -> None:
        self.gradient, self.factors, self.method = gradient, factors, method

    def write_functions(self, w: Writer, places: Mapping[str, tuple[int, int]]) -> None:
        """Write the functions of the network, and those of one lane."""
        self._print(w, "slope", t=w.array, y=w.array, c=_spread(w))
        self._print(w, "bend", t=_spread(w), y=_spread(w), c=_spread(w), u=w.array, w=w.array, a=w.array)
        shared = dict.fromkeys("ab", _spread(w, w.lanes)) | {"c": _spread(w), "lu": _spread(w)}
        self._print(w, "direct", **shared, z=w.array, s=w.array, q=w.array, r=w.array)
        for name, body in (("follow", _follow), ("accept_gradient", _accept), ("show_gradient", _show)):
            arguments = [(POINTER, "job"), (POINTER, "memory"), (INT, "lane")]
            with w.function(name, arguments, how="internal") as (job, memory, lane):
                body(_Lane(w, Words(w, job, JOB), Lanes(w, memory, places, self.gradient.species), lane, self))

    def measure(self, w: Writer, job: Words, lanes: Lanes) -> None:
        """Differentiate the steps whose error is small enough, and raise it to that of the derivatives."""
        safe = (lanes["safety"][0] >= SMALLEST_PIVOT) & (lanes["error"][0] <= 1.0)
        wanted = safe & (lanes["live"][0] > 0.0)
        with w.when(w.any(wanted)):
            lanes["wanted"][0] = w.select(wanted, 1.0, 0.0)
            words = Words(w, job.address("companion"), WORDS)
            arguments = words.array("scratch", w.real)
            with w.loop(lanes.species) as i:
                stages = [lanes.from_("stages", j * lanes.species)[i] for j in range(self.method.stages - 1)]
                for stage, weights in enumerate(self.method.A):
                    arguments[i + stage * lanes.species] = weighted_sum(weights, stages[:stage], lanes["y"][i])
            self._each(w, job, lanes, "wanted", "follow")

    def show(self, w: Writer, job: Words, lanes: Lanes, lane: Value) -> None:
        """Write the derivatives at the time ``due`` of a lane to their place."""
        w.call("show_gradient", [job.pointer, lanes.memory, lane])

    def accept(self, w: Writer, job: Words, lanes: Lanes) -> None:
        """Take the derivatives at the end of the steps that are accepted."""
        self._each(w, job, lanes, "accepted", "accept_gradient")

    def _each(self, w: Writer, job: Words, lanes: Lanes, mark: str, function: str) -> None:
        with w.loop(w.lanes) as lane, w.when(lanes.of(lane, mark)[0] > 0.0):
            w.call(function, [job.pointer, lanes.memory, lane])

    def _print(self, writer: Writer, function: str, /, **arrays: Callable[[Value], Array]) -> None:
        names = (*arrays, "out")
        with writer.function(function, [(POINTER, each) for each in names], how="internal") as pointers:
            given = dict(zip(names, pointers, strict=True))
            made = {each: kind(given[each]) for each, kind in arrays.items()}
            print_block(writer, getattr(self.gradient, function), made | {"out": given["out"]})


def _spread(w: Writer, stride: int = 1) -> Callable[[Value], Array]:
    return lambda pointer: Spread(w, pointer, stride)


class _Lane:
    """What is at hand while instructions for the trajectory in one lane are written."""

    def __init__(self, w: Writer, job: Words, lanes: Lanes, lane: Value, step: GradientStep) -> None:
        self.w, self.job, self.lane, self._lanes = w, job, lane, lanes
        self.gradient, self.method, self.factors = step.gradient, step.method, step.factors
        self.n = step.gradient.species
        scratch = scratch_layout(step.gradient, step.method, step.factors, w.lanes)
        self.words = Words(w, job.address("companion"), WORDS)
        self.scratch = Lanes(w, self.words.address("scratch"), scratch, self.n)
        self.number, self.groups = self["trajectory"][0], self.words["groups"]

    def __getitem__(self, name: str):
        """Return the numbers of the trajectory."""
        return self._lanes.of(self.lane, name)

    def plain(self, name: str, first: int = 0) -> Array:
        """Return an array of the scratch as plain numbers."""
        return self.w.array(self.scratch.address(name), REAL, first)

    def row(self, name: str, owner: Value, group: Value, length: int, first: int = 0) -> Array:
        """Return the vectors of a group in an array (owners, G, length, L)."""
        place = (owner * self.groups + group) * length + first
        return self.w.array(self.w.array(self.words.address(name)).at(place))

    def state(self, group: Value, first: int = 0) -> Array:
        """Return how state and parameters change along the directions of a group."""
        return self.row("rows", self.number, group, self.n + len(self.gradient.active), first)

    def new(self, group: Value) -> Array:
        return self.row("new", self.lane, group, self.n)

    def dense(self, group: Value, row: int) -> Array:
        return self.row("dense", self.lane, group, self.n * len(self.method.H), row * self.n)


def _follow(at: _Lane) -> None:
    """Write the derivatives of the attempted step of a lane, and add their error to that of the state."""
    _matrices(at)
    w = at.w
    at.plain("worst")[0] = at["error"][0]
    strictness = at.words.array("strictness")[at.number]
    due, end = at["due"][0], at["t"][0] + at["h"][0]
    end = w.select(at["last"][0] > 0.0, at["end"][0], end)
    with w.loop(at.groups) as group:
        _stages(at, group)
        _measure(at, group, strictness)
        with w.when(due <= end):
            _dense(at, group)
    at["error"][0] = at.plain("worst")[0]


def _matrices(at: _Lane) -> None:
    """Write the derivatives of the slopes at all stages, one stage in each lane."""
    w, n, method = at.w, at.n, at.method
    at.plain("t")[0] = at["t"][0]
    arguments = at.scratch.of(at.lane, "arguments")
    with w.loop(n) as i:
        at.plain("y")[i] = at["y"][i]
        for stage in range(method.stages):
            place, lane = divmod(stage, w.lanes)
            at.plain("stage_y", place * n * w.lanes + lane)[i * w.lanes] = arguments[i + stage * n]
            at.plain("u", place * n * w.lanes + lane)[i * w.lanes] = at["stages"][i + stage * n]
    if at.factors:
        with w.loop(at.factors) as i:
            at.plain("lu")[i] = at["lu"][i]
    for stage in range(method.stages):
        at.plain("stage_t")[stage] = at["t"][0] + at["h"][0] * method.alpha[stage]
        at.plain("w")[stage] = at["h"][0] * method.delta[stage]
    for block in range(at.scratch.places["stage_t"][1]):
        a, b = (at.scratch.address(each, block * length) for each, length in _lengths(at))
        stage_t, weight = at.scratch.address("stage_t", block), at.scratch.address("w", block)
        stage_y, u = at.scratch.address("stage_y", block * n), at.scratch.address("u", block * n)
        w.call("slope", [stage_t, stage_y, _constants(at), a])
        t, y = at.scratch.address("t"), at.scratch.address("y")
        w.call("bend", [t, y, _constants(at), u, weight, a, b])


def _lengths(at: _Lane) -> tuple[tuple[str, int], ...]:
    return ("a", at.gradient.slopes), ("b", at.gradient.bends)


def _constants(at: _Lane) -> Value:
    return at.words.array("constants").at(at.number * at.gradient.hoisted)


def _stages(at: _Lane, group: Value) -> None:
    """Write the derivatives of all stages along the directions of a group, and the new derivatives of the state."""
    w, n, method, scratch = at.w, at.n, at.method, at.scratch
    s, q = at.state(group).pointer, at.state(group, n).pointer
    for stage in range(method.stages):
        place, lane = divmod(stage, w.lanes)
        a, b = (at.plain(each, place * length * w.lanes).at(lane) for each, length in _lengths(at))
        if stage:
            _arguments(at, group, stage)
        z, r = (scratch.address("z"), scratch.address("r")) if stage else (s, scratch.address("zero"))
        w.call("direct", [a, b, _constants(at), scratch.address("lu"), z, s, q, r, scratch.address("v", stage * n)])
    last, new = scratch.from_("v", (method.stages - 1) * n), at.new(group)
    with w.loop(n) as i:
        new[i] = scratch["z"][i] + last[i]


def _arguments(at: _Lane, group: Value, stage: int) -> None:
    w, n, method, scratch = at.w, at.n, at.method, at.scratch
    weights, others = method.A[stage], method.C[stage]
    adds_one = weights == (*method.A[stage - 1], 1.0)
    s, per_h = at.state(group), w.spread(1.0 / at["h"][0])
    with w.loop(n) as i:
        v = [scratch.from_("v", j * n)[i] for j in range(stage)]
        scratch["z"][i] = scratch["z"][i] + v[-1] if adds_one else weighted_sum(weights, v, s[i])
        scratch["r"][i] = weighted_sum(others[1:], v[1:], v[0] * others[0]) * per_h


def _measure(at: _Lane, group: Value, strictness: Value) -> None:
    """Raise the error to that of the worst direction."""
    w, n, scratch = at.w, at.n, at.scratch
    last, old, new = scratch.from_("v", (at.method.stages - 1) * n), at.state(group), at.new(group)
    scale, rtol = at.row("scale", at.number, group, 1)[0], w.spread(at["rtol"][0])
    scratch["total"][0] = 0.0
    with w.loop(n) as i:
        size = w.maximum(w.intrinsic("fabs", old[i]), w.intrinsic("fabs", new[i]))
        share = last[i] * scale / (w.spread(at["atol"][i]) + rtol * (scale * size))
        scratch["total"][0] = scratch["total"][0] + share * share
    scratch["total"][0] = w.intrinsic("sqrt", scratch["total"][0] * (1.0 / n))
    with w.loop(w.lanes) as i:
        # what is not a number stays
        worst = at.plain("worst")
        worst[0] = w.intrinsic("maximum", worst[0], at.plain("total")[i] * strictness)


def _dense(at: _Lane, group: Value) -> None:
    """Write the coefficients of the dense output."""
    w, n = at.w, at.n
    with w.loop(n) as i:
        v = [at.scratch.from_("v", j * n)[i] for j in range(at.method.stages)]
        for row, weights in enumerate(at.method.H):
            at.dense(group, row)[i] = weighted_sum(weights[1:], v[1:], v[0] * weights[0])


def _show(at: _Lane) -> None:
    """Write the derivatives at the time ``due`` of a lane to their place."""
    w, n, rows = at.w, at.n, range(len(at.method.H))
    x = w.spread((at["due"][0] - at["t"][0]) / at["h"][0])
    rest = 1.0 - x
    first = (at.number * at.job["row_length"] + at["cursor"][0] * n) * at.groups
    with w.loop(at.groups) as group:
        shown = w.array(w.array(at.words.address("shown")).at(first + group * n))
        old, new, k = at.state(group), at.new(group), [at.dense(group, row) for row in rows]
        with w.loop(n) as i:
            curve = k[-1][i]
            for each in reversed(k[:-1]):
                curve = each[i] + x * curve
            shown[i] = rest * old[i] + x * (new[i] + rest * curve)


def _accept(at: _Lane) -> None:
    """Take the step of a lane."""
    with at.w.loop(at.groups) as group:
        old, new = at.state(group), at.new(group)
        with at.w.loop(at.n) as i:
            old[i] = new[i]
