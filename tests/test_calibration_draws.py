"""Draws: the analytic posterior, seeds, interruptions, verdicts, predictions, evidence, comparison, calibration."""

import math
import signal
import threading

import numpy as np
import pytest

from autocrine.calibration import Posterior, draws, given
from autocrine.calibration.draws.drawn import save, thinned
from autocrine.core import errors
from test_calibration_fits import linear


def mean_of(values, sd=0.5, noise=None, prior=None):
    """Return the posterior of the mean of normal data."""
    simulator = given.Function(
        ["mean"], lambda v: np.repeat(v, len(values), axis=1), lambda v: np.ones((len(v), len(values), 1))
    )
    data = given.Observations(values, noise or given.Noise(additive=sd))
    return Posterior(simulator, data, given.Priors([prior or given.Prior("mean", 0.0, 2.0)]))


def conjugate(posterior):
    """Return mean, sd and log evidence of `mean_of` with a normal prior N(0, 2²) and sd 0.5."""
    y = posterior.observations.column("values")
    precision = len(y) / 0.25 + 0.25
    centre = y.sum() / 0.25 / precision
    covariance = 0.25 * np.eye(len(y)) + 4.0
    _, determinant = np.linalg.slogdet(2 * np.pi * covariance)
    return centre, precision**-0.5, -0.5 * (determinant + y @ np.linalg.solve(covariance, y))


@pytest.fixture(scope="module")
def drawn():
    posterior, *_ = linear()
    return draws.sample(posterior, 400, tune=300, chains=2, seed=4)


def test_draws_are_from_the_analytic_posterior(drawn):
    posterior, mean, covariance, _ = linear()
    points = draws.points_of(posterior.priors, drawn)
    error = np.sqrt(np.diag(covariance) / 300)
    assert (np.abs(points.mean(axis=0) - mean) < 4 * error).all()
    np.testing.assert_allclose(np.cov(points.T), covariance, atol=0.25 * covariance.max())
    found = draws.diagnose(drawn)
    assert found.divergences == 0
    assert list(found.table.index) == ["a", "b", "c"]
    assert drawn["log_likelihood"]["measurement"].shape == (2, 400, 12)
    each = drawn["log_likelihood"]["measurement"].to_numpy().reshape(800, 12)
    np.testing.assert_allclose(each[5], posterior.log_likelihoods(points[5])[0], rtol=1e-9)


def test_equal_seeds_give_equal_draws_on_any_number_of_cores(drawn):
    posterior, *_ = linear()
    told = []
    again = draws.sample(posterior, 400, tune=300, chains=2, seed=4, cores=1, progress=told.append)
    np.testing.assert_array_equal(again["posterior"]["b"], drawn["posterior"]["b"])
    other = draws.sample(posterior, 20, tune=20, chains=2, seed=5)
    assert not np.isin(other["posterior"]["b"], drawn["posterior"]["b"]).any()
    assert told == sorted(told)


def test_draws_stay_between_bounds_and_follow_the_density_there():
    """A half-normal and an even density, of which the data say nothing."""
    priors = given.Priors([given.Prior("half", 0.0, 1.0, lower=0.0), given.Prior.uniform("even", 2.0, 4.0)])
    nothing = given.Function(["half", "even"], lambda v: np.zeros((len(v), 1)), lambda v: np.zeros((len(v), 1, 2)))
    posterior = Posterior(nothing, given.Observations([0.0], sd=1.0), priors)
    found = draws.sample(posterior, 500, tune=400, chains=2, seed=2)["posterior"]
    half, even = (found[name].to_numpy().ravel() for name in ("half", "even"))
    assert half.min() > 0
    assert 2 < even.min() < even.max() < 4
    assert half.mean() == pytest.approx(math.sqrt(2 / math.pi), abs=0.12)
    assert even.mean() == pytest.approx(3.0, abs=0.12)
    assert even.std() == pytest.approx(2 / math.sqrt(12), abs=0.08)


def test_files_hold_what_was_drawn(drawn, tmp_path):
    path = tmp_path / "new" / "draws.nc"
    save(drawn, path)
    found = draws.load(path)
    np.testing.assert_array_equal(found["posterior"]["a"], drawn["posterior"]["a"])
    assert found["posterior"].attrs["seed"] == 4
    with pytest.raises(errors.InputError, match="draws must be a file"):
        draws.load(tmp_path / "absent.nc")
    (tmp_path / "text.nc").write_text("no draws")
    with pytest.raises(errors.InputError, match="draws must be netCDF"):
        draws.load(tmp_path / "text.nc")
    with pytest.raises(errors.OutputError, match="must be writable"):
        save(drawn, tmp_path / "text.nc" / "draws.nc")


