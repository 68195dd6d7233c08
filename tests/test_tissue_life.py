"""How cells grow, divide, die, move and change: laws of volumes, numbers and inheritance."""

import numpy as np
import pytest

from autocrine.core import errors
from autocrine.tissue.cells import Colony, Domain, Phenotype, Population, Surroundings, seed_cells
from autocrine.tissue.cells.colony import Pace
from autocrine.tissue.cells.cycle import mix_cycle, oxygen_factor, rate_into_s, step_cycle
from autocrine.tissue.cells.death import necrosis_rate, step_death
from autocrine.tissue.cells.division import divide
from autocrine.tissue.cells.force import ForceLaw
from autocrine.tissue.cells.phase import Phase
from autocrine.tissue.cells.phenotype import Phenotypes
from autocrine.tissue.cells.seeding import ball
from autocrine.tissue.cells.switching import step_producers
from autocrine.tissue.cells.volume import step_volume

BOX = Domain((-2000.0,) * 3, (2000.0,) * 3)
RATE = 0.0273


def seeded(cells: int, phenotypes: Phenotypes, spacing_um: float = 40.0, species=("a", "b")) -> Population:
    population = Population(species, intensive=["b"])
    seed_cells(population, phenotypes, BOX, ball(cells, spacing_um))
    population.state = 1.0
    return population


def colony(cells: int = 200, spacing_um: float = 40.0, *, mixed: bool = True, changes=None, **given) -> Colony:
    clone = Phenotype(changes or {}, given.pop("law", ForceLaw()))
    phenotypes = Phenotypes([clone])
    population = seeded(cells, phenotypes, spacing_um)
    if mixed:
        mix_cycle(population, phenotypes, np.full(cells, RATE), 5)
    return Colony(population, [clone], BOX, **given)


def test_a_resting_cell_keeps_its_volume():
    phenotypes = Phenotypes([Phenotype()])
    population = seeded(3, phenotypes)
    for _ in range(50):
        step_volume(population, phenotypes, 0.1)
    assert population.total_volume == pytest.approx(np.full(3, 2494.0), rel=1e-12)


def test_a_cell_in_s_doubles_and_its_contents_are_thinned_but_not_lost():
    phenotypes = Phenotypes([Phenotype()])
    population = seeded(2, phenotypes)
    population.phase = np.array([Phase.S, Phase.G1])
    for _ in range(600):
        step_volume(population, phenotypes, 0.1)
    assert population.total_volume == pytest.approx([2 * 2494.0, 2494.0], rel=1e-6)
    assert population.state[0] * population.total_volume == pytest.approx([2494.0, 2494.0], rel=1e-12)
    assert population.state[1].tolist() == [1.0, 1.0]  # no amount


def test_volume_steps_converge_to_the_equations_of_fluid_and_solids():
    def end(steps: int) -> np.ndarray:
        phenotypes = Phenotypes([Phenotype()])
        population = seeded(4, phenotypes)
        population.phase = np.array([Phase.S, Phase.APOPTOTIC, Phase.SWELLING, Phase.LYSED])
        for _ in range(steps):
            step_volume(population, phenotypes, 2.0 / steps)
        return population.volume.copy()

    best = end(6400)
    found = [np.abs(end(steps) - best).max() for steps in (50, 100, 200)]
    assert np.all(np.abs(np.log2(np.array(found[:-1]) / found[1:]) - 1) < 0.1), found
    solid = 0.25 * 2494.0
    assert best[1:, 1].sum() == pytest.approx(135 * np.exp(-0.7) + (solid - 135) * np.exp(-2), rel=1e-9)
    assert best[0, 2] == pytest.approx(0.75 * 2494.0 + 0.67 * solid * 2, rel=0.01)  # swells by r s per hour


def test_a_necrotic_cell_swells_bursts_and_shrinks():
    grown = colony(1, mixed=False, pace=Pace(dt_h=0.005, growth_every=20))
    volumes, phases = [], []
    for _ in range(60 * 200):
        grown.tick(Surroundings(oxygen_mmHg=0.0))
        volumes.append(grown.population.total_volume[0])
        phases.append(grown.population.phase[0])
    assert phases[-1] == Phase.LYSED
    assert Phase.SWELLING in phases
    assert max(volumes) == pytest.approx(2 * 2494.0, rel=0.03)
    assert volumes[-1] < 0.95 * max(volumes)


