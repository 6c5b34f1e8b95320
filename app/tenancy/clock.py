"""The clock's ledger: which due times of which job have run, and running those that have not (GC-23).

Every firing, the start and a sweep each minute call the same ``run_due``; a unique row per (job, municipality, slot)
lets each slot run once, a failed one again. One failing municipality never stops the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, UnitOfWork, database, platform_ref, unit_of_work
from app.kernel.jobs import CatchUp, Job, SomeFailed
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
KEPT = timedelta(days=60)
"""Runs that went well are remembered this long, the newest of each job for ever: what comes next counts from it."""


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
    # only the clock asks: pages about its state load without it
    from apscheduler.triggers.cron import CronTrigger

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
    with platform_unit() as uow:
        known = _ledger(uow, job, place, now)
        since = (
            uow.session.scalar(select(Tenant.created_at).where(Tenant.slug == place.slug)) or now - TOO_LATE
        )
    last = known[-1][0] if known else None
    fresh = due_slots(job, last, since, now)
    again = _to_repeat(job, known, now)
    if job.catch_up is CatchUp.EACH:
        if again != [slot for slot, outcome, _ in known if outcome != "DONE"]:
            return 0  # an earlier slot still runs or has just failed, and later ones build on it
    elif fresh:
        again = []  # only the latest counts
    ran = 0
    for slot in [*again, *fresh]:
        # Somebody else's slot, or a failure: later slots build on earlier ones, so they wait as well.
        if not (_begin(job, place, slot, now) and _run_slot(job, place, slot)):
            break
        ran += 1
    return ran


def _ledger(
    uow: UnitOfWork, job: Job, place: TenantRef, now: datetime
) -> list[tuple[datetime, str, datetime]]:
    """(slot, outcome, started_at) of every slot that is open, and of the newest one; oldest first.

    Slots after ``now`` (the clock was moved back) have not happened.
    """
    mine = (JobRun.job == job.name, JobRun.tenant == place.slug, JobRun.slot <= now)
    newest = select(func.max(JobRun.slot)).where(*mine).scalar_subquery()
    rows = uow.session.execute(
        select(JobRun.slot, JobRun.outcome, JobRun.started_at)
        .where(*mine, (JobRun.outcome != "DONE") | (JobRun.slot == newest))
        .order_by(JobRun.slot)
    )
    return [(slot, outcome, started_at) for slot, outcome, started_at in rows]


def _to_repeat(job: Job, known: list[tuple[datetime, str, datetime]], now: datetime) -> list[datetime]:
    """Failed and cut-off slots whose pause is over. Where only the latest counts, older ones are not made up for."""
    rows = known if job.catch_up is CatchUp.EACH else known[-1:]
    return [
        slot
        for slot, outcome, started_at in rows
        if outcome != "DONE"
        and started_at < now - STUCK
        and not (job.catch_up is CatchUp.NONE and now - slot > TOO_LATE)
    ]


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
        # The ledger is everybody's: only a summary of our own may speak there, an error's words may be a family's.
        words = f": {problem}" if isinstance(problem, SomeFailed) else ""
        error = f"{type(problem).__name__}{words}"[:2000]
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


def forget_old_runs() -> int:
    """Drop old runs that went well; jobs of every five minutes would fill the ledger. Returns how many."""
    newer = aliased(JobRun)
    later = exists().where(newer.job == JobRun.job, newer.tenant == JobRun.tenant, newer.slot > JobRun.slot)
    with platform_unit() as uow:
        gone = uow.session.execute(
            delete(JobRun)
            .where(JobRun.slot < uow.now - KEPT, JobRun.outcome == "DONE", later)
            .execution_options(synchronize_session=False)
            .returning(JobRun.job)
        )
        return len(gone.all())


def travel(seconds: int) -> datetime:
    """Move the clock of a demonstration; refused in production. Returns the new now.

    Moved back, the ledger forgets what lay in the future: it has not happened yet. Effects still happen once.
    """
    if database().settings.production:
        raise PermissionError("운영 환경에서는 시계를 옮길 수 없습니다.")
    with platform_unit() as uow:
        uow.session.execute(
            insert(ClockOffset)
            .values(id=1, seconds=seconds)
            .on_conflict_do_update(index_elements=[ClockOffset.id], set_={"seconds": seconds})
        )
    with platform_unit() as uow:
        uow.session.execute(delete(JobRun).where(JobRun.slot > uow.now))
        return uow.now
