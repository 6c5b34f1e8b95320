"""What was to be told to whom, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.columns import WithCreated, WithRef
from app.kernel.db import Base


class Message(WithRef, WithCreated, Base):
    __tablename__ = "message"
    __table_args__ = (Index(None, "subject", "subject_id"), Index(None, "created_at"))

    template: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(12))
    """ALIMTALK, SMS, EMAIL, or PHONE_MANUAL (a person called and recorded it, KB-23)."""
    to: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(120), default="")
    body: Mapped[str]
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(10))
    """See ``rules.MessageState``."""
    subject: Mapped[str] = mapped_column(String(20), default="")
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    urgent: Mapped[bool] = mapped_column(default=False)
    provider_id: Mapped[str] = mapped_column(String(80), default="")
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")
