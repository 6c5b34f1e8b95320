"""Addresses of the built style sheets, scripts and pictures.

``python -m app.command.assets`` writes them under hashed names, so that browsers may keep them for ever; the
manifest beside them says which name is today's. Templates ask with ``asset('app.css')``.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

DIST = Path(__file__).resolve().parents[2] / "static" / "dist"
URL_PREFIX = "/static/"


@lru_cache(maxsize=1)
def _manifest() -> dict[str, str]:
    """Plain name → hashed name, e.g. ``app.css`` → ``app.0123456789.css``; read once per process."""
    path = DIST / "manifest.json"
    try:
        files: dict[str, str] = json.loads(path.read_text("utf-8"))["files"]
    except FileNotFoundError:
        raise RuntimeError(
            f"화면 파일이 아직 없습니다({path}). python -m app.command.assets 를 먼저 실행해 주세요."
        ) from None
    return files


def asset_url(name: str) -> str:
    """The path of a built file (``/static/app.0123456789.css``).

    Raises LookupError for a name that the build does not know: a typing error in a template, never a visitor's.
    """
    try:
        return URL_PREFIX + _manifest()[name]
    except KeyError:
        raise LookupError(f"static/dist 에 없는 파일입니다: {name}") from None
