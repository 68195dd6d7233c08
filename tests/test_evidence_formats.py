"""Records in the formats of libraries: what is written is read again, real shapes are understood, bad files named."""

import dataclasses
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autocrine.core import errors
from autocrine.evidence import load_library
from autocrine.evidence.formats import FORMATS, read_records, write_records
from autocrine.evidence.formats.address import full_names, parse_addresses
from autocrine.evidence.formats.bibtex import plain
from autocrine.evidence.formats.format import parse_records
from autocrine.evidence.formats.names import as_printed, inverted, parts
from autocrine.evidence.record import Author, ExternalSource, Record

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZéüøβκşж中"
word = st.text(LETTERS, min_size=2, max_size=8).filter(lambda text: text != "none")  # on a page that says: nothing
digits = st.text("123456789", min_size=1, max_size=4)
#: signs that mean something in one of the formats stand inside the texts
SIGNS = ["IL-6", "C/EBPβ", "&", "50%", "a_b", "<x>", "#1", '"q"', "$5"]
sentence = st.lists(st.one_of(word, st.sampled_from(SIGNS)), min_size=1, max_size=5).map(" ".join)
person = st.tuples(word, word).map(lambda both: f"{both[0].capitalize()}, {both[1].capitalize()}")
author = st.one_of(
    st.builds(Author, person, st.sampled_from(["author", "editor"])),
    st.builds(Author, st.tuples(word, word).map(lambda both: f"Group {both[0]} of {both[1]}"), st.just("group")),
)
source = st.one_of(
    st.builds(ExternalSource, st.just("PMID"), digits, st.just("x")),
    st.builds(ExternalSource, st.just("DOI"), digits.map("10.1/{}".format), st.just("x")),
    st.builds(ExternalSource, st.just("ISSN"), st.just("0008-5472"), st.just("x")),
)
title = st.tuples(word, sentence).map(" ".join)
address = st.tuples(word, word, st.just("USA")).map(", ".join)


@st.composite
def records(draw):
    kind = draw(st.sampled_from(["journal article", "book chapter", "review", "thesis"]))
    authors = draw(st.lists(author, min_size=1, max_size=4, unique_by=lambda who: who.name))
    authors.sort(key=lambda who: who.role == "editor")  # most formats list editors after the authors
    return Record(
        key=draw(st.text("abcdefgh", min_size=1, max_size=5)) + draw(digits),
        title=draw(title),
        authors=tuple(authors),
        authors_complete=True,
        author_address=tuple(draw(st.lists(address, max_size=2, unique=True))),
        year=draw(st.one_of(st.none(), st.integers(1900, 2026))),
        journal=draw(st.one_of(st.just(""), title)),
        volume=draw(st.one_of(st.just(""), digits)),
        issue=draw(st.one_of(st.just(""), digits)),
        pages=draw(st.one_of(st.just(""), st.tuples(digits, digits).map("-".join))),
        type=kind,
        sources=tuple(draw(st.lists(source, max_size=3, unique_by=lambda each: each.scheme))),
        notes=tuple(draw(st.lists(title, max_size=2, unique=True))),
        bibliography_basis="read",
        recalled_fields=(),
        workflow="draft",
        abstract=draw(st.one_of(st.just(""), title)),
        publisher=draw(st.one_of(st.just(""), title)),
        place=draw(st.one_of(st.just(""), word)),
    )


def carried(record, kind):
    """What the format can carry: no format but the page has the origin of a source, nbib and XML have no key."""
    sources = tuple(sorted((each.scheme, each.value) for each in record.sources))
    key = "" if kind in {"nbib", "pubmed-xml"} else record.key
    roles = {"corresponding": "author"} if kind != "page" else {}
    authors = tuple((parts(who.name), roles.get(who.role, who.role)) for who in record.authors)
    return dataclasses.replace(record, sources=sources, key=key, raw=(), authors=authors)


def test_none_is_a_word_in_a_name_and_nothing_elsewhere():
    (found,) = parse_records("Title: None\nVolume: None\nPlace: None\nNotes: None\n", "test", None)
    assert (found.title, found.volume, found.place, found.notes) == ("None", "", "None", ())


