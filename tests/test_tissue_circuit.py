"""The circuit in every cell: the equations of the wells, balance of IL-6 and drug, and what differs between cells."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autocrine.assay import Arm, Protocol
from autocrine.assay.stock import Overrides
from autocrine.assay.well import Well, simulate_wells
from autocrine.circuit import Lines, Pharmacology, cell
from autocrine.core import errors
from autocrine.engine import simulate
from autocrine.tissue.cells import Circuit, Colony, Domain, Phenotype, Surroundings, seed_cells
from autocrine.tissue.cells.circuit import MOLECULES
from autocrine.tissue.cells.colony import Pace
from autocrine.tissue.cells.cycle import mix_cycle, step_cycle
from autocrine.tissue.cells.death import step_death
from autocrine.tissue.cells.division import divide
from autocrine.tissue.cells.network import tissue_network
from autocrine.tissue.cells.phase import Phase
from autocrine.tissue.cells.phenotype import Phenotypes
from autocrine.tissue.cells.seeding import ball
from autocrine.tissue.cells.volume import step_volume

DT = 1 / 600
BOX = Domain((-500.0,) * 3, (500.0,) * 3)
LINES = Lines.load(fitted=False)
DRUGS = [Pharmacology.load()[name] for name in ("doxorubicin", "cisplatin")]


@pytest.fixture(scope="module")
def circuit(start) -> Circuit:
    return Circuit([LINES["sensitive"], LINES["resistant"]], DRUGS, values=start)


def cells(circuit: Circuit, count: int = 24, producer: Any = False, clone: Any = 0):
    population = circuit.population()
    phenotypes = Phenotypes([Phenotype()] * len(circuit.lines))
    seed_cells(population, phenotypes, BOX, ball(count, 17.0), clone, producer)
    circuit.settle(population, slice(0, count))
    return population


def row(circuit: Circuit, name: str) -> int:
    return circuit.species.index(name)


def test_units_agree():
    tissue_network(2).check_units()


def test_a_settled_cell_stays_as_it_is_while_it_grows(circuit, start):
    population = cells(circuit, producer=np.arange(24) % 2 == 0, clone=np.arange(24) // 12)
    before, rate = population.state.copy(), np.where(population.clone == 0, start["division_rate_max"], 0.0204)
    for _ in range(60):
        circuit.step(population, {}, DT)
        population.state[population.amounts] *= np.exp(-rate * DT)
    given = [row(circuit, f"given_{name}") for name in circuit.solutes]
    kept = np.delete(np.arange(len(circuit.species)), given)
    assert np.allclose(population.state[kept], before[kept], rtol=1e-4, atol=1e-9)


def test_a_cell_does_what_the_equations_of_one_cell_do(circuit, start):
    population = cells(circuit, 8, producer=True)
    outside = {"il6_at_cell": np.linspace(0.01, 0.4, 8), "il6_sil6r": 0.02, "jak_block": 0.3}
    names = [each.name for each in cell.SPECIES]
    initial = {name: population.state[row(circuit, name)].copy() for name in names}
    for _ in range(1200):
        circuit.step(population, outside, DT)
    given = start | LINES["sensitive"].values | {"il6_transgene": 1.0} | outside
    best = simulate(cell.cell_network(), [2.0], given, initial=initial, rtol=1e-9, atol=1e-12)
    for name in names:
        found = population.state[row(circuit, name)]
        assert found == pytest.approx(best[name][:, 0], rel=1e-3, abs=1e-6), name


def test_drug_is_neither_made_nor_lost(circuit):
    population = cells(circuit, clone=np.arange(24) % 2)
    for outside in ({"drug1_outside": 100.0, "drug2_outside": 5000.0}, {"pump_block": 3.0}, {}):
        before = circuit.contents(population)
        given = circuit.step(population, outside, DT)
        after = circuit.contents(population)
        for name in ("drug1", "drug2"):
            scale = np.abs(before[name]) + np.abs(given[name])
            assert np.all(np.abs(after[name] - before[name] + given[name]) <= 1e-13 * scale), name


def test_il6_that_a_cell_neither_makes_nor_takes_in_is_kept(start):
    silent = {
        "k_il6_secretion": 0.0,
        "k_il6r_internalisation": 1e-300,
        "k_complex_internalisation": 0.0,
        "edge_socs3": 0.0,
    }
    quiet = Circuit([LINES["sensitive"]], values=start | silent)
    population = cells(quiet, 8)
    population.state[row(quiet, "il6r")], population.state[row(quiet, "il6st")] = 1000.0, 5000.0
    after = np.zeros(8)
    for _ in range(20):
        before = quiet.contents(population)["il6"]
        given = quiet.step(population, {"il6_at_cell": np.linspace(0, 1, 8)}, DT)["il6"]
        after = quiet.contents(population)["il6"]
        assert np.abs(after - before + given).max() < 1e-10 * max(1.0, after.max())
    assert after.max() > 1.0


def test_what_a_cell_gives_is_what_secretion_and_uptake_say(circuit):
    population = cells(circuit, producer=True)
    outside = {"il6_at_cell": 0.05, "il6_sil6r": 0.01, "drug1_outside": 50.0, "drug2_outside": 800.0}
    levels = {"il6": 0.05, "il6_sil6r": 0.01, "sil6r": 0.0, "drug1": 50.0, "drug2": 800.0}
    for _ in range(600):
        circuit.step(population, outside, DT)
    exchange = circuit.exchange(population, outside)
    given = circuit.step(population, outside, 1e-5)
    for name, level in levels.items():
        rate = exchange.secretion[name] - exchange.uptake[name] * level
        assert given[name] / 1e-5 == pytest.approx(rate, rel=1e-3, abs=1e-6 * exchange.secretion[name].max()), name
    secreted = population.state[row(circuit, "il6_mrna")] * start_value("k_il6_secretion", circuit)
    assert np.all(exchange.secretion["il6"] >= secreted / MOLECULES * (1 - 1e-9))


def start_value(name: str, circuit: Circuit) -> float:
    return circuit._shared.get(name, cell.cell_parameters()[name].value)


def test_a_cell_of_twice_the_volume_gives_twice_as_much_at_equal_levels(circuit):
    population = cells(circuit, 2, producer=True)
    population.volume[:, 1] *= 2
    given = circuit.step(population, {"il6_at_cell": 0.02, "drug1_outside": 10.0}, DT)
    for name in ("il6", "drug1"):
        assert given[name][1] == pytest.approx(2 * given[name][0], rel=1e-12)


def test_producers_secrete_and_amplified_cells_pump(circuit):
    population = cells(circuit, 4, producer=np.array([False, True, False, False]))
    population.abcb1_copies = np.array([1.0, 1.0, 3.0, 1.0])
    exchange = circuit.exchange(population, {})
    assert exchange.secretion["il6"][1] > 100 * exchange.secretion["il6"][0]
    for _ in range(24 * 10):
        circuit.step(population, {"drug1_outside": 10.0}, 0.1)
    pgp, drug = (population.state[row(circuit, name)] for name in ("pgp", "drug1"))
    assert pgp[2] > 1.9 * pgp[0]
    assert drug[2] < 0.8 * drug[0]
    assert pgp[3] == pgp[0]


def test_neither_threads_nor_dead_neighbours_change_a_bit(start):
    found = []
    for threads in (1, 2):
        many = Circuit([LINES["sensitive"]], DRUGS[:1], values=start, threads=threads)
        population = many.population()
        population.add(20000)
        population.volume = np.array([[1870.5], [135.0], [488.5]])
        many.settle(population, slice(0, 20000))
        population.phase[5:17000:3] = Phase.APOPTOTIC
        for _ in range(3):
            many.step(population, {"il6_at_cell": np.linspace(0, 1, 20000), "drug1_outside": 20.0}, DT)
        found.append(population.state.copy())
    assert np.array_equal(*found)
    assert np.array_equal(found[0][:18, 5], found[0][:18, 8])  # the dead stay as they were
    assert found[0][row(many, "drug1"), 5] == 0.0
    assert np.all(found[0][row(many, "drug1"), 17001:] > 0)


def test_what_a_dead_cell_holds_leaves_it_as_its_nucleus_is_lost(circuit):
    population = cells(circuit, 6)
    circuit.step(population, {"drug1_outside": 300.0, "il6_at_cell": 0.5}, DT)
    population.phase[:4] = [Phase.APOPTOTIC, Phase.SWELLING, Phase.LYSED, Phase.APOPTOTIC]
    colony = Colony(population, [Phenotype()] * 2, BOX, circuit=circuit)
    fading = colony.fading_1_h()
    assert fading.tolist() == [0.35, 0.013, 0.013, 0.35, 0.0, 0.0]
    circuit.stop(population, np.arange(4))
    before = circuit.contents(population)
    rate = circuit.exchange(population, {"drug1_outside": 300.0}, fading, ["drug1", "il6"])
    for name in ("drug1", "il6"):
        assert rate.secretion[name][:4] == pytest.approx(fading[:4] * before[name][:4], rel=1e-14)
        assert not rate.uptake[name][:4].any()
    given = circuit.step(population, {"drug1_outside": 300.0}, 2.0, fading)
    for name in ("drug1", "il6", "drug2"):
        held = before[name][:4] * np.exp(-2.0 * fading[:4])
        assert circuit.contents(population)[name][:4] == pytest.approx(held, rel=1e-13)
        assert given[name][:4] == pytest.approx(before[name][:4] - held, rel=1e-12)
    assert before["drug1"][0] > 0


def test_a_dying_cell_leaves_what_it_held(circuit):
    clones = [Phenotype({"apoptosis_rate": 50.0, "apoptosis_duration": 0.03}), Phenotype()]
    population = cells(circuit, 40, clone=np.arange(40) % 2)
    colony = Colony(population, clones, BOX, circuit=circuit, pace=Pace(growth_every=5), seed=2)
    outside = {"il6_at_cell": 0.5, "drug1_outside": 100.0}
    released = dict.fromkeys(circuit.solutes, 0.0)
    for _ in range(40):
        before = circuit.contents(population)
        events = colony.tick(Surroundings(outside))
        after = circuit.contents(population)
        for name in ("drug1", "drug2"):
            left = events.released.get(name, np.zeros(0)).sum()
            balance = after[name].sum() - before[name].sum() + events.given[name].sum() + left
            assert abs(balance) <= 1e-12 * (1 + before[name].sum() + np.abs(events.given[name]).sum())
            released[name] += left
        released["il6"] += events.released.get("il6", np.zeros(0)).sum()
        assert events.released_at.shape == (3, len(events.removed))
    assert released["drug1"] > 0
    assert released["il6"] > 0
    assert population.count < 30


@pytest.mark.parametrize("dose_nM", [0.0, 1000.0])
def test_growth_and_death_under_drug_are_those_of_a_well(start, dose_nM):
    """Cells whose surroundings are a medium that hardly changes live and die as a population of a well does."""
    protocol = Protocol(
        seeded_cells=100.0, medium_volume_l=1e-2, capacity_cells=1e12, preincubation_h=0.0, duration_h=30.0, pgp_cv=0.0
    )
    # cells in S or G2 still divide when damage has stopped the others, which no well knows: so let it stop none
    drugs = [replace(DRUGS[0], parameters=DRUGS[0].parameters.changed({"arrest_ratio": 1e6}))]
    well = Well(((LINES["sensitive"], 1.0),), Arm("plain"), protocol, ((drugs[0], dose_nM),))
    (course,) = simulate_wells([well], lambda _: [0.0, 30.0], overrides=Overrides(cell=start))
    expected = course.levels["cells"][-1] / 100.0

    many = Circuit([LINES["sensitive"]], drugs, values=start)
    population, phenotypes, count, dt_h = cells(many, 3000), Phenotypes([Phenotype()]), 3000, 0.1
    for name in (each.name for each in cell.SPECIES):  # the well's cells come from a flask that is nearly full
        population.state[row(many, name)] = course.levels[f"p1_{name}"][0]
    mix_cycle(population, phenotypes, np.full(count, start["division_rate_max"]), 1)
    for step in range(300):
        outside = {"drug1_outside": dose_nM}
        many.step(population, outside, dt_h)
        division, death = many.rates(population, outside)
        many.empty(
            population, step_death(population, phenotypes, death, np.full(population.count, 160.0), dt_h, 1, step)
        )
        step_volume(population, phenotypes, dt_h)
        mothers = step_cycle(population, phenotypes, division, dt_h, 1, step)
        divide(population, phenotypes, mothers, BOX, step * dt_h, 1, step)
    found = population.alive.sum() / count
    assert found == pytest.approx(expected, rel=0.06), (found, expected)
    assert (expected < 1.6) == (dose_nM > 0)
    inside = population.state[row(many, "drug1"), population.alive].mean()
    assert inside == pytest.approx(course.levels["p1_drug1"][-1], rel=0.02, abs=1e-12)


def test_what_is_unknown_or_does_not_fit_is_refused(circuit):
    population = cells(circuit, 3)
    with pytest.raises(errors.InputError, match="il6_at_cell"):
        circuit.step(population, {"il6": 1.0}, DT)
    with pytest.raises(errors.InputError, match="a number for each of 3 cells"):
        circuit.step(population, {"il6_at_cell": np.zeros(4)}, DT)
    with pytest.raises(errors.DesignError, match="tariquidar"):
        Circuit([LINES["sensitive"]], [Pharmacology.load()["tariquidar"]])
    with pytest.raises(errors.InputError, match="each clone must have a line"):
        Colony(population, [Phenotype()], BOX, circuit=circuit)
    with pytest.raises(errors.InputError, match="species of their circuit"):
        Colony(Circuit([LINES["sensitive"]] * 2, DRUGS[:1]).population(), [Phenotype()] * 2, BOX, circuit=circuit)
