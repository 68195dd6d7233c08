"""The verdict on a claim, computed from the effect, the effect with the edge cut, and what the fit has seen.

The rules, in this order. A hypothesis is never scored. Without an effect the claim was ``NOT_ASKED``. A verdict for or
against needs the *whole* interval on one side of the threshold; the threshold itself is not passed. Wholly on the other
side is ``CONTRADICTED``, fitted or not. Wholly on the claimed side is ``USED_FOR_FIT`` if it was fitted or encoded;
else, for a causal claim, ``INSENSITIVE`` if the effect with the edge cut is wholly on the claimed side too; else
``REPRODUCED``.

An interval that includes the threshold, with or without the cut, decides nothing, and none of the six words says just
that. ``REPRODUCED``, ``CONTRADICTED`` and ``INSENSITIVE`` would each assert something that the run does not show;
``USED_FOR_FIT`` would be false; ``NOT_ASKED`` would hide that the model was asked. ``HYPOTHESIS`` is the one that
scores nothing: as far as this run goes the claim stays open. The reason then begins with ``undecided``.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass

from autocrine.core import errors
from autocrine.evidence.claim import Claim
from autocrine.evidence.interval import Interval


class Verdict(enum.StrEnum):
    """What a run of the model says about a claim."""

    REPRODUCED = "REPRODUCED"
    """The effect is there, was not fitted, and goes when the claimed edge is cut."""
    CONTRADICTED = "CONTRADICTED"
    """The whole interval of the effect lies on the other side of the threshold."""
    USED_FOR_FIT = "USED_FOR_FIT"
    """Agrees, but was fitted or is an input of the model."""
    INSENSITIVE = "INSENSITIVE"
    """Holds even when the claimed edge is cut."""
    NOT_ASKED = "NOT_ASKED"
    """The model has no such variable, or the run did not compute it."""
    HYPOTHESIS = "HYPOTHESIS"
    """Not scored: a hypothesis of the authors, or a claim that the run leaves undecided."""


@dataclass(frozen=True)
class Judgement:
    """A verdict and the sentence that explains it."""

    verdict: Verdict
    reason: str


def judge(
    claim: Claim, effect: Interval | None, effect_when_cut: Interval | None = None, used_in_fit: bool = False
) -> Judgement:
    """Judge a claim by what a run of the model computed.

    Parameters
    ----------
    claim : Claim
        The claim, with measure, threshold and edge.
    effect : Interval or None
        The effect that the measure names; None where the run has none.
    effect_when_cut : Interval or None
        The same effect with the claimed edge cut; a causal claim needs it.
    used_in_fit : bool
        Whether a finding behind the claim entered the fit of the parameters.

    Returns
    -------
    Judgement
        The verdict and its reason.

    Raises
    ------
    InputError
        If a causal claim comes without the run with its edge cut, an observation with one, or a claim without measure
        with an effect.
    """
    if claim.kind == "hypothesis":
        return Judgement(Verdict.HYPOTHESIS, "a hypothesis of the authors is never scored")
    if effect is None:
        return Judgement(Verdict.NOT_ASKED, _why_not_asked(claim))
    _refuse_wrong_design(claim, effect_when_cut)
    return _judge_effect(claim, effect, effect_when_cut, used_in_fit)


def _judge_effect(claim: Claim, effect: Interval, cut: Interval | None, used_in_fit: bool) -> Judgement:
    bounds = _claimed_side(claim)
    if effect.lies_outside(*bounds):
        return Judgement(Verdict.CONTRADICTED, f"the effect {effect} is not {_bound(claim)}")
    if not effect.lies_inside(*bounds):
        return Judgement(Verdict.HYPOTHESIS, f"undecided: the interval includes the threshold; {effect}")
    if claim.encoded or used_in_fit:
        how = "is an input of the model" if claim.encoded else "entered the fit"
        return Judgement(Verdict.USED_FOR_FIT, f"the effect {effect} agrees, but the claim {how}")
    if cut is None:
        return Judgement(Verdict.REPRODUCED, f"the effect {effect} is {_bound(claim)}")
    return _judge_cut(claim, effect, cut)


def _judge_cut(claim: Claim, effect: Interval, cut: Interval) -> Judgement:
    bounds = _claimed_side(claim)
    if cut.lies_inside(*bounds):
        reason = f"the effect {effect} is {_bound(claim)}, but with {claim.edge} cut it still is: {cut}"
        return Judgement(Verdict.INSENSITIVE, reason)
    if not cut.lies_outside(*bounds):
        reason = f"undecided: the interval with {claim.edge} cut includes the threshold; {cut}"
        return Judgement(Verdict.HYPOTHESIS, reason)
    reason = f"the effect {effect} is {_bound(claim)}, and with {claim.edge} cut it no longer is: {cut}"
    return Judgement(Verdict.REPRODUCED, reason)


def _claimed_side(claim: Claim) -> tuple[float, float]:
    if claim.threshold is None:
        raise errors.InputError("a claim with an effect must have a threshold", where=claim.id)
    return (claim.threshold, math.inf) if claim.side == "above" else (-math.inf, claim.threshold)


def _bound(claim: Claim) -> str:
    return f"{claim.side} {claim.threshold:g}"


def _why_not_asked(claim: Claim) -> str:
    return f"the run computed no {claim.measure}" if claim.measure else "the model has no such variable"


def _refuse_wrong_design(claim: Claim, effect_when_cut: Interval | None) -> None:
    if not claim.measure:
        raise errors.InputError("a claim without a measure must come without an effect", where=claim.id)
    if claim.is_causal and effect_when_cut is None:
        raise errors.InputError(
            f"a {claim.kind} claim must come with the effect when its edge is cut",
            where=claim.id,
            hint=f"the same run with {claim.edge} cut",
        )
    if not claim.is_causal and effect_when_cut is not None:
        raise errors.InputError(
            f"a claim of kind {claim.kind} must come without a cut: it names no edge",
            where=claim.id,
            hint="effect_when_cut=None",
        )