def test_an_apoptotic_cell_shrinks_and_is_gone_after_its_time():
    grown = colony(1, mixed=False)
    grown.population.phase = Phase.APOPTOTIC
    counts = [grown.tick(Surroundings()) and grown.population.count for _ in range(9 * 600)]
    assert counts.index(0) / 600 == pytest.approx(8.6, abs=0.11)
    assert grown.population.next_id == 1


def test_a_population_grows_at_the_rate_that_it_was_given():
    phenotypes = Phenotypes([Phenotype()])
    population = seeded(4000, phenotypes)
    mix_cycle(population, phenotypes, np.full(4000, RATE), 1)
    dt_h, hours = 0.1, 40
    for step in range(round(hours / dt_h)):
        mothers = step_cycle(population, phenotypes, np.full(population.count, RATE), dt_h, 1, step)
        divide(population, phenotypes, mothers, BOX, step * dt_h, 1, step)
    expected = 4000 * np.exp(RATE * hours)
    # each first cell has e^(g t) descendants, with a standard deviation of about as much
    assert abs(population.count - expected) < 4 * expected / np.sqrt(4000)
    assert len(np.unique(population.id)) == population.count


def test_the_rate_into_s_solves_the_equation_of_euler_and_lotka():
    rate = rate_into_s(np.array([0.02, 0.04, 0.0, -1.0]), np.full(4, 13.0))
    growth = np.array([0.02, 0.04])
    assert 2 * np.exp(-growth * 13) * rate[:2] / (rate[:2] + growth) == pytest.approx([1.0, 1.0])
    assert rate[2:].tolist() == [0.0, 0.0]
    with pytest.raises(errors.InputError, match=r"less than 0\.0533 per h"):
        rate_into_s(np.array([0.06]), np.array([13.0]))


def test_growth_is_exponential_at_first_and_limited_by_neighbours_later():
    free = colony(60, changes={"pressure_full": 1e9}, seed=3)
    crowded = colony(60, 15.5, changes={"pressure_full": 0.5}, seed=3)
    for _ in range(40 * 600):
        free.tick(Surroundings())
        crowded.tick(Surroundings())
    assert abs(free.population.count - 60 * np.exp(RATE * 40)) < 4 * 180 / np.sqrt(60)
    assert crowded.population.count < 0.75 * free.population.count
    assert crowded.population.count > 60


def test_oxygen_stops_division_before_it_kills():
    phenotypes = Phenotypes([Phenotype()])
    clone, oxygen = np.zeros(4, int), np.array([160.0, 82.5, 5.0, 2.0])
    assert oxygen_factor(oxygen, phenotypes, clone).tolist() == [1.0, 0.5, 0.0, 0.0]
    assert necrosis_rate(oxygen, phenotypes, clone) == pytest.approx([0.0, 0.0, 0.0, 1 / 6])
    assert necrosis_rate(np.array([3.75]), phenotypes, clone[:1]) == pytest.approx(1 / 12)


def test_cells_die_at_the_sum_of_their_rates_and_of_the_cause_that_its_rate_says():
    phenotypes = Phenotypes([Phenotype({"apoptosis_rate": 0.05})])
    population = seeded(20000, phenotypes, 20.0)
    dead = step_death(population, phenotypes, np.full(20000, 0.05), np.full(20000, 3.75), 2.0, 1, 1)
    total = 0.1 + 1 / 12
    assert len(dead) / 20000 == pytest.approx(1 - np.exp(-2 * total), abs=0.015)
    necrotic = (population.phase[dead] == Phase.SWELLING).mean()
    assert necrotic == pytest.approx(1 / 12 / total, abs=0.02)
    assert len(step_death(population, phenotypes, np.full(20000, 1e9), np.zeros(20000), 1.0, 1, 2)) + len(dead) == 20000


