"""The clock's ledger: which due times of which job have run, and running those that have not (GC-23).

Every firing, the start and a sweep each minute call the same ``run_due``; a unique row per (job, municipality, slot)
lets each slot run once, a failed one again. One failing municipality never stops the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import structlog
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, UnitOfWork, database, platform_ref, unit_of_work
from app.kernel.jobs import CatchUp, Job
from app.kernel.ranges import KST
from app.tenancy.models import ClockHeartbeat, ClockOffset, JobRun, Tenant
from app.tenancy.registry import registry

log = structlog.get_logger()

TOO_LATE = timedelta(hours=24)
"""Reminders later than this are dropped."""
STUCK = timedelta(minutes=10)
"""A run without an end after this was cut off and may run again."""
MEMORY = timedelta(days=400)
"""No slot older than this is made up for."""


def platform_unit() -> AbstractContextManager[UnitOfWork]:
    return unit_of_work(platform_ref(database().settings.role_prefix), SYSTEM)


def present() -> datetime:
    """The moved clock's now."""
    with platform_unit() as uow:
        return uow.now


def due_slots(job: Job, last: datetime | None, since: datetime, now: datetime) -> list[datetime]:
    """Due times in (last, now], oldest first, as the job's catch-up says.

    ``last`` is the newest slot that ran; a municipality that never ran it starts at ``since``, its creation.
    """
    slots = list(_fires(job, last or since, now))
    if job.catch_up is CatchUp.EACH:
        return slots
    newest = slots[-1:]
    if job.catch_up is CatchUp.NONE:
        return [slot for slot in newest if now - slot <= TOO_LATE]
    return newest


def _fires(job: Job, after: datetime, until: datetime) -> Iterator[datetime]:
    trigger = CronTrigger(timezone=KST, **job.cron)
    start = max(after, until - MEMORY)
    if job.catch_up is not CatchUp.EACH:
        start = max(start, until - _longest_pause(job))
    moment = trigger.get_next_fire_time(None, start + timedelta(microseconds=1))
    while moment is not None and moment <= until:
        yield moment
        moment = trigger.get_next_fire_time(moment, moment + timedelta(microseconds=1))


def _longest_pause(job: Job) -> timedelta:
    """Enough to hold at least one slot, without walking through months of five-minute ones."""
    if "month" in job.cron or "day" in job.cron:
        return MEMORY
    return timedelta(days=8) if "day_of_week" in job.cron else timedelta(days=2)


def run_due(job: Job, now: datetime | None = None) -> int:
    """Run what is due of one job in every municipality that offers it; returns how many slots ran."""
    now = now or present()
    if job.platform:
        return _run_place(job, platform_ref(database().settings.role_prefix), now)
    return sum(_run_place(job, place, now) for place in registry.active(job.service))


def _run_place(job: Job, place: TenantRef, now: datetime) -> int:
    ran = 0
    with platform_unit() as uow:
        again = _cut_off_or_failed(uow, job, place, now)
        last = uow.session.scalar(
            select(func.max(JobRun.slot)).where(JobRun.job == job.name, JobRun.tenant == place.slug)
        )
        since = (
            uow.session.scalar(select(Tenant.created_at).where(Tenant.slug == place.slug)) or now - TOO_LATE
        )
    for slot in [*again, *due_slots(job, last, since, now)]:
        if not _begin(job, place, slot, now):
            continue
        if not _run_slot(job, place, slot):
            break  # later slots build on earlier ones
        ran += 1
    return ran


def _cut_off_or_failed(uow: UnitOfWork, job: Job, place: TenantRef, now: datetime) -> list[datetime]:
    return list(
        uow.session.scalars(
            select(JobRun.slot)
            .where(
                JobRun.job == job.name,
                JobRun.tenant == place.slug,
                JobRun.outcome.in_(("FAILED", "RUNNING")),
                JobRun.started_at < now - STUCK,
            )
            .order_by(JobRun.slot)
        )
    )


def _begin(job: Job, place: TenantRef, slot: datetime, now: datetime) -> bool:
    """Take the slot, or leave it to whoever runs it already."""
    with platform_unit() as uow:
        statement = insert(JobRun).values(
            job=job.name, tenant=place.slug, slot=slot, started_at=uow.now, outcome="RUNNING"
        )
        taken = uow.session.execute(
            statement.on_conflict_do_update(
                index_elements=[JobRun.job, JobRun.tenant, JobRun.slot],
                set_={"started_at": uow.now, "outcome": "RUNNING", "error": None},
                where=(JobRun.outcome != "DONE") & (JobRun.started_at < now - STUCK),
            ).returning(JobRun.job)
        ).scalar()
    return taken is not None


def _run_slot(job: Job, place: TenantRef, slot: datetime) -> bool:
    error: str | None = None
    try:
        job.run(place, slot)
    except Exception as problem:
        log.exception("job failed", job=job.name, tenant=place.slug, slot=slot.isoformat())
        error = f"{type(problem).__name__}: {problem}"[:2000]
    with platform_unit() as uow:
        uow.session.execute(
            update(JobRun)
            .where(JobRun.job == job.name, JobRun.tenant == place.slug, JobRun.slot == slot)
            .values(finished_at=uow.now, outcome="FAILED" if error else "DONE", error=error)
        )
    return error is None


def beat() -> None:
    """Say that the clock lives (shown by /readyz)."""
    with platform_unit() as uow:
        statement = insert(ClockHeartbeat).values(id=1, beat_at=datetime.now(KST))
        uow.session.execute(
            statement.on_conflict_do_update(
                index_elements=[ClockHeartbeat.id], set_={"beat_at": datetime.now(KST)}
            )
        )


def travel(seconds: int) -> datetime:
    """Move the clock of a demonstration; refused in production. Returns the new now."""
    if database().settings.production:
        raise PermissionError("운영 환경에서는 시계를 옮길 수 없습니다.")
    with platform_unit() as uow:
        uow.session.execute(update(ClockOffset).values(seconds=seconds))
    return present()
