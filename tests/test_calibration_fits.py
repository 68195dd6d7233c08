"""Fits from many starts and profiles: analytic optima and intervals, resumption, verdicts."""

import json
import math

import numpy as np
import pytest

from autocrine.calibration import Posterior, fits, given
from autocrine.calibration.fits.scoring import _as_squares, score
from autocrine.calibration.fits.together import Together
from autocrine.core import errors

TIMES = np.array([0.0, 0.5, 1.0, 2.0, 4.0, 8.0])
SD = 0.05


def linear(count=12, seed=1):
    """Return a linear normal posterior, its mean, and its covariance."""
    rng = np.random.default_rng(seed)
    design = rng.normal(size=(count, 3))
    simulator = given.Function(
        ["a", "b", "c"], lambda v: v @ design.T, lambda v: np.broadcast_to(design, (len(v), *design.shape))
    )
    measured = design @ np.array([1.0, -2.0, 0.5]) + 0.3 * rng.normal(size=count)
    priors = given.Priors([given.Prior(name, 0.0, 3.0) for name in "abc"])
    posterior = Posterior(simulator, given.Observations(measured, sd=0.3), priors)
    precision = design.T @ design / 0.3**2
    covariance = np.linalg.inv(precision + np.eye(3) / 9)
    return posterior, covariance @ design.T @ measured / 0.3**2, covariance, precision


def decay(values, times=TIMES):
    return values[:, [0]] * np.exp(-values[:, [1]] * times)


def two_decays(noise="sd"):
    """Return a posterior with two optima by symmetry: the parts can be exchanged."""
    simulator = given.Function(
        ["height_1", "rate_1", "height_2", "rate_2"], lambda v: decay(v[:, :2]) + decay(v[:, 2:])
    )
    truth = np.array([[2.0, 0.2, 1.0, 2.0]])
    measured = simulator.predict(truth)[0] * np.exp(np.random.default_rng(3).normal(0, SD, 6))
    log = [given.Prior.uniform(name, 1e-2, 1e2, "log") for name in simulator.names]
    estimated = [given.Prior.uniform("sd", 1e-3, 1.0, "log")] if noise == "sd" else []
    return Posterior(
        simulator, given.Observations(measured, given.Noise("log-normal", noise)), given.Priors([*log, *estimated])
    )


@pytest.mark.parametrize("method", ["squares", "scoring", "gradient"])
def test_a_linear_fit_is_the_analytic_one(method):
    posterior, mean, _, _ = linear()
    fit = fits.multi_start(posterior, 8, method=method)
    np.testing.assert_allclose(fit.point, mean, atol=1e-5)
    assert fit.found_again == 8
    assert "8 of 8 searches reached the best log density" in fit.verdict
    assert fit.values == pytest.approx(dict(zip("abc", mean, strict=True)), abs=1e-5)
    assert fit.best.log_density == pytest.approx(posterior.log_density(mean)[0][0], abs=1e-8)


def test_squares_and_densities_agree():
    for posterior, point in ((linear()[0], np.array([0.3, 1.0, -1.0])), (scaled(), np.array([-0.7]))):
        found, slopes = posterior.residuals(np.array([point, point + 0.1]))
        value, gradient = posterior.log_density(np.array([point, point + 0.1]))
        half = -0.5 * (found**2).sum(axis=1)
        assert half[0] - half[1] == pytest.approx(value[0] - value[1])
        np.testing.assert_allclose(-np.einsum("nq,nqp->np", found, slopes), gradient, rtol=1e-6)


def scaled():
    data = given.Observations(
        [5.0, 4.1, 3.4, 2.4, 1.2, 0.5],
        sd=0.1,
        experiments=["e"] * 6,
        scalings={"e": given.Scaling("profiled", "profiled")},
    )
    simulator = given.Function(["rate"], lambda v: np.exp(-v * TIMES))
    return Posterior(simulator, data, given.Priors([given.Prior("rate", -1.0, 1.0, "log")]))


def test_a_profiled_factor_is_fitted_by_squares_and_by_gradients_alike():
    posterior = scaled()
    by_squares, by_gradient = (fits.multi_start(posterior, 6, method=m) for m in ("squares", "gradient"))
    np.testing.assert_allclose(by_squares.point, by_gradient.point, atol=1e-5)


BOWL = np.array([[4.0, 1.0, 0.0], [1.0, 3.0, 0.5], [0.0, 0.5, 0.1]])
TOP = np.array([0.5, -0.25, 2.0])


