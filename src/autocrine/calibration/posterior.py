"""The posterior of a simulator's parameters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from autocrine.calibration.given.observations import Observations
from autocrine.calibration.given.priors import Priors
from autocrine.calibration.given.simulator import Simulator
from autocrine.calibration.likelihood import Likelihood, Readouts
from autocrine.core import errors


class Posterior:
    """Log densities of parameters given measurements, with derivatives, for many points at once.

    Parameters
    ----------
    simulator : Simulator
        From parameters to predictions.
    observations : Observations
        One measurement for each prediction.
    priors : Priors
        Of all parameters of the simulator, of the noise and of the scalings, and of no others.

    Raises
    ------
    InputError
        If a parameter has no prior, or a prior no parameter.

    Notes
    -----
    Points are parameters on their scales (natural logarithms where the prior says ``"log"``), shape (n, p), or (p,)
    for one. Densities are those of the point on its scale. A point that cannot be simulated has the density zero.
    """

    def __init__(self, simulator: Simulator, observations: Observations, priors: Priors) -> None:
        self.simulator, self.observations, self.priors = simulator, observations, priors
        wanted = tuple(dict.fromkeys([*simulator.names, *observations.names]))
        for name in wanted:
            if name not in priors:
                raise errors.InputError("every parameter must have a prior", name)
        for name in priors:
            if name not in wanted:
                raise errors.InputError("every prior must be of a parameter of simulator, noise or scaling", name)
        self._likelihood = Likelihood(observations, priors.names)
        self._places = [priors.names.index(name) for name in simulator.names]

    @property
    def names(self) -> tuple[str, ...]:
        """The p parameters, in their order."""
        return self.priors.names

    def log_likelihood(self, points: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return the log likelihood, shape (n,), and its derivatives by the points, shape (n, p)."""
        found = self.readouts(points, gradient=True)
        return _finite(found.log_density.sum(axis=1), found.gradient)

    def log_density(self, points: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return the log posterior density up to a constant, shape (n,), and its derivatives, shape (n, p)."""
        points = self._points(points)
        prior, slope = self.priors.log_density(points)
        likelihood, gradient = self.log_likelihood(points)
        return prior + likelihood, slope + gradient

    def log_likelihoods(self, points: ArrayLike) -> np.ndarray:
        """Return the log density of each measurement, shape (n, m); -infinity where a point cannot be simulated."""
        found = self.readouts(points).log_density
        return np.where(np.isnan(found), -np.inf, found)

    def readouts(self, points: ArrayLike, *, gradient: bool = False) -> Readouts:
        """Return what is predicted for each measurement, its width, and its density.

        Parameters
        ----------
        points : array_like of shape (n, p) or (p,)
            Points.
        gradient : bool
            Whether derivatives are wanted.

        Raises
        ------
        InputError
            If a point has another length, or the simulator another number of predictions than there are measurements.
        """
        points = self._points(points)
        values = self.priors.as_is(points)
        chosen = values[:, self._places]
        slopes = np.zeros((len(points), len(self.observations), len(self.names) if gradient else 0))
        if gradient:
            predicted, raw = self.simulator.predict_with_gradient(chosen)
            self._check(predicted)
            slopes[:, :, self._places] = raw
            slopes *= self.priors.stretch(values)[:, None]
        else:
            predicted = self.simulator.predict(chosen)
            self._check(predicted)
        return self._likelihood.readouts(values, self.priors.stretch(values), predicted, slopes)

    @property
    def squares(self) -> bool:
        """Whether the density is one of squares: exact measurements with normal noise of known width, normal priors."""
        data = self.observations
        known = all(noise.family != "student" and not noise.names and noise.proportional == 0 for noise in data.noises)
        return known and set(data.kinds or ()) == {"exact"}

    def residuals(self, points: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return residuals whose half sum of squares is minus the log posterior density but for a constant.

        Returns
        -------
        residuals : ndarray of shape (n, m + p)
            Measurements in units of their width, then parameters in units of their prior's.
        derivatives : ndarray of shape (n, m + p, p)
            With profiled factors following the parameters.

        Raises
        ------
        InputError
            If it is not one of `squares`.
        """
        if not self.squares:
            must = "residuals must be of exact measurements with normal noise of known width"
            raise errors.InputError(must, hint="log_density")
        points = self._points(points)
        found, along = self._likelihood.residuals(self.readouts(points, gradient=True))
        widths = np.array([prior.width for prior in self.priors.values()])
        away = (points - self.priors.centre) / widths
        steps = np.broadcast_to(np.diag(1.0 / widths), (len(points), len(widths), len(widths)))
        return np.concatenate([found, away], axis=1), np.concatenate([along, steps], axis=1)

    def scores(self, points: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return log posterior densities up to a constant, their derivatives, and the information.

        Returns
        -------
        densities : ndarray of shape (n,)
            As of `log_density`.
        scores : ndarray of shape (n, 1 + p, p)
            The derivatives; below them the expected Fisher information of measurements and priors.
        """
        points = self._points(points)
        found = self.readouts(points, gradient=True)
        value, gradient = _finite(found.log_density.sum(axis=1), found.gradient)
        prior, slope = self.priors.log_density(points)
        information = self._likelihood.information(found) + self.priors.precision
        value = np.where(np.isfinite(information).all(axis=(1, 2)), value, -np.inf)
        return prior + value, np.concatenate([(slope + gradient)[:, None], information], axis=1)

    def information(self, points: ArrayLike) -> np.ndarray:
        """Return the expected Fisher information of the measurements at points, shape (n, p, p).

        Censored measurements count with what knowing only the side of the limit tells.
        """
        return self._likelihood.information(self.readouts(points, gradient=True))

    def draw(self, points: ArrayLike, rng: np.random.Generator) -> np.ndarray:
        """Draw measurements of the same design at points, shape (n, m), without censoring."""
        found = self.readouts(points)
        columns = [
            noise.draw(rng, found.readouts[:, k], found.widths[:, k])
            for k, noise in enumerate(self.observations.noises)
        ]
        return np.stack(columns, axis=1)

    def point(self, values: Mapping[str, float]) -> np.ndarray:
        """Return the point of named values as they are, shape (p,).

        Raises
        ------
        InputError
            If a name is absent or unknown.
        """
        if set(values) != set(self.names):
            wrong = sorted(set(values) ^ set(self.names))
            raise errors.InputError(f"values must be given for exactly {', '.join(self.names)}", wrong)
        return self.priors.on_scales(np.array([values[name] for name in self.names], float))

    def _points(self, points: ArrayLike) -> np.ndarray:
        found = np.atleast_2d(np.asarray(points, float))
        if found.ndim != 2 or found.shape[1] != len(self.names):
            raise errors.InputError(f"a point must have {len(self.names)} numbers", np.shape(points))
        return found

    def _check(self, predicted: np.ndarray) -> None:
        if predicted.shape[1:] != (len(self.observations),):
            must = f"a simulator must predict {len(self.observations)} measurements"
            raise errors.InputError(must, predicted.shape[1:])


def _finite(value: np.ndarray, gradient: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a density of zero where something could not be computed."""
    good = np.isfinite(value) & np.isfinite(gradient).all(axis=1)
    return np.where(good, value, -np.inf), np.where(good[:, None], gradient, 0.0)
