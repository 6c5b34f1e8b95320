"""J-26: the morning look at insurances that end. What an end stops is judged by dates wherever it is asked (AD-25)."""

from __future__ import annotations

from datetime import datetime

from app.accounts.contacts import contacts_of
from app.insurance import rules
from app.insurance.messages import ENDING
from app.insurance.queries import PolicyRow, covers_of, to_remind
from app.kernel.actor import SYSTEM, Role
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.kernel.jobs import CatchUp, Job, first_time, for_each
from app.kernel.texts import long_day
from app.messaging.service import plan_message
from app.tenancy.models import Institution

REMIND = "J-26"
DIRECTORS = frozenset({Role.DAYCARE_DIRECTOR, Role.CENTRE_DIRECTOR})
OFFICERS = frozenset({Role.CITY_OFFICER, Role.SEOUL_ADMIN})


def remind_of_endings(place: TenantRef, slot: datetime) -> None:
    """30, 7 and 0 days before a policy ends, its director and the office are told, once for each step."""
    with unit_of_work(place, SYSTEM) as uow:
        due = {row.ref: row for row in to_remind(uow)}

    def remind(ref: str) -> None:
        with unit_of_work(place, SYSTEM) as uow:
            _remind(uow, due[ref])

    for_each(REMIND, due, remind)


def _remind(uow: UnitOfWork, row: PolicyRow) -> None:
    covers = covers_of(uow, (row.institution_id,))[row.institution_id]
    step = rules.due_step(row.cover, covers, uow.today)
    if step is None or not first_time(uow, REMIND, row.ref, str(int(step))):
        return
    values = {
        "place": row.institution,
        "kind": row.cover.kind.label,
        "insurer": row.insurer,
        "number": row.number,
        "ends": long_day(row.cover.ends_on),
        "left": row.left_words,
    }
    for to in _whom(uow, row.institution_id):
        plan_message(uow, ENDING, to, values, subject="insurance_policy", subject_id=row.id)


def _whom(uow: UnitOfWork, institution_id: int) -> list[str]:
    """The directors, without one the house's telephone; and the officers over it."""
    house = uow.session.get_one(Institution, institution_id)
    here = contacts_of(uow, institution_id, DIRECTORS) or [house.phone]
    above = contacts_of(uow, None, OFFICERS)
    if house.parent_id is not None:
        above += contacts_of(uow, house.parent_id, {Role.DISTRICT_OFFICER})
    return list(dict.fromkeys([*here, *above]))


JOBS = (Job(REMIND, "보험 만료 알림", remind_of_endings, {"hour": 8, "minute": 5}, CatchUp.LATEST),)
