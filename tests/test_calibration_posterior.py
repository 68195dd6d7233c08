"""Priors, noise and posteriors: densities that integrate to one, limits, derivatives, invariance under units."""

import math

import numpy as np
import pytest
from hypothesis import given as given_that
from hypothesis import settings
from hypothesis import strategies as st
from scipy import integrate, stats

from autocrine.calibration import Posterior, given
from autocrine.core import Document, Parameters, errors

DECAY = np.array([0.0, 1.0, 2.0, 4.0, 8.0])


def decay(names=("height", "rate"), by=None):
    """Return a simulator of an exponential decay with exact derivatives."""
    times = DECAY if by is None else by

    def predict(values):
        return values[:, [0]] * np.exp(-values[:, [1]] * times)

    def gradient(values):
        found = np.exp(-values[:, [1]] * times)
        return np.stack([found, -values[:, [0]] * times * found], axis=2)

    return given.Function(names, predict, gradient)


def finite_differences(function, point, step=1e-6):
    columns = []
    for place in range(len(point)):
        move = np.zeros(len(point))
        move[place] = step
        columns.append((function(point + move)[0][0] - function(point - move)[0][0]) / (2 * step))
    return np.array(columns)


PRIORS = [
    given.Prior("a", 1.0, 2.0),
    given.Prior("a", 1.0, 2.0, lower=0.0),
    given.Prior("a", 0.0, 1.0, lower=7.0, upper=9.0),
    given.Prior("a", 0.0, 1.0, upper=-7.0),
    given.Prior("a", 0.3, 0.5, "log"),
    given.Prior.uniform("a", 2.0, 5.0),
    given.Prior.uniform("a", 0.01, 5.0, "log"),
]


@pytest.mark.parametrize("prior", PRIORS, ids=range(len(PRIORS)))
def test_a_prior_integrates_to_one_and_its_quantiles_invert_it(prior):
    low, high = max(prior.lower, prior.centre - 40 * prior.width), min(prior.upper, prior.centre + 40 * prior.width)
    if math.isinf(prior.width):
        low, high = prior.lower, prior.upper
    whole, _ = integrate.quad(lambda z: math.exp(prior.log_density(np.array(z))), low, high, limit=500, points=[
        min(max(prior.centre, low), high)
    ])  # fmt: skip
    assert whole == pytest.approx(1.0, rel=1e-6)
    share = np.array([0.05, 0.5, 0.9])
    for each, place in zip(share, prior.quantile(share), strict=True):
        below, _ = integrate.quad(
            lambda z: math.exp(prior.log_density(np.array(z))), max(low, place - 30), place, limit=300
        )
        assert below == pytest.approx(each, abs=2e-6)


@given_that(st.lists(st.floats(-3, 3), min_size=4, max_size=4))
@settings(max_examples=40)
def test_numbers_without_bounds_become_points_and_return(free):
    priors = given.Priors(
        [
            given.Prior("free", 0.0, 1.0),
            given.Prior.uniform("both", 1.0, 3.0),
            given.Prior("below", 0.0, 1.0, lower=-1.0),
            given.Prior("above", 0.0, 1.0, upper=1.0),
        ]
    )
    u = np.array([free])
    points, slopes, log_slope, gradient = priors.from_free(u)
    np.testing.assert_allclose(priors.to_free(points), u, atol=1e-9)
    step = 1e-6
    for place in range(4):
        move = np.zeros((1, 4))
        move[0, place] = step
        ahead, behind = priors.from_free(u + move), priors.from_free(u - move)
        assert (ahead[0] - behind[0])[0, place] / (2 * step) == pytest.approx(slopes[0, place], rel=1e-5, abs=1e-8)
        assert (ahead[2] - behind[2])[0] / (2 * step) == pytest.approx(gradient[0, place], rel=1e-5, abs=1e-7)
    assert log_slope[0] == pytest.approx(np.log(np.abs(slopes)).sum())


