"""Charges and payments. Money is whole won; a row is never changed, only added to (a correction is a row too)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.columns import WithCreated, WithRef
from app.kernel.db import Base


class Charge(WithRef, WithCreated, Base):
    """An amount owed for something (a booking); negative for what is no longer owed."""

    __tablename__ = "charge"
    __table_args__ = (Index(None, "subject", "subject_id"), Index(None, "institution_id", "service_date"))

    service: Mapped[str] = mapped_column(String(10))
    institution_id: Mapped[int] = mapped_column(ForeignKey("institution.id"))
    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardian.id"), index=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"))
    subject: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(12))
    """BOOKING, OVERRUN, REDUCTION, MEAL, NO_SHOW, CORRECTION."""
    minutes: Mapped[int] = mapped_column(default=0)
    amount: Mapped[int]
    service_date: Mapped[date]
    due_on: Mapped[date]
    reason: Mapped[str] = mapped_column(default="")


class Payment(WithRef, WithCreated, Base):
    """Money that came in (positive) or went back (negative), with the receipt's number."""

    __tablename__ = "payment"
    __table_args__ = (
        Index(None, "subject", "subject_id"),
        Index(None, "institution_id", "paid_at"),
        CheckConstraint("amount <> 0", name="amount"),
    )

    service: Mapped[str] = mapped_column(String(10))
    institution_id: Mapped[int] = mapped_column(ForeignKey("institution.id"))
    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardian.id"), index=True)
    subject: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(8))
    """PAYMENT or REFUND."""
    method: Mapped[str] = mapped_column(String(20))
    """account_transfer, card, …"""
    amount: Mapped[int]
    paid_at: Mapped[datetime]
    receipt_number: Mapped[str] = mapped_column(String(20), unique=True)
    payer: Mapped[str] = mapped_column(String(40), default="")
    reason: Mapped[str] = mapped_column(default="")
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("paper.id"))
