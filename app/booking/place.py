"""What is in a place: the gate before it, and who holds which seat behind it.

The protocol of every command that can change who is in a place: ``enter`` locks the centre's gate, then the
children's rows, both in order of id; only statements after that see a standing picture. Never a gate after a child.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import repeat

from sqlalchemy import (
    ARRAY,
    BigInteger,
    all_,
    bindparam,
    func,
    or_,
    select,
    union_all,
)

from app.booking import parameters
from app.booking.models import Booking, UsageDay, WaitlistEntry
from app.booking.policy import Terms, terms_of
from app.booking.rules.capacity import (
    DayLoad,
    SeatConflict,
    SeatLimits,
    can_seat_regular,
    can_seat_temporary,
    day_load,
    sick_seats_left,
)
from app.booking.rules.request import UsageDays
from app.booking.rules.states import HOLDING, OPEN_WAIT, BookingKind, BookingState, UsageDayState, WaitState
from app.booking.times import hours_between
from app.centres import queries as centres
from app.centres.known import STAMP, KnownCentre, known_centre
from app.centres.queries import CentreRow
from app.centres.rules import Opening, QuarterPlan
from app.kernel.db import UnitOfWork
from app.kernel.ranges import DateSpan, TimeSpan
from app.people.models import Child
from app.tenancy import settings
from app.tenancy.queries import holidays

Loads = dict[date, DayLoad]
Seats = dict[tuple[date, BookingKind], list[TimeSpan]]


@dataclass(frozen=True, slots=True)
class Place:
    """A centre and the terms it goes by today."""

    centre: CentreRow
    terms: Terms


def place_of(uow: UnitOfWork, centre: CentreRow) -> Place:
    """Without a lock: for reads."""
    return Place(centre, terms_of(uow, centre))


def enter(
    uow: UnitOfWork, centre_id: int, *, children: Collection[int] = (), bookings: Collection[int] = ()
) -> Place:
    """Lock the gate, then every child whose seat this unit may touch; read the centre afresh.

    Those children are the ones named, whoever waits here (a freed seat is offered at once) and the younger
    brothers and sisters whose bookings hang on ``bookings`` (KB-36).
    """
    # Figures and holidays are dated, not guarded by the gate: read them before others have to wait for us.
    settings.value(uow, parameters.SLOT_MINUTES)
    holidays(uow)
    centres.lock_gate(uow, centre_id)
    lock_children(uow, centre_id, children, bookings)
    return place_of(uow, centres.centre_by_id(uow, centre_id))


def enter_for_one(uow: UnitOfWork, seen: KnownCentre, child_id: int) -> Place:
    """Lock the gate, then one child: for a newcomer, who frees no seat and so touches nobody else's time.

    What ``survey`` said of the place stands if its rows are still the same; otherwise it is read again.
    """
    centres.lock_gate(uow, seen.centre.id)
    now = uow.rows(_LOCK_CHILD, child=child_id, ref=seen.centre.ref).scalar_one()
    if now != seen.stamp:
        forget_openings(uow, seen.centre.id)
        uow.session.expire_all()
        seen = survey(uow, seen.centre.ref)
    return place_of(uow, seen.centre)


def survey(uow: UnitOfWork, ref: str) -> KnownCentre:
    """What the gate guards beside the day rows and the waiting list, before it. Raises NotFound."""
    holidays(uow)  # dated, not guarded: read before others have to wait for us
    seen = known_centre(uow, ref)
    uow.memory[_survey_key(seen.centre.id)] = seen
    return seen


def surveyed(uow: UnitOfWork, centre_id: int) -> KnownCentre | None:
    """What this unit has already been told."""
    return uow.memory.get(_survey_key(centre_id))


def _survey_key(centre_id: int) -> str:
    return f"survey|{centre_id}"


_LOCK_CHILD = (
    select(STAMP.scalar_subquery().label("stamp"))
    .select_from(Child)
    .where(Child.id == bindparam("child"))
    .with_for_update(key_share=True, of=Child)
)
"""This snapshot is younger than the gate, so it sees what the gate guards; the child's time only the next one sees."""


