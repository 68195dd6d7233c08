"""Seconds from nothing to the first simulation of the built-in circuit: with an empty cache, and in a later process.

Run as ``python benchmarks/start.py [repeats]``. Each start is a process of its own; the fastest is shown, because
whatever else the machine does can only add.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time

START = """
import json, sys, time
begun = time.perf_counter()
from autocrine.assay import Bench, Protocol
imported = time.perf_counter()
bench = Bench()
wells = [bench.dosed("sensitive", "doxorubicin", 100.0, Protocol())]
bench.run(wells)
first = time.perf_counter()
bench.run(wells)
second = time.perf_counter()
print(json.dumps([imported - begun, first - imported, second - first, "sympy" in sys.modules]))
"""
OTHERS = {"Python alone": "print([])", "NumPy alone": "import numpy; print([])"}


def start(text: str, cache: str) -> tuple[float, float, list[float]]:
    """Run a text in a process of its own; return its seconds, those of the processor, and what it printed."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = {**os.environ, "AUTOCRINE_CACHE": cache}
    done = subprocess.run([sys.executable, "-c", text], check=True, capture_output=True, env=environment)
    seconds, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, json.loads(done.stdout)


def fastest(found: list[tuple[float, float, list[float]]]) -> str:
    """Return one row of the table."""
    parts = [min(each) for each in zip(*(inner for _, _, inner in found), strict=True)]
    shown = [f"{part:.3f}" for part in parts[:3]] + ["yes" if part else "no" for part in parts[3:]]
    times = [f"{min(each[column] for each in found):.2f}" for column in (0, 1)]
    return " | ".join([*times, *(shown or [""] * 4)])


def main() -> None:
    """Print the table."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, best of {repeats}\n")
    print("| start | seconds | of the processor | import | first simulation | second | SymPy |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | --- |")
    for name, text in OTHERS.items():
        print(f"| {name} | {fastest([start(text, '') for _ in range(repeats)])} |")
    with tempfile.TemporaryDirectory() as kept:
        cold = []
        for number in range(repeats):
            cold.append(start(START, f"{kept}/{number}"))
        print(f"| nothing compiled yet | {fastest(cold)} |")
        print(f"| later process | {fastest([start(START, f'{kept}/0') for _ in range(repeats)])} |")


if __name__ == "__main__":
    main()
