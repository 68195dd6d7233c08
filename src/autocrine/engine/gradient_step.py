"""The derivative of each step of a trajectory along directions of parameters and initial values.

The loop over steps has one trajectory in each lane. Here trajectories come one after the other, and the lanes are the
stages of the step while matrices are computed, and then the directions, which share matrices and factors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autocrine.engine.gradient_statements import GradientProgram
from autocrine.engine.ir_value import Spread
from autocrine.engine.ir_writer import INT, POINTER, REAL, Array, Value, Writer
from autocrine.engine.lane_loop import JOB, Companion
from autocrine.engine.lanes import Column, Lanes
from autocrine.engine.llvm_printer import print_block
from autocrine.engine.rosenbrock import Rosenbrock
from autocrine.engine.step_control import SMALLEST_PIVOT
from autocrine.engine.step_kernel import weighted_sum
from autocrine.engine.words import Words

#: words of the companion. G groups of W directions, L lanes, n species, m active parameters, N trajectories
WORDS = (
    "groups",  # G
    "rows",  # (N, G, n + m, W) derivatives of state and parameters along the directions
    "scale",  # (N, G, W) what a derivative is multiplied with before its error is measured
    "strictness",  # (N,) what the error of the derivatives is multiplied with
    "constants",  # (N, c)
    "shown",  # (N, T, G, n, W) derivatives of the states at the times that are asked for
    "new",  # (L, G, n, W) where the step of each lane leads
    "dense",  # (L, G, rows of H, n, W) coefficients of the dense output of each lane's step
    "scratch",  # of one thread
    # only where there are triggers: the step in which one turned
    "arrived",  # (N, G, n, W) derivatives at its end
    "curve",  # (N, G, rows of H, n, W) coefficients of their dense output
)


def scratch_layout(step: GradientStep, lanes: int) -> dict[str, int]:
    """Return where what is needed for a while begins, counted in numbers; ``""`` is the whole length."""
    gradient, stages, width = step.gradient, step.method.stages, step.width
    n, blocks = gradient.species, -(-stages // lanes)
    lengths = {
        "arguments": stages * n * lanes,
        "y": n,
        "t": 1,
        "shared": gradient.lengths["lu"] + gradient.lengths["c"],
    }
    # of stages, one in each lane
    lengths |= {"stage_t": blocks * lanes, "w": blocks * lanes, "stage_y": blocks * n * lanes, "u": blocks * n * lanes}
    lengths |= {name: blocks * lanes * gradient.lengths[name] for name in "ab"}
    # the same of each stage behind one another, with what all have
    lengths |= {"numbers": blocks * lanes * (gradient.lengths["a"] + gradient.lengths["b"])}
    lengths |= {"vectors": (3 * n + len(gradient.active)) * width}
    lengths |= {"zero": n * width, "r": n * width, "v": stages * n * width, "total": width, "worst": 1}
    places, first = {}, 0
    for name, length in lengths.items():
        places[name] = first
        first += -(-length // _LINE) * _LINE
    return places | {"": first}


#: numbers that an array begins at a multiple of
_LINE = 32


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
    width : int
        Directions of a group. Two or more registers for one group need not read matrices and factors as often.
    watching : bool
        Whether triggers are watched.
    """

    def __init__(
        self, gradient: GradientProgram, factors: int, method: Rosenbrock, width: int, *, watching: bool = False
    ) -> None:
        self.gradient, self.factors, self.method, self.width = gradient, factors, method, width
        self.watching = watching

    def write_functions(self, w: Writer, places: Mapping[str, tuple[int, int]]) -> None:
        """Write the functions of the network, and those of one lane."""
        self._print(w, "slope", t=w.array, y=w.array, c=_spread(w))
        self._print(w, "bend", t=_spread(w), y=_spread(w), c=_spread(w), u=w.array, w=w.array, a=w.array)
        wide = Writer(self.width)
        names = ("numbers", "shared", "vectors", "r", "out")
        with wide.function("add_up", [(POINTER, each) for each in names], how="internal") as pointers:
            _add_up(wide, self.gradient, *pointers)
        with w.function("turn", [(POINTER, each) for each in ("a", "b", "numbers")], how="internal") as given:
            _turn(w, self.gradient.lengths, *given)
        for name, body in (("follow", _follow), ("accept_gradient", _accept), ("show_gradient", _show)):
            arguments = [(POINTER, "job"), (POINTER, "memory"), (INT, "lane")]
            with wide.function(name, arguments, how="internal") as (job, memory, lane):
                lanes = Lanes(wide, memory, places, self.gradient.species, lanes=w.lanes)
                body(_Lane(wide, Words(wide, job, JOB), lanes, lane, self))
        w.include(wide)

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


