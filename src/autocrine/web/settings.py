"""Where a server listens and where it keeps what must outlive it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

#: names under which a browser on the same machine may ask
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def default_data() -> Path:
    """Return the directory in which this system keeps the data of programs."""
    if os.environ.get("XDG_DATA_HOME"):
        return Path(os.environ["XDG_DATA_HOME"]) / "autocrine"
    if sys.platform == "win32" and os.environ.get("LOCALAPPDATA"):
        return Path(os.environ["LOCALAPPDATA"]) / "autocrine"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "autocrine"
    return Path.home() / ".local" / "share" / "autocrine"


@dataclass(frozen=True)
class Settings:
    """Settings of one server.

    Attributes
    ----------
    data : Path
        Directory of studies, uploads, jobs and tumours; that of the system for data of programs by default.
    host : str
        Address on which the server listens.
    port : int
        Its port.
    uploads_mb, json_kb : int
        Largest bodies of requests.
    requests_per_s, burst : float
        Requests of a session: in the long run, and at once.
    waiting_jobs, workers : int
        Jobs that may wait, and processes that run them.
    hosts : tuple of str
        Other values of the header ``Host`` that are this server.
    example : bool
        Whether an example of a tumour is grown at the first start.
    warm : bool
        Whether compiled code is loaded at the start, so that the first slider does not wait for it.
    """

    data: Path = field(default_factory=default_data)
    host: str = "127.0.0.1"
    port: int = 8000
    uploads_mb: int = 20
    json_kb: int = 256
    requests_per_s: float = 100.0
    burst: float = 400.0
    waiting_jobs: int = 20
    workers: int = 2
    hosts: tuple[str, ...] = ()
    example: bool = True
    warm: bool = True

    @property
    def own_hosts(self) -> frozenset[str]:
        """What the header ``Host`` may say: the address of the server, and no other name that leads to it."""
        names = _LOOPBACK if self.host in {"127.0.0.1", "::1", "localhost"} else (self.host,)
        return frozenset((*self.hosts, *(f"{name}:{self.port}" for name in names)))

    @property
    def address(self) -> str:
        """Where a browser finds the server."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"
