"""Cells in voxels and back, levels outside over time, vessels; and what fields refuse."""

import numpy as np
import pytest

from autocrine.core import errors
from autocrine.tissue.fields import Binding, Exchange, Face, Fields, Grid, Substrate, Vessels
from autocrine.tissue.fields.gradient import gradient_at
from autocrine.tissue.fields.plasma import Plasma
from autocrine.tissue.fields.steady_state import steady_state

IL6 = Substrate("il6", 1e5, 0.1)


def fields_of(*substrates, shape=(6, 5, 4), **more):
    return Fields(Grid(shape, 10.0), substrates or (IL6,), **more)


@pytest.mark.parametrize("spread", ["voxel", "trilinear"])
@pytest.mark.parametrize("shape", [(6, 5, 4), (6, 5)])
def test_the_way_to_voxels_is_the_way_back(spread, shape):
    generator = np.random.default_rng(1)
    fields = fields_of(shape=shape)
    contacts = fields.contacts(generator.random((50, 3)) * [60, 50, 10], spread)
    given, level = generator.random(50), generator.random(contacts.voxel.size)
    np.testing.assert_allclose(contacts.share.sum(axis=1), 1.0, rtol=1e-14)
    assert contacts.to_sites(given).sum() == pytest.approx(given.sum())
    assert contacts.to_sites(given) @ level == pytest.approx(given @ contacts.to_cells(level))
    assert np.all(np.diff(contacts.voxel) > 0)


def test_trilinear_reading_is_exact_for_a_slope():
    fields = fields_of(shape=(8, 7, 6))
    x, y, z = np.meshgrid(*[fields.grid.centres(i) for i in range(3)], indexing="ij")
    fields.put("il6", 1 + 2 * x + 3 * y + 0.5 * z)
    at = np.random.default_rng(2).random((30, 3)) * [60, 50, 40] + 10
    expected = 1 + at @ [2.0, 3.0, 0.5]
    np.testing.assert_allclose(fields.at("il6", fields.contacts(at, "trilinear")), expected, rtol=1e-12)


def test_cells_see_the_voxel_they_are_in_also_on_the_last_face():
    fields = fields_of()
    fields.put("il6", np.arange(120.0).reshape(6, 5, 4))
    contacts = fields.contacts([[0.0, 0.0, 0.0], [60.0, 50.0, 40.0], [15.0, 25.0, 35.0], [15.0, 25.0, 35.0]])
    assert fields.at("il6", contacts).tolist() == [0.0, 119.0, 31.0, 31.0]
    assert contacts.voxel.tolist() == [0, 31, 119]


def test_plasma_of_a_table_goes_straight_and_jumps():
    plasma = Plasma(([0.0, 1.0, 1.0, 3.0], [0.0, 2.0, 10.0, 0.0]))
    assert plasma.jumps_h == (1.0,)
    assert [plasma.at(t) for t in (-1, 0.5, 1.0, 2.0, 9.0)] == [0.0, 1.0, 10.0, 5.0, 0.0]
    assert plasma.mean(0.0, 1.0) == pytest.approx(1.0)
    assert plasma.mean(1.0, 5.0) == pytest.approx(10 / 4)


def test_plasma_of_a_function_is_averaged():
    plasma = Plasma(lambda t: np.exp(-t))
    assert plasma.mean(0.0, 0.5) == pytest.approx((1 - np.exp(-0.5)) / 0.5, rel=1e-6)


