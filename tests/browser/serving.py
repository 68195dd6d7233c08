"""A server of its own for the tests in a browser: it can be killed and started again on the same data."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "src" / "autocrine" / "web" / "static" / "app" / "manifest.json"
CHROMIUM = next((path for path in map(Path, ("/usr/bin/chromium", "/usr/bin/chromium-browser")) if path.exists()), None)
#: software WebGL, so that the same picture is drawn with and without a graphics card
CHROMIUM_OPTIONS = ["--no-sandbox", "--enable-unsafe-swiftshader", "--disable-background-networking"]
_START_S = 60.0
Opens = Callable[..., Page]


class Serving:
    """``autocrine serve`` in a process of its own."""

    def __init__(self, data: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.data = data
        self.base = f"http://127.0.0.1:{self.port}"
        self.start_address = ""
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start, and wait for the address that it prints."""
        command = [sys.executable, "-c", "from autocrine.cli.main import main; main()", "serve", "--no-browser"]
        command += ["--port", str(self.port), "--data", str(self.data)]
        surroundings = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"}
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=surroundings, cwd=self.data
        )
        said: list[str] = []
        timer = threading.Timer(_START_S, self._process.kill)
        timer.start()
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said.append(line)
            if found := re.search(r"http://\S+token=\S+", line):
                self.start_address = found[0]
                break
        timer.cancel()
        assert self.start_address, "".join(said)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None
