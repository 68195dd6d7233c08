"""Exports: what is on the screen, as files that other programs and this one read again."""

import io
import zipfile

import pandas as pd
import pytest

from autocrine import web
from autocrine.core import Document
from autocrine.engine import read_sbml, simulate, standards
from autocrine.studies import interactive
from web_client import opened


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    return opened(web.create_app(web.Settings(tmp_path_factory.mktemp("data"), port=8000, example=False)))


def saved(client, kind, **state):
    answer = client.post(f"/api/exports/{kind}", json={"state": state})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith("attachment")
    return answer.content


@pytest.mark.parametrize("view", ["dose-response", "time-courses", "density", "cohort", "tumour"])
def test_every_view_is_a_table(client, view):
    table = pd.read_csv(io.BytesIO(saved(client, "csv", view=view)))
    assert len(table) > 5
    assert table.notna().to_numpy().any(axis=0).all()


def test_sbml_names_the_molecules(client):
    text = saved(client, "sbml", line="sensitive_il6", dose_nM=1000.0).decode()
    assert "<sbml" in text
    assert "abcb1" in text


@pytest.mark.slow
def test_sbml_is_the_well_on_the_screen(client, tmp_path):
    path = tmp_path / "well.xml"
    path.write_bytes(saved(client, "sbml", line="sensitive_il6", dose_nM=1000.0, values={"secretion": 150.0}))
    network = read_sbml(path)
    design = interactive.built_in_design("conze2001")
    found = interactive.time_course.time_course(
        design, "doxorubicin", {"secretion": 150.0}, line="sensitive_il6", dose_nM=1000.0
    )
    again = simulate(network, [0.0, design.protocol.end_h])
    names = [each.name for each in found.levels]
    assert again["drug1"][0, -1] == pytest.approx(found.values[names.index("drug1")][-1], rel=1e-3)  # noqa: PD011


@pytest.mark.slow
def test_petab_is_a_problem_that_can_be_evaluated(client, tmp_path):
    with zipfile.ZipFile(io.BytesIO(saved(client, "petab", drug="cisplatin"))) as archive:
        archive.extractall(tmp_path)
    (yaml,) = tmp_path.glob("*.yaml")
    problem = standards.read_petab(yaml)
    assert set(problem.estimated)
    assert saved(client, "petab", drug="cisplatin") == saved(client, "petab", drug="cisplatin")


def test_a_study_comes_back_as_it_was(client):
    values = {"secretion": 150.0, "copies": 5.0, "seeded": 3000.0, "antibody": 12.5}
    text = saved(client, "toml", values=values).decode()
    again = interactive.own_design(text)
    design = interactive.built_in_design("conze2001")
    before = interactive.dose_response.dose_responses(design, "doxorubicin", values)
    after = interactive.dose_response.dose_responses(again, "doxorubicin", {})
    assert [c.label for c in before.curves] == [c.label for c in after.curves]
    assert after.viability == pytest.approx(before.viability, rel=1e-6)
    assert "cannot say" in saved(client, "toml", values={"potency": 10.0}).decode()
    assert Document.parse(text, "x").table("study").get("name", str) == "conze2001"


def test_citations_name_what_was_used(client):
    text = saved(client, "citations").decode()
    assert text.count("@") > 10


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("exe", {}),
        ("csv", {"view": "nothing"}),
        ("csv", {"drug": "tea"}),
        ("sbml", {"line": "martian"}),
        ("sbml", {"arm": "x"}),
        ("toml", {"values": {"nothing": 1.0}}),
        ("csv", {"study": "../../x"}),
        ("petab", {"drug": "tea"}),
    ],
)
def test_what_cannot_be_exported_is_refused(client, kind, state):
    assert client.post(f"/api/exports/{kind}", json={"state": state}).status_code == 422
