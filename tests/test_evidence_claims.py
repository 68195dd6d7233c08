"""Claims in one's own words: checked like those of the package, linked, judged from runs, withdrawn and never lost."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autocrine.evidence
from autocrine.core import errors
from autocrine.evidence import Verdict, load_library
from autocrine.evidence.catalogue import Catalogue
from autocrine.evidence.formats.format import parse_records

LIBRARY = load_library()
PLAIN = {"statement": "Zebrin keeps cells alive.", "kind": "observation", "stance": "supports", "system": "my cells"}
CAUSAL = {
    **PLAIN,
    "kind": "causal",
    "edge": "il6_receptor",
    "measure": "fold_resistance_il6_gene",
    "threshold_note": "Mine.",
}
PROVENANCE = {"versions": {"autocrine": "9.9"}, "parameter_hash": "abc", "started": "2026-01-01T00:00:00+00:00"}


@pytest.fixture
def catalogue():
    with Catalogue() as made:
        yield made


def run_of(folder, **changes):
    row = {"id": "conze2001-2", "verdict": "REPRODUCED", "effect": 11.8, "low": 6.2, "high": 20.0}
    row |= {"effect_when_cut": 1.03, "cut_low": 0.9, "cut_high": 1.1, **changes}
    folder.mkdir(exist_ok=True)
    (folder / "provenance.json").write_text(json.dumps(PROVENANCE))
    (folder / "claims.json").write_text(json.dumps({"claims": [row]}))
    return folder


def test_an_own_claim_stands_beside_those_of_the_package(catalogue):
    made = catalogue.add_claim(
        "conze2001",
        "A Curator",
        **PLAIN,
        assay="ECO:0000006",
        parameters=["edge_il6_cebp"],
        reactions=[{"name": "edge_il6_cebp", "sbo": "SBO:0000170"}],
    )
    assert (made.id, made.curator, made.record) == ("conze2001-own1", "A Curator", "conze2001")
    assert catalogue.claim(made.id) == made == catalogue.claims_of("conze2001")[-1]
    assert made.reactions == (("edge_il6_cebp", "SBO:0000170"),)
    assert [record.key for record in catalogue.search("claim:zebrin")] == ["conze2001"]
    assert made.id not in LIBRARY.claims
    assert catalogue.evidence().claims[made.id] == made
    (event,) = catalogue.claim_history(made.id)
    assert (event.after, event.who) == ("stated", "A Curator")


def test_a_key_is_never_given_twice(catalogue):
    first = catalogue.add_claim("conze2001", "me", **PLAIN)
    catalogue.withdraw_claim(first.id, "you")
    second = catalogue.add_claim("conze2001", "me", **PLAIN)
    assert (first.id, second.id) == ("conze2001-own1", "conze2001-own2")
    assert first.id not in catalogue.claims
    assert catalogue.claim(first.id) == first
    assert [(event.after, event.who) for event in catalogue.claim_history(first.id)] == [
        ("stated", "me"),
        ("withdrawn", "you"),
    ]
    with pytest.raises(errors.InputError, match="must be a claim or a disagreement of your own"):
        catalogue.withdraw_claim(first.id, "me")
    with pytest.raises(errors.InputError, match="must be a claim or a disagreement of your own"):
        catalogue.withdraw_claim("conze2001-1", "me")


def test_a_withdrawn_claim_is_found_no_more(catalogue):
    made = catalogue.add_claim("conze2001", "me", **PLAIN)
    catalogue.withdraw_claim(made.id, "me")
    assert catalogue.search("claim:zebrin").count == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"statement": ""}, "the key 'statement' must be given"),
        ({"kind": "guess"}, "kind must be one of"),
        ({"stance": "likes"}, "stance must be one of"),
        ({"assay": "ECO:1"}, "assay must be ECO:0000000"),
        ({"reactions": [{"name": "a", "sbo": "b"}]}, "sbo must be SBO:0000000"),
        ({"statement": "word " * 60}, "at most 240 characters"),
        ({"measure": "fold_resistance_il6_gene"}, "a measure must have a threshold"),
        ({"kind": "causal", **{k: CAUSAL[k] for k in ("measure",)}, "threshold": 2.0}, "must name the edge"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_claim_is_refused_and_nothing_is_written(catalogue, changes, message):
    with pytest.raises(errors.InputError, match=message):
        catalogue.add_claim("conze2001", "me", **{**PLAIN, **changes})
    assert set(catalogue.claims) == set(LIBRARY.claims)


def test_a_claim_needs_a_record_and_a_curator(catalogue):
    with pytest.raises(errors.InputError, match="must be one of the catalogue but was 'nobody1999'"):
        catalogue.add_claim("nobody1999", "me", **PLAIN)
    with pytest.raises(errors.InputError, match="must name who"):
        catalogue.add_claim("conze2001", " ", **PLAIN)


@settings(max_examples=20)
@given(st.text(min_size=1, max_size=200))
def test_any_words_come_back_as_they_were_written(statement):
    with Catalogue() as made:
        written = made.add_claim("conze2001", "me", **{**PLAIN, "statement": f"x{statement}"})
        assert made.claim(written.id).statement == f"x{statement}"


def test_claims_of_a_merged_record_go_with_it(catalogue):
    text = "TY  - JOUR\nTI  - One\nAU  - Conze, D\nPY  - 2001\nAN  - 7\nER  - \n"
    kept, other = catalogue.add(parse_records(text + text.replace("One", "Two"), "t"), "me").added
    made = catalogue.add_claim(other, "me", **PLAIN)
    catalogue.merge(kept, other, "me")
    assert catalogue.claims_of(kept) == (made,)
    assert [record.key for record in catalogue.search("claim:zebrin")] == [kept]
    catalogue.withdraw_claim(made.id, "me")
    assert catalogue.search("claim:zebrin").count == 0
    catalogue.unmerge(other)
    assert catalogue.claims_of(kept) == ()


def test_a_disagreement_is_a_link_of_its_own(catalogue):
    before = catalogue.disagreements("conze2001-2")
    mine = catalogue.add_claim("duan2002", "me", **PLAIN)
    link = catalogue.disagree("conze2001-2", mine.id, "the size", "me", "other cells")
    assert catalogue.disagreements("conze2001-2") == (*before, link)
    assert link.partner(mine.id) == "conze2001-2"
    assert (link.curator, link.explained) == ("me", "other cells")
    assert (catalogue.claim("conze2001-2"), mine) in catalogue.evidence().disagreements()
    with pytest.raises(errors.InputError, match="must be new"):
        catalogue.disagree(mine.id, "conze2001-2", "again", "me")
    catalogue.withdraw_claim(link.key, "me")
    assert catalogue.disagreements(mine.id) == ()
    again = catalogue.disagree(mine.id, "conze2001-2", "again", "me")
    assert again.key != link.key
    catalogue.withdraw_claim(mine.id, "me")
    assert catalogue.disagreements("conze2001-2") == before


@pytest.mark.parametrize(
    ("pair", "about", "message"),
    [
        (("conze2001-2", "conze2001-2"), "x", "must not disagree with itself"),
        (("conze2001-2", "conze2001-99"), "x", "must be one of the library but was 'conze2001-99'"),
        (("conze2001-2", "conze2001-1"), " ", "must say what it is about"),
    ],
)
def test_a_bad_disagreement_is_refused(catalogue, pair, about, message):
    with pytest.raises(errors.InputError, match=message):
        catalogue.disagree(*pair, about, "me")
    assert len(catalogue.disagreements()) == len(LIBRARY.links)


@pytest.mark.parametrize(
    ("threshold", "cut", "expected"),
    [
        (2.0, {}, Verdict.REPRODUCED),
        (8.0, {}, Verdict.HYPOTHESIS),
        (25.0, {}, Verdict.CONTRADICTED),
        (2.0, {"effect_when_cut": 5.0, "cut_low": 4.0, "cut_high": 6.0}, Verdict.INSENSITIVE),
    ],
)
def test_an_own_claim_is_judged_from_the_numbers_of_a_run(catalogue, tmp_path, threshold, cut, expected):
    made = catalogue.add_claim("conze2001", "me", **CAUSAL, threshold=threshold)
    run = run_of(tmp_path / "run", **cut)
    found = {each.claim: each.verdict for each in catalogue.check(run)}
    assert found == {"conze2001-2": Verdict.REPRODUCED, made.id: expected}
    assert catalogue.check(run) == catalogue.check(run)
    (kept,) = catalogue.checks(made.id)
    assert (kept.verdict, kept.model, kept.parameters, kept.effect) == (expected, "9.9", "abc", 11.8)


def test_a_claim_of_a_record_that_was_fitted_is_not_reproduced(catalogue, tmp_path):
    made = catalogue.add_claim("duan2002", "me", **CAUSAL, threshold=2.0)
    checked = {each.claim: each.verdict for each in catalogue.check(run_of(tmp_path / "run"))}
    assert checked[made.id] == Verdict.USED_FOR_FIT


def test_a_run_without_the_numbers_judges_no_own_claim(catalogue, tmp_path):
    other = catalogue.add_claim("conze2001", "me", **{**CAUSAL, "edge": "il6_cebp"}, threshold=2.0)
    made = catalogue.add_claim("conze2001", "me", **CAUSAL, threshold=2.0)
    catalogue.check(run_of(tmp_path / "run", cut_low=None))
    assert catalogue.checks(other.id) == catalogue.checks(made.id) == ()
    with pytest.raises(errors.InputError, match="cut_low <= effect_when_cut <= cut_high"):
        catalogue.check(run_of(tmp_path / "run", cut_low=2.0))


def test_every_stated_disagreement_is_between_publications_that_our_table_sets_against_each_other():
    assert len(LIBRARY.links) >= 10
    for link in LIBRARY.links.values():
        pair = [LIBRARY.claim(link.one), LIBRARY.claim(link.other)]
        if "jbt2018_hif1-1" not in {link.one, link.other} and link.key != "identity":
            assert {claim.stance for claim in pair} == {"supports", "contradicts"}, link.key
        assert link.about
        assert link.curator
    for claim in LIBRARY.claims.values():
        found = LIBRARY.findings_of(claim.record)
        assert found, claim.id
        if claim.stance == "contradicts" and claim.record != "liscovitch2007":
            assert "contradicts" in {finding.stance for finding in found}, claim.id


def test_a_link_into_nothing_is_named(tmp_path):
    data = Path(autocrine.evidence.__file__).parent / "data"
    shutil.copytree(data, tmp_path / "data")
    path = tmp_path / "data" / "disagreements.toml"
    path.write_text(path.read_text().replace('"duan2002-2"', '"duan2002-9"', 1))
    with pytest.raises(errors.InputError, match="the claim must be one of the library but was 'duan2002-9'"):
        load_library(tmp_path / "data")
    path.unlink()
    assert load_library(tmp_path / "data").links == {}


def test_a_catalogue_of_the_first_version_is_taken_over(tmp_path):
    path = tmp_path / "library.sqlite"
    with Catalogue(path) as made:
        made.add(parse_records("TY  - JOUR\nTI  - One\nPY  - 2001\nER  - \n", "t"), "me")
        before = made.facets()
    with sqlite3.connect(path) as connection:
        for table in ("claim", "disagreement", "facet"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("DROP INDEX record_facets")
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    with Catalogue(path) as made:
        assert made.facets() == before
        assert made.add_claim("record2001", "me", **PLAIN).id == "record2001-own1"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 3")
    connection.close()
    with pytest.raises(errors.InputError, match="must have version 2 but was 3"):
        Catalogue(path)


def counted(catalogue, text, public):
    """Count by going to every record: what the facets must be."""
    counts = {name: {} for name in ("year", "type", "journal", "workflow")}
    for record in catalogue.search(text, size=0, public=public):
        for name, found in counts.items():
            value = str(getattr(record, name) or "none")
            found[value] = found.get(value, 0) + 1
    return counts


@settings(max_examples=25)
@given(
    steps=st.lists(st.sampled_from(["add", "submit", "merge", "withdraw", "unmerge"]), max_size=8),
    text=st.sampled_from(["", "one", "-one", "conze", "year:2001", "one OR breast", "nothingofthekind"]),
    public=st.booleans(),
)
def test_facets_are_the_counts_of_the_records_whatever_was_done_before(steps, text, public):
    with Catalogue() as made:
        added, merged = [], []
        for number, step in enumerate(steps):
            if step == "add":
                given_text = f"TY  - JOUR\nTI  - One {number}\nPY  - {1999 + number}\nJO  - J{number % 2}\nER  - \n"
                added += made.add(parse_records(given_text, "t"), "me").added
            elif step == "submit" and added:
                if made.record(added[-1]).workflow == "draft":
                    made.advance(added[-1], "submitted", "me")
            elif step == "withdraw" and len(added) > 1:
                if made.record(added[0]).workflow != "withdrawn":
                    made.advance(added[0], "withdrawn", "me")
            elif step == "merge" and len(added) > 1:
                made.merge(added[0], added[-1], "me")
                merged.append(added.pop())
            elif step == "unmerge" and merged:
                made.unmerge(merged[-1])
                added.append(merged.pop())
        found = made.facets(text, public)
        assert found == counted(made, text, public)
        assert all(list(each.values()) == sorted(each.values(), reverse=True) for each in found.values())
