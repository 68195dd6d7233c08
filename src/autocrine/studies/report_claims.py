"""Claims and findings as a report shows them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd

from autocrine.evidence import Interval, Verdict
from autocrine.plots import draw_claims
from autocrine.studies.report_number import interval, number
from autocrine.studies.report_picture import Picture, picture
from autocrine.studies.verdict import JudgedClaim, JudgedFinding

#: what a measure is, in words; a share is a difference and stands on a linear axis
MEASURES = {
    "il6_ratio_resistant_over_sensitive": "IL-6 in the medium, resistant over sensitive line",
    "fold_resistance_il6_gene": "fold resistance to doxorubicin, IL6 gene over empty vector",
    "cebp_activity_fold_il6_gene": "C/EBP activity, IL6 gene over empty vector",
    "abcb1_mrna_fold_il6_gene": "ABCB1 mRNA, IL6 gene over empty vector",
    "share_of_resistance_lost_under_il6r_block": "share of log fold resistance lost under anti-IL-6R",
}
_SHARE = "share_"
VERDICTS = {
    Verdict.REPRODUCED: "The effect is there, was not fitted, and goes when the claimed edge is cut.",
    Verdict.CONTRADICTED: "The whole interval of the effect lies on the other side of the threshold.",
    Verdict.USED_FOR_FIT: "Agrees, but was fitted or is an input of the model: it cannot count as reproduced.",
    Verdict.INSENSITIVE: "Holds, but also when the claimed edge is cut: the model does not need what the claim claims.",
    Verdict.NOT_ASKED: "The model has no such variable.",
    Verdict.HYPOTHESIS: "Never scored: a hypothesis of the authors, or a claim that this run leaves undecided.",
}
OUTCOMES = ("hit", "miss", "undecided", "built in", "fitted", "not asked")


def claims_section(claims: Sequence[JudgedClaim]) -> dict[str, Any] | None:
    """Return the claims with their verdicts and figures; None where there are none."""
    if not claims:
        return None
    counts = Counter(str(judged.verdict) for judged in claims)
    return {
        "rows": [_claim(judged) for judged in claims],
        "counts": [(str(verdict), counts[str(verdict)]) for verdict in VERDICTS if counts[str(verdict)]],
        "legend": [(str(verdict), says) for verdict, says in VERDICTS.items()],
        "pictures": _forests(claims),
    }


def _claim(judged: JudgedClaim) -> dict[str, Any]:
    claim = judged.claim
    return {
        "id": claim.id,
        "number": claim.number,
        "statement": claim.statement,
        "kind": claim.kind,
        "measure": MEASURES.get(claim.measure, claim.measure.replace("_", " ")),
        "effect": interval(judged.effect),
        "cut": interval(judged.effect_when_cut),
        "edge": claim.edge,
        "threshold": f"{claim.side} {number(claim.threshold)}" if claim.threshold is not None else "–",
        "threshold_note": claim.threshold_note,
        "verdict": str(judged.verdict),
        "undecided": judged.undecided,
        "reason": judged.reason,
        "fitted": judged.fitted_on_edge,
    }


def _forests(claims: Sequence[JudgedClaim]) -> list[Picture]:
    """Draw folds on one axis and shares on another."""
    asked = [judged for judged in claims if judged.effect is not None]
    shares = [judged for judged in asked if judged.claim.measure.startswith(_SHARE)]
    folds = [judged for judged in asked if judged not in shares]
    pictures = []
    if folds:
        figure = draw_claims(_table(folds), effect="effect (fold)")
        says = "Effects that are folds (dot, 95 % interval), and what is left of them with the edge cut (cross)."
        pictures.append(picture("claims-folds", figure, says))
    if shares:
        figure = draw_claims(_table(shares), effect="effect (share; 0 is none, 1 is all)", logarithmic=False)
        pictures.append(picture("claims-shares", figure, "The same for the claims whose effect is a share."))
    return pictures


def _table(claims: Sequence[JudgedClaim]) -> pd.DataFrame:
    rows = []
    for judged in claims:
        effect, cut = judged.effect, judged.effect_when_cut
        rows.append(
            {"claim": f"{judged.claim.number}. {judged.claim.statement}", "verdict": str(judged.verdict)}
            | _ends(effect, ("effect", "low", "high"))
            | _ends(cut, ("effect_when_cut", "cut_low", "cut_high"))
            | {"threshold": math.nan if judged.claim.threshold is None else judged.claim.threshold}
        )
    return pd.DataFrame(rows)


def _ends(found: Interval | None, names: tuple[str, str, str]) -> dict[str, float]:
    values = (math.nan,) * 3 if found is None else (found.value, found.low, found.high)
    return dict(zip(names, values, strict=True))


def findings_section(findings: Sequence[JudgedFinding]) -> dict[str, Any] | None:
    """Return held-out and fitted findings with honest counts; None where there are none."""
    if not findings:
        return None
    held_out = [judged for judged in findings if judged.finding.role == "hold_out"]
    fitted = [judged for judged in findings if judged.finding.role == "fit"]
    return {
        "groups": [
            {"name": "Held out", "key": "held-out", "rows": [_finding(judged) for judged in held_out]},
            {"name": "Used for the fit", "key": "fitted", "rows": [_finding(judged) for judged in fitted]},
        ],
        "held_out": _counts(held_out),
        "fitted": _counts(fitted),
    }


def _counts(findings: Sequence[JudgedFinding]) -> dict[str, Any]:
    counts = Counter(judged.outcome for judged in findings)
    asked = len(findings) - counts["not asked"]
    return {"all": len(findings), "asked": asked, **{name.replace(" ", "_"): counts[name] for name in OUTCOMES}}


def _finding(judged: JudgedFinding) -> dict[str, Any]:
    finding = judged.finding
    relative = finding.number is None and finding.low is None
    unit = "fold over control" if relative else finding.unit
    return {
        "key": finding.key,
        "what": f"{finding.readout}: {finding.perturbation}",
        "system": finding.system,
        "record": finding.record,
        "observed": "; ".join(dict.fromkeys(filter(None, (finding.amount, finding.magnitude if relative else "")))),
        "predicted": f"{interval(judged.predicted)} {unit}" if judged.predicted else "–",
        "ratio": number(judged.ratio),
        "outcome": judged.outcome,
        "reason": judged.reason,
    }
