"""The packaged library: complete, linked, short, and honest about what a fit may use."""

import csv
import re
import shutil
from pathlib import Path

import pytest

import autocrine.evidence
from autocrine.core import errors, units
from autocrine.evidence import load_library

LIBRARY = load_library()
DATA = Path(autocrine.evidence.__file__).parent / "data"
SHARED = Path(__file__).parents[2] / "shared" / "evidence"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the tables of ../shared/evidence are not here")

#: rows that their table calls read although the number was computed from what was read (or, X002, chosen by us)
COMPUTED = {"P028", "P029", "P030", "P031", "X002", "X045", "X046", "X087"}
#: facts behind the findings that a fit may use, and no others
FIT = {
    *("baseline-pstat3-ec50", "baseline-gp130-half-life", "baseline-socs3-mrna-half-life", "baseline-socs3-half-life"),
    *("baseline-isolated-cell", "cakmak-il6", "cakmak-abcb1", "duan2002-paclitaxel", "duan2002-doxorubicin"),
    *(
        "duan2002-pgp",
        "baseline-tumour-density",
        "duan2002-il6-transfectant",
        "duan2002-il6-parental",
        "nci60-abcb1-rna",
    ),
}


def rows(name):
    with (SHARED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(cell):
    return float(cell) if cell else None


@needs_shared
@pytest.mark.parametrize("name", ["parameters.csv", "parameters_extended.csv"])
def test_every_value_of_the_tables_is_a_fact(name):
    for row in rows(name):
        fact = LIBRARY.facts[row["id"]]
        assert (fact.value, fact.low, fact.high) == tuple(number(row[key]) for key in ("value", "low", "high"))
        assert (fact.symbol, fact.quantity, fact.confidence) == (row["symbol"], row["quantity"], row["confidence"])
        assert bool(fact.text) == ("TEXT VALUE" in row["context"])
        if fact.key not in COMPUTED:
            assert fact.basis == row["basis"].split(" (")[0]


@needs_shared
def test_no_fact_is_from_nowhere():
    known = {row["id"] for name in ("parameters.csv", "parameters_extended.csv") for row in rows(name)}
    assert set(LIBRARY.facts) == known


@needs_shared
def test_every_identifier_of_the_tables_stands_in_its_record():
    for name in ("parameters.csv", "parameters_extended.csv"):
        for row in rows(name):
            sources = {source.value for source in LIBRARY.records[LIBRARY.facts[row["id"]].record].sources}
            for part in filter(None, row["pmid_or_doi"].replace("(recalled)", "").split(";")):
                assert part.strip().split()[-1] in sources, row["id"]


@needs_shared
@pytest.mark.parametrize("name", ["parameters.csv", "parameters_extended.csv"])
def test_the_record_of_a_fact_has_the_year_of_its_citation(name):
    for row in rows(name):
        record = LIBRARY.records[LIBRARY.facts[row["id"]].record]
        years = re.findall(r"\b(?:19|20)\d\d\b", row["source_citation"])
        assert record.year is None or str(record.year) in years or row["source_citation"].startswith("derived"), row


@needs_shared
def test_every_row_of_the_findings_is_a_finding_of_its_source():
    table = rows("findings.csv")
    taken = {row: [f for f in LIBRARY.findings.values() if f.row == row] for row in range(1, len(table) + 1)}
    assert {finding.row for finding in LIBRARY.findings.values()} == {0, *taken}
    for row, findings in taken.items():
        assert findings, table[row - 1]["claim"]
        for finding in findings:
            year = LIBRARY.records[finding.record].year
            dated = re.search(r"\b(?:19|20)\d\d\b", table[row - 1]["source"])
            assert year is None or dated is None or str(year) in table[row - 1]["source"]


@needs_shared
def test_no_number_of_a_finding_is_invented():
    text = " ".join(" ".join(row.values()) for row in rows("findings.csv"))
    for finding in LIBRARY.findings.values():
        ends = [end for end in (finding.number, finding.low, finding.high) if end is not None]
        known = {n for key in finding.facts for n in vars(LIBRARY.facts[key]).values() if isinstance(n, float)}
        context = " ".join(LIBRARY.facts[key].context for key in finding.facts)
        for end in ends:
            written = re.search(rf"(?<![\d.]){re.escape(f'{abs(end):g}')}(?!\d)", f"{text} {context}")
            assert end in known or written or finding.basis == "derived", finding.key


def test_only_the_findings_that_the_baseline_names_may_be_fitted():
    assert {key for key, finding in LIBRARY.findings.items() if finding.role == "fit"} == FIT


def test_derived_half_lives_follow_from_the_rates():
    for key, fact in (("baseline-socs3-mrna-half-life", "P035"), ("baseline-socs3-half-life", "P036")):
        rate = LIBRARY.facts[fact].value
        assert rate is not None
        assert LIBRARY.findings[key].number == pytest.approx(0.693147 / rate, rel=5e-3)


def test_units_are_known():
    for fact in LIBRARY.facts.values():
        if fact.unit:
            units.unit_of(fact.unit, where=fact.key)
        else:
            assert fact.text
    for finding in LIBRARY.findings.values():
        units.unit_of(finding.unit, where=finding.key)


def test_no_field_is_as_long_as_an_abstract():
    for name in ("records.toml", "findings.toml", "claims.toml", "facts.csv"):
        text = (DATA / name).read_text(encoding="utf-8")
        assert max(map(len, re.findall(r'"([^"]*)"', text))) <= 240
        assert "abstract =" not in text


def test_the_claims_of_the_paper():
    claims = LIBRARY.claims_of("conze2001")
    assert [claim.number for claim in claims] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [claim.number for claim in claims if claim.encoded] == [1]
    assert [claim.edge for claim in claims] == [
        *("", "il6_receptor", "il6_cebp", "cebp_abcb1", "cebp_abcb1", "il6_receptor", "", "")
    ]
    assert all("our own threshold" in claim.threshold_note.lower() for claim in claims if claim.measure)
    assert [claim.number for claim in claims if not claim.measure] == [7, 8]
    assert claims[7].kind == "hypothesis"


def test_keys_resolve():
    for key in ("conze2001", "P030", "EC50_pSTAT3", "duan2002-paclitaxel", "conze2001-2"):
        assert LIBRARY.resolves(key)
    assert not LIBRARY.resolves("P999")
    assert LIBRARY.fact("EC50_pSTAT3") is LIBRARY.fact("P030")


def test_findings_in_a_study_by_role():
    held = LIBRARY.findings_in("duan2002", "hold_out")
    assert {finding.role for finding in held} == {"hold_out"}
    assert len(LIBRARY.findings_in("duan2002")) == len(held) + len(LIBRARY.findings_in("duan2002", "fit"))


def test_the_library_cannot_be_written():
    with pytest.raises(TypeError):
        LIBRARY.records["mine"] = None  # pyright: ignore[reportIndexIssue]


def test_unknown_keys_name_the_nearest():
    with pytest.raises(errors.InputError, match="'conze2002'; try conze2001"):
        LIBRARY.record("conze2002")
    with pytest.raises(errors.InputError, match="try EC50_pSTAT3"):
        LIBRARY.fact("ec50_pstat")


CORRUPT = [
    (
        "claims.toml",
        'kind = "causal"',
        'kind = "casual"',
        r"claims.toml, line \d+, key conze2001-2.kind: kind must be one",
    ),
    ("claims.toml", 'edge = "il6_cebp"\n', "", "a causal claim must name the edge that is cut"),
    ("claims.toml", "number = 2\n", "number = 1\n", "must have different numbers"),
    ("claims.toml", "threshold = 0.5\n", "", "a measure must have a threshold"),
    ("claims.toml", "threshold = 0.5\n", "threshold = nan\n", "threshold must be finite"),
    ("claims.toml", 'stance = "supports"', 'stanse = "supports"', "but was 'stanse'; try stance"),
    (
        "claims.toml",
        'record = "conze2001"',
        'record = "conze201"',
        "claim conze2001-1: the record must be .* try conze2001",
    ),
    ("claims.toml", 'system = "breast tumours"', f'system = "{"word " * 60}"', "at most 240 characters"),
    ("findings.toml", 'role = "fit"', 'role = "fitted"', "role must be one of fit, hold_out, context but was 'fitted'"),
    ("findings.toml", 'facts = ["P108"]', 'facts = ["P1080"]', "finding cakmak-il6: the fact must be one"),
    ("findings.toml", "number = 5\n", 'number = "5x"\n', "number must be a number"),
    ("findings.toml", 'unit = "ng/ml"\n', "", "a finding with a number must have a unit"),
    ("findings.toml", "low = 7.13", "low = 71.3", "must hold low <= number <= high"),
    ("records.toml", 'role = "corresponding"', 'role = "boss"', "the role of an author must be one of author"),
    ("records.toml", 'workflow = "draft"', 'workflow = "lost"', "workflow must be one of draft"),
    ("records.toml", "year = 2001", 'year = "2001"', "year must be a whole number"),
    ("records.toml", "[conze2001]", "[conze2001", "must be valid TOML"),
    ("facts.csv", "P001,", "P002,", "must be given once but was 'P002'"),
    ("facts.csv", ",20,,,nM", ",twenty,,,nM", "facts.csv, line 2, column value: the cell must be a number or empty"),
    ("facts.csv", ",20,,,nM", ",20,30,,nM", "must hold low <= value <= high"),
    ("facts.csv", ",20,,,nM", ",inf,,,nM", "the number must be finite"),
    ("facts.csv", ",high\n", ",certain\n", "confidence must be one of high, medium, low but was 'certain'"),
    ("facts.csv", ",high\n", "\n", "line 2: a row must have 14 cells"),
    ("facts.csv", "key,quantity", "quantity,key", "the columns must be key, quantity"),
]


@pytest.mark.parametrize(("name", "old", "new", "message"), CORRUPT)
def test_corrupt_data_is_named(tmp_path, name, old, new, message):
    shutil.copytree(DATA, tmp_path / "data")
    path = tmp_path / "data" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(errors.InputError, match=message):
        load_library(tmp_path / "data")


def test_an_absent_file_is_named(tmp_path):
    shutil.copytree(DATA, tmp_path / "data")
    (tmp_path / "data" / "facts.csv").unlink()
    with pytest.raises(errors.InputError, match="facts"):
        load_library(tmp_path / "data")


def test_a_floor_that_stands_in_the_fact_of_a_fitted_number_is_no_hit():
    """Protein follows RNA in the model, and one fact holds both."""
    assert set(LIBRARY.findings["nci60-abcb1-protein"].facts) & set(LIBRARY.findings["nci60-abcb1-rna"].facts)
    assert LIBRARY.findings["nci60-abcb1-protein"].encoded
