"""Patients as the analysis sees them: numbers, and an account of everyone who is not among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from autocrine.prognosis.question import Question


@dataclass(frozen=True)
class Caution:
    """Something a reader must know before believing a number."""

    topic: str
    text: str


@dataclass(frozen=True)
class Cohort:
    """Patients with time, event, marker and covariates.

    Attributes
    ----------
    name : str
        The file.
    question : Question
        What was asked.
    time : ndarray
        Follow-up, above 0, in ``time_unit``.
    event : ndarray of int
        0 censored, 1 the event, 2 a competing event.
    marker : ndarray
        NaN where missing.
    treatment : ndarray, optional
        0 or 1, NaN where missing; ``arms`` names the two.
    response : ndarray, optional
        0 or 1, NaN where missing.
    covariates : DataFrame
        One column per covariate: numbers, or codes of ``levels``; NaN where missing.
    levels : dict
        Covariate → the words that its codes 0, 1, 2 ... stand for; a covariate with numbers is absent.
    flow : list of (str, int)
        How many patients there are after each step.
    excluded : DataFrame
        Columns ``row``, ``id``, ``reason``.
    """

    name: str
    question: Question
    identity: NDArray[np.object_]
    time: NDArray[np.float64]
    event: NDArray[np.int64]
    marker: NDArray[np.float64]
    treatment: NDArray[np.float64] | None
    response: NDArray[np.float64] | None
    covariates: pd.DataFrame
    levels: dict[str, list[str]]
    arms: tuple[str, str]
    time_unit: str
    units: dict[str, str]
    flow: list[tuple[str, int]]
    excluded: pd.DataFrame
    notes: list[str] = field(default_factory=list)
    cautions: list[Caution] = field(default_factory=list)

    @property
    def events(self) -> int:
        """How many patients had the event."""
        return int((self.event == 1).sum())

    @property
    def columns_of_covariates(self) -> int:
        """How many columns the covariates have in a regression."""
        return sum(len(self.levels[name]) - 1 if name in self.levels else 1 for name in self.covariates.columns)
