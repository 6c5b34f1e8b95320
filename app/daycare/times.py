"""Bookings and stays in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from app.daycare.rules.days import clock_minute, minute_of, operating_day
from app.daycare.rules.states import StayState
from app.kernel.ranges import KST, Period, kst_date
from app.kernel.texts import day_text


class Stay(Protocol):
    @property
    def planned(self) -> Any: ...

    @property
    def state(self) -> str: ...


def stay_text(period: Period) -> str:
    """11월 24일(화) 20:00–다음 날 07:30; a longer one names its last day."""
    day, last = operating_day(period.start), kst_date(period.end)
    if (last - day).days > 1:
        return f"{day_text(day)} {period.start:%H:%M}–{day_text(last)} {period.end:%H:%M}"
    start, end = minute_of(period.start, day), minute_of(period.end, day)
    return f"{day_text(day)} {clock_minute(start)}–{clock_minute(end)}"


def period_of(stored: Any) -> Period:
    """A range as the database brings it, in Korean time."""
    return Period(local(stored.lower), local(stored.upper))


def local(moment: datetime) -> datetime:
    return moment.astimezone(KST)


def when_text(stays: Sequence[Stay]) -> str:
    """The stays that stand, one a line; of a cancelled booking those it had."""
    standing = [stay for stay in stays if stay.state != StayState.CANCELLED] or list(stays)
    return "\n".join(stay_text(period_of(stay.planned)) for stay in standing)
