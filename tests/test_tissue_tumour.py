"""Cells and fields together: nothing is lost, a mixed tumour is a well, autocrine is collective, and runs go on."""

import numpy as np
import pytest

from autocrine.assay.well_network import well_network
from autocrine.circuit import Lines, Pharmacology, cell
from autocrine.core import errors
from autocrine.engine import simulate
from autocrine.tissue.cells import Circuit, Colony, Domain, Phenotype, seed_cells
from autocrine.tissue.cells.colony import Pace
from autocrine.tissue.cells.phenotype import Phenotypes
from autocrine.tissue.cells.seeding import ball
from autocrine.tissue.checkpoint import load_checkpoint, save_checkpoint
from autocrine.tissue.complexes import bindings_of
from autocrine.tissue.fields import Face, Fields, Grid, Substrate, Vessels
from autocrine.tissue.tumour import Tumour

LINES = Lines.load(fitted=False)
DOXORUBICIN = Pharmacology.load()["doxorubicin"]
SIDE = 160.0
DYING = {"apoptosis_rate": 0.2, "apoptosis_duration": 0.3}


def make(
    start, count=60, producer=True, *, threads=1, drug_nM=200.0, diffusion=1.44e5, faces=None, vessels=None,
    pace=None, values=None, side=SIDE, phenotype=None, spacing=16.0, solutes=(), **more,
):  # fmt: skip
    circuit = Circuit([LINES["sensitive"]], [DOXORUBICIN], values=start | (values or {}), threads=threads)
    domain, phenotypes = Domain((0.0,) * 3, (side,) * 3), [Phenotype(phenotype or {})]
    population = circuit.population()
    where = ball(count, spacing, 3, (side / 2 + 1.0,) * 3)
    seed_cells(population, Phenotypes(phenotypes), domain, where, 0, producer)
    circuit.settle(population, slice(0, count))
    colony = Colony(
        population, phenotypes, domain, circuit=circuit, pace=pace or Pace(1 / 300, 15, 60), seed=3, threads=threads
    )
    substrates = [
        Substrate("il6", diffusion, 0.05, faces=faces or Face()),
        Substrate("doxorubicin", 4 * diffusion, initial=drug_nM),
        Substrate("oxygen", 6e6, initial=100.0, faces=Face.held(100.0), unit="mmHg"),
        *(Substrate(name, diffusion, initial=level) for name, level in solutes),
    ]
    bindings = more.pop("bindings", ())
    grid = Grid((round(side / 20),) * 3, 20.0)
    fields = Fields(grid, substrates, bindings=bindings, vessels=vessels, threads=threads)
    return Tumour(colony, fields, oxygen_uptake_1_h=300.0, **more)


def dying(start, **more):
    """Return a tumour in which much happens: cells divide, die and leave what they held; vessels bring drug."""
    vessels = Vessels([[30.0, 30.0, 30.0]], 2000.0, {"doxorubicin": 300.0}, {"doxorubicin": 900.0})
    return make(start, vessels=vessels, faces=Face.held(0.0), phenotype=DYING, **more)


def test_drug_and_il6_balance_to_round_off(start):
    tumour = dying(start)
    tumour.run(1.0)
    fate = tumour.lineage.table()["fate"]
    assert (fate == "died").sum() > 2
    ledger = tumour.ledgers["doxorubicin"]
    assert ledger.released > 0
    assert ledger.from_vessels > 0
    for name in ("il6", "doxorubicin", "oxygen"):
        assert abs(tumour.residual(name)) < 1e-12, name
    assert tumour.ledgers["il6"].given > 0
    assert tumour.ledgers["il6"].from_faces < 0
    # cells make no drug: what they hold is what they took and did not leave behind
    held = tumour.circuit.contents(tumour.population)["drug1"].sum()
    assert held == pytest.approx(-ledger.given - ledger.released, rel=1e-11)


def test_a_lost_amount_is_seen(start):
    tumour = make(start, 10)
    tumour.run(0.1)
    tumour.fields.put("il6", tumour.fields["il6"] * 1.001)
    assert abs(tumour.residual("il6")) > 1e-4


