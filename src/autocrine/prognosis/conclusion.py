"""What the cohort says, in plain words, with what it cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autocrine.prognosis.analysis import Analysis

_LEVEL = 0.05
#: an effect that would matter: a third more events per standard deviation (chosen)
_MATTERS = 1.3


def conclude(analysis: Analysis) -> list[str]:
    """Return sentences: prognostic, shape, added value, predictive, response, and cautions.

    Parameters
    ----------
    analysis : Analysis
        Everything that was estimated.
    """
    said = [
        _prognostic(analysis),
        _strata(analysis),
        _reach(analysis),
        _added(analysis),
        _predictive(analysis),
        _response(analysis),
    ]
    if analysis.spline is not None and analysis.spline.p_curved < _LEVEL:
        said.append(
            f"The effect is not a straight line (curvature p {_p(analysis.spline.p_curved)}, any effect "
            f"p {_p(analysis.spline.p_any)}): read the spline, not the one ratio, and count the tests."
        )
    if analysis.remedy is not None and analysis.remedy.periods is not None:
        said.append(
            "The marker's hazards are not proportional: its ratio changes with time, and one ratio is an average over "
            "this follow-up."
        )
    return [sentence for sentence in said if sentence]


def _prognostic(analysis: Analysis) -> str:
    marker = analysis.cohort.question.marker
    row = analysis.effect
    told = f"hazard ratio per standard deviation {_ratio(row)}, p {_p(row['p'])}"
    if analysis.adjusted_fits:
        basis = "adjusted for " + ", ".join(analysis.completed.clinical)
    else:
        basis = "not adjusted: the adjusted model has no estimate" if analysis.completed.clinical else "not adjusted"
    if row["p"] >= _LEVEL:
        return f"These data do not show that {marker} is prognostic ({told}; {basis})."
    way = "more" if row["ratio"] > 1 else "fewer"
    return f"In this cohort higher {marker} goes with {way} events ({told}; {basis}): an association in one cohort."


def _strata(analysis: Analysis) -> str:
    """Say what the strata change that the checks of the model asked for."""
    remedy = analysis.remedy
    if remedy is None or remedy.adjusted is None:
        return ""
    row = remedy.adjusted.row(analysis.completed.marker)
    same = (row["p"] < _LEVEL) == (analysis.effect["p"] < _LEVEL)
    word = "this does not change the answer" if same else "this changes the answer: trust neither alone"
    names = ", ".join(remedy.stratified)
    return f"The hazards of {names} are not proportional; stratified by it the marker has {_ratio(row)}, and {word}."


def _reach(analysis: Analysis) -> str:
    row, power = analysis.effect, analysis.power
    told = (
        f"With {power.events} events a ratio of {power.detectable:.2f} per standard deviation is found with 80 % power"
    )
    if row["p"] < _LEVEL:
        return f"{told}."
    inside = row["ratio_low"] > 1 / _MATTERS and row["ratio_high"] < _MATTERS
    verdict = (
        f"a ratio beyond {_MATTERS} either way is excluded by the interval"
        if inside
        else "this is no proof of no effect: the interval holds ratios from "
        f"{row['ratio_low']:.2f} to {row['ratio_high']:.2f}"
    )
    return f"{told}; {verdict}."


def _added(analysis: Analysis) -> str:
    if analysis.validation is None or analysis.validation.added.empty:
        return ""
    added = analysis.validation.added.set_index("measure").loc["C-index"]
    better = added["low"] > 0
    word = "adds to" if better else "adds nothing that can be told from chance to"
    return (
        f"Corrected for optimism the marker {word} the clinical model: C-index "
        f"{added['corrected']:+.3f} ({added['low']:+.3f} to {added['high']:+.3f})."
    )


def _predictive(analysis: Analysis) -> str:
    found = analysis.interaction
    if found is None:
        return ""
    question, p = analysis.cohort.question, found.ratio["p"]
    told = f"ratio of the hazard ratios {_ratio(found.ratio)}, p {_p(p)}"
    if p >= _LEVEL:
        return f"Nothing shows that {question.marker} predicts the effect of {question.treatment} ({told})."
    return (
        f"The marker's effect differs between the arms of {question.treatment} ({told}); unless the treatment was "
        "randomised, this may be why it was given and not what it does."
    )


def _response(analysis: Analysis) -> str:
    found = analysis.response
    if found is None:
        return ""
    question = analysis.cohort.question
    row = found.table.loc[(found.table["term"] == question.marker).to_numpy()].iloc[-1]
    told = f"odds ratio per standard deviation {_ratio(row)}, p {_p(float(row['p']))}"
    word = "goes with" if row["p"] < _LEVEL else "is not shown to go with"
    return f"{question.marker} {word} the response {question.response} ({told})."


def _ratio(row: dict | object) -> str:
    return f"{row['ratio']:.2f} ({row['ratio_low']:.2f} to {row['ratio_high']:.2f})"  # pyright: ignore[reportIndexIssue]


def _p(value: float) -> str:
    return f"= {value:.2g}" if value >= 0.001 else "< 0.001"
