"""What may be asked for: regular, temporary and sick-child care (KB-01 … KB-12, KB-14, KB-36, KB-47)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.booking.rules.policy import BookingPolicy
from app.booking.rules.states import STAFF, BookingKind
from app.centres.rules import DAY_KEY_KO, CentreKind, Opening, QuarterPlan
from app.kernel.errors import N_, Problem
from app.kernel.ranges import WEEKDAYS, DateSpan, Period, TimeSpan, kst, kst_date, to_minute, weekday
from app.kernel.texts import day_text
from app.people.rules import (
    TOO_YOUNG,
    Channel,
    ElderStay,
    EligibilityPolicy,
    kium_eligibility,
    preschool_sibling,
)

NO_REGULAR_AT_HUB = Problem(
    "booking.no_regular_at_hub",
    N_("거점형 센터에는 정기돌봄이 없어요. 일시돌봄을 고르거나 다른 센터를 찾아 주세요."),
    rule="KB-01",
    field="kind",
)
NO_WEEKDAY = Problem(
    "booking.no_weekday", N_("이용할 요일과 시간을 하나 이상 골라 주세요."), rule="KB-02", field="weekdays"
)
NO_USAGE_DAY = Problem(
    "booking.no_usage_day",
    N_("고른 기간에 이용할 수 있는 날이 없어요. 기간이나 요일을 바꿔 주세요."),
    rule="KB-02",
    field="weekdays",
)
START_IN_PAST = Problem(
    "booking.start_in_past", N_("시작일은 오늘이나 그 뒤로 골라 주세요."), rule="KB-03", field="first"
)
NO_QUARTER = Problem(
    "booking.no_quarter",
    N_("시작일에는 센터의 운영기간이 정해지지 않았어요. 다른 날짜를 골라 주세요."),
    rule="KB-03",
    field="first",
)
FIRST_HOUR_PASSED = Problem(
    "booking.first_hour_passed",
    N_("오늘 이용 시작 시각이 이미 지났어요. 시작일을 내일이나 그 뒤로 골라 주세요."),
    rule="KB-03",
    field="first",
)
TOO_SHORT = Problem(
    "booking.too_short",
    N_("정기돌봄은 {days}일 이상 신청해 주세요. 더 짧게 쓰려면 일시돌봄을 신청하세요."),
    rule="KB-04",
    field="last",
)
CLIPPED = Problem(
    "booking.clipped",
    N_("이용기간은 분기 마지막 날인 {last}까지로 맞췄어요. 이어서 쓰려면 연장을 신청해 주세요."),
    rule="KB-06",
    field="last",
    soft=True,
)
DAY_PASSED = Problem(
    "booking.day_passed", N_("지난 날짜예요. 오늘이나 그 뒤로 골라 주세요."), rule="KB-08", field="day"
)
BEYOND_WINDOW = Problem(
    "booking.beyond_window",
    N_("일시돌봄은 오늘부터 {days}일 뒤({last})까지 신청할 수 있어요. 날짜를 바꿔 주세요."),
    rule="KB-08",
    field="day",
)
START_PASSED = Problem(
    "booking.start_passed",
    N_("시작 시각이 지났어요. 지금보다 늦은 시각을 고르거나 센터에 전화해 주세요."),
    rule="KB-09",
    field="hours",
)
CENTRE_CLOSED_FOR_TODAY = Problem(
    "booking.walk_in_too_late",
    N_("당일 이용은 운영이 끝나는 {closing}까지만 입력할 수 있어요."),
    rule="KB-09",
    field="hours",
)
CLOSED_DAY = Problem(
    "booking.closed_day",
    N_("센터가 쉬는 날이에요({reason}). 다른 날을 골라 주세요."),
    rule="KB-10",
    field="day",
)
CLOSED_WEEKDAY = Problem(
    "booking.closed_weekday",
    N_("{day}요일에는 센터가 열지 않아요. 그 요일을 빼 주세요."),
    rule="KB-10",
    field="weekdays",
)
OUTSIDE_HOURS = Problem(
    "booking.outside_hours",
    N_("{day} 운영시간({opening}) 안에서 시간을 골라 주세요."),
    rule="KB-10",
    field="hours",
)
OFF_STEP = Problem(
    "booking.off_step",
    N_("시각은 {minutes}분 단위로 골라 주세요. 가장 짧게는 {minutes}분이에요."),
    rule="KB-11",
    field="hours",
)
OVERLAPS = Problem(
    "booking.overlaps",
    N_("{day} {span}에 이미 다른 예약이 있어요({label}). 시간을 바꾸거나 그 예약을 먼저 정리해 주세요."),
    rule="KB-12",
    field="hours",
)
WRONG_CHANNEL = Problem(
    "booking.wrong_channel",
    N_("전화·방문 신청은 센터 직원이 입력해요. 접수 경로를 다시 골라 주세요."),
    rule="KB-14",
    field="channel",
)
SICK_NOT_OFFERED = Problem(
    "booking.sick_not_offered",
    N_("이 센터는 아픈아이 돌봄을 하지 않아요. 다른 센터를 찾아 주세요."),
    rule="KB-47",
    field="kind",
)
ILLNESS_MISSING = Problem(
    "booking.illness_missing", N_("어디가 아픈지 적어 주세요."), rule="KB-47", field="illness"
)
NOTIFIABLE_DISEASE = Problem(
    "booking.notifiable_disease",
    N_("제1급·제2급 법정감염병일 때는 이용할 수 없어요. 나은 뒤에 신청해 주세요."),
    rule="KB-47",
    field="illness",
)

OpeningOf = Callable[[date], Opening]
UsageDays = list[tuple[date, TimeSpan]]


@dataclass(frozen=True, slots=True)
class RegularRequest:
    """A period and the hours of each chosen weekday (``mon`` … ``sun``)."""

    span: DateSpan
    weekday_times: Mapping[str, TimeSpan]


@dataclass(frozen=True, slots=True)
class TemporaryRequest:
    """One date of temporary or sick-child care; ``disease_class`` is 1–4 for a notifiable disease."""

    day: date
    hours: TimeSpan
    kind: BookingKind = BookingKind.TEMPORARY
    illness: str = ""
    disease_class: int | None = None


@dataclass(frozen=True, slots=True)
class Busy:
    """A stretch of the child's time that is taken, in words a guardian knows it by."""

    period: Period
    label: str


