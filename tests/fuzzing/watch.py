"""A folder that tells when somebody, in whatever process, opens a file in it (Linux)."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

_OPENED = 0x20  # IN_OPEN


class Watch:
    """Tells of files that were opened.

    Parameters
    ----------
    folders : Path
        The folders.
    """

    def __init__(self, *folders: Path) -> None:
        library = ctypes.CDLL(None, use_errno=True)
        self._line = library.inotify_init1(os.O_NONBLOCK)
        for folder in folders:
            if library.inotify_add_watch(self._line, os.fsencode(folder), _OPENED) < 0:
                raise OSError(ctypes.get_errno(), f"{folder} cannot be watched")

    def was_opened(self) -> bool:
        """Tell whether a file was opened since the last question."""
        try:
            return bool(os.read(self._line, 65536))
        except BlockingIOError:
            return False
