"""Uploads: the checks of the commands, and files that want to do harm."""

import io
import zipfile

import pytest

from autocrine import web
from autocrine.web import api_uploads, upload_check
from web_client import opened

PATIENTS = "id,months (months),died,il6 (pg/ml)\n" + "".join(
    f"p{k},{1 + k % 30},{k % 2},{1 + (k * 7) % 11}.5\n" for k in range(60)
)
PLATES = "line,drug,dose (uM),viability\n" + "".join(
    f"MCF-7,doxorubicin,{dose},{value}\n"
    for _ in range(3)
    for dose, value in ((0, 1.0), (0.01, 0.98), (0.1, 0.8), (1, 0.4), (10, 0.1))
)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return web.create_app(web.Settings(tmp_path_factory.mktemp("data"), port=8000, example=False))


@pytest.fixture(scope="module")
def client(app):
    return opened(app)


def sent(client, kind, content, name="x.csv", **said):
    return client.post(f"/api/uploads/{kind}", files={"file": (name, content)}, data=said)


def test_plates_are_checked_as_by_the_command(client):
    answer = sent(client, "plates", PLATES)
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert found["report"]["summary"]["values"] == 15
    assert found["report"]["messages"]
    assert found["rows"]


def test_patients_are_checked_with_and_without_columns(client):
    found = sent(client, "patients", PATIENTS).json()
    assert found["report"]["summary"]["patients"] == 60
    assert "il6 (pg/ml)" in found["report"]["summary"]["columns"]
    found = sent(client, "patients", PATIENTS, time="months", event="died", marker="il6").json()
    assert found["report"]["summary"]["analysed"] == 60
    wrong = sent(client, "patients", PATIENTS, time="nothing", event="died", marker="il6")
    assert wrong.status_code == 422
    assert "nothing" in wrong.text


def bomb() -> bytes:
    text = io.BytesIO()
    with zipfile.ZipFile(text, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<x>" + b" " * 5_000_000)
    return text.getvalue()


def entity() -> bytes:
    text = io.BytesIO()
    with zipfile.ZipFile(text, "w") as archive:
        archive.writestr("[Content_Types].xml", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>')
        archive.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>')
    return text.getvalue()


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("plates", b""),
        ("plates", b"\x7fELF\0\0\0\0"),
        ("plates", b"<html><script>alert(1)</script>"),
        ("plates", bomb()),
        ("plates", entity()),
        ("patients", b"one line"),
        ("patients", b"," * 500_000 + b"\n1,2\n"),
    ],
    ids=["empty", "program", "page", "bomb", "entity", "no rows", "too wide"],
)
def test_a_file_that_is_none_is_refused_and_not_kept(app, client, kind, content):
    before = sorted((app.state.autocrine.uploads.folder / kind).glob("*"))
    answer = sent(client, kind, content)
    assert answer.status_code == 422, answer.text
    assert "root:" not in answer.text
    assert str(app.state.autocrine.settings.data) not in answer.text
    assert sorted((app.state.autocrine.uploads.folder / kind).glob("*")) == before


@pytest.mark.parametrize("name", ["../../../evil.csv", "/etc/cron.d/x", "a\x00b.csv", "=cmd.csv"])
def test_no_name_of_a_file_reaches_the_disk(app, client, name, monkeypatch):
    monkeypatch.setattr(api_uploads, "checked", lambda _kind, file, said: upload_check.check_patients(file, said))
    assert sent(client, "patients", PATIENTS, name=name).status_code in {201, 400, 422}
    names = {path.stem for path in app.state.autocrine.uploads.folder.rglob("*.*")}
    assert all(len(each) == 16 and set(each) <= set("0123456789abcdef") for each in names)


def test_an_upload_has_a_limit(tmp_path):
    client = opened(web.create_app(web.Settings(tmp_path, port=8000, uploads_mb=1)))
    assert sent(client, "plates", b"x" * 2_000_000).status_code == 413


def test_the_page_of_uploads_and_jobs_is_readable(client):
    for path in ("/uploads", "/jobs"):
        text = client.get(path).text
        assert text.count("<h1") == 1
        assert "JavaScript" in text
