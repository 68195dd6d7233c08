"""The session: a token in the address that is printed at the start becomes a cookie that no script can read."""

from __future__ import annotations

import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from autocrine.core import errors

COOKIE = "autocrine_session"
_KEY_FILE = "session.key"


@dataclass(frozen=True)
class Session:
    """Token and cookie of a server.

    Attributes
    ----------
    token : str
        Part of the printed address; new at every start.
    cookie : str
        What the browser holds afterwards. It is kept in the data directory, readable by its owner only, so that an
        open page goes on after a restart.
    """

    token: str
    cookie: str

    @classmethod
    def open(cls, data: Path) -> Session:
        """Return a session for a data directory.

        Raises
        ------
        errors.OutputError
            If the directory cannot be written.
        """
        try:
            data.mkdir(parents=True, exist_ok=True)
            return cls(secrets.token_urlsafe(32), _kept_key(data / _KEY_FILE))
        except OSError as error:
            raise errors.OutputError(
                f"the data directory {data} must be writable ({error.strerror or error}); try --data with another one"
            ) from error

    def knows_token(self, given: str) -> bool:
        """Tell whether a token is that of this server."""
        return hmac.compare_digest(given.encode("utf-8", "replace"), self.token.encode())

    def knows_cookie(self, given: str) -> bool:
        """Tell whether a cookie is that of this server."""
        return hmac.compare_digest(given.encode("utf-8", "replace"), self.cookie.encode())


def _kept_key(path: Path) -> str:
    if path.is_file():
        key = path.read_text(encoding="ascii", errors="replace").strip()
        if len(key) >= 43:
            return key
    key = secrets.token_urlsafe(32)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(key)
    part.replace(path)
    return key
