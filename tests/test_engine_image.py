"""Laws of what is kept of a network: a later process needs no SymPy and computes the same, to the last bit."""

import json
import os
import subprocess
import sys
import textwrap
from typing import Any

import numpy as np
import pytest

from autocrine.core import Parameters
from autocrine.engine import Event, Names, Network, Reaction, Species, code_cache, image, simulate, steady_state

WELL = textwrap.dedent("""
    import json, sys
    from autocrine.assay import Bench, Protocol
    bench = Bench()
    protocol = Protocol(duration_h=24.0, medium_change_h=12.0)
    wells = [bench.well("sensitive", protocol), *bench.series("sensitive", "doxorubicin", protocol).wells()[:3]]
    found = {name: levels.tolist() for course in bench.run(wells) for name, levels in course.levels.items()}
    heavy = [name for name in ("sympy", "scipy", "pandas", "pint", "matplotlib") if name in sys.modules]
    print(json.dumps([heavy, found]))
""")


def run(text, place):
    environment = {**os.environ, "AUTOCRINE_CACHE": str(place)}
    done = subprocess.run(  # noqa: S603 - this very text
        [sys.executable, "-c", text], env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_a_later_process_simulates_a_well_without_sympy_and_finds_the_same_bits(tmp_path):
    (_, cold), (heavy, warm) = run(WELL, tmp_path), run(WELL, tmp_path)
    assert heavy == []
    assert warm == cold
    assert len(cold) > 40


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOCRINE_CACHE", str(tmp_path))
    return tmp_path


def decay():
    rows = [("k", 1.0, "1/h"), ("b", 2.0, "nM/h"), ("c", 2.0, "nM")]
    table = Parameters.from_rows([(*row, 0.0, 10.0, "", "chosen") for row in rows])
    y, p = Names.of(["a"]), Names.of(["k", "b", "c"])
    reactions = [Reaction("gain", {"a": 1}, p.b), Reaction("loss", {"a": -1}, p.k * y.a)]
    events = [Event(1.0, {"a": y.a + p.c}, "dose")]
    return Network("decay", [Species("a", "nM", p.c)], table, reactions, events=events, observables={"twice": 2 * y.a})


class Counted:
    """Builds the network, and counts how often."""

    count = 0

    def __call__(self):
        self.count += 1
        return decay()


def test_the_expressions_are_built_once_when_they_are_asked_for(place):
    first, second = Counted(), Counted()
    cold, warm = Network.recalled(first, [], "decay"), Network.recalled(second, [], "decay")
    assert (first.count, second.count) == (1, 0)
    for network in (cold, warm):
        found = simulate(network, [0.0, 0.5, 2.0], {"k": [0.5, 1.0]})
        np.testing.assert_array_equal(found.values, simulate(decay(), [0.0, 0.5, 2.0], {"k": [0.5, 1.0]}).values)
        assert steady_state(network)["a"] == pytest.approx([2.0])
    assert (first.count, second.count) == (1, 0)
    assert warm.latex() == decay().latex()
    assert warm.jacobian() == decay().jacobian()
    assert [each.unit for each in warm.species] == ["nM"]
    warm.check_units()
    assert second.count == 1
    with pytest.raises(AttributeError):
        warm.colour  # noqa: B018


def test_a_recalled_network_takes_events_gradients_and_chance_like_any_other(place):
    Network.recalled(Counted(), [], "decay")
    warm, plain = Network.recalled(Counted(), [], "decay"), decay()
    event = Event(1.5, {"a": 7.0})
    ways: list[dict[str, Any]] = [{"events": [event]}, {"gradient": ["k"]}, {"chance": "direct", "runs": 3}]
    for given in ways:
        mine, theirs = (simulate(network, [0.5, 1.75, 2.0], **given) for network in (warm, plain))
        np.testing.assert_array_equal(mine.values, theirs.values)


def test_what_a_network_follows_from_is_its_identity(place):
    own = image.identity([], "decay", 1)
    assert own
    assert own == image.identity([], "decay", 1)
    others = [image.identity([], "decay", 2), image.identity(["pytest"], "decay", 1), image.identity([], "decay")]
    assert len({own, *others}) == 4
    assert image.identity(["a.package.that.is.not.imported"], "decay") == ""


def test_a_page_that_changed_after_the_start_is_no_page_to_recall_from(place, tmp_path, monkeypatch):
    package = type(sys)("pages")
    package.__path__ = [str(tmp_path / "pages")]
    monkeypatch.setitem(sys.modules, "pages", package)
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "page.toml").write_text("k = 1")
    assert image.identity(["pages"], "decay") == ""  # it is newer than this process
    monkeypatch.setattr(image, "_IMPORTED_NS", image._IMPORTED_NS * 2)
    image._text_of.cache_clear()
    first = image.identity(["pages"], "decay")
    (tmp_path / "pages" / "page.toml").write_text("k = 2")
    image._text_of.cache_clear()
    assert first
    assert image.identity(["pages"], "decay") not in {"", first}
    image._text_of.cache_clear()


@pytest.mark.parametrize("damage", [lambda raw: raw[:0], lambda raw: raw[:40], lambda raw: raw[:-3] + b"xyz"])
def test_damaged_parts_are_made_again(place, damage):
    expected = simulate(Network.recalled(Counted(), [], "decay"), [0.0, 2.0]).values
    for path in place.iterdir():
        path.write_bytes(damage(path.read_bytes()))
    again = Counted()
    np.testing.assert_array_equal(simulate(Network.recalled(again, [], "decay"), [0.0, 2.0]).values, expected)
    assert again.count == 1


def test_facts_without_their_code_are_made_again(place):
    expected = simulate(Network.recalled(Counted(), [], "decay"), [0.0, 2.0]).values
    for path in place.iterdir():
        if b"\x7fELF" in path.read_bytes()[:64] or path.stat().st_size > 2000:
            path.unlink()
    again = Counted()
    np.testing.assert_array_equal(simulate(Network.recalled(again, [], "decay"), [0.0, 2.0]).values, expected)
    assert again.count == 1


def test_where_nothing_is_kept_everything_is_built(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("AUTOCRINE_CACHE", str(tmp_path / "file" / "cache"))
    assert code_cache.read("key") == b""
    assert simulate(Network.recalled(Counted(), [], "decay"), [2.0])["a"].shape == (1, 1)
