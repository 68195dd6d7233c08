"""The door of the web application: token, cookie, host, origin, limits, headers."""

import pytest
from starlette.testclient import TestClient

from autocrine import web
from web_client import OWN, opened


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return web.create_app(web.Settings(tmp_path_factory.mktemp("data"), port=8000))


def stranger(app, **given) -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False, **given)


@pytest.mark.parametrize("path", ["/", "/experiment", "/library", "/api/studies", "/api/openapi.json", "/nothing"])
def test_nothing_answers_without_a_session(app, path):
    answer = stranger(app).get(path)
    assert answer.status_code == 401
    if path.startswith("/api"):
        assert "autocrine serve" in answer.json()["error"]["message"]
    else:
        assert "How to start" in answer.text


def test_the_token_becomes_a_cookie_that_scripts_cannot_read_and_leaves_the_address(app):
    client = stranger(app)
    token = app.state.autocrine.session.token
    answer = client.get(f"/library?q=a%26b&token={token}")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/library?q=a%26b"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert token not in cookie
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("token", ["", "wrong", "é", "a" * 5000])
def test_a_wrong_token_opens_nothing(app, token):
    answer = stranger(app).get("/", params={"token": token})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_the_token_does_not_lead_to_another_host(app):
    answer = stranger(app).get(f"http://127.0.0.1:8000//elsewhere.org/?token={app.state.autocrine.session.token}")
    assert answer.headers["location"] == "/elsewhere.org/"


@pytest.mark.parametrize("host", ["elsewhere.org", "127.0.0.1:9999", "127.0.0.1", "127.0.0.1.elsewhere.org:8000", ""])
def test_another_host_is_refused_even_with_a_session(app, host):
    assert opened(app).get("/", headers={"host": host}).status_code == 403


def test_localhost_is_this_machine(app):
    assert opened(app).get("/", headers={"host": "localhost:8000"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-autocrine": "1"},
        {"origin": "http://127.0.0.1:8000"},
        {"x-autocrine": "1", "origin": "http://elsewhere.org"},
        {"x-autocrine": "1", "origin": "null"},
        {"x-autocrine": "1", "origin": "http://localhost:8000"},
        {"x-autocrine": "2", "origin": "http://127.0.0.1:8000"},
    ],
)
def test_what_changes_something_must_come_from_our_own_page(app, headers):
    client = opened(app)
    client.headers.clear()
    answer = client.post("/api/studies", json={"toml": "x"}, headers=headers)
    assert answer.status_code == 403


def test_another_site_cannot_ask_the_api_by_a_picture_or_a_script(app):
    assert opened(app).get("/api/studies", headers={"sec-fetch-site": "cross-site"}).status_code == 403


@pytest.mark.parametrize("path", ["/", "/api/studies", "/nothing", "/static/site.css"])
def test_every_answer_has_the_headers_that_protect(app, path):
    headers = opened(app).get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    if not path.startswith("/static"):
        assert headers["cache-control"] == "no-store"


def test_built_files_are_kept_by_the_browser_and_others_are_asked_for_again(app):
    client = opened(app)
    assert "immutable" not in client.get("/static/site.css").headers.get("cache-control", "")
    assert "immutable" not in client.get("/static/app/assets/nothing.js").headers.get("cache-control", "")


def test_no_page_holds_an_inline_script_or_style_or_names_another_host(app):
    client = opened(app)
    for path in ("/", "/experiment", "/leave?to=https://example.org/", "/nothing"):
        text = client.get(path).text
        assert "<style" not in text
        assert " style=" not in text
        assert " onclick" not in text
        assert all('src="/static/' in part for part in text.split("<script")[1:])


def test_a_large_body_is_refused_before_it_is_read(app):
    client = opened(app)
    assert client.post("/api/studies", content=b"x" * 300_000, headers=OWN).status_code == 413

    def parts():
        for _ in range(40):
            yield b"x" * 10_000

    # without a length it is counted while it comes
    assert client.post("/api/studies", content=parts(), headers=OWN).status_code == 413


def test_too_many_requests_must_wait(tmp_path):
    app = web.create_app(web.Settings(tmp_path, port=8000, requests_per_s=0.001, burst=4))
    client = opened(app)
    codes = [client.get("/api/studies").status_code for _ in range(6)]
    assert codes[:4] == [200] * 4
    assert codes[-1] == 429


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd", "/static/app/%00"],
)
def test_no_path_leaves_the_folder_of_static_files(app, path):
    answer = opened(app).get(path)
    assert answer.status_code in {404, 422}
    assert "create_app" not in answer.text


def test_a_restart_keeps_the_cookie_and_changes_the_token(tmp_path):
    first, second = (web.create_app(web.Settings(tmp_path, port=8000)).state.autocrine.session for _ in range(2))
    assert first.cookie == second.cookie
    assert first.token != second.token
    assert (tmp_path / "session.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "to", ["", "javascript:alert(1)", "data:text/html,x", "/library", "http://a@b.org/", "https:///x"]
)
def test_the_notice_leads_only_to_web_addresses(app, to):
    assert opened(app).get("/leave", params={"to": to}).status_code == 404


def test_the_notice_names_the_host_and_escapes_the_address(app):
    text = opened(app).get("/leave", params={"to": 'https://doi.org/10.1/"><script>alert(1)</script>'}).text
    assert "doi.org" in text
    assert "Cancel" in text
    assert "<script>alert" not in text
