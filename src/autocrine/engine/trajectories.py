"""What a simulation returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autocrine.core import errors


@dataclass(frozen=True)
class Trajectories:
    """Time courses of an ensemble.

    Attributes
    ----------
    times : ndarray of shape (T,) or (n, T)
        Output times (h); at the time of an event the state after it is shown.
    names : tuple of str
        The k outputs.
    values : ndarray of shape (n, T, k)
        Their values, each in the unit that the network declares for it; NaN throughout in a failed trajectory.
    failures : dict of int to SolverError
        Why trajectories failed, by index.
    reduced : dict of str to ndarray
        What was kept instead of the values, which then have the shape (0, T, k).
    """

    times: np.ndarray
    names: tuple[str, ...]
    values: np.ndarray
    failures: dict[int, errors.SolverError] = field(default_factory=dict)
    reduced: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> np.ndarray:
        """Return one output, shape (n, T)."""
        return self.values[:, :, place_of(name, self.names)]

    def __len__(self) -> int:
        return len(self.values)


def place_of(name: str, names: tuple[str, ...]) -> int:
    """Return where a name stands.

    Raises
    ------
    InputError
        If it is none of the outputs.
    """
    if name not in names:
        shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
        raise errors.InputError("an output must be one that was asked for", name, hint=shown)
    return names.index(name)
