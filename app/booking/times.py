"""The hours of a booking between the database, the rules and the page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
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


def weekdays_text(keys: Collection[str]) -> str:
    """월–금 · 월·수·금 · 월–수·금: three or more in a row are said as a run."""
    names, numbers = [], [index for index, key in enumerate(WEEKDAYS) if key in keys]
    for _offset, found in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        row = [WEEKDAY_KO[WEEKDAYS[number]] for _place, number in found]
        names += [f"{row[0]}–{row[-1]}"] if len(row) > 2 else row
    return "·".join(names)


def week_text(week: Mapping[str, TimeSpan]) -> str:
    """월–금 14:00–17:30 · or, where the hours differ, 월·수 14:00–17:00, 금 13:00–15:00."""
    by_hours: dict[TimeSpan, list[str]] = {}
    for key in (key for key in WEEKDAYS if key in week):
        by_hours.setdefault(week[key], []).append(key)
    return ", ".join(f"{weekdays_text(keys)} {hours}" for hours, keys in by_hours.items())


def times_text(booking: Booking) -> str:
    """The hours of the single day, or those of the week."""
    times = read_times(booking.times)
    return str(times[SINGLE]) if SINGLE in times else week_text(times)


def when_text(booking: Booking) -> str:
    """11월 24일(화) 14:00–17:00 · or period and hours of the week."""
    if booking.kind == BookingKind.REGULAR:
        return f"{day_text(booking.starts_on)}~{day_text(booking.ends_on)} {times_text(booking)}"
    return f"{day_text(booking.starts_on)} {times_text(booking)}"
