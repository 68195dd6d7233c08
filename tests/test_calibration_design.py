"""Designs: hidden directions in words, candidates that help, expected gains and indices that are known."""

import math

import numpy as np
import pytest

from autocrine.calibration import Posterior, design, given
from autocrine.core import errors

DOSES = np.array([0.0, 0.3, 1.0, 3.0])


def arms(blocked=False, size=0.05):
    """Return log survival under two arms that add up; a blockade takes the first one away."""
    share = 0.0 if blocked else 1.0
    simulator = given.Function(
        ["pump", "survival", "potency"], lambda v: (share * v[:, [0]] + v[:, [1]]) - v[:, [2]] * DOSES
    )
    priors = given.Priors(
        [given.Prior("pump", 1.0, 0.5), given.Prior("survival", 1.0, 0.5), given.Prior("potency", 0.0, 1.0, "log")]
    )
    return Posterior(simulator, given.Observations(np.zeros(4), sd=size), priors)


def test_arms_that_add_up_cannot_be_separated_but_a_blockade_would():
    found = design.identify(arms(), candidates={"a blockade arm": arms(blocked=True), "the same again": arms()})
    (hidden,) = found.hidden
    assert set(hidden.weights) == {"pump", "survival"}
    assert hidden.weights["pump"] == pytest.approx(-hidden.weights["survival"])
    assert hidden.information == pytest.approx(0.0, abs=1e-6)
    assert hidden.helpful == ("a blockade arm",)
    assert "cannot be separated with this design; what would: a blockade arm." in found.verdict
    assert found.shrinkage["potency"] < 0.2
    assert found.shrinkage["pump"] == pytest.approx(math.sqrt(0.5), rel=0.02)
    assert found.posterior_sd["pump"] == pytest.approx(0.5 * found.shrinkage["pump"])


def test_profiles_confirm_what_the_information_says():
    point = np.array([1.0, 1.0, 0.0])
    found = design.confirm(arms(), point)
    assert found["pump"].verdict == "structurally not identifiable"
    assert found["potency"].verdict == "identifiable"


def test_a_parameter_without_effect_is_named_and_a_full_design_is_told():
    simulator = given.Function(["a", "idle"], lambda v: v[:, [0]] * DOSES)
    priors = given.Priors([given.Prior("a", 1.0, 1.0), given.Prior.uniform("idle", 1.0, 2.0)])
    found = design.identify(Posterior(simulator, given.Observations(np.zeros(4), sd=0.1), priors))
    assert found.verdict == "this design says nothing of idle."
    assert found.posterior_sd["idle"] == pytest.approx(1 / math.sqrt(12))
    only = given.Function(["a"], lambda v: v[:, [0]] * DOSES)
    told = design.identify(
        Posterior(only, given.Observations(np.zeros(4), sd=0.1), given.Priors([given.Prior("a", 1.0, 1.0)]))
    )
    assert told.verdict == "This design can tell all parameters."


def test_expected_standard_deviations_are_those_of_the_linear_posterior():
    found = design.identify(linear(0.2))
    covariance = np.linalg.inv(np.eye(2) + MATRIX.T @ MATRIX / 0.04)
    np.testing.assert_allclose(list(found.posterior_sd.values()), np.sqrt(np.diag(covariance)), rtol=1e-6)


def test_a_profiled_factor_hides_what_it_can_make_up_for():
    def of(scalings):
        simulator = given.Function(["height", "rate"], lambda v: v[:, [0]] * np.exp(-v[:, [1]] * DOSES))
        data = given.Observations(np.ones(4), sd=0.05, experiments=["e"] * 4, scalings=scalings)
        return Posterior(
            simulator,
            data,
            given.Priors([given.Prior("height", 0.0, 1.0, "log"), given.Prior("rate", 0.0, 1.0, "log")]),
        )

    assert not design.identify(of({})).hidden
    assert "says nothing of height" in design.identify(of({"e": given.Scaling("profiled")})).verdict


MATRIX = np.array([[1.0, 0.0], [1.0, 0.5], [0.3, -1.0]])


def linear(size):
    simulator = given.Function(["a", "b"], lambda v: v @ MATRIX.T, lambda v: np.broadcast_to(MATRIX, (len(v), 3, 2)))
    return Posterior(
        simulator, given.Observations(np.zeros(3), sd=size), given.Priors([given.Prior(n, 0.0, 1.0) for n in "ab"])
    )


