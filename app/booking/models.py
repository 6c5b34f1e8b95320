"""Kium bookings: who asked for which hours of which centre, and what became of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.booking.rules.states import BookingKind, BookingState
from app.kernel.columns import WithCreated, WithId, WithRef, WithVersion
from app.kernel.db import Base

HOLDING_SQL = "state IN ('APPLIED', 'SCHEDULED', 'IN_USE')"


class Booking(WithRef, WithCreated, WithVersion, Base):
    """A request and its fate. It *holds* its seat from APPLIED on (C-49), and while its waiting entry is OFFERED."""

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="span"),
        Index("ix_booking_holding", "centre_id", "starts_on", "ends_on", postgresql_where=text(HOLDING_SQL)),
        Index(None, "centre_id", "state", "applied_at"),
        Index(None, "child_id", "state"),
        Index(None, "guardian_id"),
    )

    number: Mapped[str] = mapped_column(String(20), unique=True)
    """2026-00-0001 (GC-17)."""
    batch: Mapped[str] = mapped_column(String(16), default="")
    """Bookings made by one submission share it (KB-07)."""
    centre_id: Mapped[int] = mapped_column(ForeignKey("kium_centre.id"))
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"))
    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardian.id"))
    quarter_id: Mapped[int] = mapped_column(ForeignKey("quarter.id"), index=True)
    kind: Mapped[BookingKind] = mapped_column(String(10))
    channel: Mapped[str] = mapped_column(String(8))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    """Both included; equal for temporary and sick-child care."""
    times: Mapped[dict[str, Any]]
    """Regular: {"tue": ["14:00", "17:00"], …}. Temporary and sick: {"day": ["14:00", "17:00"]}."""
    state: Mapped[BookingState] = mapped_column(String(12))
    applied_at: Mapped[datetime]
    """Counts for the order of equal rank (KB-38); moves only when date or time is edited (KB-26)."""
    contact_phone: Mapped[str] = mapped_column(String(20))
    ground: Mapped[str] = mapped_column(String(30), default="other")
    """The priority ground the guardian claims; it ranks only when verified (KB-39)."""
    reason: Mapped[str] = mapped_column(default="")
    """Why temporary care is needed; for sick-child care the note on the illness is a health note."""
    other_service: Mapped[str] = mapped_column(default="")
    """Another public care service in use, as declared (KB-13)."""
    parallel_use_reason: Mapped[str] = mapped_column(default="")
    walk_in: Mapped[bool] = mapped_column(default=False)
    sibling_booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    """The elder's booking a preschool sibling's depends on (KB-36)."""
    counselled_on: Mapped[date | None]
    evidence_asked_at: Mapped[datetime | None]
    evidence_slot: Mapped[str] = mapped_column(String(40), default="")
    """KB-19: the slot for which household evidence was requested."""
    paper_asked: Mapped[str] = mapped_column(default="")
    cancel_asked_at: Mapped[datetime | None]
    """The guardian's request to cancel an approved booking (KB-28); only notifies the centre."""
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str] = mapped_column(default="")
    overrides: Mapped[list[Any]] = mapped_column(default=list)
    """Soft problems passed with a reason: [[code, reason], …]."""
    started_at: Mapped[datetime | None]
    ended_on: Mapped[date | None]
    end_ground: Mapped[str] = mapped_column(default="")
    notified_by: Mapped[str] = mapped_column(String(12), default="")
    notified_at: Mapped[datetime | None]
    over_limit: Mapped[bool] = mapped_column(default=False)
    """Recorded over a limit, never planned over one (GC-19)."""


class UsageDay(WithId, Base):
    """One day of a booking that holds its seat; rows exist only while it holds it."""

    __tablename__ = "usage_day"
    __table_args__ = (
        UniqueConstraint("booking_id", "day"),
        Index("ix_usage_day_place", "centre_id", "day", postgresql_include=["start_minute", "end_minute"]),
    )

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"))
    centre_id: Mapped[int] = mapped_column(BigInteger)
    child_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[BookingKind] = mapped_column(String(10))
    day: Mapped[date]
    start_minute: Mapped[int]
    end_minute: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="PLANNED")
    """PLANNED, CANCELLED (closure, cancelled from a date), ENDED."""


class WaitlistEntry(WithRef, WithCreated, WithVersion, Base):
    """One to one with a booking that waits; its position is computed, never stored (KW-10)."""

    __tablename__ = "waitlist_entry"
    __table_args__ = (
        Index(
            "ix_waitlist_open", "centre_id", "kind", postgresql_where=text("state IN ('WAITING', 'OFFERED')")
        ),
    )

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), unique=True)
    centre_id: Mapped[int] = mapped_column(ForeignKey("kium_centre.id"))
    kind: Mapped[BookingKind] = mapped_column(String(10))
    quarter_id: Mapped[int] = mapped_column(ForeignKey("quarter.id"))
    day: Mapped[date | None]
    """The date of a temporary entry; None for regular care."""
    state: Mapped[str] = mapped_column(String(10))
    """WAITING, OFFERED, ACCEPTED, DECLINED, EXPIRED, WITHDRAWN."""
    offered_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]


class CareCard(WithRef, WithCreated, Base):
    """개인별 관리카드 (KB-42); a change is a new version."""

    __tablename__ = "care_card"
    __table_args__ = (UniqueConstraint("child_id", "centre_id", "card_version"),)

    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"))
    centre_id: Mapped[int] = mapped_column(ForeignKey("kium_centre.id"))
    card_version: Mapped[int]
    arrival: Mapped[str] = mapped_column(String(5), default="")
    departure: Mapped[str] = mapped_column(String(5), default="")
    going_home: Mapped[str] = mapped_column(String(20), default="")
    activities: Mapped[list[Any]] = mapped_column(default=list)
    """[[from, to, activity], …]."""
    counselling: Mapped[str] = mapped_column(default="")
    counselled_on: Mapped[date | None]
