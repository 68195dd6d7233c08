"""Priors and noise: densities add up to one, slopes are those of the densities."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from autocrine.core import errors
from autocrine.engine.petab.noise import Noise
from autocrine.engine.petab.prior import DISTRIBUTIONS, Prior
from autocrine.engine.petab.scale import SCALES, scaled, slope, unscaled

PARAMETERS = {
    "uniform": (0.5, 3.0),
    "normal": (1.0, 0.8),
    "laplace": (1.2, 0.6),
    "cauchy": (1.0, 0.5),
    "log-uniform": (0.5, 3.0),
    "log-normal": (0.2, 0.6),
    "log-laplace": (0.1, 0.4),
    "chisquare": (3.0,),
    "exponential": (1.5,),
    "gamma": (2.0, 0.7),
    "rayleigh": (1.1,),
}
NOISES = [Noise(shape, scale) for shape in ("normal", "laplace") for scale in SCALES]


def test_every_distribution_is_looked_at():
    assert set(PARAMETERS) == set(DISTRIBUTIONS)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("bounds", [(-math.inf, math.inf), (0.8, 2.0), (0.0, 1.5)])
def test_a_prior_adds_up_to_one_between_its_bounds(name, bounds):
    prior = Prior(name, PARAMETERS[name], *bounds)
    ends = np.clip([-400.0, -20.0, 0.0, 0.5, 1.0, 1.2, 3.0, 20.0, 400.0], *bounds)

    def density(x):
        return math.exp(prior.log_density(x))

    pieces = (integrate.quad(density, low, high, limit=400)[0] for low, high in itertools.pairwise(ends) if low < high)
    mass = sum(pieces)
    tail = 2 / math.pi * 0.5 / 400 if name == "cauchy" and math.isinf(bounds[0]) else 0.0
    assert mass + tail == pytest.approx(1.0, abs=2e-6)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("on_scale", [False, True])
def test_the_slope_of_a_prior_is_that_of_its_density(name, scale, on_scale):
    prior = Prior(name, PARAMETERS[name], on_scale=on_scale)
    value = float(unscaled(1.7, scale)) if on_scale else 1.7
    z, h = float(scaled(value, scale)), 1e-6
    ends = [prior.log_density(float(unscaled(z + d, scale)), scale) for d in (h, -h)]
    assert prior.slope(value, scale) == pytest.approx((ends[0] - ends[1]) / (2 * h), rel=1e-6, abs=1e-8)


def test_a_prior_far_in_its_tail_keeps_its_digits():
    prior = Prior("normal", (0.0, 1.0), 20.0, 21.0)
    mass = integrate.quad(lambda x: math.exp(prior.log_density(x)), 20.0, 21.0)[0]
    assert mass == pytest.approx(1.0, rel=1e-9)


def test_nothing_lies_outside_the_bounds():
    prior = Prior("normal", (0.0, 1.0), -1.0, 1.0)
    assert prior.log_density(1.5) == -math.inf
    assert math.isnan(prior.slope(1.5))
    drawn = prior.sample(np.random.default_rng(1), 4000)
    assert np.abs(drawn).max() <= 1.0
    # the standard deviation of a normal density cut off at one
    assert drawn.std() == pytest.approx(0.5396, abs=0.02)


def test_a_prior_on_the_scale_is_drawn_on_the_scale():
    prior = Prior("normal", (-1.0, 0.5), 1e-9, 1e9, on_scale=True)
    drawn = np.log10(prior.sample(np.random.default_rng(2), 4000, "log10"))
    assert (drawn.mean(), drawn.std()) == (pytest.approx(-1.0, abs=0.04), pytest.approx(0.5, abs=0.03))


@pytest.mark.parametrize("name", ["uniform", "normal", "laplace"])
@pytest.mark.parametrize("scale", SCALES)
def test_a_prior_on_a_scale_is_a_density_of_the_parameter_too(name, scale):
    """p(x) = p(s(x)) ds/dx."""
    prior = Prior(name, (0.2, 0.7), on_scale=True)
    plain = prior.as_it_is(scale)
    assert not plain.on_scale
    for z in (0.25, 0.4, 0.65):
        value = float(unscaled(z, scale))
        expected = prior.log_density(value, scale) + math.log(slope(value, scale))
        assert plain.log_density(value, scale) == pytest.approx(expected, rel=1e-9)
    assert plain.as_it_is(scale) == plain


@pytest.mark.parametrize(
    ("name", "given", "bounds"),
    [
        ("beta", (1.0, 1.0), ()),
        ("normal", (1.0,), ()),
        ("normal", (1.0, 0.0), ()),
        ("normal", (math.nan, 1.0), ()),
        ("uniform", (2.0, 1.0), ()),
        ("log-uniform", (0.0, 1.0), ()),
        ("gamma", (1.0, -1.0), ()),
        ("uniform", (0.0, 1.0), (2.0, 3.0)),
    ],
)
def test_what_is_no_prior_is_refused(name, given, bounds):
    with pytest.raises(errors.InputError, match=r"prior|bounds"):
        Prior(name, given, *bounds)


@pytest.mark.parametrize("noise", NOISES, ids=lambda n: f"{n.scale}-{n.shape}")
def test_noise_adds_up_to_one(noise):
    simulated, width = np.array([1.3]), np.array([0.4])

    def density(m):
        return math.exp(noise.log_density(np.array([m]), simulated, width)[0])

    ends = [-30.0 if noise.scale == "lin" else 0.0, 1.3, 10.0, 100.0, 1e4]
    mass = sum(integrate.quad(density, low, high, limit=400)[0] for low, high in itertools.pairwise(ends))
    assert mass == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("noise", NOISES, ids=lambda n: f"{n.scale}-{n.shape}")
@settings(max_examples=25)
@given(st.floats(0.3, 5.0), st.floats(0.3, 5.0), st.floats(0.1, 3.0))
def test_slopes_of_noise(noise, m, y, s):
    if abs(m - y) < 1e-3:
        return
    m, y, s = np.array([m]), np.array([y]), np.array([s])
    h = 1e-6
    by_y = (noise.log_density(m, y + h, s) - noise.log_density(m, y - h, s)) / (2 * h)
    by_s = (noise.log_density(m, y, s + h) - noise.log_density(m, y, s - h)) / (2 * h)
    np.testing.assert_allclose(noise.slopes(m, y, s), [by_y, by_s], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("noise", NOISES, ids=lambda n: f"{n.scale}-{n.shape}")
def test_measurements_are_drawn_from_the_density(noise):
    y, s = np.full(20_000, 1.5), np.full(20_000, 0.2)
    drawn = noise.sample(y, s, np.random.default_rng(3))
    r = noise.residual(drawn, y, s)
    assert np.median(r) == pytest.approx(0.0, abs=0.03)
    assert r.std() == pytest.approx(1.0 if noise.shape == "normal" else math.sqrt(2), rel=0.03)


def test_the_natural_and_the_decadic_logarithm_are_one_noise():
    m, y, s = np.array([0.8]), np.array([1.4]), np.array([0.3])
    ours = Noise("normal", "log10").log_density(m, y, s)
    np.testing.assert_allclose(ours, Noise("normal", "log").log_density(m, y, s * math.log(10)), rtol=1e-14)


def test_normal_noise_is_half_the_squares_and_a_constant():
    m, y, s = np.array([1.0, 2.0]), np.array([1.5, 1.0]), np.array([0.5, 2.0])
    noise = Noise()
    total = -0.5 * (noise.residual(m, y, s) ** 2).sum() - np.log(s * math.sqrt(2 * math.pi)).sum()
    assert noise.log_density(m, y, s).sum() == pytest.approx(total, rel=1e-14)


@pytest.mark.parametrize("width", [0.0, -1.0, math.nan])
def test_a_width_that_is_none_gives_no_density(width):
    found = Noise().log_density(np.array([1.0]), np.array([1.0]), np.array([width]))
    assert np.isnan(found).all()


@given(st.floats(1e-6, 1e6), st.sampled_from(SCALES))
def test_scales_go_back_and_forth(value, scale):
    assert unscaled(scaled(value, scale), scale) == pytest.approx(value, rel=1e-12)
    h = 1e-5 * value
    numeric = (scaled(value + h, scale) - scaled(value - h, scale)) / (2 * h)
    assert slope(value, scale) == pytest.approx(numeric, rel=1e-6)