def test_vessels_everywhere_bring_tissue_to_plasma():
    # d level/dt = P S/V (plasma - level), with a dose in the middle of a tick
    everywhere = np.argwhere(np.ones((4, 4))) * 10.0 + 5
    rate, dose = 30.0 * 100.0 / 1000.0, 0.205
    errors_ = []
    for ticks in (20, 40):
        vessels = Vessels(everywhere, 100.0, {"drug": 30.0}, {"drug": Plasma(([0.0, dose, dose], [1.0, 1.0, 4.0]))})
        fields = fields_of(Substrate("drug", 1e3), shape=(4, 4), vessels=vessels)
        for _ in range(ticks):
            fields.step(1.0 / ticks)
        before = 1 - np.exp(-rate * dose)
        exact = 4 + (before - 4) * np.exp(-rate * (1 - dose))
        errors_.append(np.abs(fields["drug"] - exact).max())
    assert errors_[1] < 1e-3
    assert errors_[0] / errors_[1] == pytest.approx(4, rel=0.3)
    assert steady_state(fields, "drug") == pytest.approx(4.0)


def test_amounts_taken_are_those_of_the_mean_level():
    fields = fields_of(Substrate("il6", 0.0, 0.0, 2.0))
    contacts = fields.contacts([[5.0, 5.0, 5.0], [7.0, 5.0, 5.0]])
    balance = fields.step(0.1, contacts, {"il6": Exchange(clearance_um3_h=[100.0, 300.0])})["il6"]
    after = fields["il6"][0, 0, 0]
    np.testing.assert_allclose(balance.taken_by_cell, np.array([100.0, 300.0]) * 0.1 * (2.0 + after) / 2, rtol=1e-3)
    assert balance.taken_by_cell.sum() == pytest.approx((2.0 - after) * 1000)


def test_the_gradient_of_a_slope_is_its_slope():
    fields = fields_of(shape=(8, 7, 6))
    x, y, z = np.meshgrid(*[fields.grid.centres(i) for i in range(3)], indexing="ij")
    fields.put("il6", 1 + 2 * x + 3 * y + 0.5 * z)
    for spread in ("voxel", "trilinear"):
        contacts = fields.contacts(np.random.default_rng(2).random((30, 3)) * [80, 70, 60], spread)
        np.testing.assert_allclose(gradient_at(fields, "il6", contacts), np.tile([2.0, 3.0, 0.5], (30, 1)), rtol=1e-12)


def test_a_state_goes_on_with_equal_bits():
    def made():
        return fields_of(Substrate("il6", 1e4, 0.3, 1.0), Substrate("oxygen", 6e6, 6.0, 38.0, Face.held(38.0)))

    exchange = {"il6": Exchange(secretion=1e4), "oxygen": Exchange(clearance_um3_h=1e4)}
    through, first, second = made(), made(), made()
    contacts = through.contacts([[5.0, 15.0, 25.0]])
    for _ in range(4):
        through.step(0.002, contacts, exchange)
    for _ in range(2):
        first.step(0.002, contacts, exchange)
    second.restore(first.state())
    last = {}
    for _ in range(2):
        last = second.step(0.002, contacts, exchange)
    assert second.time_h == through.time_h
    assert all(np.array_equal(through[name], second[name]) for name in through)
    assert last["il6"].after == through.amount("il6")
    with pytest.raises(errors.InputError, match="a state must hold"):
        fields_of().restore(first.state())


