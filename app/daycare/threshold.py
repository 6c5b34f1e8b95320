"""What stands against an entry, whoever brings the child: its booking, its papers, and the room itself."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.daycare import beds
from app.daycare.family import is_outdated
from app.daycare.models import DaycareApplication, DaycareBooking, DaycareStay
from app.daycare.policy import policy_at
from app.daycare.queries.place import DaycareRow, Plan, plan_of
from app.daycare.rules import handover
from app.daycare.rules.capacity import ROOM_FULL, Group, Load, Occupant, slot_of, until_slot_end
from app.daycare.rules.days import operating_day
from app.daycare.rules.policy import DaycarePolicy
from app.daycare.rules.states import VALID, ApplicationState, BookingState, StayState
from app.daycare.times import period_of
from app.kernel.db import UnitOfWork
from app.kernel.errors import Problem
from app.kernel.ranges import DateSpan, Period, to_minute
from app.kernel.texts import day_text


@dataclass(frozen=True, slots=True)
class Threshold:
    """``group``: another class that takes the child in for its whole stay, because its own is full; None: its own."""

    problems: tuple[Problem, ...]
    group: Group | None = None


def at_threshold(
    uow: UnitOfWork, daycare: DaycareRow, booking: DaycareBooking, stay: DaycareStay
) -> Threshold:
    """State, day, designation, papers, and the room; a full class is no obstacle while another one fits (AD-34)."""
    found: list[Problem] = []
    if booking.state not in (BookingState.CONFIRMED, BookingState.PAID, BookingState.IN_CARE):
        found.append(handover.NOT_PLANNED)
    if stay.operating_day > operating_day(uow.now):
        found.append(handover.TOO_EARLY.of(day=day_text(stay.operating_day)))
    elif not daycare.designated(today := operating_day(uow.now)):
        found.append(handover.NOT_DESIGNATED.of(day=day_text(today)))
    application = uow.session.get_one(DaycareApplication, booking.application_id)
    state = ApplicationState(application.state)
    if state in VALID and is_outdated(uow, application):
        state = ApplicationState.OUTDATED
    found += handover.check_papers(state, application.checks)
    if stay.state != StayState.PLANNED or found:
        return Threshold(tuple(found))
    return _room_left(uow, daycare, stay)


def _room_left(uow: UnitOfWork, daycare: DaycareRow, stay: DaycareStay) -> Threshold:
    """A child not fetched yet still needs its teacher; whoever comes early needs a free bed until its own begins."""
    now, planned = to_minute(uow.now), period_of(stay.planned)
    rest = Period(now, max(planned.end, until_slot_end(now)))
    plan = plan_of(uow, daycare, DateSpan(operating_day(now), operating_day(rest.end)))
    policy = policy_at(uow, daycare.place, operating_day(now))
    own = next((group for group in plan.groups if group.id == stay.class_id), None)
    if own is None:
        return Threshold(())
    refused = _own_class_full(uow, daycare, stay, own, policy)
    if refused is None:
        return Threshold(())
    other = _other_class(uow, plan, stay, rest, policy)
    return Threshold((), other) if other else Threshold((refused,))


def _own_class_full(
    uow: UnitOfWork, daycare: DaycareRow, stay: DaycareStay, group: Group, policy: DaycarePolicy
) -> Problem | None:
    """Counted by who is really there now, and for an early child by who holds a bed until its own begins."""
    start, now = period_of(stay.planned).start, to_minute(uow.now)
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
    if found is None and now < start:
        early = Period(now, start)
        held = beds.occupants(uow, [daycare.id], early, without=[stay.id])[daycare.id]
        found = _full(Load(group, held.get(stay.class_id, ()), early, policy), early, stay)
    return found


def _other_class(
    uow: UnitOfWork, plan: Plan, stay: DaycareStay, rest: Period, policy: DaycarePolicy
) -> Group | None:
    newcomer = Occupant(rest, stay.small_until)
    for load in beds.loads(uow, plan, rest, policy, without=[stay.id]):
        if load.group.id != stay.class_id and not load.full(newcomer):
            return load.group
    return None


def _full(load: Load, period: Period, stay: DaycareStay) -> Problem | None:
    full = load.full(Occupant(period, stay.small_until))
    if not full:
        return None
    small = stay.small_until is not None and full[0] < slot_of(stay.small_until)
    return ROOM_FULL.of(limit=load.limit(full[0], small=small))
