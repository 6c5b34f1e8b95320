"""What counts, in which window, and when a case is due (AS-03 – AS-12, AS-23)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from app.kernel.calendar import HolidayCalendar, month_key
from app.kernel.errors import N_, Problem
from app.kernel.ranges import add_months, to_minute
from app.kernel.texts import day_text, long_day
from app.restrictions.rules.grounds import GroundRule, Window, tariff_on
from app.restrictions.rules.kinds import EventKind, Ground
from app.restrictions.rules.policy import RestrictionPolicy

LATE_MINUTES = 5
"""From this minute after the booked end on it is late, or nobody was reached (AS-09, AS-11)."""
NOT_DUE_YET = Problem(
    "event.not_due_yet",
    N_("납부기한({due} 밤 12시)이 아직 지나지 않았어요. 기한이 지난 뒤에 적어 주세요."),
    rule="AS-03",
    field="occurred_on",
)
NOTHING_OWED = Problem(
    "event.nothing_owed", N_("남은 금액이 없어 미납이 아니에요."), rule="AS-03", field="kind"
)
SAME_END = Problem(
    "event.same_end",
    N_("같은 종료 건이 이미 ‘{other}’(으)로 적혀 있어요. 한 번의 늦은 종료는 한 가지로만 셉니다."),
    rule="AS-09",
    field="kind",
)
IN_THE_FUTURE = Problem(
    "event.in_the_future", N_("아직 오지 않은 때예요. 일이 있었던 때를 적어 주세요."), field="occurred_on"
)
TOO_OLD = Problem(
    "event.too_old",
    N_(
        "1년이 지난 일이에요. {earliest}부터 있었던 일만 적을 수 있어요. "
        "수사나 조사의 결과는 결과가 나온 날로 적어 주세요."
    ),
    field="occurred_on",
)
ELSEWHERE = Problem(
    "event.elsewhere",
    N_("‘{kind}’는 언제나어린이집의 일로만 적을 수 있어요."),
    rule="AD-16",
    field="kind",
)
TWICE = Problem(
    "event.twice",
    N_("이미 적은 같은 일이 있어요({day} {kind}). 다른 일이면 표시하고 다시 눌러 주세요."),
    field="again",
    soft=True,
)
EXCUSED = Problem("event.excused", N_("이미 세지 않기로 한 일이에요."), field="reason")
NO_SUBJECT = Problem("event.no_subject", N_("보호자를 고르거나 전화번호를 적어 주세요."), field="phone")
PHONE_ONLY_DEMAND = Problem(
    "event.phone_only_demand",
    N_("등록하지 않은 전화번호에는 ‘사전등록 없는 무리한 요구’만 적을 수 있어요."),
    rule="AS-06",
    field="kind",
)
OLDEST_MONTHS = 12
"""What is written down by hand happened within a year: no window reaches farther back."""
OF_DAYCARES = frozenset({EventKind.LATE_CANCEL})
"""Kinds that only a daycare has."""
ENDS = frozenset({EventKind.UNREACHABLE, EventKind.LATE_END})
"""One late end is one of these, never both."""


@dataclass(frozen=True, slots=True)
class CountedEvent:
    """An event that was not excused. ``spent``: grounds it already stands in a case of; ``void``: it was
    judged and does not stand: dismissed, or cancelled on objection."""

    id: int
    kind: EventKind
    service: str
    occurred_on: date
    spent: frozenset[Ground] = frozenset()
    void: bool = False
    opened_today: bool = False
    """It already opened a case today."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many unspent events stand against one window of one ground."""

    line: GroundRule
    window: str
    events: tuple[int, ...]
    threshold: int

    @property
    def count(self) -> int:
        return len(self.events)

    @property
    def reached(self) -> bool:
        return self.count >= self.threshold

    @property
    def one_before(self) -> bool:
        """The guardian is warned here (AS-23)."""
        return self.threshold > 1 and self.count == self.threshold - 1


def unpaid_due(service_date: date, days: int, calendar: HolidayCalendar, *, rolls: bool = True) -> date:
    """The day at whose 24:00 an amount must be paid (AS-03, GC-09): a Friday's on Monday."""
    return calendar.citizen_deadline(service_date, days, rolls=rolls)


def unpaid_problem(balance: int, due: date, on: date) -> Problem | None:
    """An event only when something is owed (part payment leaves it unpaid) and the day is over."""
    if balance <= 0:
        return NOTHING_OWED
    return NOT_DUE_YET.of(due=day_text(due)) if on <= due else None


