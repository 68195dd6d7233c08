"""Tau-leaping: many reactions in one leap, short enough that no propensity changes by more than a share of itself.

References
----------
Cao, Gillespie & Petzold 2006, Efficient step size selection for the tau-leaping simulation method, J Chem Phys
124:044109, doi:10.1063/1.2159468.
"""

from __future__ import annotations

from autocrine.engine.chance_loop import Here, add_up, finish, print_run
from autocrine.engine.direct_method import direct_step
from autocrine.engine.ir_writer import INT, REAL, Value, Writer
from autocrine.engine.jumps import Jumps
from autocrine.engine.poisson import RESULT, write_poisson

#: a reaction that so many turnovers would exhaust is critical: at most one of its kind happens in a leap
_CRITICAL = 10.0
#: leaps shorter than so many mean waiting times are not worth it; so many single reactions are taken instead
_SHORTEST, _BURST = 10.0, 100
_INFINITY = float("inf")


def print_tau(jumps: Jumps, epsilon: float) -> str:
    """Return the LLVM IR of tau-leaping; propensities change by a share of about ``epsilon`` in a leap."""

    def begin(here: Here) -> None:
        here.memory["burst"][0] = 0
        here.memory["left"][0] = _INFINITY
        here.memory["waiting"][0] = _INFINITY

    def step(here: Here) -> None:
        w, memory = here.writer, here.memory
        singly = memory["burst"][0] > 0
        with w.when(singly):
            memory["burst"][0] = memory["burst"][0] - 1
            direct_step(here)
            memory["waiting"][0] = _INFINITY
        with w.when(~singly):
            _leap_or_burst(here, epsilon)

    return print_run(jumps, begin, step, (lambda w, _: write_poisson(w),))


def _leap_or_burst(here: Here, epsilon: float) -> None:
    """Write a leap, or the beginning of a burst of single reactions where a leap would be short."""
    w, memory = here.writer, here.memory
    total = add_up(memory)
    memory["total"][0] = total
    _mark_critical(here)
    longest = _longest_leap(here, epsilon)
    # "waiting" bounds the leap after one that exhausted a species
    longest = w.select(longest < memory["waiting"][0], longest, memory["waiting"][0])
    worth = (longest * total >= _SHORTEST) | total.equals(0.0)
    with w.when(~worth):
        memory["burst"][0] = _BURST
    with w.when(worth):
        _leap(here, longest)


def _mark_critical(here: Here) -> None:
    """Mark reactions that few turnovers would exhaust."""
    w, memory, y = here.writer, here.memory, here.writer.array(here.y)
    for j, changes in enumerate(here.jumps.changes):
        least: Value | None = None
        for place, number in changes:
            if number < 0:
                turnovers = y[place] * (1.0 / -number)
                least = turnovers if least is None else w.minimum(least, turnovers)
        mark = w.constant(REAL, 0.0)
        if least is not None:
            mark = w.select((least < _CRITICAL) & (memory["a"][j] > 0.0), 1.0, 0.0)
        memory["critical"][j] = mark


def _longest_leap(here: Here, epsilon: float) -> Value:
    """Return the leap in which mean and deviation of no change exceed the bound of any species (eq. 33).

    Nor is more than a share of 2 epsilon of a species lost in it: near a balance of gain and loss the two bounds of
    the paper allow leaps over several relaxation times, after which the variance is too large (fourfold at 10^4
    molecules and epsilon 0.03).
    """
    w, memory, y = here.writer, here.memory, here.writer.array(here.y)
    longest = w.constant(REAL, _INFINITY)
    rates = [w.select(memory["critical"][j] > 0.0, 0.0, memory["a"][j]) for j in range(len(here.jumps.reactions))]
    for place, (order, power) in here.jumps.orders.items():
        terms = [(n, rates[j]) for j, changes in enumerate(here.jumps.changes) for p, n in changes if p == place]
        if not terms:
            continue
        mean, variance, loss = (w.constant(REAL, 0.0) for _ in range(3))
        for number, rate in terms:
            loss = loss + rate * float(max(-number, 0))
            mean = mean + rate * float(number)
            variance = variance + rate * float(number * number)
        bound = w.maximum(y[place] * epsilon / _sensitivity(w, y[place], order, power), 1.0)
        longest = w.minimum(longest, bound / w.intrinsic("fabs", mean))
        longest = w.minimum(longest, bound * bound / variance)
        longest = w.minimum(longest, w.maximum(y[place] * (2 * epsilon), 1.0) / loss)
    return longest


