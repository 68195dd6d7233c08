"""Run as a program: answers questions by way of a library that may crash, for `autocrine.engine.foreign_process`.

``python foreign_program.py FILE MEMORY``: FILE is a Python file with a function ``answer`` from a dictionary to one;
MEMORY is how many bytes the process may take. Each line of the input is a question in JSON, with the seconds that it
may take; each line of the output is an answer. It ends with its input, and so with whoever asks. So that it starts
quickly it imports nothing of the house.
"""

import json
import os
import resource
import runpy
import sys
from typing import Any

#: seconds beyond those of a question before the system ends a process that nobody waits for any more
_GRACE = 5


def _limit(kind: int, most: int) -> None:
    """Lower a limit of this process, never beyond what it is allowed: that could not be undone."""
    _, allowed = resource.getrlimit(kind)
    resource.setrlimit(kind, (most if allowed == resource.RLIM_INFINITY else min(most, allowed), allowed))


def _serve(program: str, memory: int) -> None:
    # what a library prints is not to come between the answers
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    answer: Any = runpy.run_path(program)["answer"]
    _limit(resource.RLIMIT_AS, memory)
    for line in sys.stdin:
        question = json.loads(line)
        spent = resource.getrusage(resource.RUSAGE_SELF)
        _limit(resource.RLIMIT_CPU, int(spent.ru_utime + spent.ru_stime + question.pop("seconds")) + _GRACE)
        answers.write(json.dumps(answer(question)) + "\n")
        answers.flush()


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]))
