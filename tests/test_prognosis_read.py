"""A table of patients: what is refused, in which words, and what is counted."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from autocrine import prognosis
from autocrine.core import errors


def patients(count=60, **columns):
    random = np.random.default_rng(7)
    table = {
        "id": [f"P{at}" for at in range(count)],
        "time": np.round(random.exponential(40, count) + 1, 1),
        "event": (np.arange(count) % 2),
        "IL6": np.round(random.normal(3, 1, count), 3),
        "age": random.integers(30, 80, count),
        "arm": np.where(np.arange(count) % 3 == 0, "chemo", "none"),
    }
    return pd.DataFrame(table | columns)


def read(tmp_path, table, **said):
    path = tmp_path / "patients.csv"
    table.to_csv(path, index=False)
    words: dict[str, Any] = {"time": "time", "event": "event", "marker": "IL6"} | said
    return prognosis.read_cohort(path, prognosis.Question(**words))


def refused(tmp_path, table, **said):
    with pytest.raises(errors.InputError) as caught:
        read(tmp_path, table, **said)
    return str(caught.value)


def changed(column, at, value):
    table = patients()
    table[column] = table[column].astype(object)
    table.loc[at, column] = value
    return table


def test_a_good_table_is_read(tmp_path):
    cohort = read(tmp_path, patients(), treatment="arm", adjust=("age",), identity="id", time_unit="months")
    assert (cohort.time.size, cohort.events, cohort.arms) == (60, 30, ("chemo", "none"))
    assert cohort.time_unit == "months"
    assert cohort.flow == [("in the file", 60), ("analysed", 60)]
    assert cohort.excluded.empty


@pytest.mark.parametrize(("value", "shown"), [(-3, "-3.0"), (0, "0.0")])
def test_times_must_be_positive(tmp_path, value, shown):
    said = refused(tmp_path, changed("time", 4, value))
    assert said == (
        f"patients.csv, row 6: every time must be above 0 but was {shown}; try --exclude-bad to leave them out, counted"
    )


def test_bad_times_can_be_left_out_and_are_counted(tmp_path):
    table = changed("time", 4, -3)
    table.loc[9, "time"] = "NA"
    cohort = read(tmp_path, table, exclude_bad=True, identity="id")
    assert cohort.flow == [
        ("in the file", 60),
        ("after leaving out 1: time unknown", 59),
        ("after leaving out 1: time zero or negative", 58),
        ("analysed", 58),
    ]
    assert list(cohort.excluded["id"]) == ["P9", "P4"]


def test_events_must_be_0_or_1(tmp_path):
    said = refused(tmp_path, changed("event", 2, 2))
    assert said == (
        "patients.csv, row 4: every event must be 0 or 1 but was 2.0; "
        "try 1 = observed, 0 = censored; --competing 2 for a competing event"
    )
    said = refused(tmp_path, changed("event", 2, "dead"))
    assert (
        said == "patients.csv, column event, row 4: every event must be a number but was 'dead'; try NA where unknown"
    )
    assert read(tmp_path, changed("event", 2, 2), competing=2).event[2] == 2
    said = refused(tmp_path, changed("event", 2, 5), competing=2)
    assert said == "patients.csv, row 4: every event must be 0, 1 or 2 but was 5.0; try 1 = observed, 0 = censored"


def test_a_marker_must_vary(tmp_path):
    said = refused(tmp_path, patients(IL6=3.0))
    assert said == "patients.csv, column IL6: the marker must vary between patients but was 3.0"


def test_a_marker_must_be_known(tmp_path):
    table = patients()
    table.loc[:23, "IL6"] = np.nan
    said = refused(tmp_path, table)
    assert said == (
        "patients.csv, column IL6: the marker must be missing in at most 30% of patients but was '40%'; "
        "try patients with a sample only; --most-missing where the gaps are known to be by chance"
    )
    cohort = read(tmp_path, table, most_missing=0.5)
    assert [c.text for c in cohort.cautions if c.topic == "missing marker"] == [
        "the marker is missing in 40% of patients and is imputed"
    ]


def test_few_events_per_covariate_are_told_with_the_reason(tmp_path):
    table = patients(grade=["G1", "G2", "G3", "G4"] * 15)
    cohort = read(tmp_path, table, adjust=("age", "grade"))
    assert [c.text for c in cohort.cautions if c.topic == "events per covariate"] == [
        "30 events for 5 covariates are 6.0 each, fewer than 10: coefficients are biased away from 0, intervals are "
        "too narrow and the model is overfitted; adjust for fewer covariates, or read the corrected numbers only"
    ]
    assert all(c.topic != "events per covariate" for c in read(tmp_path, table, adjust=("age",)).cautions)


def test_a_patient_stands_once(tmp_path):
    said = refused(tmp_path, changed("id", 5, "P1"), identity="id")
    assert said == (
        "patients.csv, column id, rows 3, 7: every patient must stand in one row but was 'P1'; "
        "try one row per patient; two samples of one patient are not two patients"
    )


def test_dates_need_an_origin(tmp_path):
    start = pd.to_datetime("2015-03-01") + pd.to_timedelta(np.arange(60), unit="D")
    days = 100 + np.arange(60)
    table = patients(
        diagnosis=start.strftime("%Y-%m-%d"), time=(start + pd.to_timedelta(days, "D")).strftime("%Y-%m-%d")
    )
    said = refused(tmp_path, table)
    assert said == (
        "patients.csv: the column 'time' must hold durations but holds dates; try --origin with the column of the day "
        "from which time counts (diagnosis, surgery), or one day for all"
    )
    cohort = read(tmp_path, table, origin="diagnosis")
    assert cohort.time_unit == "days"
    assert np.array_equal(cohort.time, days)
    assert cohort.notes == ["times are days from diagnosis to time"]
    assert read(tmp_path, table, origin="2015-02-28").time[0] == 101
    wrong = table.assign(time=table["time"].where(np.arange(60) != 3, "03/04/2016"))
    said = refused(tmp_path, wrong, origin="diagnosis")
    assert said == (
        "patients.csv, row 5: the column 'time' must be dates as YYYY-MM-DD but was '03/04/2016'; try 2019-01-31"
    )
    said = refused(tmp_path, table, origin="birthday")
    assert said == "--origin must be a column of the file or a day but was 'birthday'; try 2019-01-31"


def test_headers_may_carry_units(tmp_path):
    table = patients().rename(columns={"IL6": "IL6 (pg/ml)", "time": "time [months]", "age": "Age (years)"})
    cohort = read(tmp_path, table, adjust=("age",))
    assert cohort.time_unit == "months"
    assert cohort.units["IL6"] == "pg/ml"
    said = refused(tmp_path, table, time_unit="days")
    assert said == (
        "patients.csv: --time-unit must agree with the header 'time [months]', which says months, but was 'days'"
    )
    twice = table.assign(**{"IL6 (ng/ml)": 1.0})
    said = refused(tmp_path, twice)
    assert said == (
        "patients.csv: --marker must name one column, but 'IL6' fits 'IL6 (pg/ml)', 'IL6 (ng/ml)'; try the whole header"
    )
    assert read(tmp_path, twice, marker="IL6 (pg/ml)").time.size == 60


def test_a_column_that_is_not_there_gets_its_neighbour(tmp_path):
    said = refused(tmp_path, patients(), marker="IL-6")
    assert said == "patients.csv: --marker must be a column of the file but was 'IL-6'; try 'IL6'"


def test_a_detection_limit_is_no_number(tmp_path):
    said = refused(tmp_path, changed("IL6", 0, "<0.5"))
    assert said == (
        "patients.csv, column IL6, row 2: every marker value must be a number but was '<0.5'; "
        "try a number instead of a detection limit, and a word about it in the text"
    )


def test_a_treatment_has_two_arms(tmp_path):
    said = refused(tmp_path, patients(arm=["A", "B", "C"] * 20), treatment="arm")
    assert said == (
        "patients.csv, column arm: --treatment must be a column with two arms but was 'A, B, C'; "
        "try a column with 0 and 1, or two words"
    )


def test_a_column_plays_one_part():
    with pytest.raises(errors.InputError, match="a column must play one part only but was 'IL6'"):
        prognosis.Question("time", "event", "IL6", adjust=("IL6",))


def test_semicolons_and_decimal_commas_are_read(tmp_path):
    path = tmp_path / "german.csv"
    table = patients()
    lines = ["time;event;IL6"] + [
        f"{t};{e};{m}".replace(".", ",") for t, e, m in zip(table["time"], table["event"], table["IL6"], strict=True)
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    cohort = prognosis.read_cohort(path, prognosis.Question("time", "event", "IL6"))
    assert np.allclose(cohort.marker, table["IL6"])


def test_a_horizon_lies_within_the_follow_up(tmp_path):
    table = patients(time=np.arange(60) + 2.0)
    said = refused(tmp_path, table, horizon=1.0)
    assert said == (
        "patients.csv: --horizon must lie between the first event and the end of follow-up but was 1.0; "
        "try a time from 3 to below 61"
    )
    assert read(tmp_path, table, horizon=30.0).question.horizon == 30


def test_other_refusals(tmp_path):
    assert "at least 5 events but was 0" in refused(tmp_path, patients(event=0))
    assert "at least 20 usable patients but was 10" in refused(tmp_path, patients(10))
    assert "a covariate must vary" in refused(tmp_path, patients(age=50), adjust=("age",))
    said = refused(tmp_path, patients(note=[f"word {at}" for at in range(60)]), adjust=("note",))
    assert "a covariate with words must have at most 10 of them but was 60" in said
    with pytest.raises(errors.InputError, match="the file must exist"):
        prognosis.read_cohort(tmp_path / "no.csv", prognosis.Question("time", "event", "IL6"))
    (tmp_path / "ragged.csv").write_text("time,event,IL6\n1,0,2\n1,0\n", encoding="utf-8")
    with pytest.raises(errors.InputError, match="row 3: a row must have 3 cells as the header has but was 2"):
        prognosis.read_cohort(tmp_path / "ragged.csv", prognosis.Question("time", "event", "IL6"))
