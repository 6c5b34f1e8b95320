"""Which operating days a stay belongs to, and what of it a day's records say (AD-21, AD-24, AD-32)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.daycare.rules.days import operating_day, operating_span
from app.daycare.rules.policy import STEP

TURN = timedelta(minutes=STEP)
"""Who is fetched within the first half hour of a new operating day still belongs to the night (AD-14 charges nothing
for it): the night of 24 December does not open a page on the closed 25th."""


@dataclass(frozen=True, slots=True)
class Presence:
    """One stay as an operating day sees it.

    ``came`` and ``left``: entry and exit are this day's; ``goes_on``: the child was still there when the day ended.
    """

    day: date
    in_at: datetime
    out_at: datetime | None
    came: bool
    left: bool
    goes_on: bool

    @property
    def awaited(self) -> bool:
        """Inside, and the day waits for its exit."""
        return not self.left and not self.goes_on

    @property
    def minutes(self) -> int | None:
        """Whole minutes of the stay that belong to the day; None while it lasts."""
        if self.awaited:
            return None
        span = operating_span(self.day)
        start = self.in_at if self.came else span.start
        end = self.out_at if self.left and self.out_at else span.end
        return int((end - start).total_seconds()) // 60


def operating_days(in_at: datetime, until: datetime) -> list[date]:
    """Every operating day with a minute of the stay, in order, the last one without the half hour of the turn."""
    first = operating_day(in_at)
    last = max(first, operating_day(until - TURN))
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def presence(day: date, in_at: datetime | None, out_at: datetime | None, now: datetime) -> Presence | None:
    """None where the child was not there that day."""
    if in_at is None:
        return None
    days = operating_days(in_at, out_at or max(now, in_at))
    if day not in days:
        return None
    left = out_at is not None and day == days[-1]
    return Presence(day, in_at, out_at, day == days[0], left, day < days[-1])