@pytest.mark.parametrize("spread", ["sobol", "latin"])
def test_starts_lie_in_what_is_searched_and_do_not_depend_on_the_count(spread):
    priors = given.Priors([given.Prior("a", 0.0, 2.0), given.Prior.uniform("b", 0.1, 10.0, "log")])
    starts = priors.starts(16, 3, spread)
    assert ((starts >= priors.lower) & (starts <= priors.upper)).all()
    # one in each sixteenth of each axis
    shares = (starts - priors.lower) / (priors.upper - priors.lower)
    assert all(len(set(np.floor(16 * column).astype(int))) == 16 for column in shares.T)
    np.testing.assert_array_equal(starts, priors.starts(16, 3, spread))
    if spread == "sobol":
        np.testing.assert_array_equal(starts[:7], priors.starts(7, 3))


def test_recalled_numbers_are_wide(tmp_path):
    path = tmp_path / "page.toml"
    path.write_text(
        "".join(
            f'[{basis}_rate]\nvalue = 2.0\nlow = 1.0\nhigh = 4.0\nunit = "1/h"\nbasis = "{basis}"\n'
            for basis in ("read", "recalled")
        )
        + '[shift]\nvalue = 0.0\nlow = -1.0\nhigh = 1.0\nunit = "1"\nbasis = "chosen"\n'
        + '[known]\nvalue = 1.0\nunit = "1"\nbasis = "chosen"\n'
    )
    table = Parameters.from_document(Document.load(path), "page")
    priors = given.Priors.of(table, ["read_rate", "recalled_rate", "shift"])
    read, recalled = priors["read_rate"], priors["recalled_rate"]
    assert read.scale == recalled.scale == "log"
    assert priors["shift"].scale == "lin"
    assert recalled.width == pytest.approx(1.96 * read.width)
    inside = stats.norm(read.centre, read.width)
    assert inside.cdf(math.log(4)) - inside.cdf(math.log(1)) == pytest.approx(0.95, abs=1e-3)
    with pytest.raises(errors.InputError, match="known must have a range"):
        given.Prior.of(table["known"])
    with pytest.raises(errors.InputError, match="must be in the table but was 'absent'"):
        given.Priors.of(table, ["absent"])


def test_scales_are_one_parameter_seen_in_different_units():
    kinds = [given.Prior.uniform(scale, 0.1, 100.0, scale) for scale in ("lin", "log", "log10")]
    priors = given.Priors(kinds)
    values = np.array([[2.0, 2.0, 2.0], [50.0, 50.0, 50.0]])
    points = priors.on_scales(values)
    np.testing.assert_allclose(points[0], [2.0, math.log(2.0), math.log10(2.0)])
    np.testing.assert_allclose(priors.as_is(points), values)
    step = 1e-6
    slopes = (priors.as_is(points + step) - priors.as_is(points - step)) / (2 * step)
    np.testing.assert_allclose(priors.stretch(values), slopes, rtol=1e-7)


NOISES = [given.Noise(additive=0.7), given.Noise("log-normal", additive=0.4), given.Noise("student", 0.7, freedom=3.0)]


def density_at(noise, value, kind="exact", upper=None, readout=2.0):
    priors = given.Priors([given.Prior("x", 0.0, 10.0)])
    simulator = given.Function(["x"], lambda v: np.full((len(v), 1), readout))
    data = given.Observations([value], noise, kinds=[kind], upper=None if upper is None else [upper])
    return float(Posterior(simulator, data, priors).log_likelihoods(np.zeros(1))[0, 0])


@pytest.mark.parametrize("noise", NOISES, ids=lambda noise: noise.family)
def test_densities_integrate_to_one_and_limits_hold_their_share(noise):
    low = 0.0 if noise.on_log else -np.inf
    exact = lambda y: math.exp(density_at(noise, y))  # noqa: E731
    assert integrate.quad(exact, low, np.inf)[0] == pytest.approx(1.0, rel=1e-6)
    below, above = (math.exp(density_at(noise, 1.5, kind)) for kind in ("below", "above"))
    assert below == pytest.approx(integrate.quad(exact, low, 1.5)[0], rel=1e-5)
    assert below + above == pytest.approx(1.0, rel=1e-12)
    between = math.exp(density_at(noise, 1.5, "between", 3.5))
    assert between == pytest.approx(integrate.quad(exact, 1.5, 3.5)[0], rel=1e-5)


@pytest.mark.parametrize("noise", NOISES, ids=lambda noise: noise.family)
def test_a_narrow_interval_is_an_exact_measurement(noise):
    wide = 1e-6
    assert density_at(noise, 2.5, "between", 2.5 + wide) - math.log(wide) == pytest.approx(
        density_at(noise, 2.5), abs=1e-5
    )


