"""The compiled loop over jumps of a network, for batches of trajectories."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from autocrine.core import errors
from autocrine.engine import chance_loop
from autocrine.engine.chance_loop import Trajectory
from autocrine.engine.compiled import Functions
from autocrine.engine.direct_method import print_direct
from autocrine.engine.ir_writer import POINTER as POINTER_TYPE
from autocrine.engine.ir_writer import Value, Writer
from autocrine.engine.jumps import Jumps, jumps_of
from autocrine.engine.kernel import Batch, Outcome
from autocrine.engine.machine_code import FREE_FUNCTION, POINTER, machine_code
from autocrine.engine.names import symbol
from autocrine.engine.network import Network
from autocrine.engine.next_reaction_method import print_next_reaction
from autocrine.engine.tau_leaping import print_tau

_RUN = FREE_FUNCTION(None, POINTER)
_EFFORT = 2
METHODS = ("direct", "next_reaction", "tau")


class ChanceKernel:
    """The compiled loop of one network and one method of chance.

    Parameters
    ----------
    jumps : Jumps
        The network.
    method : {"direct", "next_reaction", "tau"}
        The method.
    epsilon : float
        The bound of tau-leaping.
    """

    def __init__(self, jumps: Jumps, method: str, epsilon: float) -> None:
        self.jumps = jumps
        if method == "tau":
            text = print_tau(jumps, epsilon)
        else:
            text = {"direct": print_direct, "next_reaction": print_next_reaction}[method](jumps)
        self._code = machine_code(text, _EFFORT)
        self._run = self._code.function("run", _RUN)
        self._hoist = Functions({"hoist": jumps.hoist}, {"hoist": (0, jumps.hoisted)})
        writer = Writer(lanes=1)
        self._sizes = Trajectory(writer, Value(writer, POINTER_TYPE, "%job"), jumps).sizes
        self._starts = np.cumsum([0, *(len(each) for each in jumps.affected)])
        self._affected = np.array([k for each in jumps.affected for k in each], np.int64)

    def run(self, batch: Batch, stop: np.ndarray, streams: np.ndarray) -> Outcome:
        """Simulate a batch; the streams of random numbers, shape (N, 7), go on. Runs without the GIL."""
        count = len(batch)
        verdict, events, reached = np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count)
        arrays = {name: getattr(batch, name) for name in ("state", "begin", "end", "times", "shown")}
        arrays |= {"first": batch.first.astype(np.int64), "past": batch.past.astype(np.int64)}
        arrays |= {"stop": stop, "streams": streams, "verdict": verdict, "reached": reached, "events": events}
        arrays |= {"constants": self._hoist.many("hoist", batch.parameters), "starts": self._starts}
        if batch.truth is not None:
            arrays |= {"parameters": np.ascontiguousarray(batch.parameters), "truth": np.ascontiguousarray(batch.truth)}
        arrays |= {"affected": self._affected, "numbers": np.zeros(self._sizes[0])}
        arrays |= {"words": np.zeros(self._sizes[1], np.int64)}
        words = {name: each.ctypes.data for name, each in arrays.items()}
        row_length = len(batch.times) * len(self.jumps.species) if batch.times.ndim == 1 else 0
        words |= {"count": count, "row_length": row_length}
        job = np.array([words.get(name, 0) for name in chance_loop.JOB], dtype=np.int64)
        self._run(job.ctypes.data)
        return Outcome(verdict, reached, events, np.zeros(count, int), int(events.sum()))

    def cause(self, verdict: int) -> str:
        """Say why a trajectory failed."""
        place = verdict - chance_loop.FAILED
        if place < len(self.jumps.reactions):
            return (
                f"the propensity of reaction {self.jumps.reactions[place]!r} is negative or not finite; "
                "a net rate must be written as two reactions"
            )
        species = self.jumps.species[place - len(self.jumps.reactions)]
        return f"a reaction takes {species} that is not there; its rate must vanish with what it takes"


@functools.lru_cache(maxsize=32)
def chance_kernel(network: Network, method: str, epsilon: float, triggers: tuple[Any, ...] = ()) -> ChanceKernel:
    """Return the kernel of a network and a method that watches some triggers; it is compiled when first asked for.

    Raises
    ------
    InputError
        If there is no such method, the network is none of whole numbers, or a trigger cannot be followed.
    """
    if method not in METHODS:
        raise errors.InputError(f"chance must be one of {', '.join(METHODS)}", method)
    followed = {symbol(each.name) for each in network.species}
    for trigger in triggers if method == "tau" else ():
        if trigger.xreplace(network.written_out()).free_symbols & followed:
            must = "chance must be direct or next_reaction where triggers follow species: a leap would pass them"
            raise errors.InputError(must, method, where=f"trigger {trigger}")
    return ChanceKernel(jumps_of(network, triggers), method, epsilon)
