"""What every integrator does."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from autocrine.engine.compiled import System


class Integrator(ABC):
    """Solves an initial value problem between two events.

    Parameters
    ----------
    rtol : float
        Relative tolerance.
    atol : ndarray of shape (n,)
        Absolute tolerance of each species, in its unit.
    """

    def __init__(self, rtol: float, atol: np.ndarray) -> None:
        self.rtol, self.atol = rtol, atol

    @abstractmethod
    def integrate(self, system: System, state: np.ndarray, times: np.ndarray) -> np.ndarray:
        """Return the states at some times.

        Parameters
        ----------
        system : System
            The equations with the parameters of the trajectory.
        state : ndarray of shape (n,)
            The state at ``times[0]``.
        times : ndarray of shape (T,)
            Increasing times (h), at least two.

        Returns
        -------
        ndarray of shape (T, n)
            The states; the first is ``state``.

        Raises
        ------
        SolverError
            If the tolerance cannot be met, with the time that was reached and the species that looks worst.
        """
