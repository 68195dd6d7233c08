"""The flask: seeded cells come conditioned by their own IL-6, and only by that."""

import pytest

from autocrine.assay import stock
from autocrine.assay.stock import Overrides, stock_state, stock_states
from autocrine.circuit import cell


def test_every_molecule_has_a_level(bench):
    state = stock_state(bench.line("sensitive"), bench.overrides)
    assert set(state) == {species.name for species in cell.SPECIES}
    assert all(level >= -1e-6 for level in state.values())


def test_producers_come_with_an_induced_circuit(bench):
    silent, producing = (stock_state(bench.line(name), bench.overrides) for name in ("sensitive", "sensitive_il6"))
    for name in ("pstat3_nuclear", "abcb1_mrna", "mcl1"):
        assert producing[name] > 1.05 * silent[name], name
    deaf = bench.with_values(cell={"edge_il6_receptor": 0.0, "edge_trans_signalling": 0.0}).overrides
    cut = stock_state(bench.line("sensitive_il6"), deaf)
    assert cut["pstat3_nuclear"] == pytest.approx(0.0, abs=1e-6)
    assert cut["abcb1_mrna"] == pytest.approx(stock_state(bench.line("sensitive"), deaf)["abcb1_mrna"], rel=1e-5)


def test_changes_of_a_line_win_over_overrides(bench, make_line):
    many = Overrides({**bench.overrides.cell, "abcb1_copies": 7.0})
    plain, own = (stock_state(line, many)["abcb1_mrna"] for line in (make_line(), make_line(abcb1_copies=21.0)))
    assert own == pytest.approx(3 * plain, rel=1e-5)


def test_lysed_cache_cannot_be_spoilt(bench):
    line = bench.line("sensitive")
    first = stock_state(line, bench.overrides)
    first["pgp"] = -1.0
    assert stock_state(line, bench.overrides)["pgp"] > 0


def test_flasks_that_are_simulated_together_are_those_simulated_alone(bench, monkeypatch):
    lines = [bench.line(name) for name in ("sensitive", "sensitive_il6", "resistant", "sensitive")]
    monkeypatch.setattr(stock, "_known", {})
    together = stock_states(lines, bench.overrides)
    assert len(stock._known) == 3
    for line, state in zip(lines, together, strict=True):
        monkeypatch.setattr(stock, "_known", {})
        assert stock_state(line, bench.overrides) == state


def test_no_more_flasks_are_remembered_than_memory_bears(bench, make_line, monkeypatch):
    monkeypatch.setattr(stock, "_known", {})
    monkeypatch.setattr(stock, "_MOST", 3)
    lines = [make_line(abcb1_copies=float(n)) for n in range(1, 6)]
    for line in lines:
        assert stock_state(line, bench.overrides)["pgp"] > 0
        assert len(stock._known) <= 3
    assert [each["pgp"] for each in stock_states(lines[:3], bench.overrides)] == [
        stock_state(line, bench.overrides)["pgp"] for line in lines[:3]
    ]
