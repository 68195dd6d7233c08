"""The loop over steps: lanes take trajectories from a queue, step, show, finish or fail, and take the next.

It is the same for every network. A trajectory is integrated from its begin to its end without anything happening in
between; events lie between two calls.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from autocrine.engine import step_control, step_kernel, trigger_watch
from autocrine.engine.ir_writer import INT, Value, Writer
from autocrine.engine.job import FINISHED, JOB, NOT_FINITE, TOO_MANY, TOO_SMALL, TURNED
from autocrine.engine.lanes import Lanes, layout
from autocrine.engine.rosenbrock import Rosenbrock
from autocrine.engine.step_statements import StepProgram
from autocrine.engine.words import Words


class Companion(ABC):
    """What goes along with the trajectories, step by step."""

    @abstractmethod
    def write_functions(self, w: Writer, places: Mapping[str, tuple[int, int]]) -> None:
        """Write functions for the others to call."""

    @abstractmethod
    def measure(self, w: Writer, job: Words, lanes: Lanes) -> None:
        """Go over an attempted step in the lanes whose error is small enough, and add to their error."""

    @abstractmethod
    def show(self, w: Writer, job: Words, lanes: Lanes, lane: Value) -> None:
        """Show what is asked for at the time ``due`` of a lane."""

    @abstractmethod
    def accept(self, w: Writer, job: Words, lanes: Lanes) -> None:
        """Take the steps of the lanes that are accepted."""


def print_loop(step: StepProgram, method: Rosenbrock, lanes: int, companion: Companion | None = None) -> str:
    """Return the LLVM IR of ``run(job)`` for a network; ``job`` is the address of the words in `JOB`."""
    w = Writer(lanes)
    write_loop(w, step, method, companion)
    return w.module()


def write_loop(
    w: Writer, step: StepProgram, method: Rosenbrock, companion: Companion | None = None, how: str = ""
) -> None:
    """Write ``run(job)``, with the linkage ``how``, and what it calls."""
    step_kernel.write_functions(w, step)
    places = layout(step, method)
    if companion is not None:
        companion.write_functions(w, places)
    for name in ("fill", "show", "leave"):
        arguments = [(w.own, "job"), (w.own, "memory"), (INT, "lane")]
        with w.function(name, arguments, how="internal") as (job, memory, lane):
            given = Words(w, job, JOB), Lanes(w, memory, places, step.species), lane
            if name == "show" and companion is not None:
                companion.show(w, *given)
            {"fill": _fill, "show": _show, "leave": _leave}[name](w, *given)
            if step.triggers:
                trigger_watch.copy(w, name, *given)
    with w.function("run", [(w.own, "job")], how=how) as (job,):
        table = Words(w, job, JOB)
        memory = w.pointer(table["memory"], w.own)
        _run(w, table, Lanes(w, memory, places, step.species), step, method, companion=companion)


def _run(
    w: Writer, job: Words, lanes: Lanes, step: StepProgram, method: Rosenbrock, *, companion: Companion | None
) -> None:
    """Fill all lanes, then step until no lane is alive."""
    with w.loop(w.lanes) as lane:
        w.call("fill", [job.pointer, lanes.memory, lane])
    stop = w.array(job.address("stop"), INT)
    with w.repeat() as again:
        again.as_long_as(w.any(lanes["live"][0] > 0.0) & stop[0].equals(0))
        with w.when(w.any(lanes["fresh"][0] > 0.0)):
            step_control.first_step(w, lanes, method)
        step_control.fit_to_end(w, lanes)
        step_kernel.attempt(w, lanes, step, method)
        step_control.measure_error(w, lanes, method.stages)
        if companion is not None:
            companion.measure(w, job, lanes)
        step_control.judge(w, lanes, method)
        if step.triggers:
            trigger_watch.look(w, lanes, step, method)
        _outputs(w, job, lanes, method)
        if companion is not None:
            companion.accept(w, job, lanes)
        _advance(w, job, lanes, watching=step.triggers > 0)
        job["iterations"] = job["iterations"] + 1


def _fill(w: Writer, job: Words, lanes: Lanes, lane: Value) -> None:
    """Let a lane take the next trajectory; without one it is idle."""
    lanes.of(lane, "live")[0] = 0.0
    number = w.fetch_and_add(job.address("queue"), w.constant(INT, 1))
    with w.when(number < job["count"]):
        lanes.of(lane, "trajectory")[0] = number
        for name, source, length in (
            ("y", "state", lanes.species),
            ("atol", "atol", lanes.species),
            ("c", "constants", lanes.places["c"][1]),
        ):
            rows, column = job.array(source), lanes.of(lane, name)
            if length:
                with w.loop(length) as i:
                    column[i] = rows[number * length + i]
        for name, source in (("t", "begin"), ("end", "end"), ("rtol", "rtol"), ("longest", "longest")):
            lanes.of(lane, name)[0] = job.array(source)[number]
        for name in ("accepted_h", "rejected", "steps", "rejections"):
            lanes.of(lane, name)[0] = 0.0
        for name in ("live", "fresh", "accepted_error"):
            lanes.of(lane, name)[0] = 1.0
        lanes.of(lane, "cursor")[0] = job.array("first", INT)[number]
        _next_time(w, job, lanes, lane)


def _next_time(w: Writer, job: Words, lanes: Lanes, lane: Value) -> None:
    """Set the next time that is asked of a lane, infinity after the last."""
    number, cursor = lanes.of(lane, "trajectory")[0], lanes.of(lane, "cursor")[0]
    lanes.of(lane, "due")[0] = float("inf")
    with w.when(cursor < job.array("past", INT)[number]):
        lanes.of(lane, "due")[0] = job.array("times")[cursor]


def _outputs(w: Writer, job: Words, lanes: Lanes, method: Rosenbrock) -> None:
    """Write the states at all times that were asked for within the accepted steps."""
    wanted = (lanes["accepted"][0] > 0.0) & (lanes["due"][0] <= _new_time(w, lanes))
    with w.when(w.any(wanted)):
        step_kernel.dense_coefficients(w, lanes, method)
        with w.repeat() as again:
            wanted = (lanes["accepted"][0] > 0.0) & (lanes["due"][0] <= _new_time(w, lanes))
            again.as_long_as(w.any(wanted))
            lanes["wanted"][0] = w.select(wanted, 1.0, 0.0)
            step_kernel.interpolate(w, lanes, method)
            with w.loop(w.lanes) as lane, w.when(lanes.of(lane, "wanted")[0] > 0.0):
                w.call("show", [job.pointer, lanes.memory, lane])


def _show(w: Writer, job: Words, lanes: Lanes, lane: Value) -> None:
    """Copy the interpolated state of a lane to its place, and look to the next time."""
    number, cursor = lanes.of(lane, "trajectory")[0], lanes.of(lane, "cursor")[0]
    first = number * job["row_length"] + cursor * lanes.species
    rows, column = job.array("shown"), lanes.of(lane, "dense")
    with w.loop(lanes.species) as i:
        rows[first + i] = column[i]
    lanes.of(lane, "cursor")[0] = cursor + 1
    _next_time(w, job, lanes, lane)


def _new_time(w: Writer, lanes: Lanes) -> Value:
    return w.select(lanes["last"][0] > 0.0, lanes["end"][0], lanes["t"][0] + lanes["h"][0])


def _advance(w: Writer, job: Words, lanes: Lanes, *, watching: bool) -> None:
    """Take accepted steps, and let lanes that finished or failed leave and fill again.

    A lane in which a trigger turned leaves from the beginning of the step, because where in it is found later.
    """
    accepted = lanes["accepted"][0] > 0.0
    if watching:
        accepted = accepted & (lanes["turned"][0] <= 0.0)
    lanes["t"][0] = w.select(accepted, _new_time(w, lanes), lanes["t"][0])
    with w.loop(lanes.species) as i:
        lanes["y"][i] = w.select(accepted, lanes["new"][i], lanes["y"][i])
    lanes["h"][0] = lanes["next_h"][0]
    lanes["steps"][0] = lanes["steps"][0] + 1.0
    lanes["rejections"][0] = lanes["rejections"][0] + lanes["rejected"][0]
    lanes["verdict"][0] = _verdict(w, lanes, accepted)
    if watching:
        lanes["verdict"][0] = w.select(lanes["turned"][0] > 0.0, float(TURNED), lanes["verdict"][0])
    with w.when(w.any(lanes["verdict"][0] > 0.0)), w.loop(w.lanes) as lane:  # noqa: SIM117 - one loop, one question
        with w.when(lanes.of(lane, "verdict")[0] > 0.0):
            w.call("leave", [job.pointer, lanes.memory, lane])
            w.call("fill", [job.pointer, lanes.memory, lane])


def _verdict(w: Writer, lanes: Lanes, accepted: Value) -> Value:
    """Return FINISHED, why a lane failed, or 0 if it goes on."""
    verdict = w.select(lanes["steps"][0] >= lanes["longest"][0], float(TOO_MANY), 0.0)
    small = lanes["h"][0] < step_control.smallest_step(w, lanes)
    cause = w.select(lanes["sound"][0] > 0.0, float(TOO_SMALL), float(NOT_FINITE))
    verdict = w.select(small, cause, verdict)
    verdict = w.select(accepted & (lanes["last"][0] > 0.0), float(FINISHED), verdict)
    return w.select(lanes["live"][0] > 0.0, verdict, 0.0)


def _leave(w: Writer, job: Words, lanes: Lanes, lane: Value) -> None:
    """Hand over what a lane has reached."""
    number = lanes.of(lane, "trajectory")[0]
    rows, column = job.array("state"), lanes.of(lane, "y")
    with w.loop(lanes.species) as i:
        rows[number * lanes.species + i] = column[i]
    for name, source in (("verdict", "verdict"), ("reached", "t"), ("steps", "steps"), ("rejections", "rejections")):
        job.array(name)[number] = lanes.of(lane, source)[0]
