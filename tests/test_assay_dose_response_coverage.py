"""The intervals of simulated dose-responses hold the truth about as often as they say."""

import numpy as np
import pytest

from autocrine.assay import Bench, Protocol, fold_resistance

PROTOCOL = Protocol(preincubation_h=48.0)


@pytest.fixture(scope="module")
def plate():
    bench = Bench()
    series = [bench.series(line, "5-fluorouracil", PROTOCOL) for line in ("sensitive", "sensitive_vector")]
    dense = [bench.series("sensitive", "5-fluorouracil", PROTOCOL, doses_nM=np.geomspace(100, 1e7, 81))]
    return series, [bench.run(one.wells()) for one in series], bench.exact_ic50s(dense)[0]


def test_intervals_of_ic50_and_of_the_fold_of_two_equal_lines_hold_the_truth(plate):
    """All values share the error of three control wells: an interval from scatter alone held the truth in 60 %."""
    series, courses, exact = plate
    held = {"ic50": 0, "fold": 0}
    for seed in range(60):
        tables = [one.table(mine, 3, seed, one.line_name) for one, mine in zip(series, courses, strict=True)]
        ic50 = [curve.ic50 for curve in Bench.fit(list(zip(series, tables, strict=True)))]
        held["ic50"] += ic50[0].low <= exact <= ic50[0].high
        fold = fold_resistance(ic50[1], ic50[0])
        held["fold"] += fold.low <= 1.0 <= fold.high
    # measured over 200 seeds: 83 to 95 %, by drug; without the error of the control 36 to 42 of 60 held
    assert min(held.values()) >= 46, held
