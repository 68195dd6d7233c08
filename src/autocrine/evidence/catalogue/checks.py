"""The history of checks: what each version of the model said about each claim."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autocrine.core import RunDirectory, errors
from autocrine.evidence.check import Check, read_checks
from autocrine.evidence.claim import Claim
from autocrine.evidence.judgement import Verdict, judge
from autocrine.evidence.library import Library

_NUMBERS = ("effect", "low", "high", "effect_when_cut")


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


def write_run(
    connection: sqlite3.Connection, run: Path, library: Library, own: Iterable[Claim] = ()
) -> tuple[Checked, ...]:
    """Put the verdicts of a finished run into the history; a run that stands there already changes nothing.

    A claim of one's own is judged by the same rules, from the numbers that the run computed for a claim of the
    package with the same measure (and, for a causal one, the same edge); it need not be simulated again.

    Raises
    ------
    InputError
        If it is no finished run, or its provenance does not say version, parameters and time.
    """
    checks = read_checks(run, tuple(library.claims))
    model, parameters, started = _provenance(run / RunDirectory.MARK)
    found = []
    for check in (*checks.values(), *_own(own, checks, library)):
        numbers: dict[str, Any] = {name: getattr(check, name) for name in _NUMBERS}
        values = {"claim": check.claim, "verdict": check.verdict, "run": check.run, **numbers}
        made = Checked(**values, model=model, parameters=parameters, started=started)
        body = json.dumps(values | {"model": model, "parameters": parameters, "started": started})
        row = (made.claim, model, parameters, str(run), body, started)
        connection.execute("INSERT OR IGNORE INTO verdict VALUES (?, ?, ?, ?, ?, ?)", row)
        found.append(made)
    return tuple(found)


def _own(own: Iterable[Claim], checks: Mapping[str, Check], library: Library) -> list[Check]:
    found = []
    for claim in own:
        for key, check in checks.items():
            asked = library.claims[key]
            effect, cut = check.interval, check.interval_when_cut if claim.is_causal else None
            same = claim.measure and asked.measure == claim.measure and asked.edge == (claim.edge or asked.edge)
            if same and effect is not None and (cut is not None or not claim.is_causal):
                fitted = any(finding.role == "fit" for finding in library.findings_of(claim.record))
                verdict = judge(claim, effect, cut, fitted).verdict
                lost = check.effect_when_cut if claim.is_causal else None
                found.append(replace(check, claim=claim.id, verdict=verdict, effect_when_cut=lost))
                break
    return found


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
