"""The newest revision of each migration line, known without loading the migration tool."""

from __future__ import annotations

from functools import cache

from app.kernel.config import ROOT


@cache
def head(line: str) -> str:
    """``public`` or ``tenant`` → the highest number in its folder, e.g. ``0001``."""
    return max(
        path.name.partition("_")[0] for path in (ROOT / "migrations" / line / "versions").glob("[0-9]*.py")
    )
