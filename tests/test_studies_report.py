"""The report: one page that holds everything, escapes what others wrote, and loads nothing."""

import itertools
import re
from html.parser import HTMLParser

import pytest

from autocrine.core import Document, Provenance
from autocrine.evidence import Interval, judge, load_library
from autocrine.studies.design import read_design
from autocrine.studies.experiment import Experiment
from autocrine.studies.report import write_report
from autocrine.studies.verdict import JudgedClaim, JudgedFinding

HOSTILE = "<script>alert('x')</script>"
STUDY = f"""
[study]
name = "tiny"
title = "{HOSTILE} & $x_$"
lines = ["{HOSTILE} $a$"]
drugs = ["doxorubicin"]
readouts = ["il6", "pgp_surface"]
replicates = 1
[doses]
doxorubicin = ["10 nM", "100 nM", "1 uM", "10 uM"]
[line."{HOSTILE} $a$"]
from = "sensitive"
note = "{HOSTILE}"
d_pgp = {{ value = 0.05, unit = "1/h", basis = "chosen", evidence = "{HOSTILE}", note = "{HOSTILE}" }}
"""
PROVENANCE = Provenance(f"autocrine simulate {HOSTILE}", 1, "abc", started="2026-01-01T00:00:00+00:00")
VOID = {"meta", "br", "hr", "img", "input", "link"}


class Page(HTMLParser):
    """Collects elements, and checks that they are closed."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def tiny():
    design = read_design(Document.parse(STUDY, "tiny.toml"))
    return design, Experiment(design, 1).run()


def write_tiny(directory, tiny):
    design, results = tiny
    return write_report(directory, "tiny", design, results, [], [], PROVENANCE).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tiny_page(tiny, tmp_path_factory):
    return write_tiny(tmp_path_factory.mktemp("tiny"), tiny)


def judged_claims():
    claims = load_library().claims_of("conze2001")
    effect, cut = Interval(12.0, 11.0, 20.0), Interval(1.0, 0.9, 1.1)
    found = []
    for claim in claims:
        given = (effect, cut if claim.is_causal else None) if claim.measure else (None, None)
        judgement = judge(claim, *given)
        found.append(JudgedClaim(claim, *given, judgement.verdict, judgement.reason, ("cakmak-abcb1",)))
    return found


def judged_findings():
    library = load_library().findings
    outcomes = {"duan2002-mitoxantrone": "miss", "duan2002-verapamil": "hit", "duan2002-il8": "not asked",
                "cakmak-abcb1": "fitted"}  # fmt: skip
    return [JudgedFinding(library[k], None if o == "not asked" else Interval(1, 1, 1), o, None, o)
            for k, o in outcomes.items()]  # fmt: skip


@pytest.fixture(scope="module")
def claims_page(tmp_path_factory):
    place = tmp_path_factory.mktemp("claims")
    path = write_report(place, "conze2001", None, None, judged_claims(), judged_findings(), PROVENANCE)
    return path.read_text(encoding="utf-8")


@pytest.fixture(params=["tiny_page", "claims_page"])
def page(request):
    return request.getfixturevalue(request.param)


def test_every_claim_stands_there_with_its_verdict(claims_page):
    for judged in judged_claims():
        row = re.search(rf'<tr id="{judged.claim.id}">.*?</tr>', claims_page, re.DOTALL)
        assert row
        assert f'class="badge {judged.verdict}"' in row[0]
    assert "REPRODUCED" in claims_page
    assert "PMID 11751408" in claims_page


def test_findings_are_counted_honestly(claims_page):
    assert "1 of 3 held-out findings hit" in claims_page
    assert "1 of the 2 that could be asked" in claims_page
    assert "1 of 1 findings that were used for the fit agree" in " ".join(claims_page.split())


def test_the_cut_edges_are_drawn(claims_page):
    for edge in ("edge_il6_receptor", "edge_il6_cebp", "edge_cebp_abcb1"):
        assert f'id="circuit-{edge}"' in claims_page


def test_hostile_text_is_escaped(tiny_page):
    assert "<script" not in tiny_page
    assert "&lt;script&gt;alert" in tiny_page
    assert not any(tag == "script" or any(key.startswith("on") for key in a) for tag, a in Page(tiny_page).elements)


def test_nothing_is_loaded(page):
    for tag, attributes in Page(page).elements:
        assert tag not in {"script", "link", "img", "iframe", "object", "embed", "image"}
        assert "src" not in attributes
        target = attributes.get("href") or attributes.get("xlink:href")
        assert tag == "a" or not target or target.startswith("#")
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)


def test_the_page_is_well_formed_and_its_anchors_resolve(page):
    found = Page(page)
    assert not found.open
    anchors = [a["id"] for _, a in found.elements if "id" in a]
    assert len(anchors) == len(set(anchors))
    inner = {a["href"][1:] for tag, a in found.elements if tag == "a" and a["href"].startswith("#")}
    assert inner <= set(anchors)


def test_a_reader_without_eyes_finds_the_way(page):
    elements = Page(page).elements
    levels = [int(tag[1]) for tag, _ in elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    tags = [tag for tag, _ in elements]
    assert tags.count("caption") == tags.count("table")
    assert tags.count("figcaption") == tags.count("figure") == tags.count("svg")
    assert any(a.get("class") == "skip" for _, a in elements)


def test_parts_without_data_are_left_out(tiny_page):
    for anchor in ("claims", "findings", "time", "density", "coculture"):
        assert f'id="{anchor}"' not in tiny_page
    for anchor in ("curves", "readouts", "circuit", "parameters", "provenance"):
        assert f'id="{anchor}"' in tiny_page
    assert "No claims" in tiny_page


def test_the_same_inputs_give_the_same_bytes(tiny, tiny_page, tmp_path):
    assert write_tiny(tmp_path, tiny) == tiny_page
    assert len(tiny_page) < 1e6
