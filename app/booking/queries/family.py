"""A family's own bookings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.booking.facts import documents_of
from app.booking.models import Booking, UsageDay, WaitlistEntry
from app.booking.rules.decision import DocumentKind, DocumentStatus
from app.booking.rules.priority import Ground
from app.booking.rules.states import BookingKind, BookingState, UsageDayState, WaitState
from app.booking.times import hours_between, when_text
from app.kernel.db import UnitOfWork
from app.kernel.ranges import TimeSpan
from app.people.models import Child, GuardianChild
from app.tenancy.models import Institution


@dataclass(frozen=True, slots=True)
class FamilyBooking:
    """One booking as its family sees it; ``offer_until`` is set while a seat is offered."""

    ref: str
    number: str
    batch: str
    kind: BookingKind
    ground: Ground
    state: BookingState
    child_ref: str
    child_name: str
    centre_ref: str
    centre_name: str
    centre_phone: str
    starts_on: date
    ends_on: date
    times: dict[str, list[str]]
    when: str
    wait: WaitState | None
    offer_until: datetime | None
    cancel_asked_at: datetime | None
    paper_asked: str
    evidence_asked_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class OwnDay:
    """A day on which one of the children is expected."""

    day: date
    hours: TimeSpan
    booking_ref: str
    kind: BookingKind
    child_ref: str
    child_name: str
    centre_name: str
    state: UsageDayState


def bookings_of_guardian(
    uow: UnitOfWork, guardian_id: int, *, since: date | None = None, batch: str | None = None
) -> list[FamilyBooking]:
    """Bookings of all children of a guardian, the latest start first; ``since`` leaves out what ended before."""
    mine = select(GuardianChild.child_id).where(GuardianChild.guardian_id == guardian_id)
    statement = (
        select(Booking, WaitlistEntry, Child.ref, Child.name, Institution)
        .outerjoin(WaitlistEntry, WaitlistEntry.booking_id == Booking.id)
        .join(Child, Child.id == Booking.child_id)
        .join(Institution, Institution.id == Booking.centre_id)
        .where(Booking.child_id.in_(mine))
        .order_by(Booking.starts_on.desc(), Booking.id.desc())
    )
    if since is not None:
        statement = statement.where(Booking.ends_on >= since)
    if batch is not None:
        statement = statement.where(Booking.batch == batch)
    return [_family_booking(*row) for row in uow.session.execute(statement)]


def _family_booking(
    booking: Booking, entry: WaitlistEntry | None, child_ref: str, child_name: str, centre: Institution
) -> FamilyBooking:
    wait = WaitState(entry.state) if entry else None
    return FamilyBooking(
        ref=booking.ref,
        number=booking.number,
        batch=booking.batch,
        kind=BookingKind(booking.kind),
        ground=Ground(booking.ground),
        state=BookingState(booking.state),
        child_ref=child_ref,
        child_name=child_name,
        centre_ref=centre.ref,
        centre_name=centre.name,
        centre_phone=centre.phone,
        starts_on=booking.starts_on,
        ends_on=booking.ends_on,
        times=booking.times,
        when=when_text(booking),
        wait=wait,
        offer_until=entry.expires_at if entry and wait is WaitState.OFFERED else None,
        cancel_asked_at=booking.cancel_asked_at,
        paper_asked=booking.paper_asked,
        evidence_asked_at=booking.evidence_asked_at,
        version=booking.version,
    )


def own_days(uow: UnitOfWork, guardian_id: int, first: date, last: date) -> list[OwnDay]:
    """The usage days of all children of a guardian, in order; cancelled days and standing offers too."""
    mine = select(GuardianChild.child_id).where(GuardianChild.guardian_id == guardian_id)
    rows = uow.session.execute(
        select(UsageDay, Booking.ref, Child.ref, Child.name, Institution.name)
        .join(Booking, Booking.id == UsageDay.booking_id)
        .join(Child, Child.id == UsageDay.child_id)
        .join(Institution, Institution.id == UsageDay.centre_id)
        .where(UsageDay.child_id.in_(mine), UsageDay.day.between(first, last))
        .order_by(UsageDay.day, UsageDay.start_minute)
    )
    return [
        OwnDay(
            day.day,
            hours_between(day.start_minute, day.end_minute),
            booking_ref,
            BookingKind(day.kind),
            child_ref,
            child_name,
            centre_name,
            UsageDayState(day.state),
        )
        for day, booking_ref, child_ref, child_name, centre_name in rows
    ]


def papers_missing(uow: UnitOfWork, refs: Collection[str]) -> dict[str, frozenset[DocumentKind]]:
    """Ref → what the centre does not have yet of each booking, asked for or not (KB-16)."""
    if not refs:
        return {}
    bookings = uow.session.scalars(select(Booking).where(Booking.ref.in_(refs))).all()
    documents = documents_of(uow, bookings)
    return {
        booking.ref: frozenset(
            kind for kind, status in documents[booking.id].items() if status is DocumentStatus.MISSING
        )
        for booking in bookings
    }