@pytest.mark.parametrize("kind", FORMATS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(given_records=st.lists(records(), min_size=1, max_size=3))
def test_what_is_written_is_read_again(kind, given_records):
    text = write_records(given_records, kind)
    read = parse_records(text, "test", None)
    assert [carried(each, kind) for each in read] == [carried(each, kind) for each in given_records]
    assert all(each.raw for each in read)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_built_in_records_survive(kind):
    ours = [record for record in load_library().records.values() if record.title and record.authors]
    for before, after in zip(ours, parse_records(write_records(ours, kind), "test", kind), strict=True):
        assert (after.title, after.year, after.pages) == (before.title, before.year, before.pages)
        assert after.type == before.type
        assert [parts(who.name) for who in after.authors] == [parts(who.name) for who in before.authors]
        assert after.authors_complete == before.authors_complete or kind == "page"


def test_names_have_two_orders():
    assert inverted("Conze D") == inverted("Conze, D") == "Conze, D"
    assert as_printed("Conze, Dietrich B") == "Conze DB"
    assert inverted("van der Berg JM") == "van der Berg, JM"
    assert parts("Smith JA Jr") == ("Smith", "JA, Jr")
    assert as_printed("Rincón, Mercedes") == "Rincón M"


def test_a_record_of_pubmed():
    text = """
PMID- 11751408
OWN - NLM
IS  - 0008-5472 (Print)
VI  - 61
IP  - 24
DP  - 2001 Dec 15
TI  - A title that goes
      on
PG  - 8851-8
FAU - Conze, Dietrich
AU  - Conze D
AD  - Department of Medicine, University of Vermont, Burlington 05405, USA.
FAU - Weiss, L
AU  - Weiss L
PT  - Journal Article
PT  - Review
TA  - Cancer Res
JT  - Cancer research
AID - 10.1/x [doi]
AID - S0 [pii]
PMC - PMC1234
SO  - Cancer Res. 2001
"""
    (record,) = parse_records(text, "x.nbib")
    assert record.title == "A title that goes on"
    assert [who.name for who in record.authors] == ["Conze, Dietrich", "Weiss, L"]
    assert (record.year, record.pages, record.journal, record.type) == (2001, "8851-8", "Cancer research", "review")
    assert [(each.scheme, each.value) for each in record.sources] == [
        ("PMID", "11751408"),
        ("ISSN", "0008-5472"),
        ("DOI", "10.1/x"),
        ("PMCID", "PMC1234"),
    ]
    assert ("SO", "Cancer Res. 2001") in record.raw
    assert ("DP", "2001 Dec 15") in record.raw


def test_accents_and_groups_of_bibtex():
    text = r"""
@comment{nothing}
@string{cr = "Cancer" # { Research}}
@Article{x:1, author = {Rinc{\'o}n, M. and {The {IL-6} Group} and Jos\'e Garc\'{\i}a and
  Ludwig van Beethoven and others},
  title = "{MDR1} in the {\"U}ber-cell: a 50\% rise", journal = cr, year = 2001,
  pages = {1--9}, doi = {https://doi.org/10.1/x}}
"""
    (record,) = parse_records(text, "x.bib")
    assert [who.name for who in record.authors] == [
        "Rincón, M.",
        "The IL-6 Group",
        "García, José",
        "van Beethoven, Ludwig",
    ]
    assert record.authors[1].role == "group"
    assert not record.authors_complete
    assert record.title == "MDR1 in the Über-cell: a 50% rise"
    assert (record.journal, record.pages, record.sources[0].value) == ("Cancer Research", "1-9", "10.1/x")
    assert plain(r"\ss{} \alpha{}-helix {\o}re \c{c} \v{s}") == "ß α-helix øre ç š"


PAGES = {
    "no sources": (
        "Autocrine production of X causes Y\nAuthors\n"
        "Conze D; Weiss L; Rincon M\nYear\n2001\nJournal\nCANCER RESEARCH\n"
        "Volume: 61 Issue: 24 Pages: 8851-8858\nType of Article\nArticle\nExternal Sources\nNo sources found.\n"
        "Library Notes\nNo notes added.\n",
        {"journal": "CANCER RESEARCH", "volume": "61", "issue": "24", "pages": "8851-8858", "sources": (), "notes": ()},
    ),
    "special issue": (
        "Title: A review\nAuthors: Weiss L\nYear: 2003\nJournal: Oncogene\nVolume: 22\nIssue: 10 Special Issue SI\n"
        "Pages: 1-9\nAbstract: What is known. [References: 60] See more\nType of Article: Review\n",
        {"issue": "10 Special Issue SI", "abstract": "What is known. [References: 60]", "type": "review"},
    ),
    "a book": (
        "Title: A chapter\nAuthors: Smith J; Jones K; Miller A, ed.; Maier B (Editor)\nYear: 2010\n"
        "Journal: Methods of something\nHumana Press\nTotowa\nPages: 5-10\nType of Article: Book chapter\n"
        "External Sources: ISSN: 1064-3745;ISBN 978-1-60761-879-1\nDOI: 10.1/y\nWOS: 000123\n"
        "Library Notes: Fiscal Year: FY2010-2011\n",
        {"publisher": "Humana Press", "place": "Totowa", "notes": ("Fiscal Year: FY2010-2011",)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", PAGES)
def test_real_shapes_of_pages(shape):
    text, expected = PAGES[shape]
    (record,) = parse_records(text, "page.txt")
    assert {name: getattr(record, name) for name in expected} == expected
    assert record.raw


def test_a_book_has_editors_and_every_source():
    (record,) = parse_records(PAGES["a book"][0], "page.txt")
    assert [(who.name, who.role) for who in record.authors] == [
        ("Smith, J", "author"),
        ("Jones, K", "author"),
        ("Miller, A", "editor"),
        ("Maier, B", "editor"),
    ]
    assert [(each.scheme, each.value) for each in record.sources] == [
        ("ISSN", "1064-3745"),
        ("ISBN", "978-1-60761-879-1"),
        ("DOI", "10.1/y"),
        ("WOS", "000123"),
    ]


def test_the_source_is_a_pmid():
    text = "Title: X\nAuthors: Conze D\nAuthor Address: Conze, Dietrich; Weiss, Linda] Univ Vermont, Burlington, VT 05405 USA\nExternal Sources: PMID: 11751408\n"  # noqa: E501
    (record,) = parse_records(text, "page.txt")
    assert record.sources == (ExternalSource("PMID", "11751408", "library page"),)
    assert full_names(record) == {"Conze, D": "Conze, Dietrich"}
    (address,) = parse_addresses(record.author_address[0])
    assert (address.institution, address.country, address.raw) == ("Univ Vermont", "USA", record.author_address[0])


def test_eight_addresses_run_together_are_taken_apart():
    pieces = [f"Univ {name}, Dept Med, Burlington, VT 0540{n} USA" for n, name in enumerate("ABCDEFG")]
    reprint = "Rincon M (reprint author), Univ H, Dept Med, Burlington, VT 05405 USA"
    for seam in (". ", "; ", " "):
        found = parse_addresses(seam.join([*pieces, reprint]))
        assert [each.institution for each in found] == [f"Univ {name}" for name in "ABCDEFGH"]
        assert [each.reprint for each in found] == [False] * 7 + [True]
        assert found[-1].people == ("Rincon M",)
    bracketed = parse_addresses("[Conze, D; Weiss, L.] Univ A, X, Japan. [Rincon, M] Univ B, Y, France m@b.fr")
    assert [each.people for each in bracketed] == [("Conze, D", "Weiss, L."), ("Rincon, M",)]
    assert (bracketed[1].country, bracketed[1].email) == ("France", "m@b.fr")


BAD = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\t\n", "is empty"),
    "nothing known": (b"what is this", "must be one of pubmed-xml"),
    "not text": (b"TY  - JOUR\nTI  - \xff\xfe\xe4\nER  - \n", "text in utf-8"),
    "zeros": (b"TY  - \0\nER  -\n", "zero bytes"),
    "RIS without end": (b"TY  - JOUR\nTI  - X\n", "the record of line 1: a record must end with ER"),
    "RIS twice begun": (b"TY  - JOUR\nTI  - X\nTY  - JOUR\nER  -\n", "line 3: a record must begin with TY"),
    "RIS without a record": (b"TY  - JOUR\nER  - \n", "record 1: a record must have a title"),
    "nbib without a record": (b"OWN - NLM\nSTAT- MEDLINE\n", "record 1: a record must have a title"),
    "nbib broken": (b"PMID- 1\nno tag\n", "line 2: a line must be a field"),
    "BibTeX without a record": (b"@comment{x}\n@string{a = {b}}\n", "none was read"),
    "BibTeX that does not end": (b"@article{x, title = {a {b}\n", "braces do not match"),
    "BibTeX without fields": (b"@article{x}\n", "must have a key and fields"),
    "BibTeX field": (b"@article{x, title}\n", "a field must be name = value"),
    "XML broken": (b"<PubmedArticleSet><a></PubmedArticleSet>", "well-formed XML"),
    "XML of another kind": (b"<html><a/></html>", "must be a PubmedArticleSet"),
    "XML without a record": (b"<PubmedArticleSet><PubmedArticle/></PubmedArticleSet>", "none was read"),
    "XML with an entity": (
        b'<!DOCTYPE a [<!ENTITY b "c">]><PubmedArticleSet>&b;</PubmedArticleSet>',
        "without entities",
    ),
    "XML that is deep": (b"<PubmedArticleSet>" + b"<a>" * 200 + b"</a>" * 200 + b"</PubmedArticleSet>", "64 levels"),
    "JSON broken": (b'[{"title": ]', "must be JSON"),
    "JSON deep": (b'[{"a": ' + b"[" * 100000, "must be JSON"),
    "JSON of another kind": (b'[{"title": {"a": 1}}]', "title must be a text"),
    "JSON without an object": (b"[[]]", "must be one of|an object"),
    "JSON names": (b'[{"title": "x", "author": "Conze"}]', "author must be a list"),
    "JSON without a record": (b"[]", "none was read"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_named(case, tmp_path):
    raw, message = BAD[case]
    path = tmp_path / "given"
    path.write_bytes(raw)
    with pytest.raises(errors.InputError, match=message) as refused:
        read_records(path)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize(("encoding", "mark"), [("utf-16", ""), ("utf-8-sig", ""), ("cp1252", "cp1252")])
def test_an_encoding_is_known_by_its_mark_or_named(encoding, mark, tmp_path):
    path = tmp_path / "x.ris"
    path.write_bytes("TY  - JOUR\nTI  - Über\nER  - \n".encode(encoding))
    assert read_records(path, encoding=mark or "utf-8")[0].title == "Über"
    plain_file = tmp_path / "y.ris"
    plain_file.write_text("TY  - JOUR\nTI  - a\nER  - \n")
    with pytest.raises(errors.InputError, match="encoding must be known"):
        read_records(plain_file, encoding="klingon")


def test_what_cannot_be_read_is_named(tmp_path, monkeypatch):
    with pytest.raises(errors.InputError, match="must be readable"):
        read_records(tmp_path / "absent")
    monkeypatch.setattr("autocrine.evidence.formats.format.LARGEST", 3)
    (tmp_path / "x").write_text("TY  - JOUR")
    with pytest.raises(errors.InputError, match="at most 0 MiB"):
        read_records(tmp_path / "x")
    with pytest.raises(errors.InputError, match="format must be one of"):
        write_records([], "word")


STARTS = ["", "TY  - JOUR\n", "@article{a,", "PMID- 1\n", "[{", "<PubmedArticleSet>", "Title: "]


@settings(max_examples=60)
@given(kind=st.sampled_from(sorted(FORMATS)), text=st.text(max_size=200), start=st.sampled_from(STARTS))
def test_no_text_ends_otherwise_than_in_records_or_a_message(kind, text, start):
    try:
        read = parse_records(start + text, "x", kind)
    except errors.InputError:
        return
    assert read


def test_csl_json_is_what_processors_read():
    item = json.loads(write_records([load_library().records["conze2001"]], "csl-json"))[0]
    assert item["author"][0] == {"family": "Conze", "given": "D"}
    assert (item["id"], item["issued"], item["page"]) == ("conze2001", {"date-parts": [[2001]]}, "8851-8858")
