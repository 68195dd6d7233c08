"""A prediction of the model held against a finding: hit or miss, never a hit where the finding was fitted.

The prediction must have the reported direction, lie within a factor of 2 of the reported number or range (a floor has
no factor), and within a factor of 1.5 of no change where no change is reported. Both factors are ours. As for claims,
a hit needs the whole interval inside and a miss the whole interval outside; so a wide interval earns nothing.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass

from autocrine.core import errors
from autocrine.evidence.finding import COMPARABLE, Finding
from autocrine.evidence.interval import Interval, shown

#: a prediction agrees with a number within this factor (chosen by us; assays of one line differ by as much)
AGREEMENT_FACTOR = 2.0
#: a fold within this factor of 1 counts as no change (chosen by us; the same 1.5 that our claims ask for)
UNCHANGED_FACTOR = 1.5


class Outcome(enum.StrEnum):
    """How a prediction compares with a finding."""

    HIT = "hit"
    MISS = "miss"
    UNDECIDED = "undecided"
    FITTED = "fitted"
    BUILT_IN = "built in"


@dataclass(frozen=True)
class Comparison:
    """How a prediction compares with a finding.

    Attributes
    ----------
    outcome : Outcome
        ``fitted`` where it agrees with a finding that the fit has seen, ``built in`` where it agrees with one from
        which the circuit was drawn.
    ratio : float or None
        Predicted over observed (folds, for a change in %); None where the finding has no number.
    accepted : tuple of float
        The open range in which the prediction agrees, in the unit of the finding.
    reason : str
        One sentence.
    """

    outcome: Outcome
    ratio: float | None
    accepted: tuple[float, float]
    reason: str

    @property
    def hit(self) -> bool:
        """Whether it counts as a hit; a fitted finding never does."""
        return self.outcome is Outcome.HIT


def judge_finding(
    finding: Finding, predicted: float, low: float | None = None, high: float | None = None
) -> Comparison:
    """Hold a prediction against a finding.

    Parameters
    ----------
    finding : Finding
        The finding; not one with role ``context``.
    predicted : float
        The prediction in the unit of the finding; a fold over the control where the finding has no number.
    low, high : float, optional
        The interval of the prediction.

    Returns
    -------
    Comparison
        The outcome, the ratio, and the range that would have agreed.

    Raises
    ------
    InputError
        If the finding is no test of the model, or the prediction is not a number or impossible for its unit.
    """
    if finding.role == "context" or finding.direction not in COMPARABLE:
        raise errors.InputError(
            "a finding must be a test of the model to be compared",
            f"{finding.role}, direction {finding.direction}",
            where=finding.key,
            hint="one with role fit or hold_out",
        )
    ends = (predicted if low is None else low, predicted if high is None else high)
    interval = Interval(predicted, *ends)
    folds = Interval(*(_as_ratio(finding, end) for end in (predicted, *ends)))
    bounds = _accepted(finding)
    outcome = _outcome(finding, folds, bounds)
    accepted = (_from_ratio(finding, bounds[0]), _from_ratio(finding, bounds[1]))
    reason = (
        f"{outcome}: predicted {interval}, accepted {shown(max(accepted[0], _least(finding)))} to {shown(accepted[1])}"
    )
    return Comparison(outcome, _ratio(finding, folds.value), accepted, reason)


def _least(finding: Finding) -> float:
    """Return the least that a prediction can be: no fold and no level lies below nothing."""
    return -100.0 if finding.unit == "%" else 0.0


def _outcome(finding: Finding, folds: Interval, bounds: tuple[float, float]) -> Outcome:
    if folds.lies_outside(*bounds):
        return Outcome.MISS
    if not folds.lies_inside(*bounds):
        return Outcome.UNDECIDED
    if finding.encoded:
        return Outcome.BUILT_IN
    return Outcome.FITTED if finding.role == "fit" else Outcome.HIT


def _accepted(finding: Finding) -> tuple[float, float]:
    """Return the open range of agreement, as folds where the finding is relative."""
    if finding.direction == "none":
        return 1 / UNCHANGED_FACTOR, UNCHANGED_FACTOR
    least, most = _magnitude(finding)
    if finding.direction == "up":
        return max(least, 1.0), most
    if finding.direction == "down":
        return least, min(most, 1.0)
    return least, most


def _magnitude(finding: Finding) -> tuple[float, float]:
    factor = finding.tolerance or AGREEMENT_FACTOR
    number, low, high = (None if n is None else _as_ratio(finding, n) for n in _numbers(finding))
    if low is not None and high is None and number is None:
        return low, math.inf
    least, most = (number if low is None else low), (number if high is None else high)
    return (-math.inf if least is None else least / factor), (math.inf if most is None else most * factor)


def _ratio(finding: Finding, predicted: float) -> float | None:
    number, low, high = (None if n is None else _as_ratio(finding, n) for n in _numbers(finding))
    if number is None and low is not None:
        number = low if high is None else math.sqrt(low * high)
    return None if number is None else predicted / number


def _numbers(finding: Finding) -> tuple[float | None, float | None, float | None]:
    return finding.number, finding.low, finding.high


def _as_ratio(finding: Finding, number: float) -> float:
    """Return a change in % as a fold; other numbers unchanged."""
    ratio = 1 + number / 100 if finding.unit == "%" else number
    if ratio < 0:
        raise errors.InputError(
            f"a prediction in {finding.unit or 'fold'} must not be below nothing", number, where=finding.key
        )
    return ratio


def _from_ratio(finding: Finding, ratio: float) -> float:
    return (ratio - 1) * 100 if finding.unit == "%" else ratio
