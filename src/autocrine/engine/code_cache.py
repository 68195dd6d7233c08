"""Compiled code on disk, so that a later process need not compile again."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

_CHECKSUM_LENGTH = 32


def directory() -> Path:
    """Return where code is kept: ``AUTOCRINE_CACHE``, or the place of the platform for what may be lost."""
    given = os.environ.get("AUTOCRINE_CACHE")
    if given:
        return Path(given)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "autocrine"


def fetch(key: str, make: Callable[[], bytes]) -> bytes:
    """Return what was kept under a key, or make and keep it.

    Parameters
    ----------
    key : str
        A hash of all that the code depends on.
    make : callable
        Makes the code.

    Notes
    -----
    A file starts with the checksum of the rest; one that does not fit is made again. Files appear under their name
    complete, by renaming, so that processes may write at the same time. Where nothing can be written nothing is kept.
    """
    code = read(key)
    if not code:
        code = make()
        keep(key, code)
    return code


def read(key: str) -> bytes:
    """Return what is kept under a key, or nothing."""
    try:
        kept = (directory() / f"{key}.code").read_bytes()
    except (OSError, RuntimeError):  # no file yet, no right to read, or no home directory
        return b""
    checksum, code = kept[:_CHECKSUM_LENGTH], kept[_CHECKSUM_LENGTH:]
    return code if hashlib.sha256(code).digest() == checksum else b""


def keep(key: str, code: bytes) -> None:
    """Keep something under a key; where nothing can be written nothing is kept."""
    with contextlib.suppress(OSError, RuntimeError):
        _write(directory() / f"{key}.code", hashlib.sha256(code).digest() + code)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".unfinished-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
