"""Every refusal as a Korean page that says what happened, why, and what to do next."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Flask, Response, g, render_template
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.kernel.errors import AlreadySubmitted, DolbomError, RuleBroken, TryLater
from app.kernel.web import see_other

log = structlog.get_logger()


def register(app: Flask) -> None:
    app.register_error_handler(AlreadySubmitted, lambda error: see_other(error.result_url))
    app.register_error_handler(RuleBroken, lambda error: page_for(422, problems=error.problems))
    app.register_error_handler(TryLater, lambda error: page_for(503, kind="busy"))
    app.register_error_handler(DolbomError, lambda error: page_for(error.status))
    app.register_error_handler(CSRFError, lambda error: page_for(400))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _crash)


def _http(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:
        return error
    return page_for(error.code)


def _crash(error: Exception) -> Response:
    log.exception("crash", request_id=g.get("request_id", ""))
    return page_for(500)


def page_for(status: int, **context: Any) -> Response:
    """The Korean page of a status; 503 also says when to come back."""
    response = Response(render_template("errors/error.html", code=status, **context), status)
    if status == 503:
        response.headers["Retry-After"] = "30"
    return response
