"""Value types for days and times. Each says whether its end is included.

- ``DateSpan``: whole days, **both ends included** (quarters, booking periods).
- ``TimeSpan``: minutes of one day, **end excluded**; 24:00 is minute 1440 and belongs to the day (GC-04, GC-05).
- ``Period``: aware instants, **end excluded** (GC-04); may cross midnight.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

KST = ZoneInfo("Asia/Seoul")
MINUTES_PER_DAY = 1440
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)
WEEKDAY_KO = {"mon": "월", "tue": "화", "wed": "수", "thu": "목", "fri": "금", "sat": "토", "sun": "일"}


def is_speakable(day: date) -> bool:
    """Birth days of great-grandparents and plans for the next decades; around the ends of the calendar sums fail."""
    return EARLIEST <= day <= LATEST


def parse_day(text: str) -> date:
    """A day as an address or a form writes it (2026-11-20). ValueError for anything else and for days nobody means."""
    day = date.fromisoformat(text.strip())
    if not is_speakable(day):
        raise ValueError(text)
    return day


def weekday(day: date) -> str:
    """``mon`` … ``sun``."""
    return WEEKDAYS[day.weekday()]


def minute_text(minute: int) -> str:
    """Minute of the day as ``HH:MM``; 1440 is ``24:00``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def parse_minute(text: str) -> int:
    """``HH:MM`` (00:00–24:00) as minute of the day; ValueError otherwise."""
    hours, separator, minutes = text.strip().partition(":")
    well_formed = separator and len(hours) in (1, 2) and len(minutes) == 2
    if not (well_formed and hours.isascii() and minutes.isascii() and hours.isdigit() and minutes.isdigit()):
        raise ValueError(text)
    value = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or value > MINUTES_PER_DAY:
        raise ValueError(text)
    return value


def to_minute(moment: datetime) -> datetime:
    """Truncate to the whole minute, as every deadline comparison does (GC-02)."""
    return moment.replace(second=0, microsecond=0)


def kst(day: date, minute: int = 0) -> datetime:
    """The instant of a minute of a Korean day; minute 1440 is the next midnight."""
    return datetime.combine(day, time(), tzinfo=KST) + timedelta(minutes=minute)


def kst_date(moment: datetime) -> date:
    return moment.astimezone(KST).date()


def add_months(day: date, months: int) -> date:
    """Same day-number N months later; a missing day rolls to the 1st of the following month (GC-06)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        return date(year + (month == 11), month % 12 + 2 if month < 11 else 1, 1)


def age_on(birth: date, on: date) -> int:
    """만 나이: completed years; 29 February counts from 1 March in common years (GC-06)."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


@dataclass(frozen=True, slots=True, order=True)
class DateSpan:
    """Days from ``first`` to ``last``, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("a span of days cannot end before it starts")

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=n) for n in range(self.days))

    def overlaps(self, other: DateSpan) -> bool:
        return self.first <= other.last and other.first <= self.last

    def intersection(self, other: DateSpan) -> DateSpan | None:
        first, last = max(self.first, other.first), min(self.last, other.last)
        return DateSpan(first, last) if first <= last else None


@dataclass(frozen=True, slots=True, order=True)
class TimeSpan:
    """Minutes ``start`` (included) to ``end`` (excluded) of one day, 0 ≤ start < end ≤ 1440."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= MINUTES_PER_DAY:
            raise ValueError("a span of time needs 0 <= start < end <= 1440")

    @classmethod
    def parse(cls, text: str) -> TimeSpan:
        """``"13:00-19:00"``."""
        start, _, end = text.partition("-")
        return cls(parse_minute(start), parse_minute(end))

    @property
    def minutes(self) -> int:
        return self.end - self.start

    def __str__(self) -> str:
        return f"{minute_text(self.start)}–{minute_text(self.end)}"

    def overlaps(self, other: TimeSpan) -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, other: TimeSpan) -> bool:
        return self.start <= other.start and other.end <= self.end

    def slots(self, step: int) -> range:
        """Start minutes of the slots of ``step`` minutes that this span touches."""
        return range(self.start // step * step, self.end, step)

    def on(self, day: date) -> Period:
        return Period(kst(day, self.start), kst(day, self.end))


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Aware instants ``start`` (included) to ``end`` (excluded)."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a period needs aware instants")
        if self.end <= self.start:
            raise ValueError("a period needs a positive length")

    @property
    def minutes(self) -> int:
        return int((self.end - self.start).total_seconds()) // 60

    @property
    def service_date(self) -> date:
        """The Korean day on which it starts (GC-05)."""
        return kst_date(self.start)

    def overlaps(self, other: Period) -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, other: Period) -> bool:
        return self.start <= other.start and other.end <= self.end