def test_far_limits_do_not_run_out_of_numbers():
    noise = given.Noise(additive=0.01)
    assert density_at(noise, 1.0, "below") == pytest.approx(stats.norm.logsf(100.0), rel=1e-9)
    assert density_at(noise, 1.0, "between", 1.2) == pytest.approx(stats.norm.logsf(80.0), rel=1e-6)
    assert density_at(noise, 5.0, "below") == 0.0


def mixed(units=1.0):
    """Return a posterior with every kind of measurement, noise and scaling, all measured in another unit."""
    data = given.Observations(
        units * np.array([4.2, 2.1, 1.1, 0.3, 0.05, 2.9, 1.9, 1.2, 0.4, 0.2]),
        [given.Noise("normal", "sd", "share")] * 3
        + [given.Noise("student", 0.2 * units)] * 2
        + [given.Noise("log-normal", 0.3)] * 3
        + [given.Noise(additive="sd")] * 2,
        sd=[0.1 * units] * 3 + [0.0] * 7,
        kinds=["exact", "exact", "between", "exact", "below", "exact", "exact", "above", "exact", "below"],
        upper=units * np.array([np.nan, np.nan, 1.4, *[np.nan] * 7]),
        experiments=["one"] * 5 + ["two"] * 3 + ["three"] * 2,
        scalings={
            "one": given.Scaling("factor", "offset"),
            "two": given.Scaling(2.0 * units),
            "three": given.Scaling(units),
        },
    )
    simulator = decay(by=np.concatenate([DECAY, DECAY]))
    return Posterior(
        simulator,
        data,
        given.Priors(
            [
                given.Prior("rate", math.log(0.4), 1.0, "log"),
                given.Prior("height", 3.0, 1.0),
                given.Prior("sd", math.log(0.2 * units), 1.0, "log"),
                given.Prior("share", math.log(0.1), 0.5, "log"),
                given.Prior("factor", math.log(units), 0.5, "log"),
                given.Prior("offset", 0.0, 0.3 * units),
            ]
        ),
    )


def at(posterior, units=1.0):
    values = {
        "rate": 0.45,
        "height": 3.3,
        "sd": 0.15 * units,
        "share": 0.12,
        "factor": 1.2 * units,
        "offset": 0.1 * units,
    }
    return posterior.point(values)


def test_derivatives_are_those_of_the_densities():
    posterior = mixed()
    point = at(posterior)
    for function in (posterior.log_density, posterior.log_likelihood):
        np.testing.assert_allclose(function(point)[1][0], finite_differences(function, point), rtol=2e-6, atol=1e-6)
    each = posterior.log_likelihoods(point)
    assert each.sum() == pytest.approx(posterior.log_likelihood(point)[0][0], rel=1e-13)


def test_units_change_a_likelihood_by_a_constant():
    """In units u times smaller each exact density is u times lower; what is only known by sides does not change."""
    one, other = mixed(), mixed(1000.0)
    place = np.array([1, 0])
    moved = []
    for shift in (0.0, 0.2):
        a, b = at(one), at(other, 1000.0)
        a[place] += shift
        b[place] += shift
        moved.append(other.log_likelihood(b)[0][0] - one.log_likelihood(a)[0][0])
    exact = sum(kind == "exact" for kind in one.observations.kinds)  # type: ignore[arg-type]
    np.testing.assert_allclose(moved, -exact * math.log(1000.0), rtol=1e-10)


def test_many_points_are_many_single_points():
    posterior = mixed()
    points = at(posterior) + np.random.default_rng(1).normal(0, 0.1, (5, 6))
    together = posterior.log_density(points)
    for place, point in enumerate(points):
        alone = posterior.log_density(point)
        np.testing.assert_allclose(together[0][place], alone[0][0], rtol=1e-13)
        np.testing.assert_allclose(together[1][place], alone[1][0], rtol=1e-12)


