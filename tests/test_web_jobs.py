"""Jobs: done in processes of their own, told, cancelled, taken up by the next server; and what tumours they show."""

import contextlib
import json
import time
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from autocrine import web
from autocrine.web import api_uploads, frame, upload_check
from autocrine.web.journal import Journal
from autocrine.web.tumour_film import Film, Shown
from autocrine.web.workshop import Workshop
from web_client import OWN, opened

SMALL = """
[study]
name = "small"
lines = ["sensitive", "sensitive_il6"]
drugs = ["cisplatin"]
[doses]
cisplatin = { low = "100 nM", high = "100 uM", count = 4 }
"""


@contextlib.contextmanager
def served(settings):
    """Give a client of a server that runs its jobs, and stop it at the end."""
    app = web.create_app(settings)
    with TestClient(app, base_url="http://127.0.0.1:8000", headers=OWN) as found:
        found.cookies.set("autocrine_session", app.state.autocrine.session.cookie)
        yield found


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with served(web.Settings(tmp_path_factory.mktemp("data"), port=8000, example=False, warm=False)) as found:
        yield found


def until(client, key, *states, seconds=120):
    job = {}
    for _ in range(seconds * 5):
        job = client.get(f"/api/jobs/{key}").json()
        if job["state"] in states:
            return job
        time.sleep(0.2)
    raise AssertionError(job)


def test_a_study_runs_in_the_background_and_shows_its_report(client):
    key = client.post("/api/jobs", json={"kind": "study", "options": {"toml": SMALL}}).json()["id"]
    job = until(client, key, "done", "failed")
    assert job["state"] == "done", job
    assert job["progress"] == 1
    assert job["result"]["study"] == "small"
    text = client.get(f"/jobs/{key}").text
    assert "report.html" in text
    report = client.get(f"/jobs/{key}/files/0")
    assert report.status_code == 200
    assert "sandbox" in report.headers["content-security-policy"]
    assert "script-src" not in report.headers["content-security-policy"]
    other = client.get(f"/jobs/{key}/files/1")
    assert other.headers["content-disposition"].startswith("attachment")
    assert client.get(f"/jobs/{key}/files/9999").status_code == 404
    assert client.get(f"/jobs/{key}/files/..%2F..%2Fjob.json").status_code in {404, 422}
    assert client.get("/api/jobs").json()[0]["id"] == key
    assert client.get("/jobs").status_code == 200


def test_a_job_can_be_cancelled_and_started_again(client):
    key = client.post("/api/jobs", json={"kind": "tumour", "options": {"design": "producers"}}).json()["id"]
    until(client, key, "running")
    assert client.post(f"/api/jobs/{key}/cancel").json()["state"] == "cancelled"
    assert client.get(f"/api/jobs/{key}").json()["state"] == "cancelled"
    assert client.post(f"/api/jobs/{key}/again").json()["state"] in {"waiting", "running"}
    assert client.post(f"/api/jobs/{key}/cancel").json()["state"] == "cancelled"
    assert client.post("/api/jobs/0000000000000000/cancel").status_code == 404


PLATES = "line,drug,dose (uM),viability\n" + "".join(
    f"MCF-7,doxorubicin,{dose},{value}\n"
    for _ in range(3)
    for dose, value in ((0, 1.0), (0.01, 0.98), (0.1, 0.8), (0.3, 0.6), (1, 0.4), (10, 0.1))
)


def test_uploaded_plates_are_fitted(client, monkeypatch):
    monkeypatch.setattr(api_uploads, "checked", lambda _kind, file, said: upload_check.check_plates(file, said))
    upload = client.post("/api/uploads/plates", files={"file": ("x.csv", PLATES)}).json()["id"]
    key = client.post("/api/jobs", json={"kind": "plates", "options": {"upload": upload}}).json()["id"]
    job = until(client, key, "done", "failed")
    assert job["state"] == "done", job
    (told,) = job["result"]["curves"]
    assert told.startswith("MCF-7, doxorubicin, viability: 0.5")
    assert "MCF-7" in client.get(f"/jobs/{key}/files/0").text


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("claim", {"claim": "conze2001-99"}),
        ("claim", {}),
        ("study", {"toml": "nothing"}),
        ("study", {"study": "own-0000000000000000"}),
        ("tumour", {"design": "../../etc/passwd"}),
        ("tumour", {"toml": "[tumour]\nname = 3"}),
        ("trial", {"toml": "[arm.x]\nregimen = 'tea'"}),
        ("patients", {"upload": "../../x", "time": "t", "event": "e", "marker": "m"}),
        ("patients", {"upload": "0" * 16, "time": "t", "event": "e", "marker": "m"}),
        ("patients", {"upload": "0" * 16, "time": "t", "event": "e", "marker": "m", "file": "/etc/passwd"}),
        ("explain", {"upload": "0" * 16}),
        ("shell", {"command": "true"}),
    ],
)
def test_options_are_checked_before_a_job_waits(client, kind, options):
    answer = client.post("/api/jobs", json={"kind": kind, "options": options})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"]