def bowl(height):
    """Return a normal density of three parameters, one combination of which it hardly knows, with its information."""

    def evaluate(point):
        away = point - TOP
        return np.array(height - 0.5 * away @ BOWL @ away), np.vstack([-BOWL @ away, BOWL])

    return evaluate


def test_residuals_of_scoring_have_the_density_its_gradient_and_the_information():
    point = np.array([1.0, 1.0, -1.0])
    value, slopes = bowl(-7.0)(point)
    found, along = _as_squares(float(value), slopes[0], slopes[1:], 1e4)
    assert 0.5 * found @ found == pytest.approx(1e4 - value)
    np.testing.assert_allclose(along.T @ found, -slopes[0], atol=1e-9)
    np.testing.assert_allclose(along.T @ along, BOWL, atol=1e-12)
    # where the gradient promises more than the whole density, only its direction is kept
    found, along = _as_squares(0.0, 1e6 * slopes[0], slopes[1:], 1e4)
    assert 0.5 * found @ found == pytest.approx(1e4)
    pull = along.T @ found
    np.testing.assert_allclose(pull / np.linalg.norm(pull), -slopes[0] / np.linalg.norm(slopes[0]), atol=1e-6)


@pytest.mark.parametrize("height", [-1e6, 0.0, 9.9e3, 1e5])
def test_scoring_finds_the_top_however_high_it_is(height):
    lower, upper = np.full(3, -5.0), np.full(3, 5.0)
    found = score(bowl(height), lower, lower, upper, iterations=1000, tolerance=1e-10)
    assert found.converged
    assert height - 1e-4 < found.log_density <= height
    # the top lies beyond a bound: the others follow it there, as for the density along the bound
    upper[2] = 1.0
    found = score(bowl(height), np.zeros(3), lower, upper, iterations=1000, tolerance=1e-10)
    along = TOP[:2] - np.linalg.solve(BOWL[:2, :2], BOWL[:2, 2] * (1.0 - TOP[2]))
    np.testing.assert_allclose(found.point, [*along, 1.0], atol=5e-3)


def test_many_starts_find_what_one_may_miss():
    fit = fits.multi_start(two_decays(), 24, seed=2)
    assert fit.found_again >= 2
    assert (np.diff(fit.waterfall) <= 0).all()
    assert fit.values["sd"] < 0.2


def test_searches_in_step_are_searches_alone():
    posterior = two_decays(0.05)  # type: ignore[arg-type]
    together, alone = (fits.multi_start(posterior, 6, method="gradient", together=width) for width in (6, 1))
    np.testing.assert_allclose(together.waterfall, alone.waterfall, rtol=1e-9)


def test_points_of_searches_are_one_ensemble():
    sizes = []

    def function(points):
        sizes.append(len(points))
        return -(points**2).sum(axis=1), -2 * points

    def task(evaluate):
        return [float(evaluate(np.array([float(k)]))[0]) for k in range(5)]

    assert Together(function, 4).run([task] * 4) == [[-0.0, -1.0, -4.0, -9.0, -16.0]] * 4
    assert sizes == [4] * 5


def test_an_error_in_the_middle_reaches_the_caller():
    def function(points):
        raise errors.SolverError("no way")

    with pytest.raises(errors.SolverError, match="no way"):
        Together(function, 3).run([lambda evaluate: evaluate(np.zeros(1))] * 5)

    def broken(evaluate):
        raise ValueError("in a task")

    with pytest.raises(ValueError, match="in a task"):
        Together(lambda p: (p, p), 2).run([broken, lambda evaluate: evaluate(np.zeros(1))])


def test_an_interrupted_fit_goes_on_and_ends_equal(tmp_path):
    posterior, state = two_decays(), tmp_path / "deep" / "fit.jsonl"
    whole = fits.multi_start(posterior, 10, seed=5, together=3)

    def interrupt(count):
        if count == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fits.multi_start(posterior, 10, seed=5, together=3, state=state, progress=interrupt)
    assert len(state.read_text().splitlines()) == 1 + 4
    state.write_text(state.read_text() + '{"number": 9, "ma')  # an interruption in the middle of a line
    told = []
    rest = fits.multi_start(posterior, 10, seed=5, together=3, state=state, progress=told.append)
    assert told == list(range(1, 11))
    np.testing.assert_allclose(rest.waterfall, whole.waterfall, rtol=1e-8)
    np.testing.assert_allclose(rest.point, whole.point, rtol=1e-4)
    again = fits.multi_start(posterior, 10, seed=5, state=state)
    np.testing.assert_array_equal(again.waterfall, rest.waterfall)
    more = fits.multi_start(posterior, 12, seed=5, state=state)
    assert set(rest.waterfall) <= set(more.waterfall)
    with pytest.raises(errors.InputError, match="a search must begin at its start"):
        fits.multi_start(posterior, 10, seed=6, state=state)
    with pytest.raises(errors.InputError, match="the state must be of this fit"):
        fits.multi_start(linear()[0], 10, seed=5, state=state)
    lines = state.read_text().splitlines()
    state.write_text("\n".join([lines[0], "nonsense", *lines[1:]]) + "\n")
    with pytest.raises(errors.InputError, match=r"line 2: a line must be a search"):
        fits.multi_start(posterior, 10, seed=5, state=state)
    assert json.loads(lines[0])["names"][-1] == "sd"


