"""The waiting list of a place as the rules see it: entries with the hours they need and their rank."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ARRAY, Date, any_, bindparam, select

from app.booking.facts import Claim, Rank, ranks_of
from app.booking.models import Booking, WaitlistEntry
from app.booking.place import Place, openings
from app.booking.rules.priority import Ground
from app.booking.rules.request import UsageDays
from app.booking.rules.states import OPEN_WAIT, BookingKind, WaitState
from app.booking.rules.waiting import WaitEntry, offer_expiry
from app.booking.times import planned_days, span_of
from app.kernel.db import UnitOfWork
from app.kernel.ranges import DateSpan, kst_date
from app.people.models import Child
from app.people.queries import SeenChild


@dataclass(frozen=True, slots=True)
class Wait:
    """An open entry with its rows; ``span`` and ``days`` are what it would be seated for now."""

    rule: WaitEntry
    entry: WaitlistEntry
    booking: Booking
    child: Child
    rank: Rank
    span: DateSpan

    @property
    def days(self) -> UsageDays:
        return list(self.rule.days)


def open_waits(
    uow: UnitOfWork, place: Place, *, kind: BookingKind | None = None, days: Collection[date] | None = None
) -> list[Wait]:
    """The open entries of a centre. ``days`` leaves out single dates that are not among them."""
    statement = (
        select(WaitlistEntry, Booking, Child)
        .join(Booking, Booking.id == WaitlistEntry.booking_id)
        .join(Child, Child.id == Booking.child_id)
        .where(WaitlistEntry.centre_id == place.centre.id, WaitlistEntry.state.in_(OPEN_WAIT))
        .execution_options(populate_existing=True)
    )
    if kind is not None:
        statement = statement.where(WaitlistEntry.kind == kind)
    if days is not None:
        statement = statement.where(WaitlistEntry.day.is_(None) | WaitlistEntry.day.in_(days))
    rows = uow.session.execute(statement).all()
    bookings = [booking for _, booking, _ in rows]
    ranks = ranks_of(uow, place, bookings, {child.id: child.grade for *_, child in rows})
    return [wait_of(uow, place, entry, booking, child, ranks[booking.id]) for entry, booking, child in rows]


@dataclass(frozen=True, slots=True)
class Rival:
    """An open entry as a newcomer meets it: what it wants, not yet who it is. ``rule`` has no rank."""

    rule: WaitEntry
    claim: Claim
    grade: int | None
    span: DateSpan

    @property
    def days(self) -> UsageDays:
        return list(self.rule.days)


UNRANKED = Rank(0, None, Ground.OTHER, verified=False)
"""Whether a seat is free does not depend on ranks; only the place in line does."""
_RIVALS = (
    select(
        Booking.id,
        Booking.ref,
        Booking.child_id,
        Booking.centre_id,
        Booking.quarter_id,
        Booking.kind,
        Booking.channel,
        Booking.ground,
        Booking.starts_on,
        Booking.ends_on,
        Booking.times,
        Booking.applied_at,
        Child.birth_date,
        Child.grade,
        WaitlistEntry.state.label("wait"),
    )
    .join(WaitlistEntry, WaitlistEntry.booking_id == Booking.id)
    .join(Child, Child.id == Booking.child_id)
    .where(
        WaitlistEntry.centre_id == bindparam("centre"),
        WaitlistEntry.kind == bindparam("kind"),
        WaitlistEntry.state.in_(OPEN_WAIT),
    )
)
_RIVALS_ON = _RIVALS.where(WaitlistEntry.day == any_(bindparam("days", type_=ARRAY(Date))))


def rivals(
    uow: UnitOfWork,
    place: Place,
    kind: BookingKind,
    days: Collection[date] | None,
    without: Collection[int] = (),
) -> list[Rival]:
    """The open entries of one kind (on ``days``), without ranks and without the rows of their bookings."""
    wanted = {"centre": place.centre.id, "kind": kind.value}
    on = {} if days is None else {"days": list(days)}
    rows = uow.rows(_RIVALS_ON if on else _RIVALS, **wanted, **on)
    return [_rival(uow, place, row) for row in rows if row.id not in without]


def _rival(uow: UnitOfWork, place: Place, row: Any) -> Rival:
    state = WaitState(row.wait)
    span = seatable_span(uow, place, row) if state is WaitState.WAITING else span_of(row)
    return Rival(
        rule_entry(row, row, UNRANKED, days_wanted(uow, place, row, span), state), row, row.grade, span
    )


def wait_of(
    uow: UnitOfWork, place: Place, entry: WaitlistEntry, booking: Booking, child: Child, rank: Rank
) -> Wait:
    span = seatable_span(uow, place, booking) if entry.state == WaitState.WAITING else span_of(booking)
    days = days_wanted(uow, place, booking, span)
    return Wait(
        rule_entry(booking, child, rank, days, WaitState(entry.state)), entry, booking, child, rank, span
    )


def rule_entry(
    booking: Booking, child: SeenChild, rank: Rank, days: UsageDays, state: WaitState = WaitState.WAITING
) -> WaitEntry:
    return WaitEntry(
        ref=booking.ref,
        child=booking.child_id,
        centre=booking.centre_id,
        kind=BookingKind(booking.kind),
        quarter=booking.quarter_id,
        days=tuple(days),
        rank=rank.number,
        applied_at=booking.applied_at,
        birth=child.birth_date,
        state=state,
    )


def seatable_span(uow: UnitOfWork, place: Place, booking: Booking) -> DateSpan:
    """The period a waiting booking could still be seated for.

    When the wished start has come, an offer begins the day after its answer is due, so that a late answer neither
    books the past nor lapses undecided the same night (KB-49).
    """
    span = span_of(booking)
    if booking.kind != BookingKind.REGULAR or span.first > uow.today:
        return span
    never_before_it_starts = uow.now + timedelta(days=400)
    due = offer_expiry(uow.now, BookingKind.REGULAR, never_before_it_starts, place.terms.booking)
    return DateSpan(min(span.last, kst_date(due) + timedelta(days=1)), span.last)


def days_wanted(uow: UnitOfWork, place: Place, booking: Booking, span: DateSpan) -> UsageDays:
    calendar = openings(uow, place, (span.first, span.last))
    return planned_days(booking, calendar.__getitem__, span)


def days_to_load(waits: Sequence[Wait]) -> set[date]:
    """The days on which their seats must be counted: regular care is enrolled on every day of its period."""
    days: set[date] = set()
    for wait in waits:
        days.update(wait.span if wait.booking.kind == BookingKind.REGULAR else (day for day, _ in wait.days))
    return days
