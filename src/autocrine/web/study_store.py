"""The studies of a server: built-in ones, and own ones that are kept as TOML in the data directory."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from autocrine.core import errors
from autocrine.studies import interactive

if TYPE_CHECKING:
    from autocrine.studies.design import Design

_OWN = re.compile(r"own-[0-9a-f]{16}")
#: own studies that are kept, and designs that stay read
_MOST_KEPT, _MOST_READ = 200, 16


class StudyStore:
    """Studies by key.

    Parameters
    ----------
    folder : Path
        Where own studies are kept. No name in it comes from a request: a key is made from the text of the study.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: OrderedDict[str, Design] = OrderedDict()
        self._lock = threading.Lock()

    def design(self, key: str) -> Design:
        """Return the design of a study.

        Raises
        ------
        errors.InputError
            If there is none of this key.
        """
        if not _OWN.fullmatch(key):
            return interactive.built_in_design(key)
        with self._lock:
            if key not in self._read:
                self._read[key] = interactive.own_design(self.text(key))
                while len(self._read) > _MOST_READ:
                    self._read.popitem(last=False)
            self._read.move_to_end(key)
            return self._read[key]

    def text(self, key: str) -> str:
        """Return the text of an own study; see `design`."""
        if key not in self.own_keys():
            raise errors.InputError("the study must be one that is known", key, hint="conze2001")
        return self._file(key).read_text(encoding="utf-8")

    def own_keys(self) -> tuple[str, ...]:
        """Return the keys of own studies, the newest last."""
        found = [path for path in self.folder.glob("own-*.toml") if _OWN.fullmatch(path.stem)]
        return tuple(path.stem for path in sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name)))

    def add(self, text: str) -> str:
        """Keep an own study and return its key; the same text has the same key.

        Raises
        ------
        errors.InputError
            If it cannot be used, or too many are kept.
        """
        interactive.own_design(text)
        key = "own-" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        if key in self.own_keys():
            return key
        if len(self.own_keys()) >= _MOST_KEPT:
            raise errors.InputError(f"at most {_MOST_KEPT} studies must be kept", hint="remove some of them")
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f".{key}.{os.getpid()}"
        part.write_text(text, encoding="utf-8")
        part.replace(self._file(key))
        return key

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.toml"
