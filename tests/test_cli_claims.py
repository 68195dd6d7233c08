"""The commands for claims of one's own, as a person sees them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from autocrine.cli import library_claim, main
from autocrine.cli.library import command
from autocrine.core import errors
from autocrine.evidence import claim as claim_module

ADD = (
    *("claim", "add", "duan2002", "--statement", "IL-6 helps against cisplatin.", "--kind", "observation"),
    *("--stance", "unsure", "--system", "my U-2OS", "--who", "A. Person"),
)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTOCRINE_LIBRARY", raising=False)


def run(*arguments):
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_claim_is_added_linked_shown_and_withdrawn():
    reaction = "edge_il6_survival=SBO:0000170"
    made = run(*ADD, "--assay", "ECO:0000006", "--parameter", "edge_il6_survival", "--reaction", reaction)
    assert made == "duan2002-own1  IL-6 helps against cisplatin.\n"
    linked = run("claim", "link", "duan2002-own1", "wang2010_zhonghua-1", "--about", "cisplatin", "--who", "me")
    assert linked == "own1  duan2002-own1 disagrees with wang2010_zhonghua-1: cisplatin\n"
    shown = run("claim", "show", "duan2002-own1")
    assert "Stance          duan2002 is unsure\n" in shown
    assert "Reactions       edge_il6_survival (SBO:0000170)\n" in shown
    assert "Disagrees with\n  wang2010_zhonghua-1  IL-6 protects cells only from drugs" in shown
    assert "Verdicts\n  none: the claim has no measure\n" in shown
    assert shown.rstrip().endswith("stated, by A. Person")
    assert "duan2002-own1: IL-6 helps against cisplatin.\n    in my U-2OS" in run("parameter", "edge_il6_survival")
    of_record = run("show", "duan2002")
    assert "  own 1. IL-6 helps against cisplatin.\n" in of_record
    assert "Curator       A. Person (duan2002-own1)" in of_record
    assert json.loads(run("claim", "show", "duan2002-own1", "--json"))["disagreements"][0]["about"] == "cisplatin"
    assert [each["id"] for each in json.loads(run("claims", "--own", "--json"))["claims"]] == ["duan2002-own1"]
    run("claim", "withdraw", "duan2002-own1", "--who", "me")
    assert run("claims", "--own") == ""
    assert "withdrawn, by me" in run("claim", "show", "duan2002-own1")


def test_claims_that_disagree_are_listed_with_what_about():
    shown = run("claims", "--disagreeing")
    assert "conze2001-4" in shown
    assert "conze2001-7" not in shown
    assert "disagrees with: duan2002-2 (whether the resistance from the IL6 gene goes by way of P-gp); " in shown
    of_pump = run("parameter", "edge_cebp_abcb1")
    assert "Against\n  duan2002-2: " in of_pump
    assert "conze2001-4 and lee2001-1: the sign of the effect of IL-6 on ABCB1; perhaps: another tissue" in of_pump


def test_the_words_of_the_options_are_those_of_the_room():
    assert library_claim._KINDS == claim_module.KINDS
    assert library_claim._STANCES == claim_module.STANCES


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--parameter", "edge_nothing"), "the parameter must be one of the model"),
        (("--reaction", "edge_il6_survival"), "a reaction must be NAME=SBO:0000000"),
        (("--reaction", "nothing=SBO:0000170"), "the reaction must be one of the cell"),
        (("--measure", "luck", "--threshold", "2"), "measure must be one of abcb1_mrna_fold_il6_gene"),
        (("--kind", "causal", "--measure", "cebp_activity_fold_il6_gene", "--edge", "socs3"), "edge must be one with"),
    ],
)
def test_what_no_run_could_ever_answer_is_refused(more, message):
    with pytest.raises(errors.InputError, match=message):
        run(*ADD, *more)
    assert not Path("library.sqlite").exists()


def test_a_reaction_may_be_named_as_the_equations_name_it():
    run(*ADD, "--reaction", "ABCB1 transcription=SBO:0000183")
    assert "ABCB1 transcription (SBO:0000183)" in run("claim", "show", "duan2002-own1")


def test_an_unknown_claim_leaves_with_2(capsys):
    with pytest.raises(SystemExit) as left:
        main(["library", "claim", "show", "conze2001-99"])
    assert left.value.code == 2
    assert "the claim must be one of the library but was 'conze2001-99'; try conze2001-" in capsys.readouterr().err


def test_addresses_of_an_imported_page_are_taken_apart():
    addresses = ". ".join(f"Univ {name}, Dept Med, Burlington, VT 0540{n} USA" for n, name in enumerate("ABCDEFG"))
    page = (
        "Title: Places\nAuthors: Rincon M; Conze D\nYear: 1999\n"
        f"Author Address: {addresses}. Rincon M, Univ H, Dept Med, Geneva, Switzerland.\n"
    )
    Path("page.txt").write_text(page)
    run("import", "page.txt", "--who", "me")
    shown = run("show", "rincon1999")
    assert "  7. Univ G, Burlington, USA\n  8. Univ H, Geneva, Switzerland [Rincon M] (for reprints)\n" in shown
    half = "Conze, Dietrich; Weiss, Linda] Univ Vermont, Burlington, VT 05405 USA"
    Path("half.txt").write_text(f"Title: Half\nAuthors: Conze D\nYear: 2009\nAuthor Address: {half}\n")
    run("import", "half.txt", "--who", "me")
    assert "  Conze, D is Conze, Dietrich\n" in run("show", "conze2009")
