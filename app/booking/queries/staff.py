"""A centre's lists: waiting, today's users, numbers without names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, bindparam, func, literal, select, union_all

from app.booking import actions
from app.booking.facts import Rank
from app.booking.models import Booking, UsageDay, WaitlistEntry
from app.booking.place import place_of
from app.booking.rules.states import (
    APPROVED,
    HOLDING,
    OPEN_WAIT,
    BookingKind,
    BookingState,
    UsageDayState,
    WaitState,
)
from app.booking.rules.waiting import positions
from app.booking.times import hours_between, when_text
from app.booking.waits import Wait, open_waits
from app.centres.queries import CentreRow
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.ranges import DateSpan, TimeSpan
from app.people.models import Child, Guardian, HealthNote, PickupPerson


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """An open entry with its place in its own list (KW-10)."""

    ref: str
    booking_number: str
    kind: BookingKind
    child_ref: str
    child_name: str
    starts_on: date
    when: str
    rank: Rank
    applied_at: datetime
    position: int
    state: WaitState
    offer_until: datetime | None


def waiting_list(
    uow: UnitOfWork,
    centre: CentreRow,
    *,
    kind: BookingKind | None = None,
    day: date | None = None,
    waits: Sequence[Wait] | None = None,
) -> list[WaitingRow]:
    """The whole list in order: by kind, date (or quarter), then position. Reading it is logged.

    ``waits``: the centre's open entries of that kind, where the caller has read them already.
    """
    actions.QUEUE.check(uow.actor, centre.id, centre.district_id)
    if waits is None:
        waits = open_waits(uow, place_of(uow, centre), kind=kind, days=None if day is None else [day])
    places = positions(wait.rule for wait in waits)
    rows = [
        WaitingRow(
            wait.booking.ref,
            wait.booking.number,
            BookingKind(wait.booking.kind),
            wait.child.ref,
            wait.child.name,
            wait.booking.starts_on,
            when_text(wait.booking),
            wait.rank,
            wait.booking.applied_at,
            places[wait.rule.ref],
            WaitState(wait.entry.state),
            wait.entry.expires_at if wait.entry.state == WaitState.OFFERED else None,
        )
        for wait in waits
        if day is None or wait.entry.day == day
    ]
    audit.record_access(uow, "booking.waiting_list", "centre", centre.id, row_count=len(rows))
    return sorted(rows, key=lambda row: (row.kind, _list_day(row), row.position))


def _list_day(row: WaitingRow) -> date:
    return date.min if row.kind is BookingKind.REGULAR else row.starts_on


@dataclass(frozen=True, slots=True)
class DailyUser:
    """A child expected on a day (KB-43). ``health_mark``: there is a note; opening it is another, logged step."""

    booking_ref: str
    kind: BookingKind
    state: BookingState
    child_id: int
    child_ref: str
    child_name: str
    birth_date: date
    hours: TimeSpan
    day_state: UsageDayState
    guardian_name: str
    contact_phone: str
    pickup: tuple[str, ...]
    health_mark: bool
    sibling: bool


def daily_users(uow: UnitOfWork, centre: CentreRow, day: date) -> list[DailyUser]:
    """Every child expected, by time; also sick-child care and preschool siblings (KB-43). Reading it is logged."""
    actions.DAILY_USERS.check(uow.actor, centre.id, centre.district_id)
    rows = uow.session.execute(_EXPECTED, {"centre": centre.id, "day": day}).all()
    children = {row.child_id for row in rows}
    fetchers, noted = _pickup(uow, children), _noted(uow, children)
    audit.record_access(uow, "booking.daily_users", "centre", centre.id, row_count=len(rows))
    return [
        DailyUser(
            row.booking_ref,
            BookingKind(row.kind),
            BookingState(row.state),
            row.child_id,
            row.child_ref,
            row.child_name,
            row.birth_date,
            hours_between(row.start_minute, row.end_minute),
            UsageDayState(row.day_state),
            row.guardian_name,
            row.contact_phone,
            tuple(fetchers.get(row.child_id, ())),
            row.child_id in noted,
            row.sibling_booking_id is not None,
        )
        for row in rows
    ]


_EXPECTED = (
    select(
        UsageDay.child_id,
        UsageDay.start_minute,
        UsageDay.end_minute,
        UsageDay.state.label("day_state"),
        Booking.ref.label("booking_ref"),
        Booking.kind,
        Booking.state,
        Booking.contact_phone,
        Booking.sibling_booking_id,
        Child.ref.label("child_ref"),
        Child.name.label("child_name"),
        Child.birth_date,
        Guardian.name.label("guardian_name"),
    )
    .join(Booking, Booking.id == UsageDay.booking_id)
    .join(Child, Child.id == UsageDay.child_id)
    .join(Guardian, Guardian.id == Booking.guardian_id)
    .where(
        UsageDay.centre_id == bindparam("centre"),
        UsageDay.day == bindparam("day"),
        UsageDay.state != UsageDayState.CANCELLED,
        Booking.state.in_(
            [BookingState.SCHEDULED, BookingState.IN_USE, BookingState.ENDED, BookingState.CANCELLED]
        ),
    )
    .order_by(UsageDay.start_minute, Child.name, UsageDay.id)
)
"""Columns, not entities: a list that is read all day and never changed."""


def _pickup(uow: UnitOfWork, children: set[int]) -> dict[int, list[str]]:
    """Child → who may fetch it, as "name(relation)"."""
    found: dict[int, list[str]] = {}
    rows = uow.session.execute(
        select(PickupPerson.child_id, PickupPerson.name, PickupPerson.relation)
        .where(PickupPerson.child_id.in_(children), PickupPerson.active)
        .order_by(PickupPerson.id)
    )
    for child_id, name, relation in rows:
        found.setdefault(child_id, []).append(f"{name}({relation})")
    return found


def _noted(uow: UnitOfWork, children: set[int]) -> set[int]:
    return set(
        uow.session.scalars(
            select(HealthNote.child_id).where(HealthNote.child_id.in_(children), HealthNote.active)
        )
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of one centre, no child data (KB-50)."""

    by_state: dict[BookingState, int]
    waiting: int
    offered: int
    held_today: int
    undecided_late: int
    cancel_asked: int


