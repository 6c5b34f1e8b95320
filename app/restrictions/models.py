"""Events that count, cases and their decisions. The subject is the guardian: it binds the household's children."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.columns import WithCreated, WithId, WithRef, WithVersion
from app.kernel.db import Base


class RestrictionEvent(WithRef, WithCreated, WithVersion, Base):
    """Something that happened and may count against a guardian, or against a phone number not yet registered."""

    __tablename__ = "restriction_event"
    __table_args__ = (
        CheckConstraint("guardian_id IS NOT NULL OR phone <> ''", name="subject"),
        Index(None, "guardian_id", "kind", "occurred_on"),
        Index(None, "phone", "kind", "occurred_on"),
        Index(
            "uq_restriction_event_source",
            "source",
            "source_id",
            "kind",
            unique=True,
            postgresql_where=text("source_id IS NOT NULL"),
        ),
    )

    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("guardian.id"))
    phone: Mapped[str] = mapped_column(String(20), default="")
    """Of a caller who is not registered (AS-06); counts for the guardian who later has it."""
    child_id: Mapped[int | None] = mapped_column(ForeignKey("child.id"))
    service: Mapped[str] = mapped_column(String(10))
    """FACILITY, VISITING or DAYCARE."""
    institution_id: Mapped[int | None] = mapped_column(ForeignKey("institution.id"))
    kind: Mapped[str] = mapped_column(String(20))
    occurred_on: Mapped[date]
    """The service date: windows count by it."""
    occurred_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(default="")
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("upload.id"))
    """Evidence."""
    source: Mapped[str] = mapped_column(String(20), default="")
    source_id: Mapped[int | None] = mapped_column(BigInteger)
    """The row it arises from (a booking), so that it is counted once."""
    excused_at: Mapped[datetime | None]
    excused_reason: Mapped[str] = mapped_column(default="")
    """An excused event counts nowhere."""


class Restriction(WithRef, WithCreated, WithVersion, Base):
    """One case against one household. Access is judged by its dates at read time, never by the job (AS-22)."""

    __tablename__ = "restriction"
    __table_args__ = (
        CheckConstraint("guardian_id IS NOT NULL OR phone <> ''", name="subject"),
        CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name="span"),
        Index(None, "guardian_id", "state"),
    )

    number: Mapped[str] = mapped_column(String(20), unique=True)
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("guardian.id"))
    phone: Mapped[str] = mapped_column(String(20), default="")
    service: Mapped[str] = mapped_column(String(10))
    """ANYTIME: all of 언제나돌봄 in the municipality; DAYCARE: the one daycare that imposed it (AS-25)."""
    institution_id: Mapped[int | None] = mapped_column(ForeignKey("institution.id"))
    """The daycare; None: the whole municipality."""
    ground: Mapped[str] = mapped_column(String(20))
    level: Mapped[str] = mapped_column(String(10))
    """M1, M3, M6, YEAR, PERMANENT, DAYCARE."""
    months: Mapped[int | None]
    """None: permanent."""
    state: Mapped[str] = mapped_column(String(12))
    """REPORTED, FACT_CHECK, STATEMENT, DISMISSED, DECIDED, NOTIFIED, ACTIVE, EXPIRED, LIFTED, OVERTURNED, SHORTENED,
    REPLACED."""
    report: Mapped[str] = mapped_column(default="")
    reported_by: Mapped[int | None] = mapped_column(BigInteger)
    """None: the counters."""
    found: Mapped[str] = mapped_column(default="")
    """What the check of the facts found."""
    hold_until: Mapped[date | None]
    """New services wait until the decision (AS-19); last day included."""
    statement_asked_at: Mapped[datetime | None]
    statement_due: Mapped[date | None]
    statement: Mapped[str] = mapped_column(default="")
    statement_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str] = mapped_column(default="")
    also_decided_by: Mapped[int | None] = mapped_column(BigInteger)
    """The city officer, where two must decide (FRAUD, PERMANENT)."""
    document_id: Mapped[int | None] = mapped_column(ForeignKey("upload.id"))
    """The authority's result that a permanent restriction needs (AS-16)."""
    notified_at: Mapped[datetime | None]
    objection_due: Mapped[date | None]
    """Last day for an objection, as the notice says it."""
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("paper.id"))
    """The notice."""
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    """Both included; None with a start: permanent."""
    objection: Mapped[str] = mapped_column(default="")
    objection_at: Mapped[datetime | None]
    objection_decision: Mapped[str] = mapped_column(String(10), default="")
    """UPHELD, SHORTENED, OVERTURNED."""
    objection_decided_by: Mapped[int | None] = mapped_column(BigInteger)
    objection_decided_at: Mapped[datetime | None]
    objection_reason: Mapped[str] = mapped_column(default="")
    lift_proposed_by: Mapped[int | None] = mapped_column(BigInteger)
    lift_reason: Mapped[str] = mapped_column(default="")
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("restriction.id"))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


class RestrictionGround(WithId, Base):
    """An event that a case rests on."""

    __tablename__ = "restriction_ground"

    restriction_id: Mapped[int] = mapped_column(ForeignKey("restriction.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("restriction_event.id"), index=True)
