"""The Korean calendar of days: holidays, business days, deadlines, sanction months (GC-07 … GC-17).

Pure: the holidays of the years in question come in as a ``HolidayCalendar``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.kernel.errors import N_
from app.kernel.ranges import DateSpan, add_months

_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6


class DayClass(StrEnum):
    """GC-11: what kind of day it is before a service gives Saturday its meaning."""

    WEEKDAY = "WEEKDAY"
    SATURDAY = "SATURDAY"
    HOLIDAY = "HOLIDAY"

    @property
    def label(self) -> str:
        return {"WEEKDAY": N_("평일"), "SATURDAY": N_("토요일"), "HOLIDAY": N_("휴일")}[self.value]


class Purpose(StrEnum):
    """What a day class is asked for (GC-12)."""

    FACILITY = "FACILITY"
    ALLOWANCE = "ALLOWANCE"
    HOLIDAY_LIMIT = "HOLIDAY_LIMIT"
    VISITING_FEE = "VISITING_FEE"
    VISITING_CALL_WINDOW = "VISITING_CALL_WINDOW"
    DAYCARE_ENTRY = "DAYCARE_ENTRY"


def purpose_class(day_class: DayClass, purpose: Purpose) -> DayClass:
    """WEEKDAY or HOLIDAY: Saturday is a weekday for visiting fees and a holiday for everything else (GC-12)."""
    if day_class is not DayClass.SATURDAY:
        return day_class
    return DayClass.WEEKDAY if purpose is Purpose.VISITING_FEE else DayClass.HOLIDAY


@dataclass(frozen=True, slots=True)
class HolidayCalendar:
    """The holidays known, as ``date → (name, closure key or None)``; Sundays and Labour Day need no entry."""

    holidays: Mapping[date, tuple[str, str | None]]

    def name(self, day: date) -> str | None:
        """The holiday's Korean name; None for any other day, also for a plain Sunday."""
        entry = self.holidays.get(day)
        if entry is not None:
            return entry[0]
        return N_("노동절") if (day.month, day.day) == (5, 1) else None

    def day_class(self, day: date) -> DayClass:
        """GC-11: a holiday that falls on a Saturday is a holiday."""
        if day.weekday() == _SUNDAY or self.name(day) is not None:
            return DayClass.HOLIDAY
        return DayClass.SATURDAY if day.weekday() == _SATURDAY else DayClass.WEEKDAY

    def is_business_day(self, day: date) -> bool:
        """GC-14."""
        return self.day_class(day) is DayClass.WEEKDAY

    def next_business_day(self, day: date) -> date:
        """The day itself if it is a business day, else the first one after it (GC-14)."""
        while not self.is_business_day(day):
            day += _DAY
        return day

    def previous_business_day(self, day: date) -> date:
        """The day itself if it is a business day, else the last one before it (GC-14)."""
        while not self.is_business_day(day):
            day -= _DAY
        return day

    def citizen_deadline(self, event_day: date, days: int, *, rolls: bool = True) -> date:
        """The day at whose 24:00 a citizen's N days end: the event day does not count (GC-09)."""
        last = event_day + timedelta(days=days)
        return self.next_business_day(last) if rolls else last

    def is_closed(self, day: date, closed_keys: Collection[str]) -> bool:
        """GC-13: closed on the named day itself, not on its eve, morrow or substitute."""
        entry = self.holidays.get(day)
        return entry is not None and entry[1] in closed_keys


def sanction_last_day(start: date, months: int) -> date:
    """Last day of a sanction whose first day counts; never moved for holidays (GC-10)."""
    if months < 1:
        raise ValueError("a sanction lasts at least one month")
    return add_months(start, months) - _DAY


def month_key(day: date) -> str:
    """``YYYY-MM``: monthly counts follow the calendar month of the event (GC-07)."""
    return f"{day:%Y-%m}"


def week_of(day: date) -> DateSpan:
    """Monday to Sunday (GC-08)."""
    monday = day - timedelta(days=day.weekday())
    return DateSpan(monday, monday + timedelta(days=6))


def reception_number(year: int, code: str, counter: int) -> str:
    """``2026-01-0001``; above 9999 the last field widens (GC-17). ``code`` is the municipality's two digits."""
    if counter < 1 or not (len(code) == 2 and code.isascii() and code.isdigit()):
        raise ValueError("a reception number needs a two-digit code and a counter from 1")
    return f"{year:04d}-{code}-{counter:04d}"


@dataclass(frozen=True, slots=True)
class Repricing:
    """What a holiday declared later does to one service: won to charge, won to pay, tell the guardian or not."""

    fee: int
    allowance: int
    tell_guardian: bool


def repricing(
    *,
    old_fee: int,
    new_fee: int,
    old_allowance: int,
    new_allowance: int,
    paid_in_full: bool,
    settled: bool,
    reprice_paid: bool = False,
) -> Repricing:
    """GC-15: settled work stays; a paid fee is never raised; the carer's allowance follows the real class."""
    if settled:
        return Repricing(old_fee, old_allowance, tell_guardian=False)
    keeps_fee = paid_in_full and new_fee > old_fee and not reprice_paid
    fee = old_fee if keeps_fee else new_fee
    return Repricing(fee, new_allowance, tell_guardian=fee != old_fee)
