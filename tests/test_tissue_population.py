"""Arrays of cells, their random numbers, and the first cells of a tissue."""

import numpy as np
import pytest

from autocrine.core import errors
from autocrine.evidence import load_library
from autocrine.tissue.cells import Domain, Phenotype, Population, seed_cells
from autocrine.tissue.cells.draws import Purpose, directions, normals, uniforms
from autocrine.tissue.cells.memory import check_memory, estimate_bytes
from autocrine.tissue.cells.phenotype import Phenotypes, phenotype_parameters
from autocrine.tissue.cells.seeding import ball, check_apart

BOX = Domain((-100.0,) * 3, (100.0,) * 3)
PHENOTYPES = Phenotypes([Phenotype()])


def test_a_block_is_that_of_philox():
    numbers = uniforms(12345, np.array([7, 2**40 + 3]), 99, Purpose.CYCLE, 4)
    for k, cell in enumerate((7, 2**40 + 3)):
        # NumPy raises the counter before it draws
        words = np.random.Philox(key=12345, counter=[cell - 1, 99, int(Purpose.CYCLE), 0]).random_raw(4)
        assert np.array_equal(numbers[:, k], ((words >> np.uint64(11)).astype(float) + 0.5) * 2.0**-53)


def test_numbers_depend_on_seed_cell_step_and_purpose_only():
    cells = np.arange(1000)
    first = uniforms(1, cells, 5, Purpose.DEATH)
    assert np.array_equal(uniforms(1, cells[::-1], 5, Purpose.DEATH)[:, ::-1], first)
    for other in ((2, cells, 5, Purpose.DEATH), (1, cells + 1, 5, Purpose.DEATH), (1, cells, 6, Purpose.DEATH)):
        assert np.all(uniforms(*other) != first)
    assert abs(np.corrcoef(first, uniforms(1, cells, 5, Purpose.CYCLE))[0, 1]) < 0.1


def test_directions_are_even_and_normals_are_normal():
    cells = np.arange(20000)
    for dimensions in (2, 3):
        found = directions(3, cells, 1, Purpose.AXIS, dimensions)
        assert np.allclose(np.linalg.norm(found, axis=0), 1.0)
        spread = np.diag([1 / dimensions] * dimensions + [0.0] * (3 - dimensions))
        assert np.allclose(found @ found.T / 20000, spread, atol=0.01)
    drawn = normals(3, cells, 1, Purpose.SHARE)
    assert np.allclose([drawn.mean(), drawn.std(), (drawn[0] * drawn[1]).mean()], [0, 1, 0], atol=0.02)


def test_a_negative_seed_is_refused():
    with pytest.raises(errors.InputError, match="seed"):
        uniforms(-1, np.arange(2), 0, Purpose.CYCLE)


def filled(cells: int) -> Population:
    population = Population(["a", "b"], intensive=["b"])
    population.add(cells)
    population.position = np.arange(3 * cells).reshape(3, cells)
    population.state = np.arange(2 * cells).reshape(2, cells)
    return population


def test_arrays_grow_and_keep_what_they_hold():
    population = filled(10)
    before = population.state.copy()
    new = population.add(1000)
    assert population.count == 1010
    assert np.array_equal(population.state[:, :10], before)
    assert np.all(population.state[:, new] == 0)
    assert np.all(population.parent == -1)
    assert np.array_equal(population.id, np.arange(1010))


def test_removal_closes_the_gaps_in_order_and_ids_are_never_used_twice():
    population = filled(10)
    population.keep(np.arange(10) % 3 != 0)
    assert population.id.tolist() == [1, 2, 4, 5, 7, 8]
    assert population.position[0].tolist() == [1, 2, 4, 5, 7, 8]
    population.add(2)
    assert population.id.tolist()[-2:] == [10, 11]


def test_another_order_takes_everything_along():
    population = filled(10)
    population.reorder(np.arange(9, -1, -1))
    assert population.id.tolist() == list(range(9, -1, -1))
    assert np.array_equal(population.position[0], population.id)
    assert np.array_equal(population.state[1], population.id + 10)


def test_saved_cells_come_back():
    population = filled(10)
    population.keep(np.arange(10) > 3)
    again = Population.from_arrays(["a", "b"], population.to_arrays(), ["b"])
    assert again.next_id == 10
    for name, array in population.to_arrays().items():
        np.testing.assert_array_equal(array, again.to_arrays()[name])
    with pytest.raises(errors.InputError, match="state"):
        Population.from_arrays(["a"], population.to_arrays())


