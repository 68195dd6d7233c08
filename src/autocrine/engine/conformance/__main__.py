"""``python -m autocrine.engine.conformance SUITE DIRECTORY [CASE ...]``: one line for each case, and a count."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections import Counter
from pathlib import Path

from autocrine.core import errors
from autocrine.engine.conformance.worker import LONGEST_CASE_S, verdicts

#: suite → the module that knows it: ``cases(directory, chosen)`` and ``run(directory, case)``
_SUITES = {"petab": "petab_suite", "sbml": "sbml_suite"}


def main(arguments: list[str] | None = None) -> int:
    """Run a suite; return 0 if no case failed, 1 if one did, 2 if it cannot be run."""
    parser = argparse.ArgumentParser(prog="python -m autocrine.engine.conformance", description=__doc__)
    parser.add_argument("suite", choices=sorted(_SUITES))
    parser.add_argument("directory", type=Path)
    parser.add_argument("cases", nargs="*", metavar="CASE", help="only these cases")
    parser.add_argument("--limit", type=float, default=LONGEST_CASE_S, help="seconds that a case may take")
    given = parser.parse_args(arguments)
    suite = importlib.import_module(f"autocrine.engine.conformance.{_SUITES[given.suite]}")
    counts: Counter[str] = Counter()
    try:
        names = suite.cases(given.directory, given.cases)
    except errors.InputError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for verdict in verdicts(suite.run, given.directory, names, given.limit):
        counts[verdict.outcome] += 1
        sys.stdout.write(f"{verdict}\n")
        sys.stdout.flush()
    shown = ", ".join(f"{counts[each]} {each}" for each in ("passed", "failed", "unsupported"))
    sys.stdout.write(f"{len(names)} cases: {shown}\n")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
