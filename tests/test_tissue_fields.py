"""Laws of fields: analytic profiles, order, balance to round-off, positivity, symmetry, threads."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm
from scipy.special import lambertw

from autocrine.tissue.fields import Binding, Exchange, Face, Fields, Grid, Substrate, Vessels
from autocrine.tissue.fields.plasma import Plasma
from autocrine.tissue.fields.steady_state import steady_state

IL6_UM2_H, DX = 1.44e5, 20.0


def run(fields, hours, ticks, contacts=None, exchange=None):
    balances = {}
    for _ in range(ticks):
        balances = fields.step(hours / ticks, contacts, exchange)
    return balances


def axis_matrix(n, dx, diffusion, low=None, high=None):
    """Return D d²/dx² by finite volumes; ``low`` and ``high`` say that a face is held."""
    found = np.diag(np.full(n, -2.0)) + np.eye(n, k=1) + np.eye(n, k=-1)
    found[0, 0] = -1 if low is None else -3
    found[-1, -1] = -1 if high is None else -3
    return found * diffusion / dx**2


@pytest.mark.parametrize("shape", [(9, 6, 11), (12, 9)])
def test_steps_are_of_second_order_in_time_with_cells_inside(shape):
    grid, diffusion, decay = Grid(shape, DX), 1e4, 0.4
    generator = np.random.default_rng(1)
    positions = generator.random((40, 3)) * [n * DX for n in (*shape, 1)[:3]]
    given, cleared = generator.random(40) * 1e5, generator.random(40) * 2e4
    exchange = Exchange(secretion=given, clearance_um3_h=cleared)
    faces = {"x0": Face.held(2.0)}
    start = 1 + np.prod(np.meshgrid(*[np.cos(np.pi * (np.arange(n) + 0.5) / n) for n in shape], indexing="ij"), axis=0)
    total = np.zeros((grid.voxels, grid.voxels))
    for axis, n in enumerate(shape):
        parts = [np.eye(m) for m in shape]
        parts[axis] = axis_matrix(n, DX, diffusion, low=2.0 if axis == 0 else None)
        product = parts[0]
        for part in parts[1:]:
            product = np.kron(product, part)
        total += product
    source = np.zeros(shape)
    source[0] += 2 * diffusion / DX**2 * 2.0
    voxel = np.ravel_multi_index(tuple((positions[:, : len(shape)] // DX).astype(int).T), shape)
    np.add.at(source.ravel(), voxel, given / grid.voxel_um3)
    sink = np.full(grid.voxels, decay)
    np.add.at(sink, voxel, cleared / grid.voxel_um3)
    operator = total - np.diag(sink)
    rest = np.linalg.solve(-operator, source.ravel())
    exact = rest + expm(operator * 0.2) @ (start.ravel() - rest)
    errors = []
    for ticks in (8, 16, 32):
        fields = Fields(grid, [Substrate("il6", diffusion, decay, start, faces)])
        run(fields, 0.2, ticks, fields.contacts(positions), {"il6": exchange})
        errors.append(np.abs(fields["il6"].ravel() - exact).max())
    assert errors[2] < 2e-4
    assert errors[0] / errors[1] == pytest.approx(4, abs=1.0)
    assert errors[1] / errors[2] == pytest.approx(4, abs=0.7)


def test_a_wave_decays_as_it_must():
    # a cosine between closed faces keeps its shape: exp(-(D q² + k) t); the diffusion test of the field's benchmarks
    errors = []
    for n in (16, 32):
        grid = Grid((n, n, n), 320.0 / n)
        wave = np.cos(np.pi * grid.centres(0) / 320)[:, None, None] * np.cos(2 * np.pi * grid.centres(1) / 320)[:, None]
        fields = Fields(grid, [Substrate("x", 2e4, 0.1, 1 + np.broadcast_to(wave, grid.shape))])
        run(fields, 0.1, 2 * n)
        q2 = (np.pi / 320) ** 2 * (1 + 4)
        exact = np.exp(-0.01) * (1 + np.exp(-2e4 * q2 * 0.1) * wave)
        errors.append(np.abs(fields["x"] - exact).max())
    assert errors[1] < 3e-3
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.15)


def test_a_sheet_decays_over_its_penetration_length():
    length, reach = 400.0, np.sqrt(1e4 / 1.0)
    errors = []
    for n in (20, 40):
        grid = Grid((n, 4), length / n)
        faces = {"x0": Face.held(1.0)}
        fields = Fields(grid, [Substrate("drug", 1e4, 1.0, 0.0, faces)])
        found = steady_state(fields, "drug")[:, 2]
        exact = np.cosh((length - grid.centres(0)) / reach) / np.cosh(length / reach)
        errors.append(np.abs(found - exact).max())
    assert errors[1] < 2e-3
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.1)


def test_a_permeable_wall_takes_its_share_of_the_way():
    # from 1 outside through a wall P and a layer L to 0: flux 1 / (1/P + L/D)
    grid = Grid((10, 3), 10.0)
    faces = {"x0": Face(50.0, 1.0), "x1": Face.held(0.0)}
    fields = Fields(grid, [Substrate("drug", 1e4, 0.0, 0.0, faces)])
    flux = 1 / (1 / 50 + 100 / 1e4)
    found = steady_state(fields, "drug")[:, 1]
    np.testing.assert_allclose(found, flux * (100 - grid.centres(0)) / 1e4, rtol=1e-9)


def test_one_secretor_makes_the_level_of_greens_function():
    secretion, decay, errors = 1e4, 90.0, []
    reach = np.sqrt(IL6_UM2_H / decay)
    for n, spacing in ((33, 12.0), (65, 6.1)):
        grid = Grid((n, n, n), spacing)
        fields = Fields(grid, [Substrate("il6", IL6_UM2_H, decay)])
        contacts = fields.contacts(np.full((1, 3), n * spacing / 2))
        level = steady_state(fields, "il6", contacts, Exchange(secretion=secretion), tolerance=1e-9)
        radius = np.abs(grid.centres(0) - n * spacing / 2)
        near = (radius > 35) & (radius < 110)
        exact = secretion / (4 * np.pi * IL6_UM2_H * radius[near]) * np.exp(-radius[near] / reach)
        errors.append(np.abs(level[near, n // 2, n // 2] / exact - 1).max())
    assert errors[1] < 0.02
    assert errors[0] / errors[1] > 3


def test_a_ball_of_cells_has_the_profile_of_a_ball():
    # secretion s inside a radius R, decay k everywhere: inside s/k (1 - (1 + R/l) exp(-R/l) sinh(r/l) / (r/l))
    n, reach = 40, 50.0
    grid = Grid((n, n, n), 10.0)
    decay, ball = IL6_UM2_H / reach**2, 80.0
    axes = np.meshgrid(*[grid.centres(i) - 200.0 for i in range(3)], indexing="ij")
    radius = np.sqrt(sum(a**2 for a in axes))
    inside = np.argwhere(radius < ball)
    fields = Fields(grid, [Substrate("il6", IL6_UM2_H, decay)])
    contacts = fields.contacts((inside + 0.5) * 10.0)
    level = steady_state(fields, "il6", contacts, Exchange(secretion=1000.0))
    x = radius[inside[:, 0], inside[:, 1], inside[:, 2]] / reach
    exact = 1 / decay * (1 - (1 + ball / reach) * np.exp(-ball / reach) * np.sinh(x) / x)
    deep = x < 1.2
    np.testing.assert_allclose(level[tuple(inside.T)][deep], exact[deep], rtol=0.02)


@pytest.mark.parametrize("diffusion", [1e4, 6e6])
def test_a_long_run_ends_in_the_steady_state(diffusion):
    grid = Grid((12, 10, 9), DX)
    generator = np.random.default_rng(2)
    positions = generator.random((200, 3)) * [240, 200, 180]
    substrate = Substrate("x", diffusion, 6.0, 1.0, {"y1": Face.held(3.0), "z0": Face(2000.0, 1.0)})
    fields = Fields(grid, [substrate])
    contacts, exchange = fields.contacts(positions), Exchange(secretion=1e4, clearance_um3_h=5e4, most=1e5, half=0.7)
    expected = steady_state(fields, "x", contacts, exchange)
    run(fields, 3.0, 900, contacts, {"x": exchange})
    np.testing.assert_allclose(fields["x"], expected, rtol=1e-7)


def test_saturable_uptake_follows_michaelis_and_menten():
    grid, most, half = Grid((4, 4), 10.0), 3.0, 0.5
    exact = half * lambertw(2.0 / half * np.exp((2.0 - most * 1.0) / half)).real
    everywhere = np.argwhere(np.ones((4, 4))) * 10.0 + 5.0
    errors = []
    for ticks in (10, 20, 40):
        fields = Fields(grid, [Substrate("x", 1e3, 0.0, 2.0)])
        run(fields, 1.0, ticks, fields.contacts(everywhere), {"x": Exchange(most=most * 1000, half=half)})
        errors.append(np.abs(fields["x"] - exact).max())
    assert errors[2] < 1e-3
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.2)


def test_binding_comes_to_its_equilibrium_and_loses_nothing():
    substrates = [Substrate("il6", 1e4, 0.0, 2.0), Substrate("antibody", 1e3, 0.0, 3.0), Substrate("bound", 1e3)]
    fields = Fields(Grid((4, 5, 3), 10.0), substrates, bindings=[Binding("il6", "antibody", "bound", 5.0, 2.0)])
    run(fields, 20.0, 20)
    free, antibody, bound = fields["il6"], fields["antibody"], fields["bound"]
    np.testing.assert_allclose(5.0 * free * antibody, 2.0 * bound, rtol=1e-10)
    np.testing.assert_allclose(free + bound, 2.0, rtol=1e-13)
    np.testing.assert_allclose(antibody + bound, 3.0, rtol=1e-13)


@pytest.mark.parametrize(("second", "off"), [(1.0, 0.0), (1.0, 0.3), (4.0, 0.0), (0.0, 0.5)])
def test_binding_alone_is_exact_for_any_tick(second, off):
    substrates = [Substrate("a", 0.0, 0.0, 1.0), Substrate("b", 0.0, 0.0, second), Substrate("c", 0.0, 0.0, 0.2)]
    found = []
    for ticks in (1, 64):
        fields = Fields(Grid((3, 3), 10.0), substrates, bindings=[Binding("a", "b", "c", 2.0, off)])
        run(fields, 1.5, ticks)
        found.append([fields[name][0, 0] for name in "abc"])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12, atol=1e-15)
    if off == 0 and second == 1.0:
        assert found[0][0] == pytest.approx(1 / (1 + 2.0 * 1.5))


def test_binding_split_from_diffusion_is_of_second_order():
    grid = Grid((10, 3), 10.0)
    start = np.exp(-(((grid.centres(0) - 30) / 20) ** 2))[:, None] * np.ones((1, 3))
    found = []
    for ticks in (64, 128, 256, 512):
        given = [
            Substrate("a", 1e4, 0.0, 2 * start),
            Substrate("b", 1e3, 0.0, start[::-1].copy()),
            Substrate("c", 1e3, 1.0),
        ]
        fields = Fields(grid, given, bindings=[Binding("a", "b", "c", 5.0, 1.0)])
        run(fields, 0.1, ticks)
        found.append(fields["c"].copy())
    steps = [np.abs(a - b).max() for a, b in pairwise(found)]
    assert steps[1] / steps[2] == pytest.approx(4, rel=0.01)


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), flat=st.booleans(), spread=st.sampled_from(["voxel", "trilinear"]))
def test_nothing_is_lost(seed, flat, spread):
    generator = np.random.default_rng(seed)
    shape = tuple(int(n) for n in generator.integers(3, 20, 2 if flat else 3))
    size = np.array([*shape, 1][:3]) * 10.0
    sides = ("x0", "x1", "y0", "y1", "z0", "z1")[: 2 * len(shape)]
    walls = [0.0, 300.0, np.inf]
    faces = {side: Face(float(generator.choice(walls)), float(generator.random())) for side in sides}
    names = ("il6", "antibody", "bound")
    speed = [float(10 ** generator.uniform(2, 5.5)) for _ in names]
    substrates = [
        Substrate(n, d, float(generator.random()), generator.random(shape), faces)
        for n, d in zip(names, speed, strict=True)
    ]
    vessels = Vessels(
        generator.random((4, 3)) * size, 30.0, {"antibody": 40.0}, {"antibody": Plasma(([0, 0.013, 0.013], [1, 1, 5]))}
    )
    fields = Fields(grid := Grid(shape, 10.0), substrates, bindings=[Binding(*names, 3.0, 1.0)], vessels=vessels)
    contacts = fields.contacts(generator.random((60, 3)) * size, spread)
    exchange = {"il6": Exchange(generator.random(60) * 1e4, 500.0), "bound": Exchange(most=generator.random(60) * 500)}
    for _ in range(3):
        balances = fields.step(0.01, contacts, exchange)
        for name, balance in balances.items():
            assert abs(balance.residual) < 2e-13
            assert balance.after == pytest.approx(fields[name].sum() * grid.voxel_um3, rel=1e-12)
            assert balance.taken_by_cell.sum() == pytest.approx(balance.taken_up, rel=1e-12)
            assert fields[name].min() >= 0


@pytest.mark.parametrize("number", [0.5, 20.0, 300.0])
def test_levels_stay_positive_after_jumps(number):
    grid = Grid((15, 14, 13), DX)
    diffusion = 1e5
    tick = number * DX**2 / diffusion
    spot = np.zeros(grid.shape)
    spot[7, 7, 7] = 1e6
    fields = Fields(
        grid, [Substrate("x", diffusion, 0.0, spot, {"x0": Face.held(Plasma(([0, 2 * tick, 2 * tick], [0, 0, 50])))})]
    )
    contacts = fields.contacts([[150.0, 150.0, 100.0]])
    for _ in range(5):
        fields.step(tick, contacts, {"x": Exchange(clearance_um3_h=2.0 / tick * grid.voxel_um3)})
        assert fields["x"].min() >= 0


def test_space_has_no_preferred_axis():
    generator = np.random.default_rng(3)
    start, positions = generator.random((7, 9, 11)), generator.random((30, 3)) * [70, 90, 110]

    def after(order):
        shape = tuple(np.array(start.shape)[list(order)])
        fields = Fields(Grid(shape, 10.0), [Substrate("x", 1e3, 0.2, start.transpose(order).copy())])
        contacts = fields.contacts(positions[:, order])
        run(fields, 0.2, 200, contacts, {"x": Exchange(secretion=1e3, clearance_um3_h=2e3)})
        return fields["x"].transpose(np.argsort(order))

    expected = after((0, 1, 2))
    for order in ((1, 0, 2), (2, 1, 0), (1, 2, 0)):
        # the factors of the axes do not commute with cells: equal within the error of a step, not to round-off
        np.testing.assert_allclose(after(order), expected, rtol=1e-6)


def test_a_mirror_changes_nothing():
    generator = np.random.default_rng(4)
    start, positions = generator.random((8, 9, 10)), generator.random((30, 3)) * [80, 90, 100]
    found = []
    for mirrored in (False, True):
        given = start[::-1, :, ::-1].copy() if mirrored else start
        at = np.array([80.0, 0, 100]) * mirrored + positions * ([-1, 1, -1] if mirrored else [1, 1, 1])
        fields = Fields(Grid(start.shape, 10.0), [Substrate("x", 5e3, 0.2, given)])
        run(fields, 0.05, 5, fields.contacts(at), {"x": Exchange(secretion=1e3, clearance_um3_h=2e3)})
        found.append(fields["x"][::-1, :, ::-1] if mirrored else fields["x"].copy())
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12)


def test_a_plane_is_a_box_without_a_gradient():
    generator = np.random.default_rng(5)
    start, positions = generator.random((8, 11)), generator.random((20, 3)) * [80, 110, 10]
    flat = Fields(Grid((8, 11), 10.0), [Substrate("x", 5e3, 0.2, start)])
    run(flat, 0.01, 4, flat.contacts(positions), {"x": Exchange(clearance_um3_h=2e3)})
    deep = Fields(Grid((8, 11, 3), 10.0), [Substrate("x", 5e3, 0.2, np.repeat(start[:, :, None], 3, axis=2))])
    layers = np.concatenate([positions + np.array([0, 0, 10.0 * i]) for i in range(3)])
    run(deep, 0.01, 4, deep.contacts(layers), {"x": Exchange(clearance_um3_h=2e3)})
    np.testing.assert_allclose(deep["x"][:, :, 1], flat["x"], rtol=1e-5)


def test_threads_change_no_bit():
    generator = np.random.default_rng(6)
    start, positions = [generator.random((17, 13, 19)) for _ in range(3)], generator.random((300, 3)) * [170, 130, 190]
    found = []
    for threads in (1, 2, 3, 2, 3):
        given = [Substrate(n, 10**p, 0.1, s, Face(200.0, 0.5)) for n, p, s in zip("abc", (4, 5, 3), start, strict=True)]
        fields = Fields(Grid((17, 13, 19), 10.0), given, bindings=[Binding("a", "b", "c", 1.0, 0.1)], threads=threads)
        contacts = fields.contacts(positions)
        balances = run(fields, 0.1, 10, contacts, {"a": Exchange(1e3, 100.0), "b": Exchange(most=50.0)})
        found.append(
            ([fields[name].copy() for name in fields], [balances[n].after for n in "abc"], balances["b"].from_faces)
        )
    for other in found[1:]:
        assert all(np.array_equal(x, y) for x, y in zip(found[0][0], other[0], strict=True))
        assert other[1:] == found[0][1:]
