"""The command as a person typed it, for the provenance."""

from __future__ import annotations

import shlex
import sys


def typed() -> str:
    """Return the command line, without the path of the program."""
    return shlex.join(["autocrine", *sys.argv[1:]])
