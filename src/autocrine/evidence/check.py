"""The verdicts of a finished run, as its ``claims.json`` holds them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autocrine.core import RunDirectory, errors
from autocrine.evidence.interval import Interval
from autocrine.evidence.judgement import Verdict

_CLAIMS = "claims.json"
_NUMBERS = ("effect", "low", "high", "effect_when_cut", "cut_low", "cut_high")


@dataclass(frozen=True)
class Check:
    """What one run says about one claim.

    Attributes
    ----------
    claim : str
        Key of the claim.
    verdict : Verdict
        Its verdict in this run.
    effect, low, high, effect_when_cut : float or None
        The numbers behind it.
    run : str
        The directory of the run.
    cut_low, cut_high : float or None
        The range of the effect when the edge is cut; None in runs that did not write it.
    """

    claim: str
    verdict: Verdict
    effect: float | None
    low: float | None
    high: float | None
    effect_when_cut: float | None
    run: str
    cut_low: float | None = None
    cut_high: float | None = None

    @property
    def interval(self) -> Interval | None:
        """The effect with its range, where the run has all three numbers."""
        return _interval(self.effect, self.low, self.high)

    @property
    def interval_when_cut(self) -> Interval | None:
        """The same with the claimed edge cut."""
        return _interval(self.effect_when_cut, self.cut_low, self.cut_high)


def _interval(value: float | None, low: float | None, high: float | None) -> Interval | None:
    return None if value is None or low is None or high is None else Interval(value, low, high)


def newest_run(runs: Path, record: str) -> Path | None:
    """Return the finished run of a record that was written last, if there is one."""
    found = [path.parent for path in runs.glob(f"{record}*/{_CLAIMS}") if (path.parent / RunDirectory.MARK).is_file()]
    return max(found, key=lambda run: ((run / _CLAIMS).stat().st_mtime_ns, run.name), default=None)


def read_checks(run: Path, claims: Iterable[str]) -> Mapping[str, Check]:
    """Read the verdicts of a run on these claims.

    Raises
    ------
    InputError
        If the directory is no finished run, its file cannot be read, or it judges a claim that is not among these.
    """
    path = run / _CLAIMS
    if not (run / RunDirectory.MARK).is_file() or not path.is_file():
        must = f"a finished run must hold {RunDirectory.MARK} and {_CLAIMS}"
        raise errors.InputError(must, where=str(run), hint="--run with the directory that autocrine reproduce wrote")
    known = list(claims)
    checks: dict[str, Check] = {}
    for number, row in enumerate(_rows(path), 1):
        check = _check(row, f"{path}, claim {number}", run)
        if check.claim not in known:
            raise errors.InputError(
                f"id must be one of {', '.join(known) or 'no claims'}", check.claim, where=str(path)
            )
        checks[check.claim] = check
    return checks


def _rows(path: Path) -> list[Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise errors.InputError(f"the file must be readable JSON ({error})", where=str(path)) from error
    rows = content.get("claims") if isinstance(content, dict) else content
    if not isinstance(rows, list):
        raise errors.InputError('the file must hold a list "claims"', where=str(path))
    return rows


def _check(row: Any, where: str, run: Path) -> Check:
    if not isinstance(row, dict) or not isinstance(row.get("id"), str):
        raise errors.InputError('a claim must be an object with a text "id"', row, where=where)
    if row.get("verdict") not in list(Verdict):
        raise errors.InputError(f"verdict must be one of {', '.join(Verdict)}", row.get("verdict"), where=where)
    numbers = {key: _number(row, key, where) for key in _NUMBERS}
    for names in (("low", "effect", "high"), ("cut_low", "effect_when_cut", "cut_high")):
        known = [number for name in names if (number := numbers[name]) is not None]
        if known != sorted(known):
            raise errors.InputError(f"a claim must hold {' <= '.join(names)}", known, where=where)
    return Check(claim=row["id"], verdict=Verdict(row["verdict"]), run=str(run), **numbers)


def _number(row: dict[str, Any], key: str, where: str) -> float | None:
    value = row.get(key)
    if value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise errors.InputError(f"{key} must be a number or null", value, where=where) from error
    if math.isnan(number):
        raise errors.InputError(f"{key} must be a number or null", value, where=where)
    return number
