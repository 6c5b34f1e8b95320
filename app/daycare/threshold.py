"""What stands against an entry, whoever brings the child: its booking, its papers, and the room itself."""

from __future__ import annotations

from sqlalchemy import select

from app.daycare import beds
from app.daycare.models import DaycareApplication, DaycareBooking, DaycareStay
from app.daycare.policy import policy_at
from app.daycare.queries.place import DaycareRow, plan_of
from app.daycare.rules import handover
from app.daycare.rules.capacity import ROOM_FULL, Load, Occupant, slot_of, until_slot_end
from app.daycare.rules.days import operating_day
from app.daycare.rules.states import ApplicationState, BookingState, StayState
from app.daycare.times import period_of
from app.kernel.db import UnitOfWork
from app.kernel.errors import Problem
from app.kernel.ranges import DateSpan, Period, to_minute
from app.kernel.texts import day_text


def check_to_enter(
    uow: UnitOfWork, daycare: DaycareRow, booking: DaycareBooking, stay: DaycareStay
) -> list[Problem]:
    """What stands against the entry now, whoever brings the child: state, day, papers, and the room itself."""
    found: list[Problem] = []
    if booking.state not in (BookingState.CONFIRMED, BookingState.PAID, BookingState.IN_CARE):
        found.append(handover.NOT_PLANNED)
    if stay.operating_day > operating_day(uow.now):
        found.append(handover.TOO_EARLY.of(day=day_text(stay.operating_day)))
    application = uow.session.get_one(DaycareApplication, booking.application_id)
    found += handover.check_papers(ApplicationState(application.state), application.checks)
    if stay.state == StayState.PLANNED and not found:
        found += _room_left(uow, daycare, stay)
    return found


def _room_left(uow: UnitOfWork, daycare: DaycareRow, stay: DaycareStay) -> list[Problem]:
    """A child not fetched yet still needs its teacher; whoever comes early needs a free bed until its own begins."""
    start, now = period_of(stay.planned).start, to_minute(uow.now)
    plan = plan_of(uow, daycare, DateSpan(day := operating_day(now), max(day, operating_day(start))))
    policy = policy_at(uow, daycare.place, day)
    group = next((group for group in plan.groups if group.id == stay.class_id), None)
    if group is None:
        return []
    this_half_hour = Period(now, until_slot_end(now))
    inside = [
        Occupant(this_half_hour, until)
        for until in uow.session.scalars(
            select(DaycareStay.small_until).where(
                DaycareStay.class_id == stay.class_id, DaycareStay.state == StayState.INSIDE
            )
        )
    ]
    found = _full(Load(group, inside, this_half_hour, policy), this_half_hour, stay)
    if not found and now < start:
        early = Period(now, start)
        held = beds.occupants(uow, [daycare.id], early, without=[stay.id])[daycare.id]
        found = _full(Load(group, held.get(stay.class_id, ()), early, policy), early, stay)
    return found


def _full(load: Load, period: Period, stay: DaycareStay) -> list[Problem]:
    full = load.full(Occupant(period, stay.small_until))
    if not full:
        return []
    small = stay.small_until is not None and full[0] < slot_of(stay.small_until)
    return [ROOM_FULL.of(limit=load.limit(full[0], small=small))]
