"""Bad plates brought to ``autocrine explain``: exact messages, and a list of every value that is not used."""

import numpy as np
import pandas as pd
import pytest

from autocrine.assay import plates
from autocrine.core import errors
from autocrine.studies.explain.reading import Files, read_laboratory

DOSES = 10.0 ** np.arange(1, 6)


def tidy(doses=DOSES, value=None):
    """Return two lines under two drugs, three wells each."""
    rows = [
        (line, drug, dose, 72.0, k, 1 / (1 + dose / middle) + 0.01 * k if value is None else value)
        for line, middle in (("parent", 100.0), ("resistant", 1000.0))
        for drug in ("doxorubicin", "cisplatin")
        for dose in doses
        for k in range(3)
    ]
    return pd.DataFrame(rows, columns=pd.Index(["line", "drug", "dose_nM", "time_h", "replicate", "viability"]))


def read(folder, table, **beside):
    path = folder / "plates.csv"
    table.to_csv(path, index=False)
    return read_laboratory(Files([path], **beside))


def test_plates_with_one_dose_are_refused(tmp_path):
    with pytest.raises(errors.InputError, match=r"3 doses of a drug or more but was 1; try a dilution series"):
        read(tmp_path, tidy(DOSES[2:3]))


def test_a_drug_with_too_few_doses_is_told_and_stays(tmp_path):
    table = tidy()
    few = ((table["drug"] == "cisplatin") & (table["dose_nM"] > 100)).to_numpy()
    found = read(tmp_path, table.loc[~few])
    assert "resistant met fewer than 3 doses of cisplatin: its fold rests on what is believed before" in found.notes
    assert len(found.measurements) == int((~few).sum())


def test_plates_without_variation_are_refused(tmp_path):
    with pytest.raises(errors.InputError, match="all values of the series are equal"):
        read(tmp_path, tidy(value=1.0))


def test_every_value_of_a_series_without_variation_is_listed(tmp_path):
    table = tidy()
    flat = ((table["drug"] == "cisplatin") & (table["line"] == "parent")).to_numpy()
    table.loc[flat, "viability"] = 0.9
    found = read(tmp_path, table)
    assert len(found.excluded) == int(flat.sum())
    assert {row["value"] for row in found.excluded} == {0.9}
    assert len(found.measurements) + len(found.excluded) == len(table)


def test_a_drug_that_is_not_known_is_left_out_and_listed(tmp_path):
    table = tidy().replace({"cisplatin": "moonlight"})
    found = read(tmp_path, table)
    assert [drug.name for drug in found.drugs] == ["doxorubicin"]
    assert len(found.excluded) == int((table["drug"] == "moonlight").sum())
    assert {row["reason"] for row in found.excluded} == {"moonlight is no drug that Autocrine knows"}
    assert len(read(tmp_path, table, named={"moonlight": "cisplatin"}).measurements) == len(table)
    with pytest.raises(errors.InputError, match=r"viability.*moonlight is no drug.*--same NAME=DRUG with one of"):
        read(tmp_path, table.replace({"doxorubicin": "moonlight"}).drop_duplicates(["line", "dose_nM", "replicate"]))
    with pytest.raises(errors.InputError, match=r"one that is known.*starlight"):
        read(tmp_path, table, named={"moonlight": "starlight"})


def test_wells_without_controls_are_listed_one_by_one(tmp_path):
    rows = [
        (f"P{line}", line, kind, drug, dose, value)
        for line in ("parent", "resistant")
        for kind, drug, dose, value in [
            *[("treated", "doxorubicin", dose, 1e4 / (1 + dose / 300)) for dose in DOSES],
            *([("control", "", 0.0, 1e4 + k) for k in range(4)] if line == "parent" else []),
        ]
    ]
    table = pd.DataFrame(rows, columns=pd.Index(["plate", "line", "kind", "drug", "dose_nM", "luminescence"]))
    path = tmp_path / "raw.csv"
    table.assign(time_h=72).to_csv(path, index=False)
    found = plates.dose_series(plates.read_plates(path, plates.Options()))
    assert len(found.excluded) == len(DOSES)
    assert set(found.excluded["reason"]) == {"no control wells of its plate, line and time"}
    assert set(found.excluded["line"]) == {"resistant"}


def test_folds_of_qpcr_are_over_the_reference_if_nobody_says_another(tmp_path):
    # delta-delta Ct: ABCB1 of the resistant line comes 3 cycles earlier, GAPDH as late: 8-fold
    rows = [
        (line, gene, f"s{k}", ct + 0.1 * k)
        for line, cycles in (("parent", 26.0), ("resistant", 23.0))
        for gene, ct in (("GAPDH", 20.0), ("ABCB1", cycles))
        for k in range(3)
    ]
    path = tmp_path / "qpcr.csv"
    pd.DataFrame(rows, columns=pd.Index(["line", "gene", "sample", "Ct"])).to_csv(path, index=False)
    said = plates.Options(reference_gene="GAPDH")
    found = read(tmp_path, tidy(), qpcr=path, options=said, reference="parent")
    folds = [row.value for row in found.measurements if row.readout == "abcb1_mrna"]
    assert max(folds) == pytest.approx(8.0)
    base = next(row.against for row in found.measurements if row.readout == "abcb1_mrna")
    assert base is not None
    assert found.wells[base].populations[0][0].name == "parent"


def test_western_folds_and_il6_below_detection_are_kept_as_such(tmp_path):
    elisa, western = tmp_path / "elisa.csv", tmp_path / "western.csv"
    elisa.write_text("line,il6_pg_ml\nparent,<3\nparent,<3\nresistant,150\n", encoding="utf-8")
    western.write_text("line,protein,fold\nparent,P-gp,1.0\nresistant,P-gp,6.0\n", encoding="utf-8")
    found = read(tmp_path, tidy(), il6=elisa, western=western, reference="parent")
    il6 = [(row.kind, row.value) for row in found.measurements if row.readout == "il6"]
    assert il6 == [("below", 0.003), ("below", 0.003), ("exact", 0.15)]
    assert 6.0 in [row.value for row in found.measurements if row.readout == "pgp"]
