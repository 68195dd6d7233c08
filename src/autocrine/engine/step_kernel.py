"""One attempted step of a Rosenbrock method in all lanes, written for one network."""

from __future__ import annotations

from autocrine.engine.ir_writer import Value, Writer
from autocrine.engine.lanes import Lanes
from autocrine.engine.llvm_printer import print_block
from autocrine.engine.rosenbrock import Rosenbrock
from autocrine.engine.step_statements import StepProgram

_ARRAYS = {"rhs": ("t", "y", "c"), "linearise": ("t", "y", "c", "d"), "solve": ("f", "b", "c", "lu")}
#: statements between two readings of what is in memory; a solution needs few registers, and is faster in one piece
_PARTS = {"linearise": 64, "rhs": 64}


def write_functions(w: Writer, step: StepProgram) -> None:
    """Write ``rhs``, ``linearise``, ``solve`` and ``watch`` of a network, each of the addresses of its arrays."""
    watch = {"watch": ("t", "y", "c")} if step.watch else {}
    for name, arrays in (_ARRAYS | watch).items():
        names = (*arrays, "out")
        with w.function(name, [(w.own, each) for each in names], how="internal") as pointers:
            places = dict(zip(names, pointers, strict=True))
            part = _PARTS.get(name) if w.lanes > 1 else None
            print_block(w, getattr(step, name), places, part=part)


def attempt(w: Writer, lanes: Lanes, step: StepProgram, method: Rosenbrock) -> None:
    """Write all stages of a step from ``t`` and ``y`` over ``h``: they go to ``stages``, the result to ``new``."""
    per_h = 1.0 / lanes["h"][0]
    lanes["d"][0] = per_h * (1.0 / method.gamma)
    w.call("linearise", [lanes.address(name) for name in ("t", "y", "c", "d", "f")])
    for stage in range(method.stages):
        if stage:
            _arguments(w, lanes, method, stage, follows_time=step.follows_time)
            lanes["stage_t"][0] = lanes["t"][0] + lanes["h"][0] * method.alpha[stage]
            w.call("rhs", [lanes.address(name) for name in ("stage_t", "argument", "c", "f")])
        elif step.follows_time:
            with w.loop(step.species) as i:
                lanes["b"][i] = lanes["h"][0] * method.delta[0] * lanes["drift"][i]
        right = "b" if stage or step.follows_time else "zero"
        addresses = [lanes.address(name) for name in ("f", right, "c", "lu")]
        w.call("solve", [*addresses, lanes.address("stages", stage * step.species)])
    last = lanes.from_("stages", (method.stages - 1) * step.species)
    with w.loop(step.species) as i:
        lanes["new"][i] = lanes["argument"][i] + last[i]


def _arguments(w: Writer, lanes: Lanes, method: Rosenbrock, stage: int, *, follows_time: bool) -> None:
    """Write the argument of a stage, and what is added to its slopes."""
    weights, others = method.A[stage], method.C[stage]
    # the last stages of a stiffly accurate method add one stage to the argument before
    adds_one = weights == (*method.A[stage - 1], 1.0)
    h = lanes["h"][0]
    per_h = 1.0 / h
    with w.loop(lanes.species) as i:
        stages = [lanes.from_("stages", j * lanes.species)[i] for j in range(stage)]
        if adds_one:
            lanes["argument"][i] = lanes["argument"][i] + stages[-1]
        else:
            lanes["argument"][i] = weighted_sum(weights, stages, lanes["y"][i])
        right = weighted_sum(others[1:], stages[1:], stages[0] * others[0]) * per_h
        if follows_time:
            right = right + h * method.delta[stage] * lanes["drift"][i]
        lanes["b"][i] = right


def dense_coefficients(w: Writer, lanes: Lanes, method: Rosenbrock) -> None:
    """Write the coefficients of the dense output of this step."""
    with w.loop(lanes.species) as i:
        stages = [lanes.from_("stages", j * lanes.species)[i] for j in range(method.stages)]
        for row, weights in enumerate(method.H):
            lanes.from_("k", row * lanes.species)[i] = weighted_sum(weights[1:], stages[1:], stages[0] * weights[0])


def interpolate(w: Writer, lanes: Lanes, method: Rosenbrock) -> None:
    """Write the state at the time ``due`` of each lane into ``dense``."""
    x = (lanes["due"][0] - lanes["t"][0]) / lanes["h"][0]
    rest = 1.0 - x
    with w.loop(lanes.species) as i:
        lanes["dense"][i] = dense(lanes, method, i, x, rest)


def dense(lanes: Lanes, method: Rosenbrock, i: Value | int, x: Value, rest: Value) -> Value:
    """Return the level of species ``i`` at the share ``x`` of the step, ``rest`` before its end."""
    k = [lanes.from_("k", row * lanes.species)[i] for row in range(len(method.H))]
    curve = k[-1]
    for each in reversed(k[:-1]):
        curve = each + x * curve
    return rest * lanes["y"][i] + x * (lanes["new"][i] + rest * curve)


def weighted_sum(weights: tuple[float, ...], values: list[Value], start: Value) -> Value:
    """Return start + sum of weights times values."""
    for weight, value in zip(weights, values, strict=True):
        if weight:
            start = value * weight + start
    return start