#: what binds IL-6 in a medium: its level, and where the well says it
SOLUTES = (("sil6r", 0.4), ("il6_sil6r", 0.0), ("siltuximab", 0.3), ("il6_siltuximab", 0.0), ("tocilizumab", 5.0))
TOCILIZUMAB_KI = Pharmacology.load()["tocilizumab"].parameters["ki"].value


@pytest.mark.parametrize("bound", [False, True], ids=["free", "with antibodies and soluble IL-6R"])
def test_a_well_mixed_tumour_is_a_well(start, bound):
    """Where diffusion is quick, cells of a closed box do what those of a well of that volume do."""
    frozen = {"division_rate_max": 0.0}
    names = [name for name, _ in SOLUTES]
    bindings = bindings_of(names, {"siltuximab": 0.034}, {"tocilizumab": ("il6r_block", TOCILIZUMAB_KI)})
    blockers = {"tocilizumab": ("il6r_block", TOCILIZUMAB_KI)}
    more = {"solutes": SOLUTES, "bindings": bindings, "blockers": blockers} if bound else {}
    tumour = make(start, 60, diffusion=1e7, values=frozen, pace=Pace(1 / 1200, 4800, 4800 * 9), **more)
    population, circuit = tumour.population, tumour.circuit
    given = {f"p1_{name}": value for name, value in (start | LINES["sensitive"].values | frozen).items()}
    given |= {"p1_il6_transgene": 1.0, "p1_seeded": 60.0, "d1_death_max": 0.0, "il6_decay": 0.05, "self_exposure": 0.0}
    given |= {"medium_volume": SIDE**3 * 1e-15, "cell_volume": 2494e-15, "start_drug1": 200.0, "capacity": 1e12}
    if bound:
        given |= {f"start_{name}": level for name, level in SOLUTES if name != "tocilizumab"}
        given["start_il6r_block"] = 5.0 / TOCILIZUMAB_KI
    for name, value in DOXORUBICIN.parameters.values_by_name.items():
        given.setdefault(f"d1_{name}", value)
    initial = {f"p1_{s.name}": population.state[circuit.species.index(s.name), 0] for s in cell.SPECIES}
    network = well_network(1, 1, 1)
    known = set(network.parameters)
    assert set(given) <= known, sorted(set(given) - known)
    well = simulate(network, [1.0], given, initial=initial, rtol=1e-8, atol=1e-12)
    tumour.run(1.0)
    assert tumour.fields["doxorubicin"].std() < 0.02 * tumour.fields["doxorubicin"].mean()
    assert tumour.fields["doxorubicin"].mean() == pytest.approx(well["drug1"][0, -1], rel=1e-3)
    assert well["drug1"][0, -1] < 150.0, "cells must take up enough for the law to be able to fail"
    for name in ("il6", *(names[:-1] if bound else [])):
        assert tumour.fields[name].mean() == pytest.approx(well[name][0, -1], rel=6e-3 if bound else 3e-3), name
        assert abs(tumour.residual(name)) < 1e-11
    for name, mine in (("receptor_complex", "receptor_complex"), ("il6_il6r", "il6_il6r")):
        found = population.state[circuit.species.index(mine)].mean()
        assert found == pytest.approx(well[f"p1_{name}"][0, -1], rel=5e-3), name


def test_more_cells_than_allowed_stop_a_tumour_after_a_tick(start):
    tumour = make(start, 20, drug_nM=0.0, pace=Pace(1 / 200, 20, 60), most_cells=30)
    tumour.population.phase[:] = 2  # G2 and M: all divide
    tumour.population.clock_h[:] = 4.5
    with pytest.raises(errors.DesignError, match=r"at most 30 cells \(most_cells\), after 0.\d h but was '40'"):
        tumour.run(1.0)
    state = tumour.state()
    more = make(start, 20, drug_nM=0.0, pace=Pace(1 / 200, 20, 60), most_cells=50)
    more.restore(state)
    more.run(0.8)
    assert more.population.count == 40


def test_steps_of_chemistry_over_several_moves_agree_with_shorter_ones(start):
    """Cells that rest, in a drug that has just come: the difference falls with the step."""
    found = []
    for every in (1, 2, 4):
        tumour = make(start, 60, pace=Pace(1 / 600, 600, 600, every), spacing=17.0)
        tumour.run(0.6)
        found.append(np.append(tumour.population.state[tumour.population.amounts].sum(axis=1), tumour.amount("il6")))
        assert abs(tumour.residual("doxorubicin")) < 1e-12
    there = found[0] > 1e-9
    apart = [np.abs(each[there] / found[0][there] - 1).max() for each in found[1:]]
    assert apart[0] < apart[1] < 5e-3
    assert apart[0] > 0