@pytest.mark.parametrize(
    ("scaling", "noise"),
    [
        (given.Scaling("profiled", "profiled"), given.Noise(additive=0.2)),
        (given.Scaling("profiled"), given.Noise(additive="sd")),
        (given.Scaling(1.0, "profiled"), given.Noise(additive="sd")),
        (given.Scaling("profiled"), given.Noise("log-normal", "sd")),
    ],
)
def test_profiled_factors_are_the_best_and_do_not_disturb_derivatives(scaling, noise):
    data = [5.0, 3.1, 2.4, 1.4, 0.7]
    estimated = {"sd": given.Prior("sd", -1.5, 1.0, "log")} if noise.names else {}
    base = [given.Prior("height", 3.0, 1.0), given.Prior("rate", -1.0, 1.0, "log"), *estimated.values()]
    profiled = Posterior(
        decay(), given.Observations(data, noise, experiments=["e"] * 5, scalings={"e": scaling}), given.Priors(base)
    )
    point = np.array([3.2, math.log(0.4), *([-1.2] if estimated else [])])
    value, slope = profiled.log_likelihood(point)
    np.testing.assert_allclose(slope[0], finite_differences(profiled.log_likelihood, point), rtol=1e-6, atol=1e-6)
    # no factor or offset that is tried instead is better
    for factor, offset in np.random.default_rng(2).normal([1.2, 0.1], 0.3, (50, 2)):
        tried = given.Scaling(
            factor if scaling.factor == "profiled" else 1.0, offset if scaling.offset == "profiled" else 0.0
        )
        if noise.on_log and factor <= 0:
            continue
        other = Posterior(
            decay(), given.Observations(data, noise, experiments=["e"] * 5, scalings={"e": tried}), given.Priors(base)
        )
        assert other.log_likelihood(point)[0][0] <= value[0] + 1e-12


def test_a_profiled_factor_makes_the_unit_of_the_data_void():
    def at_unit(unit):
        data = given.Observations(
            unit * np.array([5.0, 3.1, 2.4, 1.4, 0.7]),
            given.Noise(additive=0.2 * unit),
            experiments=["e"] * 5,
            scalings={"e": given.Scaling("profiled", "profiled")},
        )
        priors = given.Priors([given.Prior("height", 3.0, 1.0), given.Prior("rate", -1.0, 1.0, "log")])
        return Posterior(decay(), data, priors).log_likelihood(np.array([3.2, -1.0]))

    one, other = at_unit(1.0), at_unit(1e6)
    assert other[0][0] == pytest.approx(one[0][0] - 5 * math.log(1e6), rel=1e-12)
    np.testing.assert_allclose(other[1], one[1], rtol=1e-8, atol=1e-10)


def test_information_is_the_mean_square_of_the_slope():
    """Drawn measurements: the covariance of the score is the expected information."""
    posterior = Posterior(
        decay(),
        given.Observations(np.ones(5), given.Noise("normal", "sd", 0.1)),
        given.Priors(
            [
                given.Prior("height", 3.0, 1.0),
                given.Prior("rate", -1.0, 1.0, "log"),
                given.Prior("sd", -1.0, 1.0, "log"),
            ]
        ),
    )
    point = np.array([3.0, -1.0, -1.0])
    rng, scores = np.random.default_rng(4), []
    for _ in range(1500):
        drawn = given.Observations(posterior.draw(point, rng)[0], given.Noise("normal", "sd", 0.1))
        scores.append(Posterior(decay(), drawn, posterior.priors).log_likelihood(point)[1][0])
    information = posterior.information(point)[0]
    np.testing.assert_allclose(np.cov(np.array(scores).T), information, rtol=0.2, atol=0.05 * np.abs(information).max())


def test_a_function_without_derivatives_is_differenced_as_one_ensemble():
    calls = []
    exact = decay()

    def predict(values):
        calls.append(len(values))
        return exact.predict(values)

    values = np.array([[3.0, 0.4], [2.0, 0.0]])
    found = given.Function(["height", "rate"], predict).predict_with_gradient(values)
    assert calls == [2 * 5]
    wanted = exact.predict_with_gradient(values)
    np.testing.assert_allclose(found[0], wanted[0], rtol=1e-14)
    np.testing.assert_allclose(found[1][0], wanted[1][0], rtol=1e-8, atol=1e-9)