def test_an_interruption_leaves_what_was_drawn(tmp_path):
    posterior, path = mean_of([1.0, 2.0]), tmp_path / "draws.nc"

    def interrupt(steps):
        if steps > 1000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        draws.sample(posterior, 1_000_000, tune=50, chains=2, path=path, progress=interrupt)
    found = draws.load(path)
    assert found["posterior"]["mean"].shape[1] >= 50
    assert np.isfinite(found["posterior"]["mean"]).all()
    assert "sampling was interrupted" in draws.diagnose(found).verdict


@pytest.mark.slow
def test_a_signal_interrupts_as_well(tmp_path):
    posterior, path = mean_of([1.0, 2.0]), tmp_path / "draws.nc"
    timers = []

    def watch(steps):
        # not by the clock alone: a busy machine may still be loading the sampler
        if steps > 1000 and not timers:
            timers.append(threading.Timer(0.2, signal.raise_signal, [signal.SIGINT]))
            timers[0].start()

    with pytest.raises(KeyboardInterrupt):
        draws.sample(posterior, 10_000_000, tune=50, chains=2, path=path, progress=watch)
    assert draws.load(path)["posterior"]["mean"].shape[1] > 1


def test_an_error_of_the_simulator_reaches_the_caller():
    calls = []

    def broken(values):
        calls.append(1)
        if len(calls) > 200:
            raise errors.SolverError("no way")
        return values

    posterior = Posterior(
        given.Function(["x"], broken, lambda v: np.ones((len(v), 1, 1))),
        given.Observations([0.0], sd=1.0),
        given.Priors([given.Prior("x", 0.0, 1.0)]),
    )
    with pytest.raises(errors.SolverError, match="no way"):
        draws.sample(posterior, 1000, chains=2)


def test_what_the_simulator_said_is_told_when_the_sampler_panics(monkeypatch, tmp_path):
    """A chain that is stopped on its very first point ends the sampler with an exception that is no Exception."""

    class PanicException(BaseException):
        pass

    class Panicked:
        is_finished = False

        def abort(self):
            raise PanicException

    def begin(bridge, **_):
        bridge.failure = errors.SolverError("no way")
        return Panicked()

    monkeypatch.setattr("autocrine.calibration.draws.sampling._Bridge.begin", begin)
    with pytest.raises(errors.SolverError, match="no way"):
        draws.sample(linear()[0], 1000, path=tmp_path / "draws.nc")
    assert not list(tmp_path.iterdir())


def test_a_forbidden_region_is_a_divergence_and_not_the_end():
    broken = given.Function(["x"], lambda v: np.where(v < 0.5, v, np.nan), lambda v: np.ones((len(v), 1, 1)))
    posterior = Posterior(broken, given.Observations([0.0], sd=1.0), given.Priors([given.Prior("x", 0.0, 1.0)]))
    found = draws.sample(posterior, 300, tune=100, chains=2)
    assert found["posterior"]["x"].max() < 0.5
    diagnosis = draws.diagnose(found)
    assert diagnosis.divergences > 0
    assert "divergent steps" in diagnosis.verdict


def test_chains_that_disagree_are_not_trusted(drawn):
    moved = drawn.copy()
    moved["posterior"]["a"] = moved["posterior"]["a"] + np.array([0.0, 5.0])[:, None]
    found = draws.diagnose(moved)
    assert not found.trusted
    assert "the chains have not agreed on a (R-hat above 1.01)" in found.verdict
    alone = draws.diagnose(drawn.isel(chain=[0]))
    assert "one chain cannot be compared with others" in alone.verdict


def test_predictions_are_checked():
    rng = np.random.default_rng(3)
    fine = mean_of(rng.normal(1.0, 0.5, 30))
    found = draws.check_predictions(fine, draws.sample(fine, 200, tune=200, chains=2))
    assert 0.05 < found.probability < 0.95
    assert found.inside > 0.75
    assert "the data look as the model expects" in found.verdict
    wild = mean_of([*rng.normal(1.0, 0.5, 30), 9.0])
    found = draws.check_predictions(wild, draws.sample(wild, 200, tune=200, chains=2))
    assert "measurement 31" in found.surprising
    assert len(found.surprising) < 5
    assert "does not describe these data" in found.verdict
    narrow = mean_of(rng.normal(1.0, 0.01, 30))
    found = draws.check_predictions(narrow, draws.sample(narrow, 200, tune=200, chains=2))
    assert "the noise is wider than these data need" in found.verdict


def test_the_evidence_is_the_analytic_one():
    posterior = mean_of(np.array([0.3, 1.1, 0.8, 0.5]))
    found = draws.bridge_evidence(posterior, draws.sample(posterior, 500, tune=200, chains=2))
    assert abs(found.log_evidence - conjugate(posterior)[2]) < 4 * found.error
    assert found.error < 0.05
    with pytest.raises(errors.InputError, match="there must be 20 draws at least but was 8"):
        draws.bridge_evidence(posterior, draws.sample(posterior, 4, tune=10, chains=2))


