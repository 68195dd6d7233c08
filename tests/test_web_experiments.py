"""Experiments over the API: frames, sliders, own studies, and what cannot be asked."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nst

from autocrine import web
from autocrine.studies import interactive
from autocrine.web import frame
from web_client import opened

SMALL = """
[study]
name = "small"
lines = ["sensitive", "sensitive_il6"]
drugs = ["cisplatin"]
[doses]
cisplatin = { low = "100 nM", high = "100 uM", count = 4 }
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    return opened(web.create_app(web.Settings(tmp_path_factory.mktemp("data"), port=8000)))


def asked(client, path, **body):
    answer = client.post(f"/api/experiments/{path}", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == frame.MEDIA_TYPE
    return frame.unpack(answer.content)


@settings(max_examples=30)
@given(
    st.dictionaries(
        st.text(max_size=8),
        st.one_of(
            nst.arrays(np.float64, nst.array_shapes(max_dims=3, min_side=0, max_side=5)),
            nst.arrays(np.uint8, nst.array_shapes(max_dims=2, min_side=0, max_side=9)),
            nst.arrays(np.int32, 3),
            nst.arrays(np.float32, 5),
        ),
        max_size=4,
    )
)
def test_a_frame_gives_back_what_was_packed(arrays):
    raw = frame.pack({"sentence": "IL‑6", "none": float("nan")}, arrays)
    length = int.from_bytes(raw[:4], "little")
    assert (4 + length) % 8 == 0
    header, found = frame.unpack(raw)
    assert header["none"] is None
    assert all(row["offset"] % 8 == 0 for row in header["arrays"])
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


def test_studies_and_sliders_say_where_their_numbers_come_from(client):
    assert client.get("/api/studies").json()[0]["key"] == "conze2001"
    study = client.get("/api/studies/conze2001").json()
    keys = [slider["key"] for slider in study["sliders"]]
    assert {"secretion", "seeded", "receptors", "copies", "antibody", "medium", "pump"} <= set(keys)
    for slider in study["sliders"]:
        assert slider["minimum"] <= slider["default"] <= slider["maximum"]
        assert slider["basis"] in {"read", "derived", "recalled", "chosen", "fitted"}
        assert slider["unit"]
        assert slider["scale"] == "linear" or slider["minimum"] > 0


def test_curves_are_those_of_the_study_and_answer_to_a_slider(client):
    header, found = asked(client, "dose-response", study="conze2001", drug="doxorubicin", values={})
    assert found["viability"].shape == (len(header["curves"]), found["doses_nM"].size)
    assert ((found["viability"] > 0) & (found["viability"] < 1.05)).all()
    folds = {curve["label"]: curve["fold"] for curve in header["curves"]}
    assert folds["sensitive"] == 1
    assert folds["resistant"] > folds["sensitive_il6"] > 2
    assert folds["sensitive_il6 + anti-IL-6R"] < folds["sensitive_il6"]
    assert header["sentence"]
    _, quiet = asked(client, "dose-response", values={"secretion": 0.75}, drug="doxorubicin")
    place = [curve["label"] for curve in header["curves"]].index("sensitive_il6")
    assert quiet["viability"][place].sum() < found["viability"][place].sum()


def test_the_curve_on_the_screen_is_that_of_the_study():
    design = interactive.built_in_design("conze2001")
    found = interactive.dose_response.dose_responses(design, "cisplatin", {})
    series = design.bench.series("sensitive", "cisplatin", design.protocol, doses_nM=design.doses("cisplatin"))
    courses = design.bench.run(series.wells())
    assert found.curves[0].ic50_nM == pytest.approx(series.exact_ic50(courses), rel=1e-3)


def test_a_band_holds_its_curve(client):
    header, found = asked(client, "dose-response", drug="doxorubicin", band=3)
    assert header["draws"] == 3
    assert (found["lower"] <= found["viability"]).all()
    assert (found["viability"] <= found["upper"]).all()
    assert (found["upper"] > found["lower"]).any()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"study": "nothing"}, 422),
        ({"study": "../conze2001"}, 422),
        ({"study": "own-0123456789abcdef"}, 422),
        ({"drug": "tap water"}, 422),
        ({"values": {"secretion": 1e9}}, 422),
        ({"values": {"nothing": 1}}, 422),
        ({"values": {"secretion": "much"}}, 422),
        ({"arms": ["nothing"]}, 422),
        ({"band": 1000}, 422),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(client, body, status):
    answer = client.post("/api/experiments/dose-response", json=body)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-1e400"])
