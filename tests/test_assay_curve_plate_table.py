"""Reading viability tables: nothing guessed, nothing lost."""

from pathlib import Path

import pytest

from autocrine.assay import read_viability
from autocrine.core import errors

HEAD = "line,drug,dose_uM,viability\n"
REAL = Path(__file__).parents[2] / "shared" / "data" / "plates" / "ccle_viability_curves.csv"


@pytest.fixture
def table(tmp_path):
    def write(text: str, name: str = "plate.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_plain_table(table):
    read = read_viability(table(HEAD + "MCF7,doxorubicin,0.1,0.9\nMCF7,doxorubicin,1,0.4\n"))
    assert read.wells["dose_nM"].tolist() == [100.0, 1000.0]
    assert read.wells["viability"].tolist() == [0.9, 0.4]
    assert read.wells["row"].tolist() == [2, 3]
    assert len(read.excluded) == 0


def test_per_cent_and_synonyms_are_reported(table):
    read = read_viability(table("sampleid,compound,dose_nM,viability_pct,tissue\nMCF7,doxorubicin,5,90,breast\n"))
    assert read.wells.loc[0, ["line", "drug", "viability"]].tolist() == ["MCF7", "doxorubicin", 0.9]
    notes = "; ".join(read.notes)
    assert "sampleid is read as line" in notes
    assert "per cent" in notes
    assert "not used: tissue" in notes


@pytest.mark.parametrize("mark", [";", "\t"])
def test_other_separators(table, mark):
    assert len(read_viability(table((HEAD + "a,b,1,0.5\n").replace(",", mark))).wells) == 1


def test_a_unit_for_each_row(table):
    read = read_viability(table("line,drug,dose,unit,viability\na,b,1,uM,0.5\na,b,20,nM,0.9\n"))
    assert read.wells["dose_nM"].tolist() == [1000.0, 20.0]


def test_wells_that_repeat_are_kept_as_replicates(table):
    read = read_viability(table(HEAD + "a,b,1,0.5\na,b,1,0.6\na,b,1,0.7\n"))
    assert read.wells["replicate"].tolist() == ["1", "1.2", "1.3"]
    assert any("2 wells repeat" in note for note in read.notes)


def test_missing_viability_is_excluded_with_its_reason(table):
    read = read_viability(table(HEAD + "a,b,1,0.5\na,b,2,\na,b,3,NA\n"))
    assert read.excluded[["row", "reason"]].to_numpy().tolist() == [
        [3, "viability is missing"],
        [4, "viability is missing"],
    ]
    assert len(read.wells) == 1


def test_impossible_rows_may_be_excluded_on_demand(table):
    path = table(HEAD + "a,b,1,0.5\na,b,-2,0.4\na,b,3,dead\n")
    read = read_viability(path, exclude_bad=True)
    assert len(read.wells) + len(set(read.excluded["row"])) == 3
    assert read.excluded["value"].tolist() == ["-2", "dead"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "was empty"),
        (HEAD, "at least one row"),
        ("line,drug,viability\na,b,1\n", "must give the dose"),
        ("line,drug,dose_uM\na,b,1\n", "must give the viability"),
        ("drug,dose_uM,viability\na,1,1\n", "must give the line"),
        ("Line,drug,dose_uM,viability\na,b,1,1\n", "line instead of Line"),
        ("line,drug,dose_uM,dose_nM,viability\na,b,1,1,1\n", "only one column may give the dose"),
        ("line,drug,dose_uM,viability,viability_pct\na,b,1,1,1\n", "only one column may give the viability"),
        ("line,line,dose_uM,viability\na,b,1,1\n", "name of its own"),
        ("line,drug,dose,viability\na,b,1,1\n", "must give the unit"),
        ("line,drug,dose,unit,viability\na,b,1,uM,1\na,b,1,mg,1\n", "line 3, column unit.*converts to nM"),
        ("line,drug,dose_ug,viability\na,b,1,1\n", "column dose_ug.*converts to nM"),
        (HEAD + "a,b,1,0.5\na,b,-1,0.5\n", "line 3, column dose_uM.*not be negative"),
        (HEAD + "a,b,,0.5\n", "line 2, column dose_uM.*must be given"),
        (HEAD + "a,b,nan,0.5\n", "line 2, column dose_uM.*must be given"),
        (HEAD + "a,b,inf,0.5\n", "line 2, column dose_uM.*finite"),
        (HEAD + "a,b,1,dead\n", "line 2, column viability.*must be a number"),
        (HEAD.replace(",", ";") + "a;b;1;0,5\n", "decimal point"),
        (HEAD + "a,b,1,0,5\n", "line 2.*4 cells"),
        (HEAD + ",b,1,0.5\n", "line 2, column line.*must be given"),
        (HEAD + "a,b,1,\n", "at least one usable row"),
        (HEAD + "a,b,1,90\na,b,2,50\na,b,3,10\n", "viability_pct"),
        (HEAD.replace("viability", "viability_pct") + "a,b,1,0.9\na,b,2,0.5\na,b,3,0.1\n", "must be per cent"),
    ],
)
def test_bad_tables_are_named(table, text, words):
    with pytest.raises(errors.InputError, match=f"(?s){words}") as caught:
        read_viability(table(text))
    assert "plate.csv" in str(caught.value)


def test_files_that_are_no_tables(tmp_path):
    with pytest.raises(errors.InputError, match="must exist"):
        read_viability(tmp_path / "absent.csv")
    with pytest.raises(errors.InputError, match="CSV"):
        read_viability(tmp_path / "plate.xlsx")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(errors.InputError, match="UTF-8"):
        read_viability(tmp_path / "binary.csv")


@pytest.mark.skipif(not REAL.exists(), reason="the shared data are not here")
def test_every_row_of_the_real_table_is_accounted_for():
    read = read_viability(REAL)
    rows = len(REAL.read_text(encoding="utf-8").splitlines()) - 1
    assert len(read.wells) + len(read.excluded) == rows
