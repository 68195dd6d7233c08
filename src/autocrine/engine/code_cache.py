"""Compiled code on disk, so that a later process need not compile again."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

_CHECKSUM_LENGTH = 32
#: bytes that are kept at most, and what remains of them after what was not used for longest is given up
LARGEST, _REMAINS = 512_000_000, 0.8
#: bytes that a process writes before it looks again at how much is kept
_BETWEEN_LOOKS = 16_000_000
#: a use is noted once a day (seconds), which is exact enough for what is kept for weeks
_DAY = 86_400.0
_UNFINISHED = ".unfinished-"
#: bytes that this process may still write before it looks; it looks after the first file
_left = 0


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
        path = directory() / f"{key}.code"
        kept = path.read_bytes()
        _note_use(path)
    except (OSError, RuntimeError):  # no file yet, no right to read, or no home directory
        return b""
    checksum, code = kept[:_CHECKSUM_LENGTH], kept[_CHECKSUM_LENGTH:]
    return code if hashlib.sha256(code).digest() == checksum else b""


def keep(key: str, code: bytes) -> None:
    """Keep something under a key; where nothing can be written nothing is kept."""
    global _left  # noqa: PLW0603 - how much this process has written
    with contextlib.suppress(OSError, RuntimeError):
        _write(directory() / f"{key}.code", hashlib.sha256(code).digest() + code)
        _left -= len(code)
        if _left <= 0:
            _left = _BETWEEN_LOOKS
            prune(directory())


def prune(place: Path) -> None:
    """Give up what was not used for longest, if more than `LARGEST` bytes are kept.

    Other processes may use, write and prune at the same time: what one gives up, another makes again. Files that are
    not ours are left alone.
    """
    kept: list[tuple[float, int, Path]] = []
    now = time.time()
    for path in place.iterdir():
        with contextlib.suppress(OSError):  # another process was first
            found = path.stat()
            if path.suffix == ".code":
                kept.append((found.st_mtime, found.st_size, path))
            elif path.name.startswith(_UNFINISHED) and now - found.st_mtime > _DAY:
                path.unlink()  # its process was ended
    total = sum(size for _, size, _ in kept)
    if total <= LARGEST:
        return
    for _, size, path in sorted(kept):
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        total -= size
        if total <= _REMAINS * LARGEST:
            return


def _note_use(path: Path) -> None:
    with contextlib.suppress(OSError):  # it may be read without the right to change it
        if time.time() - path.stat().st_mtime > _DAY:
            os.utime(path)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=_UNFINISHED)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
