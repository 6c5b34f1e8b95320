"""How a stored file leaves the house: as an attachment under its own type, never sniffed, never shown in place."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response


def send_file(content: bytes, media_type: str, name: str) -> Response:
    """The file for download. The name is sent in UTF-8 and, for old browsers, as plain letters."""
    plain = "".join(
        sign if sign.isascii() and sign.isprintable() and sign not in '"\\' else "_" for sign in name
    )
    response = Response(content, mimetype=media_type)
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response