@dataclass(frozen=True, slots=True)
class ChildFacts:
    """What eligibility needs; ``grade`` is that of the start date."""

    birth: date
    in_school: bool | None = None
    grade: int | None = None


def clip_to_quarter(span: DateSpan, quarter: DateSpan) -> tuple[DateSpan, Problem | None]:
    """The period cut at the end of the quarter it starts in, and the notice to show (KB-06)."""
    if span.last <= quarter.last or span.first not in quarter:
        return span, None
    return DateSpan(span.first, quarter.last), CLIPPED.of(last=day_text(quarter.last))


def minimum_days(quarter: DateSpan, start: date, policy: BookingPolicy) -> int:
    """How long a regular booking that starts then must be: to the quarter's end where a waiver holds (KB-05)."""
    short = policy.short_quarter_waiver and quarter.days < policy.short_quarter_days
    if short or policy.quarter_end_waiver:
        return min(policy.regular_min_days, (quarter.last - start).days + 1)
    return policy.regular_min_days


def usage_days(span: DateSpan, weekday_times: Mapping[str, TimeSpan], opening_of: OpeningOf) -> UsageDays:
    """The days a regular booking is used: chosen weekdays on which the centre opens for those hours.

    On a school-free day with vacation hours the booked times stay as they are (KQ-11); on a holiday that opens for
    other hours there is no usage day.
    """
    days: UsageDays = []
    for day in span:
        hours = weekday_times.get(weekday(day))
        if hours is None:
            continue
        opening = opening_of(day)
        if opening.span is not None and (opening.vacation_hours or opening.span.contains(hours)):
            days.append((day, hours))
    return days


def overlap(days: Iterable[tuple[date, TimeSpan]], busy: Sequence[Busy]) -> tuple[date, Busy] | None:
    """The first day on which the child is already taken, and by what (KB-12); touching times are fine."""
    if not busy:
        return None
    for day, hours in days:
        period = hours.on(day)
        for taken in busy:
            if period.overlaps(taken.period):
                return day, taken
    return None


def check_regular(
    request: RegularRequest,
    quarter: QuarterPlan | None,
    today: date,
    now: datetime,
    policy: BookingPolicy,
    *,
    centre_kind: CentreKind,
    opening_of: OpeningOf,
    busy: Sequence[Busy] = (),
) -> list[Problem]:
    """What stands against a regular application, capacity apart; ``quarter`` is the one that covers its start.

    The period is judged as ``clip_to_quarter`` leaves it.
    """
    if centre_kind is CentreKind.HUB:
        return [NO_REGULAR_AT_HUB]
    if request.span.first < today:
        return [START_IN_PAST]
    if quarter is None or request.span.first not in quarter.span:
        return [NO_QUARTER]
    if not request.weekday_times or not set(request.weekday_times) <= set(WEEKDAYS):
        return [NO_WEEKDAY]
    span, _ = clip_to_quarter(request.span, quarter.span)
    found = []
    if span.days < (least := minimum_days(quarter.span, span.first, policy)):
        found.append(TOO_SHORT.of(days=least))
    found += _check_weekday_times(request.weekday_times, quarter, policy)
    days = usage_days(span, request.weekday_times, opening_of)
    if not days and not found:
        found.append(NO_USAGE_DAY)
    if days and days[0][0] == today and kst(*_start(days[0])) < to_minute(now):
        found.append(FIRST_HOUR_PASSED)
    return found + list(_overlap_problem(days, busy))


