"""What the clock does to restrictions (J-28, J-29, J-55). Each unit of work is one household's."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.jobs import CatchUp, Job, JobDone, for_each
from app.restrictions import service
from app.restrictions.models import Restriction, RestrictionEvent
from app.restrictions.rules.kinds import BINDING
from app.restrictions.service.clock import BEGIN, EXPIRE

RECONCILE = "J-28"
LOOK_BACK = timedelta(days=366)


def begin_restrictions(tenant: TenantRef, slot: datetime) -> None:
    """J-55: those whose first day has come (AS-20)."""
    with unit_of_work(tenant, SYSTEM) as uow:
        done = set(uow.session.scalars(select(JobDone.key).where(JobDone.job == BEGIN)))
        due = uow.session.scalars(
            select(Restriction.id)
            .where(Restriction.state.in_(BINDING), Restriction.starts_on <= uow.today)
            .order_by(Restriction.id)
        )
        ids = [row for row in due if str(row) not in done]

    def start(case_id: int) -> None:
        with unit_of_work(tenant, SYSTEM) as uow:
            service.begin(uow, case_id)

    for_each(BEGIN, ids, start)


def expire_restrictions(tenant: TenantRef, slot: datetime) -> None:
    """J-29: those whose last day is over (AS-22)."""
    with unit_of_work(tenant, SYSTEM) as uow:
        due = select(Restriction.id).where(Restriction.state.in_(BINDING), Restriction.ends_on < uow.today)
        ids = list(uow.session.scalars(due.order_by(Restriction.id)))

    def end(case_id: int) -> None:
        with unit_of_work(tenant, SYSTEM) as uow:
            service.expire(uow, case_id)

    for_each(EXPIRE, ids, end)


def reconcile_counters(tenant: TenantRef, slot: datetime) -> None:
    """J-28: counters and cases agree, numbers that registered are found, the last step warns (AS-04 – AS-11, AS-23)."""
    with unit_of_work(tenant, SYSTEM) as uow:
        since = uow.today - LOOK_BACK
        one_each = (
            select(func.max(RestrictionEvent.id))
            .where(RestrictionEvent.excused_at.is_(None), RestrictionEvent.occurred_on >= since)
            .group_by(RestrictionEvent.guardian_id, RestrictionEvent.phone)
        )
        events = sorted(uow.session.scalars(one_each))

    def settle(event_id: int) -> None:
        with unit_of_work(tenant, SYSTEM) as uow:
            event = uow.session.get_one(RestrictionEvent, event_id)
            service.reconcile(uow, event.guardian_id, event.phone)

    for_each(RECONCILE, events, settle)


JOBS = (
    Job(BEGIN, "이용제한 시작", begin_restrictions, {"hour": 0, "minute": 3}, CatchUp.LATEST),
    Job(EXPIRE, "이용제한 만료", expire_restrictions, {"hour": 0, "minute": 5}, CatchUp.LATEST),
    Job(RECONCILE, "이용제한 횟수 맞춤", reconcile_counters, {"hour": 0, "minute": 20}, CatchUp.LATEST),
)
