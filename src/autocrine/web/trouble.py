"""What went wrong, as a browser is told: the words of an error, never a traceback."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from autocrine.core import errors
from autocrine.web.templates import page

_LOG = logging.getLogger("autocrine.web")
_WORDS = {
    401: "this page must be opened from the address that autocrine serve prints",
    403: "a request must come from the page of this server itself",
    404: "there must be something at this address",
    405: "this address must be asked in another way",
    409: "this must be possible in the present state",
    413: "a request must be smaller",
    429: "requests must come more slowly",
}


class Trouble(BaseModel):
    """What must be, what was, where, and what to try."""

    message: str
    was: str = ""
    where: str = ""
    hint: str = ""


class TroubleAnswer(BaseModel):
    """An answer of the API to what cannot be done."""

    error: Trouble


def told(request_path: str, status: int, trouble: Trouble, headers: dict[str, str] | None = None) -> Response:
    """Return an error as JSON to the API, and as a page to a person."""
    if request_path.startswith("/api/"):
        return JSONResponse({"error": trouble.model_dump()}, status, headers)
    return page("trouble.html", status=status, headers=headers, trouble=trouble, code=status)


def plain_trouble(status: int, message: str = "", hint: str = "") -> Trouble:
    """Return the trouble that a status alone tells of."""
    return Trouble(message=message or _WORDS.get(status, "the request must be one that can be answered"), hint=hint)


def of_error(error: errors.AutocrineError) -> Trouble:
    """Return the words of an error of Autocrine."""
    if isinstance(error, errors.InputError):
        was = "" if isinstance(error.was, str) and not error.was else str(error.was)[:500]
        return Trouble(message=error.must, was=was, where=error.where, hint=error.hint)
    return Trouble(message=str(error))


def listen(app: FastAPI) -> None:
    """Let an application answer errors in one shape."""

    @app.exception_handler(errors.AutocrineError)
    def _ours(request: Request, error: errors.AutocrineError) -> Response:
        status = 422 if isinstance(error, (errors.InputError, errors.SolverError)) else 500
        return told(request.url.path, status, of_error(error))

    @app.exception_handler(RequestValidationError)
    def _shape(request: Request, error: RequestValidationError) -> Response:
        first: dict[str, Any] = dict(error.errors()[0])
        where = ".".join(str(part) for part in first.get("loc", ()))
        was = str(first.get("input", ""))[:200]
        return told(request.url.path, 422, Trouble(message=str(first.get("msg", "")), was=was, where=where))

    @app.exception_handler(HTTPException)
    def _status(request: Request, error: HTTPException) -> Response:
        said = error.detail if isinstance(error.detail, str) and error.status_code not in _WORDS else ""
        return told(request.url.path, error.status_code, plain_trouble(error.status_code, said))

    @app.exception_handler(Exception)
    def _defect(request: Request, error: Exception) -> Response:
        _LOG.error("a defect in the answer to %s", request.url.path, exc_info=error)
        message = "the server must have an answer, but has a defect here; its terminal says where"
        return told(request.url.path, 500, Trouble(message=message))
