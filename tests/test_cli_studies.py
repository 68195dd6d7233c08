"""The commands of studies as a newcomer meets them: good input works, bad input gets a message and exit code 2."""

import json
import re
import subprocess
import sys

import pytest

from autocrine.cli import main
from autocrine.studies import Progress, simulate_study

PLAIN = '[study]\nname = "x"\nlines = ["sensitive"]\ndrugs = ["doxorubicin"]\nreadouts = []\n'
BAD = {
    "unknown drug": (PLAIN.replace('"doxorubicin"', '"doxorubicine"'), "line 4, key study.drugs: .*try doxorubicin"),
    "empty": ("", "was empty"),
    "malformed": ("[study\n", "valid TOML: .*line 1"),
    "mass without volume": (PLAIN + '[doses]\ndoxorubicin = ["5 mg", "1 uM"]\n', "line 7.*'mg'.*nM or uM or ng/ml"),
    "negative dose": (PLAIN + '[doses]\ndoxorubicin = ["-5 nM"]\n', "line 7.*must not be negative"),
    "NaN dose": (PLAIN + '[doses]\ndoxorubicin = ["nan uM"]\n', "line 7.*finite"),
    "dose as bare number": (PLAIN + "[doses]\ndoxorubicin = [5]\n", "line 7.*converts to nM but was 'nothing'"),
    "only zero": (PLAIN + '[doses]\ndoxorubicin = ["0 nM"]\n', "at least one above zero"),
    "doses upside down": (PLAIN + '[doses]\ndoxorubicin = { low = "1 uM", high = "1 nM" }\n', "low must be above zero"),
    "wash-out after the end": (
        PLAIN + '[protocol]\nduration = "24 h"\nwashout = "48 h"\n',
        "end of the exposure .24 h",
    ),
    "change after the end": (PLAIN + '[protocol]\nmedium_change = "1000 h"\n', "end of the experiment"),
    "negative duration": (
        PLAIN + '[protocol]\nduration = "-24 h"\n',
        "line 7, key protocol.duration: duration must be a positive number",
    ),
    "unit of another kind": (
        PLAIN + '[protocol]\nduration = "24 nM"\n',
        "line 7, key protocol.duration.*converts to h",
    ),
    "unknown readout": (PLAIN.replace("readouts = []", 'readouts = ["il7"]'), "line 5.*try il6"),
    "unknown line": (PLAIN.replace('"sensitive"', '"sensitiv"'), "line 3.*try sensitive"),
    "unknown arm": (PLAIN + 'arms = ["anti-IL6R"]\n', "line 6.*anti-IL-6R"),
    "unknown key": (PLAIN + 'drugz = ["x"]\n', "line 6.*try drugs"),
    "unknown table": (PLAIN + "[protocoll]\n", "try protocol"),
    "text for a list": (PLAIN.replace('["sensitive"]', '"sensitive"'), "line 3.*must be a list but was 'sensitive'"),
    "no line": (PLAIN.replace('["sensitive"]', "[]"), "at least one line"),
    "the same drug twice": (PLAIN.replace('["doxorubicin"]', '["doxorubicin", "doxorubicin"]'), "each entry once"),
    "blocker as drug": (PLAIN.replace('"doxorubicin"', '"verapamil"'), "verapamil is a blocker"),
    "drug as agent": (PLAIN + '[arm.a]\nagents = ["cisplatin"]\n', "must be a blocker"),
    "unknown parameter": (PLAIN + "[parameters]\nabcb1_leek = 3\n", "try abcb1_leak"),
    "negative parameter": (PLAIN + "[parameters]\ns_abcb1 = -5\n", "line 7.*must not be negative"),
    "parameter that is no number": (PLAIN + "[parameters]\ns_abcb1 = nan\n", "line 7.*finite"),
    "edge beyond one": (PLAIN + "[parameters]\nedge_cebp_abcb1 = 2\n", "line 7.*between 0 and 1"),
    "negative copies of a line": (PLAIN + "[line.a]\nabcb1_copies = -3\n", "line 7.*must not be negative"),
    "name that leaves the directory": (PLAIN.replace('"x"', '"../x"'), "names a directory"),
    "no replicates": (PLAIN + "replicates = 0\n", "between 1 and 100"),
    "fraction above one": (
        PLAIN
        + '[coculture]\nproducers = "sensitive_il6"\nothers = "sensitive"\nproducer_fractions = [1.5]\n'
        + 'drug = "doxorubicin"\n',
        "producer_fractions must lie between 0 and 1",
    ),
    "fraction that is no number": (
        PLAIN
        + '[coculture]\nproducers = "sensitive_il6"\nothers = "sensitive"\nproducer_fractions = ["a"]\n'
        + 'drug = "doxorubicin"\n',
        "producer_fractions must lie between 0 and 1",
    ),
    "doses of a drug that is not in the study": (PLAIN + '[doses]\npaclitaxel = ["1 nM"]\n', "line 7.*of the study"),
    "probe as drug": (PLAIN.replace('"doxorubicin"', '"rhodamine 123"'), "is a probe; try probes"),
    "viability as readout": (PLAIN.replace("readouts = []", 'readouts = ["viability"]'), "line 5.*live_count"),
    "cells beyond likeness": (PLAIN + "[protocol]\npgp_cv = 50\n", "at most 5"),
    "antibody in nonsense": (PLAIN + '[arm.a]\nagents = { tocilizumab = "5 bananas" }\n', "bananas"),
    "edge that is none": (PLAIN + '[arm.a]\ncut = ["edge_none"]\n', "edge_il6_receptor"),
}