def test_only_so_many_jobs_wait(tmp_path):
    app = web.create_app(web.Settings(tmp_path, port=8000, waiting_jobs=2))
    client = opened(app)
    codes = [client.post("/api/jobs", json={"kind": "study", "options": {}}).status_code for _ in range(3)]
    assert codes == [201, 201, 422]


def test_the_next_server_takes_up_what_the_last_one_left(tmp_path):
    journal = Journal(tmp_path)
    left, often, done = (journal.add("study", name, {}) for name in ("left", "often", "done"))
    journal.change(left.id, state="running", starts=1)
    journal.change(often.id, state="running", starts=3)
    journal.change(done.id, state="done", result={"a": 1})
    (tmp_path / left.id / ".job.json.half").write_text("{")
    (tmp_path / "0123456789abcdef").mkdir()
    (tmp_path / "0123456789abcdef" / "job.json").write_text("{ broken")
    again = Journal(tmp_path)
    workshop = Workshop(again, 0, 5, lambda _job: {})
    workshop.open()
    workshop.close()
    assert again.job(left.id).state == "waiting"
    assert again.job(often.id).state == "failed"
    assert "by hand" in again.job(often.id).message
    assert again.job(done.id).result == {"a": 1}
    assert len(again.jobs()) == 3


def test_a_server_that_is_stopped_leaves_its_job_for_the_next(tmp_path):
    settings = web.Settings(tmp_path, port=8000, example=False, warm=False)
    with served(settings) as client:
        key = client.post("/api/jobs", json={"kind": "study", "options": {"toml": SMALL}}).json()["id"]
        until(client, key, "running")
    with served(settings) as client:
        job = until(client, key, "done", "failed")
    assert job["state"] == "done", job
    note = json.loads((tmp_path / "jobs" / key / "job.json").read_text())
    assert note["starts"] == 2


def test_a_film_gives_back_its_frames(tmp_path):
    film = Film.begin(tmp_path)
    film.labels, film.frames = ["a"], {"a": []}
    assert Shown.open(tmp_path / "nothing") is None

    class Domain:
        corners = np.array([[0.0, 0, 0], [10, 10, 10]])

    class Circuit:
        species = ("pgp",)
        drugs = ()

    class Population:
        position = np.arange(6.0).reshape(3, 2)
        total_volume = np.full(2, 4 / 3 * np.pi * 8.0)
        producer = np.array([True, False])
        id = np.array([0, 1])
        alive = np.array([True, True])
        state = np.array([[5.0, 6.0]])

    class Lineage:
        @staticmethod
        def founders():
            return np.array([0, 1])

    class Colony:
        domain = Domain

    class Grown:
        population, circuit, lineage, colony, time_h = Population, Circuit, Lineage, Colony, 1.5

        @staticmethod
        def levels():
            return {"il6": np.array([0.1, 0.2])}

    grown: Any = Grown
    film.take("a", grown)
    shown = Shown.open(tmp_path)
    assert shown is not None
    told = shown.described(0)
    assert told["times_h"] == [1.5]
    assert told["domain_um"] == [10, 10, 10]
    assert told["colours"] == ["il6", "pgp", "producer", "clone", "alive"]
    _, arrays = shown.frame(0, 0)
    np.testing.assert_allclose(arrays["radius"], 2.0, rtol=1e-6)
    np.testing.assert_array_equal(arrays["position"], Population.position.T)
    raw = frame.pack({}, arrays)
    assert frame.unpack(raw)[1]["position"].dtype == np.float32


@pytest.mark.slow
def test_a_tumour_can_be_watched_and_a_claim_gets_its_verdict(client):
    tumour = client.post("/api/jobs", json={"kind": "tumour", "options": {"design": "spheroid"}}).json()["id"]
    claim = client.post("/api/jobs", json={"kind": "claim", "options": {"claim": "conze2001-1"}}).json()["id"]
    job = until(client, tumour, "done", "failed", seconds=400)
    assert job["state"] == "done", job
    told = client.get(f"/api/tumours/{job['result']['tumour']}").json()
    header, arrays = frame.unpack(client.get(f"/api/tumours/{tumour}.0/frames/0").content)
    assert header["time_h"] == told["times_h"][0]
    assert arrays["position"].shape == (header["cells"], 3)
    assert client.get(f"/api/tumours/{tumour}.0/frames/999").status_code == 404
    job = until(client, claim, "done", "failed", seconds=400)
    assert job["state"] == "done", job
    assert "verdicts" in job["result"]
    assert job["result"]["verdict"] in client.get("/library/claims/conze2001-1").text
