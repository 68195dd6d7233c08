"""Survival of the cells of a tumour over time: Kaplan and Meier, with cells that are born on the way.

Time is that of the tumour. A cell is at risk from its birth to its end; a division ends its time without an event, and
its two daughters are at risk from then on. What is estimated is ``exp(-∫h)`` with the rate of death ``h`` of the cells
that live at each moment: the chance that none of the cells along a line of descent dies, whichever daughter is followed
at a division. Growth alone changes nothing. What a cell is counted under is known at the start (the place of its first
ancestor), so that nobody has to survive to be counted.

References
----------
Kaplan and Meier 1958, J Am Stat Assoc 53:457-481, doi:10.1080/01621459.1958.10501452.
Tsai, Jewell and Wang 1987, Biometrika 74:883-886, doi:10.1093/biomet/74.4.883 (late entry).
Williams 1995, Biometrics 51:1330-1340, doi:10.2307/2533327 (variance with dependent members).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autocrine.studies.tumours.course import Course

#: classes of distance, and cells in one below which there are fewer classes
_CLASSES, _FEWEST = 4, 10
#: times in a curve, so that tables stay short
_TIMES = 120
_NORMAL = 1.959964


def survival_curve(
    entry_h: NDArray[np.float64], exit_h: NDArray[np.float64], died: NDArray[np.bool_], family: NDArray[np.int64]
) -> pd.DataFrame:
    """Return the survival of cells that enter late.

    Parameters
    ----------
    entry_h, exit_h : ndarray of shape (cells,)
        When each began and ceased to be at risk (h).
    died : ndarray of bool, shape (cells,)
        Whether it ceased by death.
    family : ndarray of int, shape (cells,)
        Cells of one family may share their fate; families are taken to be independent.

    Returns
    -------
    DataFrame
        ``time`` (h), ``at_risk``, ``deaths``, ``survival`` and its 95 % band ``low`` to ``high``: steps to the right of
        each time; the first row is the start.

    Notes
    -----
    ``S(t) = Π (1 - d/n)`` over times of death up to t, of n cells born before and not gone before. The band is made of
    the sums over families of ``∫ dM/n``, on the scale of ``log(-log S)``.
    """
    times, deaths = np.unique(exit_h[died], return_counts=True)
    entries, exits = np.sort(entry_h), np.sort(exit_h)
    at_risk = np.searchsorted(entries, times, "left") - np.searchsorted(exits, times, "left")
    survival = np.concatenate([[1.0], np.cumprod(1 - deaths / at_risk)])
    shown = np.unique(np.round(np.linspace(0, len(times), min(_TIMES, len(times) + 1))).astype(int))
    jump = died / at_risk[np.searchsorted(times, exit_h, "right") - 1] if len(times) else np.zeros(len(died))
    spans = _spans(entry_h, exit_h, times)
    low, high = _band(survival[shown], _errors(spans, jump, family, deaths / at_risk**2, shown))
    start = float(entry_h.min(initial=np.inf)) if len(entry_h) else 0.0
    first = int(np.count_nonzero(entry_h <= start))
    return pd.DataFrame(
        {
            "time": np.concatenate([[start], times])[shown],
            "at_risk": np.concatenate([[first], at_risk])[shown].astype(int),
            "deaths": np.diff(np.concatenate([[0], np.cumsum(deaths)])[shown], prepend=0),
            "survival": survival[shown],
            "low": low,
            "high": high,
        }
    )


def survival_table(course: Course) -> pd.DataFrame:
    """Return the curves of a tumour: by clone and status, and of other cells by distance to a producer at the start.

    Columns are those of `survival_curve` with ``by`` (``clone`` or ``distance``) and ``group``.
    """
    found = []
    for by, group, rows in _groups(course):
        found.append(survival_of(course, rows).assign(by=by, group=group))
    return pd.concat(found, ignore_index=True)


def survival_of(course: Course, rows: pd.DataFrame) -> pd.DataFrame:
    """Return `survival_curve` of some rows of the lineage of a tumour."""
    died, family = (rows["fate"] == "died").to_numpy(), rows["founder"].to_numpy()
    return survival_curve(rows["birth_h"].to_numpy(), _exits(course, rows), died, family)


def living_table(course: Course, times_h: Sequence[float]) -> pd.DataFrame:
    """Return how many cells of each group of `survival_table` live at some times (h)."""
    found = [living_of(course, rows, times_h).assign(by=by, group=group) for by, group, rows in _groups(course)]
    return pd.concat(found, ignore_index=True)


def living_of(course: Course, rows: pd.DataFrame, times_h: Sequence[float]) -> pd.DataFrame:
    """Return ``time`` and ``at_risk``: how many cells of some rows of the lineage live at some times (h)."""
    birth, exit_h, alive = rows["birth_h"].to_numpy(), _exits(course, rows), (rows["fate"] == "alive").to_numpy()
    counts = [int(np.count_nonzero((birth <= time) & ((exit_h > time) | alive))) for time in times_h]
    return pd.DataFrame({"time": list(times_h), "at_risk": counts})


def distance_classes(course: Course) -> NDArray[np.object_]:
    """Return the class of distance to a producer for each first cell; empty for producers and where there is none."""
    founders = course.founders()
    distance = founders["distance_um"].to_numpy()
    others = np.flatnonzero(~founders["producer"].to_numpy() & np.isfinite(distance))
    found = np.full(len(founders), "", object)
    if len(others) < 2 * _FEWEST:
        return found
    count = min(_CLASSES, len(others) // _FEWEST)
    # first cells lie on a lattice, so that many are equally far: they stay in one class
    edges = np.unique(np.round(np.quantile(distance[others], np.linspace(0, 1, count + 1)), 3))
    group = np.searchsorted(edges[1:-1], distance[others] - 1e-2, side="left")
    for each in np.unique(group):
        mine = others[group == each]
        found[mine] = f"{distance[mine].min():.0f}-{distance[mine].max():.0f} um"
    return found


def _exits(course: Course, rows: pd.DataFrame) -> NDArray[np.float64]:
    """Return when cells ceased to be at risk (h): the end of the run for those that live."""
    end = rows["end_h"].to_numpy(dtype=float)
    return np.where(np.isfinite(end), end, course.tumour.time_h)


def _groups(course: Course) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield what divides the cells, the name of a group, and its rows of the lineage."""
    lineage, names = course.tumour.lineage.table(), [each.name for each in course.member.design.clones]
    producer = lineage["producer"].to_numpy()
    clone = np.array(names, object)[lineage["clone"].to_numpy()]
    kind = np.where(producer, clone + " producers", clone)
    for name in sorted(set(kind)):
        yield "clone", name, lineage.loc[kind == name]
    distance = distance_classes(course)[lineage["founder"].to_numpy()]
    distance[producer] = ""
    # names in the order of the numbers with which they begin
    for name in sorted(set(distance) - {""}, key=lambda each: float(each.split("-")[0])):
        yield "distance", name, lineage.loc[distance == name]


