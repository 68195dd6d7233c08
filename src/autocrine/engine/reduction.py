"""What is kept of an ensemble whose values are too many to be stored."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np


class Reduction(ABC):
    """Takes blocks of trajectories one after the other, and tells at the end what it kept.

    Notes
    -----
    Blocks have the same borders whatever the number of threads, and so does the result. Failed trajectories are left
    out of a block, unless ``wants_failed``; what lies after the end of a trajectory is NaN and does not count.
    """

    #: whether rows of failed trajectories, which are NaN, are wanted too
    wants_failed = False
    #: whether what is kept has derivatives that a stream can tell
    differentiable = False

    @abstractmethod
    def take(self, values: np.ndarray, slopes: np.ndarray | None = None) -> None:
        """Take the values of some trajectories, shape (rows, T, k), and their derivatives, shape (rows, T, k, p)."""

    @abstractmethod
    def result(self) -> np.ndarray:
        """Return what was kept."""

    def derivatives(self) -> np.ndarray | None:
        """Return the derivatives of what was kept, of one axis more; None if none were taken."""
        return None
