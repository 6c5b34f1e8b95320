"""Running the clock's jobs on bookings in a test."""

from __future__ import annotations

from datetime import datetime

import time_machine
from sqlalchemy import delete, select
from time_machine import Traveller as Clock

from app.booking import jobs, service
from app.centres.models import Gate, Quarter
from app.kernel.jobs import Job
from app.kernel.ranges import KST, kst
from app.messaging.models import Message
from app.tenancy import clock as the_clock
from app.tenancy.models import JobRun
from tests.booking.town import TUESDAY, Family, Town


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


def job(name: str) -> Job:
    return next(one for one in jobs.JOBS if one.name == name)


def run(town: Town, clock: Clock, name: str, slot: datetime) -> None:
    """Twice at that moment: the second run changes nothing."""
    clock.move_to(slot)
    for _ in range(2):
        job(name).run(town.place, slot)
        town.check()


def ran_until(name: str, slot: datetime) -> None:
    """The clock's ledger: that slot is done everywhere."""
    with the_clock.platform_unit() as uow:
        for slug in ("seoul", "gwacheon"):
            uow.session.add(
                JobRun(job=name, tenant=slug, slot=slot, started_at=slot, finished_at=slot, outcome="DONE")
            )


def tick(clock: Clock, name: str, now: datetime) -> None:
    """What a firing or a sweep at that moment does."""
    clock.move_to(now)
    the_clock.run_due(job(name))


def close_gate(town: Town) -> None:
    """From now on every command of this centre fails."""
    with town.unit() as uow:
        uow.session.execute(delete(Gate).where(Gate.centre_id == town.centre_id))


def open_gate(town: Town) -> None:
    with town.unit() as uow:
        uow.session.add(Gate(centre_id=town.centre_id))


def quarter_states(town: Town) -> list[str]:
    with town.unit() as uow:
        query = select(Quarter.state).where(Quarter.centre_id == town.centre_id)
        return list(uow.session.scalars(query.order_by(Quarter.starts_on)))


def bodies(town: Town, template: str) -> list[str]:
    with town.unit() as uow:
        return list(uow.session.scalars(select(Message.body).where(Message.template == template)))


def in_use(town: Town, family: Family) -> str:
    """A regular booking of SEM2 that is used since Tuesday."""
    applied = town.regular(family)
    town.approve(applied)
    ref = applied.outcomes[0].ref
    assert ref is not None
    with time_machine.travel(kst(TUESDAY, 14 * 60), tick=False), town.unit(town.teacher) as uow:
        service.save_care_card(uow, service.Card(family.child, town.centre, "14:00", "17:00"))
        service.start_use(uow, ref)
    return ref
