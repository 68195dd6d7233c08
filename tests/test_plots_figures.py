"""Figures: drawn from tables, without global state, the same bytes each time."""

import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

import autocrine.plots as room
from autocrine.core import errors
from autocrine.plots.picture import apart

DOSE = np.array([0.0, 1.0, 10.0, 100.0, 1000.0])
POINTS = pd.DataFrame({"arm": ["a"] * 5 + ["b"] * 5, "dose_nM": np.tile(DOSE, 2), "value": np.linspace(1, 0.05, 10)})
LINES = POINTS[POINTS["dose_nM"] > 0].assign(low=lambda t: t["value"] - 0.1, high=lambda t: t["value"] + 0.1)
POTENCIES = pd.DataFrame(
    [
        {
            "arm": "a",
            "value_nM": 50.0,
            "low": 20.0,
            "high": np.inf,
            "censored": "",
            "bound_nM": np.nan,
            "text": "50 nM",
        },
        {
            "arm": "b",
            "value_nM": np.nan,
            "low": 1e3,
            "high": np.inf,
            "censored": ">",
            "bound_nM": 1e3,
            "text": "> 1 uM",
        },
    ]
)


def dose_response():
    return room.draw_dose_response(POINTS, LINES, POTENCIES, title="doxorubicin")


def time_course():
    time = np.tile(np.linspace(0, 72, 5), 4)
    names = {"series": np.repeat(["x", "y", "x", "y"], 5), "panel": np.repeat(["IL-6 (ng/ml)", "P-gp (fold)"], 10)}
    return room.draw_time_course(pd.DataFrame({"time_h": time, "value": time / 3, **names}))


def density():
    table = pd.DataFrame({"density_cells_cm2": [1e2, 1e4, 1e6], "value": [0.0, 0.1, 1.0], "series": "IL6 gene"})
    return room.draw_density(table, quantity="IL-6 (ng/ml)", thresholds=[(0.9, "EC50"), (0.91, "EC50, other")])


def claims():
    table = pd.DataFrame(
        [("IL-6 raises resistance", 3.0, 2.0, 4.0, 1.0, "REPRODUCED"), ("prognostic", *[np.nan] * 4, "HYPOTHESIS")],
        columns=pd.Index(["claim", "effect", "low", "high", "effect_when_cut", "verdict"]),
    )
    return room.draw_claims(table)


def potency_map():
    table = POTENCIES.assign(line=["MCF7", "MCF7"], drug=["doxorubicin", "paclitaxel"])
    return room.maps.draw_potency_map(table)


NODES = [
    {"name": "IL-6", "x": 0, "y": 0, "group": "outside"},
    {"name": "STAT3", "x": 2, "y": 0, "group": "signal"},
]
EDGES = [
    {"from": "IL-6", "to": "STAT3", "kind": "activates", "on": False, "label": "blocked"},
    {"from": "STAT3", "to": "IL-6", "kind": "inhibits", "on": True},
    {"from": "STAT3", "to": "STAT3", "kind": "activates", "on": True, "label": "itself"},
]


def pathway():
    return room.maps.draw_pathway(NODES, EDGES, title="circuit")


@pytest.mark.parametrize("draw", [dose_response, time_course, density, claims, potency_map, pathway])
def test_the_same_figure_gives_the_same_bytes(draw):
    first, second = room.svg(draw()), room.svg(draw())
    assert first == second
    assert first.startswith("<svg")
    assert first.rstrip().endswith("</svg>")
    assert "<dc:date>" not in first


def test_no_global_figure_is_made():
    dose_response()
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


def test_texts_of_a_figure_are_text():
    text = room.svg(dose_response())
    assert "doxorubicin" in text
    assert "&gt; 1 uM" in text


@pytest.mark.parametrize("draw", [dose_response, density, time_course])
def test_no_labels_overlap(draw):
    figure = draw()
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    # the words only, not the thin leader lines of annotations
    boxes = [Text.get_window_extent(text, renderer) for axes in figure.axes for text in axes.texts if text.get_text()]
    for at, one in enumerate(boxes):
        assert not any(one.overlaps(other) for other in boxes[at + 1 :])


def test_a_switched_off_edge_is_crossed_and_dashed():
    figure = pathway()
    assert sum(line.get_marker() == "x" for line in figure.axes[0].lines) == 1


def test_edges_must_join_known_nodes():
    with pytest.raises(errors.InputError, match="join nodes"):
        room.maps.draw_pathway(NODES, [{"from": "IL-6", "to": "JAK", "kind": "activates", "on": True}])
    with pytest.raises(errors.InputError, match="activates or inhibits"):
        room.maps.draw_pathway(NODES, [{"from": "IL-6", "to": "STAT3", "kind": "binds", "on": True}])


def test_units_of_the_dose_axis():
    with pytest.raises(errors.UnitError, match="dose axis"):
        room.draw_dose_response(POINTS, LINES, unit="mg")
    with pytest.raises(errors.InputError, match="above 0"):
        room.draw_dose_response(POINTS.loc[POINTS["dose_nM"] == 0], LINES.iloc[:0])


def test_the_door_is_small():
    assert len(room.__all__) <= 7


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(0.01, 0.1))
def test_labels_keep_apart_and_in_order(places, gap):
    moved = apart(places, gap, 0.0, 1.0)
    order = sorted(range(len(places)), key=lambda at: places[at])
    steps = np.diff([moved[at] for at in order])
    assert (steps >= gap - 1e-9).all()
    # labels that already keep their distance stay where they are
    if len(places) > 1 and np.diff(sorted(places)).min() >= gap:
        assert moved == pytest.approx(places)


def test_power_is_drawn_for_each_setting_and_size():
    rows = [
        {"varied": name, "value": value, "patients": size, "power": 0.5, "power_low": 0.4, "power_high": 0.6}
        for name, values in (("loop_strength", (0.0, 1.0)), ("", (np.nan,)))
        for value in values
        for size in (46, 96)
    ]
    drawn = room.svg(room.survival.draw_power(pd.DataFrame(rows)))
    for words in ("loop strength", "as the trial is", "power", "46", "96"):
        assert f">{words}<" in drawn, words
