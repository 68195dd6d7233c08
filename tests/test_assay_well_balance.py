"""Mass balance of the well: no drug, no IL-6 and no soluble receptor is made or lost in silence."""

import numpy as np
import pytest

from autocrine.assay.well_network import well_network
from autocrine.engine import simulate


@pytest.fixture(scope="module")
def seeded(start):
    """Return the course of a well that is started by hand: any state, any parameters, straight from the engine."""
    inside = {"il6r": 900.0, "il6st": 4000.0, "mcl1": 1.0, "pgp": 3e5, "abcb1_mrna": 50.0}

    def run(times, populations=1, drugs=1, initial=None, everywhere=None, rtol=1e-9, **values):
        network = well_network(populations, drugs, 5)
        state, given_values = {}, dict(values)
        for i in range(1, populations + 1):
            state |= {f"p{i}_{name}": level for name, level in inside.items()}
            given_values |= {f"p{i}_{name}": level for name, level in {**start, **(everywhere or {})}.items()}
        return simulate(network, times, given_values, initial={**state, **(initial or {})}, rtol=rtol, atol=1e-12)

    return run


# mass balance of drug

DRUG_STATES = {
    "with P-gp": {},
    "without P-gp": {"edge_pgp_efflux": 0.0},
    "growing without death": {"death": 0.0},
    "dying without growth": {"division_rate_max": 0.0},
    "amplified": {"abcb1_copies": 50.0},
}


@pytest.mark.parametrize("populations", [1, 2])
@pytest.mark.parametrize("state", DRUG_STATES)
def test_drug_is_conserved_over_cells_and_medium(seeded, populations, state):
    changes = dict(DRUG_STATES[state])
    values = {"d1_death_max": changes.pop("death", 0.1), "addition_time": 1.0, "added_drug1": 2000.0}
    times = np.array([0.0, 0.999, *np.linspace(1.0, 90.0, 30)])
    result = seeded(
        times, populations, everywhere=changes, p1_seeded=2e4, p2_abcb1_copies=20.0, p2_seeded=1e4, **values
    ) if populations == 2 else seeded(times, everywhere=changes, p1_seeded=2e4, **values)  # fmt: skip
    total = result["drug1_total"][0]
    assert total[:2] == pytest.approx(0.0, abs=1e-12)
    assert total[2:] == pytest.approx(2000.0, rel=1e-6)
    assert (2000.0 - result["drug1"][0, 2:]).max() > 2.0, "the cells must take up enough for the law to be able to fail"


def test_two_drugs_are_each_conserved(seeded):
    result = seeded(np.linspace(0, 72, 13), drugs=2, p1_seeded=3e4, start_drug1=500.0, start_drug2=3000.0)
    assert result["drug1_total"][0] == pytest.approx(500.0, rel=1e-6)
    assert result["drug2_total"][0] == pytest.approx(3000.0, rel=1e-6)


def test_washout_removes_what_is_in_the_medium_and_nothing_else(seeded):
    """Drug in the cells stays, and comes back into fresh medium."""
    near = 1e-9
    result = seeded([30.0 - near, 30.0, 31.0, 60.0], p1_seeded=3e4, start_drug1=0.0, added_drug1=1000.0,
                    addition_time=2.0, washout_time=30.0)  # fmt: skip
    total, medium = result["drug1_total"][0], result["drug1"][0]
    assert medium[1] == 0.0
    assert total[1] == pytest.approx(total[0] - medium[0], rel=1e-6)
    assert medium[2] > 0.0
    assert total[1:] == pytest.approx(total[1], rel=1e-6)


# mass balance of IL-6

HELD = {"il6_decay": 0.0, "start_il6": 0.5, "start_sil6r": 1.0, "start_siltuximab": 0.1}
NO_LOSS = {"k_il6r_internalisation": 0.0, "k_complex_internalisation": 0.0, "edge_socs3": 0.0}
SILENT = {"il6_basal": 0.0, "il6_feedback": 0.0}


@pytest.mark.parametrize("populations", [1, 2])
def test_il6_is_conserved_where_none_is_made_or_lost(seeded, populations):
    """Binding, soluble receptor, siltuximab, division and death only move it about."""
    shares = {f"p{i}_seeded": 4e4 / i for i in range(1, populations + 1)}
    result = seeded(
        np.linspace(0, 96, 25), populations, everywhere=NO_LOSS | SILENT | {"edge_pgp_efflux": 0.0}, added_drug1=1e4,
        addition_time=24.0, d1_death_max=0.1, **HELD, **shares,
    )  # fmt: skip
    assert result["il6_total"][0] == pytest.approx(0.5, rel=1e-6)
    cells = result["cells"][0]
    assert cells.max() > 1.05 * cells[0], "cells must divide"
    assert cells[-1] < 0.5 * cells.max(), "cells must die"
    assert result["p1_receptor_complex"][0].max() + result["p1_trans_complex"][0].max() > 100
    for name in ("il6_sil6r", "il6_siltuximab"):
        assert result[name][0].max() > 0.01, name


