"""Columns every table repeats."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import BigInteger, Identity, String
from sqlalchemy.orm import Mapped, mapped_column


def new_ref() -> str:
    """The name of a row outside: 16 random hex digits (never the id)."""
    return secrets.token_hex(8)


class WithId:
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)


class WithRef(WithId):
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)


class WithVersion:
    """``version`` travels in every edit form; an update that finds another one is refused with 409."""

    version: Mapped[int] = mapped_column(default=1)


class WithCreated:
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(BigInteger)