def divided(changes, cells: int = 4000) -> tuple[Population, Population]:
    phenotypes = Phenotypes([Phenotype(changes)])
    population = seeded(cells, phenotypes)
    population.producer = np.arange(cells) % 2 == 0
    population.state[0] = np.arange(1, cells + 1)
    before = Population.from_arrays(population.species, population.to_arrays(), population.intensive)
    divide(population, phenotypes, np.arange(cells), BOX, 7.0, 3, 11)
    return before, population


@pytest.mark.parametrize("changes", [{}, {"volume_share_sd": 0.1, "content_share_sd": 0.15}])
def test_daughters_share_what_their_mother_was_and_lie_around_her(changes):
    before, after = divided(changes)
    cells = before.count
    first, second = slice(0, cells), slice(cells, 2 * cells)
    volume = after.total_volume
    amount = after.state[0] * volume
    assert volume[first] + volume[second] == pytest.approx(before.total_volume, rel=1e-12)
    assert amount[first] + amount[second] == pytest.approx(before.state[0] * before.total_volume, rel=1e-12)
    weighed = after.position * volume
    assert (weighed[:, first] + weighed[:, second]) / before.total_volume == pytest.approx(before.position, abs=1e-9)
    apart = np.linalg.norm(after.position[:, first] - after.position[:, second], axis=0)
    assert apart == pytest.approx(np.full(cells, 8.4127), abs=1e-3)
    assert np.array_equal(after.parent, np.tile(before.id, 2))
    assert np.array_equal(after.producer, np.tile(before.producer, 2))
    assert np.all(after.birth_h == 7.0)
    assert np.array_equal(np.sort(after.id), np.arange(cells, 3 * cells))


def test_symmetric_daughters_are_equal_and_asymmetric_ones_spread_as_they_were_told():
    _, equal = divided({})
    assert np.array_equal(equal.state[0, :4000], equal.state[0, 4000:])
    before, after = divided({"volume_share_sd": 0.05, "content_share_sd": 0.1})
    volume = after.total_volume[:4000] / before.total_volume
    content = after.state[0, :4000] * after.total_volume[:4000] / (before.state[0] * before.total_volume)
    assert volume.mean() == pytest.approx(0.5, abs=0.003)
    assert volume.std() == pytest.approx(0.05, rel=0.05)
    assert (content - volume).std() == pytest.approx(0.1, rel=0.05)
    assert np.corrcoef(content - volume, volume)[0, 1] == pytest.approx(0.0, abs=0.05)


def test_an_amplification_is_rare_and_handed_down():
    phenotypes = Phenotypes([Phenotype({"amplification": 0.01, "amplification_factor": 3.0})])
    population = seeded(4000, phenotypes)
    for step in range(3):
        divide(population, phenotypes, np.arange(population.count), BOX, 0.0, 1, step)
    copies = population.abcb1_copies
    assert set(np.unique(copies)) <= {1.0, 3.0, 9.0, 27.0}
    assert (copies > 1).mean() == pytest.approx(1 - 0.99**3, abs=0.004)
    phenotypes = Phenotypes([Phenotype()])
    divide(population, phenotypes, np.arange(population.count), BOX, 0.0, 1, 9)
    assert np.array_equal(population.abcb1_copies, np.tile(copies[: len(copies)], 2))


def test_producers_come_to_the_share_that_their_rates_say():
    phenotypes = Phenotypes([Phenotype({"producer_on": 0.1, "producer_off": 0.3})])
    population = seeded(5000, phenotypes)
    for step in range(200):
        step_producers(population, phenotypes, 0.1, 1, step)
    assert population.producer.mean() == pytest.approx(0.25, abs=0.025)


def test_cells_that_move_at_random_spread_like_heat():
    speed, persistence, hours = 30.0, 0.1, 6.0
    changes = {"speed": speed, "persistence": persistence, "division_rate": 0.0}
    moved = colony(1500, 200.0, mixed=False, changes=changes, law=ForceLaw(0.0, 0.0))
    start = moved.population.position.copy()
    for _ in range(round(hours * 600)):
        moved.tick(Surroundings())
    order = np.argsort(moved.population.id)
    square = ((moved.population.position[:, order] - start) ** 2).sum(axis=0).mean()
    # the persistent walk of Fuerth: 2 v^2 P (t - P (1 - exp(-t/P)))
    expected = 2 * speed**2 * persistence * (hours - persistence * -np.expm1(-hours / persistence))
    assert square == pytest.approx(expected, rel=0.12)


