"""What the clock can run: jobs are data in the rooms' ``jobs.py``; effects happen once (GC-23)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

import structlog
from sqlalchemy import String
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, TenantRef, UnitOfWork

log = structlog.get_logger()
T = TypeVar("T")


class CatchUp(StrEnum):
    """What happens to slots missed while the clock stood still."""

    EACH = "each"
    LATEST = "latest"
    NONE = "none"
    """Dropped when more than 24 hours late (reminders)."""


@dataclass(frozen=True, slots=True)
class Job:
    """``run(tenant, slot)`` does the work of one municipality for one due time; it opens its own units of work.

    ``cron`` holds APScheduler cron fields in Asia/Seoul with weekdays by name, e.g. ``{"hour": 0, "minute": 5}``.
    ``service`` limits it to municipalities that offer it; None means all. ``platform`` jobs run once for everybody,
    with the platform as their place.
    """

    name: str
    title: str
    run: Callable[[TenantRef, datetime], None]
    cron: dict[str, str | int]
    catch_up: CatchUp
    service: str | None = None
    platform: bool = False


class JobDone(Base):
    """The effects' ledger: a key is written in the transaction of its effect."""

    __tablename__ = "job_done"

    job: Mapped[str] = mapped_column(String(20), primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    period: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]


def first_time(uow: UnitOfWork, job: str, key: str, period: str = "") -> bool:
    """True once per (job, key, period); the caller's effect commits or rolls back with it."""
    return (
        uow.session.execute(
            insert(JobDone)
            .values(job=job, key=key, period=period, at=uow.now)
            .on_conflict_do_nothing()
            .returning(JobDone.job)
        ).scalar()
        is not None
    )


class SomeFailed(RuntimeError):
    """Parts of a job failed while the others are done; the slot runs again and finds only what is left."""


def for_each(job: str, parts: Iterable[T], do: Callable[[T], object]) -> None:
    """Do every part of a job, also after one of them failed; raises SomeFailed at the end.

    The summary names the parts and the kinds of failure only: an error's own words may hold what a row holds.
    """
    failed: list[str] = []
    done = 0
    for part in parts:
        try:
            do(part)
            done += 1
        except Exception as problem:
            log.exception("part of a job failed", job=job, part=str(part))
            failed.append(f"{part}: {type(problem).__name__}")
    if failed:
        raise SomeFailed(f"{len(failed)}건 실패, {done}건 마침 ({'; '.join(failed)})")
