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

    @abstractmethod
    def take(self, values: np.ndarray) -> None:
        """Take the values of some trajectories, shape (rows, T, k)."""

    @abstractmethod
    def result(self) -> np.ndarray:
        """Return what was kept."""