@pytest.mark.parametrize("size", [2.0, 0.7])
def test_the_expected_gain_of_a_linear_experiment_is_analytic(size):
    posterior = linear(size)
    points = posterior.priors.sample(2000, 2)
    found = design.expected_gain(posterior, points, {"a": points[:, 0], "idle": np.ones(2000)}, draws=2000)
    information = MATRIX.T @ MATRIX / size**2
    wanted = 0.5 * np.linalg.slogdet(np.eye(2) + information)[1]
    assert found.gain == pytest.approx(wanted, abs=4 * found.error + 0.02)
    assert found.error < 0.05
    left = math.sqrt(np.linalg.inv(np.eye(2) + information)[0, 0])
    assert found.sd_left["a"] == pytest.approx(left, rel=0.05)
    assert found.sd_left["idle"] == 1.0
    assert found.sd_left_error["idle"] == 0.0
    # all data tell the same after a linear experiment: what varies comes from few draws
    fewer = design.expected_gain(posterior, points[:200], {"a": points[:200, 0]})
    assert fewer.sd_left_error["a"] > 1.5 * found.sd_left_error["a"] > 0
    assert abs(found.sd_left["a"] - left) < 5 * found.sd_left_error["a"] + 0.02
    assert found.gain < found.highest


def test_less_noise_tells_more_and_equal_seeds_tell_the_same():
    points = linear(1.0).priors.sample(500, 2)
    gains = [design.expected_gain(linear(size), points).gain for size in (4.0, 1.0, 0.3)]
    assert gains == sorted(gains)
    assert design.expected_gain(linear(1.0), points).gain == gains[1]


def ishigami(values):
    x, y, z = values.T
    return np.stack([np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x), x], axis=1)


RANGE = [given.Prior.uniform(name, -math.pi, math.pi) for name in "xyz"]


def test_indices_of_the_function_of_ishigami_are_known():
    """Ishigami & Homma (1990): a = 7, b = 0.1."""
    found = design.sobol(ishigami, given.Priors(RANGE), 4096, outputs=["ishigami", "x alone"])
    np.testing.assert_allclose(found.loc["ishigami", "first"], [0.3139, 0.4424, 0.0], atol=0.02)
    np.testing.assert_allclose(found.loc["ishigami", "total"], [0.5576, 0.4424, 0.2437], atol=0.02)
    np.testing.assert_allclose(found.loc["x alone", "total"], [1.0, 0.0, 0.0], atol=0.01)
    again = design.sobol(ishigami, given.Priors(RANGE), 4096, outputs=["ishigami", "x alone"])
    assert again.equals(found)


def test_effects_of_morris_are_slopes_where_everything_is_straight():
    priors = given.Priors([given.Prior.uniform("a", 0.0, 1.0), given.Prior.uniform("b", 0.0, 10.0)])
    found = design.morris(lambda v: 3 * v[:, 0] - v[:, 1], priors, 10).loc["readout 1"]
    np.testing.assert_allclose(found["mean"], [3.0, -10.0], rtol=0.01)
    np.testing.assert_allclose(found["mean_size"], [3.0, 10.0], rtol=0.01)
    np.testing.assert_allclose(found["sd"], 0.0, atol=1e-9)
    curved = design.morris(lambda v: v[:, 0] * v[:, 1], priors, 30).loc["readout 1"]
    assert (curved["sd"] > 1.0).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: design.sobol(ishigami, given.Priors(RANGE), 1000), "the count must be a power of two but was 1000"),
        (lambda: design.morris(ishigami, given.Priors(RANGE), 1), "the count must be at least 2"),
        (lambda: design.sobol(lambda v: v[:, 0] * np.nan, given.Priors(RANGE), 8), "all readouts must be finite"),
        (lambda: design.sobol(lambda v: v[:, 0] * 0, given.Priors(RANGE), 8), "a readout must vary"),
        (lambda: design.sobol(lambda v: v[:5, 0], given.Priors(RANGE), 8), "a readout for each of 40 points"),
        (lambda: design.sobol(ishigami, given.Priors(RANGE), 8, outputs=["one"]), "outputs must have 2 names"),
        (lambda: design.expected_gain(linear(1.0), np.zeros((5, 2))), "ten draws that can be simulated but was 5"),
        (
            lambda: design.expected_gain(linear(1.0), np.zeros((20, 2)), {"q": np.zeros(3)}),
            "q must have one value for each of 20 draws",
        ),
        (
            lambda: design.identify(linear(1.0), candidates={"another": arms()}),
            "another: a candidate must have parameters of the design but was 'pump'",
        ),
        (lambda: design.identify(linear(1.0), [np.nan, 0.0]), "at least one point must be simulated"),
    ],
)
def test_what_cannot_be_told_is_refused(call, message):
    with pytest.raises(errors.InputError, match=message):
        call()


def test_censored_measurements_are_not_imagined():
    censored = given.Observations(np.zeros(3), sd=1.0, kinds=["below"] * 3)
    posterior = Posterior(linear(1.0).simulator, censored, linear(1.0).priors)
    for call in (
        lambda: design.expected_gain(posterior, np.zeros((20, 2))),
        lambda: design.confirm(posterior, np.zeros(2)),
    ):
        with pytest.raises(errors.InputError, match="must be exact"):
            call()
    # that something lies below a limit still tells something
    assert design.identify(posterior).shrinkage["a"] < 1.0
