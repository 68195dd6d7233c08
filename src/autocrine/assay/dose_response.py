"""A dose-response experiment: doses and replicates of one line, drug and arm; its table, its curve, its potency."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from autocrine.assay.arm import Arm
from autocrine.assay.protocol import Protocol
from autocrine.assay.readout import READOUTS
from autocrine.assay.well import Course, Well
from autocrine.circuit import Drug, Line

# wells are simulated without what fits curves to them
if TYPE_CHECKING:
    import pandas as pd

    from autocrine.assay.curve_series import Series


@dataclass(frozen=True)
class DoseResponse:
    """Wells of one line under rising doses of one drug in one arm.

    Attributes
    ----------
    populations : tuple of (Line, float)
        The line, or the mixture of lines.
    drug : Drug
        The drug that rises.
    doses_nM : numpy.ndarray
        Its doses; an untreated well is always added.
    arm : Arm
        What else is done.
    protocol : Protocol
        Seeding, volumes, times.
    """

    populations: tuple[tuple[Line, float], ...]
    drug: Drug
    doses_nM: np.ndarray
    arm: Arm
    protocol: Protocol

    @property
    def line_name(self) -> str:
        """The line, or the lines of a mixture with their share."""
        if len(self.populations) == 1:
            return self.populations[0][0].name
        return " + ".join(f"{100 * share:g}% {line.name}" for line, share in self.populations)

    def wells(self) -> list[Well]:
        """Return the untreated well and then one well per dose."""
        untreated = Well(self.populations, self.arm, self.protocol, ((self.drug, 0.0),))
        return [untreated, *(replace(untreated, drugs=((self.drug, float(dose)),)) for dose in self.doses_nM)]

    def table(self, courses: Sequence[Course], replicates: int, seed: int, *names: object) -> pd.DataFrame:
        """Measure the wells: one row per dose and replicate.

        Returns
        -------
        pandas.DataFrame
            Columns line, drug, arm, dose_nM, replicate, count_start, live_count, viability (of the untreated mean).
        """
        import pandas as pd

        count = READOUTS["live_count"]
        keys = (*names, self.line_name, self.drug.name, self.arm.name)
        doses = np.array([course.well.drugs[0][1] for course in courses])
        counts = np.array(
            [
                count.measure(course, replicates, seed, *keys, f"{dose:.6g}")
                for course, dose in zip(courses, doses, strict=True)
            ]
        )
        return pd.DataFrame(
            {
                "line": self.line_name,
                "drug": self.drug.name,
                "arm": self.arm.name,
                "dose_nM": np.repeat(doses, replicates),
                "replicate": np.tile(np.arange(1, replicates + 1), doses.size),
                "count_start": counts[:, :, 0].ravel(),
                "live_count": counts[:, :, 1].ravel(),
                "viability": (counts[:, :, 1] / counts[doses == 0, :, 1].mean()).ravel(),
            }
        )

    def viability_series(self, table: pd.DataFrame, *, interval: bool = True) -> Series:
        """Return the table of this series as it is fitted: viability of the untreated mean, replicate by replicate."""
        from autocrine.assay.curve_series import Series

        return Series(
            table["dose_nM"].to_numpy(),
            table["viability"].to_numpy(),
            _labels(table),
            interval=interval,
            half_level_error=0.5 * _control_error(table, "live_count"),
        )

    def growth_rate_series(self, table: pd.DataFrame) -> Series | None:
        """Return growth-rate values; None where the untreated cells did not grow, because GR is then not defined."""
        from autocrine.assay.curve_series import Series
        from autocrine.assay.growth_rate import ALL_DEAD, growth_rate_value

        untreated = table["dose_nM"].to_numpy() == 0
        start, end = (float(table[name].to_numpy()[untreated].mean()) for name in ("count_start", "live_count"))
        if end <= start:
            return None
        # GR = 2**g - 1 with g = ln(x/x0)/ln(xc/x0); at GR = 0.5 the errors of xc and x0 move it by these shares
        g = math.log2(1.5)
        moved = math.hypot(g * _control_error(table, "live_count"), (1 - g) * _control_error(table, "count_start"))
        return Series(
            table["dose_nM"].to_numpy(),
            growth_rate_value(table["live_count"].to_numpy(), start, end),
            _labels(table),
            floor=ALL_DEAD,
            half_level_error=1.5 * math.log(2) * moved / math.log(end / start),
        )

    def exact_ic50(self, courses: Sequence[Course]) -> float:
        """Return the noiseless IC50 in nM from the courses of `wells`; NaN where the doses do not reach it."""
        counts = np.array([course.levels["cells"][-1] for course in courses])
        return _half_dose(self.doses_nM, counts[1:] / counts[0])


def _labels(table: pd.DataFrame) -> np.ndarray | None:
    """Return which replicate a row belongs to; None where there is only one."""
    labels = table["replicate"].to_numpy()
    return labels if np.unique(labels).size > 1 else None


def _control_error(table: pd.DataFrame, column: str) -> float:
    """Return the relative standard error of the mean of the untreated wells.

    The scatter of replicates is pooled over all doses, because it is relative and three wells alone tell little of it.
    Without replicates nothing is known of it and the error is that of one well of the assay.
    """
    doses, group, counts = np.unique(table["dose_nM"].to_numpy(), return_inverse=True, return_counts=True)
    freedom = int((counts - 1).sum())
    if freedom == 0:
        return READOUTS["live_count"].cv
    value = table[column].to_numpy()
    mean = np.bincount(group, value) / counts
    pooled = math.sqrt(float(np.sum((value / mean[group] - 1) ** 2)) / freedom)
    return pooled / math.sqrt(counts[doses == 0].sum())


def _half_dose(dose_nM: np.ndarray, viability: np.ndarray) -> float:
    """Return the dose of half viability of a noiseless series; NaN where it is not crossed.

    A monotone cubic goes through the logarithm of viability over that of dose: a straight line between doses half
    a decade apart would be off by a tenth.

    Parameters
    ----------
    dose_nM, viability : numpy.ndarray, shape (n,)
        Rising positive doses and the fraction of untreated cells.
    """
    from scipy.interpolate import PchipInterpolator
    from scipy.optimize import brentq

    below = np.flatnonzero(viability < 0.5)
    if not below.size or below[0] == 0:
        return float("nan")
    log_dose, log_ratio = np.log(dose_nM), np.log(np.maximum(viability, 1e-12) / 0.5)
    shape = PchipInterpolator(log_dose, log_ratio)
    at = below[0]
    root = brentq(lambda x: float(shape(x)), log_dose[at - 1], log_dose[at], xtol=1e-10, full_output=False)
    return math.exp(float(root))  # pyright: ignore[reportArgumentType]
