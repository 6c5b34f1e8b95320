"""The hours of a booking between the database, the rules and the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from app.booking.models import Booking
from app.booking.rules.request import UsageDays, usage_days
from app.booking.rules.states import BookingKind
from app.centres.rules import Opening
from app.kernel.ranges import WEEKDAY_KO, WEEKDAYS, DateSpan, TimeSpan, kst, minute_text, parse_minute
from app.kernel.texts import day_text

SINGLE = "day"


@lru_cache(maxsize=4096)
def hours_between(start: int, end: int) -> TimeSpan:
    """Spans repeat by the thousand in a day's rows; one object each is enough."""
    return TimeSpan(start, end)


def read_times(raw: Mapping[str, Sequence[str]]) -> dict[str, TimeSpan]:
    """``{"tue": ["14:00", "17:00"]}`` or ``{"day": […]}`` as spans."""
    return {key: hours_between(parse_minute(start), parse_minute(end)) for key, (start, end) in raw.items()}


def write_times(times: Mapping[str, TimeSpan]) -> dict[str, Any]:
    return {key: [minute_text(span.start), minute_text(span.end)] for key, span in times.items()}


def span_of(booking: Booking) -> DateSpan:
    return DateSpan(booking.starts_on, booking.ends_on)


def hours_of(booking: Booking) -> TimeSpan:
    """The hours of a temporary or sick-child booking."""
    return read_times(booking.times)[SINGLE]


def planned_days(
    booking: Booking, opening_of: Callable[[date], Opening], span: DateSpan | None = None
) -> UsageDays:
    """The days on which the booking is used as the calendar stands; a single date is taken as booked."""
    times = read_times(booking.times)
    if booking.kind == BookingKind.REGULAR:
        return usage_days(span or span_of(booking), times, opening_of)
    return [(booking.starts_on, times[SINGLE])]


def starts_at(days: UsageDays, otherwise: date) -> datetime:
    """The first booked instant; midnight of ``otherwise`` when no day is left."""
    if not days:
        return kst(otherwise)
    day, hours = min(days)
    return kst(day, hours.start)


def times_text(booking: Booking) -> str:
    """월·화 14:00–17:00, 수 14:00–16:00 · or the hours of the single day."""
    times = read_times(booking.times)
    if SINGLE in times:
        return str(times[SINGLE])
    by_hours: dict[TimeSpan, list[str]] = {}
    for key in (key for key in WEEKDAYS if key in times):
        by_hours.setdefault(times[key], []).append(WEEKDAY_KO[key])
    return ", ".join(f"{'·'.join(days)} {hours}" for hours, days in by_hours.items())


def when_text(booking: Booking) -> str:
    """11월 24일(화) 14:00–17:00 · or period and hours of the week."""
    if booking.kind == BookingKind.REGULAR:
        return f"{day_text(booking.starts_on)}~{day_text(booking.ends_on)} {times_text(booking)}"
    return f"{day_text(booking.starts_on)} {times_text(booking)}"
