"""The history of checks: what each version of the model said about each claim."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autocrine.core import RunDirectory, errors
from autocrine.evidence.check import read_checks
from autocrine.evidence.judgement import Verdict


@dataclass(frozen=True)
class Checked:
    """One verdict of the history.

    Attributes
    ----------
    claim : str
        Key of the claim.
    verdict : Verdict
        The verdict.
    model, parameters : str
        The version of the program, and the hash of the parameters.
    effect, low, high, effect_when_cut : float or None
        The numbers behind it.
    run, started : str
        The directory of the run, and when it began.
    """

    claim: str
    verdict: Verdict
    model: str
    parameters: str
    effect: float | None
    low: float | None
    high: float | None
    effect_when_cut: float | None
    run: str
    started: str


def write_run(connection: sqlite3.Connection, run: Path, claims: tuple[str, ...]) -> tuple[Checked, ...]:
    """Put the verdicts of a finished run into the history; a run that stands there already changes nothing.

    Raises
    ------
    InputError
        If it is no finished run, or its provenance does not say version, parameters and time.
    """
    checks = read_checks(run, claims)
    model, parameters, started = _provenance(run / RunDirectory.MARK)
    found = []
    for check in checks.values():
        values: dict[str, Any] = asdict(check) | {"model": model, "parameters": parameters, "started": started}
        made = Checked(**values)
        row = (made.claim, model, parameters, str(run), json.dumps(values), started)
        connection.execute("INSERT OR IGNORE INTO verdict VALUES (?, ?, ?, ?, ?, ?)", row)
        found.append(made)
    return tuple(found)


def read_history(connection: sqlite3.Connection, claim: str) -> tuple[Checked, ...]:
    """Return all verdicts on a claim, the oldest first."""
    query = "SELECT body FROM verdict WHERE claim = ? ORDER BY started, rowid"
    rows = [json.loads(text) for (text,) in connection.execute(query, (claim,))]
    return tuple(Checked(**row | {"verdict": Verdict(row["verdict"])}) for row in rows)


def _provenance(path: Path) -> tuple[str, str, str]:
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
        found = (content["versions"]["autocrine"], content["parameter_hash"], content["started"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        must = f"the provenance must say version, parameters and time ({error!r})"
        raise errors.InputError(must, where=str(path)) from error
    if not all(isinstance(text, str) for text in found):
        raise errors.InputError("the provenance must say version, parameters and time as texts", where=str(path))
    return found
