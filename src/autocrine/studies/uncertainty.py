"""What the fitted parameters leave open: the same measurement on every draw of the baseline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from autocrine.assay import Bench
from autocrine.circuit import baseline
from autocrine.evidence import Interval
from autocrine.studies.baseline import bench_with

#: draws of the parameters in a full and in a quick run
FULL_DRAWS, QUICK_DRAWS = 32, 6


def benches(count: int, progress: Callable[[int], None] | None = None) -> list[Bench]:
    """Return the bench of the best fit, and then one for each of the first draws of the baseline."""
    drawn = [bench_with(values) for values in baseline.Baseline.load().draws[:count]]
    return [
        Bench(bench.overrides, lines=bench.lines, drugs=bench.drugs, progress=progress)
        for bench in (bench_with({}), *drawn)
    ]


def intervals(rows: Sequence[Mapping[str, float | None]]) -> dict[str, Interval | None]:
    """Return an interval for each quantity: the value of the best fit, and the 95 % range of the draws around it.

    Parameters
    ----------
    rows : sequence of mapping
        Quantities of the best fit first, then of each draw. A quantity that the best fit does not have gives None; a
        draw that does not have it is left out.
    """
    best, *drawn = rows
    found: dict[str, Interval | None] = {}
    for key, value in best.items():
        if value is None or np.isnan(value):
            found[key] = None
            continue
        values = [row[key] for row in drawn]
        spread = np.array([v for v in values if v is not None and not np.isnan(v)] or [value], dtype=float)
        low, high = np.quantile(spread, [0.025, 0.975])
        found[key] = Interval(float(value), float(min(low, value)), float(max(high, value)))
    return found


def lost_draws(rows: Sequence[Mapping[str, float | None]]) -> dict[str, int]:
    """Return for each quantity how many draws do not have it, so that an interval never hides a selection."""
    return {key: sum(row[key] is None or bool(np.isnan(row[key] or 0.0)) for row in rows[1:]) for key in rows[0]}
