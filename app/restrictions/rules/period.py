"""From when to when: restrictions, holds, and the days for a statement and an objection (GC-09, GC-10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from app.kernel.calendar import HolidayCalendar, sanction_last_day
from app.kernel.errors import N_, Problem
from app.kernel.ranges import DateSpan
from app.kernel.texts import day_text
from app.restrictions.rules.kinds import FIXED_MONTHS, MOST_MONTHS_OF_A_YEAR, Level
from app.restrictions.rules.policy import RestrictionPolicy

MONTHS_WRONG = Problem(
    "restriction.months", N_("1개월에서 {most}개월 사이로 정해 주세요."), rule="AS-14", field="months"
)
LESS_NEEDS_REASON = Problem(
    "restriction.less_needs_reason",
    N_("{default}개월보다 짧게 정하려면 이유를 적어 주세요."),
    rule="AS-14",
    field="reason",
)
DATES_REVERSED = Problem(
    "restriction.dates", N_("마지막 날은 첫날이거나 그 뒤여야 해요."), rule="AS-25", field="ends_on"
)
IN_THE_PAST = Problem(
    "restriction.past",
    N_("통지한 다음 날({first})부터 제한할 수 있어요. 지난 날부터는 제한할 수 없어요."),
    rule="AS-20",
    field="starts_on",
)
TOO_LONG = Problem(
    "restriction.too_long",
    N_("어린이집은 {months}개월까지 제한할 수 있어요. 늦어도 {last}까지로 정해 주세요."),
    rule="AS-25",
    field="ends_on",
)
LATEST_START_DAYS = 30
"""A daycare restricts for what has happened, soon after it has; not for next year."""
TOO_FAR = Problem(
    "restriction.too_far",
    N_("알린 날부터 {days}일 안에 시작해야 해요. 첫날을 늦어도 {last}로 정해 주세요."),
    rule="AS-25",
    field="starts_on",
)
NOTHING_NEW = Problem(
    "restriction.nothing_new",
    N_(
        "같은 사유로 이미 제한했어요({first}부터 {last}까지). 그 제한이 시작된 뒤에 새로 있었던 일이 있어야 "
        "다시 제한할 수 있어요. 그 일의 날을 적어 주세요."
    ),
    rule="AS-25",
    field="happened_on",
)
OVERLAPS = Problem(
    "restriction.overlaps",
    N_("{first}부터 {last}까지 이미 제한되어 있어요. 겹치지 않게 정해 주세요."),
    rule="AS-25",
    field="starts_on",
)
OBJECTION_LATE = Problem(
    "objection.late",
    N_("이의신청은 {due} 밤 12시까지 받았어요. 지금은 신청할 수 없어요."),
    rule="AS-21",
    field="words",
)
OBJECTION_EARLY = Problem(
    "objection.early",
    N_("통지한 날({notified})보다 앞선 날이에요. 이의를 받은 날을 다시 확인해 주세요."),
    rule="AS-21",
    field="received_on",
)
NOT_SHORTER = Problem(
    "objection.not_shorter",
    N_("지금의 마지막 날보다 이르고 오늘({today})보다 이르지 않은 날을 적어 주세요."),
    rule="AS-21",
    field="ends_on",
)


def months_problem(
    level: Level, months: int | None, reason: str, policy: RestrictionPolicy
) -> Problem | None:
    """A year's level is 1 to 12 months; fewer than the usual need a reason (AS-14)."""
    if level is not Level.YEAR:
        return None
    if months is None or not 1 <= months <= MOST_MONTHS_OF_A_YEAR:
        return MONTHS_WRONG.of(most=MOST_MONTHS_OF_A_YEAR)
    if months < policy.year_default_months and not reason.strip():
        return LESS_NEEDS_REASON.of(default=policy.year_default_months)
    return None


def months_of(level: Level, chosen: int | None = None) -> int | None:
    """None: permanent."""
    return None if level is Level.PERMANENT else FIXED_MONTHS.get(level, chosen)


def span_from_notice(notified_on: date, months: int | None) -> tuple[date, date | None]:
    """First and last day, both included: it starts the day after the notice (AS-20) and ends by GC-10."""
    first = notified_on + timedelta(days=1)
    return first, None if months is None else sanction_last_day(first, months)


def statement_due(asked_on: date, level: Level, policy: RestrictionPolicy, calendar: HolidayCalendar) -> date:
    """Three days for one-month grounds, ten for longer ones; the last day is the guardian's to its end (AS-18)."""
    days = policy.statement_days_short if level is Level.M1 else policy.statement_days_long
    return calendar.citizen_deadline(asked_on, days, rolls=policy.deadline_rolls)


def objection_due(notified_on: date, policy: RestrictionPolicy, calendar: HolidayCalendar) -> date:
    """The last day for an objection (AS-21); it moves to a business day as any citizen's deadline (GC-09)."""
    return calendar.citizen_deadline(notified_on, policy.objection_days, rolls=policy.deadline_rolls)


def objection_problem(notified_on: date, due: date, on: date) -> Problem | None:
    """In time: from the day of the notice to the last day, both included."""
    if on < notified_on:
        return OBJECTION_EARLY.of(notified=day_text(notified_on))
    return None if on <= due else OBJECTION_LATE.of(due=day_text(due))


def may_shorten(first: date | None, last: date | None, today: date) -> bool:
    """Is there an earlier last day that is not past?"""
    return first is not None and (last is None or max(first, today) < last)


def hold_last_day(on: date, policy: RestrictionPolicy) -> date:
    """A hold takes something away, so its first day counts (AS-19)."""
    return on + timedelta(days=policy.hold_days - 1)


def shorter_problem(first: date, last: date | None, new_last: date | None, today: date) -> Problem | None:
    """Shortening moves the last day forward, never into the past."""
    fits = new_last is not None and max(first, today) <= new_last and (last is None or new_last < last)
    return None if fits else NOT_SHORTER.of(today=day_text(today))


def daycare_problems(
    first: date,
    last: date,
    today: date,
    policy: RestrictionPolicy,
    others: Sequence[DateSpan],
    *,
    alike: Sequence[DateSpan] = (),
    happened_on: date | None = None,
) -> list[Problem]:
    """A daycare's own restriction (AS-25): from the day after its notice, three months at most, none beside it.

    ``others``: what binds the household there; ``alike``: what of the same ground is not over yet, or only today.
    One behind the other would be longer than any may be, so it needs something new (``happened_on``).
    """
    if last < first:
        return [DATES_REVERSED]
    problems = []
    if first <= today:
        earliest = today + timedelta(days=1)
        problems.append(IN_THE_PAST.of(first=day_text(earliest)))
    if first > (furthest := latest_start(today)):
        problems.append(TOO_FAR.of(days=LATEST_START_DAYS, last=day_text(furthest)))
    latest = sanction_last_day(first, policy.daycare_months_max)
    if last > latest:
        problems.append(TOO_LONG.of(months=policy.daycare_months_max, last=day_text(latest)))
    wanted = DateSpan(first, last)
    for span in others:
        if span.overlaps(wanted):
            problems.append(
                OVERLAPS.of(
                    first=day_text(span.first),
                    last=day_text(span.last),
                )
            )
    for span in alike:
        new = happened_on is not None and span.first <= happened_on <= today
        if not new and not span.overlaps(wanted):
            problems.append(NOTHING_NEW.of(first=day_text(span.first), last=day_text(span.last)))
    return problems


def latest_start(today: date) -> date:
    """The last day on which a daycare's restriction may begin."""
    return today + timedelta(days=LATEST_START_DAYS)