def _sensitivity(w: Writer, x: Value, order: int, power: int) -> Value:
    """Return g of section IV: by how much more than a species the propensities of its highest order change."""
    if power < 2 or order < 2:
        return w.constant(REAL, float(order))
    one = 1.0 / (x - 1.0)
    if power == 2:
        return (2.0 + one) * (order / 2.0)
    return (3.0 + one + 2.0 / (x - 2.0)) * (order / 3.0)


def _leap(here: Here, longest: Value) -> None:
    """Leap to the critical reaction, over the longest leap, or to what comes first of times and end."""
    w, memory = here.writer, here.memory
    n, count = len(here.jumps.species), len(here.jumps.reactions)
    rare = w.constant(REAL, 0.0)
    for j in range(count):
        rare = rare + memory["critical"][j] * memory["a"][j]
    memory["total"][0] = rare
    until = here.exponential() / rare
    memory["tau"][0] = w.minimum(longest, until)
    single = until < longest
    left = _next_mark(here) - memory["t"][0]
    stops = left <= memory["tau"][0]
    memory["tau"][0] = w.select(stops, left, memory["tau"][0])
    y = w.array(here.y)
    with w.loop(n) as i:
        memory["new"][i] = y[i]
    memory["trial"][0] = 0
    _fire_many(here)
    with w.when(single & ~stops):
        _fire_one(here)
    memory["drawn"][0] = 0.0
    with w.loop(n) as i:
        memory["drawn"][0] = w.minimum(memory["drawn"][0], memory["new"][i])
    memory["waiting"][0] = memory["tau"][0] * 0.5
    with w.when(memory["drawn"][0] >= 0.0):
        _exchange(here)
        possible = memory["verdict"][0].equals(0)
        with w.when(~possible):
            # a propensity fell below zero, as that of opening a gene twice: the leap was too long
            memory["verdict"][0] = 0
            _exchange(here)
        with w.when(possible):
            memory["waiting"][0] = _INFINITY
            memory["jumps"][0] = memory["jumps"][0] + memory["trial"][0]
            _accept(here, stops)


def _exchange(here: Here) -> None:
    """Exchange the state and that on trial, and weigh the reactions again."""
    w, memory, y = here.writer, here.memory, here.writer.array(here.y)
    with w.loop(len(here.jumps.species)) as i:
        old = y[i]
        y[i] = memory["new"][i]
        memory["new"][i] = old
    here.call("weigh")


def _next_mark(here: Here) -> Value:
    """Return the next time that is asked for, or the end if it comes first."""
    w, memory = here.writer, here.memory
    cursor, past = memory["cursor"][0], memory.table("past", INT)[here.number]
    inside = cursor < past
    due = memory.table("times")[w.select(inside, cursor, w.constant(INT, 0))]
    end = memory.table("end")[here.number]
    return w.select(inside & (due < end), due, end)


def _fire_many(here: Here) -> None:
    """Let every reaction that is not critical happen as often as a Poisson number says."""
    w, memory = here.writer, here.memory
    for j, changes in enumerate(here.jumps.changes):
        mean = w.select(memory["critical"][j] > 0.0, 0.0, memory["a"][j]) * memory["tau"][0]
        w.call("poisson", [mean, here.stream, memory["poisson"].at(0)])
        times = memory["poisson"][RESULT]
        memory["trial"][0] = memory["trial"][0] + w.write(INT, f"fptosi double {times.text} to i64")
        for place, number in changes:
            memory["new"][place] = memory["new"][place] + times * float(number)


def _fire_one(here: Here) -> None:
    """Let one critical reaction happen."""
    w, memory = here.writer, here.memory
    memory["left"][0] = here.uniform() * memory["total"][0]
    memory["chosen"][0] = -1
    with w.loop(len(here.jumps.reactions)) as k:
        rate = memory["critical"][k] * memory["a"][k]
        with w.when((rate > 0.0) & (memory["left"][0] >= 0.0)):
            memory["chosen"][0] = k
            memory["left"][0] = memory["left"][0] - rate
    for j in w.cases(memory["chosen"][0], len(here.jumps.reactions)):
        memory["trial"][0] = memory["trial"][0] + 1
        for place, number in here.jumps.changes[j]:
            memory["new"][place] = memory["new"][place] + float(number)


def _accept(here: Here, stops: Value) -> None:
    """Take a leap; one that stops ends at a time that is asked for, or at the end."""
    w, memory = here.writer, here.memory
    end = memory.table("end")[here.number]
    mark = _next_mark(here)
    following = w.select(stops, mark, memory["t"][0] + memory["tau"][0])
    memory["t"][0] = following
    over = following >= end
    with w.when(over):
        finish(here)
    with w.when(~over & stops):
        # this state holds at the mark itself
        just_after = mark + (w.intrinsic("fabs", mark) * 2.3e-16 + 1e-300)
        w.call("show", [memory.job.pointer, here.number, just_after])