def _add_up(w: Writer, gradient: GradientProgram, numbers: Value, shared: Value, *arrays: Value) -> None:
    """Write the sums: forward with ``r``, then backward."""
    vector, r, out = (w.array(each) for each in arrays)
    sums, n, changing = gradient.sums, gradient.species, gradient.lengths["a"] + gradient.lengths["b"]

    def number(place: int) -> Value:
        return Spread(w, numbers)[place] if place < changing else Spread(w, shared)[place - changing]

    for row, (first, past, species, factor) in enumerate(sums.rows.tolist()):
        w.split()  # or else vectors that are read once would be kept for the next sums, for which there is no room
        total = r[species] if row < n else vector[species]
        for each, other in sums.entries[first:past].tolist():
            total = number(each) * vector[other] + total
        if row >= n:
            total = total * number(factor)
            out[species] = total
        vector[species] = total


def _turn(w: Writer, lengths: Mapping[str, int], a: Value, b: Value, numbers: Value) -> None:
    """Write the numbers of each stage behind one another from those with a stage in each lane."""
    first, length = 0, lengths["a"] + lengths["b"]
    for source, count in ((a, lengths["a"]), (b, lengths["b"])):
        if count:
            with w.loop(count // w.lanes) as i:
                rows = [w.array(source)[i * w.lanes + k] for k in range(w.lanes)]
                for lane, row in enumerate(w.transposed(rows)):
                    w.array(w.array(numbers, REAL).at(i * w.lanes + (lane * length + first)))[0] = row
        first += count


class _Lane:
    """What is at hand while instructions for the trajectory in one lane are written; lanes are directions here."""

    def __init__(self, w: Writer, job: Words, lanes: Lanes, lane: Value, step: GradientStep) -> None:
        self.w, self.job, self.lane, self._lanes, self.stage_lanes = w, job, lane, lanes, lanes.lanes
        self.gradient, self.method, self.factors = step.gradient, step.method, step.factors
        self.watching = step.watching
        self.n = step.gradient.species
        self._places = scratch_layout(step, lanes.lanes)
        self.words = Words(w, job.address("companion"), WORDS)
        self._scratch = w.array(self.words.address("scratch"), REAL)
        self.number, self.groups = self["trajectory"][0], self.words["groups"]

    def __getitem__(self, name: str) -> Column:
        """Return the numbers of the trajectory."""
        return self._lanes.of(self.lane, name)

    def address(self, name: str, first: int = 0) -> Value:
        """Return the address of a number of the scratch."""
        return self._scratch.at(self._places[name] + first)

    def plain(self, name: str, first: int = 0) -> Array:
        """Return an array of the scratch from a number on."""
        return self.w.array(self._scratch.pointer, REAL, self._places[name] + first)

    def vectors(self, name: str, first: int = 0) -> Array:
        """Return an array of the scratch from a vector of directions on."""
        return self.w.array(self.address(name, first * self.w.lanes))

    def row(self, name: str, owner: Value, group: Value, length: int, first: int = 0) -> Array:
        """Return the vectors of a group in an array (owners, G, length, W)."""
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
        if at.watching:
            _dense(at, group)
        else:
            with w.when(due <= end):
                _dense(at, group)
    at["error"][0] = at.plain("worst")[0]


def _matrices(at: _Lane) -> None:
    """Write the derivatives of the slopes at all stages, one stage in each lane."""
    w, n, method, lanes = at.w, at.n, at.method, at.stage_lanes
    at.plain("t")[0] = at["t"][0]
    arguments = Column(at.plain("arguments"), at.lane, lanes)
    with w.loop(n) as i:
        at.plain("y")[i] = at["y"][i]
        for stage in range(method.stages):
            block, lane = divmod(stage, lanes)
            at.plain("stage_y", block * n * lanes + lane)[i * lanes] = arguments[i + stage * n]
            at.plain("u", block * n * lanes + lane)[i * lanes] = at["stages"][i + stage * n]
    shared, (factors, constants) = at.plain("shared"), (at.gradient.lengths[name] for name in ("lu", "c"))
    if at.factors:
        with w.loop(at.factors) as i:
            shared[i] = at["lu"][i]
    row = w.array(_constants(at), REAL)
    with w.loop(constants) as i:
        shared[i + factors] = row[i]
    for stage in range(method.stages):
        at.plain("stage_t")[stage] = at["t"][0] + at["h"][0] * method.alpha[stage]
        at.plain("w")[stage] = at["h"][0] * method.delta[stage]
    lengths = at.gradient.lengths
    for block in range(-(-method.stages // lanes)):
        a, b = (at.address(name, block * lengths[name] * lanes) for name in "ab")
        stage_t, weight = at.address("stage_t", block * lanes), at.address("w", block * lanes)
        stage_y, u = at.address("stage_y", block * n * lanes), at.address("u", block * n * lanes)
        w.call("slope", [stage_t, stage_y, _constants(at), a])
        w.call("bend", [at.address("t"), at.address("y"), _constants(at), u, weight, a, b])
        w.call("turn", [a, b, at.address("numbers", block * lanes * _changing(at))])


def _changing(at: _Lane) -> int:
    """Return how many numbers each stage has of its own."""
    return at.gradient.lengths["a"] + at.gradient.lengths["b"]


def _constants(at: _Lane) -> Value:
    return at.words.array("constants").at(at.number * at.gradient.lengths["c"])


def _stages(at: _Lane, group: Value) -> None:
    """Write the derivatives of all stages along the directions of a group, and the new derivatives of the state."""
    w, n, method = at.w, at.n, at.method
    state, z, s = at.state(group), at.vectors("vectors", n), at.vectors("vectors", 2 * n)
    with w.loop(n + len(at.gradient.active)) as i:
        s[i] = state[i]
    with w.loop(n) as i:
        z[i] = state[i]
    for stage in range(method.stages):
        if stage:
            _arguments(at, stage)
        numbers = at.address("numbers", stage * _changing(at))
        r = at.address("r") if stage else at.address("zero")
        w.call("add_up", [numbers, at.address("shared"), at.address("vectors"), r, at.vectors("v", stage * n).pointer])
    last, new = at.vectors("v", (method.stages - 1) * n), at.new(group)
    with w.loop(n) as i:
        new[i] = z[i] + last[i]


def _arguments(at: _Lane, stage: int) -> None:
    w, n, method = at.w, at.n, at.method
    weights, others = method.A[stage], method.C[stage]
    adds_one = weights == (*method.A[stage - 1], 1.0)
    z, s, r = at.vectors("vectors", n), at.vectors("vectors", 2 * n), at.vectors("r")
    stages, per_h = [at.vectors("v", j * n) for j in range(stage)], w.spread(1.0 / at["h"][0])
    with w.loop(n) as i:
        v = [each[i] for each in stages]
        z[i] = z[i] + v[-1] if adds_one else weighted_sum(weights, v, s[i])
        r[i] = weighted_sum(others[1:], v[1:], v[0] * others[0]) * per_h


def _measure(at: _Lane, group: Value, strictness: Value) -> None:
    """Raise the error to that of the worst direction."""
    w, n = at.w, at.n
    last, old, new = at.vectors("v", (at.method.stages - 1) * n), at.state(group), at.new(group)
    total, worst = at.vectors("total"), at.plain("worst")
    scale, rtol = at.row("scale", at.number, group, 1)[0], w.spread(at["rtol"][0])
    total[0] = 0.0
    with w.loop(n) as i:
        size = w.maximum(w.intrinsic("fabs", old[i]), w.intrinsic("fabs", new[i]))
        share = last[i] * scale / (w.spread(at["atol"][i]) + rtol * (scale * size))
        total[0] = total[0] + share * share
    total[0] = w.intrinsic("sqrt", total[0] * (1.0 / n))
    with w.loop(w.lanes) as i:
        # what is not a number stays
        worst[0] = w.intrinsic("maximum", worst[0], at.plain("total")[i] * strictness)


def _dense(at: _Lane, group: Value) -> None:
    """Write the coefficients of the dense output."""
    w, n = at.w, at.n
    stages = [at.vectors("v", j * n) for j in range(at.method.stages)]
    rows = [at.dense(group, row) for row in range(len(at.method.H))]
    with w.loop(n) as i:
        v = [each[i] for each in stages]
        for row, weights in zip(rows, at.method.H, strict=True):
            row[i] = weighted_sum(weights[1:], v[1:], v[0] * weights[0])


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
    """Take the step of a lane; one in which a trigger turned is handed over instead."""
    if not at.watching:
        _take(at)
        return
    turned = at["turned"][0] > 0.0
    with at.w.when(turned):
        _hand_over(at)
    with at.w.when(~turned):
        _take(at)


def _take(at: _Lane) -> None:
    with at.w.loop(at.groups) as group:
        old, new = at.state(group), at.new(group)
        with at.w.loop(at.n) as i:
            old[i] = new[i]


def _hand_over(at: _Lane) -> None:
    """Write where the step leads, and its dense output, to the rows of the trajectory."""
    for target, source, length in (("arrived", "new", at.n), ("curve", "dense", at.n * len(at.method.H))):
        with at.w.loop(at.groups) as group:
            written, read = at.row(target, at.number, group, length), at.row(source, at.lane, group, length)
            with at.w.loop(length) as i:
                written[i] = read[i]
