"""Virtual patients: plausible ones, weighted so that what they share with publications has its published value.

Weights are the ones nearest to equal (in relative entropy) with which each matched fraction is met: the exponential of
a sum over what a patient has. A patient is accepted with a probability in proportion to the weight. What was matched
says nothing about the model; what was not is a prediction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    evidence, basis, note : str
        As in `core.Parameters`.
    """

    name: str
    column: str
    above: float
    fraction: float
    evidence: str
    basis: str
    note: str = ""

    def holds(self, patients: pd.DataFrame) -> np.ndarray:
        """Return for each patient whether it counts, as 0 or 1."""
        return (patients[self.column].to_numpy(dtype=float) > self.above).astype(float)


#: what virtual patients are matched to
MATCHED = (
    Target("serum IL-6 above 4 pg/ml", "il6_true_pg_ml", 4.0, 0.48, "P073", "read", "46 patients with metastases"),
    Target("P-gp positive", "pgp_seen", 0.9, 0.66, "P116", "read", "177 tumours; above 0.9 counts as positive: chosen"),
    Target("responds to AC-T", "responded", 0.5, 0.55, "", "chosen", "no response rate is among the facts"),
)


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
        For each target the fraction before and after, and what was asked.
    """

    tilts: tuple[float, ...]
    effective_share: float
    rows: tuple[Mapping[str, object], ...]

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
    """
    from scipy.optimize import minimize

    features = np.column_stack([target.holds(patients) for target in targets])
    wanted = np.array([target.fraction for target in targets])
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
        return float(top + np.log(raw.mean())), (raw / raw.sum()) @ (features - wanted)

    solved = minimize(surplus, np.zeros(len(wanted)), jac=True, method="BFGS", options={"gtol": 1e-8})
    found = Weights(tuple(float(t) for t in solved.x), 1.0, ())
    weights = found.of(patients, targets)
    shares = weights / weights.sum()
    reached = shares @ features
    if np.abs(reached - wanted).max() > 1e-3:
        worst = targets[int(np.abs(reached - wanted).argmax())]
        raise errors.InputError(f"targets must be possible together, which {worst.name!r} is not", worst.fraction)
    rows = tuple(
        {
            "what": target.name,
            "published": target.fraction,
            "plausible": float(features[:, place].mean()),
            "virtual": float(reached[place]),
            "evidence": target.evidence,
            "basis": target.basis,
            "note": target.note,
        }
        for place, target in enumerate(targets)
    )
    return Weights(found.tilts, float(1 / (shares**2).sum() / len(patients)), rows)
