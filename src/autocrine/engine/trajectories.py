"""What a simulation returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autocrine.core import errors, notebook


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
    by : tuple of str
        The p parameters, and species behind ``initial:``, that the outputs are differentiated by.
    gradient : ndarray of shape (n, T, k, p)
        The derivatives, in units of outputs over those of parameters; empty if none are asked for or stored.
    reduced : dict of str to ndarray
        What was kept instead of the values, which then have the shape (0, T, k).
    reduced_gradient : dict of str to ndarray
        The derivatives of what was kept, each with one axis of length p more.
    """

    times: np.ndarray
    names: tuple[str, ...]
    values: np.ndarray
    failures: dict[int, errors.SolverError] = field(default_factory=dict)
    by: tuple[str, ...] = ()
    gradient: np.ndarray = field(default_factory=lambda: np.empty((0, 0, 0, 0)))
    reduced: dict[str, Any] = field(default_factory=dict)
    reduced_gradient: dict[str, np.ndarray] = field(default_factory=dict)

    def __getitem__(self, name: str) -> np.ndarray:
        """Return one output, shape (n, T)."""
        return self.values[:, :, place_of(name, self.names)]

    def derivative(self, name: str, by: str) -> np.ndarray:
        """Return the derivative of one output by one parameter or initial value, shape (n, T)."""
        return self.gradient[:, :, place_of(name, self.names), place_of(by, self.by)]

    def __len__(self) -> int:
        return len(self.values)

    def _repr_html_(self) -> str:
        title = f"{len(self)} trajectories of {len(self.names)} outputs"
        if self.reduced:
            return notebook.page(f"reduced: {', '.join(self.reduced)}")
        if not self.values.size:
            return notebook.page(title)
        failed = [f"trajectory {row}: {why}" for row, why in list(self.failures.items())[:3]]
        if len(self.failures) == len(self):
            return notebook.page(title, notebook.lines(failed))
        middle = np.median(np.delete(self.values, list(self.failures), axis=0), axis=0)
        times = self.times if self.times.ndim == 1 else self.times[0]
        courses = {name: (times, middle[:, place]) for place, name in enumerate(self.names[:6])}
        says = f"median of {', '.join(courses)} from {times[0]:.3g} to {times[-1]:.3g}"
        rows = [(name, middle[0, place], middle[-1, place]) for place, name in enumerate(self.names)]
        head = ["output (median)", f"at {times[0]:.3g}", f"at {times[-1]:.3g}"]
        return notebook.page(title, notebook.picture(says, courses), notebook.table(head, rows), notebook.lines(failed))


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
