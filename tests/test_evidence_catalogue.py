"""The catalogue: an import can be repeated, merging loses nothing, a search finds what a biologist means."""

import dataclasses
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine.core import errors
from autocrine.evidence import load_library
from autocrine.evidence.catalogue import Catalogue
from autocrine.evidence.catalogue.identity import same
from autocrine.evidence.catalogue.query import parse
from autocrine.evidence.catalogue.words import normal
from autocrine.evidence.formats.format import parse_records

RIS = """TY  - JOUR
TI  - C/EBPβ and MDR1 in the drug-resistant MCF-7 cell, part 1
AU  - Rincón, Mercedes
AU  - Müller, Jörg
PY  - 1999
JO  - Blood
VL  - 12
SP  - 101
EP  - 110
AN  - 900001
ER  -
TY  - JOUR
TI  - Interleukin-6 in tumours
AU  - Smith, J
PY  - 2004
JO  - Cell
AB  - The resistance to drug X.
N1  - P-glycoprotein was seen.
ER  -
"""


@pytest.fixture(scope="module")
def catalogue():
    with Catalogue() as made:
        made.add(parse_records(RIS, "test"), "A Librarian")
        yield made


def addresses(catalogue, text, **given):
    return {record.key for record in catalogue.search(text, size=0, **given)}


def record(**changes):
    return dataclasses.replace(parse_records(RIS, "test")[0], **changes)


def test_the_built_in_library_stands_in_it(catalogue):
    library = load_library()
    assert addresses(catalogue, "") == {*library.records, "rincon1999", "smith2004"}
    for key in library.records:
        assert catalogue.record(key) == library.records[key]


@pytest.mark.parametrize(
    "ways",
    [
        ("IL-6", "IL6", "il 6", "interleukin-6", "Interleukin 6", "INTERLEUKIN‐6"),
        ("MDR1", "mdr-1", "ABCB1", "P-gp", "Pgp", "P-glycoprotein", "p glycoproteins"),
        ("C/EBPβ", "CEBPB", "C/EBP-beta", "c/ebp beta", "NF-IL6", "CCAAT/enhancer-binding protein β"),
        ("Rincón", "rincon", "RINCÓN", "Rinco\u0301n", "author:rincon"),
        ("MCF-7", "MCF7", "mcf-7"),
        ("tumour", "tumors", "Tumours"),
        ("Müller", "muller", "author:MULLER"),
    ],
)
def test_all_ways_to_write_a_name_find_the_same(catalogue, ways):
    first = addresses(catalogue, ways[0])
    assert first & {"rincon1999", "smith2004"}
    for way in ways:
        assert addresses(catalogue, way) == first, way


def test_the_family_is_found_with_its_members_and_not_the_other_way(catalogue):
    assert "rincon1999" in addresses(catalogue, "C/EBP")
    assert "rincon1999" not in addresses(catalogue, "C/EBPα")
    assert "rincon1999" not in addresses(catalogue, "MCF-70")
    assert normal("IL-60 IL6ST") == "il60 il6st"
    assert normal("IL-1β") == normal("IL-1beta") == "il1 beta"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"drug-resistant MCF-7"', {"rincon1999"}),
        ('"MCF-7 drug-resistant"', set()),
        ('"Mercedes Müller"', set()),
        ("title:P-gp smith", set()),
        ("note:P-gp smith", {"smith2004"}),
        ("interleukin-6 author:smith year:2004", {"smith2004"}),
        ("year:2004 author:smith", {"smith2004"}),
        ("author:smith year:1990..2003", set()),
        ("author:smith year:..2004", {"smith2004"}),
        ("author:smith year:2004..", {"smith2004"}),
        ("author:smith year:never", set()),
        ("status:draft rincon OR author:smith", {"rincon1999", "smith2004"}),
        ('type:"journal article" rincon OR author:smith status:draft', {"rincon1999", "smith2004"}),
        ("pmid:900001 OR author:smith -author:smith", {"rincon1999"}),
        ("pmid:900001 OR author:smith NOT author:smith", {"rincon1999"}),
        ("author:rincón AND 1999", {"rincon1999"}),
        ("author:nobody OR author:müller", {"rincon1999"}),
        ("pmid:900001", {"rincon1999"}),
        ("pmid: 900001", {"rincon1999"}),
        ("resistan* blood", {"rincon1999"}),
        ("!!! ???", set()),
    ],
)
def test_fields_phrases_years_and_signs(catalogue, text, expected):
    assert addresses(catalogue, text) == expected


