"""Evidence pages: every field labelled, every record hostile, every address answered."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine import web
from autocrine.evidence import catalogue, load_library
from autocrine.evidence.record import Author, ExternalSource
from autocrine.web.csv_table import csv_text, neutral
from web_client import opened

HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}</title></script><!--"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return web.create_app(web.Settings(tmp_path_factory.mktemp("data"), port=8000))


@pytest.fixture(scope="module")
def client(app):
    return opened(app)


@pytest.fixture(scope="module")
def hostile(app):
    """Put records into the catalogue that want to break the page, and approve them."""
    base = load_library().records["conze2001"]
    texts = dict.fromkeys(("title", "journal", "volume", "issue", "pages", "type", "publisher", "place"), HOSTILE)
    evil = replace(
        base, **texts, abstract=HOSTILE * 30, notes=(HOSTILE,), author_address=(HOSTILE,), raw=((HOSTILE, HOSTILE),),
        authors=(Author(HOSTILE, "author"),),
        sources=(ExternalSource("DOI", HOSTILE, HOSTILE), ExternalSource("URL", "javascript:alert(1)", HOSTILE)),
    )  # fmt: skip
    plain = replace(base, title="Nothing known", sources=(), notes=(), abstract="", authors=(), author_address=())
    with catalogue.Catalogue(app.state.autocrine.shelf.path) as found:
        evil_at, plain_at, draft_at, gone_at = found.add(
            [evil, plain, replace(plain, title="A draft"), replace(plain, title="To be gone")]
        ).added
        for address in (evil_at, plain_at, gone_at):
            found.advance(address, "submitted", "a")
            found.advance(address, "approved", HOSTILE)
        found.advance(gone_at, "withdrawn", "a")
    return {"evil": evil_at, "plain": plain_at, "draft": draft_at, "gone": gone_at}


class Page(HTMLParser):
    """What a page holds."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.labels, self.fields, self.meta, self.ids = [], set(), set(), [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        if "id" in given:
            assert given["id"] not in self.ids
            self.ids.add(given["id"])
        if tag == "label":
            self.labels.add(given.get("for"))
        if tag in {"input", "select", "textarea"} and given.get("type") != "hidden":
            self.fields.add(given.get("id"))
        if tag == "meta" and str(given.get("name")).startswith("citation_"):
            self.meta.append((given["name"], given["content"]))
        assert not any(name.startswith("on") or name == "style" for name in given)


def linked(text):
    """Return the JSON-LD of a page."""
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)
    return json.loads(block)


