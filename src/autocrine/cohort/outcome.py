"""What becomes of patients: response by RECIST, progression, death, and pathological complete response.

References
----------
Eisenhauer 2009, Eur J Cancer 45:228, doi:10.1016/j.ejca.2008.10.026 (RECIST 1.1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autocrine.cohort.drug_file import patient_parameters
from autocrine.core import errors

#: what a best response is called, from the best to the worst
RESPONSES = ("CR", "PR", "SD", "PD")
#: RECIST 1.1: at least 30 % smaller, at least 20 % and 5 mm larger than the smallest
_PARTIAL, _PROGRESSIVE, _PROGRESSIVE_MM = 0.7, 1.2, 5.0


@dataclass(frozen=True)
class Visits:
    """When and how tumours are measured.

    Attributes
    ----------
    every_days : float
        Days between two measurements of the tumour.
    error : float
        Standard deviation of the logarithm of a diameter; chosen.
    visible_mm : float
        Diameter below which a tumour is not seen; chosen.
    window_days : float
        A visit falls up to so many days before or after its day, chosen. Without it all progressions fall on a few
        days, and a Cox model with so many ties finds fewer markers than it says.
    surgery_day : float
        When the breast is looked at for a complete response; chosen: after 24 weeks of treatment.
    cleared_cells : float
        Burden below which a pathologist finds no tumour; chosen.
    """

    every_days: float = 42.0
    error: float = 0.05
    visible_mm: float = 5.0
    window_days: float = 7.0
    surgery_day: float = 182.0
    cleared_cells: float = 3e7

    def __post_init__(self) -> None:
        """Refuse numbers that cannot be used."""
        for name in ("every_days", "visible_mm", "surgery_day", "cleared_cells"):
            if not 0 < getattr(self, name) < 1e12:
                raise errors.InputError(f"{name} must be a positive number", getattr(self, name))
        if not 0 <= self.window_days < self.every_days / 2:
            raise errors.InputError("window_days must be less than half of every_days", self.window_days)
        if not 0 <= self.error < 1:
            raise errors.InputError("error must lie between 0 and 1", self.error)

    def days(self, horizon: float) -> np.ndarray:
        """Return the days of measurements up to a horizon, with day 0."""
        return np.arange(0.0, horizon + 1e-9, self.every_days)


def diameter_mm(log_burden: np.ndarray) -> np.ndarray:
    """Return the diameter of a ball of so many cells (natural logarithm), mm."""
    density_per_ml = patient_parameters()["cell_density"].value
    return 10.0 * np.cbrt(6.0 / np.pi / density_per_ml) * np.exp(log_burden / 3.0)


def judge_response(diameters_mm: np.ndarray, visits: Visits) -> tuple[np.ndarray, np.ndarray]:
    """Judge tumours by RECIST.

    Parameters
    ----------
    diameters_mm : ndarray of shape (n, V)
        Measured diameters at each visit; the first is the baseline.
    visits : Visits
        Below which diameter nothing is seen.

    Returns
    -------
    best : ndarray of shape (n,)
        Place of the best response in `RESPONSES`, before progression.
    progressed : ndarray of shape (n,)
        Number of the first visit with progression, V where there is none.
    """
    count, last = diameters_mm.shape
    seen = np.where(diameters_mm < visits.visible_mm, 0.0, diameters_mm)
    best, progressed = np.full(count, 2), np.full(count, last)
    nadir = seen[:, 0].copy()
    for visit in range(1, last):
        now, open_ = seen[:, visit], progressed == last
        worse = (now >= _PROGRESSIVE * nadir) & (now - nadir >= _PROGRESSIVE_MM)
        progressed[open_ & worse] = visit
        first = open_ & worse & (visit == 1)
        best[first] = 3
        state = np.where(now == 0, 0, np.where(now <= _PARTIAL * seen[:, 0], 1, 2))
        better = open_ & ~worse
        best[better] = np.minimum(best[better], state[better])
        nadir = np.minimum(nadir, now)
    return best, progressed


def day_of_death(days: np.ndarray, hazard: np.ndarray, luck: np.ndarray) -> np.ndarray:
    """Return the day on which the cumulative hazard reaches what luck gives, infinite if it does not.

    Parameters
    ----------
    days : ndarray of shape (T,)
    hazard : ndarray of shape (n, T)
        Cumulative hazard, not falling.
    luck : ndarray of shape (n,)
        Exponential numbers of mean 1.
    """
    reached = hazard >= luck[:, None]
    place = np.where(reached.any(axis=1), reached.argmax(axis=1), len(days))
    found = np.full(len(luck), np.inf)
    inside = np.flatnonzero((place > 0) & (place < len(days)))
    after = place[inside]
    low, high = hazard[inside, after - 1], hazard[inside, after]
    share = (luck[inside] - low) / (high - low)
    found[inside] = days[after - 1] + share * (days[after] - days[after - 1])
    found[place == 0] = days[0]
    return found
