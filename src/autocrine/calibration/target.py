"""What can be fitted and sampled."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from autocrine.calibration.given.priors import Priors


class Target(Protocol):
    """Log densities of many points at once, with derivatives.

    Points have shape (n, p); what is said of one must not depend on the others. A point that cannot be evaluated has
    the density zero: ``-inf``, with derivatives of zero.
    """

    @property
    def priors(self) -> Priors:
        """Names, scales, bounds and densities of the parameters."""
        ...

    def log_likelihood(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return log likelihoods, shape (n,), and derivatives by the points, shape (n, p)."""
        ...

    def log_density(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return log posterior densities up to a constant, shape (n,), and derivatives, shape (n, p)."""
        ...

    @property
    def squares(self) -> bool:
        """Whether `residuals` can be had."""
        ...

    def residuals(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return residuals, shape (n, q), whose half sum of squares is minus the log density but for a constant.

        Also their derivatives, of shape (n, q, p).
        """
        ...

    def scores(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return log posterior densities, shape (n,), and their derivatives with the information, shape (n, 1 + p, p).

        The first row is what `log_density` says; below it stands the expected Fisher information of measurements and
        priors, which takes the place of minus the second derivatives.
        """
        ...
