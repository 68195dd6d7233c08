"""What the compiled loop over steps is given, and how trajectories end in it."""

#: words of a job: counts and addresses. N trajectories, n species, T times; rows are those of trajectories
JOB = (
    "count",  # how many trajectories wait in the queue
    "queue",  # address of a word that counts how many of them were taken; all threads may take from it
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
    "companion",  # address of the words of the companion, if there is one
)
FINISHED, TOO_SMALL, NOT_FINITE, TOO_MANY, TURNED = 1, 2, 3, 4, 5