def counts_for(uow: UnitOfWork, centre: CentreRow, *, late_days: int = 2) -> Counts:
    """``undecided_late``: applications older than ``late_days`` days without a decision."""
    actions.COUNTS.check(uow.actor, centre.id, centre.district_id)
    late = uow.now - timedelta(days=late_days)
    rows = uow.rows(_COUNTS, centre=centre.id, today=uow.today, late=late)
    found = {(row[0], row[1]): row[2:] for row in rows}
    nothing = (0, 0, 0)
    return Counts(
        {BookingState(state): row[0] for (what, state), row in found.items() if what == "booking"},
        found.get(("wait", WaitState.WAITING), nothing)[0],
        found.get(("wait", WaitState.OFFERED), nothing)[0],
        found["day", ""][0],
        found.get(("booking", BookingState.APPLIED), nothing)[1],
        sum(found.get(("booking", state), nothing)[2] for state in APPROVED),
    )


def _select_counts() -> Any:
    centre: Any = bindparam("centre")
    late = Booking.applied_at < bindparam("late", type_=DateTime(timezone=True))
    bookings = (
        select(
            literal("booking").label("what"),
            Booking.state,
            func.count().label("all"),
            func.count().filter(late).label("late"),
            func.count().filter(Booking.cancel_asked_at.is_not(None)).label("asked"),
        )
        .where(Booking.centre_id == centre)
        .group_by(Booking.state)
    )
    waits = (
        select(literal("wait"), WaitlistEntry.state, func.count(), literal(0), literal(0))
        .where(WaitlistEntry.centre_id == centre, WaitlistEntry.state.in_(OPEN_WAIT))
        .group_by(WaitlistEntry.state)
    )
    today = select(literal("day"), literal(""), func.count(), literal(0), literal(0)).where(
        UsageDay.centre_id == centre,
        UsageDay.day == bindparam("today"),
        UsageDay.state != UsageDayState.CANCELLED,
    )
    return union_all(bookings, waits, today)


_COUNTS = _select_counts()


def enrolled_by_day(uow: UnitOfWork, centre_id: int, since: date) -> dict[date, int]:
    """Regular children of each day from ``since`` on that has any (KC-11); counted as their seats are held."""
    conditions = (
        Booking.centre_id == centre_id,
        Booking.kind == BookingKind.REGULAR,
        Booking.ends_on >= since,
    )
    columns = (Booking.child_id, Booking.starts_on, Booking.ends_on)
    held = select(*columns).where(Booking.state.in_(HOLDING), *conditions)
    offered = (
        select(*columns)
        .join(WaitlistEntry, WaitlistEntry.booking_id == Booking.id)
        .where(WaitlistEntry.state == WaitState.OFFERED, *conditions)
    )
    heads: dict[date, set[int]] = {}
    for child_id, first, last in uow.session.execute(union_all(held, offered)):
        for day in DateSpan(max(first, since), last):
            heads.setdefault(day, set()).add(child_id)
    return {day: len(children) for day, children in heads.items()}
