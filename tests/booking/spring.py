"""A general centre in spring 2026 that the booking tests ask: quarter, openings, clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from app.centres.rules import (
    CentreKind,
    Opening,
    QuarterKind,
    QuarterPlan,
    SpecialDay,
    StaffPlan,
    WeekHours,
    opening_on,
)
from app.kernel.ranges import DateSpan, TimeSpan
from tests.kernel.korean_holidays import CALENDAR

T = TimeSpan.parse
OPEN = T("11:00-19:00")
SCHOOL_DAYS = ("mon", "tue", "wed", "thu", "fri")
SEMESTER = QuarterPlan(
    QuarterKind.SEM1,
    2026,
    DateSpan(date(2026, 3, 1), date(2026, 7, 19)),
    WeekHours(dict.fromkeys(SCHOOL_DAYS, OPEN)),
    StaffPlan(dict.fromkeys(SCHOOL_DAYS, ((OPEN, 1),))),
)


def opening_of(
    plan: QuarterPlan = SEMESTER, special_days: Mapping[date, SpecialDay] | None = None
) -> Callable[[date], Opening]:
    return lambda day: opening_on(day, plan, special_days or {}, CALENDAR, CentreKind.GENERAL)


def at(text: str) -> datetime:
    """``"2026-03-02 15:20"`` in Korea."""
    return datetime.fromisoformat(f"{text}+09:00")