@given(st.integers(1500, 2100), st.integers(0, 300))
def test_a_range_of_years_is_exactly_its_years(first, length):
    (group,) = parse(f"year:{first}..{first + length}").filters.values()
    stems = [expression.split('"')[1].removeprefix("year") for expression in group]
    found = [year for year in range(1000, 3000) if any(str(year).startswith(stem) for stem in stems)]
    assert found == list(range(first, first + length + 1))


SIGNS = [
    *"\"'*():-^{}+%\\",
    "\0",
    "\ud800",
    "β",
    "IL-6",
    ";--",
    " OR ",
    " AND ",
    " NOT ",
    "NEAR(",
    "title:",
    "year:",
    "type:",
]
SYNTAX = st.sampled_from(SIGNS)


@settings(max_examples=300)
@given(st.lists(st.one_of(SYNTAX, st.text(max_size=8)), max_size=12).map("".join))
def test_no_text_breaks_the_language_of_the_index(catalogue, text):
    found = catalogue.search(text)
    assert 0 <= len(found) <= found.count <= len(catalogue)
    assert sum(catalogue.facets(text)["workflow"].values()) == found.count


def test_no_text_changes_the_catalogue(catalogue):
    before = addresses(catalogue, "")
    for text in ("'; DROP TABLE record; --", '" OR 1=1', "x' UNION SELECT * FROM record", "a" * 100_000, "x " * 5000):
        catalogue.search(text)
    assert addresses(catalogue, "") == before
    with pytest.raises(errors.InputError, match="must be one of the catalogue"):
        catalogue.record("' OR '1'='1")


@settings(max_examples=30)
@given(st.sampled_from(["conze", "IL-6", "drug resistance", "breast", "C/EBP"]), st.randoms())
def test_order_case_and_blanks_do_not_matter(catalogue, text, random):
    words = [word.upper() if random.random() < 0.5 else word.lower() for word in text.split()]
    random.shuffle(words)
    assert addresses(catalogue, "  ".join(words)) == addresses(catalogue, text)


def test_pages_hold_every_record_once(catalogue):
    for text in ("", "resistance"):
        every = [record.key for record in catalogue.search(text, size=0)]
        paged = [r.key for page in range(1, 40) for r in catalogue.search(text, page=page, size=7)]
        assert paged == every
    with pytest.raises(errors.InputError, match="page must be"):
        catalogue.search("", page=0)


def test_the_title_counts_most():
    with Catalogue() as made:
        for title, abstract in (("Zebrin", "x"), ("x", "zebrin in words, zebrin again")):
            made.add([record(title=title, abstract=abstract, sources=(), pages="")])
        assert [found.title for found in made.search("zebrin")] == ["Zebrin", "x"]


def test_an_import_can_be_repeated():
    with Catalogue() as made:
        first, again = made.add(parse_records(RIS, "test")), made.add(parse_records(RIS, "test"))
        assert first.added == again.known == ("rincon1999", "smith2004")
        assert first.known == again.added == ()
        assert len(made) == len(load_library().records) + 2


def test_what_is_written_to_a_file_is_there_again(tmp_path):
    path = tmp_path / "library.sqlite"
    with Catalogue(path) as made:
        made.add(parse_records(RIS, "test"), "A Librarian")
        before = made.record("rincon1999")
    with Catalogue(path) as made:
        assert made.record("rincon1999") == before
        assert made.history("rincon1999")[0].who == "A Librarian"
        assert len(made) == len(load_library().records) + 2


