"""Shared tables (``public``) and the institutions of one municipality."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.columns import WithRef, WithVersion
from app.kernel.db import Base, PublicBase
from app.tenancy.rules import InstitutionKind, TenantKind


class Tenant(PublicBase):
    __tablename__ = "tenant"

    slug: Mapped[str] = mapped_column(String(41), primary_key=True)
    code: Mapped[str] = mapped_column(String(2), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    kind: Mapped[TenantKind] = mapped_column(String(10))
    adm: Mapped[str] = mapped_column(String(5), default="")
    services: Mapped[list[str]] = mapped_column(ARRAY(String(10)))
    active: Mapped[bool] = mapped_column(default=True)
    official: Mapped[bool] = mapped_column(default=False)
    demo: Mapped[bool] = mapped_column(default=False)
    service_title: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    operator: Mapped[str] = mapped_column(String(60), default="")
    revision: Mapped[str] = mapped_column(String(32), default="")
    """Of its schema; written by whoever creates or migrates it."""
    seed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What its folder said when it was last applied; a value that differs from it was set by a person."""
    created_at: Mapped[datetime]


class PublicHoliday(PublicBase):
    """Statutory days; filled per year, edited by the operator (GC-11)."""

    __tablename__ = "public_holiday"

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(12))
    closure_key: Mapped[str | None] = mapped_column(String(10))


class ClockOffset(PublicBase):
    """One row: how far the clock is moved, in seconds. Demonstration and tests only."""

    __tablename__ = "clock_offset"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1, autoincrement=False)
    seconds: Mapped[int] = mapped_column(BigInteger, default=0)


class JobRun(PublicBase):
    """The clock's own ledger: one row per job, municipality and due time."""

    __tablename__ = "job_run"
    __table_args__ = (Index(None, "job", "slot"),)

    job: Mapped[str] = mapped_column(String(20), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(41), primary_key=True)
    slot: Mapped[datetime] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(10))
    error: Mapped[str | None]


class ClockHeartbeat(PublicBase):
    __tablename__ = "clock_heartbeat"

    id: Mapped[int] = mapped_column(primary_key=True, default=1, autoincrement=False)
    beat_at: Mapped[datetime]


class OperatorAlert(PublicBase):
    """Something only a person can mend: a failed run, dead work. Closed by itself when it is well again (J-52)."""

    __tablename__ = "operator_alert"
    __table_args__ = (
        Index(
            "uq_operator_alert_open", "tenant", "key", unique=True, postgresql_where=text("closed_at IS NULL")
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(41))
    key: Mapped[str] = mapped_column(String(120))
    """What is wrong, e.g. ``job:J-01:2026-11-20T00:05`` or ``work:dead``."""
    detail: Mapped[str]
    raised_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class PlatformUser(PublicBase):
    """Who runs the platform; belongs to no municipality and sees no names of its people."""

    __tablename__ = "platform_user"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    login_id: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    password_hash: Mapped[str] = mapped_column(String(200))
    failures: Mapped[int] = mapped_column(default=0)
    """Wrong passwords in a row; at five the account is locked until somebody sets a new password."""
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class PlatformSession(PublicBase):
    """A browser of an operator; only the hash of its cookie's secret is kept."""

    __tablename__ = "platform_session"

    sid_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("public.platform_user.id"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class PlatformLog(PublicBase):
    """What operators did; only grows."""

    __tablename__ = "platform_log"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120))
    diff: Mapped[dict[str, Any]] = mapped_column(default=dict)


class PlatformParameter(PublicBase):
    __tablename__ = "platform_parameter"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    value: Mapped[dict[str, Any]]
    effective_from: Mapped[date]
    set_by: Mapped[int | None] = mapped_column(BigInteger)
    set_at: Mapped[datetime]
    reason: Mapped[str]


class Institution(WithRef, WithVersion, Base):
    """The common parent of district, centre, provider, agency, daycare: what scopes, roles and parameters hang on."""

    __tablename__ = "institution"
    __table_args__ = (Index(None, "parent_id"), Index(None, "kind", "active"))

    kind: Mapped[InstitutionKind] = mapped_column(String(20))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("institution.id"))
    code: Mapped[str] = mapped_column(String(10), default="")
    name: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str] = mapped_column(String(20), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    active: Mapped[bool] = mapped_column(default=True)
    seeded: Mapped[bool] = mapped_column(default=False)
    """Comes from the municipality's folder; ``tenant sync`` never touches rows a person has changed since."""


class ParameterValue(Base):
    """A municipality's decision: dated, scoped, signed (GC-20). The newest row that is in force wins."""

    __tablename__ = "parameter"
    __table_args__ = (Index(None, "key", "institution_id", "effective_from"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    institution_id: Mapped[int | None] = mapped_column(ForeignKey("institution.id"))
    value: Mapped[dict[str, Any]]
    effective_from: Mapped[date]
    set_by: Mapped[int | None] = mapped_column(BigInteger)
    set_at: Mapped[datetime]
    reason: Mapped[str]