def lock_children(
    uow: UnitOfWork, centre_id: int, children: Collection[int], bookings: Collection[int] = ()
) -> None:
    waiting = (
        select(Booking.child_id)
        .join(WaitlistEntry, WaitlistEntry.booking_id == Booking.id)
        .where(WaitlistEntry.centre_id == centre_id, WaitlistEntry.state.in_(OPEN_WAIT))
    )
    dependent = select(Booking.child_id).where(Booking.sibling_booking_id.in_(bookings))
    uow.session.execute(
        select(Child.id)
        .where(or_(Child.id.in_(children), Child.id.in_(waiting), Child.id.in_(dependent)))
        .order_by(Child.id)
        .with_for_update(key_share=True)
    )


def openings(uow: UnitOfWork, place: Place, days: Collection[date]) -> dict[date, Opening]:
    """The opening of every day from the first to the last of ``days``; kept for the unit."""
    if not days:
        return {}
    known: dict[date, Opening] = uow.memory.setdefault(f"openings|{place.centre.id}", {})
    first, last = min(days), max(days)
    if first not in known or last not in known:
        both = [*known, first, last]
        span, seen = DateSpan(min(both), max(both)), surveyed(uow, place.centre.id)
        known.update(
            centres.openings_from(uow, place.centre, span, seen.quarters, seen.special)
            if seen
            else centres.opening_calendar(uow, place.centre.id, span, place.centre)
        )
    return known


def forget_openings(uow: UnitOfWork, centre_id: int) -> None:
    """After a change of quarters or special days in the same unit."""
    uow.memory.pop(f"openings|{centre_id}", None)
    uow.memory.pop(_survey_key(centre_id), None)


def quarter_on(uow: UnitOfWork, centre_id: int, day: date) -> centres.QuarterRow | None:
    if (seen := surveyed(uow, centre_id)) is not None:
        return centres.quarter_on(seen.quarters, day)
    return centres.quarter_on(centres.quarters_of(uow, centre_id, DateSpan(day, day)), day)


def plan_of(quarter: centres.QuarterRow | None) -> QuarterPlan | None:
    return quarter.plan if quarter else None


def loads_on(
    uow: UnitOfWork,
    place: Place,
    days: Collection[date],
    *,
    without: Collection[int] = (),
    with_enrolled: bool = True,
) -> Loads:
    """Who holds a seat on each of ``days``, straight from the rows; bookings in ``without`` are left out.

    ``with_enrolled``: also the heads of regular care, which only regular seats ask for (KC-06).
    """
    if not days:
        return {}
    seats = _seats(uow, place.centre.id, days, without)
    heads = _enrolled(uow, place.centre.id, days, without) if with_enrolled else {}
    opening, limits = openings(uow, place, days), _limits(uow, place)
    nobody: list[TimeSpan] = []
    return {
        day: day_load(
            limits.on(day),
            staff=opening[day].staff if opening[day].is_open else (),
            regular=seats.get((day, BookingKind.REGULAR), nobody),
            temporary=seats.get((day, BookingKind.TEMPORARY), nobody),
            sick=seats.get((day, BookingKind.SICK), nobody),
            enrolled=heads.get(day, 0),
            slot_minutes=place.terms.booking.slot_minutes,
        )
        for day in sorted(days)
    }


def _seats(uow: UnitOfWork, centre_id: int, days: Collection[date], without: Collection[int]) -> Seats:
    rows = uow.rows(_HELD, centre=centre_id, first=min(days), last=max(days), without=list(without))
    seats: Seats = {}
    for day, kind, start, end, heads in rows:
        seats.setdefault((day, BookingKind(kind)), []).extend(repeat(hours_between(start, end), heads))
    return seats


