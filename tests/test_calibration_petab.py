"""Problems of PEtab as targets: densities, refusals, and published problems."""

import dataclasses

import numpy as np
import pytest

from autocrine.calibration import PetabTarget, fits
from autocrine.core import errors


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