def run(arguments, capsys):
    """Run the command line in this process: exit code, output, errors."""
    code = 0
    try:
        main(arguments)
    except SystemExit as stop:
        code = stop.code
    shown = capsys.readouterr()
    return code, shown.out, shown.err


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named_and_leaves_nothing(case, tmp_path, monkeypatch, capsys):
    text, message = BAD[case]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.toml").write_text(text)
    code, out, err = run(["simulate", "s.toml"], capsys)
    assert code == 2
    assert out == ""
    assert "Traceback" not in err
    assert err.startswith("autocrine: ")
    assert err.count("\n") == 1
    assert re.search(message, err), err
    assert not list((tmp_path / "runs").glob("*")) if (tmp_path / "runs").exists() else True


def test_a_file_that_is_not_there(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, _, err = run(["simulate", "nothing.toml"], capsys)
    assert code == 2
    assert "nothing.toml" in err


def test_an_output_that_cannot_be_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.toml").write_text(PLAIN)
    (tmp_path / "file").write_text("mine")
    code, _, err = run(["simulate", "s.toml", "--out", "file/run"], capsys)
    assert code == 2
    assert "--out" in err
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(
    "arguments", [["reproduce", "conze2002"], ["reproduce", "conze2001", "--claim", "12"], ["nothing"]]
)
def test_unknown_studies_claims_and_commands(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, _, err = run(arguments, capsys)
    assert code == 2
    assert "Traceback" not in err
    assert not list(tmp_path.rglob("provenance.json"))


def test_an_own_study_runs_and_prints_one_json_object(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.toml").write_text(PLAIN)
    code, out, _ = run(["simulate", "s.toml", "--json"], capsys)
    assert code == 0
    assert json.loads(out)["study"] == "x"
    assert json.loads(out)["potencies"][0]["ic50_nM"] > 0
    names = {path.name for path in (tmp_path / "runs" / "x").iterdir()}
    assert names == {"report.html", "results.parquet", "potencies.parquet", "provenance.json", "evidence.json"}


@pytest.mark.parametrize("probes", ["[]", '["rhodamine 123"]'])
def test_a_medium_change_after_the_addition_of_drugs_is_done(probes, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    protocol = '[protocol]\npreincubation = "24 h"\nduration = "48 h"\nmedium_change = "30 h"\n'
    (tmp_path / "s.toml").write_text(PLAIN + f"probes = {probes}\n" + protocol)
    assert run(["simulate", "s.toml", "--json"], capsys)[0] == 0


def test_one_claim_as_json_has_the_promised_keys(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, out, _ = run(["reproduce", "conze2001", "--claim", "3", "--quick", "--json"], capsys)
    assert code == 0
    (claim,) = json.loads(out)["claims"]
    assert {"id", "verdict", "effect", "low", "high", "effect_when_cut"} <= set(claim)
    assert claim["id"] == "conze2001-3"
    assert (tmp_path / "runs" / "conze2001-claim-3" / "claims.json").is_file()


def test_findings_of_a_study_are_counted_honestly(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, out, _ = run(["reproduce", "lee2001", "--quick"], capsys)
    assert code == 0
    assert "2 not asked" in out


def test_an_interrupted_run_leaves_no_directory(tmp_path):
    (tmp_path / "s.toml").write_text(PLAIN)

    def interrupt(_steps):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate_study(
            tmp_path / "s.toml", tmp_path / "run", seed=1, command="", progress=Progress(step=interrupt)
        )  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["s.toml"]


def test_help_starts_without_heavy_libraries():
    code = "import sys; from autocrine.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    code += (
        "heavy = {'numpy', 'scipy', 'sympy', 'pandas', 'matplotlib', 'llvmlite', 'pint', 'rich'} & set(sys.modules)\n"
    )
    code += "assert not heavy, heavy"
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)  # noqa: S603


def test_a_defect_is_named_without_a_traceback_unless_it_is_asked_for(monkeypatch, capsys):
    def broken(*_arguments, **_keywords):
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("autocrine.studies.reproduce", broken)
    code, _, err = run(["reproduce", "lee2001"], capsys)
    assert code == 70
    assert "defect" in err
    assert "planted" in err
    assert "Traceback" not in err
    monkeypatch.setenv("AUTOCRINE_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["reproduce", "lee2001"])
