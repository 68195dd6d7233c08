"""The file that lets an interrupted fit go on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from autocrine.calibration.fits.search import Search
from autocrine.core import errors


class StateFile:
    """A text file with one line for each search that has ended.

    The first line says whose it is. Numbers are written so that they are read back exactly. A last line that was cut
    off by an interruption is ignored.

    Parameters
    ----------
    path : Path
        Where it stands.
    names : sequence of str
        The parameters.
    starts : ndarray of shape (n, p)
        All starts: more of them may be asked for later, if they begin with the same.
    method : str
        How is searched.
    """

    def __init__(self, path: Path, names: Sequence[str], starts: np.ndarray, method: str) -> None:
        self._path, self._starts = Path(path), starts
        self._head = {"names": list(names), "method": method}

    def load(self) -> dict[int, Search]:
        """Return the searches that have ended, by number; the file is begun if there is none.

        Raises
        ------
        InputError
            If it is of another fit.
        OutputError
            If it cannot be written.
        """
        if not self._path.exists():
            self._write(json.dumps(self._head), "w")
            return {}
        lines = self._path.read_text(encoding="utf-8").split("\n")
        if _parsed(lines[0]) != self._head:
            must, hint = "the state must be of this fit", "another file, or to remove this one"
            raise errors.InputError(must, lines[0], where=f"{self._path}, line 1", hint=hint)
        found: dict[int, Search] = {}
        for number, line in enumerate(lines[1:-1], start=2):
            row = _parsed(line)
            if not isinstance(row, dict) or "mark" not in row:
                raise errors.InputError("a line must be a search", line, where=f"{self._path}, line {number}")
            if row["number"] >= len(self._starts):
                continue
            if row["mark"] != self._mark(row["number"]):
                must, hint = "a search must begin at its start", "the seed of the first time, or another file"
                raise errors.InputError(must, row["number"], where=f"{self._path}, line {number}", hint=hint)
            found[row["number"]] = Search(
                self._starts[row["number"]],
                np.array(row["point"], float),
                float(row["log_density"]),
                row["converged"],
                row["evaluations"],
                row["message"],
            )
        if lines[-1]:  # what was cut off must not run into the next line
            self._write("\n".join(lines[:-1]), "w")
        return found

    def add(self, number: int, search: Search) -> None:
        """Write a search that has ended.

        Raises
        ------
        OutputError
            If the file cannot be written.
        """
        row = {
            "number": number,
            "mark": self._mark(number),
            "point": search.point.tolist(),
            "log_density": search.log_density,
            "converged": search.converged,
            "evaluations": search.evaluations,
            "message": search.message,
        }
        self._write(json.dumps(row), "a")

    def _mark(self, number: int) -> str:
        return hashlib.sha256(self._starts[number].tobytes()).hexdigest()[:16]

    def _write(self, line: str, mode: str) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open(mode, encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError as error:
            raise errors.OutputError(f"{self._path} must be writable: {error.strerror or error}") from error


def _parsed(line: str) -> object:
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return None