def test_a_point_that_cannot_be_simulated_has_no_density():
    broken = given.Function(["x"], lambda v: np.where(v > 0, v, np.nan))
    posterior = Posterior(
        broken, given.Observations([1.0], given.Noise(additive=1.0)), given.Priors([given.Prior("x", 0.0, 1.0)])
    )
    value, slope = posterior.log_density(np.array([[1.0], [-1.0]]))
    assert np.isfinite(value[0])
    assert value[1] == -np.inf
    assert np.isfinite(slope).all()
    assert posterior.log_likelihoods([[-1.0]])[0, 0] == -np.inf


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: given.Prior("a", 0.0, -1.0), "width of a prior must be positive but was -1.0"),
        (lambda: given.Prior("a"), "must have some mass between its bounds"),
        (lambda: given.Prior("a", 0.0, 1.0, lower=2.0, upper=1.0), "bounds of a prior must be in order"),
        (lambda: given.Prior("a", 0.0, 1.0, "log2"), "scale must be 'lin', 'log' or 'log10'"),  # type: ignore[arg-type]
        (lambda: given.Prior.uniform("a", 0.0, 1.0, "log"), "a: a value on a logarithmic scale must be positive"),
        (lambda: given.Priors([]), "at least one parameter"),
        (lambda: given.Priors([given.Prior("a", 0, 1)] * 2), "must have one prior but was 'a'"),
        (lambda: given.Noise("cauchy"), "noise must be one of normal, log-normal, student but was 'cauchy'"),  # type: ignore[arg-type]
        (lambda: given.Noise(additive=-1.0), "at least 0, or a parameter but was -1.0"),
        (lambda: given.Noise("log-normal", 0.1, 0.1), "must not have a proportional part"),
        (lambda: given.Noise("student", 1.0, freedom=0.0), "degrees of freedom must be positive"),
        (lambda: given.Observations([]), "one entry for each of 0 measurements"),
        (lambda: given.Observations([1.0, np.nan], sd=1.0), "measurement 2: a measurement must be a finite number"),
        (lambda: given.Observations([1.0], sd=[1.0, 2.0]), "sd must have one entry for each of 1 measurements"),
        (lambda: given.Observations([1.0]), "must have a width that cannot be zero"),
        (lambda: given.Observations([1.0], sd=-1.0), "standard deviation must be a number of at least 0"),
        (lambda: given.Observations([1.0], sd=1.0, kinds=["left"]), "must be one of exact, below, above, between"),
        (lambda: given.Observations([1.0], sd=1.0, kinds=["between"], upper=[0.5]), "upper limit must lie above"),
        (lambda: given.Observations([0.0], given.Noise("log-normal", 1.0)), "log-normal measurements must be positive"),
        (lambda: given.Observations([1.0], sd=1.0, scalings={"x": given.Scaling()}), "experiment with measurements"),
        (
            lambda: given.Observations(
                [1.0], given.Noise("student", 1.0), experiments=["x"], scalings={"x": given.Scaling("profiled")}
            ),
            "only factors of exact measurements",
        ),
        (
            lambda: given.Observations(
                [1.0], given.Noise("log-normal", 1.0), experiments=["x"], scalings={"x": given.Scaling(1.0, 0.1)}
            ),
            "log-normal readouts must not have an offset",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(make, message):
    with pytest.raises(errors.InputError, match=message):
        make()


def test_parameters_and_priors_must_match():
    data = given.Observations(np.ones(5), given.Noise(additive="sd"))
    with pytest.raises(errors.InputError, match="every parameter must have a prior but was 'sd'"):
        Posterior(decay(), data, given.Priors([given.Prior("height", 0, 1), given.Prior("rate", 0, 1)]))
    names = ("height", "rate", "sd")
    with pytest.raises(errors.InputError, match=r"every prior must be of a parameter .* but was 'more'"):
        Posterior(decay(), data, given.Priors([given.Prior(n, 0, 1) for n in (*names, "more")]))
    posterior = Posterior(decay(), data, given.Priors([given.Prior(n, 0, 1) for n in names]))
    with pytest.raises(errors.InputError, match="a point must have 3 numbers"):
        posterior.log_density([1.0])
    with pytest.raises(errors.InputError, match="exactly height, rate, sd"):
        posterior.point({"height": 1.0})
    short = Posterior(decay(by=DECAY[:2]), data, posterior.priors)
    with pytest.raises(errors.InputError, match="must predict 5 measurements but was"):
        short.log_density([1.0, 1.0, 1.0])
    with pytest.raises(errors.InputError, match="one row of predictions for each of 1 sets"):
        given.Function(["x"], lambda v: v[0]).predict(np.ones((1, 1)))