WRONG = {
    "shape": lambda: Grid((128, 2), 10.0),
    "spacing": lambda: Grid((8, 8), 0.0),
    "origin": lambda: Grid((8, 8), 1.0, (np.nan, 0.0)),
    "diffusion_um2_h": lambda: Substrate("x", -1.0),
    "decay_1_h": lambda: Substrate("x", 1.0, np.inf),
    "initial": lambda: Substrate("x", 1.0, initial=-1.0),
    "faces": lambda: fields_of(Substrate("x", 1.0, faces={"z0": Face()}), shape=(5, 5)),
    "permeability": lambda: Face(-1.0),
    "name": lambda: fields_of(IL6, IL6),
    "on_rate": lambda: Binding("a", "b", "c", 0.0, 1.0),
    "join": lambda: Binding("a", "a", "c", 1.0, 1.0),
    "one of the fields": lambda: fields_of(bindings=[Binding("il6", "antibody", "bound", 1.0, 1.0)]),
    "plasma": lambda: Vessels([[5.0, 5, 5]], 1.0, {"drug": 1.0}, {}),
    "area": lambda: Vessels([[5.0, 5, 5]], -1.0, {"drug": 1.0}, {"drug": 1.0}),
    "outside the tissue": lambda: Plasma(-1.0),
    "rising": lambda: Plasma(([1.0, 0.0], [1.0, 1.0])),
    "as many": lambda: Plasma(([1.0, 2.0], [1.0])),
    "threads": lambda: fields_of(threads=0),
    "levels must": lambda: fields_of().put("il6", np.ones((3, 3))),
    "spread": lambda: fields_of().contacts([[5.0, 5, 5]], "cloud"),
    "positions": lambda: fields_of().contacts([5.0, 5.0, 5.0]),
    "inside the grid": lambda: fields_of().contacts([[5.0, 5, 5], [5.0, 60.1, 5.0]]),
    "finite and lie": lambda: fields_of().contacts([[np.nan, 5.0, 5.0]]),
    "tick must be a positive": lambda: fields_of().step(-0.1),
    "way out": lambda: steady_state(fields_of(Substrate("x", 1.0)), "x"),
}


@pytest.mark.parametrize("says", WRONG, ids=str)
def test_what_cannot_be_used_is_refused(says):
    with pytest.raises(errors.InputError, match=says):
        WRONG[says]()


@pytest.mark.parametrize(
    ("exchange", "says"),
    [
        (Exchange(secretion=-1.0), "secretion must be finite and not negative but was -1"),
        (Exchange(clearance_um3_h=[1.0, np.nan]), "clearance_um3_h must be finite"),
        (Exchange(most=[1.0] * 3), "one for each of 2 cells"),
        (Exchange(half=0.0), "half must be a positive level"),
        (Exchange(clearance_um3_h=1e9), "at most .* h for the decay, uptake and vessels of il6"),
    ],
)
def test_what_cells_cannot_do_is_refused(exchange, says):
    fields = fields_of()
    contacts = fields.contacts([[5.0, 5.0, 5.0]] * 2)
    with pytest.raises(errors.InputError, match=says):
        fields.step(0.01, contacts, {"il6": exchange})
    assert fields.time_h == 0


def test_an_unknown_substrate_is_refused_with_the_nearest_name():
    fields = fields_of(IL6, Substrate("oxygen", 6e6))
    with pytest.raises(errors.InputError, match="try oxygen"):
        fields.step(0.001, fields.contacts([[5.0, 5.0, 5.0]]), {"oxigen": Exchange(1.0)})
    with pytest.raises(errors.InputError, match="one of the fields"):
        fields["drug"]


def test_a_tick_that_is_too_long_is_refused_with_the_substrate():
    with pytest.raises(errors.InputError, match=r"at most 0.0167 h for the diffusion D/dx² of oxygen"):
        fields_of(Substrate("oxygen", 6e6)).step(0.1)


def test_a_grid_larger_than_memory_is_refused_before_it_is_made():
    with pytest.raises(errors.InputError, match=r"8,000,000,000,000 voxels with 2 fields need 256,000\.0 GB"):
        fields_of(IL6, Substrate("oxygen", 6e6), shape=(20000, 20000, 20000))
    with pytest.raises(errors.InputError, match="must fit into memory"):
        Grid((100, 100, 100), 1.0).check_memory(1, available_bytes=1e6)


def test_levels_that_overflow_are_reported():
    fields = fields_of(Substrate("x", 1e3, initial=1e306))
    contacts = fields.contacts([[5.0, 5.0, 5.0]] * 9)
    with pytest.raises(errors.SolverError, match="species x"):
        fields.step(0.1, contacts, {"x": Exchange(secretion=1e308)})
    fields.put("x", 1.0)
    fields.step(0.1)
    np.testing.assert_allclose(fields["x"], 1.0, rtol=1e-12)