def test_a_slider_is_a_finite_number(client, number):
    answer = client.post("/api/experiments/dose-response", content=f'{{"values": {{"secretion": {number}}}}}')
    assert answer.status_code == 422


def test_an_own_study_is_kept_and_run(client):
    key = client.post("/api/studies", json={"toml": SMALL}).json()["key"]
    assert client.post("/api/studies", json={"toml": SMALL}).json()["key"] == key
    study = client.get(f"/api/studies/{key}").json()
    assert study["drugs"] == ["cisplatin"]
    assert [slider for slider in study["sliders"] if slider["key"] in {"pump", "antibody", "copies"}] == []
    _, found = asked(client, "dose-response", study=key)
    assert found["viability"].shape == (2, 4)
    assert key in [each["key"] for each in client.get("/api/studies").json()]


@pytest.mark.parametrize("toml", ["", "not toml", "[study]\nname='x'\nlines=['martian']\ndrugs=['cisplatin']"])
def test_an_own_study_that_cannot_be_used_names_the_place(client, toml):
    answer = client.post("/api/studies", json={"toml": toml})
    assert answer.status_code == 422
    assert "your study" in json.dumps(answer.json())


def test_the_api_describes_itself_without_scripts_from_elsewhere(client):
    described = client.get("/api/openapi.json").json()
    assert "/api/studies/{key}" in described["paths"]
    refused = described["paths"]["/api/studies"]["post"]["responses"]["422"]["content"]["application/json"]["schema"]
    assert refused == {"$ref": "#/components/schemas/TroubleAnswer"}
    assert client.get("/docs").status_code == 404


def test_a_course_starts_with_the_seeded_cells_and_answers_to_the_drug(client):
    body = {"study": "conze2001", "drug": "doxorubicin", "line": "sensitive_il6"}
    header, untreated = asked(client, "time-courses", **body, dose_nM=0)
    _, treated = asked(client, "time-courses", **body, dose_nM=1e5)
    names = [each["name"] for each in header["species"]]
    cells = names.index("cells")
    assert untreated["values"].shape == (len(names), untreated["times_h"].size)
    assert untreated["values"][cells, 0] == pytest.approx(1e4)
    assert treated["values"][cells, -1] < 0.5 * untreated["values"][cells, -1]
    assert {each["node"] for each in header["species"]} <= {node["id"] for node in header["nodes"]}
    ends = {node["id"] for node in header["nodes"]}
    assert all(edge["from"] in ends and edge["to"] in ends for edge in header["edges"])


def test_density_makes_the_loop(client):
    header, found = asked(client, "density", study="conze2001", drug="doxorubicin")
    assert (np.diff(found["density_per_ml"]) > 0).all()
    assert (np.diff(found["il6_ng_per_ml"]) > 0).all()
    assert found["fold"][-1] > 2 * found["fold"][0]
    assert header["at"]["density_per_ml"] == pytest.approx(1e5)


def test_patients_without_a_loop_have_no_hazard_of_il6(client):
    strong, found = asked(client, "cohort", patients=600, values={"loop_strength": 5.0})
    cut, _ = asked(client, "cohort", patients=600, values={"loop_strength": 0.0})
    assert strong["hazard_ratio"]["value"] > cut["hazard_ratio"]["value"]
    assert cut["hazard_ratio"]["lower"] < 1 < cut["hazard_ratio"]["upper"]
    assert (np.diff(found["survival_0"]) <= 0).all()
    assert found["at_risk_0"][0] + found["at_risk_1"][0] == 600
    assert "research" in strong["notice"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("time-courses", {"line": "martian"}),
        ("time-courses", {"arm": "nothing"}),
        ("time-courses", {"dose_nM": -1}),
        ("density", {"line": "martian"}),
        ("density", {"drug": "tap water"}),
        ("cohort", {"patients": 100000}),
        ("cohort", {"values": {"loop_strength": 99}}),
    ],
)
def test_other_experiments_refuse_in_words_too(client, path, body):
    answer = client.post(f"/api/experiments/{path}", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"]
