"""Seconds that a person waits: help, the published experiment (quick and full), in processes of their own.

Run as ``python benchmarks/reproduce.py [repeats]``. Each command is a process of its own; the median is shown.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMANDS = {
    "autocrine --help": (["--help"], 0.5),
    "autocrine library show conze2001": (["library", "show", "conze2001"], None),
    "autocrine reproduce conze2001 --quick": (["reproduce", "conze2001", "--quick", "--json"], 10.0),
    "autocrine reproduce conze2001": (["reproduce", "conze2001", "--json"], 10.0),
}


def seconds(arguments: list[str]) -> float:
    """Run one command in a directory of its own and return how long it took."""
    program = Path(sys.executable).parent / "autocrine"
    with tempfile.TemporaryDirectory() as place:
        start = time.perf_counter()
        subprocess.run([str(program), *arguments], check=True, cwd=place, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, median of {repeats}\n")
    print("| command | seconds | bar |\n|---|---|---|")
    for name, (arguments, bar) in COMMANDS.items():
        median = statistics.median(seconds(arguments) for _ in range(repeats))
        print(f"| `{name}` | {median:.2f} | {'' if bar is None else f'{bar:g}'} |")


if __name__ == "__main__":
    main()
