"""What a parent has chosen so far, as it stands in the address of every step: refs, dates and times, never names.

``child=…&kind=TEMPORARY&centre=…&day=2026-11-24&day=2026-11-25&from=14:00&to=17:00`` or, for regular care,
``first=…&last=…&on=mon&mon_from=14:00&mon_to=17:00``. What cannot be read is left out and named in ``unreadable``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from app.booking.rules.states import BookingKind
from app.kernel.errors import N_, Problem
from app.kernel.ranges import WEEKDAYS, TimeSpan, parse_day, parse_minute

REF = re.compile(r"^[0-9a-f]{16}$")
MONTH = re.compile(r"^(20\d\d)-(0[1-9]|1[0-2])$")
MOST_DAYS = 31

BAD_DAY = Problem(
    "choice.bad_day", N_("날짜를 읽을 수 없어요. 달력에서 다시 골라 주세요."), rule="KB-08", field="day"
)
BAD_TIME = Problem(
    "choice.bad_time",
    N_("시작과 끝 시각을 다시 골라 주세요. 끝이 시작보다 늦어야 해요."),
    rule="KB-11",
    field="hours",
)
NO_TIME = Problem(
    "choice.no_time", N_("몇 시부터 몇 시까지 이용할지 골라 주세요."), rule="KB-11", field="hours"
)
BAD_PERIOD = Problem(
    "choice.bad_period",
    N_("이용기간을 다시 골라 주세요. 끝나는 날이 시작하는 날보다 빠를 수 없어요."),
    rule="KB-04",
    field="last",
)
BAD_KIND = Problem("choice.bad_kind", N_("돌봄 종류를 다시 골라 주세요."), rule="KB-01", field="kind")


Fields = MultiDict[str, str]
"""A query string or a posted form."""


@dataclass(frozen=True, slots=True)
class Choice:
    """``week`` maps ``mon`` … ``sun`` to the hours of regular care; ``days`` and ``hours`` are of single dates."""

    child: str = ""
    kind: BookingKind | None = None
    centre: str = ""
    days: tuple[date, ...] = ()
    hours: TimeSpan | None = None
    first: date | None = None
    last: date | None = None
    week: Mapping[str, TimeSpan] = field(default_factory=dict)
    unreadable: tuple[Problem, ...] = ()

    @property
    def is_regular(self) -> bool:
        return self.kind is BookingKind.REGULAR

    def pairs(self) -> list[tuple[str, str]]:
        """Name and value of everything chosen, for an address or for hidden fields."""
        pairs = [("child", self.child), ("kind", str(self.kind or "")), ("centre", self.centre)]
        pairs += [("day", day.isoformat()) for day in self.days]
        if self.hours:
            pairs += _hours_pairs("", self.hours)
        pairs += [("first", self.first.isoformat() if self.first else "")]
        pairs += [("last", self.last.isoformat() if self.last else "")]
        for key, hours in self.week.items():
            pairs += [("on", key), *_hours_pairs(f"{key}_", hours)]
        return [(name, value) for name, value in pairs if value]

    def query(self, **changes: Any) -> str:
        """The address's query, as chosen or with some of it changed."""
        return urlencode((replace(self, **changes) if changes else self).pairs())

    def without_time(self) -> Choice:
        """The same child, kind and centre, nothing said yet about when."""
        return Choice(child=self.child, kind=self.kind, centre=self.centre)


def read_choice(fields: Fields) -> Choice:
    """Whatever stands in an address or a form; never raises."""
    problems: list[Problem] = []
    kind = _kind(fields.get("kind", ""), problems)
    choice = Choice(
        child=_ref(fields.get("child", "")),
        kind=kind,
        centre=_ref(fields.get("centre", "")),
    )
    if kind is BookingKind.REGULAR:
        first, last = _day(fields.get("first", ""), problems), _day(fields.get("last", ""), problems)
        if first and last and last < first:
            problems.append(BAD_PERIOD)
        choice = replace(choice, first=first, last=last, week=_week(fields, problems))
    else:
        days = {_day(text, problems) for text in fields.getlist("day")[:MOST_DAYS]}
        hours = _hours(fields, "", problems)
        choice = replace(choice, days=tuple(sorted(day for day in days if day)), hours=hours)
    return replace(choice, unreadable=tuple(distinct(problems)))


def distinct(problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once, in order: several dates often fail for one reason."""
    found: list[Problem] = []
    for problem in problems:
        if problem not in found:
            found.append(problem)
    return found


def read_month(text: str, otherwise: date) -> date:
    """The first day of ``2026-11``; of the month of ``otherwise`` when nothing sensible is said."""
    match = MONTH.fullmatch(text)
    return date(int(match[1]), int(match[2]), 1) if match else otherwise.replace(day=1)


def toggled(days: Iterable[date], day: date) -> tuple[date, ...]:
    """A press on a day of the month takes it in, a second press takes it out."""
    return tuple(sorted(set(days) ^ {day}))


def _ref(text: str) -> str:
    return text if REF.fullmatch(text) else ""


def _kind(text: str, problems: list[Problem]) -> BookingKind | None:
    if text in BookingKind.__members__:
        return BookingKind(text)
    if text:
        problems.append(BAD_KIND)
    return None


def _day(text: str, problems: list[Problem]) -> date | None:
    if not text:
        return None
    try:
        return parse_day(text)
    except ValueError:
        problems.append(BAD_DAY)
        return None


def _hours(fields: Fields, prefix: str, problems: list[Problem]) -> TimeSpan | None:
    start, end = fields.get(f"{prefix}from", ""), fields.get(f"{prefix}to", "")
    if not start and not end:
        return None
    try:
        return TimeSpan(parse_minute(start), parse_minute(end))
    except ValueError:
        problems.append(BAD_TIME)
        return None


def _week(fields: Fields, problems: list[Problem]) -> dict[str, TimeSpan]:
    chosen = set(fields.getlist("on"))
    week = {}
    for key in WEEKDAYS:
        if key in chosen and (hours := _hours(fields, f"{key}_", problems)):
            week[key] = hours
    return week


def _hours_pairs(prefix: str, hours: TimeSpan) -> list[tuple[str, str]]:
    start, _, end = str(hours).partition("–")
    return [(f"{prefix}from", start), (f"{prefix}to", end)]
