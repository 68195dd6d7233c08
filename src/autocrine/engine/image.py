"""What was compiled of a network, kept on disk: a later process needs neither its expressions nor SymPy.

An image is a set of parts, each a small file of plain facts (JSON) and the key of the machine code that goes with them.
All parts of a network stand under its identity, a hash of everything that they follow from.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from autocrine.engine import code_cache
from autocrine.engine.machine_code import MachineCode, kept_code, platform

Part = tuple[Any, MachineCode | None]
#: what is newer may differ from what this process has in its memory
_IMPORTED_NS = time.time_ns()
_DEFINES = frozenset({".py", ".toml"})
_ALWAYS = ("autocrine.core", "autocrine.engine")


def identity(packages: Iterable[str], *arguments: object) -> str:
    """Return the identity of a network, or nothing where none can be told.

    Parameters
    ----------
    packages : iterable of str
        Names of imported packages whose files define it, beside the engine itself.
    *arguments : object
        What else defines it.

    Notes
    -----
    It is a hash of the text of these files, the arguments, the versions of Python, SymPy and LLVM, and the processor. A
    file that was changed after this process had begun leaves no identity, because the old text of it is running.
    """
    texts = [_text_of(name) for name in (*_ALWAYS, *packages)]
    if not all(texts):
        return ""
    return _hash([*texts, sys.version, _version_of_sympy(), *platform(), *map(repr, arguments)])


def recall(identity: str, part: str, make: Callable[[], Part]) -> Part:
    """Return facts and machine code of a part of a network; without an identity it is made anew.

    Facts are what JSON gives back: lists for tuples, but every digit of a number.
    """
    if not identity:
        return make()
    key = _hash([identity, part])
    kept = code_cache.read(key)
    if kept:
        facts, code_key = json.loads(kept)
        code = kept_code(code_key) if code_key else None
        if code is not None or not code_key:
            return facts, code
    facts, code = make()
    text = json.dumps([facts, "" if code is None else code.key])
    code_cache.keep(key, text.encode())
    return json.loads(text)[0], code


@functools.cache
def _text_of(package: str) -> str:
    """Return a hash of the files that define a package; nothing if they cannot be read or are too new."""
    module, found = sys.modules.get(package), hashlib.sha256()
    folders = sorted(Path(folder) for folder in getattr(module, "__path__", ()))
    try:
        files = sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in _DEFINES)
        if not files or any(path.stat().st_mtime_ns >= _IMPORTED_NS for path in files):
            return ""
        for path in files:
            found.update(f"{path.name}\n{path.stat().st_size}\n".encode())
            found.update(path.read_bytes())
    except OSError:
        return ""
    return found.hexdigest()


@functools.cache
def _version_of_sympy() -> str:
    """Return the version of SymPy, which stands in a file of its own, without importing it."""
    found = importlib.util.find_spec("sympy")
    if found is None or found.origin is None:
        return ""
    release = Path(found.origin).with_name("release.py")
    return release.read_text(encoding="utf-8") if release.is_file() else found.origin


def _hash(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