def test_autocrine_is_collective(start):
    """One producer in open tissue sees little of its own IL-6; each of a dense ball sees that of all."""
    alone, ball_ = (make(start, n, faces=Face.held(0.0), drug_nM=0.0, side=200.0) for n in (1, 200))
    for tumour in (alone, ball_):
        tumour.run(1.0)
    seen = [tumour.levels()["il6"].mean() for tumour in (alone, ball_)]
    assert seen[1] > 10 * seen[0]
    complexes = [tumour.observe(["receptor_complex"]).mean() for tumour in (alone, ball_)]
    assert complexes[1] > 5 * complexes[0] > 0


def same(a, b):
    assert a.keys() == b.keys()
    for name in a:
        assert np.array_equal(a[name], b[name], equal_nan=a[name].dtype.kind == "f"), name


#: one step of chemistry for five moves, or for each
PACES = (Pace(1 / 300, 15, 60), Pace(1 / 300, 15, 60, 5))


@pytest.mark.parametrize("pace", PACES)
def test_threads_do_not_change_a_bit(start, pace):
    states = []
    for threads in (1, 2, 3):
        tumour = dying(start, threads=threads, pace=pace)
        tumour.run(0.4)
        states.append(tumour.state())
    same(states[0], states[1])
    same(states[0], states[2])


@pytest.mark.parametrize("pace", PACES)
def test_a_run_that_is_resumed_ends_as_one_that_never_stopped(start, tmp_path, pace):
    """Also one that is cut off between two steps of chemistry."""
    straight, first, second = (dying(start, pace=pace) for _ in range(3))
    straight.run(0.6)
    first.run(0.31)
    save_checkpoint(tmp_path / "state.npz", first.state(), "a design")
    second.restore(load_checkpoint(tmp_path / "state.npz", "a design"))
    second.run(0.6)
    same(straight.state(), second.state())
    assert [p.name for p in tmp_path.iterdir()] == ["state.npz"]


def test_a_checkpoint_that_does_not_fit_is_refused(start, tmp_path):
    path = tmp_path / "state.npz"
    with pytest.raises(errors.InputError, match="must have a checkpoint"):
        load_checkpoint(path, "a")
    save_checkpoint(path, {"ticks": np.array(1)}, "a")
    with pytest.raises(errors.InputError, match="design that it was started with"):
        load_checkpoint(path, "b")
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(errors.InputError, match="must be readable"):
        load_checkpoint(path, "a")
    with pytest.raises(errors.OutputError, match="must be writable"):
        save_checkpoint(tmp_path / "absent" / "state.npz", {}, "a")


def test_what_does_not_fit_together_is_refused(start):
    tumour = make(start, 2)
    grid = Grid((4, 4, 4), 20.0)
    with pytest.raises(errors.InputError, match="substrate must be one of the fields"):
        Tumour(tumour.colony, Fields(grid, [Substrate("il6", 1.0)]))
    substrates = [Substrate("il6", 1.0), Substrate("doxorubicin", 1.0)]
    with pytest.raises(errors.InputError, match="must cover the domain of the cells along x"):
        Tumour(tumour.colony, Fields(grid, substrates))
    with pytest.raises(errors.InputError, match="blocker must block one of"):
        Tumour(tumour.colony, tumour.fields, blockers={"il6": ("everything", 1.0)})


def test_lineages_name_every_cell_that_ever_lived(start):
    tumour = make(start, 20, drug_nM=0.0, pace=Pace(1 / 200, 20, 60))
    tumour.population.phase[:] = 2  # G2 and M: all divide
    tumour.population.clock_h[:] = 4.5
    tumour.run(1.0)
    table = tumour.lineage.table()
    assert len(table) == 60
    assert (table["fate"] == "divided").sum() == 20
    assert sorted(table["founder"].value_counts()) == [3] * 20
    assert table.loc[table["fate"] == "divided", "end_h"].between(0.4, 0.7).all()
