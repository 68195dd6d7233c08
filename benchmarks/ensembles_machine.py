"""What the machine is, what it can do, and how busy it was."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import time
from pathlib import Path

import llvmlite
import numpy as np

from autocrine.engine.machine_code import FREE_FUNCTION, POINTER, WHOLE, best_lanes, machine_code, processor

_WIDTHS = (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("avx", "AVX"), ("sse4.2", "SSE4.2"), ("neon", "NEON"))
#: chains that do not wait for one another: two units times a latency of four, and some room
_CHAINS = 10
_ROUNDS = 2_000_000


def description() -> list[str]:
    """Describe processor, versions and load."""
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}, llvmlite {llvmlite.__version__}"
    return [f"{_model()}, {os.cpu_count()} processors, {vectors()}, {memory_gib():.0f} GiB", versions, load()]


def load() -> str:
    """Describe how busy the machine is."""
    if not hasattr(os, "getloadavg"):
        return "load average unknown"
    return "load average " + ", ".join(f"{each:.1f}" for each in os.getloadavg())


def vectors() -> str:
    """Return the widest vector instructions."""
    features = processor()[1].split(",")
    return next((name for feature, name in _WIDTHS if f"+{feature}" in features), platform.machine())


def memory_gib() -> float:
    """Return the memory of the machine."""
    if not hasattr(os, "sysconf"):
        return float("nan")
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30


def peak_memory_mib() -> float:
    """Return the most memory that this process had at once."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((float(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), float("nan"))


def version(package: str) -> str:
    """Return the version of an installed package."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "?"


def fma_peak() -> float:
    """Return floating-point operations per second of one processor, measured on independent multiply-adds."""
    lanes = best_lanes()
    run = machine_code(_chains(lanes), 2).function("peak", FREE_FUNCTION(None, WHOLE, POINTER))
    memory = np.ones(lanes * _CHAINS + 64)
    address = -(-memory.ctypes.data // 64) * 64
    fastest = np.inf
    for _ in range(5):
        began = time.process_time()
        run(_ROUNDS, address)
        fastest = min(fastest, time.process_time() - began)
    return 2.0 * lanes * _CHAINS * _ROUNDS / fastest


def _chains(lanes: int) -> str:
    """Return the IR of a loop over x_k = x_k * a + a for vectors x_k that do not wait for one another."""
    real, fma = f"<{lanes} x double>", f"llvm.fma.v{lanes}f64"
    factor = "<" + ", ".join(["double 0.5"] * lanes) + ">"
    numbers = range(_CHAINS)
    places = [f"  %p{k} = getelementptr {real}, ptr %memory, i64 {k}" for k in numbers]
    loads = [f"  %s{k} = load {real}, ptr %p{k}" for k in numbers]
    heads = [f"  %x{k} = phi {real} [ %s{k}, %entry ], [ %y{k}, %loop ]" for k in numbers]
    bodies = [f"  %y{k} = call {real} @{fma}({real} %x{k}, {real} {factor}, {real} {factor})" for k in numbers]
    stores = [f"  store {real} %y{k}, ptr %p{k}" for k in numbers]
    return "\n".join(
        [
            f"declare {real} @{fma}({real}, {real}, {real})",
            "define void @peak(i64 %rounds, ptr %memory) {",
            "entry:",
            *places,
            *loads,
            "  br label %loop",
            "loop:",
            *heads,
            "  %i = phi i64 [ 0, %entry ], [ %j, %loop ]",
            *bodies,
            "  %j = add i64 %i, 1",
            "  %more = icmp slt i64 %j, %rounds",
            "  br i1 %more, label %loop, label %done",
            "done:",
            *stores,
            "  ret void",
            "}",
            "",
        ]
    )


def _model() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())
