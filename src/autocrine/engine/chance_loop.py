"""What all methods of chance share, as LLVM IR: trajectories one after the other, jumps, and what is shown on the way.

A trajectory is simulated from its begin to its end without anything else happening in between; events lie between two
calls. The waiting time that reaches beyond the end is given up there, and drawn anew after it: jumps have no memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autocrine.engine import philox
from autocrine.engine.ir_writer import INT, POINTER, REAL, Array, Value, Writer
from autocrine.engine.jumps import Jumps
from autocrine.engine.llvm_printer import print_block

#: words of a job: counts and addresses. N trajectories, n species, T times, R reactions
JOB = (
    "count",  # N
    "stop",  # address of a word that is not 0 when all shall stop
    "state",  # (N, n) at the begin; at the end, or at the failure, on return
    "constants",  # (N, hoisted)
    "streams",  # (N, 7) of random numbers
    "begin",  # (N,)
    "end",  # (N,)
    "times",  # (T,) that are asked for
    "first",  # (N,) place of the first time that lies after the begin
    "past",  # (N,) place after the last one
    "shown",  # (N, T, n) states at these times
    "row_length",  # T n
    # (N,) FINISHED, TURNED, or 2 + the reaction without a propensity, or 2 + R + the species that fell below zero
    "verdict",
    "reached",  # (N,) the time that was reached
    "events",  # (N,) jumps
    "numbers",  # memory of one trajectory: numbers
    "words",  # memory of one trajectory: whole numbers
    "starts",  # (R + 1,) where the reactions that each one affects begin in the next table
    "affected",
    # only where there are K triggers, of m parameters
    "parameters",  # (N, m)
    "truth",  # (N, K) 1 for triggers that are true at the begin, else 0
)
FINISHED, FAILED, TURNED = 1, 2, -1
#: share of a time after which comparisons of time have turned: four last bits
JUST_AFTER = 2.0**-50
#: in groups of so many, propensities are added and searched
_GROUP = 8
#: numbers of one trajectory, before its arrays
_SINGLES = ("t", "next", "left", "total", "tau", "waiting", "drawn")
_WHOLE = ("cursor", "verdict", "jumps", "chosen", "burst", "trial", "spare")


class Trajectory:
    """The memory of one trajectory while instructions are written.

    ``a`` are propensities, ``sums`` those of the groups up to each, ``due`` the times of the next-reaction method,
    ``fresh`` new propensities, ``new`` a state on trial, ``critical`` marks, ``seen`` truths of triggers; ``heap`` and
    ``where`` the queue and the places in it.
    """

    def __init__(self, w: Writer, job: Value, jumps: Jumps) -> None:
        self.writer, self.jumps = w, jumps
        self.job = w.array(job, INT)
        n, r = len(jumps.species), len(jumps.reactions)
        lengths = dict.fromkeys(_SINGLES, 1) | {"poisson": 4}
        lengths |= {"a": r, "sums": -(-r // _GROUP), "due": r, "fresh": r, "critical": r, "new": n}
        lengths |= {"seen": len(jumps.watch.stores)}
        whole = dict.fromkeys(_WHOLE, 1) | {"heap": r, "where": r}
        self._places = {name: (REAL, place) for name, place in _placed(lengths).items()}
        self._places |= {name: (INT, place) for name, place in _placed(whole).items()}
        self.sizes = sum(lengths.values()), sum(whole.values())

    def __getitem__(self, name: str) -> Array:
        """Return an array of the memory; `of` gives a single number."""
        type_, first = self._places[name]
        pointer = self.writer.pointer(self.word("numbers" if type_ == REAL else "words"))
        return self.writer.array(pointer, type_, first)

    def word(self, name: str) -> Value:
        """Return a word of the job."""
        return self.job[JOB.index(name)]

    def table(self, name: str, type_: str = REAL) -> Array:
        """Return an array of all trajectories."""
        return self.writer.array(self.writer.pointer(self.word(name)), type_)

    def row(self, name: str, number: Value, length: int) -> Value:
        """Return the address of the row of one trajectory."""
        return self.table(name).at(number * length)


def _placed(lengths: dict[str, int]) -> dict[str, int]:
    places, first = {}, 0
    for name, length in lengths.items():
        places[name], first = first, first + length
    return places


class Here:
    """One trajectory on its way: its state, terms of parameters and random numbers."""

    def __init__(self, memory: Trajectory, number: Value) -> None:
        self.memory, self.writer, self.number, self.jumps = memory, memory.writer, number, memory.jumps
        self.y = memory.row("state", number, len(self.jumps.species))
        self.c = memory.row("constants", number, self.jumps.hoisted)
        self.stream = memory.row("streams", number, philox.WORDS)

    def call(self, name: str, *more: Value) -> None:
        """Call one of the functions of jumps on this trajectory."""
        self.writer.call(name, [self.memory.job.pointer, *more, self.y, self.c])

    def uniform(self) -> Value:
        """Return the next random number between 0 and 1."""
        return philox.uniform(self.writer, self.stream)

    def exponential(self) -> Value:
        """Return the next waiting time at a rate of 1."""
        return philox.exponential(self.writer, self.stream)


Step = Callable[[Here], None]


def print_run(jumps: Jumps, begin: Step, step: Step, functions: Sequence[Callable[[Writer, Jumps], Any]]) -> str:
    """Return the LLVM IR of ``run(job)``: ``begin`` prepares a trajectory, ``step`` repeats until it has a verdict."""
    w = Writer(lanes=1)
    philox.write_philox(w)
    _write_jumps(w, jumps)
    for write in functions:
        write(w, jumps)
    with w.function("run", [(POINTER, "job")]) as (job,):
        memory = Trajectory(w, job, jumps)
        stop = memory.table("stop", INT)
        with w.loop(memory.word("count")) as number:
            here = Here(memory, number)
            _enter(here)
            begin(here)
            with w.repeat() as again:
                again.as_long_as(memory["verdict"][0].equals(0) & stop[0].equals(0))
                step(here)
                if jumps.watch.stores:
                    w.call("watch", [job, number])
            _leave(here)
    return w.module()


def _enter(here: Here) -> None:
    memory, number = here.memory, here.number
    memory["t"][0] = memory.table("begin")[number]
    memory["cursor"][0] = memory.table("first", INT)[number]
    memory["verdict"][0] = 0
    memory["jumps"][0] = 0
    here.call("weigh")


def _leave(here: Here) -> None:
    memory, number = here.memory, here.number
    memory.table("verdict", INT)[number] = memory["verdict"][0]
    memory.table("reached")[number] = memory["t"][0]
    memory.table("events", INT)[number] = memory["jumps"][0]


def _write_jumps(w: Writer, jumps: Jumps) -> None:
    """Write ``weigh``: all propensities; ``jump``: a reaction happens; and ``show`` and ``choose``."""
    pointers = [(POINTER, "y"), (POINTER, "c")]
    with w.function("weigh", [(POINTER, "job"), *pointers]) as (job, y, c):
        memory = Trajectory(w, job, jumps)
        print_block(w, jumps.propensities, {"y": y, "c": c, "out": _Watched(memory, "a")})
    for name, target in (("jump", "a"), ("jump_aside", "fresh")):
        with w.function(name, [(POINTER, "job"), (INT, "j"), *pointers]) as (job, j, y, c):
            memory = Trajectory(w, job, jumps)
            memory["jumps"][0] = memory["jumps"][0] + 1
            for number in w.cases(j, len(jumps.reactions)):
                change(memory, w.array(y), jumps.changes[number])
                print_block(w, jumps.updates[number], {"y": y, "c": c, "out": _Watched(memory, target)})
    with w.function("show", [(POINTER, "job"), (INT, "number"), (REAL, "until")]) as (job, number, until):
        _show(Trajectory(w, job, jumps), number, until)
    with w.function("choose", [(POINTER, "job"), (REAL, "share")], INT) as (job, share):
        w.give(_choose(Trajectory(w, job, jumps), share))
    if jumps.watch.stores:
        with w.function("watch", [(POINTER, "job"), (INT, "number")]) as (job, number):
            _watch(Trajectory(w, job, jumps), number)


def _watch(memory: Trajectory, number: Value) -> None:
    """Let a trajectory stop if a trigger has turned just after now."""
    w, jumps, seen, verdict = memory.writer, memory.jumps, memory["seen"], memory["verdict"]
    count = len(jumps.watch.stores)
    arrays = {
        "y": memory.row("state", number, len(jumps.species)),
        "p": memory.row("parameters", number, jumps.parameters),
    }
    now = memory["t"][0]
    after = now + w.maximum(w.intrinsic("fabs", now), 1.0) * JUST_AFTER
    print_block(w, jumps.watch, arrays | {"out": seen}, {"t": after})
    truth = w.array(memory.row("truth", number, count))
    for k in range(count):
        differs = seen[k].compare("une", truth[k])
        with w.when(differs & verdict[0].equals(0)):
            verdict[0] = TURNED


def change(memory: Trajectory, y: Array, changes: Sequence[tuple[int, int]]) -> None:
    """Change the numbers of molecules as a reaction does; what falls below zero is a failure."""
    w = memory.writer
    for place, number in changes:
        value = y[place] + float(number)
        y[place] = value
        if number < 0:
            with w.when(value < 0.0):
                memory["verdict"][0] = FAILED + len(memory.jumps.reactions) + place


class _Watched:
    """Propensities as they are computed; one that is negative or not finite is a failure."""

    def __init__(self, memory: Trajectory, name: str) -> None:
        self.memory, self.array = memory, memory[name]

    def __setitem__(self, place: int, value: Value) -> None:
        self.array[place] = value
        w = self.memory.writer
        with w.when(~((value >= 0.0) & (value < float("inf")))):
            self.memory["verdict"][0] = FAILED + place


def _show(memory: Trajectory, number: Value, until: Value) -> None:
    """Write the state at all times that are asked for before ``until``."""
    w, n = memory.writer, len(memory.jumps.species)
    past, times = memory.table("past", INT)[number], memory.table("times")
    with w.repeat() as again:
        cursor = memory["cursor"][0]
        inside = cursor < past
        again.as_long_as(inside & (times[w.select(inside, cursor, w.constant(INT, 0))] < until))
        rows, y = memory.table("shown"), memory.table("state")
        first = number * memory.word("row_length") + cursor * n
        with w.loop(n) as i:
            rows[first + i] = y[number * n + i]
        memory["cursor"][0] = cursor + 1


def add_up(memory: Trajectory) -> Value:
    """Write the sums of propensities up to each group, and return the sum of all."""
    total: Value | None = None
    count = len(memory.jumps.reactions)
    for group, first in enumerate(range(0, count, _GROUP)):
        values = [memory["a"][k] for k in range(first, min(first + _GROUP, count))]
        while len(values) > 1:
            values = [a + b for a, b in zip(values[::2], values[1::2], strict=False)] + values[len(values) & ~1 :]
        total = values[0] if total is None else total + values[0]
        memory["sums"][group] = total
    return total if total is not None else memory.writer.constant(REAL, 0.0)


def _choose(memory: Trajectory, share: Value) -> Value:
    """Return the reaction at which the sum of propensities passes a share of all; never one that cannot happen."""
    w, count = memory.writer, len(memory.jumps.reactions)
    groups = -(-count // _GROUP)
    place, left, sums, a = memory["spare"], memory["left"], memory["sums"], memory["a"]
    wanted = share * sums[groups - 1]
    place[0] = 0
    with w.repeat() as again:
        again.as_long_as((place[0] < groups - 1) & (sums[place[0]] <= wanted))
        place[0] = place[0] + 1
    group = place[0]
    left[0] = wanted
    with w.when(group > 0):
        left[0] = wanted - sums[group - 1]
    place[0] = group * _GROUP
    memory["chosen"][0] = -1
    with w.repeat() as again:
        k = place[0]
        again.as_long_as((k < count) & (k < group * _GROUP + _GROUP) & (left[0] >= 0.0))
        with w.when(a[k] > 0.0):
            memory["chosen"][0] = k
        left[0] = left[0] - a[k]
        place[0] = k + 1
    return memory["chosen"][0]


def finish(here: Here) -> None:
    """End a trajectory at its end, and show what was asked for up to it."""
    memory = here.memory
    here.writer.call("show", [memory.job.pointer, here.number, here.writer.constant(REAL, float("inf"))])
    memory["t"][0] = memory.table("end")[here.number]
    memory["verdict"][0] = FINISHED
