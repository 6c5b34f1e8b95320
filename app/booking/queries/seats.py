"""Free seats by day and by half hour, straight from the rows. No locks: a picture of this moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from app.booking.place import Loads, loads_on, openings, place_of
from app.booking.rules.capacity import DayLoad, seats_left, sick_seats_left
from app.booking.rules.states import BookingKind
from app.centres.queries import CentreRow
from app.centres.rules import ClosedReason
from app.kernel.db import UnitOfWork
from app.kernel.ranges import TimeSpan, add_months


@dataclass(frozen=True, slots=True)
class DaySeats:
    """``most``: free in the emptiest half hour; ``least``: free all day long. Regular care has one number for both."""

    day: date
    opening: TimeSpan | None
    closed: ClosedReason | None
    most: int
    least: int


@dataclass(frozen=True, slots=True)
class SlotSeats:
    """One half hour: children expected by kind, essential staff on duty, seats left."""

    start: int
    regular: int
    temporary: int
    sick: int
    staff: int
    seats: int
    sick_seats: int


def month_seats(uow: UnitOfWork, centre: CentreRow, month: date, kind: BookingKind) -> list[DaySeats]:
    """Every day of the month of ``month``: two reads of seats beside the centre's calendar."""
    first = month.replace(day=1)
    days = [first + timedelta(days=n) for n in range((add_months(first, 1) - first).days)]
    place = place_of(uow, centre)
    calendar = openings(uow, place, days)
    open_days = [day for day in days if calendar[day].is_open and day >= uow.today]
    loads = loads_on(uow, place, open_days, with_enrolled=kind is BookingKind.REGULAR)
    return [_day(day, calendar[day].span, calendar[day].reason, loads, kind) for day in days]


def _day(
    day: date, opening: TimeSpan | None, closed: ClosedReason | None, loads: Loads, kind: BookingKind
) -> DaySeats:
    load = loads.get(day)
    if load is None or opening is None:
        return DaySeats(day, opening, closed, 0, 0)
    if kind is BookingKind.REGULAR:
        left = max(0, load.limits.base - load.enrolled)
        return DaySeats(day, opening, None, left, left)
    free = [_free(load, slot, kind) for slot in _slots(load, opening)]
    return DaySeats(day, opening, None, max(free), min(free))


def _slots(load: DayLoad, hours: TimeSpan) -> list[TimeSpan]:
    step = load.slot_minutes
    return [TimeSpan(start, min(start + step, 1440)) for start in hours.slots(step)]


def _free(load: DayLoad, hours: TimeSpan, kind: BookingKind) -> int:
    return sick_seats_left(load, hours) if kind is BookingKind.SICK else seats_left(load, hours)


def day_slots(uow: UnitOfWork, centre: CentreRow, day: date) -> list[SlotSeats]:
    """The half hours of one opening day; empty when it is closed."""
    place = place_of(uow, centre)
    opening = openings(uow, place, [day])[day].span
    if opening is None:
        return []
    load = loads_on(uow, place, [day], with_enrolled=False)[day]
    found = []
    for hours in _slots(load, opening):
        slot = hours.start // load.slot_minutes
        found.append(
            SlotSeats(
                hours.start,
                load.regular[slot],
                load.temporary[slot],
                load.sick[slot],
                load.staff[slot],
                seats_left(load, hours),
                sick_seats_left(load, hours),
            )
        )
    return found


def seats_for(
    uow: UnitOfWork,
    centre: CentreRow,
    day: date,
    hours: TimeSpan,
    kind: BookingKind = BookingKind.TEMPORARY,
) -> int:
    """Free in every half hour of ``hours``; 0 outside the opening hours."""
    place = place_of(uow, centre)
    opening = openings(uow, place, [day])[day].span
    if opening is None or not opening.contains(hours):
        return 0
    return _free(loads_on(uow, place, [day], with_enrolled=False)[day], hours, kind)
