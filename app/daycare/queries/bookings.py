"""Bookings and stays as lists and pages show them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, exists, func, or_, select

from app.daycare import actions
from app.daycare.models import DaycareApplication, DaycareBooking, DaycareClass, DaycareStay
from app.daycare.queries.place import DaycareRow
from app.daycare.rules.eligibility import NOT_SAME_REGISTER
from app.daycare.rules.overstay import WORDS
from app.daycare.rules.request import OUTSIDE_ENTRY
from app.daycare.rules.states import BookingState, Channel, StayState
from app.daycare.times import local, period_of, stay_text
from app.fees.queries import Ledger, ledger_of
from app.kernel import audit
from app.kernel.actions import Reach
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem
from app.kernel.ranges import Period
from app.people.models import Child, Guardian, GuardianChild
from app.tenancy.models import Institution

SUBJECT = "daycare_booking"
PENDING = {
    problem.code: replace(problem, text=words)
    for problem, words in (
        (OUTSIDE_ENTRY, N_("입소 시간 밖의 예약이에요.")),
        (NOT_SAME_REGISTER, N_("보호자가 아이와 주민등록을 함께 하지 않아요.")),
    )
}
"""What a request waits for, as a list can say it: the booking keeps only the codes."""


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A booking in a list; ``when``: standing stays, one a line; ``pending``: soft problems that need a reason."""

    id: int
    ref: str
    number: str
    version: int
    state: BookingState
    daycare_ref: str
    daycare: str
    daycare_phone: str
    child_ref: str
    child: str
    guardian_ref: str
    guardian: str
    first_day: date
    last_day: date
    when: str
    touches_night: bool
    channel: Channel
    received_at: datetime
    quoted: int
    contact_phone: str
    batch: str
    pending: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class StayRow:
    """One stay; ``start`` and ``end`` as planned, ``violations`` in words (GC-19)."""

    id: int
    ref: str
    version: int
    booking_ref: str
    booking_number: str
    child_id: int
    child_ref: str
    child: str
    birth_date: date
    operating_day: date
    start: datetime
    end: datetime
    state: StayState
    class_ref: str
    class_name: str
    in_at: datetime | None
    in_person: str
    in_by: str
    out_at: datetime | None
    out_person: str
    out_by: str
    used_minutes: int | None
    billed_hours: int | None
    government_hours: int
    amount: int | None
    note: str
    emergency: str
    unpaid_reason: str
    belongings: str
    violations: tuple[str, ...]

    @property
    def when(self) -> str:
        return stay_text(Period(self.start, self.end))


@dataclass(frozen=True, slots=True)
class BookingDetail:
    """``balance`` in won: still owed, negative: to give back; ``ledger`` is the fees room's."""

    row: BookingRow
    stays: tuple[StayRow, ...]
    purpose: str
    fee_hour: int
    free_category: str
    overrides: tuple[tuple[str, str], ...]
    decided_at: datetime | None
    decision_reason: str
    cancelled_at: datetime | None
    cancelled_how: str
    application_ref: str
    ledger: Ledger

    @property
    def balance(self) -> int:
        return self.ledger.balance

    @property
    def charged(self) -> int:
        return self.ledger.sums.charged

    @property
    def paid(self) -> int:
        """What stayed: refunds taken off."""
        return self.ledger.sums.kept


def bookings(
    uow: UnitOfWork,
    daycare: DaycareRow,
    *,
    states: Collection[BookingState] | None = None,
    first: date | None = None,
    last: date | None = None,
    words: str = "",
    soonest: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[BookingRow], int]:
    """Of one daycare, the newest day first (or the ``soonest``), with how many there are.

    ``words``: name, number or the end of a telephone.
    """
    wanted = _BOOKINGS.where(DaycareBooking.daycare_id == daycare.id)
    if states is not None:
        wanted = wanted.where(DaycareBooking.state.in_(list(states)))
    if first is not None:
        wanted = wanted.where(DaycareBooking.last_day >= first)
    if last is not None:
        wanted = wanted.where(DaycareBooking.first_day <= last)
    if text := words.strip():
        wanted = wanted.where(_matches(text))
    total = uow.session.scalar(select(func.count()).select_from(wanted.order_by(None).subquery())) or 0
    columns = (DaycareBooking.first_day, DaycareBooking.id)
    order = [column if soonest else column.desc() for column in columns]
    rows = _booking_rows(uow, wanted.order_by(*order).limit(limit).offset(offset))
    audit.record_access(uow, "daycare.bookings", "daycare", daycare.id, row_count=len(rows))
    return rows, total