_HELD = (
    select(UsageDay.day, UsageDay.kind, UsageDay.start_minute, UsageDay.end_minute, func.count())
    .where(
        UsageDay.centre_id == bindparam("centre"),
        UsageDay.day.between(bindparam("first"), bindparam("last")),
        UsageDay.state != UsageDayState.CANCELLED,
        UsageDay.booking_id != all_(bindparam("without", type_=ARRAY(BigInteger))),
    )
    .group_by(UsageDay.day, UsageDay.kind, UsageDay.start_minute, UsageDay.end_minute)
)


def _enrolled(
    uow: UnitOfWork, centre_id: int, days: Collection[date], without: Collection[int]
) -> dict[date, int]:
    """Heads per day with a regular booking valid then, whether or not they come on its weekday."""
    first, last = min(days), max(days)
    conditions = [
        Booking.centre_id == centre_id,
        Booking.kind == BookingKind.REGULAR,
        Booking.starts_on <= last,
        Booking.ends_on >= first,
    ]
    if without:
        conditions.append(Booking.id.not_in(without))
    columns = (Booking.child_id, Booking.starts_on, Booking.ends_on)
    held = select(*columns).where(Booking.state.in_(HOLDING), *conditions)
    offered = (
        select(*columns)
        .join(WaitlistEntry, WaitlistEntry.booking_id == Booking.id)
        .where(Booking.state == BookingState.WAITING, WaitlistEntry.state == WaitState.OFFERED, *conditions)
    )
    heads: dict[date, set[int]] = {}
    for child, starts_on, ends_on in uow.session.execute(union_all(held, offered)):
        for day in DateSpan(max(first, starts_on), min(last, ends_on)):
            heads.setdefault(day, set()).add(child)
    return {day: len(children) for day, children in heads.items()}


@dataclass(frozen=True, slots=True)
class LimitsByDay:
    """The limits today, and those from the day on which an approved change of capacity takes effect (KC-10)."""

    today: SeatLimits
    changes_on: date | None = None
    afterwards: SeatLimits | None = None

    def on(self, day: date) -> SeatLimits:
        if self.afterwards is None or self.changes_on is None or day < self.changes_on:
            return self.today
        return self.afterwards


def _limits(uow: UnitOfWork, place: Place) -> LimitsByDay:
    centre, policy = place.centre, place.terms.centre
    today = SeatLimits.of_centre(centre.kind, centre.base_capacity, policy, centre.sick_seats)
    seen = surveyed(uow, centre.id)
    coming = seen.coming if seen is not None else centres.coming_change(uow, centre.id)
    if coming is None:
        return LimitsByDay(today)
    later = SeatLimits.of_centre(centre.kind, coming.change.new_capacity, policy, centre.sick_seats)
    return LimitsByDay(today, coming.change.effective_on, later)


def fits(loads: Mapping[date, DayLoad], kind: BookingKind, span: DateSpan, days: UsageDays) -> bool:
    """Is there a seat in every slot the booking needs?"""
    if kind is BookingKind.REGULAR:
        return not regular_conflicts(loads, span, days)
    if kind is BookingKind.SICK:
        return all(sick_seats_left(loads[day], hours) > 0 for day, hours in days)
    return all(can_seat_temporary(loads[day], hours) for day, hours in days)


def regular_conflicts(loads: Mapping[date, DayLoad], span: DateSpan, days: UsageDays) -> list[SeatConflict]:
    return can_seat_regular(loads, span, days)


def seat(
    loads: Loads, kind: BookingKind, span: DateSpan, days: Iterable[tuple[date, TimeSpan]], heads: int = 1
) -> None:
    """Count one more child into ``loads`` (or with ``heads`` -1 one less), as its rows will."""
    for day, hours in days:
        load = loads[day]
        counts = {
            BookingKind.REGULAR: load.regular,
            BookingKind.TEMPORARY: load.temporary,
            BookingKind.SICK: load.sick,
        }[kind]
        for slot in range(hours.start // load.slot_minutes, -(-hours.end // load.slot_minutes)):
            counts[slot] += heads
    if kind is BookingKind.REGULAR:
        for day in loads:
            if day in span:
                loads[day] = replace(loads[day], enrolled=loads[day].enrolled + heads)