def check_temporary(
    request: TemporaryRequest,
    today: date,
    now: datetime,
    policy: BookingPolicy,
    *,
    opening: Opening,
    by_staff: bool = False,
    busy: Sequence[Busy] = (),
) -> list[Problem]:
    """What stands against one date of temporary or sick-child care, capacity apart."""
    if request.day < today:
        return [DAY_PASSED]
    last = today + timedelta(days=policy.temp_window_days)
    if request.day > last:
        return [BEYOND_WINDOW.of(days=policy.temp_window_days, last=day_text(last))]
    if opening.span is None:
        return [CLOSED_DAY.of(reason=opening.reason.label if opening.reason else "")]
    found = list(_check_illness(request, policy))
    if not _on_step(request.hours, policy):
        found.append(OFF_STEP.of(minutes=policy.slot_minutes))
    if not opening.span.contains(request.hours):
        found.append(OUTSIDE_HOURS.of(day=day_text(request.day), opening=opening.span))
    closing = kst(request.day, opening.span.end)
    if by_staff and to_minute(now) > closing:
        found.append(CENTRE_CLOSED_FOR_TODAY.of(closing=str(opening.span).partition("–")[2]))
    elif not by_staff and is_walk_in(request, now):
        found.append(START_PASSED)
    return found + list(_overlap_problem([(request.day, request.hours)], busy))


def check_temporary_list(
    requests: Sequence[TemporaryRequest],
    now: datetime,
    policy: BookingPolicy,
    *,
    opening_of: OpeningOf,
    by_staff: bool = False,
    busy: Sequence[Busy] = (),
) -> list[tuple[TemporaryRequest, list[Problem]]]:
    """KB-07: each date of one submission is judged by itself; one that passed takes the child's time."""
    taken, today = list(busy), kst_date(now)
    answers = []
    for request in requests:
        opening = opening_of(request.day)
        found = check_temporary(request, today, now, policy, opening=opening, by_staff=by_staff, busy=taken)
        if not found:
            taken.append(Busy(request.hours.on(request.day), request.kind.label))
        answers.append((request, found))
    return answers


def is_walk_in(request: TemporaryRequest, now: datetime) -> bool:
    """The child is already there: the hours began before this minute (KB-09)."""
    return kst(request.day, request.hours.start) < to_minute(now)


def check_channel(channel: Channel, role: str) -> Problem | None:
    """KB-14: guardians apply online; telephone and visit are entered by staff."""
    by_staff = role in STAFF
    return None if by_staff == (channel is not Channel.ONLINE) else WRONG_CHANNEL


def check_eligibility(
    kind: BookingKind,
    child: ChildFacts,
    on: date,
    policy: EligibilityPolicy,
    *,
    hours: TimeSpan | None = None,
    elders: Iterable[ElderStay] = (),
) -> Problem | None:
    """KB-35, and for temporary care the way in for a pre-school sibling beside an elder (KB-36)."""
    refused = kium_eligibility(child.birth, child.in_school, child.grade, on, policy)
    stays = list(elders)
    preschooler = refused is not None and refused.code == TOO_YOUNG.code and child.grade is None
    if not preschooler or kind is not BookingKind.TEMPORARY or hours is None or not stays:
        return refused
    return preschool_sibling(child.birth, on, hours, stays, policy)


def siblings_left_alone(
    younger: Iterable[tuple[str, date, TimeSpan]], elder: Iterable[tuple[date, TimeSpan]]
) -> list[str]:
    """KB-36: refs of the younger's bookings that no remaining booking of the elder covers; they are cancelled."""
    stays = list(elder)
    return [
        ref
        for ref, day, hours in younger
        if not any(stay_day == day and stay.contains(hours) for stay_day, stay in stays)
    ]


def _check_weekday_times(
    times: Mapping[str, TimeSpan], quarter: QuarterPlan, policy: BookingPolicy
) -> Iterator[Problem]:
    if not all(_on_step(hours, policy) for hours in times.values()):
        yield OFF_STEP.of(minutes=policy.slot_minutes)
    for key in (key for key in WEEKDAYS if key in times):
        opening = quarter.hours.at(key)
        if opening is None:
            yield CLOSED_WEEKDAY.of(day=DAY_KEY_KO[key])
        elif not opening.contains(times[key]):
            yield OUTSIDE_HOURS.of(day=f"{DAY_KEY_KO[key]}요일", opening=opening)


def _check_illness(request: TemporaryRequest, policy: BookingPolicy) -> Iterator[Problem]:
    if request.kind is not BookingKind.SICK:
        return
    if not policy.sick_care:
        yield SICK_NOT_OFFERED
    if not request.illness.strip():
        yield ILLNESS_MISSING
    if request.disease_class in (1, 2):
        yield NOTIFIABLE_DISEASE


def _overlap_problem(days: UsageDays, busy: Sequence[Busy]) -> Iterator[Problem]:
    if clash := overlap(days, busy):
        day, taken = clash
        hours = next(span for booked, span in days if booked == day)
        yield OVERLAPS.of(day=day_text(day), span=hours, label=taken.label)


def _on_step(hours: TimeSpan, policy: BookingPolicy) -> bool:
    return hours.start % policy.slot_minutes == 0 and hours.end % policy.slot_minutes == 0


def _start(usage_day: tuple[date, TimeSpan]) -> tuple[date, int]:
    day, hours = usage_day
    return day, hours.start