@pytest.mark.parametrize(("bias", "toward"), [(1.0, 1.0), (-1.0, -1.0), (0.5, 0.0)])
def test_cells_follow_a_gradient(bias, toward):
    moved = colony(100, 60.0, mixed=False, changes={"speed": 30.0, "chemotaxis": bias, "division_rate": 0.0})
    start = moved.population.position.copy()
    gradient = np.tile([[2.0], [0.0], [0.0]], 100)
    for _ in range(600):
        moved.tick(Surroundings(gradient=gradient))
    way = (moved.population.position[:, np.argsort(moved.population.id)] - start)[0]
    if toward:
        assert way == pytest.approx(np.full(100, 30.0 * toward), rel=1e-6)
    else:
        assert 10.0 < way.mean() < 28.0


def ends(threads: int = 1, stop: int = 0) -> dict[str, np.ndarray]:
    """Return all arrays of a lively colony after some hours, with a stop and a resume where that is asked for."""
    changes = {
        "division_rate": 0.05,
        "apoptosis_rate": 0.03,
        "speed": 20.0,
        "amplification": 0.1,
        "producer_on": 0.1,
        "volume_share_sd": 0.05,
    }
    given = {"changes": changes, "pace": Pace(growth_every=30, sort_every=200), "seed": 9}
    grown = colony(150, 16.0, threads=threads, **given)
    for tick in range(1800):
        if tick == stop and stop:
            saved = grown.population.to_arrays()
            population = Population.from_arrays(("a", "b"), saved, ["b"])
            grown = Colony(population, grown.phenotypes.clones, BOX, pace=grown.pace, seed=9, threads=threads)
            grown.ticks = tick
        oxygen = np.where(grown.population.position[0] > 20, 3.0, 160.0)
        grown.tick(Surroundings(oxygen_mmHg=oxygen))
    return grown.population.to_arrays()


def test_neither_threads_nor_a_resume_change_a_bit():
    whole = ends()
    assert whole["next_id"] > 155
    assert (whole["phase"] >= Phase.APOPTOTIC).any()
    for other in (ends(threads=2), ends(threads=3, stop=1001)):
        for name, array in whole.items():
            np.testing.assert_array_equal(array, other[name], err_msg=name)


@pytest.mark.parametrize(
    ("pace", "changes", "process"),
    [
        (Pace(dt_h=0.01), {}, "mechanics"),
        (Pace(growth_every=4000), {}, r"G2 and M \(dt_h times growth_every\) must be at most 5 h"),
        (Pace(dt_h=1 / 600), {"speed": 1.0, "persistence": 0.001}, "motility"),
        (Pace(growth_every=600), {"s_duration": 0.5}, "S "),
    ],
)
def test_a_step_that_is_too_long_is_refused_with_its_process(pace, changes, process):
    with pytest.raises(errors.InputError, match=process):
        colony(2, pace=pace, mixed=False, changes=changes)


def test_the_longest_step_of_the_mechanics_is_far_below_where_a_pair_swings():
    law = ForceLaw()
    limit = law.largest_step_h(8.4127)
    assert limit * 60 == pytest.approx(0.438, abs=0.01)  # min

    def gaps(dt_h: float) -> np.ndarray:
        pair = colony(2, 16.0, mixed=False)
        pair.population.position = np.array([[-0.01, 0.01], [0.0, 0.0], [0.0, 0.0]])
        found = []
        for _ in range(200):
            pair.mechanics.step(pair.population, dt_h)
            found.append(np.diff(pair.population.position[0])[0])
        return np.array(found)

    assert np.all(np.diff(gaps(limit / 2)) > -1e-9)
    assert gaps(limit)[-1] == pytest.approx(law.resting_distance(2 * 8.4127), abs=1e-3)
    assert np.any(np.diff(gaps(4 * limit)) < -0.1)


@pytest.mark.parametrize("given", [{"dt_h": 0.0}, {"dt_h": np.nan}, {"growth_every": 0}, {"sort_every": 0}])
def test_a_pace_that_is_none_is_refused(given):
    with pytest.raises(errors.InputError, match="must"):
        Pace(**given)
