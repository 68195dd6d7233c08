"""A claim or a finding beside what the model says of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autocrine.evidence import Claim, Interval, Verdict

if TYPE_CHECKING:
    from autocrine.evidence.finding import Finding


@dataclass(frozen=True)
class JudgedClaim:
    """A claim with its effect, the effect when its edge is cut, and the verdict.

    Attributes
    ----------
    claim : Claim
        The claim, in our own words.
    effect, effect_when_cut : Interval or None
        The effect that the claim's measure names, and the same with the claimed edge cut.
    verdict : Verdict
        One of the six.
    reason : str
        The sentence that explains it.
    fitted_on_edge : tuple of str
        Findings that were used to fit the strength of the claimed edge: the claim itself is none of them, but a reader
        must know of them.
    """

    claim: Claim
    effect: Interval | None
    effect_when_cut: Interval | None
    verdict: Verdict
    reason: str
    fitted_on_edge: tuple[str, ...] = ()

    @property
    def undecided(self) -> bool:
        """Whether the run asked, but an interval holds the threshold."""
        return self.reason.startswith("undecided")

    def as_row(self) -> dict[str, object]:
        """Return the claim as one JSON object; an open end is the text ``inf`` or ``-inf``, an absent effect null."""
        return {
            "id": self.claim.id,
            "statement": self.claim.statement,
            "verdict": str(self.verdict),
            "undecided": self.undecided,
            "measure": self.claim.measure or None,
            "effect": _number(self.effect.value if self.effect else None),
            "low": _number(self.effect.low if self.effect else None),
            "high": _number(self.effect.high if self.effect else None),
            "effect_when_cut": _number(self.effect_when_cut.value if self.effect_when_cut else None),
            "cut_low": _number(self.effect_when_cut.low if self.effect_when_cut else None),
            "cut_high": _number(self.effect_when_cut.high if self.effect_when_cut else None),
            "edge": self.claim.edge or None,
            "threshold": self.claim.threshold,
            "reason": self.reason,
            "fitted_on_edge": list(self.fitted_on_edge),
        }


@dataclass(frozen=True)
class JudgedFinding:
    """A finding with its prediction.

    Attributes
    ----------
    finding : Finding
        The finding.
    predicted : Interval or None
        The prediction with the range over draws of the fitted parameters; None where the model has no such variable.
    outcome : str
        ``hit``, ``miss``, ``undecided``, ``built in``, ``fitted`` or ``not asked``.
    ratio : float or None
        Predicted over observed, where the finding has a number.
    reason : str
        One sentence.
    """

    finding: Finding
    predicted: Interval | None
    outcome: str
    ratio: float | None
    reason: str

    def as_row(self) -> dict[str, object]:
        """Return the finding as one JSON object."""
        return {
            "key": self.finding.key,
            "role": self.finding.role,
            "readout": self.finding.readout,
            "direction": self.finding.direction,
            "predicted": _number(self.predicted.value if self.predicted else None),
            "low": _number(self.predicted.low if self.predicted else None),
            "high": _number(self.predicted.high if self.predicted else None),
            "observed": _number(self.finding.number),
            "observed_low": _number(self.finding.low),
            "observed_high": _number(self.finding.high),
            "unit": self.finding.unit,
            "outcome": self.outcome,
            "ratio": _number(self.ratio),
            "reason": self.reason,
        }


def _number(value: float | None) -> float | str | None:
    if value is None:
        return None
    return float(value) if math.isfinite(value) else str(float(value))
