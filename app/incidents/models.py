"""What happened to whom, and who was told when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.columns import WithCreated, WithRef, WithVersion
from app.kernel.db import Base


class Incident(WithRef, WithCreated, WithVersion, Base):
    """One accident or illness of one child in one place. What happened is sensitive: sealed."""

    __tablename__ = "incident"

    institution_id: Mapped[int] = mapped_column(ForeignKey("institution.id"), index=True)
    child_id: Mapped[int | None] = mapped_column(ForeignKey("child.id"), index=True)
    subject: Mapped[str] = mapped_column(String(20), default="")
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    """During what it happened, e.g. ``daycare_stay``."""
    kind: Mapped[str] = mapped_column(String(12))
    """ACCIDENT, ILLNESS, INFECTION, OTHER."""
    happened_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(String(80), default="")
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted JSON: {"what": words, "done": [{"at": iso, "by": name, "text": words}, …]}."""
    contacts: Mapped[list[Any]] = mapped_column(default=list)
    """[{"at": iso, "order": 1, "who": guardian's name, "reached": bool, "by": name, "how": PHONE|SMS|FACE}, …]:
    tried in emergency order."""
    notified_at: Mapped[datetime | None]
    """When a guardian was first reached."""
    ambulance_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("paper.id"))
