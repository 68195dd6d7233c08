"""IL-6 in serum: what producers give and what every person has, and what an assay makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from autocrine.cohort.drug_file import patient_parameters
from autocrine.core import errors


def serum_level(producers, background, p: Any):
    """Return IL-6 in serum at rest, pg/ml: it follows the tumour within hours, a tumour changes over weeks."""
    return background + p.il6_export * p.il6_secretion * producers / p.il6_clearance


def serum_at_rest(producers: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Return IL-6 in serum at rest with the usual production and clearance, pg/ml, shape (n,)."""
    return serum_level(producers, background, SimpleNamespace(**patient_parameters().values_by_name))


@dataclass(frozen=True)
class Assay:
    """An immunoassay of IL-6.

    Attributes
    ----------
    detection_limit_pg_ml : float
        What is lower is reported as the limit over the square root of 2, and as not detected.
    cv : float
        Standard deviation of the logarithm of a measurement.

    Raises
    ------
    InputError
        If one of them is negative or not finite.

    References
    ----------
    Hornung and Reed 1990, Appl Occup Environ Hyg 5:46, for what stands in for values below a limit.
    """

    detection_limit_pg_ml: float = 1.0
    cv: float = 0.2

    def __post_init__(self) -> None:
        """Refuse what no assay has."""
        for name in ("detection_limit_pg_ml", "cv"):
            value = getattr(self, name)
            if not 0 <= value < 1e6:
                raise errors.InputError(f"{name} must be a number of at least 0", value)

    def measure(self, true_pg_ml: np.ndarray, noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what is reported (pg/ml) and whether it was detected.

        Parameters
        ----------
        true_pg_ml : ndarray of shape (n,)
        noise : ndarray of shape (n,)
            Standard normal numbers.
        """
        found = true_pg_ml * np.exp(self.cv * noise)
        seen = found >= self.detection_limit_pg_ml
        return np.where(seen, found, self.detection_limit_pg_ml / np.sqrt(2)), seen
