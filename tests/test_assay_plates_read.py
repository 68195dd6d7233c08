"""Reading tidy tables: nothing guessed, nothing lost."""

from pathlib import Path

import pytest

from autocrine.assay import plates
from autocrine.core import errors

HEAD = "line,drug,dose_uM,viability\n"
REAL = Path(__file__).parents[2] / "shared" / "data" / "plates" / "ccle_viability_curves.csv"


def read_viability(path, **said):
    return plates.read_plates(path, plates.Options(**said))


@pytest.fixture
def table(tmp_path):
    def write(text: str, name: str = "plate.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_plain_table(table):
    read = read_viability(table(HEAD + "MCF7,doxorubicin,0.1,0.9\nMCF7,doxorubicin,1,0.4\n"))
    assert read.table["dose_nM"].tolist() == [100.0, 1000.0]
    assert read.table["value"].tolist() == [0.9, 0.4]
    assert read.table["row"].tolist() == [2, 3]
    assert len(read.excluded) == 0


def test_per_cent_and_synonyms_are_reported(table):
    read = read_viability(table("sampleid,compound,dose_nM,viability_pct,tissue\nMCF7,doxorubicin,5,90,breast\n"))
    assert read.table.loc[0, ["line", "drug", "value"]].tolist() == ["MCF7", "doxorubicin", 0.9]
    notes = "; ".join(read.notes)
    assert "sampleid is read as line" in notes
    assert "per cent" in notes
    assert "not used: tissue" in notes


@pytest.mark.parametrize("mark", [";", "\t"])
def test_other_separators(table, mark):
    assert len(read_viability(table((HEAD + "a,b,1,0.5\n").replace(",", mark))).table) == 1


def test_a_unit_for_each_row(table):
    read = read_viability(table("line,drug,dose,unit,viability\na,b,1,uM,0.5\na,b,20,nM,0.9\n"))
    assert read.table["dose_nM"].tolist() == [1000.0, 20.0]


def test_wells_that_repeat_are_kept_as_replicates(table):
    read = read_viability(table(HEAD + "a,b,1,0.5\na,b,1,0.6\na,b,1,0.7\n"))
    assert any("2 values repeat" in note for note in read.notes)
    (series,) = plates.dose_series(read).series
    assert series.replicate.tolist() == ["1", "1.2", "1.3"]


def test_missing_viability_is_excluded_with_its_reason(table):
    read = read_viability(table(HEAD + "a,b,1,0.5\na,b,2,\na,b,3,NA\n"))
    assert read.excluded[["row", "reason"]].to_numpy().tolist() == [
        [3, "viability is missing"],
        [4, "viability is missing"],
    ]
    assert len(read.table) == 1


def test_impossible_rows_may_be_excluded_on_demand(table):
    path = table(HEAD + "a,b,1,0.5\na,b,-2,0.4\na,b,3,dead\n")
    read = read_viability(path, exclude_bad=True)
    assert len(read.table) + len(set(read.excluded["row"])) == 3
    assert read.excluded["value"].tolist() == ["-2", "dead"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "was empty"),
        (HEAD, "at least one row"),
        ("line,drug,viability\na,b,1\n", "must give the dose"),
        ("line,drug,dose_uM\na,b,1\n", "must give the viability"),
        ("drug,dose_uM,viability\na,1,1\n", "must give the line"),
        ("line,drug,dose_uM,dose_nM,viability\na,b,1,1,1\n", "only one column may give the dose"),
        ("line,drug,dose_uM,viability,viability_pct\na,b,1,1,1\n", "only one column may give the viability"),
        ("line,line,dose_uM,viability\na,b,1,1\n", "name of its own"),
        ("line,drug,dose,viability\na,b,1,1\n", "line 1, column dose.*must give the unit.*dose_uM"),
        ("line,drug,dose,unit,viability\na,b,1,uM,1\na,b,1,mg,1\n", "line 3, column unit.*converts to nM"),
        ("line,drug,dose_ug,viability\na,b,1,1\n", "column dose_ug.*converts to nM"),
        (HEAD + "a,b,1,0.5\na,b,-1,0.5\n", "line 3, column dose_uM.*not be negative"),
        (HEAD + "a,b,,0.5\n", "line 2, column dose_uM.*must be given"),
        (HEAD + "a,b,nan,0.5\n", "line 2, column dose_uM.*must be given"),
        (HEAD + "a,b,inf,0.5\n", "line 2, column dose_uM.*finite"),
        (HEAD + "a,b,1,dead\n", "line 2, column viability.*must be a number"),
        (HEAD.replace(",", ";") + "a;b;1;1,500\n", "line 2, column viability.*one way only.*--decimal"),
        (HEAD.replace(",", ";") + "a;b;1;0,5\na;b;1;0.5\n", "line 3, column viability.*decimal point where"),
        (HEAD + "a,,1,0.5\n", "line 2, column drug.*must be given"),
        ("line,drug,dose_uM,luminescence\na,b,1,-5\n", "line 2, column luminescence.*not be negative"),
        ("line,drug,dose_uM,time,count\na,b,1,3,5\n", "column time.*unit of the time.*time_h"),
        ("line,il6\na,3\n", "column il6.*unit of il6.*il6_pg_ml"),
        ("line,drug,dose_uM,kind,count\na,b,1,odd,5\n", "line 2, column kind.*what the well is.*blank, control"),
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
        read_viability(tmp_path / "plate.xls")
    (tmp_path / "binary.csv").write_bytes(b"\x00\x81\x02")
    with pytest.raises(errors.InputError, match="UTF-8"):
        read_viability(tmp_path / "binary.csv")


def test_the_line_of_a_file_may_be_said(table):
    path = table("dose_uM,viability\n1,0.5\n")
    read = read_viability(path, line="MCF7", drug="doxorubicin")
    assert read.table.loc[0, ["line", "drug"]].tolist() == ["MCF7", "doxorubicin"]
    with pytest.raises(errors.InputError, match="--drug"):
        read_viability(path)


def test_decimal_commas_byte_order_marks_and_other_encodings(tmp_path):
    text = "line;drug;dose (µM);viability;note\nMCF7;doxorubicin;0,1;0,9;größe\nMCF7;doxorubicin;1,5;0,45;\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        path = tmp_path / f"{encoding}.csv"
        path.write_bytes(text.encode(encoding))
        read = read_viability(path)
        assert read.table["dose_nM"].tolist() == [100.0, 1500.0]
        assert read.table["value"].tolist() == [0.9, 0.45]
    assert "decimal commas" in " ".join(read.notes)


def test_rows_keep_their_number_over_empty_lines_comments_and_quotes(table):
    rows = "# made by hand\n\n" + HEAD + "a,b,1,0.5\n,,,\n\na,b,2,0.4\n"
    assert read_viability(table(rows)).table["row"].tolist() == [4, 7]
    assert read_viability(table(rows.replace("0.4", '"0.4"'))).table["row"].tolist() == [4, 7]


def test_controls_may_be_named_in_the_column_of_drugs(table):
    read = read_viability(table("line,drug,dose_nM,luminescence\na,DMSO,,900\na,x,5,500\na,blank,,10\n"))
    assert read.table["kind"].tolist() == ["control", "treated", "blank"]
    assert read.table["drug"].tolist() == ["", "x", ""]


def test_detection_limits_and_full_detectors_are_no_numbers(table):
    read = read_viability(table("line,il6_pg_ml\na,<7.8\na,250\na,OVER\n"))
    assert read.table["value"].tolist() == pytest.approx([0.0078, 0.25])
    assert read.table["censored"].tolist() == ["<", ""]
    assert set(read.table["unit"]) == {"ng/ml"}
    assert read.excluded["reason"].tolist() == ["il6_pg_ml is beyond what the reader can measure"]


def test_several_readouts_each_with_its_unit(table):
    text = "line,arm,time_h,readout,value,unit\n"
    text += "a,none,24,IL6,250,pg/ml\na,none,24,IL6,12,pM\na,none,24,pgp_protein,3.1,fold\n"
    values = read_viability(table(text)).table
    assert values["value"].tolist() == pytest.approx([0.25, 0.2508, 3.1])
    assert values["readout"].tolist() == ["il6", "il6", "pgp_protein"]
    with pytest.raises(errors.InputError, match="pgp_protein must have a unit"):
        read_viability(table("line,readout,value\na,pgp_protein,3\n"))


def test_a_well_that_is_given_twice(table):
    path = table("plate,well,line,drug,dose_uM,luminescence\nP1,B02,a,b,1,5\nP1,B02,a,b,1,6\n")
    with pytest.raises(errors.InputError, match="well B02 of plate P1 is given in rows 2 and 3"):
        read_viability(path)
    read = read_viability(path, exclude_bad=True)
    assert read.table["value"].tolist() == [5.0]
    assert read.excluded[["row", "value"]].to_numpy().tolist() == [[3, 6.0]]


def test_a_workbook_reads_as_its_text(tmp_path, table):
    import openpyxl

    rows = [["line", "drug", "dose", "unit", "viability"], ["a", "b", 1, "uM", 0.5], ["a", "b", "20", "nM", "0,9"]]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # pyright: ignore[reportOptionalMemberAccess]
    book.create_sheet("remarks").append(["not a table"])
    book.save(tmp_path / "plate.xlsx")
    read = read_viability(tmp_path / "plate.xlsx")
    assert read.table[["row", "dose_nM", "value"]].to_numpy().tolist() == [[2, 1000.0, 0.5], [3, 20.0, 0.9]]
    assert "sheet remarks" in " ".join(read.notes)
    rows[1][4] = "dead"
    book.active.cell(2, 5).value = "dead"  # pyright: ignore[reportAttributeAccessIssue, reportOptionalMemberAccess]
    book.save(tmp_path / "plate.xlsx")
    with pytest.raises(errors.InputError, match="sheet Sheet, row 2, column viability: viability must be a number"):
        read_viability(tmp_path / "plate.xlsx")


MATRIX = "Plate 7\n,1,2,3\nA,100,900,500\nB,110,950,450\n"


def test_a_matrix_and_its_layout(table):
    matrix = table(MATRIX, "plate.csv")
    layout = table(
        "well,kind,line,drug,dose_uM\nA1,blank,,,\nB1,blank,,,\nA2,control,a,,\nB2,control,a,,\nA3,odd,a,x,1\n",
        "lay.csv",
    )
    with pytest.raises(errors.InputError, match="must come with a layout"):
        read_viability(matrix)
    with pytest.raises(errors.InputError, match=r"lay.csv, line 6, column kind"):
        read_viability([matrix, layout])
    layout = table(layout.read_text().replace("A3,odd,", "A3,,"), "lay.csv")
    read = read_viability([matrix, layout])
    assert read.table.set_index("well")["value"].to_dict() == {
        "A01": 100,
        "B01": 110,
        "A02": 900,
        "B02": 950,
        "A03": 500,
    }
    assert set(read.table["plate"]) == {"Plate 7"}
    assert read.excluded[["well", "reason"]].to_numpy().tolist() == [["B03", "the layout does not name the well"]]
    for bad, words in (("A2", "stands again"), ("H12", "H12 of it is not"), ("Z", "named as B02")):
        wrong = table(layout.read_text() + f"{bad},control,a,,\n", "wrong.csv")
        with pytest.raises(errors.InputError, match=f"line 7, column well.*{words}"):
            read_viability([matrix, wrong])


QPCR = "sample,gene,Ct\nMCF7,ABCB1,30\nMCF7,ABCB1,30.2\nMCF7,GAPDH,18\nADR,ABCB1,25\nADR,GAPDH,18.1\n"


def test_delta_delta_ct(table):
    read = read_viability(table(QPCR), reference_gene="gapdh", calibrator="MCF7")
    folds = read.table.set_index("line")["value"].to_dict()
    assert folds == pytest.approx({"MCF7": 1.0, "ADR": 2 ** -((25 - 18.1) - (30.1 - 18))})
    assert set(read.table["readout"]) == {"abcb1_mrna"}
    with pytest.raises(errors.InputError, match="--reference-gene with one of ABCB1, GAPDH"):
        read_viability(table(QPCR), calibrator="MCF7")
    with pytest.raises(errors.InputError, match="calibrator must be in the table but was 'T47D'"):
        read_viability(table(QPCR), reference_gene="GAPDH", calibrator="T47D")
    with pytest.raises(errors.InputError, match=r"line 7.*reference gene GAPDH, but T47D has none"):
        read_viability(table(QPCR + "T47D,ABCB1,29\n"), reference_gene="GAPDH", calibrator="MCF7")


def test_tables_of_gr_metrics(table):
    case_a = table("cell_line,agent,concentration,cell_count,cell_count__ctrl,cell_count__time0\na,x,1,50,200,100\n")
    with pytest.raises(errors.InputError, match="--dose-unit uM"):
        read_viability(case_a)
    read = read_viability(case_a, dose_unit="uM")
    assert read.table.loc[0, ["dose_nM", "value", "value_control", "value_start"]].tolist() == [
        1000.0,
        50.0,
        200.0,
        100.0,
    ]
    case_c = table("cell_line,agent,time,concentration,cell_count\na,-,0,0,100\na,-,72,0,200\na,x,72,1,50\n")
    read = read_viability(case_c, dose_unit="uM", time_unit="h")
    assert read.table["kind"].tolist() == ["start", "control", "treated"]


@pytest.mark.skipif(not REAL.exists(), reason="the shared data are not here")
def test_every_row_of_the_real_table_is_accounted_for():
    read = read_viability(REAL)
    rows = len(REAL.read_text(encoding="utf-8").splitlines()) - 1
    assert len(read.table) + len(read.excluded) == rows
