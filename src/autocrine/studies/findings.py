"""Every finding of the published studies beside the model's prediction, with the range over draws of the parameters."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from autocrine.assay import Bench
from autocrine.evidence import Interval, judge_finding, load_library
from autocrine.studies.registry import STUDIES
from autocrine.studies.uncertainty import benches, intervals
from autocrine.studies.verdict import JudgedFinding

if TYPE_CHECKING:
    from autocrine.evidence.finding import Finding


def judge_findings(
    studies: Collection[str], *, draws: int, progress: Callable[[int], None] | None = None
) -> list[JudgedFinding]:
    """Predict and judge the findings of some studies.

    Parameters
    ----------
    studies : collection of str
        Keys of published studies.
    draws : int
        Draws of the fitted parameters; 0 gives predictions of the best fit without a range.
    progress : callable, optional
        Called with 1 after every draw.

    Returns
    -------
    list of JudgedFinding
        In the order of the studies; findings that no model can be asked about (role ``context``) are left out.
    """
    rows: list[dict[str, float | None]] = []
    for bench in benches(draws):
        rows.append(_predictions(bench, studies))
        if progress:
            progress(1)
    found = intervals(rows)
    library = load_library().findings
    return [_judged(library[key], found[key], rows[0][key] is None) for key in found if library[key].role != "context"]


def _predictions(bench: Bench, studies: Collection[str]) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for key in studies:
        found |= STUDIES[key].predict(bench)
    return found


def _judged(finding: Finding, predicted: Interval | None, unknown: bool) -> JudgedFinding:
    if predicted is None:
        reason = "the model has no such variable" if unknown else "an IC50 lies beyond the doses of the experiment"
        return JudgedFinding(finding, None, "not asked", None, reason)
    found = judge_finding(finding, predicted.value, predicted.low, predicted.high)
    return JudgedFinding(finding, predicted, str(found.outcome), found.ratio, found.reason)