def waiting_decisions(uow: UnitOfWork, daycare: DaycareRow) -> list[BookingRow]:
    """REQUESTED, oldest first."""
    wanted = _BOOKINGS.where(
        DaycareBooking.daycare_id == daycare.id, DaycareBooking.state == BookingState.REQUESTED
    )
    rows = _booking_rows(uow, wanted.order_by(DaycareBooking.received_at, DaycareBooking.id))
    audit.record_access(uow, "daycare.requests", "daycare", daycare.id, row_count=len(rows))
    return rows


def own_bookings(uow: UnitOfWork) -> list[BookingRow]:
    """Of the signed-in guardian's children, newest first."""
    mine = exists().where(
        GuardianChild.child_id == DaycareBooking.child_id,
        GuardianChild.guardian_id == (uow.actor.guardian_id or 0),
    )
    order = (DaycareBooking.first_day.desc(), DaycareBooking.id.desc())
    return _booking_rows(uow, _BOOKINGS.where(mine).order_by(*order))


def booking_detail(uow: UnitOfWork, ref: str) -> BookingDetail:
    """Raises NotFound for unknown and foreign ones alike; staff's reading is logged."""
    found = _booking_rows(uow, _BOOKINGS.where(DaycareBooking.ref == ref))
    if not found:
        raise NotFound(SUBJECT)
    booking, application = uow.session.execute(
        select(DaycareBooking, DaycareApplication.ref)
        .join(DaycareApplication, DaycareApplication.id == DaycareBooking.application_id)
        .where(DaycareBooking.ref == ref)
    ).one()
    check_readable(uow, booking.daycare_id, booking.child_id)
    if actions.READ.reach(uow.actor.role) is not Reach.OWN:
        audit.record_access(uow, "daycare.booking", SUBJECT, booking.id)
    return BookingDetail(
        row=found[0],
        stays=tuple(stay_rows(uow, _STAYS.where(DaycareStay.booking_id == booking.id))),
        purpose=booking.purpose,
        fee_hour=booking.fee_hour,
        free_category=booking.free_category,
        overrides=tuple((code, reason) for code, reason in booking.overrides),
        decided_at=booking.decided_at,
        decision_reason=booking.decision_reason,
        cancelled_at=booking.cancelled_at,
        cancelled_how=booking.cancelled_how,
        application_ref=application,
        ledger=ledger_of(uow, SUBJECT, booking.id),
    )


def check_readable(uow: UnitOfWork, daycare_id: int, child_id: int) -> None:
    """403 for a role that may not; 404 for another daycare's booking or another family's child."""
    actions.READ.check(uow.actor, daycare_id)
    if actions.READ.reach(uow.actor.role) is Reach.OWN:
        mine = select(GuardianChild.id).where(
            GuardianChild.child_id == child_id, GuardianChild.guardian_id == (uow.actor.guardian_id or 0)
        )
        if uow.session.scalar(mine) is None:
            raise NotFound(SUBJECT)


def stays_on(uow: UnitOfWork, daycare: DaycareRow, day: date) -> list[StayRow]:
    """Every stay of an operating day that was not taken back, by its start."""
    wanted = _STAYS.where(
        DaycareStay.daycare_id == daycare.id,
        DaycareStay.operating_day == day,
        DaycareStay.state != StayState.CANCELLED,
    )
    return stay_rows(uow, wanted)


