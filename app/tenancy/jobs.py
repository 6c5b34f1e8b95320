"""The platform's own jobs."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.kernel.jobs import CatchUp, Job
from app.kernel.work import Work, WorkState
from app.tenancy.clock import forget_old_runs
from app.tenancy.models import JobRun, OperatorAlert
from app.tenancy.registry import registry
from app.tenancy.watching import room_troubles

STUCK = timedelta(minutes=10)
LOOK_BACK = timedelta(days=7)


def watch(platform: TenantRef, slot: datetime) -> None:
    """J-52: raise an alert for every failed or stuck run and for dead work; close those that are well again."""
    with unit_of_work(platform, SYSTEM) as uow:
        troubles = _bad_runs(uow)
    for place in registry.active():
        with unit_of_work(place, SYSTEM) as uow:
            dead = uow.session.scalar(select(func.count()).where(Work.state == WorkState.DEAD)) or 0
            troubles |= {(place.slug, key): words for key, words in room_troubles(uow).items()}
        if dead:
            troubles[(place.slug, "work:dead")] = str(dead)
    with unit_of_work(platform, SYSTEM) as uow:
        _write(uow, troubles)


def _bad_runs(uow: UnitOfWork) -> dict[tuple[str, str], str]:
    rows = uow.session.execute(
        select(JobRun.tenant, JobRun.job, JobRun.slot, JobRun.outcome, JobRun.error).where(
            JobRun.slot > uow.now - LOOK_BACK,
            (JobRun.outcome == "FAILED")
            | ((JobRun.outcome == "RUNNING") & (JobRun.started_at < uow.now - STUCK)),
        )
    )
    return {
        (tenant, f"job:{job}:{slot:%Y-%m-%dT%H:%M}"): error or outcome
        for tenant, job, slot, outcome, error in rows
    }


def _write(uow: UnitOfWork, troubles: dict[tuple[str, str], str]) -> None:
    for (tenant, key), detail in troubles.items():
        statement = insert(OperatorAlert).values(tenant=tenant, key=key, detail=detail, raised_at=uow.now)
        uow.session.execute(
            statement.on_conflict_do_update(
                index_elements=[OperatorAlert.tenant, OperatorAlert.key],
                index_where=text("closed_at IS NULL"),
                set_={"detail": detail},
            )
        )
    still_open = uow.session.execute(
        select(OperatorAlert.id, OperatorAlert.tenant, OperatorAlert.key).where(
            OperatorAlert.closed_at.is_(None)
        )
    ).all()
    over = [row.id for row in still_open if (row.tenant, row.key) not in troubles]
    if over:
        uow.session.execute(update(OperatorAlert).where(OperatorAlert.id.in_(over)).values(closed_at=uow.now))


def tidy(platform: TenantRef, slot: datetime) -> None:
    """The clock's ledger stays small."""
    forget_old_runs()


JOBS = [
    Job("J-52", "시계 살피기", watch, {"minute": "*/15"}, CatchUp.LATEST, platform=True),
    Job("J-59", "시계 장부 정리", tidy, {"hour": 3, "minute": 40}, CatchUp.LATEST, platform=True),
]
