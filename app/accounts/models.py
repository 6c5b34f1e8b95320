"""Who may come in, in which role, and the traces of coming in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.actor import Role
from app.kernel.columns import WithCreated, WithId, WithRef, WithVersion
from app.kernel.db import Base


class UserAccount(WithRef, WithCreated, WithVersion, Base):
    """One person, never a centre (XX-15)."""

    __tablename__ = "user_account"
    __table_args__ = (CheckConstraint("login_id = lower(login_id)", name="folded"),)

    login_id: Mapped[str] = mapped_column(String(30), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str] = mapped_column(String(20), default="", index=True)
    """National format without punctuation; codes go there."""
    phone_verified_at: Mapped[datetime | None]
    email: Mapped[str] = mapped_column(String(120), default="")
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    must_change: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10))
    """See ``rules.UserState``."""
    state_at: Mapped[datetime]
    """Since when; the 90 days of KP-09 count from here or from the last login."""
    last_login_at: Mapped[datetime | None]
    failed_count: Mapped[int] = mapped_column(default=0)
    agreed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What was agreed to when joining: {"terms": 1, "privacy": 1, "at": "…"}."""


class RoleAssignment(WithRef, WithCreated, Base):
    """A role of a person in an institution (None: the whole municipality), both days included."""

    __tablename__ = "role_assignment"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="days"),
        Index(None, "institution_id", "role"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    role: Mapped[Role] = mapped_column(String(30))
    institution_id: Mapped[int | None] = mapped_column(ForeignKey("institution.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class UserSession(WithRef, Base):
    __tablename__ = "user_session"
    __table_args__ = (Index("ix_user_session_open", "user_id", postgresql_where=text("ended_at IS NULL")),)

    sid: Mapped[str] = mapped_column(String(64), unique=True)
    """Keyed hash of the random id in the cookie."""
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    assignment_id: Mapped[int] = mapped_column(ForeignKey("role_assignment.id"))
    """The acting role."""
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    idle_minutes: Mapped[int]
    absolute_end: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ip: Mapped[str] = mapped_column(String(45), default="")
    agent: Mapped[str] = mapped_column(String(200), default="")


class LoginAttempt(WithId, Base):
    __tablename__ = "login_attempt"
    __table_args__ = (Index(None, "login", "at"), Index(None, "ip", "at"))

    login: Mapped[str] = mapped_column(String(64))
    """Keyed hash of what was typed: people type passwords into the wrong box."""
    ip: Mapped[str] = mapped_column(String(45))
    at: Mapped[datetime]
    ok: Mapped[bool]


class OneTimeCode(WithRef, Base):
    """A code sent to a phone. One is also written when nobody is there to receive it, so that both look the same."""

    __tablename__ = "one_time_code"
    __table_args__ = (Index(None, "target", "sent_at"), Index(None, "ip", "sent_at"))

    purpose: Mapped[str] = mapped_column(String(10))
    """JOIN, RECOVER or SIGN."""
    target: Mapped[str] = mapped_column(String(64))
    """Keyed hash of the receiver (phone, or what was typed as login id): the brake counts by it."""
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    code: Mapped[str] = mapped_column(String(64))
    """Keyed hash, bound to the row."""
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the form before the code held (name and phone of somebody who joins)."""
    ip: Mapped[str] = mapped_column(String(45), default="")
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    verified_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class Invitation(WithId, WithCreated, Base):
    __tablename__ = "invitation"

    token: Mapped[str] = mapped_column(String(64), unique=True)
    """Keyed hash of the token in the link."""
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


Index(
    "uq_role_assignment_guardian",
    RoleAssignment.user_id,
    unique=True,
    postgresql_where=text("role = 'guardian'"),
)
