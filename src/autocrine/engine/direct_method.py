"""The direct method: when the next reaction happens, then which one.

References
----------
Gillespie 1977, Exact stochastic simulation of coupled chemical reactions, J Phys Chem 81(25):2340-2361,
doi:10.1021/j100540a008.
"""

from __future__ import annotations

from autocrine.engine.chance_loop import Here, add_up, finish, print_run
from autocrine.engine.jumps import Jumps


def print_direct(jumps: Jumps) -> str:
    """Return the LLVM IR of the direct method."""
    return print_run(jumps, lambda _: None, direct_step, ())


def direct_step(here: Here) -> None:
    """Write one reaction, or the end if none comes before it."""
    w, memory = here.writer, here.memory
    total = add_up(memory)
    following = memory["t"][0] + here.exponential() / total
    memory["next"][0] = following
    share = here.uniform()
    goes_on = following < memory.table("end")[here.number]
    with w.when(~goes_on):
        finish(here)
    with w.when(goes_on):
        w.call("show", [memory.job.pointer, here.number, following])
        memory["t"][0] = following
        chosen = w.call("choose", [memory.job.pointer, share], "i64")
        with w.when(chosen >= 0):
            here.call("jump", chosen)
