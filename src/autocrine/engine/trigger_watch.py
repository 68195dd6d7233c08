"""Triggers in the lanes: after each accepted step they are looked at, at its end and at some times within it."""

from __future__ import annotations

from autocrine.engine import step_kernel
from autocrine.engine.ir_writer import Value, Writer
from autocrine.engine.lanes import Lanes
from autocrine.engine.rosenbrock import Rosenbrock
from autocrine.engine.step_statements import StepProgram
from autocrine.engine.words import Words

#: shares of a step at which triggers are looked at
SHARES = (0.25, 0.5, 0.75, 1.0)


def look(w: Writer, lanes: Lanes, step: StepProgram, method: Rosenbrock) -> None:
    """Mark the lanes in whose accepted step a trigger turned true or false."""
    step_kernel.dense_coefficients(w, lanes, method)
    lanes["turned"][0] = 0.0
    lanes["taken"][0] = lanes["h"][0]
    for share in SHARES:
        x, rest = w.number(share), w.number(1.0 - share)
        for i in step.watched_species:
            lanes["dense"][i] = lanes["new"][i] if share == 1.0 else step_kernel.dense(lanes, method, i, x, rest)
        lanes["stage_t"][0] = lanes["t"][0] + lanes["h"][0] * share
        w.call("watch", [lanes.address(name) for name in ("stage_t", "dense", "c", "seen")])
        for k in range(step.triggers):
            differs = lanes["seen"][k].compare("une", lanes["truth"][k])
            lanes["turned"][0] = w.select(differs, 1.0, lanes["turned"][0])
    counts = (lanes["accepted"][0] > 0.0) & (lanes["live"][0] > 0.0)
    lanes["turned"][0] = w.select(counts, lanes["turned"][0], 0.0)


def copy(w: Writer, name: str, job: Words, lanes: Lanes, lane: Value) -> None:
    """Take the truths of a trajectory as a lane is filled, and hand over its last step as it leaves."""
    number = lanes.of(lane, "trajectory")[0]
    if name == "fill":
        with w.when(lanes.of(lane, "live")[0] > 0.0):
            lanes.of(lane, "turned")[0] = 0.0
            length, column = lanes.places["truth"][1], lanes.of(lane, "truth")
            rows = job.array("truth")
            with w.loop(length) as i:
                column[i] = rows[number * length + i]
    elif name == "leave":
        with w.when(lanes.of(lane, "turned")[0] > 0.0):
            job.array("length")[number] = lanes.of(lane, "taken")[0]
            for outside, inside in (("arrived", "new"), ("curve", "k")):
                length, column = lanes.places[inside][1], lanes.of(lane, inside)
                rows = job.array(outside)
                with w.loop(length) as i:
                    rows[number * length + i] = column[i]
