"""One cohort, one marker, every item in the order of REMARK."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from autocrine.core import errors, notebook
from autocrine.prognosis.cohort import Caution, Cohort

if TYPE_CHECKING:
    import pandas as pd

    from autocrine.prognosis.calibrated import Calibration
    from autocrine.prognosis.competing import CompetingRisks
    from autocrine.prognosis.completed import Completed
    from autocrine.prognosis.cutpoint import Cutpoint
    from autocrine.prognosis.distribution import Distribution
    from autocrine.prognosis.interaction import Interaction
    from autocrine.prognosis.kaplan_meier import SurvivalCurves
    from autocrine.prognosis.pooled import Pooled
    from autocrine.prognosis.power import Power
    from autocrine.prognosis.remedy import Remedy
    from autocrine.prognosis.response import Response
    from autocrine.prognosis.spline import Spline
    from autocrine.prognosis.validation import Validation

Result = TypeVar("Result")


@dataclass
class Analysis:
    """Everything that was estimated; a part is None where it was not asked for or has no estimate, and then says why.

    Attributes
    ----------
    cohort, completed : Cohort, Completed
        The patients, with gaps and without.
    distribution, curves, follow_up
        Marker and variables; Kaplan-Meier in thirds of the marker; median follow-up.
    univariable : DataFrame
        One Cox regression per column.
    full, clinical : Pooled, optional
        The marker with the clinical columns, and these alone.
    remedy, spline, cutpoint, competing, validation, calibration, auc, interaction, response, power
        As their classes say; ``auc`` has columns ``time``, ``model``, ``auc`` (apparent).
    cautions : list of Caution
        What a reader must know, with the reason for every part that is missing.
    """

    cohort: Cohort
    completed: Completed
    distribution: Distribution
    curves: SurvivalCurves
    follow_up: float
    univariable: pd.DataFrame
    alone: Pooled
    power: Power
    horizon: float
    full: Pooled | None = None
    remedy: Remedy | None = None
    spline: Spline | None = None
    cutpoint: Cutpoint | None = None
    competing: CompetingRisks | None = None
    validation: Validation | None = None
    calibration: Calibration | None = None
    auc: pd.DataFrame | None = None
    interaction: Interaction | None = None
    response: Response | None = None
    cautions: list[Caution] = field(default_factory=list)
    conclusion: list[str] = field(default_factory=list)

    @property
    def adjusted_fits(self) -> bool:
        """Whether the adjusted model has an estimate and something to adjust for."""
        return self.full is not None and bool(self.completed.clinical)

    @property
    def effect(self) -> dict[str, float]:
        """The marker's row, adjusted where that could be fitted: the model asked for, whatever its checks say."""
        return (self.full if self.full is not None else self.alone).row(self.completed.marker)

    def _repr_html_(self) -> str:
        patients, events = len(self.cohort.time), int((self.cohort.event == 1).sum())
        title = f"{self.completed.marker} in {self.cohort.name}: {patients} patients, {events} events"
        cautions = [f"{each.topic}: {each.text}" for each in self.cautions]
        table = notebook.table(list(map(str, self.univariable.columns)), self.univariable.itertuples(index=False))
        return notebook.page(title, notebook.lines(self.conclusion), table, notebook.lines(cautions[: notebook.MOST]))

    def attempt(self, topic: str, work: Callable[[], Result]) -> Result | None:
        """Return a part, or None and a caution that says why there is none."""
        try:
            return work()
        except errors.InputError as error:
            self.cautions.append(Caution(topic, f"not estimated: {error}"))
            return None
