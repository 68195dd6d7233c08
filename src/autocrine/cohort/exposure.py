"""What a body sees of a drug: time courses, AUC, peak and half-life."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from autocrine.cohort.pharmacokinetics import drug_network
from autocrine.cohort.regimen import Course
from autocrine.core import errors, notebook
from autocrine.engine import simulate


@dataclass(frozen=True)
class Exposure:
    """Plasma and tumour under a drug.

    Attributes
    ----------
    days : ndarray of shape (T,)
    plasma : ndarray of shape (n, T)
        Plasma concentration, mg/L.
    tumour : ndarray of shape (n, T)
        Tumour concentration, mg/L; empty for antibodies.
    auc : ndarray of shape (n, T)
        Integral of the plasma concentration up to each time, mg day/L.
    balance : ndarray of shape (n, T)
        All that is in the body or has left it, mg.
    """

    days: np.ndarray
    plasma: np.ndarray
    tumour: np.ndarray
    auc: np.ndarray
    balance: np.ndarray

    def _repr_html_(self) -> str:
        middle = np.median(self.plasma, axis=0)
        says = f"median plasma concentration (mg/L) over {self.days[-1]:.3g} days"
        picture = notebook.picture(says, {"plasma, mg/L": (self.days, middle)})
        return notebook.page(f"exposure of {len(self.plasma)} bodies", picture)

    def half_life(self, early: float, late: float) -> np.ndarray:
        """Return the half-life (days) between two times of the course, shape (n,)."""
        first, last = np.searchsorted(self.days, [early, late])
        fall = np.log(self.plasma[:, first] / self.plasma[:, last])
        return math.log(2) * (self.days[last] - self.days[first]) / fall


def simulate_exposure(
    courses: Sequence[Course],
    days: Sequence[float] | np.ndarray,
    parameters: Mapping[str, ArrayLike] | None = None,
    *,
    rtol: float = 1e-8,
) -> Exposure:
    """Simulate one drug, given as plain doses (mg), in n bodies.

    Parameters
    ----------
    courses : sequence of Course
        Infusions of one drug; doses are amounts in mg, whatever their unit says.
    days : array_like of shape (T,)
        Times, increasing.
    parameters : mapping of str to float or array of shape (n,), optional
        Kinetics that differ from the typical ones, as `Bodies.kinetics` gives them.
    rtol : float
        Relative tolerance.

    Raises
    ------
    InputError
        If the courses are of several drugs, or of none.
    """
    drugs = {course.drug for course in courses}
    if len(drugs) != 1:
        raise errors.InputError("courses must be of one drug", sorted(drugs))
    drug = drugs.pop()
    network = drug_network(drug)
    events = [event for course in courses for event in course.events(patient=False)]
    found = simulate(network, days, parameters, events=events, rtol=rtol, atol=1e-10)
    amounts = [s for s in network.outline.species if not s.endswith(("_tumour", "_target", "_auc"))]
    tumour = f"{drug}_tumour"
    return Exposure(
        np.asarray(days, dtype=float),
        found[f"{drug}_plasma"],
        found[tumour] if tumour in network.outline.species else np.empty((len(found), 0)),
        found[f"{drug}_auc"],
        np.sum([found[name] for name in amounts], axis=0),
    )
