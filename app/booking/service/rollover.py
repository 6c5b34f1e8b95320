"""What time does to bookings: days end, quarters turn, undecided applications lapse (KB-31, KB-41, KB-49, KQ-17)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, update

from app.booking.models import Booking
from app.booking.place import enter, loads_on, openings, place_of
from app.booking.rules.capacity import temp_seats
from app.booking.rules.changes import expires_undecided, is_over
from app.booking.rules.demand import DemandLine, Slot, WeekUse, repeated_demand
from app.booking.rules.states import APPROVED, BookingKind, BookingState
from app.booking.seats import end_booking_days, end_days, release
from app.booking.service.aftermath import seats_freed
from app.booking.service.case import Case, cases_in, set_state, tell, tell_centre
from app.booking.service.offers import expire_started_waits
from app.centres import queries as centres
from app.centres.models import Quarter
from app.centres.queries import CentreRow
from app.centres.rules import QUARTER_STEPS, QuarterState
from app.kernel import audit
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_
from app.kernel.ranges import weekday

CANCELLED_AS_SET = N_("정한 날부터 이용취소")


def close_day(uow: UnitOfWork, centre_id: int, day: date) -> int:
    """J-07, after closing time: the day is over. Returns how many bookings ended.

    Single dates up to that day end with it, also those never started (KB-31); regular care whose last day lies
    before today ends too (24:00 has passed), or becomes CANCELLED where that was set.
    """
    place = enter(uow, centre_id)
    end_days(uow, centre_id, day)
    last = max(day, uow.today - timedelta(days=1))
    rows = uow.session.execute(
        select(Booking.id, Booking.kind, Booking.ends_on).where(
            Booking.centre_id == centre_id, Booking.state.in_(APPROVED), Booking.ends_on <= last
        )
    )
    ids = [row.id for row in rows if is_over(BookingKind(row.kind), row.ends_on, day, uow.today)]
    for case in cases_in(uow, place, ids):
        _finish(uow, case)
    return len(ids)


def _finish(uow: UnitOfWork, case: Case) -> None:
    end_booking_days(uow, case.booking.id, case.booking.ends_on + timedelta(days=1))
    if case.booking.ended_on is not None:
        set_state(
            uow, case.booking, BookingState.CANCELLED, "booking.cancelled_as_set", reason=CANCELLED_AS_SET
        )
        return
    set_state(uow, case.booking, BookingState.ENDED, "booking.end")
    if case.kind is BookingKind.REGULAR:
        tell(uow, case, "booking.ended")


def quarters_due(uow: UnitOfWork) -> list[tuple[int, int, QuarterState]]:
    """J-01: (centre, quarter, state it should have): first what closes, then what opens (KQ-17)."""
    closing = select(Quarter.centre_id, Quarter.id).where(
        Quarter.ends_on < uow.today, Quarter.state != QuarterState.CLOSED
    )
    opening = select(Quarter.centre_id, Quarter.id).where(
        Quarter.starts_on <= uow.today,
        Quarter.ends_on >= uow.today,
        Quarter.state == QuarterState.PLANNED,
    )
    due = [
        (centre, quarter, QuarterState.CLOSED)
        for centre, quarter in uow.session.execute(closing.order_by(Quarter.centre_id))
    ]
    return due + [
        (centre, quarter, QuarterState.CURRENT)
        for centre, quarter in uow.session.execute(opening.order_by(Quarter.centre_id))
    ]


def close_quarter(uow: UnitOfWork, centre_id: int, quarter_id: int) -> int:
    """End what was not extended and close its waiting list (KQ-17, KW-09). Doing it twice changes nothing."""
    place = enter(uow, centre_id)
    ids = uow.session.scalars(
        select(Booking.id).where(
            Booking.quarter_id == quarter_id, Booking.state.in_(APPROVED), Booking.ends_on < uow.today
        )
    ).all()
    end_days(uow, centre_id, uow.today - timedelta(days=1))
    for case in cases_in(uow, place, ids):
        _finish(uow, case)
    expire_started_waits(uow, centre_id)
    _turn(uow, quarter_id, QuarterState.CLOSED)
    return len(ids)


def open_quarter(uow: UnitOfWork, centre_id: int, quarter_id: int) -> None:
    """The new quarter's hours and meals hold from today; they are read by date, so only its state moves."""
    centres.lock_gate(uow, centre_id)
    _turn(uow, quarter_id, QuarterState.CURRENT)


def _turn(uow: UnitOfWork, quarter_id: int, after: QuarterState) -> None:
    """A quarter entered only after it was over goes through CURRENT to CLOSED."""
    row = uow.session.get_one(Quarter, quarter_id, populate_existing=True)
    before = QuarterState(row.state)
    if before is after:
        return
    if before is QuarterState.PLANNED and after is QuarterState.CLOSED:
        before = QuarterState.CURRENT
    if QUARTER_STEPS.check(before, after, Role.SYSTEM) is not None:
        return
    uow.session.execute(
        update(Quarter).where(Quarter.id == quarter_id).values(state=after, version=Quarter.version + 1)
    )
    audit.record(uow, "quarter.turn", "quarter", quarter_id, from_state=row.state, to_state=after)


def expire_undecided(uow: UnitOfWork, centre_id: int) -> int:
    """J-08: still only applied for after the start date; family and centre are told (KB-49)."""
    late = uow.session.scalars(
        select(Booking.id).where(
            Booking.centre_id == centre_id,
            Booking.state == BookingState.APPLIED,
            Booking.starts_on < uow.today,
        )
    ).all()
    if not late:
        return 0
    children = uow.session.scalars(select(Booking.child_id).where(Booking.id.in_(late))).all()
    place = enter(uow, centre_id, children=children, bookings=late)
    numbers = []
    for case in cases_in(uow, place, late):
        if not expires_undecided(case.state, case.booking.starts_on, uow.today):
            continue
        set_state(uow, case.booking, BookingState.EXPIRED, "booking.expire")
        tell(uow, case, "booking.expired")
        numbers.append(case.booking.number)
        seats_freed(uow, place, case.booking, release(uow, case.booking.id))
    if numbers:
        values = {"count": len(numbers), "numbers": ", ".join(numbers)}
        tell_centre(uow, place.centre, "booking.expired_centre", values)
    return len(numbers)


@dataclass(frozen=True, slots=True)
class DemandReport:
    """Slots that were nearly full week after week, up to and including ``until``, a Sunday."""

    until: date
    lines: tuple[DemandLine, ...]


def demand_report(uow: UnitOfWork, centre: CentreRow, until: date | None = None) -> DemandReport:
    """J-09: temporary use per slot of the last weeks against its seats (KB-41). ``until``: default last Sunday."""
    last = until or uow.today - timedelta(days=uow.today.weekday() + 1)
    place = place_of(uow, centre)
    weeks = place.terms.booking.demand_weeks
    first = last - timedelta(days=7 * weeks - 1)
    days = [first + timedelta(days=n) for n in range(7 * weeks)]
    calendar = openings(uow, place, days)
    loads = loads_on(uow, place, [day for day in days if calendar[day].is_open], with_enrolled=False)
    history: dict[Slot, list[WeekUse]] = {}
    for day in days:
        opening, load = calendar[day].span, loads.get(day)
        if opening is None or load is None:
            continue
        for minute in opening.slots(load.slot_minutes):
            slot = minute // load.slot_minutes
            used = load.temporary[slot]
            history.setdefault((weekday(day), minute), []).append(
                WeekUse(used, used + temp_seats(load, slot))
            )
    return DemandReport(last, tuple(repeated_demand(history, place.terms.booking)))