def test_new_rules_for_words_make_the_index_anew(tmp_path, monkeypatch):
    path = tmp_path / "library.sqlite"
    with Catalogue(path) as made:
        made.add(parse_records(RIS, "test"))
        assert addresses(made, "zebrin") == set()
    monkeypatch.setattr("autocrine.evidence.catalogue.body.normal", lambda text: f"zebrin {normal(text)}")
    with Catalogue(path) as made:
        assert addresses(made, "zebrin") == set()
    monkeypatch.setattr("autocrine.evidence.catalogue.store.words_digest", lambda _: "other rules")
    with Catalogue(path) as made:
        assert addresses(made, "zebrin") == addresses(made, "")


def test_the_workflow_is_kept_with_who_and_when(catalogue):
    with Catalogue() as made:
        made.add([record()], "A")
        assert made.answer("rincon1999").state == "not public"
        assert "rincon1999" not in addresses(made, "", public=True)
        made.advance("rincon1999", "submitted", "B")
        made.advance("rincon1999", "approved", "C")
        assert made.answer("rincon1999").state == "found"
        assert "rincon1999" in addresses(made, "rincon", public=True)
        with pytest.raises(errors.InputError, match="must become withdrawn but was 'draft'"):
            made.advance("rincon1999", "draft", "C")
        with pytest.raises(errors.InputError, match="must name who"):
            made.advance("rincon1999", "withdrawn", " ")
        made.advance("rincon1999", "withdrawn", "D")
        assert (made.answer("rincon1999").state, made.answer("rincon1999").record) == ("withdrawn", None)
        steps = [(event.before, event.after, event.who) for event in made.history("rincon1999")]
        assert steps == [
            ("", "draft", "A"),
            ("draft", "submitted", "B"),
            ("submitted", "approved", "C"),
            ("approved", "withdrawn", "D"),
        ]
        assert all(event.at.endswith("+00:00") for event in made.history("rincon1999"))


def test_one_publication_is_known_by_its_identifiers_else_by_its_print():
    one = record()
    assert same(one, record(title="Another title"))
    assert not same(one, record(sources=(dataclasses.replace(one.sources[0], value="7"),)))
    bare = record(sources=())
    assert same(one, bare)
    assert same(bare, record(sources=(), title=one.title.upper().replace("C/EBPΒ", "CEBPB")))
    for changes in ({"title": one.title.replace("1", "2")}, {"volume": "13"}, {"pages": "102-110"}, {"pages": ""}):
        assert not same(bare, record(sources=(), **changes)), changes


def test_merging_destroys_neither():
    with Catalogue() as made:
        mine = record(abstract="", pages="", authors=(), sources=record().sources)
        kept, other = made.add([mine, record(notes=("seen",))], "A").added
        assert made.duplicates() == ((kept, other),)
        before = made.record(kept), made.record(other)
        united = made.merge(kept, other, "B")
        assert (united.pages, united.notes, united.authors) == ("101-110", ("seen",), before[1].authors)
        assert made.record(other) == before[1]
        assert made.answer(other, public=False).address == kept
        assert made.answer(other, public=False).state == "moved"
        assert made.duplicates() == ()
        assert addresses(made, "pmid:900001") == {kept}
        with pytest.raises(errors.InputError, match="neither of which is merged"):
            made.merge(kept, other, "B")
        made.unmerge(other)
        assert (made.record(kept), made.record(other)) == before
        assert addresses(made, "pmid:900001") == {kept, other}


def test_another_file_is_no_catalogue(tmp_path):
    text, other = tmp_path / "text", tmp_path / "other.sqlite"
    text.write_text("no database, but long enough to look at" * 20)
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE a (b)")
    connection.close()
    for path, message in (
        (text, "must be a catalogue"),
        (other, "another database"),
        (tmp_path, "must be a catalogue"),
    ):
        with pytest.raises(errors.InputError, match=message):
            Catalogue(path)
