"""One shape for every error: a page for people, ``{"status": 404, "error": "..."}`` for programs."""

import logging
from http import HTTPStatus
from pathlib import PurePosixPath

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from amur.errors import FAULT, AmurError
from amur.web.headers import HEADERS
from amur.web.templating import templates

_log = logging.getLogger(__name__)


class Problem(BaseModel):
    """What went wrong."""

    status: int
    error: str


def problem(request: Request, status: int, message: str) -> Response:
    """An error as a page, or as JSON for who asked for data."""
    if _wants_data(request):
        return JSONResponse(Problem(status=status, error=message).model_dump(), status)
    context = {"status": status, "phrase": HTTPStatus(status).phrase, "message": message}
    return templates.TemplateResponse(request, "error.html", context, status)


def _wants_data(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    asked = "application/json" in accepted and "text/html" not in accepted
    return asked or PurePosixPath(request.url.path).suffix in {".json", ".csv"}


def answer_errors(app: FastAPI) -> None:
    """Let an app answer every error in the one shape."""

    @app.exception_handler(AmurError)
    def bad_input(request: Request, error: Exception) -> Response:
        return problem(request, 400, str(error))

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 (told by the registration)
        return problem(request, error.status_code, str(error.detail))

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 (told by the registration)
        first = error.errors()[0]
        return problem(request, 422, f"{first['loc'][-1]}: {first['msg'].lower()}; change it in the address")

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> Response:
        _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        answer = problem(request, 500, FAULT)
        answer.headers.update(HEADERS)  # this answer passes the guard by
        return answer
