"""What the clock does for centres: capacity on its day (J-04), the reminder of next year's quarters (J-05)."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from app.accounts.contacts import contacts_of
from app.centres import bookings, rules
from app.centres.lists import without_quarters
from app.centres.messages import QUARTERS_DUE, QUARTERS_MISSING
from app.centres.parameters import ESCALATE_ON, REMIND_ON
from app.centres.queries import CentreRow, quarters_of
from app.centres.service.capacity import apply_capacity, due_changes
from app.kernel.actor import DECIDERS, SYSTEM, Role
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.kernel.jobs import CatchUp, Job, first_time, for_each
from app.kernel.ranges import kst_date
from app.messaging.service import plan_message
from app.tenancy import settings

KIUM = "KIUM"
CAPACITY, QUARTERS = "J-04", "J-05"


def apply_capacities(place: TenantRef, slot: datetime) -> None:
    """J-04: every change whose day has come, each in a unit of its own; whoever waits may fit now (KC-10, KW-05)."""
    due: dict[int, list[str]] = defaultdict(list)
    with unit_of_work(place, SYSTEM) as uow:
        for centre_id, ref in due_changes(uow):
            due[centre_id].append(ref)

    def apply(centre_id: int) -> None:
        for ref in due[centre_id]:
            with unit_of_work(place, SYSTEM) as uow:
                centre = apply_capacity(uow, ref)
                if centre is not None and first_time(uow, CAPACITY, ref):
                    bookings.of_this_house().seats_changed(uow, centre)

    for_each(CAPACITY, due, apply)


def remind_of_quarters(place: TenantRef, slot: datetime) -> None:
    """J-05: on one day the centre is reminded, on a later one its district is told (KQ-16)."""
    day = kst_date(slot)
    year = day.year + 1
    with unit_of_work(place, SYSTEM) as uow:
        today = (day.month, day.day)
        reminds = today == settings.value(uow, REMIND_ON, day)
        escalates = today == settings.value(uow, ESCALATE_ON, day)
        late = {centre.id: centre for centre in without_quarters(uow, year)} if reminds or escalates else {}

    def remind(centre_id: int) -> None:
        with unit_of_work(place, SYSTEM) as uow:
            _remind(uow, late[centre_id], year)

    def escalate(district_id: int) -> None:
        with unit_of_work(place, SYSTEM) as uow:
            _escalate(uow, [row for row in late.values() if row.district_id == district_id], year)

    if reminds:
        for_each(QUARTERS, late, remind)
    if escalates:
        for_each(QUARTERS, dict.fromkeys(centre.district_id for centre in late.values()), escalate)


def _remind(uow: UnitOfWork, centre: CentreRow, year: int) -> None:
    if not first_time(uow, QUARTERS, f"{centre.id}|REMIND", str(year)):
        return
    plans = (quarter.plan for quarter in quarters_of(uow, centre.id))
    missing = ", ".join(kind.label for kind in rules.year_completeness(plans, year))
    values = {"centre": centre.name, "year": year, "missing": missing}
    for to in contacts_of(uow, centre.id, DECIDERS) or [centre.phone]:
        plan_message(uow, QUARTERS_DUE, to, values, subject="centre", subject_id=centre.id)


def _escalate(uow: UnitOfWork, late: list[CentreRow], year: int) -> None:
    """One message for the centres of one district."""
    rows = [row for row in late if first_time(uow, QUARTERS, f"{row.id}|ESCALATE", str(year))]
    if not rows:
        return
    values = {
        "district": rows[0].district_name,
        "year": year,
        "count": len(rows),
        "centres": ", ".join(row.name for row in rows),
    }
    district_id = rows[0].district_id
    for to in contacts_of(uow, district_id, {Role.DISTRICT_OFFICER}):
        plan_message(uow, QUARTERS_MISSING, to, values, subject="district", subject_id=district_id)


JOBS = (
    Job(CAPACITY, "정원 변경 적용", apply_capacities, {"hour": 0, "minute": 2}, CatchUp.EACH, KIUM),
    # Every morning, because a municipality chooses the two days (kq.remind_month_day, kq.escalate_month_day).
    Job(QUARTERS, "다음 해 분기 알림", remind_of_quarters, {"hour": 9}, CatchUp.NONE, KIUM),
)
