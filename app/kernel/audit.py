"""What happened and who looked: two append-only logs (GC-18, XX-08, XX-12)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Index, String, bindparam, exists, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.columns import WithId
from app.kernel.db import Base, UnitOfWork


class AuditLog(WithId, Base):
    __tablename__ = "audit_log"
    __table_args__ = (Index(None, "entity", "entity_id"), Index(None, "at"))

    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    role: Mapped[str] = mapped_column(String(30))
    action: Mapped[str] = mapped_column(String(60))
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int | None] = mapped_column(BigInteger)
    from_state: Mapped[str | None] = mapped_column(String(30))
    to_state: Mapped[str | None] = mapped_column(String(30))
    reason: Mapped[str | None]
    diff: Mapped[dict[str, Any]] = mapped_column(default=dict)
    request_id: Mapped[str] = mapped_column(String(40), default="")


class AccessLog(WithId, Base):
    """Every read of a person's sensitive data and every download."""

    __tablename__ = "access_log"
    __table_args__ = (Index(None, "subject", "subject_id"), Index(None, "at"))

    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    role: Mapped[str] = mapped_column(String(30))
    ip: Mapped[str] = mapped_column(String(45), default="")
    what: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    row_count: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str | None]
    request_id: Mapped[str] = mapped_column(String(40), default="")


def record(
    uow: UnitOfWork,
    action: str,
    entity: str,
    entity_id: int | None,
    *,
    from_state: str | None = None,
    to_state: str | None = None,
    reason: str | None = None,
    diff: dict[str, Any] | None = None,
) -> None:
    """Write one audit row in the same transaction (GC-18). ``diff`` maps field → [before, after]; never health text."""
    uow.last.add(
        AuditLog,
        at=uow.now,
        user_id=uow.actor.user_id,
        role=uow.actor.role.value,
        action=action,
        entity=entity,
        entity_id=entity_id,
        from_state=from_state,
        to_state=to_state,
        reason=reason,
        diff=diff or {},
        request_id=uow.actor.request_id,
    )
    uow.write_soon()


def record_access(
    uow: UnitOfWork,
    what: str,
    subject: str,
    subject_id: int | None,
    *,
    row_count: int = 1,
    reason: str | None = None,
) -> None:
    """Write one access row: who looked at whose what, and why."""
    uow.rows(
        _ACCESS,
        at=uow.now,
        user_id=uow.actor.user_id,
        role=uow.actor.role.value,
        ip=uow.actor.ip,
        what=what,
        subject=subject,
        subject_id=subject_id,
        row_count=row_count,
        reason=reason,
        request_id=uow.actor.request_id,
    )


def looked_lately(uow: UnitOfWork, what: str, subject: str, subject_id: int, within: timedelta) -> bool:
    """Whether this person's last look at the same stands in the log: a page that renews itself adds no more."""
    return bool(
        uow.rows(
            _LATELY,
            user_id=uow.actor.user_id,
            what=what,
            subject=subject,
            subject_id=subject_id,
            since=uow.now - within,
        ).scalar()
    )


_LATELY = select(
    exists().where(
        AccessLog.subject == bindparam("subject"),
        AccessLog.subject_id == bindparam("subject_id"),
        AccessLog.user_id == bindparam("user_id"),
        AccessLog.what == bindparam("what"),
        AccessLog.at > bindparam("since"),
    )
)
_ACCESS = insert(AccessLog).values(
    {c.name: bindparam(c.name) for c in AccessLog.__table__.columns if c.identity is None}
)
