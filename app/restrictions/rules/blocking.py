"""Whether a request or a service is refused on given days (AE-22, AS-19, AS-22, AS-24, AS-26)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from app.kernel.calendar import DayClass, HolidayCalendar, Purpose, purpose_class
from app.kernel.errors import N_, Problem
from app.kernel.ranges import Period
from app.kernel.texts import day_text, long_day
from app.restrictions.rules.kinds import BINDING, BINDS, UNDECIDED, Family, State

RESTRICTED = Problem(
    "restricted",
    N_("이용제한 기간이라 신청할 수 없어요. {until}까지이고, 그다음 날부터 다시 신청하실 수 있어요."),
    rule="AE-22",
)
RESTRICTED_FOR_GOOD = Problem(
    "restricted_for_good", N_("이용이 제한되어 신청할 수 없어요. 담당 기관에 문의해 주세요."), rule="AE-22"
)
ON_HOLD = Problem(
    "on_hold",
    N_("확인이 끝날 때까지 새 신청을 받지 않아요. 늦어도 {until} 밤 12시에 풀려요."),
    rule="AS-19",
)
HOLIDAY_HOURS = Problem(
    "holiday_hours",
    N_("주말과 휴일에는 하루 {hours}시간까지 이용할 수 있어요. {day}에 {left}분 남아 있어요."),
    rule="AS-24",
)
AGENCY_RESTRICTED = Problem(
    "agency_restricted",
    N_("아이돌봄서비스 제공기관이 {until}까지 이용을 제한했어요. 제공기관에 문의해 주세요."),
    rule="AS-26",
)
HELD_STATES = UNDECIDED | {State.DECIDED, State.NOTIFIED}
"""A hold lasts until the restriction begins, or the case is dismissed."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A restriction as far as access looks at it; both days included, ``last`` None: for good."""

    family: Family
    institution_id: int | None
    state: State
    first: date | None
    last: date | None
    hold_until: date | None = None

    def closes(self, service: str, institution_id: int | None) -> bool:
        """Does it concern this service (and this daycare)?"""
        here = self.family is not Family.DAYCARE or self.institution_id == institution_id
        return service in BINDS[self.family] and here

    def on(self, day: date) -> bool:
        """In force that day, whether or not the clock has noticed (AS-22)."""
        inside = self.first is not None and self.first <= day and (self.last is None or day <= self.last)
        return self.state in BINDING and inside

    def held(self, today: date) -> bool:
        """New requests wait (AS-19)."""
        return self.state in HELD_STATES and self.hold_until is not None and today <= self.hold_until


def refuses(binding: Binding, days: Collection[date], today: date) -> Problem | None:
    """Why a request made today for these days is refused: in force now, or on one of them (AE-22)."""
    if any(binding.on(day) for day in (today, *days)):
        last = binding.last
        return RESTRICTED.of(until=long_day(last)) if last else RESTRICTED_FOR_GOOD
    if binding.held(today) and binding.hold_until:
        return ON_HOLD.of(until=long_day(binding.hold_until))
    return None


def holiday_problem(
    booked: Iterable[Period], wanted: Period, calendar: HolidayCalendar, most: int
) -> Problem | None:
    """A child has ``most`` minutes on each Saturday, Sunday and holiday, several uses added (AS-24).

    ``booked``: the child's other facility services; a service belongs to the day it starts on (GC-05).
    """
    day = wanted.service_date
    if purpose_class(calendar.day_class(day), Purpose.HOLIDAY_LIMIT) is not DayClass.HOLIDAY:
        return None
    used = sum(period.minutes for period in booked if period.service_date == day)
    if used + wanted.minutes <= most:
        return None
    hours = f"{most // 60}" if most % 60 == 0 else f"{most / 60:.1f}"
    return HOLIDAY_HOURS.of(hours=hours, day=day_text(day), left=max(0, most - used))


def agency_problem(restricted_until: date | None, on: date) -> Problem | None:
    """What the visiting agency reports of a member blocks requests to that day, itself included (AS-26)."""
    if restricted_until is None or on > restricted_until:
        return None
    return AGENCY_RESTRICTED.of(until=long_day(restricted_until))
