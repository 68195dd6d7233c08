"""Uploaded files, under names of ours."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from autocrine.core import errors

KINDS = ("plates", "patients")
_KEY = re.compile(r"[0-9a-f]{16}")
#: of the first bytes of a file; a workbook is a ZIP archive
_WORKBOOK = b"PK\x03\x04"
_MOST = 200


class UploadStore:
    """Uploads of a data directory.

    Parameters
    ----------
    folder : Path
        Where they are kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, kind: str, content: bytes) -> str:
        """Keep a file and return its key.

        Raises
        ------
        errors.InputError
            If it is empty, no text and no workbook, or too many are kept.
        """
        if not content.strip():
            raise errors.InputError("the file must not be empty", hint="a table as CSV or Excel")
        is_workbook = content.startswith(_WORKBOOK)
        if not is_workbook and b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise errors.InputError("the file must be text or an Excel workbook", hint="a table as CSV or Excel")
        place = self.folder / kind
        place.mkdir(parents=True, exist_ok=True)
        if len(list(place.iterdir())) >= _MOST:
            raise errors.InputError(f"at most {_MOST} files must be kept", hint="remove some from the data directory")
        key = secrets.token_hex(8)
        (place / f"{key}{'.xlsx' if is_workbook else '.csv'}").write_bytes(content)
        return key

    def file(self, kind: str, key: str) -> Path:
        """Return where a file is kept.

        Raises
        ------
        errors.InputError
            If there is none of this key.
        """
        if kind in KINDS and _KEY.fullmatch(key):
            for suffix in (".csv", ".xlsx"):
                path = self.folder / kind / (key + suffix)
                if path.is_file():
                    return path
        raise errors.InputError("the upload must be one that is known", key[:40])

    def remove(self, kind: str, key: str) -> None:
        """Remove a file; see `file`."""
        self.file(kind, key).unlink()
