"""The browser's side of a session: one signed cookie per municipality, on its own path."""

from __future__ import annotations

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface

from app.kernel.db import SLUG


def _place() -> str:
    first = request.path.split("/", 2)[1]
    return first if SLUG.fullmatch(first) else ""


class CookieByMunicipality(SecureCookieSessionInterface):
    """Holds a random session id and the CSRF secret; everything else is in the municipality's database."""

    def get_cookie_name(self, app: Flask) -> str:
        return f"{_place() or 'site'}.sid"

    def get_cookie_path(self, app: Flask) -> str:
        place = _place()
        return f"/{place}" if place else "/"
