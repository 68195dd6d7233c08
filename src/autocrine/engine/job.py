"""What the compiled loop is told: counts and addresses, one word each."""

from __future__ import annotations

from autocrine.engine.ir_writer import INT, REAL, Array, Value, Writer

#: words of a job: counts and addresses. N trajectories, n species, T times; rows are those of trajectories
JOB = (
    "count",  # how many trajectories wait in the queue
    "next",  # how many of them were taken
    "iterations",  # steps of all lanes together
    "memory",  # of the lanes
    "stop",  # address of a word that is not 0 when all shall stop
    "state",  # (N, n) at the begin; at the end, or at the failure, on return
    "constants",  # (N, hoisted)
    "begin",  # (N,)
    "end",  # (N,)
    "rtol",  # (N,)
    "longest",  # (N,) steps before a trajectory fails
    "atol",  # (N, n)
    "times",  # (T,) that are asked for
    "first",  # (N,) place of the first time that lies after the begin
    "past",  # (N,) place after the last one
    "shown",  # (N, T, n) states at these times
    "row_length",  # T n
    "verdict",  # (N,) FINISHED or why not
    "reached",  # (N,) the time that was reached
    "steps",  # (N,)
    "rejections",  # (N,)
    # only where there are K triggers; the last three describe the step in which one turned, a polynomial of degree D
    "truth",  # (N, K) 1 for triggers that are true at the begin, else 0
    "length",  # (N,)
    "arrived",  # (N, n) the state at its end
    "curve",  # (N, D - 1, n) coefficients of the dense output
)


class Job:
    """The words of a job while instructions are written."""

    def __init__(self, writer: Writer, pointer: Value) -> None:
        self.writer, self.pointer = writer, pointer
        self.words = writer.array(pointer, INT)

    def __getitem__(self, name: str) -> Value:
        return self.words[JOB.index(name)]

    def __setitem__(self, name: str, value: Value) -> None:
        self.words[JOB.index(name)] = value

    def address(self, name: str) -> Value:
        """Return the address that a word holds."""
        return self.writer.pointer(self[name])

    def array(self, name: str, type_: str = REAL) -> Array:
        """Return the array at the address that a word holds."""
        return self.writer.array(self.address(name), type_)
