"""What care costs: a quote for the booked hours and the final fee for the used ones (AD-12, AD-14, AD-15, GC-16)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.daycare.rules.days import days_of, operating_span
from app.daycare.rules.policy import FEE_CEILING, DaycarePolicy
from app.kernel.calendar import DayClass, HolidayCalendar
from app.kernel.errors import N_, Problem
from app.kernel.money import fee
from app.kernel.ranges import Period, kst

FEE_TOO_HIGH = Problem(
    "daycare.fee_too_high",
    N_("이용료는 시간당 {most}원을 넘을 수 없습니다."),
    rule="AD-12",
    field="value",
)
EVENING = (1170, 1440)
"""19:30–24:00 of weekdays: extended evening care that the state pays."""
HOLIDAY_CARE = (450, 1170)
"""07:30–19:30 of Sundays and public holidays: holiday care that the state pays. Saturdays have none."""
SUPPORTED = frozenset({"DAYCARE", "KINDERGARTEN"})
"""Enrolled there, a child has a claim to them (AD-15)."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a booking was made under (GC-20): won an hour, where the child is enrolled, why it is free."""

    fee_hour: int
    qualification: str = "HOME"
    free_category: str = ""


@dataclass(frozen=True, slots=True)
class Fee:
    """``hours`` billed in all; ``government_hours`` of them are the state's; ``amount`` in won is the parent's."""

    hours: int
    government_hours: int
    amount: int

    def __add__(self, other: Fee) -> Fee:
        return Fee(
            self.hours + other.hours,
            self.government_hours + other.government_hours,
            self.amount + other.amount,
        )


NOTHING = Fee(0, 0, 0)


def check_fee(won_an_hour: int) -> Problem | None:
    """AD-12: a municipality may charge less than the ceiling, never more."""
    return FEE_TOO_HIGH.of(most=f"{FEE_CEILING:,}") if won_an_hour > FEE_CEILING else None


def hours_of(minutes: int, policy: DaycarePolicy) -> int:
    """Full hours, one more when 30 minutes or more remain: 2 h 29 min are two hours, 2 h 30 min three (AD-14)."""
    hours, rest = divmod(minutes, 60)
    return hours + (rest >= policy.overrun_threshold)


def fee_for(period: Period, terms: Terms, policy: DaycarePolicy, calendar: HolidayCalendar) -> Fee:
    """The fee of one stay, booked or used: counted for each operating day by itself, at least one hour in all.

    The state's hours come first; what rounding leaves over is the parent's (AD-15).
    """
    hours = own = 0
    for day in days_of(period):
        part = _within(period, day)
        covered = sum(_within_minutes(part, span) for span in supported_times(day, terms, policy, calendar))
        billed = hours_of(part.minutes, policy)
        hours += billed
        own += min(billed, hours_of(part.minutes - covered, policy))
    if hours == 0:
        hours = 1
        own = 0 if _all_covered(period, terms, policy, calendar) else 1
    return Fee(hours, hours - own, amount_of(own, terms, policy))


def amount_of(hours: int, terms: Terms, policy: DaycarePolicy) -> int:
    """Won for so many hours of the parent's; vulnerable families pay nothing where the municipality says so."""
    if terms.free_category and terms.free_category in policy.free_categories:
        return 0
    return fee(hours * terms.fee_hour)


def quote(stays: Iterable[Period], terms: Terms, policy: DaycarePolicy, calendar: HolidayCalendar) -> Fee:
    """What a booking costs as it is booked."""
    total = NOTHING
    for stay in stays:
        total = total + fee_for(stay, terms, policy, calendar)
    return total


def supported_times(
    day: date, terms: Terms, policy: DaycarePolicy, calendar: HolidayCalendar
) -> list[Period]:
    """The times of an operating day that the state pays for this child (AD-15)."""
    if not policy.gov_priority or terms.qualification not in SUPPORTED:
        return []
    match calendar.day_class(day):
        case DayClass.WEEKDAY:
            span = EVENING
        case DayClass.HOLIDAY:
            span = HOLIDAY_CARE
        case _:
            return []
    return [Period(kst(day, span[0]), kst(day, span[1]))]


def _within(period: Period, day: date) -> Period:
    whole = operating_span(day)
    return Period(max(period.start, whole.start), min(period.end, whole.end))


def _within_minutes(part: Period, span: Period) -> int:
    start, end = max(part.start, span.start), min(part.end, span.end)
    return Period(start, end).minutes if start < end else 0


def _all_covered(period: Period, terms: Terms, policy: DaycarePolicy, calendar: HolidayCalendar) -> bool:
    return all(
        any(span.contains(_within(period, day)) for span in supported_times(day, terms, policy, calendar))
        for day in days_of(period)
    )