def test_soluble_receptor_is_conserved_where_none_is_shed_or_lost(seeded):
    """Cells that die give back the soluble receptors that they had bound, too."""
    result = seeded(
        np.linspace(0, 96, 25), everywhere=NO_LOSS | SILENT | {"edge_pgp_efflux": 0.0, "k_shedding": 0.0},
        added_drug1=1e4, addition_time=24.0, d1_death_max=0.1, p1_seeded=4e4, **HELD,
    )  # fmt: skip
    bound = result["p1_trans_complex"][0] * result["cells"][0] / (6.02214076e14 * 1e-4)
    assert bound.max() > 1e-3
    assert result["sil6r"][0] + result["il6_sil6r"][0] + bound == pytest.approx(1.0, rel=1e-6)
    assert result["cells"][0, -1] < 0.5 * result["cells"][0].max()


def test_dying_cells_give_their_il6_back(seeded):
    """When nearly all cells are dead, the IL-6 that they had bound is in the medium again."""
    result = seeded(
        [0.0, 10.0, 400.0],
        everywhere=NO_LOSS | SILENT | {"division_rate_max": 0.0, "k_il6r_on": 300.0, "kd_gp130": 1.0},
        initial={"p1_il6st": 1e6, "p1_il6r": 1e6}, il6_decay=0.0, start_il6=0.3, p1_seeded=5e4, d1_death_max=0.15,
        added_drug1=1e5, addition_time=10.0,
    )  # fmt: skip
    assert result["il6"][0, 1] < 0.05 * 0.3
    assert result["cells"][0, 2] < 1.0
    assert result["il6"][0, 2] + result["il6_sil6r"][0, 2] == pytest.approx(0.3, rel=1e-3)


def test_il6_rises_exactly_by_what_is_secreted(seeded):
    """A resting mRNA level in cells that do not divide secretes at a constant rate: a straight line."""
    copies, times = 80.0, np.linspace(0, 48, 9)
    constant = {"division_rate_max": 0.0, "s_il6": 69.3, "d_il6_mrna": 0.693, "il6_transgene": copies / 100.0}
    result = seeded(
        times, everywhere=NO_LOSS | SILENT | constant, initial={"p1_il6_mrna": copies},
        p1_seeded=2e4, **{**HELD, "start_il6": 0.0},
    )  # fmt: skip
    q = well_network(1, 1, 5).parameters["p1_k_il6_secretion"]  # the unit is that of the circuit: molecules per hour
    assert q.unit == "1/h"
    rate_nM_h = result["p1_il6_secretion"][0] * 2e4 / (6.02214076e14 * 1e-4)
    assert rate_nM_h == pytest.approx(rate_nM_h[0], rel=1e-6)
    assert result["il6_total"][0] == pytest.approx(rate_nM_h[0] * times, rel=1e-6, abs=1e-12)


def test_il6_balance_with_decay_internalisation_and_death(seeded, start):
    """Total = secreted - decayed - internalised, in a well where everything happens at once."""
    times = np.linspace(0, 72, 1441)
    result = seeded(
        times, everywhere={"il6_transgene": 1.0}, initial={"p1_il6_mrna": 100.0}, p1_seeded=2e4, start_drug1=1500.0,
        d1_death_max=0.08, start_sil6r=0.5, il6_decay=0.02,
    )  # fmt: skip
    now = {name: result[name][0] for name in result.names}
    socs3 = start["k_socs3_degradation"] * now["p1_socs3"] / (start["k_socs3_half"] + now["p1_socs3"])
    complexes = now["p1_receptor_complex"] + now["p1_trans_complex"]
    inside = start["k_il6r_internalisation"] * now["p1_il6_il6r"] + complexes * (
        start["k_complex_internalisation"] + socs3
    )
    per_medium = now["cells"] / (6.02214076e14 * 1e-4)
    net = (now["p1_il6_secretion"] - inside) * per_medium - 0.02 * now["il6"]
    balance = float(np.trapezoid(net, times))
    assert now["il6_total"][-1] - now["il6_total"][0] == pytest.approx(balance, rel=1e-4)
    assert now["il6_total"][-1] > 0.1
    assert float(np.trapezoid(inside * per_medium, times)) > 0.01
