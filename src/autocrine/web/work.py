"""One job in a process of its own: it says how far it is, and ends when the server that started it does."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from autocrine.core import errors
from autocrine.studies import Progress
from autocrine.web.job_kinds import KINDS
from autocrine.web.journal import NOTE, PROGRESS, write_note
from autocrine.web.workshop import RESULT

#: seconds between two notes of progress
_EVERY_S = 0.2


class Told:
    """Progress of a job, as a note in its directory.

    Parameters
    ----------
    place : Path
        Directory of the job.
    stages : int
        About how many stages it has; each is an equal share of the whole.
    """

    def __init__(self, place: Path, stages: int) -> None:
        self.place, self.stages = place, stages
        self._stage, self._done, self._steps, self._what, self._at = -1, 0, 1, "", 0.0

    def begin(self, what: str, steps: int) -> None:
        """Begin a stage."""
        self._stage, self._done, self._steps, self._what = self._stage + 1, 0, max(1, steps), what
        self._tell()

    def step(self, steps: int) -> None:
        """Count finished steps."""
        self._done += steps
        if time.monotonic() - self._at > _EVERY_S:
            self._tell()

    def _tell(self) -> None:
        self._at = time.monotonic()
        stages = max(self.stages, self._stage + 1)
        share = (max(self._stage, 0) + min(1.0, self._done / self._steps)) / stages
        write_note(self.place / PROGRESS, {"share": min(share, 0.99), "what": self._what})


def work(place: Path) -> int:
    """Do the job of a directory and write what it found; return the exit status."""
    note: dict[str, Any] = json.loads((place / NOTE).read_text(encoding="utf-8"))
    kind = KINDS[note["kind"]]
    told = Told(place, kind.stages)
    try:
        found = kind.work(note["options"], place, Progress(told.begin, told.step))
    except errors.AutocrineError as error:
        write_note(place / RESULT, {"error": str(error)})
        return 2
    except Exception as error:
        traceback.print_exc()
        write_note(place / RESULT, {"error": f"this is a defect of autocrine ({type(error).__name__}: {error})"})
        return 70
    write_note(place / RESULT, found)
    return 0


def _end_with_the_server() -> None:
    sys.stdin.buffer.read()
    os._exit(75)


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(10)  # a person who moves a slider goes first
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    status = work(Path(sys.argv[1]))
    sys.stdout.flush()
    os._exit(status)