def test_the_evidence_counts_bounds():
    """The evidence for no data about an even parameter is the density of the data alone."""
    posterior = Posterior(
        given.Function(["x"], lambda v: np.zeros((len(v), 1)), lambda v: np.zeros((len(v), 1, 1))),
        given.Observations([0.0], sd=1.0),
        given.Priors([given.Prior.uniform("x", 1.0, 9.0, "log")]),
    )
    found = draws.bridge_evidence(posterior, draws.sample(posterior, 500, tune=200, chains=2))
    assert found.log_evidence == pytest.approx(-0.5 * math.log(2 * math.pi), abs=max(4 * found.error, 0.01))


def test_the_better_model_is_preferred_and_equal_ones_are_not_told_apart():
    rng = np.random.default_rng(8)
    values = rng.normal(1.5, 0.5, 40)
    there, absent = mean_of(values), mean_of(values, prior=given.Prior("mean", 0.0, 0.01))
    of = {name: draws.sample(p, 300, tune=200, chains=2) for name, p in (("effect", there), ("no effect", absent))}
    found = draws.compare(of)
    assert found.supported == ("effect",)
    assert "effect predicts these data better than all others" in found.verdict
    assert found.table.loc["effect", "weight"] > 0.9
    # the parameter that is free counts as one
    assert found.table.loc["effect", "effective_parameters"] == pytest.approx(1.0, abs=0.5)
    twice = draws.compare({"one": of["effect"], "other": draws.sample(there, 300, tune=200, chains=2, seed=9)})
    assert set(twice.supported) == {"one", "other"}
    assert "do not tell it from" in twice.verdict
    with pytest.raises(errors.InputError, match="two models to compare"):
        draws.compare({"one": of["effect"]})
    short = mean_of(values[:30])
    with pytest.raises(errors.InputError, match="models must be of the same measurements"):
        draws.compare({"one": of["effect"], "other": draws.sample(short, 10, tune=10, chains=2)})


def exactly(posterior, seed):
    centre, sd, _ = conjugate(posterior)
    return np.random.default_rng(seed).normal(centre, sd, (99, 1))


def test_ranks_are_even_for_the_true_posterior_and_uneven_for_a_false_one():
    posterior = mean_of(np.zeros(5))
    right = draws.simulated_ranks(posterior, 400, sampler=exactly)
    assert right.probability["mean"] > 0.01
    assert 0.85 < right.covered(0.9)["mean"] < 0.95

    def too_sure(posterior, seed):
        found = exactly(posterior, seed)
        return found.mean() + 0.5 * (found - found.mean())

    wrong = draws.simulated_ranks(posterior, 400, sampler=too_sure)
    assert wrong.probability["mean"] < 1e-6
    assert wrong.covered(0.9)["mean"] < 0.8
    censored = Posterior(
        posterior.simulator, given.Observations(np.zeros(5), sd=1.0, kinds=["below"] * 5), posterior.priors
    )
    with pytest.raises(errors.InputError, match="data must be exact to be simulated"):
        draws.simulated_ranks(censored, 2)


@pytest.mark.slow
def test_the_whole_chain_is_calibrated():
    """Ranks of three parameters, one of them the width of the noise, in 100 synthetic laboratories."""
    times = np.linspace(0.0, 4.0, 9)
    simulator = given.Function(["height", "rate"], lambda v: v[:, [0]] * np.exp(-v[:, [1]] * times))
    posterior = Posterior(
        simulator,
        given.Observations(np.ones(9), given.Noise(additive="sd")),
        given.Priors(
            [
                given.Prior("height", 3.0, 0.5),
                given.Prior("rate", math.log(0.5), 0.5, "log"),
                given.Prior("sd", math.log(0.1), 0.3, "log"),
            ]
        ),
    )
    told = []
    found = draws.simulated_ranks(posterior, 100, progress=told.append)
    assert told[-1] == 100
    assert all(p > 0.001 for p in found.probability.values())
    assert all(0.8 <= share <= 0.98 for share in found.covered(0.9).values())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"draws": 0}, "draws must be at least 4 but was 0"),
        ({"tune": 0}, "tune must be at least 1"),
        ({"chains": 0}, "chains must be at least 1"),
        ({"start": [0.0, 1.0]}, "a start must have 1 numbers"),
        ({"start": [np.nan]}, "a start must have a density"),
    ],
)
def test_what_cannot_be_drawn_is_refused(settings, message):
    with pytest.raises(errors.InputError, match=message):
        draws.sample(mean_of([1.0]), **settings)


def test_thinned_draws_are_draws():
    points = np.arange(20.0).reshape(10, 2)
    np.testing.assert_array_equal(thinned(points, 20, 1), points)
    assert {tuple(row) for row in thinned(points, 4, 1)} < {tuple(row) for row in points}