def test_a_cell_with_the_circuit_and_two_drugs_takes_at_most_500_bytes():
    assert Population([f"s{k}" for k in range(27)]).bytes_per_cell <= 360
    assert Population().bytes_per_cell <= 140


def test_seeds_lie_where_they_were_put():
    population = Population()
    place = ball(50, 18.0)
    seed_cells(population, PHENOTYPES, BOX, place)
    assert np.array_equal(population.position, place)
    assert population.total_volume == pytest.approx(np.full(50, 2494.0))
    flat = Population()
    seed_cells(
        flat, PHENOTYPES, Domain((0.0, 0.0), (50.0, 50.0)), np.array([[10.0, 30.0], [10.0, 30.0]]), producer=True
    )
    assert flat.position[2].tolist() == [0.0, 0.0]
    assert flat.producer.all()


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_ball_is_a_dense_packing(dimensions):
    place = ball(2000, 10.0, dimensions)
    away = np.linalg.norm(place[:, :, None] - place[:, None, :200], axis=0)
    near = (away < 10.001) & (away > 0)
    assert away[away > 1e-9].min() == pytest.approx(10.0)
    assert near[:, :200].sum(axis=0).max() == (6 if dimensions == 2 else 12)
    assert near[:, 0].sum() == (6 if dimensions == 2 else 12)
    assert np.linalg.norm(place.mean(axis=1)) < 2.0


def test_overlapping_seeds_are_refused_with_their_numbers():
    place = ball(300, 18.0)
    place[:, 217] = place[:, 31] + 0.3
    with pytest.raises(
        errors.DesignError, match=r"cells 31 and 217 must be at least 1\.68 um apart but was '0\.52 um'"
    ):
        seed_cells(Population(), PHENOTYPES, BOX, place)


def test_seeds_on_old_cells_are_refused():
    population = Population()
    seed_cells(population, PHENOTYPES, BOX, ball(3, 18.0))
    with pytest.raises(errors.DesignError, match="lie on one another"):
        seed_cells(population, PHENOTYPES, BOX, ball(1, 18.0))


def test_cells_outside_the_domain_are_refused_with_the_first_of_them():
    with pytest.raises(errors.DesignError, match=r"2 do not; the first, cell 1.*between"):
        seed_cells(Population(), PHENOTYPES, BOX, np.array([[0.0, 101.0, 0.0], [0.0, 0.0, np.nan], [0.0] * 3]))


def test_cells_of_no_volume_are_refused():
    with pytest.raises(errors.DesignError, match="the volume of cell 1 must be positive"):
        check_apart(ball(3, 18.0), np.array([1.0, 0.0, 1.0]))
    with pytest.raises(errors.InputError, match="volume must be positive"):
        Phenotype({"volume": 0.0})


def test_an_unknown_clone_is_refused():
    with pytest.raises(errors.DesignError, match="clone"):
        seed_cells(Population(), PHENOTYPES, BOX, ball(2, 18.0), clone=1)


def test_a_hundred_million_cells_are_refused_with_an_estimate():
    with pytest.raises(errors.DesignError, match=r"1e\+08 cells need about 5\d\.\d GiB.*at most .*e\+07 cells"):
        check_memory(10**8, 25, 16 * 2**30)
    assert check_memory(10**5, 25, 16 * 2**30) == estimate_bytes(10**5, 25)


@pytest.mark.parametrize(
    "changes",
    [
        {"sped": 1.0},
        {"speed": -1.0},
        {"nuclear_volume": 3000.0},
        {"fluid_fraction": 1.0},
        {"persistence": 0.0},
        {"necrosis_oxygen_full": 6.0},
        {"division_oxygen": 200.0},
        {"speed": np.nan},
    ],
)
def test_phenotypes_that_cannot_be_are_refused(changes):
    with pytest.raises(errors.InputError, match="must"):
        Phenotype(changes)


def test_a_tissue_without_clones_is_refused():
    with pytest.raises(errors.InputError, match="clone"):
        Phenotypes([])


def test_every_number_of_a_phenotype_says_where_it_is_from():
    library = load_library()
    for parameter in phenotype_parameters().values():
        assert not parameter.evidence or library.resolves(parameter.evidence), parameter.name
        assert parameter.basis == "chosen" or parameter.evidence or parameter.note, parameter.name
