"""The month and the hours a family chooses from, put into words."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.daycare.parent_choice import Choice
from app.daycare.parent_words import day_seats, moment_name, part_rows
from app.daycare.queries import DayFree
from app.daycare.rules.days import clock_minute
from app.daycare.rules.policy import DAY_END, DAY_START, STEP, DaycarePolicy
from app.daycare.rules.request import night_deadline
from app.kernel.language import gettext as _
from app.kernel.ranges import add_months, kst, kst_date, minute_text, parse_day, to_minute
from app.kernel.texts import day_text

SUNDAY_FIRST = Calendar(firstweekday=6)
LAST_MORNING = 1440 + 720
"""Ends are offered until noon of the next day."""
Cell = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    selected: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    title: str
    weeks: list[list[Cell | None]]
    previous: str
    following: str


def first_of_month(text: str, otherwise: date) -> date:
    """The first day of ``2026-11``; of the month of ``otherwise`` when nothing sensible is said."""
    try:
        day = parse_day(f"{text}-01") if len(text) == 7 else otherwise
    except ValueError:
        day = otherwise
    return day.replace(day=1)


def month_of(
    first: date,
    free: Mapping[date, DayFree],
    now: datetime,
    policy: DaycarePolicy,
    choice: Choice,
    here: str,
) -> Month:
    """The month that begins on ``first``; a press on a day takes it as the first day of the stay.

    ``here``: the address of the page without its query.
    """
    today = kst_date(now)
    last = today + timedelta(days=policy.max_days_ahead)

    def url(day: date) -> str:
        return f"{here}?{choice.query(day=day)}#days"

    def turn(month: date) -> str:
        return f"{here}?{choice.query()}&month={month:%Y-%m}#days"

    weeks = [
        [_cell(day, free, now, policy, choice, url) if day.month == first.month else None for day in week]
        for week in SUNDAY_FIRST.monthdatescalendar(first.year, first.month)
        if week[-1] >= today
    ]
    before, after = add_months(first, -1), add_months(first, 1)
    return Month(
        title=_("%(year)d년 %(month)d월", year=first.year, month=first.month),
        weeks=weeks,
        previous=turn(before) if today < first else "",
        following=turn(after) if last >= after else "",
    )


def _cell(
    day: date,
    free: Mapping[date, DayFree],
    now: datetime,
    policy: DaycarePolicy,
    choice: Choice,
    url: Callable[[date], str],
) -> Cell:
    cell: Cell = {"label": day.day, "selected": day == choice.day}
    one = free.get(day)
    if one is None or day < kst_date(now):
        return cell
    if day == kst_date(now) and to_minute(now) > kst(day, policy.cutoff):
        return {**cell, "text": _("접수 끝"), "tone": "", "name": day_text(day)}
    text, tone = day_seats(one, policy)
    cell |= {"text": text, "tone": tone, "name": day_text(day)}
    if one.opening.is_open:
        cell["url"] = url(day)
    return cell


def start_options(free: DayFree | None, policy: DaycarePolicy, choice: Choice, now: datetime) -> list[Option]:
    """Every half hour at which a child may come; a full or past one stays in the list and says so."""
    first = max(DAY_START, free.opening.start) if free and free.opening.is_open else DAY_START
    last = min(policy.curfew[0], free.opening.end - policy.min_minutes) if free else policy.curfew[0]
    minutes = set(range(first, last + 1, STEP)) | ({choice.start} if choice.start is not None else set())
    made = []
    for minute in sorted(minutes):
        why = _why_not(free, minute, now)
        label = f"{clock_minute(minute)} · {why}" if why else clock_minute(minute)
        made.append(Option(minute_text(minute), label, minute == choice.start, bool(why)))
    return made


def _why_not(free: DayFree | None, minute: int, now: datetime) -> str:
    if free is None:
        return ""
    if to_minute(now) >= kst(free.day, minute):
        return _("지난 시각")
    if DAY_START <= minute < DAY_END and free.free[(minute - DAY_START) // STEP] == 0:
        return _("자리 없음")
    return ""


def end_options(free: DayFree | None, policy: DaycarePolicy, choice: Choice, now: datetime) -> list[Option]:
    """When the child goes home: until 22:00, or from 07:30 of the next day on (AD-06)."""
    close = free.opening.end if free and free.opening.is_open else DAY_END
    evening = range(DAY_START + policy.min_minutes, min(policy.curfew[0], close) + 1, STEP)
    morning = range(1440 + policy.curfew[1], LAST_MORNING + 1, STEP) if close >= DAY_END else range(0)
    minutes = {*evening, *morning} | ({choice.end} if choice.end is not None else set())
    late = free is not None and now > night_deadline(free.day, policy)
    made = []
    for minute in sorted(minutes):
        shut = late and minute > policy.curfew[0]
        label = f"{clock_minute(minute)} · {_('밤 접수 끝')}" if shut else clock_minute(minute)
        made.append(Option(minute_text(minute), label, minute == choice.end, shut))
    return made


def run_options(policy: DaycarePolicy, choice: Choice) -> list[Option]:
    """On how many days in a row, and whether the child goes home in between."""
    made = [Option("1", _("한 번 (밤을 지나면 다음 날까지)"), choice.run == "1")]
    for days in range(2, policy.max_days + 1):
        label = _("%(n)d일 연속, 날마다 같은 시간", n=days)
        made.append(Option(str(days), label, choice.run == str(days)))
    for days in range(2, policy.max_days + 1):
        label = _("집에 가지 않고 이어서 %(n)d일째까지", n=days)
        made.append(Option(f"c{days}", label, choice.run == f"c{days}"))
    return made


def day_facts(free: DayFree | None, policy: DaycarePolicy, now: datetime) -> dict[str, Any]:
    """The pressed day: its parts with their free beds, and until when it can be booked."""
    if free is None:
        return {"title": "", "parts": [], "deadlines": []}
    today = kst_date(now)
    day_end, night_end = kst(free.day, policy.cutoff), night_deadline(free.day, policy)
    lines = [_("낮: %(until)s까지", until=moment_name(day_end, today))]
    closes_late = free.opening.end > policy.curfew[0]
    if closes_late and now > night_end:
        lines.append(_("밤: %(until)s에 끝났어요", until=moment_name(night_end, today)))
    elif closes_late:
        lines.append(_("밤: %(until)s까지", until=moment_name(night_end, today)))
    return {"title": day_text(free.day), "parts": part_rows(free, policy), "deadlines": lines}


def by_day(rows: Sequence[DayFree]) -> dict[date, DayFree]:
    return {row.day: row for row in rows}
