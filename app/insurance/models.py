"""What an institution is insured against, and until when."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.columns import WithCreated, WithRef, WithVersion
from app.kernel.db import Base


class InsurancePolicy(WithRef, WithCreated, WithVersion, Base):
    """One policy of one institution."""

    __tablename__ = "insurance_policy"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="span"),)

    institution_id: Mapped[int] = mapped_column(ForeignKey("institution.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    """DAYCARE_MUTUAL (어린이집안전공제회), DAYCARE_HOURLY_RIDER (시간제보육 특약), LIABILITY, …"""
    insurer: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(40))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    """Both days are covered."""
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("upload.id"))
    """The scanned certificate."""
