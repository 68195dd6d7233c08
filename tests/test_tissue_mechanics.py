"""How cells push and pull: the published law, momentum, order in dt, lists against all pairs, threads."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine.core import errors
from autocrine.tissue.cells import Domain, Population
from autocrine.tissue.cells.bins import Bins
from autocrine.tissue.cells.force import ForceLaw
from autocrine.tissue.cells.mechanics import Mechanics
from autocrine.tissue.cells.seeding import ball

RADIUS = 8.412710547954228  # of 2494 um^3
BOX = Domain((-500.0,) * 3, (500.0,) * 3)
DT = 1 / 600


def cells_at(position: Any, volume: Any = 2494.0, clone: Any = 0) -> Population:
    population = Population()
    population.add(np.shape(position)[1])
    population.position = position
    population.volume = np.array([0.75, 0.05, 0.2])[:, None] * volume
    population.clone = clone
    return population


def mechanics(*laws, **given) -> Mechanics:
    return Mechanics(laws or [ForceLaw()], given.pop("domain", BOX), **given)


def published(position, radius, adhesion: Any = 0.4, repulsion: Any = 10.0, reach: Any = 1.25) -> np.ndarray:
    """Return velocities (um/min) by the published law, one pair after the other; strengths are numbers or per cell."""
    cells = position.shape[1]
    adhesion, repulsion, reach = (np.broadcast_to(each, cells) for each in (adhesion, repulsion, reach))
    found = np.zeros_like(position)
    for i in range(cells):
        for j in range(cells):
            away = position[:, i] - position[:, j]
            d = max(np.linalg.norm(away), 1e-5)
            contact, touching = radius[i] + radius[j], reach[i] * radius[i] + reach[j] * radius[j]
            push = (1 - d / contact) ** 2 * np.sqrt(repulsion[i] * repulsion[j]) if d < contact else 0.0
            pull = (1 - d / touching) ** 2 * np.sqrt(adhesion[i] * adhesion[j]) if d < touching else 0.0
            if i != j:
                found[:, i] += (push - pull) * away / d
    return found


def cloud(cells: int, seed: int, extent: float = 45.0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    return generator.uniform(-extent, extent, (3, cells)), generator.uniform(800.0, 4000.0, cells)


@pytest.mark.parametrize(
    ("distance", "velocity"),
    # by hand: 10 (1 - d/16.82542)^2 - 0.4 (1 - d/21.03178)^2, in um/min, of the cell on the right
    [(8.0, 2.5977334), (15.0, 0.0848046), (16.0, 0.00117132), (18.0, -0.00831194), (22.0, 0.0)],
)
def test_two_cells_follow_the_published_law(distance, velocity):
    found = mechanics().velocities(cells_at([[0.0, distance], [0.0, 0.0], [0.0, 0.0]]))
    assert found[0, 1] / 60 == pytest.approx(velocity, rel=3e-6, abs=1e-14)
    assert np.all(found[1:] == 0)


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6), cells=st.integers(2, 60))
def test_lists_give_what_all_pairs_give(seed, cells):
    position, volume = cloud(cells, seed)
    generator = np.random.default_rng(seed)
    clone = generator.integers(0, 2, cells)
    laws = [ForceLaw(), ForceLaw(60.0, 300.0, 1.5)]
    found = mechanics(*laws).velocities(cells_at(position, volume, clone))
    strengths = [np.array([0.4, 1.0])[clone], np.array([10.0, 5.0])[clone], np.array([1.25, 1.5])[clone]]
    expected = published(position, np.cbrt(volume * 3 / (4 * np.pi)), *strengths)
    assert np.allclose(found / 60, expected, rtol=1e-11, atol=1e-12)


def test_momentum_is_kept():
    position, volume = cloud(400, 2, 60.0)
    population, moved = cells_at(position, volume), mechanics()
    found = moved.velocities(population)
    assert np.abs(found.sum(axis=1)).max() < 1e-12 * np.abs(found).sum()
    centre = population.position.mean(axis=1)
    for _ in range(200):
        moved.step(population, DT)
    assert np.abs(population.position.mean(axis=1) - centre).max() < 1e-11
    assert np.abs(population.position - position).max() > 1.0


def test_a_pair_pushes_with_equal_and_opposite_velocities_to_the_last_bit():
    position, volume = cloud(2, 5, 6.0)
    found = mechanics().velocities(cells_at(position, volume))
    assert np.all(found[:, 0] == -found[:, 1])
    assert np.any(found != 0)


def test_two_cells_come_to_rest_at_the_distance_where_push_equals_pull():
    law = ForceLaw()
    population, moved = cells_at([[-3.0, 3.0], [0.0, 0.0], [0.0, 0.0]]), mechanics(law)
    gap = []
    for _ in range(6000):
        moved.step(population, DT)
        gap.append(population.position[0, 1] - population.position[0, 0])
    resting = law.resting_distance(2 * RADIUS)
    assert resting == pytest.approx(16.0242105, abs=1e-6)
    assert gap[-1] == pytest.approx(resting, abs=1e-6)
    assert np.all(np.diff(gap) > -1e-12)  # from one side, without swinging


def test_eleven_cells_in_a_row_relax_to_a_row_of_equal_distances_within_the_reach_of_next_neighbours():
    position = np.zeros((3, 11))
    position[0] = np.linspace(-42.0, 42.0, 11)  # half of the resting distance
    population, moved = cells_at(position), mechanics()
    widths = []
    for _ in range(24 * 600):
        moved.step(population, DT)
        widths.append(np.ptp(population.position[0]))
    gaps = np.diff(np.sort(population.position[0]))
    assert gaps == pytest.approx(np.full(10, ForceLaw().resting_distance(2 * RADIUS)), rel=1e-3)
    assert np.all(np.diff(widths) > -1e-9)
    assert np.abs(population.position[1:]).max() == 0.0
    assert np.allclose(population.position[0], -population.position[0][::-1], atol=1e-9)


def test_halving_the_step_divides_the_error_by_four():
    def end(steps: int) -> np.ndarray:
        population, moved = cells_at([[-5.0, 5.0, 1.0], [0.0, 0.0, 9.0], [0.0, 1.0, 0.0]]), mechanics()
        for _ in range(steps):
            moved.step(population, 0.1 / steps)
        return population.position.copy()

    best = end(12800)
    found = [np.abs(end(steps) - best).max() for steps in (100, 200, 400)]
    assert np.all(np.abs(np.log2(np.array(found[:-1]) / found[1:]) - 2) < 0.15), found


def test_neither_threads_nor_the_age_of_lists_change_a_bit():
    position, volume = cloud(700, 7, 90.0)
    ends = []
    for threads, skin_um in ((1, 2.0), (2, 2.0), (3, 2.0), (5, 0.5), (1, 6.0)):
        population = cells_at(position, volume)
        moved = mechanics(threads=threads, skin_um=skin_um)
        for _ in range(150):
            moved.step(population, DT)
        ends.append(population.position.copy())
        assert moved.builds > 1
    assert all(np.array_equal(each, ends[0]) for each in ends[1:])


def test_lists_follow_cells_that_come_go_grow_and_change_places():
    position, volume = cloud(120, 11)
    population, moved = cells_at(position, volume), mechanics()
    moved.velocities(population)
    population.keep(np.arange(120) % 5 != 0)
    population.volume *= 1.5
    population.resized()
    moved.sort(population)
    radius = np.cbrt(population.total_volume * 3 / (4 * np.pi))
    assert np.allclose(moved.velocities(population) / 60, published(population.position, radius), atol=1e-12)
    population.volume *= 1.2  # beyond the skin
    population.resized()
    radius = np.cbrt(population.total_volume * 3 / (4 * np.pi))
    assert np.allclose(moved.velocities(population) / 60, published(population.position, radius), atol=1e-12)


def test_cells_in_two_dimensions_stay_in_their_plane_and_at_the_walls():
    domain = Domain((-20.0, -20.0), (20.0, 20.0))
    generator = np.random.default_rng(1)
    position = np.vstack([generator.uniform(-19, 19, (2, 30)), np.zeros((1, 30))])
    population, moved = cells_at(position), mechanics(domain=domain)
    for _ in range(600):
        moved.step(population, DT)
    assert np.all(population.position[2] == 0)
    assert not domain.outside(population.position).any()
    assert np.abs(population.position).max() == 20.0  # too many for the box: some lie at its wall


def test_twelve_neighbours_of_a_confluent_culture_press_with_one():
    spacing = np.sqrt(np.pi / (2 * np.sqrt(3))) * 2 * RADIUS
    population = cells_at(ball(13, spacing))
    assert mechanics().pressure(population)[0] == pytest.approx(1.0, rel=1e-9)
    assert np.array_equal(mechanics().pressure(population), mechanics(threads=3).pressure(population))


def test_a_morton_order_keeps_near_cells_near():
    position, _ = cloud(3000, 3, 200.0)
    packed = np.ascontiguousarray(position.T)
    order = Bins(packed, 25.0).order()
    assert sorted(order.tolist()) == list(range(3000))
    jump = np.linalg.norm(np.diff(packed[order], axis=0), axis=1).mean()
    assert jump < 0.3 * np.linalg.norm(np.diff(packed, axis=0), axis=1).mean()


def test_bins_hold_each_cell_once_even_where_cells_are_far_apart():
    position = np.array([[0.0, 0.0, 0.0], [1e9, 1e9, 1e9], [3.0, 0.0, 0.0]])
    bins = Bins(position, 20.0)
    assert sorted(bins.members.tolist()) == [0, 1, 2]
    assert len(bins.starts) < 200
    assert bins.starts[-1] == 3


def test_a_cell_nowhere_is_said():
    population = cells_at([[0.0, 10.0], [0.0, 0.0], [0.0, np.nan]])
    with pytest.raises(errors.SolverError, match="cell 1 has no finite place"):
        mechanics().step(population, DT)


def test_a_population_without_cells_does_nothing():
    population = Population()
    mechanics().step(population, DT)
    assert mechanics().velocities(population).shape == (3, 0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ForceLaw(adhesion_um_h=-1.0),
        lambda: ForceLaw(repulsion_um_h=np.nan),
        lambda: ForceLaw(relative_reach=0.5),
        lambda: Domain((0.0, 0.0), (0.0, 1.0)),
        lambda: Domain((0.0,), (1.0,)),
        lambda: mechanics(threads=0),
        lambda: mechanics(skin_um=0.0),
    ],
)
def test_what_cannot_be_is_refused(make):
    with pytest.raises(errors.InputError, match="must"):
        make()