_BOOKINGS: Any = (
    select(DaycareBooking, Institution, Child, Guardian)
    .join(Institution, Institution.id == DaycareBooking.daycare_id)
    .join(Child, Child.id == DaycareBooking.child_id)
    .join(Guardian, Guardian.id == DaycareBooking.guardian_id)
)
_STAYS: Any = (
    select(DaycareStay, DaycareBooking.ref, DaycareBooking.number, Child, DaycareClass)
    .join(DaycareBooking, DaycareBooking.id == DaycareStay.booking_id)
    .join(Child, Child.id == DaycareStay.child_id)
    .join(DaycareClass, DaycareClass.id == DaycareStay.class_id)
    .order_by(DaycareStay.planned, DaycareStay.id)
)
STAYS = _STAYS


def broken_words(stay: DaycareStay) -> list[str]:
    """The limits that this stay broke, in words (GC-19)."""
    return [WORDS.get(code, code) for code in stay.violations]


def stay_rows(uow: UnitOfWork, wanted: Select[Any]) -> list[StayRow]:
    return [_stay_row(*row) for row in uow.session.execute(wanted)]


def _stay_row(stay: DaycareStay, booking_ref: str, number: str, child: Child, group: DaycareClass) -> StayRow:
    planned = period_of(stay.planned)
    return StayRow(
        stay.id,
        stay.ref,
        stay.version,
        booking_ref,
        number,
        child.id,
        child.ref,
        child.name,
        child.birth_date,
        stay.operating_day,
        planned.start,
        planned.end,
        StayState(stay.state),
        group.ref,
        group.name,
        local(stay.in_at) if stay.in_at else None,
        stay.in_person,
        stay.in_by,
        local(stay.out_at) if stay.out_at else None,
        stay.out_person,
        stay.out_by,
        stay.used_minutes,
        stay.billed_hours,
        stay.government_hours,
        stay.amount,
        stay.note,
        stay.emergency,
        stay.unpaid_reason,
        stay.belongings,
        tuple(broken_words(stay)),
    )


def _booking_rows(uow: UnitOfWork, wanted: Select[Any]) -> list[BookingRow]:
    rows = uow.session.execute(wanted).all()
    when = _when(uow, [booking.id for booking, *_ in rows])
    return [_booking_row(*row, when=when.get(row[0].id, "")) for row in rows]


def _booking_row(
    booking: DaycareBooking, place: Institution, child: Child, guardian: Guardian, *, when: str
) -> BookingRow:
    return BookingRow(
        booking.id,
        booking.ref,
        booking.number,
        booking.version,
        BookingState(booking.state),
        place.ref,
        place.name,
        place.phone,
        child.ref,
        child.name,
        guardian.ref,
        guardian.name,
        booking.first_day,
        booking.last_day,
        when,
        booking.touches_night,
        Channel(booking.channel),
        local(booking.received_at),
        booking.quoted,
        booking.contact_phone,
        booking.batch,
        tuple(PENDING.get(code, _unnamed(code)) for code, reason in booking.overrides if not reason),
    )


def _unnamed(code: str) -> Problem:
    return Problem(code, N_("원장이 확인할 것이 있어요."), soft=True)


def _when(uow: UnitOfWork, booking_ids: Sequence[int]) -> dict[int, str]:
    rows = uow.session.execute(
        select(DaycareStay.booking_id, DaycareStay.planned, DaycareStay.state)
        .where(DaycareStay.booking_id.in_(booking_ids))
        .order_by(DaycareStay.planned, DaycareStay.id)
    ).all()
    found: dict[int, str] = {}
    for booking_id in booking_ids:
        mine = [row for row in rows if row.booking_id == booking_id]
        standing = [row for row in mine if row.state != StayState.CANCELLED] or mine
        found[booking_id] = "\n".join(stay_text(period_of(row.planned)) for row in standing)
    return found


def _matches(text: str) -> Any:
    digits = "".join(character for character in text if character.isdigit())
    ways = [Child.name.contains(text, autoescape=True), Guardian.name.contains(text, autoescape=True)]
    ways.append(DaycareBooking.number == text)
    if len(digits) >= 4:
        ways.append(DaycareBooking.contact_phone.endswith(digits, autoescape=True))
    return or_(*ways)
