"""A browser of the web application, without a browser: a session, and the headers of its own pages."""

from starlette.testclient import TestClient

OWN = {"x-autocrine": "1", "origin": "http://127.0.0.1:8000"}


def opened(app) -> TestClient:
    """Return a client that came with the token, and whose requests come from our own page."""
    client = TestClient(app, base_url="http://127.0.0.1:8000", headers=OWN, raise_server_exceptions=False)
    client.cookies.set("autocrine_session", app.state.autocrine.session.cookie)
    return client
