"""Sensitive answers, encrypted each to its own row (XX-03, XX-08)."""

from __future__ import annotations

import json
from typing import Any

from app.kernel.crypto import keys
from app.kernel.db import UnitOfWork


def seal(uow: UnitOfWork, table: str, row_id: int, words: dict[str, Any]) -> bytes:
    return keys().encrypt(json.dumps(words, ensure_ascii=False), _place(uow, table, row_id))


def unseal(uow: UnitOfWork, table: str, row_id: int, sealed: bytes | None) -> dict[str, Any]:
    """{} when nothing was sealed. Whoever opens it logs the access."""
    if not sealed:
        return {}
    opened: dict[str, Any] = json.loads(keys().decrypt(sealed, _place(uow, table, row_id)))
    return opened


def _place(uow: UnitOfWork, table: str, row_id: int) -> str:
    return f"{uow.tenant.slug}|{table}.sealed|{row_id}"
