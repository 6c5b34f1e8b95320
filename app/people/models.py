"""Families: guardians, children, who may fetch whom, what was consented and what must be watched."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.columns import WithCreated, WithId, WithRef, WithVersion
from app.kernel.db import Base

ADDED = 1
"""Order of a column that came with a later revision: behind all others, as the migration leaves it."""


class Guardian(WithRef, WithCreated, WithVersion, Base):
    __tablename__ = "guardian"

    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), unique=True)
    """None: served without an account (KB-33)."""
    name: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str] = mapped_column(String(20), index=True)
    """National format without punctuation, e.g. 01012345678."""
    phone_verified_at: Mapped[datetime | None]
    email: Mapped[str] = mapped_column(String(120), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    birth_date: Mapped[date | None]
    workplace: Mapped[str] = mapped_column(String(80), default="")


class Child(WithRef, WithCreated, WithVersion, Base):
    __tablename__ = "child"
    __table_args__ = (Index(None, "name", "birth_date"),)

    name: Mapped[str] = mapped_column(String(40))
    birth_date: Mapped[date]
    sex: Mapped[str] = mapped_column(String(6))
    in_school: Mapped[bool | None]
    school: Mapped[str] = mapped_column(String(60), default="")
    grade: Mapped[int | None]
    """1–6 elementary; 7 and above: middle school."""
    school_class: Mapped[str] = mapped_column(String(20), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    disability: Mapped[str] = mapped_column(String(6), default="NONE", sort_order=ADDED)
    """NONE, MILD, SEVERE; asked only where a ratio or a refusal hangs on it (AD-03, AE)."""
    home_centre_id: Mapped[int | None] = mapped_column(ForeignKey("institution.id"), index=True)
    """The centre that registered the child offline (KB-32: a centre searches its own and linked children)."""


class ChildCentre(Base):
    """A centre that knows the child beside its home centre: by a booking or a confirmed link (KB-32, XX-05)."""

    __tablename__ = "child_centre"

    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), primary_key=True)
    centre_id: Mapped[int] = mapped_column(ForeignKey("institution.id"), primary_key=True, index=True)
    since: Mapped[datetime]


class GuardianChild(WithId, WithCreated, Base):
    __tablename__ = "guardian_child"
    __table_args__ = (UniqueConstraint("guardian_id", "child_id"),)

    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardian.id"))
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), index=True)
    relation: Mapped[str] = mapped_column(String(12))
    lives_together: Mapped[bool] = mapped_column(default=True)
    emergency_order: Mapped[int] = mapped_column(default=1)
    may_pick_up: Mapped[bool] = mapped_column(default=True)


class LinkRequest(WithRef, WithCreated, WithVersion, Base):
    """A guardian who joined later asks for a child registered at a centre (KB-34)."""

    __tablename__ = "link_request"

    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardian.id"))
    child_id: Mapped[int | None] = mapped_column(ForeignKey("child.id"))
    """None: nothing matched, a person must look."""
    centre_id: Mapped[int | None] = mapped_column(ForeignKey("institution.id"))
    child_name: Mapped[str] = mapped_column(String(40))
    birth_date: Mapped[date]
    relation: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12), default="REQUESTED")
    """REQUESTED → LINKED | REFUSED | REVIEW."""
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str] = mapped_column(default="")


class PickupPerson(WithRef, WithCreated, Base):
    __tablename__ = "pickup_person"

    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    relation: Mapped[str] = mapped_column(String(20))
    phone: Mapped[str] = mapped_column(String(20))
    active: Mapped[bool] = mapped_column(default=True)


class HealthNote(WithRef, WithCreated, Base):
    """Sensitive: encrypted, opened only by roles that give the care, every opening logged (XX-03, XX-08)."""

    __tablename__ = "health_note"

    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    active: Mapped[bool] = mapped_column(default=True)


class Consent(WithRef, WithCreated, Base):
    """Who consented to which version of which text, when and how (XX-01). Append-only but for ``withdrawn_at``."""

    __tablename__ = "consent"
    __table_args__ = (Index(None, "child_id", "kind"),)

    child_id: Mapped[int | None] = mapped_column(ForeignKey("child.id"))
    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardian.id"), index=True)
    kind: Mapped[str] = mapped_column(String(30))
    text_version: Mapped[int]
    text_sha256: Mapped[str] = mapped_column(String(64))
    decision: Mapped[bool]
    channel: Mapped[str] = mapped_column(String(8))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("upload.id"))
    """The scanned paper, when the channel is PAPER."""


class Evidence(WithRef, WithCreated, WithVersion, Base):
    """A paper that proves a priority ground (KB-39)."""

    __tablename__ = "evidence"

    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), index=True)
    ground: Mapped[str] = mapped_column(String(30))
    paper: Mapped[str] = mapped_column(String(40))
    upload_id: Mapped[int] = mapped_column(ForeignKey("upload.id"))
    state: Mapped[str] = mapped_column(String(10), default="UPLOADED")
    """UPLOADED → VERIFIED | REJECTED; VERIFIED → EXPIRED at the year's end."""
    year: Mapped[int]
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str] = mapped_column(default="")


class ChildTime(WithId, Base):
    """A child's own time across all services: two things at once are impossible. Waiting writes nothing here."""

    __tablename__ = "child_time"
    __table_args__ = (
        ExcludeConstraint(("child_id", "="), ("period", "&&"), name="ex_child_time", using="gist"),
        Index(None, "source", "source_id"),
    )

    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"))
    period: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    kind: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(20))
    """The table of the thing that takes the time, e.g. ``booking``."""
    source_id: Mapped[int] = mapped_column(BigInteger)