def test_a_profile_of_a_linear_fit_is_a_parabola():
    posterior, mean, covariance, precision = linear()
    told = []
    found = fits.profiles(posterior, mean, of="posterior", progress=told.append)
    assert told == list(range(1, 7))
    for place, (name, profile) in enumerate(found.items()):
        sd = math.sqrt(covariance[place, place])
        np.testing.assert_allclose(profile.interval, mean[place] + 1.959964 * sd * np.array([-1, 1]), atol=1e-3 * sd)
        np.testing.assert_allclose(profile.drops, 0.5 * ((profile.places - mean[place]) / sd) ** 2, atol=1e-5)
        assert profile.verdict == "identifiable"
        assert profile.sentence.startswith(f"{name} is identifiable: ")
    # without the prior it is that of the likelihood alone
    alone = fits.profiles(posterior, mean, ["b"])["b"]
    assert np.ptp(alone.interval) == pytest.approx(2 * 1.959964 * math.sqrt(np.linalg.inv(precision)[1, 1]), rel=1e-3)


def test_a_product_is_structurally_not_identifiable_and_a_late_rate_is_so_practically():
    simulator = given.Function(["a", "b", "rate"], lambda v: (v[:, [0]] * v[:, [1]]) * np.exp(-v[:, [2]] * TIMES))
    measured = simulator.predict(np.array([[2.0, 3.0, 1e-4]]))[0] + 0.01
    log = [given.Prior.uniform(name, 1e-1, 1e2, "log") for name in ("a", "b")]
    posterior = Posterior(
        simulator,
        given.Observations(measured, sd=0.1),
        given.Priors([*log, given.Prior.uniform("rate", 1e-7, 10.0, "log")]),
    )
    fit = fits.multi_start(posterior, 10)
    found = fits.profiles(posterior, fit.point)
    assert found["a"].verdict == "structurally not identifiable"
    assert "the others make up for any value of it" in found["a"].sentence
    assert found["rate"].verdict == "practically not identifiable"
    assert found["rate"].sentence.startswith("rate is practically not identifiable: at most")
    assert math.isinf(found["rate"].interval[0])
    assert found["rate"].interval_as_is[0] == 0.0
    assert found["rate"].improved < 1e-3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: fits.multi_start(t, 0), "at least one start but was 0"),
        (lambda t: fits.multi_start(t, np.ones((2, 2))), "starts must have 3 columns but was"),
        (
            lambda t: fits.multi_start(t, 2, method="newton"),  # type: ignore[arg-type]
            "method must be 'auto', 'squares', 'scoring' or 'gradient'",
        ),
        (lambda t: fits.multi_start(t, 2, together=0), "together must be at least 1"),
        (lambda t: fits.profiles(t, np.zeros(3), ["z"]), "must be of an estimated parameter but was 'z'"),
        (lambda t: fits.profiles(t, np.zeros(3), level=2.0), "a level must lie between 0 and 1"),
    ],
)
def test_what_cannot_be_fitted_is_refused(call, message):
    with pytest.raises(errors.InputError, match=message):
        call(linear()[0])


def test_a_simulator_that_always_fails_says_so():
    nothing = given.Function(["x"], lambda v: np.full((len(v), 1), np.nan))
    for noise in (given.Noise(additive=1.0), given.Noise("student", 1.0)):
        posterior = Posterior(nothing, given.Observations([1.0], noise), given.Priors([given.Prior("x", 0.0, 1.0)]))
        with pytest.raises(errors.InputError, match="at least one start must have a density"):
            fits.multi_start(posterior, 3)
    posterior = Posterior(nothing, given.Observations([1.0], sd=1.0), given.Priors([given.Prior("x", 0.0, 1.0)]))
    with pytest.raises(errors.InputError, match="residuals must be of exact measurements"):
        two_decays().residuals(np.zeros(5))
    with pytest.raises(errors.InputError, match="the optimum must have a density"):
        fits.profiles(posterior, [0.0])
