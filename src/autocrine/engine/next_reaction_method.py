"""The next-reaction method: every reaction has its time in a queue, and only what a reaction affects gets another.

References
----------
Gibson & Bruck 2000, Efficient exact stochastic simulation of chemical systems with many species and many channels,
J Phys Chem A 104(9):1876-1889, doi:10.1021/jp993732q.
"""

from __future__ import annotations

from autocrine.engine.chance_loop import Here, Trajectory, finish, print_run
from autocrine.engine.ir_writer import INT, POINTER, REAL, Value, Writer
from autocrine.engine.jumps import Jumps

_NEVER = float("inf")


def print_next_reaction(jumps: Jumps) -> str:
    """Return the LLVM IR of the next-reaction method."""
    return print_run(jumps, _begin, _step, (_write_sift,))


def _begin(here: Here) -> None:
    """Draw a time for every reaction, and queue them."""
    w, memory, count = here.writer, here.memory, len(here.jumps.reactions)
    with w.loop(count) as k:
        memory["heap"][k] = k
        memory["where"][k] = k
        memory["due"][k] = _NEVER
    with w.loop(count) as k:
        _draw(here, k, memory["a"][k])
        w.call("sift", [memory.job.pointer, k])


def _draw(here: Here, k: Value, rate: Value) -> None:
    memory = here.memory
    memory["due"][k] = _NEVER
    with here.writer.when(rate > 0.0):
        memory["due"][k] = memory["t"][0] + here.exponential() / rate


def _step(here: Here) -> None:
    """Write the reaction that is first in the queue, or the end if it comes later."""
    w, memory = here.writer, here.memory
    j = memory["heap"][0]
    following = memory["due"][j]
    goes_on = following < memory.table("end")[here.number]
    with w.when(~goes_on):
        finish(here)
    with w.when(goes_on):
        w.call("show", [memory.job.pointer, here.number, following])
        memory["t"][0] = following
        here.call("jump_aside", j)
        starts, affected = memory.table("starts", INT), memory.table("affected", INT)
        first = starts[j]
        with w.loop(starts[j + 1] - first) as i:
            _renew(here, j, affected[first + i])


def _renew(here: Here, j: Value, k: Value) -> None:
    """Give reaction k another time after j: its old one stretched, or a new one if it is j or could not happen."""
    w, memory = here.writer, here.memory
    old, new, t = memory["a"][k], memory["fresh"][k], memory["t"][0]
    memory["a"][k] = new
    drawn = k.equals(j) | old.equals(0.0)
    with w.when(drawn):
        _draw(here, k, new)
    with w.when(~drawn):
        stretched = t + (old / new) * (memory["due"][k] - t)
        memory["due"][k] = w.select(new > 0.0, stretched, w.constant(REAL, _NEVER))
    w.call("sift", [memory.job.pointer, k])


def _write_sift(w: Writer, jumps: Jumps) -> None:
    """Write ``sift(job, k)``, which brings reaction k to its place in the queue, a heap."""
    with w.function("sift", [(POINTER, "job"), (INT, "k")]) as (job, k):
        memory = Trajectory(w, job, jumps)
        heap, where, due, place = memory["heap"], memory["where"], memory["due"], memory["spare"]
        count, time = len(jumps.reactions), due[k]
        place[0] = where[k]
        with w.repeat() as again:
            above = _half(w, place[0] - 1)
            # place 0 is compared with itself
            again.as_long_as((place[0] > 0) & (due[heap[w.select(place[0] > 0, above, place[0])]] > time))
            _move(memory, _half(w, place[0] - 1), place[0])
            place[0] = _half(w, place[0] - 1)
        with w.repeat() as again:
            below = _earlier_below(memory, place[0], count)
            again.as_long_as((below < count) & (due[heap[w.select(below < count, below, place[0])]] < time))
            child = _earlier_below(memory, place[0], count)
            _move(memory, child, place[0])
            place[0] = child
        heap[place[0]] = k
        where[k] = place[0]


def _half(w: Writer, number: Value) -> Value:
    return w.write(INT, f"ashr i64 {number.text}, 1")


def _move(memory: Trajectory, source: Value, target: Value) -> None:
    """Let the reaction at one place of the queue stand at another."""
    moved = memory["heap"][source]
    memory["heap"][target] = moved
    memory["where"][moved] = target


def _earlier_below(memory: Trajectory, place: Value, count: int) -> Value:
    """Return the place below with the earlier reaction; ``count`` or more if nothing is below."""
    w, heap, due = memory.writer, memory["heap"], memory["due"]
    left = place * 2 + 1
    right = left + 1
    one = w.select(left < count, left, place)
    other = w.select(right < count, right, one)
    return w.select(due[heap[other]] < due[heap[one]], other, left)
