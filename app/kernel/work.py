"""Work rows: what has to happen after a commit (messages, PDFs, exports), planned in the same transaction.

A worker claims a row with ``FOR UPDATE SKIP LOCKED``, is woken by ``pg_notify('work', slug)`` and sweeps every 30 s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.columns import WithCreated, WithRef, new_ref
from app.kernel.db import Base, TenantRef, UnitOfWork

PAUSES = (60, 300, 900, 3600, 21600)
"""Seconds until the next try; after the last the row is dead and a person must look."""
LEASE = timedelta(minutes=10)
"""A claimed row whose worker died is claimable again after this."""


class WorkState(StrEnum):
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    DEAD = "DEAD"
    CANCELLED = "CANCELLED"


class Work(WithRef, WithCreated, Base):
    __tablename__ = "work"
    __table_args__ = (
        Index("ix_work_due", "next_at", postgresql_where=text("state IN ('PENDING', 'RUNNING')")),
    )

    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str | None] = mapped_column(String(120), unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[WorkState] = mapped_column(String(10), default=WorkState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    progress: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=1)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str | None]


class RetryLater(Exception):
    """The work could not be done now; ``seconds`` overrides the growing pause."""

    def __init__(self, reason: str, seconds: int | None = None) -> None:
        self.reason, self.seconds = reason, seconds
        super().__init__(reason)


class Hopeless(Exception):
    """The work can never succeed; it is kept as dead with this reason."""


class Stopped(Exception):
    """Somebody cancelled the work while it was under way; its row says so already."""


@dataclass(frozen=True, slots=True)
class WorkKind:
    """How one kind of work is done: ``run(place, work_id, payload) -> result``; it opens its own units of work."""

    name: str
    run: Callable[[TenantRef, int, dict[str, Any]], dict[str, Any]]


def plan(
    uow: UnitOfWork,
    kind: str,
    payload: dict[str, Any],
    *,
    key: str | None = None,
    total: int = 1,
    not_before: datetime | None = None,
) -> str | None:
    """Plan work in this transaction and wake a worker on commit. Returns its ref; None when ``key`` exists already."""
    ref = new_ref()
    row = {
        "ref": ref,
        "kind": kind,
        "key": key,
        "payload": payload,
        "total": total,
        "next_at": not_before or uow.now,
        "created_at": uow.now,
        "created_by": uow.actor.user_id,
        "state": WorkState.PENDING.value,
    }
    wake(uow)
    if key is None:
        uow.last.add(Work, **row)
        uow.write_soon()
        return ref
    return uow.session.execute(
        insert(Work).values(row).on_conflict_do_nothing(index_elements=[Work.key]).returning(Work.ref)
    ).scalar()


def wake(uow: UnitOfWork) -> None:
    if not uow.memory.get("woken"):
        uow.memory["woken"] = True
        uow.last.call(_NOTIFY, woken=uow.tenant.slug)
        uow.write_soon()


_NOTIFY = func.pg_notify("work", bindparam("woken"))


def claim(uow: UnitOfWork) -> Work | None:
    """The next due row, taken for this worker; others skip it. Commit before working on it.

    What is long (``total`` above 1) waits for what is quickly done: a message never stands behind 500 sheets.
    """
    row = uow.session.scalars(
        select(Work)
        .where(Work.state.in_([WorkState.PENDING, WorkState.RUNNING]), Work.next_at <= uow.now)
        .order_by(Work.total > 1, Work.next_at, Work.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is not None:
        row.state, row.next_at, row.attempts = WorkState.RUNNING, uow.now + LEASE, row.attempts + 1
    return row


def advance(uow: UnitOfWork, work_id: int, done: int) -> None:
    """Note how much of claimed work is done, and keep it claimed. Raises Stopped when it was cancelled."""
    noted = uow.session.execute(
        update(Work)
        .where(Work.id == work_id, Work.state == WorkState.RUNNING)
        .values(progress=done, next_at=uow.now + LEASE)
        .returning(Work.id)
    ).scalar()
    if noted is None:
        raise Stopped(str(work_id))


def finish(uow: UnitOfWork, work_id: int, result: dict[str, Any]) -> None:
    """Done; work that was cancelled in its last moment stays cancelled."""
    uow.session.execute(
        update(Work)
        .where(Work.id == work_id, Work.state == WorkState.RUNNING)
        .values(state=WorkState.DONE, done_at=uow.now, result=result, error=None, progress=Work.total)
    )


def postpone(uow: UnitOfWork, work_id: int, error: str, *, retry_after: int | None = None) -> WorkState:
    """Try again after a growing pause, or give up with the reason kept."""
    row = uow.session.get_one(Work, work_id, with_for_update=True)
    if row.state == WorkState.CANCELLED:
        return row.state
    row.error = error[:2000]
    if row.attempts > len(PAUSES):
        row.state, row.done_at = WorkState.DEAD, uow.now
    else:
        pause = retry_after if retry_after is not None else PAUSES[row.attempts - 1]
        row.state, row.next_at = WorkState.PENDING, uow.now + timedelta(seconds=pause)
    return row.state


def bury(uow: UnitOfWork, work_id: int, error: str) -> None:
    """A permanent failure: no further tries."""
    uow.session.execute(
        update(Work)
        .where(Work.id == work_id)
        .values(state=WorkState.DEAD, done_at=uow.now, error=error[:2000])
    )


def revive(uow: UnitOfWork, ref: str) -> int | None:
    """Dead work starts again from its first attempt. Returns its id; None when there is no such dead row."""
    found = uow.session.execute(
        update(Work)
        .where(Work.ref == ref, Work.state == WorkState.DEAD)
        .values(state=WorkState.PENDING, attempts=0, next_at=uow.now, done_at=None)
        .returning(Work.id)
    ).scalar()
    if found is not None:
        wake(uow)
    return found