def age_problem(day: date, today: date) -> Problem | None:
    """What happened on the same day a year ago may still be written down."""
    earliest = earliest_day(today)
    return TOO_OLD.of(earliest=long_day(earliest)) if day < earliest else None


def earliest_day(today: date) -> date:
    return add_months(today, -OLDEST_MONTHS)


def elsewhere_problem(kind: EventKind, service: str) -> Problem | None:
    """A kind of the daycares at another service."""
    return ELSEWHERE.of(kind=kind.label) if kind in OF_DAYCARES and service != "DAYCARE" else None


def unannounced(cancelled_at: datetime, start: datetime, notice_minutes: int) -> bool:
    """A cancellation said before the start, however late, is announced, unless a lead time is asked for (AS-04)."""
    lead = to_minute(start) - to_minute(cancelled_at)
    return lead <= timedelta(0) or lead < timedelta(minutes=notice_minutes)


def end_event(
    booked_end: datetime, ended: datetime, *, reached: bool, users_fault: bool = True
) -> EventKind | None:
    """A late end is AS-11 when the guardian could be reached and AS-09 when not; one belongs to one of them only."""
    late = to_minute(ended) - to_minute(booked_end) >= timedelta(minutes=LATE_MINUTES)
    if not late or not users_fault:
        return None
    return EventKind.LATE_END if reached else EventKind.UNREACHABLE


def window_of(window: Window, event: CountedEvent) -> str:
    """The key of the window an event falls into; events of one key are added up (GC-07)."""
    if window is Window.MONTH:
        return month_key(event.occurred_on)
    if window is Window.YEAR:
        return str(event.occurred_on.year)
    return "" if window is Window.ALWAYS else f"#{event.id}"


def tallies(events: Iterable[CountedEvent], policy: RestrictionPolicy) -> list[Tally]:
    """Every window of every ground in which something stands, in the order of the tariff."""
    ordered = sorted(events, key=lambda event: (event.occurred_on, event.id))
    found: dict[tuple[Ground, str], tuple[GroundRule, list[CountedEvent]]] = {}
    for event in ordered:
        for line in tariff_on(event.occurred_on).values():
            if line.counts(event.kind, event.service, policy):
                key = (line.ground, window_of(line.counted_in(policy), event))
                found.setdefault(key, (line, []))[1].append(event)
    lines = [
        Tally(line, window, tuple(e.id for e in _standing(line, rows)), line.threshold(policy))
        for (_, window), (line, rows) in found.items()
    ]
    return [tally for tally in lines if tally.count]


def _standing(line: GroundRule, rows: Sequence[CountedEvent]) -> list[CountedEvent]:
    """What was judged once under a ground does not count for it again; conflicts of all time do (AS-12). What was
    dismissed or cancelled counts nowhere (AS-21)."""
    standing = [event for event in rows if not event.void]
    if line.ground is Ground.CONFLICTS:
        return standing if any(not event.spent for event in rows) else []
    judged = {line.ground, Ground.CONFLICTS} if line.ground is Ground.CONFLICT else {line.ground}
    return [event for event in standing if not judged & event.spent]


def due_cases(events: Sequence[CountedEvent], policy: RestrictionPolicy) -> list[Tally]:
    """The cases to open now: every window that is full. One event opens at most one case a day (AS-05).

    The third conflict opens the heavier case alone (AS-12).
    """
    busy = {event.id for event in events if event.opened_today}
    spent = {event.id for event in events if event.spent}
    opening: list[Tally] = []
    full = [tally for tally in tallies(events, policy) if tally.reached]
    for tally in sorted(full, key=lambda tally: tally.line.ground is not Ground.CONFLICTS):
        openers = {
            event for event in tally.events if event not in spent or tally.line.window is not Window.ALWAYS
        }
        if openers & busy:
            continue
        busy |= openers
        opening.append(tally)
    return opening


def warnings(events: Sequence[CountedEvent], policy: RestrictionPolicy, on: date) -> list[Tally]:
    """The current windows one event short of a restriction (AS-23)."""
    if not policy.warn_before:
        return []
    current = {month_key(on), str(on.year)}
    # A conflict has a case of its own at once and is still one of the three (AS-12).
    whole = [tally for tally in tallies(_unspent(events), policy) if tally.line.window is Window.ALWAYS]
    found = [tally for tally in tallies(events, policy) if tally.window in current]
    return [tally for tally in [*found, *whole] if tally.one_before]


def _unspent(events: Iterable[CountedEvent]) -> list[CountedEvent]:
    return [replace(event, spent=frozenset()) for event in events]