def _spans(entry_h: NDArray[np.float64], exit_h: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many times of death lie up to the entry and up to the exit of each cell, shape (2, cells)."""
    return np.stack([np.searchsorted(times, entry_h, "right"), np.searchsorted(times, exit_h, "right")])


def _errors(
    spans: NDArray[np.int64],
    jump: NDArray[np.float64],
    family: NDArray[np.int64],
    accrued: NDArray[np.float64],
    shown: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return the standard error of log S after some numbers of times of death, from sums over families.

    A cell adds ``1/n`` where it dies, less the deaths that were expected of it, ``∫ d/n²`` over its time at risk.
    """
    first, last = spans
    expected = np.concatenate([[0.0], np.cumsum(accrued)])
    _, number = np.unique(family, return_inverse=True)
    found = np.zeros(len(shown))
    for row, k in enumerate(shown):
        grown = (expected[np.clip(k, first, last)] - expected[first]) * (last > first) * (k > first)
        total = np.bincount(number, jump * (last <= k) - grown)
        found[row] = np.sqrt(total @ total)
    return found


def _band(survival: NDArray[np.float64], error: NDArray[np.float64]) -> tuple[NDArray, NDArray]:
    """Return the band on the scale of log(-log S), which stays between 0 and 1."""
    inside = (survival > 0) & (survival < 1)
    hazard = np.where(inside, -np.log(np.where(inside, survival, 0.5)), 1.0)
    wide = _NORMAL * error / hazard
    low, high = np.exp(-hazard * np.exp(wide)), np.exp(-hazard * np.exp(-wide))
    return np.where(inside, low, survival), np.where(inside, high, survival)
