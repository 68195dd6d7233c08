"""Virtual patients: plausible ones, weighted so that what they share with publications has its published value.

Weights are the ones nearest to equal (in relative entropy) with which each matched fraction is met as well as its own
sample allows: the exponential of a sum over what a patient has. Publications on some tens of patients do not agree to
the last per cent, and two on the same thing are met in between. A patient is accepted with a probability in proportion
to the weight. What was matched says nothing about the model; what was not is a prediction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from autocrine.core import errors


@dataclass(frozen=True)
class Target:
    """A published fraction of patients.

    Attributes
    ----------
    name : str
        What it is a fraction of.
    column : str
        Column of the patients.
    above : float
        A patient counts where the column is larger.
    fraction : float
        The published fraction.
    patients : int
        Patients it was found in: its standard error follows from them.
    evidence, basis, note : str
        As in `core.Parameters`.
    """

    name: str
    column: str
    above: float
    fraction: float
    patients: int
    evidence: str
    basis: str
    note: str = ""

    @property
    def error(self) -> float:
        """Standard error of the published fraction."""
        return float(np.sqrt(self.fraction * (1 - self.fraction) / self.patients))

    def holds(self, patients: pd.DataFrame) -> np.ndarray:
        """Return for each patient whether it counts, as 0 or 1."""
        return (patients[self.column].to_numpy(dtype=float) > self.above).astype(float)


#: what virtual patients are matched to
MATCHED = (
    Target("serum IL-6 above 4 pg/ml", "il6_true_pg_ml", 4.0, 0.48, 46, "P073", "read", "patients with metastases"),
    Target("serum IL-6 above 6.6 pg/ml", "il6_true_pg_ml", 6.6, 0.5, 96, "P078", "read", "the median, with metastases"),
    Target(
        "P-gp positive", "pgp_seen", 0.9, 0.66, 177, "P116", "read", "tumours; above 0.9 counts as positive: chosen"
    ),
    Target("responds to AC-T", "responded", 0.5, 0.55, 100, "", "chosen", "no response rate is among the facts"),
)
#: patients that equal weights count as, against those of publications; chosen
_PRIOR_PATIENTS = 10.0
#: standard errors from a published fraction beyond which it is not met
_MOST_ERRORS = 3.0


@dataclass(frozen=True)
class Weights:
    """How plausible patients are weighted.

    Attributes
    ----------
    tilts : tuple of float
        One coefficient for each target.
    effective_share : float
        Effective sample size over the number of plausible patients of the pilot.
    rows : tuple of dict
        For each target the fraction before and after, what was asked, and the distance in its standard errors.
    kinds : tuple of dict
        For each combination of targets that there is: ``counts_for`` (those that hold), the share of plausible and of
        virtual patients, and the ``weight`` over the mean weight.
    """

    tilts: tuple[float, ...]
    effective_share: float
    rows: tuple[Mapping[str, Any], ...]
    kinds: tuple[Mapping[str, Any], ...] = ()

    def of(self, patients: pd.DataFrame, targets: Sequence[Target] = MATCHED) -> np.ndarray:
        """Return the weight of each patient, of which the largest possible is 1."""
        if not self.tilts:
            return np.ones(len(patients))
        features = np.column_stack([target.holds(patients) for target in targets])
        tilts = np.array(self.tilts)
        return np.exp(features @ tilts - tilts[tilts > 0].sum())


#: every plausible patient is accepted
UNWEIGHTED = Weights((), 1.0, ())


def match(patients: pd.DataFrame, targets: Sequence[Target] = MATCHED) -> Weights:
    """Find the weights with which patients meet the targets.

    Raises
    ------
    InputError
        If a target cannot be met, because all patients count or none does, or because targets exclude each other.

    Notes
    -----
    The weights w maximise ``-m KL(w) - sum((reached - published)² / (2 error²))`` with m the patients that equal
    weights count as; its dual is convex in the tilts.
    """
    from scipy.optimize import minimize

    features = np.column_stack([target.holds(patients) for target in targets])
    wanted = np.array([target.fraction for target in targets])
    loose = _PRIOR_PATIENTS * np.array([target.error for target in targets]) ** 2
    for target, column in zip(targets, features.T, strict=True):
        if not 0 < column.mean() < 1:
            raise errors.InputError(
                f"some plausible patients must count for {target.name!r} and some not", f"{column.mean():.0%}",
                hint="another producer_prevalence",
            )  # fmt: skip

    def surplus(tilts: np.ndarray) -> tuple[float, np.ndarray]:
        exponents = (features - wanted) @ tilts
        top = exponents.max()
        raw = np.exp(exponents - top)
        value = float(top + np.log(raw.mean()) + (loose * tilts**2).sum() / 2)
        return value, (raw / raw.sum()) @ (features - wanted) + loose * tilts

    # a weight beyond exp(50) means that a target cannot be met, which is seen below
    bounds, fine = [(-50.0, 50.0)] * len(wanted), {"gtol": 1e-9, "ftol": 1e-15}
    solved = minimize(surplus, np.zeros(len(wanted)), jac=True, method="L-BFGS-B", bounds=bounds, options=fine)
    found = Weights(tuple(float(t) for t in solved.x), 1.0, ())
    weights = found.of(patients, targets)
    shares = weights / weights.sum()
    reached = shares @ features
    distance = (reached - wanted) / np.array([target.error for target in targets])
    if np.abs(distance).max() > _MOST_ERRORS:
        worst = targets[int(np.abs(distance).argmax())]
        raise errors.InputError(f"targets must be possible together, which {worst.name!r} is not", worst.fraction)
    rows = tuple(
        _row(target, share, *numbers)
        for target, share, *numbers in zip(targets, features.mean(axis=0), reached, distance, strict=True)
    )
    effective = float(1 / (shares**2).sum() / len(patients))
    return Weights(found.tilts, effective, rows, _kinds(features, shares, targets))


def _row(target: Target, plausible: float, virtual: float, distance: float) -> dict[str, Any]:
    return {
        "what": target.name,
        "published": target.fraction,
        "plausible": float(plausible),
        "virtual": float(virtual),
        "patients": target.patients,
        "errors_away": float(distance),
        "evidence": target.evidence,
        "basis": target.basis,
        "note": target.note,
    }


def _kinds(features: np.ndarray, shares: np.ndarray, targets: Sequence[Target]) -> tuple[dict[str, Any], ...]:
    """Return what patients of each combination of targets weigh, the heaviest first."""
    rows, place = np.unique(features, axis=0, return_inverse=True)
    found = []
    for number, row in enumerate(rows):
        mine = place.ravel() == number
        found.append(
            {
                "counts_for": ", ".join(t.name for t, holds in zip(targets, row, strict=True) if holds) or "none",
                "plausible": float(mine.mean()),
                "virtual": float(shares[mine].sum()),
                "weight": float(shares[mine].sum() / mine.mean()),
            }
        )
    return tuple(sorted(found, key=lambda one: -float(one["weight"])))
