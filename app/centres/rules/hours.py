"""What a quarter stores per kind of day: opening hours, staff plan, meals (KQ-07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.kernel.calendar import HolidayCalendar
from app.kernel.errors import N_
from app.kernel.ranges import WEEKDAY_KO, WEEKDAYS, TimeSpan, minute_text, parse_minute, weekday

SCHOOL_DAYS = WEEKDAYS[:5]
DAY_KEYS = (*WEEKDAYS, "holiday")
DAY_KEY_KO = {**WEEKDAY_KO, "holiday": N_("공휴일")}

StaffSpans = tuple[tuple[TimeSpan, int], ...]


def day_key(day: date, calendar: HolidayCalendar) -> str:
    """``mon`` … ``sun``, or ``holiday`` when the day bears a holiday's name (a plain Sunday is ``sun``)."""
    return "holiday" if calendar.name(day) is not None else weekday(day)


def _known_keys(values: Mapping[str, Any]) -> None:
    unknown = set(values) - set(DAY_KEYS)
    if unknown:
        raise ValueError(f"unknown kinds of day: {sorted(unknown)}")


@dataclass(frozen=True, slots=True)
class WeekHours:
    """Opening hours per kind of day; a kind that is missing or None is closed."""

    by_key: Mapping[str, TimeSpan | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _known_keys(self.by_key)

    def at(self, key: str) -> TimeSpan | None:
        return self.by_key.get(key)

    def minutes(self, key: str) -> int:
        """Opening length of that kind of day; 0 when closed."""
        span = self.at(key)
        return span.minutes if span else 0

    @property
    def open_weekdays(self) -> list[str]:
        """``mon`` … ``sun`` on which the centre opens."""
        return [key for key in WEEKDAYS if self.at(key)]

    @classmethod
    def from_json(cls, raw: Mapping[str, Sequence[str] | None]) -> WeekHours:
        """Reads ``{"mon": ["13:00", "19:00"], "sat": null}``; ValueError when malformed."""
        return cls({key: _span(*pair) if pair else None for key, pair in raw.items()})

    def to_json(self) -> dict[str, list[str] | None]:
        spans = ((key, self.at(key)) for key in DAY_KEYS if key in self.by_key)
        return {
            key: [minute_text(span.start), minute_text(span.end)] if span else None for key, span in spans
        }


@dataclass(frozen=True, slots=True)
class StaffPlan:
    """Essential staff (KC-09: director, team leader, care teachers) on duty, per kind of day."""

    by_key: Mapping[str, StaffSpans] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _known_keys(self.by_key)
        if any(heads < 1 for spans in self.by_key.values() for _, heads in spans):
            raise ValueError("a line of a staff plan names at least one person")

    def spans(self, key: str) -> StaffSpans:
        return tuple(self.by_key.get(key, ()))

    def heads_at(self, key: str, minute: int) -> int:
        """How many are on duty at that minute of the day."""
        return sum(heads for span, heads in self.spans(key) if span.start <= minute < span.end)

    @classmethod
    def from_json(cls, raw: Mapping[str, Sequence[Sequence[Any]]]) -> StaffPlan:
        """Reads ``{"mon": [["13:00", "19:00", 2]]}``; ValueError when malformed."""
        return cls({key: tuple(_staff_line(line) for line in lines) for key, lines in raw.items()})

    def to_json(self) -> dict[str, list[list[Any]]]:
        return {
            key: [[minute_text(span.start), minute_text(span.end), heads] for span, heads in self.spans(key)]
            for key in DAY_KEYS
            if key in self.by_key
        }


@dataclass(frozen=True, slots=True)
class Meals:
    """Whether a quarter supports meals (급식) and snacks (간식)."""

    lunch: bool = False
    dinner: bool = False
    snack: bool = False

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Meals:
        return cls(*(bool(raw.get(meal)) for meal in ("lunch", "dinner", "snack")))

    def to_json(self) -> dict[str, bool]:
        return {"lunch": self.lunch, "dinner": self.dinner, "snack": self.snack}


def uncovered(span: TimeSpan, staff: StaffSpans) -> TimeSpan | None:
    """The first stretch of ``span`` during which nobody is on duty; None when somebody always is."""
    minute = span.start
    for on_duty in sorted(duty for duty, _ in staff):
        if on_duty.start > minute:
            return TimeSpan(minute, min(on_duty.start, span.end))
        minute = max(minute, on_duty.end)
        if minute >= span.end:
            return None
    return TimeSpan(minute, span.end)


def _span(start: str, end: str) -> TimeSpan:
    return TimeSpan(parse_minute(start), parse_minute(end))


def _staff_line(line: Sequence[Any]) -> tuple[TimeSpan, int]:
    if len(line) != 3:
        raise ValueError("a line of a staff plan is [from, to, heads]")
    return _span(line[0], line[1]), int(line[2])
