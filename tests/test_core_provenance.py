"""What a result says about where it comes from."""

import json
import sys
from datetime import UTC, datetime

from autocrine.core import Provenance


def test_versions_seed_parameters_and_command_are_saved(tmp_path):
    Provenance("autocrine reproduce conze2001", 3, "abc").save(tmp_path / "provenance.json")
    saved = json.loads((tmp_path / "provenance.json").read_text(encoding="utf-8"))
    assert saved["command"] == "autocrine reproduce conze2001"
    assert (saved["seed"], saved["parameter_hash"]) == (3, "abc")
    assert saved["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert {"autocrine", "numpy", "scipy", "sympy", "llvmlite", "pandas", "pyarrow"} <= saved["versions"].keys()


def test_the_time_is_utc():
    started = datetime.fromisoformat(Provenance("c", 0, "h").started)
    assert started.utcoffset() == UTC.utcoffset(None)
    assert abs((datetime.now(UTC) - started).total_seconds()) < 60


def test_nothing_that_names_the_machine_or_its_user_is_kept(tmp_path):
    import getpass
    import platform

    Provenance("c", 0, "h").save(tmp_path / "p.json")
    text = (tmp_path / "p.json").read_text(encoding="utf-8")
    for private in (platform.node(), str(tmp_path.home())):
        assert len(private) < 4 or private not in text
    assert f'"{getpass.getuser()}"' not in text
