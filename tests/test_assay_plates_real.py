"""Every real file of plates and growth is read and fitted: each curve fitted, flat or refused with a reason."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from autocrine.assay import plates
from autocrine.assay.plates.normalise import RAW

DATA = Path(__file__).parents[2] / "shared" / "data"
GDSC = DATA / "plates" / "gdsc_raw_plates_breast.csv"
CONTROLS, COUNTS = DATA / "growth" / "hts007_controls.csv", DATA / "growth" / "hts007_tnbc_counts.csv"
#: files that belong together, what is said beside them, and how many curves they have
SETS = [
    ([GDSC], {}, 215),
    ([DATA / "plates" / "ccle_viability_curves.csv"], {}, 161),
    ([COUNTS, CONTROLS], {"time_unit": "h"}, 60),
    ([DATA / "growth" / "mckenna2017_doxorubicin_growth.csv"], {}, 24),
    ([DATA / "growth" / "mckenna2017_doxorubicin_uptake.csv"], {}, 8),
]
NAMES = ["gdsc", "ccle", "hts007", "mckenna growth", "mckenna uptake"]
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data are not here")


def told(curve):
    """Say whether a curve is what it may be: fitted with numbers, or without them and with a reason."""
    if curve.status == "fitted":
        return np.isfinite([curve.e_0, curve.e_max, curve.hill_slope]).all() and curve.ic50.determined
    return curve.status in {"flat", "refused"} and bool(curve.reason)


def test_every_file_has_its_test():
    named = {path for files, _, _ in SETS for path in files}
    assert named == {path for folder in ("plates", "growth") for path in (DATA / folder).glob("*.csv")}


@pytest.mark.parametrize(("files", "said", "count"), SETS[1:3], ids=NAMES[1:3])
def test_a_sample_of_curves_is_fitted_or_refused_with_a_reason(files, said, count):
    found = plates.dose_series(plates.read_plates(files, plates.Options(**said)))
    assert len(found.series) == count
    assert all(told(series.fit()) for series in found.series[:: count // 8])


@pytest.mark.slow
@pytest.mark.parametrize(("files", "said", "count"), SETS, ids=NAMES)
@pytest.mark.parametrize("hierarchical", [False, True], ids=["single", "hierarchical"])
def test_every_curve_is_fitted_or_refused_with_a_reason(files, said, count, hierarchical):
    read = plates.read_plates(files, plates.Options(**said))
    rows = sum(len(pd.read_csv(path)) for path in files)
    # nothing is dropped silently: a value is in the table or in the list of what was left out
    assert read.table.drop_duplicates(["file", "row"]).shape[0] + len(read.excluded.drop_duplicates(["row"])) == rows
    found = plates.dose_series(read)
    assert len(found.series) == count
    for series in found.series:
        curve = series.fit_hierarchy() if hierarchical else series.fit()
        assert told(curve), (series.line, series.drug, series.measure, curve.reason)


def test_positions_of_the_screen_count_along_rows():
    """That way the blanks are one column, rows 3 to 30; counted down the columns they would lie on two rows."""
    table = plates.read_plates([GDSC], plates.Options()).table
    blanks = table.loc[table["kind"] == "blank"]
    assert set(blanks["plate_column"]) == {0.0}
    used = table.loc[table["kind"] != "blank"]
    for _, wells in blanks.groupby("plate", observed=True):
        assert sorted(wells["plate_row"]) == list(range(2, 30))
    assert (used["plate_row"].min(), used["plate_row"].max()) == (2.0, 29.0)
    # as they are numbered, the other way: the same wells on every other place of two rows, which no plate has
    position = pd.read_csv(GDSC).query("TAG == 'B'")["POSITION"].to_numpy() - 1
    assert set(position % 32) == {0, 16}
    assert len(set(position // 32)) == 28


def test_times_of_the_controls_are_those_of_the_counts_and_so_hours():
    """The description says nanoseconds; the times are those of the drug wells, which name hours, image by image."""
    controls, counts = pd.read_csv(CONTROLS), pd.read_csv(COUNTS)
    assert set(controls["timepoint"]) == set(counts["time_h"])
    for line in set(counts["cell_line"]):
        mine, theirs = (table.loc[table["cell_line"] == line] for table in (controls, counts))
        assert set(mine["timepoint"]) <= set(theirs["time_h"]), line
    # a doubling takes about a day: in the unit of the file cells grow as cells do
    slope = np.polyfit(controls["timepoint"].to_numpy(), np.log2(controls["value"].to_numpy() + 1), 1)[0]
    assert 12 < 1 / slope < 120


def test_controls_whose_times_have_no_unit_ask_for_it():
    from autocrine.core import errors

    with pytest.raises(errors.InputError, match="time"):
        plates.read_plates([COUNTS, CONTROLS], plates.Options())


def test_raw_wells_of_real_plates_have_viability_or_a_problem():
    wells = plates.normalised(plates.read_plates([COUNTS, CONTROLS], plates.Options(time_unit="h")).table)
    assert set(wells["readout"]) <= set(RAW)
    assert np.all(wells["viability"].notna() | (wells["problem"] != ""))
