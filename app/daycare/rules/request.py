"""What may be asked for: hours, run of days, windows, curfew and deadlines (AD-01, AD-05 – AD-11)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.daycare.rules.days import (
    OpeningOf,
    clock_minute,
    days_of,
    is_holiday_hours,
    minute_of,
    operating_span,
)
from app.daycare.rules.policy import DAY_END, DAY_START, STEP, DaycarePolicy
from app.kernel.calendar import HolidayCalendar
from app.kernel.errors import N_, Problem
from app.kernel.ranges import DateSpan, Period, kst, kst_date, minute_text, to_minute
from app.kernel.texts import day_text, moment_text

_DAY = timedelta(days=1)
NO_HOURS = Problem(
    "daycare.no_hours",
    N_("끝나는 시각이 시작보다 늦어야 해요. 시각을 다시 골라 주세요."),
    rule="AD-11",
    field="hours",
)
OFF_STEP = Problem(
    "daycare.off_step", N_("시작 시각은 정각이나 30분으로 골라 주세요."), rule="AD-11", field="hours"
)
TOO_SHORT = Problem(
    "daycare.too_short", N_("{hours}시간 이상부터 예약할 수 있어요."), rule="AD-11", field="hours"
)
NOT_WHOLE_HOURS = Problem(
    "daycare.not_whole_hours",
    N_("이용시간은 1시간 단위로 골라 주세요. 아침 {morning}까지 있을 때만 30분이 남아도 돼요."),
    rule="AD-11",
    field="hours",
)
OUTSIDE_DAY = Problem(
    "daycare.outside_day",
    N_("시각은 {start}부터 다음 날 {end} 사이에서 골라 주세요."),
    rule="AD-01",
    field="hours",
)
CLOSED_DAY = Problem(
    "daycare.closed_day",
    N_("{day}은 문을 열지 않는 날이에요({reason}). 그날을 빼고 예약해 주세요."),
    rule="GC-13",
    field="days",
)
OUTSIDE_OPENING = Problem(
    "daycare.outside_opening",
    N_("{day}에는 {opening}에만 이용할 수 있어요. 시간을 맞춰 주세요."),
    rule="AD-28",
    field="hours",
)
CURFEW_IN = Problem(
    "daycare.curfew_in",
    N_("{start}부터 다음 날 {end} 사이에는 들어올 수 없어요. {start}까지 올 수 있게 골라 주세요."),
    rule="AD-06",
    field="hours",
)
CURFEW_OUT = Problem(
    "daycare.curfew_out",
    N_("{start}부터 다음 날 {end} 사이에는 나갈 수 없어요. {start} 전이나 {end} 뒤로 골라 주세요."),
    rule="AD-06",
    field="hours",
)
OUTSIDE_ENTRY = Problem(
    "daycare.outside_entry",
    N_("{day} 입소 시간은 {window}예요. 그 밖의 시간은 원장이 확인한 뒤 확정해요."),
    rule="AD-05",
    field="hours",
    soft=True,
)
START_PASSED = Problem(
    "daycare.start_passed",
    N_("시작 시각이 지났어요. 지금보다 늦은 시각을 골라 주세요."),
    rule="AD-07",
    field="hours",
)
CUTOFF_PASSED = Problem(
    "daycare.cutoff_passed",
    N_("그날 이용은 {cutoff}까지 신청해야 해요. 다른 날을 골라 주세요."),
    rule="AD-07",
    field="days",
)
NIGHT_CUTOFF_PASSED = Problem(
    "daycare.night_cutoff_passed",
    N_(
        "밤({start}~다음 날 {end})을 포함한 예약은 {deadline}까지 해야 했어요. "
        "다른 날을 고르거나 {start} 전까지로 줄여 주세요."
    ),
    rule="AD-08",
    field="hours",
)
TOO_MANY_DAYS = Problem(
    "daycare.too_many_days",
    N_("한 번에 이어진 {most}일까지 예약할 수 있어요. 나누어 예약해 주세요."),
    rule="AD-09",
    field="days",
)
TOO_FAR = Problem(
    "daycare.too_far",
    N_("오늘부터 {days}일 뒤({last})까지 예약할 수 있어요."),
    rule="AD-10",
    field="days",
)
BACKWARDS = Problem(
    "daycare.backwards",
    N_("마지막 날이 첫날보다 앞서요. 날짜를 다시 골라 주세요."),
    rule="AD-09",
    field="days",
)


@dataclass(frozen=True, slots=True)
class Wish:
    """Operating days ``first_day`` to ``last_day`` and minutes of the day, counted past midnight.

    Per day: one stay [start, end) on each day. ``continuous``: one stay from the first day's ``start`` to the last
    day's ``end``, so that 20:00 to 08:00 of the next day is (D, D+1, 1200, 480, True).
    """

    first_day: date
    last_day: date
    start: int
    end: int
    continuous: bool = False

    @property
    def span(self) -> DateSpan:
        """ValueError when it runs backwards."""
        return DateSpan(self.first_day, self.last_day)

    def stays(self) -> list[Period]:
        """ValueError when a stay has no length."""
        if self.continuous:
            return [Period(kst(self.first_day, self.start), kst(self.last_day, self.end))]
        return [Period(kst(day, self.start), kst(day, self.end)) for day in self.span]


def check_wish(
    wish: Wish,
    received: datetime,
    policy: DaycarePolicy,
    *,
    opening_of: OpeningOf,
    calendar: HolidayCalendar,
    held: Sequence[Period] = (),
) -> list[Problem]:
    """What stands against the wish itself, beds apart. Problems of shape hide those that build on it.

    ``held``: stays that the same booking has already. Hours within them and their nights were asked for in time.
    """
    if found := list(_shape(wish, policy)):
        return found
    stays = wish.stays()
    found = list(_run(wish, received, policy))
    if not found:
        found += _open(stays, opening_of)
    found += _windows(stays, policy, calendar)
    found += _deadlines(stays, received, policy, held)
    return found


def check_note(day: date, start: int, end: int, now: datetime, policy: DaycarePolicy) -> Problem | None:
    """May somebody be called about these hours of an operating day? Minutes of the day, past midnight counted on.

    A note holds nothing, so no deadline binds it; but it speaks of hours that can still be used (AD-10, AD-11, AD-34).
    """
    if not (DAY_START <= start < DAY_END and DAY_START < end <= DAY_END):
        return OUTSIDE_DAY.of(start=minute_text(DAY_START), end=minute_text(DAY_END - 1440))
    if end <= start:
        return NO_HOURS
    if end - start < policy.min_minutes:
        return TOO_SHORT.of(hours=policy.min_minutes // 60)
    if to_minute(now) >= kst(day, end):
        return START_PASSED
    last = kst_date(now) + timedelta(days=policy.max_days_ahead)
    return TOO_FAR.of(days=policy.max_days_ahead, last=day_text(last)) if day > last else None


def touches_night(period: Period, policy: DaycarePolicy) -> bool:
    """Is any minute of the stay between 22:00 and 07:30 (AD-08)? A stay that ends at 22:00 has none."""
    return first_night(period, policy) is not None


def first_night(period: Period, policy: DaycarePolicy) -> date | None:
    """The operating day of the first night the stay reaches into."""
    return min(nights([period], policy), default=None)


def nights(stays: Iterable[Period], policy: DaycarePolicy) -> frozenset[date]:
    """The operating days whose night the stays reach into."""
    return frozenset(
        day
        for stay in stays
        for day in days_of(stay)
        if Period(kst(day, policy.curfew[0]), kst(day, DAY_END)).overlaps(stay)
    )


def night_deadline(night: date, policy: DaycarePolicy) -> datetime:
    """Until when the night that begins on that operating day must be booked: the day before (AD-08)."""
    return kst(night - _DAY, policy.night_cutoff)


def in_curfew(moment: datetime, policy: DaycarePolicy) -> bool:
    """Strictly between 22:00 and 07:30: both of these minutes are allowed (AD-06)."""
    local = to_minute(moment)
    minute = minute_of(local, kst_date(local))
    return minute > policy.curfew[0] or minute < policy.curfew[1]


def curfew_ends(moment: datetime, policy: DaycarePolicy) -> datetime:
    """When a child who is still there in the night may leave (AD-06)."""
    day = kst_date(moment)
    if minute_of(moment, day) >= policy.curfew[1]:
        day += _DAY
    return kst(day, policy.curfew[1])


def in_entry_window(moment: datetime, policy: DaycarePolicy, calendar: HolidayCalendar) -> bool:
    """AD-05: both ends of the window are inside."""
    day = kst_date(moment)
    first, last = entry_window(day, policy, calendar)
    return first <= minute_of(to_minute(moment), day) <= last


def entry_window(day: date, policy: DaycarePolicy, calendar: HolidayCalendar) -> tuple[int, int]:
    return policy.entry_holiday if is_holiday_hours(day, calendar) else policy.entry_weekday


def _shape(wish: Wish, policy: DaycarePolicy) -> Iterator[Problem]:
    if wish.last_day < wish.first_day:
        yield BACKWARDS
        return
    if not (DAY_START <= wish.start < DAY_END and DAY_START < wish.end <= DAY_END):
        yield OUTSIDE_DAY.of(start=minute_text(DAY_START), end=minute_text(DAY_END - 1440))
        return
    if not wish.continuous and wish.end <= wish.start:
        yield NO_HOURS
        return
    if wish.continuous and kst(wish.last_day, wish.end) <= kst(wish.first_day, wish.start):
        yield NO_HOURS
        return
    if wish.start % STEP or wish.end % STEP:
        yield OFF_STEP
    # on several days the length is wrong for one reason
    yield from [problem for stay in wish.stays() if (problem := _length(stay, policy)) is not None][:1]


def _length(stay: Period, policy: DaycarePolicy) -> Problem | None:
    """Whole hours; what ends with the curfew at 07:30 may be half an hour longer, and is charged as an hour (AD-14).

    The night itself (22:00 to 07:30) is nine hours and a half.
    """
    if stay.minutes < policy.min_minutes:
        return TOO_SHORT.of(hours=policy.min_minutes // 60)
    until_morning = minute_of(stay.end, kst_date(stay.end)) == policy.curfew[1]
    if stay.minutes % 60 and not until_morning:
        return NOT_WHOLE_HOURS.of(morning=minute_text(policy.curfew[1]))
    return None


def _run(wish: Wish, received: datetime, policy: DaycarePolicy) -> Iterator[Problem]:
    if wish.span.days > policy.max_days:
        yield TOO_MANY_DAYS.of(most=policy.max_days)
    last = kst_date(received) + timedelta(days=policy.max_days_ahead)
    if wish.last_day > last:
        yield TOO_FAR.of(days=policy.max_days_ahead, last=day_text(last))


def _open(stays: list[Period], opening_of: OpeningOf) -> Iterator[Problem]:
    """Every minute lies in the opening of its operating day: no stay crosses into a closed one (AD-01)."""
    for stay in stays:
        for day in days_of(stay):
            opening = opening_of(day)
            if not opening.is_open:
                yield CLOSED_DAY.of(day=day_text(day), reason=opening.reason)
                continue
            whole = operating_span(day)
            part = Period(max(stay.start, whole.start), min(stay.end, whole.end))
            if not opening.on(day).contains(part):
                yield OUTSIDE_OPENING.of(day=day_text(day), opening=str(opening))


def _windows(stays: list[Period], policy: DaycarePolicy, calendar: HolidayCalendar) -> Iterator[Problem]:
    """AD-06 and AD-05; each problem once, however many days share it."""
    words = {"start": minute_text(policy.curfew[0]), "end": minute_text(policy.curfew[1])}
    if any(in_curfew(stay.start, policy) for stay in stays):
        yield CURFEW_IN.of(**words)
    elif outside := next((s for s in stays if not in_entry_window(s.start, policy, calendar)), None):
        day = kst_date(outside.start)
        first, last = entry_window(day, policy, calendar)
        window = f"{clock_minute(first)}–{clock_minute(last)}"
        yield OUTSIDE_ENTRY.of(day=day_text(day), window=window)
    if any(in_curfew(stay.end, policy) for stay in stays):
        yield CURFEW_OUT.of(**words)


def _deadlines(
    stays: list[Period], received: datetime, policy: DaycarePolicy, held: Sequence[Period]
) -> Iterator[Problem]:
    """AD-07 for the first day, AD-08 for the first night; both compare whole minutes (GC-02)."""
    asked, start = to_minute(received), stays[0].start
    if asked >= start:
        yield START_PASSED
        return
    fresh = [stay for stay in stays if not any(mine.contains(stay) for mine in held)]
    if fresh and asked > kst(kst_date(fresh[0].start), policy.cutoff):
        yield CUTOFF_PASSED.of(cutoff=minute_text(policy.cutoff))
        return
    night = min(nights(fresh, policy) - nights(held, policy), default=None)
    if night is not None and asked > (deadline := night_deadline(night, policy)):
        yield NIGHT_CUTOFF_PASSED.of(
            start=minute_text(policy.curfew[0]),
            end=minute_text(policy.curfew[1]),
            deadline=moment_text(deadline),
        )
