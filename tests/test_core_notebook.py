"""What notebooks show: well-formed, small, and no text of a file or a person is ever HTML."""

import dataclasses
from html.parser import HTMLParser
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocrine.assay import fit_curve
from autocrine.circuit import cell
from autocrine.core import Parameters, notebook
from autocrine.engine import Network, Reaction, Species, simulate, steady_state
from autocrine.evidence import catalogue, load_library

HOSTILE = '<script>alert("1")</script>&\'<img src=x onerror=y>'
LARGEST = 60_000
VOID = {"br", "img", "meta", "link", "hr", "input"}


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.seen, self.open = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def shown(thing):
    """Return what a notebook shows, having seen that it is well-formed, small, and loads and runs nothing."""
    text = thing._repr_html_()
    tags = Tags(text)
    assert tags.open == []
    assert not {"script", "img", "iframe", "link"} & set(tags.seen)
    assert len(text) < LARGEST
    return text


def decay(name="decay", reaction="fall"):
    parameters = Parameters.of({"k": (0.1, "1/h")})
    species = [Species("a", "nM", 10.0), Species("b", "nM", 0.0)]
    return Network.from_function(
        name, lambda y, p, _x: [Reaction(reaction, {"a": -1, "b": 1}, p.k * y.a)], species, parameters
    )


@given(st.text(max_size=30))
def test_every_text_stays_a_text(text):
    for made in (
        notebook.page(text, notebook.lines([text])),
        notebook.table([text], [[text]]),
        notebook.fields([(text, text)]),
        notebook.picture(text, {text: ([0, 1], [1, 2])}),
    ):
        assert set(Tags(made).seen) <= {
            *("div", "strong", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"),
            *("svg", "rect", "polyline", "small", "span", "br"),
        }


def test_a_long_table_says_how_much_is_left_out():
    made = notebook.table(["n"], [[n] for n in range(100)])
    assert made.count("<tr>") == notebook.MOST + 1
    assert f"and {100 - notebook.MOST} more" in made
    assert [notebook.shown(each) for each in (0.123456, np.float64(1e-9), None, float("nan"), 7, "x")] == [
        *("0.123", "1e-09", "none", "none", "7", "x"),
    ]


@given(st.lists(st.tuples(st.floats(), st.floats()), max_size=8))
def test_a_picture_of_any_numbers_lies_inside_its_frame(points):
    made = notebook.picture("x", {"y": ([x for x, _ in points], [y for _, y in points])})
    image = ElementTree.fromstring(made[made.index("<svg") : made.index("</svg>") + 6])  # noqa: S314 - our own
    for line in image.iter("polyline"):
        for place in line.attrib["points"].split():
            x, y = map(float, place.split(","))
            assert 0 <= x <= notebook._WIDTH
            assert 0 <= y <= notebook._HEIGHT


def test_a_network_shows_species_and_reactions():
    text = shown(decay(reaction=HOSTILE))
    assert "network decay: 2 species, 1 reactions, 1 parameters" in text
    assert "a → b" in text
    assert "&lt;script&gt;" in text
    assert "and " in shown(cell.cell_network())
    assert "81 parameters" in shown(cell.cell_parameters())


def test_simulations_show_their_course():
    found = simulate(decay(), [0.0, 5.0, 10.0], {"k": [0.1, 0.2, 0.3]})
    text = shown(found)
    assert "3 trajectories of 2 outputs" in text
    assert "<polyline" in text
    failed = dataclasses.replace(found, failures={0: HOSTILE, 1: "x", 2: "y"})
    assert "trajectory 0: &lt;script&gt;" in shown(failed)
    parameters = Parameters.of({"k": (0.1, "1/h"), "s": (1.0, "nM/h")})
    steady = Network.from_function(
        "s",
        lambda y, p, _x: [Reaction("in", {"a": 1}, p.s), Reaction("out", {"a": -1}, p.k * y.a)],
        [Species("a", "nM", 1.0)],
        parameters,
    )
    assert "1 steady states, 1 stable, 0 not found" in shown(steady_state(steady))


def test_a_curve_shows_its_numbers_and_a_refused_one_why():
    doses = np.geomspace(1, 1e4, 9)
    text = shown(fit_curve(doses, 1 / (1 + doses / 100)))
    assert "0.10 uM" in text
    assert text.count("<polyline") == 2
    assert "refused: " in shown(fit_curve([1.0, 2.0], [1.0, 0.5]))


def test_evidence_is_shown_and_a_record_is_hostile_text():
    library = load_library()
    assert "Autocrine production of interleukin 6" in shown(library.records["conze2001"])
    hostile = dataclasses.replace(library.records["conze2001"], title=HOSTILE, notes=(HOSTILE,))
    assert shown(hostile).count("&lt;script&gt;") == 2
    for thing in (library, library.fact("P030"), library.claims["conze2001-2"]):
        assert shown(thing)
    page = catalogue.parameter_page(cell.cell_parameters(), "edge_cebp_abcb1", library)
    assert "against" in shown(page)
    assert "read" in shown(catalogue.coverage(cell.cell_parameters(), library))
    with catalogue.Catalogue() as found:
        assert "conze2001" in shown(found.search("author:conze"))
        assert "&lt;b&gt;" in shown(found.search("<b>"))


def test_studies_show_tables_and_the_figure_of_the_report():
    from autocrine.studies.experiment import Results

    doses = np.geomspace(1, 1e4, 9)
    potencies = pd.DataFrame([{"line": HOSTILE, "drug": "x", "arm": "none", "ic50": 1.0, "fold": 2.0}])
    curves = {("a", HOSTILE, "none"): (fit_curve(doses, 1 / (1 + doses / 100)), None)}
    text = shown(Results(pd.DataFrame({"value": [1.0]}), potencies, curves))
    assert "<svg" in text
    assert "&lt;script&gt;" in text
    assert shown(Results(pd.DataFrame(), potencies, {}))


def test_trials_tumours_and_explanations_show_their_tables(tmp_path):
    from autocrine.studies.explain.explanation import Explanation
    from autocrine.studies.trial import VirtualTrial
    from autocrine.studies.tumours.run import TumourRun

    table = pd.DataFrame([{HOSTILE: 1.0, "n": 3}])
    trial = VirtualTrial(SimpleNamespace(name=HOSTILE), None, table, table, table, pd.DataFrame(), None, 0, "no events")  # type: ignore[arg-type]
    assert "no events" in shown(trial)
    assert "&lt;script&gt;" in shown(TumourRun(tmp_path, table))
    verdict = SimpleNamespace(sentences=[HOSTILE], table=pd.DataFrame({"weight": [1.0]}, index=pd.Index(["loop"])))
    cause = {"line": "r", "drug": "d", "cause": "loop", "share": 0.5, "share_low": 0.1, "share_high": 0.9}
    parts = dict.fromkeys(each.name for each in dataclasses.fields(Explanation))
    parts |= {
        "laboratory": SimpleNamespace(reference="parent"),
        "identified": SimpleNamespace(sentences=["told"]),
        "verdict": verdict,
        "attributed": [SimpleNamespace(rows=lambda: [cause])],
    }
    text = shown(Explanation(**parts))  # type: ignore[arg-type]
    assert "more resistant than parent" in text
    assert "loop" in text


@pytest.mark.parametrize("values", [np.ones((2, 4)), np.full((2, 4), np.nan)])
def test_an_exposure_shows_its_course(values):
    from autocrine.cohort.exposure import Exposure

    assert "exposure of 2 bodies" in shown(Exposure(np.arange(4.0), values, values, values, values))
