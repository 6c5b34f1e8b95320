"""Operating days: when one begins, which are closed, between which minutes a daycare is open (AD-01, AD-28 – AD-30)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.daycare.rules.policy import DAY_END, DAY_START, STEP, DaycarePolicy
from app.kernel.calendar import DayClass, HolidayCalendar, Purpose, purpose_class
from app.kernel.errors import N_, Problem
from app.kernel.ranges import Period, kst, kst_date, minute_text, weekday

_DAY = timedelta(days=1)
BAD_HOURS = Problem(
    "daycare.bad_hours",
    N_("운영시간은 {start}부터 다음 날 {end}까지 안에서 30분 단위로 정해 주세요."),
    rule="AD-30",
    field="hours",
)


@dataclass(frozen=True, slots=True)
class Opening:
    """Minutes of one operating day on which a daycare is open; ``reason`` says why it is not (then both are 0)."""

    start: int
    end: int
    reason: str = ""

    @property
    def is_open(self) -> bool:
        return self.end > self.start

    def on(self, day: date) -> Period:
        return Period(kst(day, self.start), kst(day, self.end))

    def __str__(self) -> str:
        return span_text(self.start, self.end)


CLOSED = Opening(0, 0)
OpeningOf = Callable[[date], Opening]


def operating_day(moment: datetime) -> date:
    """The operating day an instant belongs to: 07:29 still belongs to the day before (AD-01)."""
    return kst_date(moment - timedelta(minutes=DAY_START))


def operating_span(day: date) -> Period:
    """[07:30, 07:30 of the next day)."""
    return Period(kst(day, DAY_START), kst(day, DAY_END))


def minute_of(moment: datetime, day: date) -> int:
    """Whole minutes from midnight of ``day``; counts on past midnight."""
    return int((moment - kst(day)).total_seconds()) // 60


def clock_minute(minute: int) -> str:
    """1890 → 다음 날 07:30."""
    days, rest = divmod(minute, 1440)
    return f"다음 날 {minute_text(rest)}" if days else minute_text(rest)


def span_text(start: int, end: int) -> str:
    """(1200, 1890) → 20:00–다음 날 07:30."""
    return f"{clock_minute(start)}–{clock_minute(end)}"


def days_of(period: Period) -> list[date]:
    """The operating days a stay touches, in order."""
    day, last = operating_day(period.start), operating_day(period.end - timedelta(minutes=1))
    days = [day]
    while day < last:
        day += _DAY
        days.append(day)
    return days


def is_holiday_hours(day: date, calendar: HolidayCalendar) -> bool:
    """Saturdays, Sundays and public holidays are one class for entry and opening hours (GC-12)."""
    return purpose_class(calendar.day_class(day), Purpose.DAYCARE_ENTRY) is DayClass.HOLIDAY


def class_keys(day: date, calendar: HolidayCalendar) -> frozenset[str]:
    """Keys under which a class may name the day: its weekday, or ``holiday`` on a public holiday; a Sunday has both."""
    key = weekday(day)
    if calendar.day_class(day) is not DayClass.HOLIDAY:
        return frozenset({key})
    return frozenset({"sun", "holiday"} if key == "sun" else {"holiday"})


def opening_on(
    day: date,
    policy: DaycarePolicy,
    calendar: HolidayCalendar,
    closures: Mapping[date, str],
    hours: Mapping[str, Any] | None = None,
) -> Opening:
    """The opening of one operating day.

    Closed: the statutory days (GC-13; none in a municipality that names none, AD-29) and the daycare's own ones.
    ``hours``: the daycare's own ``{"weekday": [from, to], "holiday": [from, to] | None}`` (AD-30), else the
    municipality's, else the whole day.
    """
    if calendar.is_closed(day, policy.closed_days):
        return Opening(0, 0, calendar.name(day) or N_("휴원일"))
    if day in closures:
        return Opening(0, 0, closures[day])
    holiday = is_holiday_hours(day, calendar)
    key = "holiday" if holiday else "weekday"
    if hours and key in hours:
        own = hours[key]
        if not own:
            return Opening(0, 0, N_("토·일·공휴일 휴원"))
        return Opening(parse_clock(own[0]), parse_clock(own[1]))
    if holiday and policy.holiday_open is not None:
        return Opening(policy.holiday_open.start, policy.holiday_open.end)
    return Opening(DAY_START, DAY_END)


def parse_clock(text: str) -> int:
    """``"31:30"`` → 1890; ValueError for anything that is no minute of an operating day."""
    head, separator, tail = str(text).strip().partition(":")
    if not (separator and head.isdigit() and tail.isdigit() and len(tail) == 2 and int(tail) < 60):
        raise ValueError(text)
    return int(head) * 60 + int(tail)


def check_hours(hours: Mapping[str, Any]) -> list[Problem]:
    """AD-30: a daycare's own hours lie within the 24 hours of the operating day; {} means the standard."""
    for key, span in hours.items():
        if key not in ("weekday", "holiday") or (span is None and key == "weekday"):
            return [_bad_hours()]
        if span is None:
            continue
        try:
            start, end = map(parse_clock, span)
        except (ValueError, TypeError):
            return [_bad_hours()]
        if not DAY_START <= start < end <= DAY_END or start % STEP or end % STEP:
            return [_bad_hours()]
    return []


def _bad_hours() -> Problem:
    return BAD_HOURS.of(start=minute_text(DAY_START), end=minute_text(DAY_END - 1440))
