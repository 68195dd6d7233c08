"""``autocrine serve``: what it refuses, and a server that is killed and started again."""

import os
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest
from click.testing import CliRunner

from autocrine.cli.serve import command
from autocrine.core import errors


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "elsewhere.org", "", "127.0.0.1:80"])  # noqa: S104 - refused
def test_only_an_address_of_this_machine_is_listened_on(host, tmp_path):
    found = CliRunner().invoke(command, ["--host", host, "--data", str(tmp_path), "--no-browser"])
    assert isinstance(found.exception, errors.InputError)


def test_a_port_that_is_taken_is_told(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = CliRunner().invoke(command, ["--port", str(port), "--data", str(tmp_path), "--no-browser"])
    assert isinstance(found.exception, errors.InputError)
    assert str(port) in str(found.exception)


def test_a_data_directory_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("x")
    found = CliRunner().invoke(command, ["--data", str(tmp_path / "file" / "x"), "--no-browser"])
    assert isinstance(found.exception, errors.OutputError)


def started(data, port):
    code = "from autocrine.cli.main import main; main()"
    arguments = ["serve", "--no-browser", "--port", str(port), "--data", str(data)]
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True)  # noqa: S603
    assert process.stdout is not None
    with process.stdout as printed:
        return process, printed.readline().strip()


@pytest.mark.slow
def test_a_page_goes_on_after_the_server_was_killed(tmp_path):
    first, address = started(tmp_path, 0)
    base, port = re.match(r"(http://127\.0\.0\.1:(\d+))/\?token=", address).groups()  # pyright: ignore[reportOptionalMemberAccess]
    with httpx.Client(base_url=base, timeout=120) as client:
        assert client.get("/", follow_redirects=True).status_code == 401
        assert client.get(address.removeprefix(base)).status_code == 303
        assert client.get("/api/studies").status_code == 200
        first.send_signal(signal.SIGKILL)
        first.wait()
        second, again = started(tmp_path, port)
        try:
            assert again != address  # the old token opens nothing, the cookie does
            assert client.get("/api/studies").status_code == 200
            assert client.get(address.removeprefix(base)).status_code == 200
        finally:
            second.send_signal(signal.SIGINT)
            assert second.wait(30) == 0
    assert os.listdir(tmp_path / "jobs")  # noqa: PTH208 - names only
