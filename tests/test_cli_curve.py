"""autocrine curve as a person types it."""

import json

import numpy as np
import pandas as pd
import pytest

from autocrine.cli import main

DOSES = np.geomspace(0.001, 10, 8)


@pytest.fixture
def plate(tmp_path):
    rows = [
        {"line": line, "drug": "doxorubicin", "dose_uM": dose, "viability": 1 / (1 + (dose / ic50) ** 1.2)}
        for line, ic50 in (("MCF7", 0.05), ("MCF7/IL6", 0.3), ("resistant", 1e4))
        for dose in DOSES
    ]
    path = tmp_path / "plate.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def run(*words) -> int:
    try:
        main([str(word) for word in words])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_a_run_holds_everything(plate, tmp_path, capsys):
    out = tmp_path / "run"
    assert run("curve", plate, "--out", out, "--reference", "MCF7") == 0
    assert "report.html" in capsys.readouterr().out
    table = pd.read_csv(out / "curves.csv")
    assert table["ic50_text"].iloc[2] == "> 10 uM"
    assert table["fold"].iloc[1] == pytest.approx(6, rel=0.05)
    assert table["fold_text"].iloc[2].startswith("> ")
    assert pd.read_parquet(out / "curves.parquet")["line"].tolist() == table["line"].tolist()
    assert len(list((out / "plots").glob("*.svg"))) == 3
    report = (out / "report.html").read_text(encoding="utf-8")
    assert report.count("<svg") == 4
    assert "http:" not in report.replace("http://www.w3.org", "")
    assert json.loads((out / "provenance.json").read_text())["command"].startswith("autocrine curve")
    assert (out / "excluded.csv").exists()


def test_json_is_one_object_and_equal_runs_give_equal_bytes(plate, tmp_path, capsys):
    first, second = tmp_path / "first", tmp_path / "second"
    assert run("curve", plate, "--out", first, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["counts"]["curves"] == 3
    assert told["curves"][2]["ic50_nM"] is None
    assert run("curve", plate, "--out", second) == 0
    for file in ("curves.csv", "curves.parquet", "report.html"):
        assert (first / file).read_bytes() == (second / file).read_bytes()


@pytest.mark.parametrize(
    ("text", "words"),
    [("line,drug,dose_uM,viability\na,b,-1,1\n", "line 2, column dose_uM"), ("", "empty"), ("a,b\n1,2\n", "must give")],
)
def test_bad_input_leaves_with_two_and_no_run(tmp_path, capsys, text, words):
    path, out = tmp_path / "bad.csv", tmp_path / "run"
    path.write_text(text, encoding="utf-8")
    assert run("curve", path, "--out", out) == 2
    told = capsys.readouterr().err
    assert words in told
    assert "Traceback" not in told
    assert not out.exists()


def test_an_unknown_reference_is_named(plate, tmp_path, capsys):
    assert run("curve", plate, "--out", tmp_path / "run", "--reference", "HeLa") == 2
    assert "HeLa" in capsys.readouterr().err


def test_names_that_a_file_system_minds_do_not_meet(tmp_path):
    rows = [(line, "x/y", dose, 1 / (1 + dose)) for line in ("a b", "a_b", "A_B") for dose in DOSES]
    path = tmp_path / "plate.csv"
    pd.DataFrame(rows, columns=pd.Index(["line", "drug", "dose_uM", "viability"])).to_csv(path, index=False)
    assert run("curve", path, "--out", tmp_path / "run") == 0
    assert len(list((tmp_path / "run" / "plots").iterdir())) == 3


def test_markup_in_names_is_text(tmp_path):
    rows = [("<script>x</script>", "[bold]d", dose, 1 / (1 + dose)) for dose in DOSES]
    path = tmp_path / "plate.csv"
    pd.DataFrame(rows, columns=pd.Index(["line", "drug", "dose_uM", "viability"])).to_csv(path, index=False)
    assert run("curve", path, "--out", tmp_path / "run") == 0
    assert "<script>" not in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")


@pytest.fixture
def plates(tmp_path):
    rows = [
        {"line": line, "drug": "doxorubicin", "plate": f"p{number}", "dose_uM": dose, "viability": value}
        for line, ic50 in (("MCF7", 0.05), ("MCF7/IL6", 0.3))
        for number, factor in enumerate((0.8, 1.0, 1.3))
        for dose in DOSES
        for value in [1 / (1 + (dose / ic50 / factor) ** 1.2) + 0.02 * np.sin(100 * dose * factor)]
    ]
    path = tmp_path / "plates.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def test_a_hierarchical_run_shows_every_plate(plates, tmp_path, capsys):
    out = tmp_path / "run"
    assert run("curve", plates, "--out", out, "--hierarchical", "--reference", "MCF7") == 0
    table, own = pd.read_csv(out / "curves.csv"), pd.read_csv(out / "plate_curves.csv")
    assert table["plates"].tolist() == [3, 3]
    assert table["fold"].iloc[1] == pytest.approx(6, rel=0.15)
    assert np.all(table["auc_low"] < table["auc"])
    assert own["plate"].tolist() == ["p0", "p1", "p2"] * 2
    assert np.all(np.diff(own["ic50_nM"].iloc[:3]) > 0)
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "Plates and replicates" in report
    assert "posterior" in report
    told = json.loads((out / "provenance.json").read_text())
    assert told["command"].endswith("--hierarchical --seed 1")
    assert told["seed"] == 1


def test_a_run_of_single_plates_has_no_columns_of_plates(plate, tmp_path):
    assert run("curve", plate, "--out", tmp_path / "run", "--hierarchical") == 0
    assert "r_hat" not in pd.read_csv(tmp_path / "run" / "curves.csv").columns
    assert not (tmp_path / "run" / "plate_curves.csv").exists()
    assert "Plates and replicates" not in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
