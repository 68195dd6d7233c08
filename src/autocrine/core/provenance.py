"""Where a result comes from: versions, seed, parameters, command."""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

_LIBRARIES = ("autocrine", "numpy", "scipy", "sympy", "llvmlite", "pandas", "pyarrow", "matplotlib")


def _versions() -> dict[str, str]:
    import importlib.metadata

    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for name in _LIBRARIES:
        found[name] = importlib.metadata.version(name)
    return found


@dataclass(frozen=True)
class Provenance:
    """What one needs to run a result again.

    Attributes
    ----------
    command : str
        The command line as a person would type it.
    seed : int
        The seed of all random numbers.
    parameter_hash : str
        Hash of every parameter value and unit.
    versions : dict
        Python and the libraries that touch numbers.
    started : str
        Time of the run, ISO 8601, UTC.
    """

    command: str
    seed: int
    parameter_hash: str
    versions: dict[str, str] = field(default_factory=_versions)
    machine: str = field(default_factory=lambda: f"{platform.system()} {platform.machine()}")
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
