"""Tempering: known integrals, numerical quadrature, several modes, bounds, and what is refused."""

import math

import numpy as np
import pytest

from autocrine.calibration import Posterior, draws, given
from autocrine.calibration.draws.cloud import Cloud, free_posterior, free_prior
from autocrine.core import errors
from test_calibration_draws import conjugate, mean_of
from test_calibration_fits import linear


def two_modes():
    """Return a posterior of two parameters of which one is known but for its sign, and its log evidence by quadrature.

    The modes are of unequal weight by the prior, and there is a bent ridge between the parameters.
    """
    simulator = given.Function(
        ["a", "b"],
        lambda v: np.stack([v[:, 0] ** 2, v[:, 1] * np.exp(0.5 * v[:, 0])], axis=1),
        lambda v: np.stack(
            [
                np.stack([2 * v[:, 0], np.zeros(len(v))], axis=1),
                np.stack([0.5 * v[:, 1] * np.exp(0.5 * v[:, 0]), np.exp(0.5 * v[:, 0])], axis=1),
            ],
            axis=1,
        ),
    )
    priors = given.Priors([given.Prior("a", 0.5, 1.5), given.Prior("b", 1.0, 1.0)])
    posterior = Posterior(simulator, given.Observations([4.0, 2.0], sd=0.4), priors)
    a, b = np.linspace(-6, 6, 1201), np.linspace(-7, 9, 1601)
    grid = np.stack(np.meshgrid(a, b, indexing="ij"), axis=-1).reshape(-1, 2)
    logs = np.concatenate([posterior.log_density(part)[0] for part in np.array_split(grid, 20)])
    shares = np.exp(logs - logs.max())
    total = float(logs.max() + np.log(shares.sum() * (a[1] - a[0]) * (b[1] - b[0])))
    return posterior, total, float(shares[grid[:, 0] > 0].sum() / shares.sum())


def test_the_evidence_of_a_normal_model_is_its_integral():
    posterior = mean_of([1.0, 1.4, 0.7])
    found = draws.temper(posterior, 200, seed=3)
    centre, sd, evidence = conjugate(posterior)
    assert found.evidence.log_evidence == pytest.approx(evidence, abs=0.1)
    assert abs(found.evidence.log_evidence - evidence) < 5 * found.evidence.error + 0.02
    points = draws.points_of(posterior.priors, found.data)
    assert points.mean() == pytest.approx(centre, abs=0.05)
    assert points.std() == pytest.approx(sd, rel=0.08)


def test_draws_are_from_the_analytic_posterior():
    posterior, mean, covariance, _ = linear()
    found = draws.temper(posterior, 150, keep=3, seed=4)
    points = draws.points_of(posterior.priors, found.data)
    assert (np.abs(points.mean(axis=0) - mean) < 0.15 * np.sqrt(np.diag(covariance))).all()
    np.testing.assert_allclose(np.cov(points.T), covariance, atol=0.2 * covariance.max())
    assert found.data["log_likelihood"]["measurement"].shape == (4, 450, 12)
    bridge = draws.bridge_evidence(posterior, found.data, seed=2)
    gap = abs(found.evidence.log_evidence - bridge.log_evidence)
    assert gap < 5 * math.hypot(found.evidence.error, bridge.error) + 0.05


def test_two_modes_have_the_weights_and_the_evidence_of_a_quadrature():
    posterior, evidence, right = two_modes()
    found = draws.temper(posterior, 400, seed=1)
    # over many seeds it spreads by 0.09 around the quadrature, and the error that is told is 0.07
    assert found.evidence.log_evidence == pytest.approx(evidence, abs=0.3)
    assert 0.01 < found.evidence.error < 0.2
    share = float((draws.points_of(posterior.priors, found.data)[:, 0] > 0).mean())
    assert share == pytest.approx(right, abs=0.06)
    assert draws.diagnose(found.data).table["rhat"].max() < 1.05


def test_ranks_of_truths_are_even():
    """Simulation-based calibration: what is drawn from the prior lies anywhere among the draws."""
    posterior = mean_of(np.zeros(4))
    found = draws.simulated_ranks(
        posterior, 150, sampler=lambda one, seed: draws.points_of(one.priors, draws.temper(one, 25, seed=seed).data)
    )
    assert found.probability["mean"] > 0.01
    assert 0.82 < found.covered(0.9)["mean"] < 0.96


def test_bounds_hold_and_the_density_there_is_followed():
    priors = given.Priors([given.Prior("half", 0.0, 1.0, lower=0.0), given.Prior.uniform("even", 2.0, 4.0)])
    nothing = given.Function(["half", "even"], lambda v: np.zeros((len(v), 1)), lambda v: np.zeros((len(v), 1, 2)))
    posterior = Posterior(nothing, given.Observations([0.0], sd=1.0), priors)
    found = draws.temper(posterior, 200, seed=2)
    half, even = (found.data["posterior"][name].to_numpy().ravel() for name in ("half", "even"))
    assert half.min() > 0
    assert 2 < even.min() < even.max() < 4
    assert half.mean() == pytest.approx(math.sqrt(2 / math.pi), abs=0.08)
    assert even.std() == pytest.approx(2 / math.sqrt(12), abs=0.06)
    # the data say nothing: the evidence is their density
    assert found.evidence.log_evidence == pytest.approx(-0.5 * math.log(2 * math.pi), abs=1e-9)


def test_equal_seeds_give_equal_draws():
    posterior = mean_of([1.0])
    one, again, other = (draws.temper(posterior, 20, seed=seed).data["posterior"]["mean"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert not np.isin(one, other).any()


def test_a_cloud_that_goes_somewhere_and_back_has_the_integral_of_the_start():
    near, far = mean_of([1.0, 1.2]), mean_of([2.5, 2.0, 2.2])
    prior = free_prior(near.priors)
    rng = np.random.default_rng(1)
    cloud = Cloud.of(near.priors.to_free(near.priors.sample(800, 1)), prior, 4)
    there = cloud.advanced(prior, free_posterior(near), rng).advanced(free_posterior(near), free_posterior(far), rng)
    assert there.evidence[0] == pytest.approx(conjugate(far)[2], abs=0.15)
    back = there.advanced(free_posterior(far), prior, rng)  # to a wider density: the hard way
    assert back.evidence[0] == pytest.approx(0.0, abs=0.4)
    assert back.free.std() == pytest.approx(2.0, rel=0.1)


def test_what_cannot_be_drawn_is_refused():
    posterior = mean_of([1.0])
    with pytest.raises(errors.InputError, match="each point must be kept once"):
        draws.temper(posterior, 10, keep=0)
    with pytest.raises(errors.InputError, match="equal populations of two at least"):
        draws.temper(posterior, 1)
    impossible = Posterior(
        given.Function(["mean"], lambda v: np.full((len(v), 1), np.nan), lambda v: np.full((len(v), 1, 1), np.nan)),
        posterior.observations,
        posterior.priors,
    )
    with pytest.raises(errors.InputError, match="at least one point must have a density"):
        draws.temper(impossible, 10)
