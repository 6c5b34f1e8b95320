"""The room now: who is in, until when, what to watch, who comes next, and the beds through tomorrow morning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, or_, select

from app.daycare import actions, beds
from app.daycare.models import DaycareApplication, DaycareBooking, DaycareClass, DaycareStay
from app.daycare.policy import policy_at
from app.daycare.queries.applications import PersonRow, marks_of, people_at_door
from app.daycare.queries.bookings import broken_words
from app.daycare.queries.notes import DoseRow, doses_due
from app.daycare.queries.place import DaycareRow, plan_of, tonight_and_tomorrow
from app.daycare.rules.capacity import Load, slot_of
from app.daycare.rules.days import operating_day, operating_span
from app.daycare.rules.eligibility import months_on
from app.daycare.rules.states import ApplicationState, BookingState, StayState
from app.daycare.times import local, period_of
from app.fees.queries import ledgers_of
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.ranges import DateSpan, Period
from app.people.models import Child

HOUR = timedelta(hours=1)
SUBJECT = "daycare_booking"
LOOK, LOOK_LASTS = "daycare.room", timedelta(minutes=10)
"""The page renews itself twice a minute; whoever stays at it is noted every ten minutes."""


@dataclass(frozen=True, slots=True)
class InsideRow:
    """A child in the room. ``small``: under 24 months or disabled (AD-03); ``overdue``: past its end; ``broken``:
    limits this stay broke, in words (GC-19)."""

    stay_ref: str
    version: int
    booking_ref: str
    child_ref: str
    child: str
    birth_date: date
    months: int
    small: bool
    class_name: str
    in_at: datetime
    until: datetime
    overdue: bool
    marks: frozenset[str]
    guardians: tuple[PersonRow, ...]
    note: str
    belongings: str
    in_person: str
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ComingRow:
    """Somebody who is to come; ``late``: the start has passed; ``broken``: limits it breaks, in words (GC-19)."""

    stay_ref: str
    version: int
    booking_ref: str
    child_ref: str
    child: str
    birth_date: date
    months: int
    small: bool
    class_name: str
    starts: datetime
    ends: datetime
    state: BookingState
    paid: bool
    papers_checked: bool
    marks: frozenset[str]
    guardians: tuple[PersonRow, ...]
    late: bool
    note: str = ""
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeatRow:
    """One hour in its worst half hour: children who are there or hold a bed, how many may be, and how many more fit,
    all classes added up; ``most``: of these in one class."""

    moment: datetime
    inside_or_booked: int
    limit: int
    free: int
    most: int


@dataclass(frozen=True, slots=True)
class RoomNow:
    now: datetime
    operating_day: date
    inside: tuple[InsideRow, ...]
    coming: tuple[ComingRow, ...]
    seats: tuple[SeatRow, ...]
    medicine: tuple[DoseRow, ...]

    @property
    def overdue(self) -> tuple[InsideRow, ...]:
        return tuple(row for row in self.inside if row.overdue)

    @property
    def late(self) -> tuple[ComingRow, ...]:
        return tuple(row for row in self.coming if row.late)


def room_now(uow: UnitOfWork, daycare: DaycareRow) -> RoomNow:
    """One picture of this minute, through the next operating day's arrivals.

    The reading is logged, once in ten minutes for one person.
    """
    actions.ROOM.check(uow.actor, daycare.id)
    rows = _rows(uow, daycare)
    children = {row.child.id for row in rows}
    marks = marks_of(uow, daycare.id, children)
    people = people_at_door(uow, daycare.id, {row.booking.guardian_id for row in rows})
    ledgers = ledgers_of(uow, SUBJECT, {row.booking.id for row in rows})
    inside, coming = [], []
    for row in rows:
        about = marks[row.child.id], people[row.booking.guardian_id]
        if row.stay.state == StayState.INSIDE:
            inside.append(_inside(uow, row, *about))
        else:
            coming.append(_coming(uow, row, *about, paid=ledgers[row.booking.id].balance <= 0))
    if not audit.looked_lately(uow, LOOK, "daycare", daycare.id, LOOK_LASTS):
        audit.record_access(uow, LOOK, "daycare", daycare.id, row_count=len(rows))
    return RoomNow(
        local(uow.now),
        operating_day(uow.now),
        tuple(sorted(inside, key=lambda one: (one.until, one.child))),
        tuple(sorted(coming, key=lambda one: (one.starts, one.child))),
        tuple(_seats(uow, daycare)),
        tuple(doses_due(uow, daycare, {row.stay.id for row in rows if row.stay.state == StayState.INSIDE})),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    stay: DaycareStay
    booking: DaycareBooking
    application: DaycareApplication
    child: Child
    group: DaycareClass


def _rows(uow: UnitOfWork, daycare: DaycareRow) -> list[_Row]:
    horizon = tonight_and_tomorrow(uow.now)
    found = uow.session.execute(
        select(DaycareStay, DaycareBooking, DaycareApplication, Child, DaycareClass)
        .join(DaycareBooking, DaycareBooking.id == DaycareStay.booking_id)
        .join(DaycareApplication, DaycareApplication.id == DaycareBooking.application_id)
        .join(Child, Child.id == DaycareStay.child_id)
        .join(DaycareClass, DaycareClass.id == DaycareStay.class_id)
        .where(
            DaycareStay.daycare_id == daycare.id,
            or_(
                DaycareStay.state == StayState.INSIDE,
                and_(
                    DaycareStay.state == StayState.PLANNED,
                    DaycareStay.operating_day.between(horizon.first, horizon.last),
                ),
            ),
        )
    )
    return [_Row(*row) for row in found]


def _inside(uow: UnitOfWork, row: _Row, marks: frozenset[str], people: tuple[PersonRow, ...]) -> InsideRow:
    until = period_of(row.stay.planned).end
    return InsideRow(
        row.stay.ref,
        row.stay.version,
        row.booking.ref,
        row.child.ref,
        row.child.name,
        row.child.birth_date,
        months_on(row.child.birth_date, uow.today),
        is_small(row.stay, uow.now),
        row.group.name,
        local(row.stay.in_at or uow.now),
        until,
        until < uow.now,
        marks,
        people,
        row.stay.note,
        row.stay.belongings,
        row.stay.in_person,
        tuple(broken_words(row.stay)),
    )


def _coming(
    uow: UnitOfWork, row: _Row, marks: frozenset[str], people: tuple[PersonRow, ...], *, paid: bool
) -> ComingRow:
    planned = period_of(row.stay.planned)
    checks = row.application.checks
    return ComingRow(
        row.stay.ref,
        row.stay.version,
        row.booking.ref,
        row.child.ref,
        row.child.name,
        row.child.birth_date,
        months_on(row.child.birth_date, uow.today),
        is_small(row.stay, uow.now),
        row.group.name,
        planned.start,
        planned.end,
        BookingState(row.booking.state),
        paid and row.booking.state != BookingState.REQUESTED,
        row.application.state == ApplicationState.ACCEPTED
        and all(checks.get(kind, {}).get("returned") for kind in ("family", "identity")),
        marks,
        people,
        planned.start < uow.now,
        row.stay.note,
        tuple(broken_words(row.stay)),
    )


def is_small(stay: DaycareStay, now: datetime) -> bool:
    return stay.small_until is not None and now < stay.small_until


def _seats(uow: UnitOfWork, daycare: DaycareRow) -> list[SeatRow]:
    """Hour by hour from this one to 07:30 of the next operating day."""
    day = operating_day(uow.now)
    now = local(uow.now).replace(minute=0, second=0, microsecond=0)
    over = Period(now, operating_span(day).end)
    policy = policy_at(uow, daycare.place, day)
    plan = plan_of(uow, daycare, DateSpan(operating_day(now), day))
    loads = beds.loads(uow, plan, over, policy)
    found = []
    while now < over.end:
        halves = [half for half in (now, now + HOUR / 2) if half < over.end]
        found.append(min((_seat(loads, half, now) for half in halves), key=lambda seat: seat.free))
        now += HOUR
    return found


def _seat(loads: Sequence[Load], half: datetime, hour: datetime) -> SeatRow:
    slot = slot_of(half)
    there = sum(load.count(slot) for load in loads)
    limit = sum(load.limit(slot) for load in loads)
    free = [max(load.free(slot), 0) for load in loads]
    return SeatRow(hour, there, limit, sum(free), max(free, default=0))
