"""Everything of one booking, for the family or the centre's staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.booking import actions
from app.booking.facts import Rank, documents_of, ranks_of, user_name
from app.booking.models import Booking, UsageDay, WaitlistEntry
from app.booking.place import place_of
from app.booking.rules.decision import Documents
from app.booking.rules.states import OPEN_WAIT, BookingKind, BookingState, UsageDayState, WaitState
from app.booking.rules.waiting import position
from app.booking.service.case import check_reach
from app.booking.times import hours_between, when_text
from app.booking.waits import open_waits
from app.centres import queries as centres
from app.centres.queries import CentreRow
from app.kernel import audit
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound
from app.kernel.ranges import TimeSpan
from app.people.models import Child, Guardian
from app.people.rules import Channel


@dataclass(frozen=True, slots=True)
class BookingDetail:
    """``position`` counts from 1 while it waits or is offered; ``days`` are (day, hours, state) of its seat."""

    ref: str
    number: str
    version: int
    kind: BookingKind
    state: BookingState
    channel: Channel
    centre: CentreRow
    child_ref: str
    child_name: str
    birth_date: date
    grade: int | None
    guardian_ref: str
    guardian_name: str
    member: bool
    contact_phone: str
    starts_on: date
    ends_on: date
    times: dict[str, list[str]]
    when: str
    applied_at: datetime
    reason: str
    other_service: str
    parallel_use_reason: str
    walk_in: bool
    over_limit: bool
    rank: Rank
    documents: Documents
    counselled_on: date | None
    evidence_asked_at: datetime | None
    evidence_slot: str
    paper_asked: str
    cancel_asked_at: datetime | None
    decided_by: str
    decided_at: datetime | None
    decision_reason: str
    overrides: tuple[tuple[str, str], ...]
    notified_by: str
    notified_at: datetime | None
    started_at: datetime | None
    cancelled_from: date | None
    end_ground: str
    wait: WaitState | None
    offered_at: datetime | None
    offer_until: datetime | None
    position: int | None
    days: tuple[tuple[date, TimeSpan, UsageDayState], ...]


def booking_detail(uow: UnitOfWork, ref: str) -> BookingDetail:
    """Raises NotFound for unknown and foreign bookings alike. Staff leave an access row (XX-08)."""
    row = uow.session.execute(
        select(Booking, WaitlistEntry, Child, Guardian)
        .outerjoin(WaitlistEntry, WaitlistEntry.booking_id == Booking.id)
        .join(Child, Child.id == Booking.child_id)
        .join(Guardian, Guardian.id == Booking.guardian_id)
        .where(Booking.ref == ref)
    ).first()
    if row is None:
        raise NotFound("booking")
    booking, entry, child, guardian = row
    centre = centres.centre_by_id(uow, booking.centre_id)
    check_reach(uow, actions.READ, centre, child.id)
    if uow.actor.role is not Role.GUARDIAN:
        audit.record_access(uow, "booking.detail", "booking", booking.id)
    place = place_of(uow, centre)
    return BookingDetail(
        ref=booking.ref,
        number=booking.number,
        version=booking.version,
        kind=BookingKind(booking.kind),
        state=BookingState(booking.state),
        channel=Channel(booking.channel),
        centre=centre,
        child_ref=child.ref,
        child_name=child.name,
        birth_date=child.birth_date,
        grade=child.grade,
        guardian_ref=guardian.ref,
        guardian_name=guardian.name,
        member=guardian.user_id is not None,
        contact_phone=booking.contact_phone,
        starts_on=booking.starts_on,
        ends_on=booking.ends_on,
        times=booking.times,
        when=when_text(booking),
        applied_at=booking.applied_at,
        reason=booking.reason,
        other_service=booking.other_service,
        parallel_use_reason=booking.parallel_use_reason,
        walk_in=booking.walk_in,
        over_limit=booking.over_limit,
        rank=ranks_of(uow, place, [booking], {child.id: child.grade})[booking.id],
        documents=documents_of(uow, [booking])[booking.id],
        counselled_on=booking.counselled_on,
        evidence_asked_at=booking.evidence_asked_at,
        evidence_slot=booking.evidence_slot,
        paper_asked=booking.paper_asked,
        cancel_asked_at=booking.cancel_asked_at,
        decided_by=user_name(uow, booking.decided_by) if booking.decided_at else "",
        decided_at=booking.decided_at,
        decision_reason=booking.decision_reason,
        overrides=tuple((code, reason) for code, reason in booking.overrides),
        notified_by=booking.notified_by,
        notified_at=booking.notified_at,
        started_at=booking.started_at,
        cancelled_from=booking.ended_on,
        end_ground=booking.end_ground,
        wait=WaitState(entry.state) if entry else None,
        offered_at=entry.offered_at if entry else None,
        offer_until=entry.expires_at if entry and entry.state == WaitState.OFFERED else None,
        position=_position(uow, booking, entry, centre),
        days=_days(uow, booking.id),
    )


def _position(
    uow: UnitOfWork, booking: Booking, entry: WaitlistEntry | None, centre: CentreRow
) -> int | None:
    if entry is None or entry.state not in OPEN_WAIT:
        return None
    days = [entry.day] if entry.day else None
    waits = open_waits(uow, place_of(uow, centre), kind=BookingKind(booking.kind), days=days)
    mine = next(wait.rule for wait in waits if wait.booking.id == booking.id)
    return position(mine, [wait.rule for wait in waits])


def _days(uow: UnitOfWork, booking_id: int) -> tuple[tuple[date, TimeSpan, UsageDayState], ...]:
    rows = uow.session.execute(
        select(UsageDay.day, UsageDay.start_minute, UsageDay.end_minute, UsageDay.state)
        .where(UsageDay.booking_id == booking_id)
        .order_by(UsageDay.day)
    )
    return tuple((day, hours_between(start, end), UsageDayState(state)) for day, start, end, state in rows)
