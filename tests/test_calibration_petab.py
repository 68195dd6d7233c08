"""Problems of PEtab as targets: densities, refusals, and published problems."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from autocrine.calibration import PetabTarget, fits
from autocrine.core import errors
from autocrine.engine import petab

COLLECTION = Path(__file__).parents[2] / "shared" / "suites" / "petab-benchmark"


def published(name):
    """Return objective and target of a published problem, at the tolerances of fits."""
    if not (path := COLLECTION / name / f"{name}.yaml").is_file():
        pytest.skip(f"no PEtab benchmark collection at {COLLECTION}")
    problem = petab.read_petab(path)
    objective = petab.Objective(problem, rtol=1e-6, atol=1e-9)
    return objective, PetabTarget(objective, [problem.parameters[each].scale for each in objective.names])


@dataclasses.dataclass
class Said:
    llh: np.ndarray
    log_prior: np.ndarray
    gradient: np.ndarray
    prior_gradient: np.ndarray
    information: np.ndarray
    prior_curvature: np.ndarray


class Valley:
    """A known objective: a normal likelihood, a prior that pulls, and a region that cannot be simulated."""

    names = ("a", "b")
    lower, upper = np.array([-3.0, -3.0]), np.array([3.0, 3.0])

    def evaluate_many(self, points, *, gradient):
        a, b = points.T
        llh = np.where(a > -2, -0.5 * ((a - 1.0) ** 2 + 4 * (b + a) ** 2), np.nan)
        slopes = np.stack([-(a - 1.0) - 4 * (b + a), -4 * (b + a)], axis=1)
        pull = np.stack([0.0 * b, -b], axis=1)
        information = np.tile([[5.0, 4.0], [4.0, 4.0]], (len(points), 1, 1))
        wide = slice(None) if gradient else slice(0)
        return Said(
            llh,
            -0.5 * b**2,
            slopes[:, wide],
            pull[:, wide],
            information[:, wide, wide],
            np.tile([0.0, 1.0], (len(points), 1))[:, wide],
        )


def test_fits_of_an_objective_reach_its_optimum():
    target = PetabTarget(Valley(), ["log10", "lin"])
    fit = fits.multi_start(target, 12, seed=3)
    # the maximum of the posterior by hand: 0 = -(a - 1) - 4(a + b), 0 = -4(a + b) - b
    np.testing.assert_allclose(fit.point, np.linalg.solve([[5.0, 4.0], [4.0, 5.0]], [1.0, 0.0]), atol=1e-5)
    assert fit.values["a"] == pytest.approx(10 ** fit.point[0])
    assert fit.values["b"] == pytest.approx(fit.point[1])
    profile = fits.profiles(target, fit.point, ["a"])["a"]
    # without the prior b follows a, and a is free but for one measurement
    np.testing.assert_allclose(profile.interval, [1.0 - 1.96, 1.0 + 1.96], atol=1e-2)


def test_what_cannot_be_simulated_has_no_density():
    value, gradient = PetabTarget(Valley(), ["log10", "lin"]).log_density([[-2.5, 0.0], [0.0, 0.0]])
    assert value[0] == -np.inf
    assert np.isfinite(value[1])
    assert (gradient[0] == 0).all()


def test_what_is_no_target_is_refused():
    with pytest.raises(errors.InputError, match="a scale for each of 2 parameters but was 1"):
        PetabTarget(Valley(), ["lin"])
    open_ended = Valley()
    open_ended.upper = np.array([3.0, np.inf])
    with pytest.raises(errors.InputError, match=r"finite bounds on their scales but was \['b'\]"):
        PetabTarget(open_ended, ["lin", "lin"])
    with pytest.raises(errors.InputError, match="must be fitted by its gradient"):
        fits.multi_start(PetabTarget(Valley(), ["lin", "lin"]), 2, method="squares")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "starts", "reference"),
    [
        ("Boehm_JProteomeRes2014", 128, -138.222),
        ("Perelson_Science1996", 16, -432.039),
        ("Raia_CancerResearch2011", 32, -346.090),
    ],
)
def test_published_likelihoods_are_reached(name, starts, reference):
    """Log likelihoods at the parameters of the files, which are the published ones."""
    objective, target = published(name)
    assert objective.llh() == pytest.approx(reference, abs=2e-3)
    rng = np.random.default_rng(11)
    points = rng.uniform(objective.lower, objective.upper, (starts, len(objective.names)))
    assert fits.multi_start(target, points).best.log_density > reference - 0.1


@pytest.mark.slow
def test_many_points_of_a_published_problem_are_as_one():
    objective, _ = published("Boehm_JProteomeRes2014")
    rng = np.random.default_rng(1)
    points = np.clip(objective.nominal + 0.2 * rng.normal(size=(5, 9)), objective.lower, objective.upper)
    many = objective.evaluate_many(points, gradient=True)
    for row, point in enumerate(points):
        one = objective.evaluate(point, gradient=True)
        assert many.llh[row] == pytest.approx(one.llh, rel=1e-12)
        np.testing.assert_allclose(many.gradient[row], one.gradient, rtol=1e-9)
    np.testing.assert_allclose(many.information, np.swapaxes(many.information, 1, 2), rtol=1e-9)
    assert (np.linalg.eigvalsh(many.information) > -1e-8 * np.abs(many.information).max()).all()
