"""What the clock does to daycares (J-39): each unit of work is one daycare's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.daycare.models import Daycare
from app.daycare.service.applications import outdate_applications
from app.daycare.service.clockwork import JOB, tick
from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.jobs import CatchUp, Job, for_each

DAYCARE = "DAYCARE"


def keep_rooms(tenant: TenantRef, slot: datetime) -> None:
    """J-39: no-shows, the warning before the curfew, who stays over night, the new operating day."""
    with unit_of_work(tenant, SYSTEM) as uow:
        outdate_applications(uow)
        ids = list(uow.session.scalars(select(Daycare.id).order_by(Daycare.id)))

    def keep(daycare_id: int) -> None:
        with unit_of_work(tenant, SYSTEM) as uow:
            tick(uow, daycare_id)

    for_each(JOB, ids, keep)


JOBS = (Job(JOB, "어린이집 하루 운영", keep_rooms, {"minute": "*/5"}, CatchUp.LATEST, DAYCARE),)
