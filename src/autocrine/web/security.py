"""What every request must pass before anything looks at it: host, origin, session, size and rate."""

from __future__ import annotations

import time
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from autocrine.web.session import COOKIE, Session
from autocrine.web.settings import Settings
from autocrine.web.trouble import plain_trouble, told

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "worker-src 'self' blob:; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
_SAFE = {"GET", "HEAD", "OPTIONS"}
_UPLOADS = "/api/uploads/"
#: files of the application itself, which say nothing of a person and need no session
_OPEN = "/static/"
#: built files whose names change with their content
_HASHED = "/static/app/assets/"
_LATER = {429: {"retry-after": "1"}}


class Guard:
    """Middleware that lets only requests of the session's own pages through.

    Parameters
    ----------
    app : callable
        The application behind it.
    settings : Settings
        Hosts and limits.
    session : Session
        Token and cookie.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings, session: Session) -> None:
        self.app, self.settings, self.session = app, settings, session
        self._left, self._at = settings.burst, time.monotonic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand a request on."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        path, headers = scope["path"], Headers(scope=scope)
        sender = _with_headers(send, path)
        refused = self._refuse(scope, headers)
        if refused is not None:
            await refused(scope, receive, sender)
            return
        limit = self._limit(path)
        try:
            await self.app(scope, _limited(receive, limit), sender)
        except _TooLarge:
            await told(path, 413, plain_trouble(413, f"a request must have at most {limit} bytes"))(
                scope, receive, sender
            )

    def _refuse(self, scope: Scope, headers: Headers) -> Response | None:
        """Return the answer to a request that goes no further; None for one that may."""
        path, host = scope["path"], headers.get("host", "")
        if host.lower() not in self.settings.own_hosts:
            return told(path, 403, plain_trouble(403, "the host must be that of this server"))
        if path.startswith(_OPEN) and scope["method"] in {"GET", "HEAD"}:
            return None
        entered = self._entering(scope)
        if entered is not None:
            return entered
        status = self._status(scope, headers, host)
        if status == 413:
            return told(path, 413, plain_trouble(413, f"a request must have at most {self._limit(path)} bytes"))
        return None if status == 200 else told(path, status, plain_trouble(status), _LATER.get(status))

    def _status(self, scope: Scope, headers: Headers, host: str) -> int:
        """Return the status of a request with a session or without; 200 for one that may go on."""
        path, length = scope["path"], headers.get("content-length", "0")
        from_elsewhere = headers.get("sec-fetch-site") in {"cross-site", "same-site"} and path.startswith("/api/")
        changes = scope["method"] not in _SAFE
        rules = (
            (401, lambda: not self.session.knows_cookie(_cookie(headers))),
            (403, lambda: from_elsewhere or (changes and not _is_own(headers, host))),
            (429, lambda: not self._has_turn()),
            (413, lambda: not length.isdigit() or int(length) > self._limit(path)),
        )
        return next((status for status, breaks in rules if breaks()), 200)

    def _entering(self, scope: Scope) -> Response | None:
        """Give the cookie to who comes with the token, and take the token out of the address."""
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = [value for name, value in query if name == "token"]
        if scope["method"] != "GET" or not given or not self.session.knows_token(given[0]):
            return None
        kept = urlencode([(name, value) for name, value in query if name != "token"])
        # a path that starts with two slashes would lead to another host
        path = "/" + scope["path"].lstrip("/\\")
        found = RedirectResponse(path + (f"?{kept}" if kept else ""), 303)
        found.set_cookie(COOKIE, self.session.cookie, httponly=True, samesite="strict", path="/")
        return found

    def _limit(self, path: str) -> int:
        settings = self.settings
        return settings.uploads_mb * 1_000_000 if path.startswith(_UPLOADS) else settings.json_kb * 1000

    def _has_turn(self) -> bool:
        """Take one from the requests that are left; they grow again with time."""
        now = time.monotonic()
        self._left = min(self.settings.burst, self._left + (now - self._at) * self.settings.requests_per_s)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def _is_own(headers: Headers, host: str) -> bool:
    """Tell whether what changes something was sent by a script of our own page."""
    return headers.get("x-autocrine") == "1" and headers.get("origin") == f"http://{host}"


def _cookie(headers: Headers) -> str:
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return ""
    return cookies[COOKIE].value if COOKIE in cookies else ""


class _TooLarge(HTTPException):
    """A body went on beyond its limit."""

    def __init__(self) -> None:
        super().__init__(413)


def _limited(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _TooLarge
        return message

    return counted


def _with_headers(send: Send, path: str) -> Send:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)  # a report of a run has a stricter policy of its own
            if not path.startswith(_OPEN):
                headers["cache-control"] = "no-store"
            elif path.startswith(_HASHED) and message["status"] == 200:
                headers["cache-control"] = "public, max-age=31536000, immutable"
        await send(message)

    return sender
