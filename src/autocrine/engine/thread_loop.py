"""The loop over steps for a GPU: each thread is one lane, and takes trajectories from the queue as lanes do.

What lanes keep in one memory behind one another, a thread keeps in memory of its own, which a GPU interleaves by
itself: threads that read the same number of their lane read neighbours. Addresses of that memory have a type of their
own, so that functions need not be copied to where they are called; docs/decisions/gpu.md has what the assembler says
to it. The loop has not yet run on a GPU.
"""

from __future__ import annotations

from autocrine.core import errors
from autocrine.engine import lane_loop
from autocrine.engine.ir_writer import INT, LOCAL, POINTER, REAL, Writer
from autocrine.engine.lane_loop import JOB
from autocrine.engine.lanes import Lanes, layout
from autocrine.engine.rosenbrock import Rosenbrock
from autocrine.engine.step_statements import StepProgram
from autocrine.engine.words import Words

NAME = "integrate"
#: bytes that any NVIDIA GPU lets a thread have, without what is left for functions and registers
_MOST_BYTES = 448 * 1024


def print_threads(step: StepProgram, method: Rosenbrock) -> str:
    """Return the LLVM IR of the kernel ``integrate(job)`` for a network; ``job`` are the words in `JOB`, on the GPU.

    Notes
    -----
    Each thread works with a copy of the words, in which ``memory`` is its own; ``queue`` is the same word for all of
    them, so that none waits while trajectories are left. Steps are added up in ``iterations`` of the job.

    Raises
    ------
    InputError
        If a trajectory needs more memory than a thread can have.
    """
    places = layout(step, method)
    length = places[""][1]
    if 8 * length > _MOST_BYTES:
        must = f"a trajectory on a GPU must need at most {_MOST_BYTES} bytes"
        raise errors.InputError(must, 8 * length, hint="device='cpu'")
    w = Writer(lanes=1, own=LOCAL)
    lane_loop.write_loop(w, step, method, how="internal")
    with w.function(NAME, [(POINTER, "job")], how="ptx_kernel") as (job,):
        given, own, memory = Words(w, job, JOB), Words(w, w.room(INT, len(JOB)), JOB), w.room(REAL, length)
        for name in JOB:
            own[name] = given[name]
        # the only numbers that are read without having been written; memory of a thread begins with anything
        zero = Lanes(w, memory, places, step.species)["zero"]
        with w.loop(step.species) as i:
            zero[i] = 0.0
        own["memory"], own["iterations"] = w.address(memory), w.constant(INT, 0)
        w.call("run", [own.pointer])
        w.fetch_and_add(given.place("iterations"), own["iterations"])
    return w.module()