PATHS = [
    "/", "/experiment", "/library", "/library?q=il-6", "/library/records/conze2001", "/library/claims",
    "/library/claims/conze2001-1", "/parameters", "/parameters?basis=fitted", "/parameters/k_il6_secretion",
    "/parameters/resistant.abcb1_copies", "/parameters/5-fluorouracil.potency", "/coverage",
    "/leave?to=https://doi.org/10.1/x",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_a_page_has_one_heading_a_skip_link_and_labelled_fields(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    found = Page(answer.text)
    assert found.tags.count("h1") == 1
    assert found.tags.count("main") == 1
    assert 'href="#main"' in answer.text
    assert "main" in found.ids
    assert found.fields <= found.labels
    assert '<html lang="en">' in answer.text


def test_every_link_of_the_pages_answers(client):
    seen = set()
    for path in PATHS:
        seen |= set(re.findall(r'href="(/[^"#]*)"', client.get(path).text))
    wanted = [each.replace("&amp;", "&") for each in sorted(seen) if not each.startswith(("/jobs", "/uploads"))]
    assert len(wanted) > 100
    for each in wanted[::7]:
        assert client.get(each).status_code == 200, each


def test_the_record_of_the_paper_has_its_tags_and_linked_data(client):
    text = client.get("/library/records/conze2001").text
    found = Page(text)
    assert "citation_journal_title" in dict(found.meta)
    assert [name for name, _ in found.meta].count("citation_author") >= 2
    told = linked(text)
    assert told["@type"] == "ScholarlyArticle"
    assert told["datePublished"] == "2001"
    assert "/leave?to=https%3A%2F%2F" in text


def test_a_hostile_record_is_text_and_nothing_else(client, hostile):
    for path in (f"/library/records/{hostile['evil']}", "/library?q=alert"):
        text = client.get(path).text
        assert "<script>alert" not in text
        assert "{{7*7}}" in text
        found = Page(text)
        assert found.tags.count("h1") == 1
        assert "&lt;script&gt;" in text
        assert 'href="javascript' not in text
    text = client.get(f"/library/records/{hostile['evil']}").text
    assert linked(text)["name"] == HOSTILE
    assert "<summary>See more</summary>" in text


def test_what_is_missing_is_said(client, hostile):
    text = client.get(f"/library/records/{hostile['plain']}").text
    for words in ("No sources found.", "No notes added.", "No authors recorded.", "No abstract imported."):
        assert words in text


def test_only_approved_records_are_public_and_old_addresses_answer(app, client, hostile):
    assert client.get(f"/library/records/{hostile['draft']}").status_code == 404
    assert "not public" in client.get(f"/library/records/{hostile['draft']}").text
    assert client.get(f"/library/records/{hostile['gone']}").status_code == 410
    assert "A draft" not in client.get("/library?q=draft").text
    assert client.get(f"/api/library/records/{hostile['draft']}").json()["record"] is None
    with catalogue.Catalogue(app.state.autocrine.shelf.path) as found:
        found.merge("conze2001", hostile["plain"], "a")
        moved = client.get(f"/library/records/{hostile['plain']}", follow_redirects=False)
        found.unmerge(hostile["plain"])
    assert moved.status_code == 307
    assert moved.headers["location"].startswith("/library/records/conze2001")


@pytest.mark.parametrize(
    "path", ["/library/records/x%2F..%2F..", "/library/records/%00", "/library/claims/x", "/parameters/x"]
)
def test_what_is_not_there_is_said(client, path):
    assert client.get(path).status_code == 404


@settings(max_examples=25)
@given(st.text(max_size=60))
def test_no_search_breaks_the_page_or_the_query(client, text):
    answer = client.get("/library", params={"q": text})
    assert answer.status_code == 200
    assert Page(answer.text).tags.count("h1") == 1


@pytest.mark.parametrize(
    "text", ["' OR 1=1 --", '"; DROP TABLE record; --', "title:' UNION SELECT body FROM record --"]
)
def test_a_search_is_a_value_and_never_sql(client, text):
    before = client.get("/api/library/search").json()["count"]
    assert client.get("/api/library/search", params={"q": text}).status_code == 200
    assert client.get("/api/library/search").json()["count"] == before


@pytest.mark.parametrize("kind", ["bibtex", "ris", "csl-json", "csv", "apa"])
def test_a_search_can_be_exported(client, kind):
    answer = client.get("/library/export", params={"q": "pmid:11751408", "format": kind})
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "Conze" in answer.text or kind == "csv"


@pytest.mark.parametrize("kind", ["/etc/passwd", "../x.csl", "x.csl", "elsevier-harvard", ""])
def test_no_style_is_a_file(client, kind):
    assert client.get("/library/export", params={"q": "pmid:11751408", "format": kind}).status_code == 422


@settings(max_examples=50)
@given(st.text(max_size=20))
def test_no_cell_of_a_table_is_a_formula(text):
    cell = str(neutral(text))
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))
    assert cell in {text, "'" + text}


def test_numbers_stay_numbers_in_a_table():
    assert csv_text(["a", "b"], [[-1.5, "=cmd|' /C calc'!A0"]]) == "a,b\n-1.5,'=cmd|' /C calc'!A0\n"


def test_every_slider_opens_its_number(client):
    for slider in client.get("/api/studies/conze2001").json()["sliders"]:
        if slider["parameter"]:
            found = client.get(f"/api/numbers/{slider['parameter']}").json()
            assert found["value"] == pytest.approx(slider["default"])
            assert found["basis"] == slider["basis"]
            assert found["fitted"] == (slider["basis"] == "fitted")
            assert client.get(found["href"]).status_code == 200
    fold = client.get("/api/numbers/fold").json()
    assert fold["can_check"]
    assert fold["claims"]
    assert client.get(fold["record"]["href"]).status_code == 200
    assert client.get("/api/numbers/nothing").status_code == 404
