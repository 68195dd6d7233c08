"""The checks of an uploaded file, in a process of its own: what is uploaded is hostile until it has been read."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autocrine.core import errors

#: seconds, and bytes of memory, after which a file is given up
_TIMEOUT_S, _MEMORY = 120.0, 6 * 1024**3
#: columns that a table of patients may have
_COLUMNS = 2_000
#: rows of a preview, and letters of a cell in it
_ROWS, _CELL = 20, 200
_WITHOUT_COLUMNS = "Name the columns of time, event and marker to check what an analysis would do."


def checked(kind: str, file: Path, said: Mapping[str, str]) -> dict[str, Any]:
    """Check a file and return its report and first rows.

    Raises
    ------
    errors.InputError
        If it cannot be read as what it is said to be, or takes too long.
    """
    command = [sys.executable, "-m", "autocrine.web.upload_check", kind, str(file), json.dumps(dict(said))]
    surroundings = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - our own module; the file has a name of ours
            command, capture_output=True, timeout=_TIMEOUT_S, check=False, env=surroundings, stdin=subprocess.DEVNULL
        )
        found = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise errors.InputError(f"a file must be checked within {_TIMEOUT_S:g} s") from error
    except ValueError as error:
        raise errors.InputError("the file must be one that can be read within the memory for it") from error
    if "error" in found:
        raise errors.InputError(**found["error"])
    return found


def check_plates(file: Path, said: Mapping[str, str]) -> dict[str, Any]:
    """Do what ``autocrine plates check`` does."""
    from autocrine.assay import plates

    known: dict[str, Any] = {name: value for name, value in said.items() if name in plates.Options.__dataclass_fields__}
    read = plates.read_plates((file,), plates.Options(**known))
    found = plates.check_plates(read)
    messages = [{"level": "note", "text": note, "where": ""} for note in read.notes]
    messages += [
        {"level": level, "text": text, "where": where} for level, where, text in plates.grouped_findings(found)
    ]
    kinds = read.table["kind"].astype(str).value_counts()
    summary = {
        "values": len(read.table),
        "kinds": {str(kind): int(count) for kind, count in kinds.items()},
        "excluded": len(read.excluded) + len(found.series.excluded),
        "plan": [str(step) for step in found.plan],
    }
    return {"report": {"messages": messages, "summary": summary}, "rows": _preview(read.table)}


def check_patients(file: Path, said: Mapping[str, str]) -> dict[str, Any]:
    """Do what ``autocrine prognosis`` does before it analyses."""
    import pandas as pd

    from autocrine import prognosis
    from autocrine.web.patient_question import question_of

    with file.open(encoding="utf-8-sig", errors="replace") as opened:
        header = opened.readline()
    columns = 1 + max(header.count(mark) for mark in ",;\t|")
    if columns > _COLUMNS:
        raise errors.InputError(f"a table of patients must have {_COLUMNS} columns at most", columns, where="line 1")
    table = pd.read_csv(file, dtype=str, keep_default_na=False, sep=None, engine="python", encoding="utf-8-sig")
    if table.empty:
        raise errors.InputError("the file must hold a header and at least one patient")
    summary: dict[str, Any] = {"patients": len(table), "columns": [str(name) for name in table.columns]}
    if not said.get("time"):
        messages = [{"level": "note", "text": _WITHOUT_COLUMNS, "where": ""}]
        return {"report": {"messages": messages, "summary": summary}, "rows": _preview(table)}
    cohort = prognosis.read_cohort(file, question_of(said))
    messages = [{"level": "note", "text": note, "where": ""} for note in cohort.notes]
    messages += [{"level": "warning", "text": each.text, "where": each.topic} for each in cohort.cautions]
    summary |= {"analysed": int(cohort.time.size), "events": int(cohort.events), "time_unit": cohort.time_unit}
    return {"report": {"messages": messages, "summary": summary}, "rows": _preview(table)}


def _preview(table: Any) -> list[dict[str, str]]:
    rows = table.head(_ROWS).to_dict("records")
    return [{str(key)[:_CELL]: str(value)[:_CELL] for key, value in row.items()} for row in rows]


def main(kind: str, file: str, said: str) -> None:
    """Check a file and print what was found as JSON."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # no limits on this system
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        # nobody else stops this process where the server itself is killed
        resource.setrlimit(resource.RLIMIT_CPU, (int(_TIMEOUT_S), int(_TIMEOUT_S)))
    check = {"plates": check_plates, "patients": check_patients}[kind]
    try:
        found = check(Path(file), json.loads(said))
    except errors.InputError as error:
        # a person knows the file by its own name, not by ours
        where = error.where.replace(file, "your file").replace(Path(file).name, "your file")
        was = str(error.was)[:300].replace(file, "your file").replace(Path(file).name, "your file")
        found = {"error": {"must": error.must, "was": was, "where": where, "hint": error.hint}}
    except (MemoryError, ValueError, UnicodeError, OSError, KeyError) as error:
        found = {"error": {"must": "the file must be a table that can be read", "was": type(error).__name__}}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:4])
