"""When a centre is open on one day, and who is on duty then (KQ-06, KQ-11, KQ-12, KB-10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.centres.rules.hours import StaffSpans, day_key, uncovered
from app.centres.rules.kinds import CentreKind, SpecialDayKind
from app.centres.rules.policy import STANDARD, CentrePolicy
from app.centres.rules.quarters import QuarterPlan, standard_hours
from app.kernel.calendar import DayClass, HolidayCalendar
from app.kernel.errors import N_, Problem
from app.kernel.ranges import TimeSpan

EXTRA_OPEN_HOURS = Problem(
    "special_day.hours_missing",
    N_("추가로 여는 날은 여는 시각과 닫는 시각을 적어 주세요."),
    rule="KQ-12",
    field="hours",
)
EXTRA_OPEN_STAFF = Problem(
    "special_day.staff_missing",
    N_("{span}에 근무하는 돌봄필수인력이 없어요. 센터장·팀장·돌봄선생님 중 한 명 이상을 배치해 주세요."),
    rule="KQ-12",
    field="staff",
)


class ClosedReason(StrEnum):
    NO_QUARTER = "NO_QUARTER"
    CENTRE_CLOSED = "CENTRE_CLOSED"
    HOLIDAY = "HOLIDAY"
    WEEKDAY_OFF = "WEEKDAY_OFF"

    @property
    def label(self) -> str:
        return {
            "NO_QUARTER": N_("운영기간 밖"),
            "CENTRE_CLOSED": N_("휴원"),
            "HOLIDAY": N_("공휴일 휴무"),
            "WEEKDAY_OFF": N_("쉬는 요일"),
        }[self.value]


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """One date on which the ordinary week does not hold; ``hours`` and ``staff`` replace the usual ones."""

    kind: SpecialDayKind
    hours: TimeSpan | None = None
    staff: StaffSpans = ()


@dataclass(frozen=True, slots=True)
class Opening:
    """A centre's opening on one day; ``span`` is None and ``reason`` set when it is closed."""

    span: TimeSpan | None
    vacation_hours: bool = False
    staff: StaffSpans = ()
    reason: ClosedReason | None = None

    @property
    def is_open(self) -> bool:
        return self.span is not None


def opening_on(
    day: date,
    quarter: QuarterPlan | None,
    special_days: Mapping[date, SpecialDay],
    calendar: HolidayCalendar,
    kind: CentreKind,
    policy: CentrePolicy = STANDARD,
) -> Opening:
    """The opening of ``day`` in the quarter that covers it (None: no quarter does, so it is closed).

    On a school-free day in a semester the vacation hours hold (KQ-11); its usual staff then comes earlier and
    stays later, unless the special day names its own.
    """
    if quarter is None or day not in quarter.span:
        return Opening(None, reason=ClosedReason.NO_QUARTER)
    special = special_days.get(day)
    key = day_key(day, calendar)
    usual, staff = quarter.hours.at(key), quarter.staff.spans(key)
    if special is None:
        return _usual_opening(usual, staff, key)
    if special.kind is SpecialDayKind.CENTRE_CLOSED:
        return Opening(None, reason=ClosedReason.CENTRE_CLOSED)
    if special.kind is SpecialDayKind.EXTRA_OPEN:
        return _usual_opening(special.hours or usual, special.staff or staff, key)
    if usual is None or quarter.kind.is_vacation:
        return _usual_opening(usual, staff, key)
    standard = standard_hours(kind, vacation=True, policy=policy)
    span = special.hours or quarter.vacation_hours.at(key) or standard
    return Opening(span, vacation_hours=True, staff=special.staff or _stretched(staff, span))


def check_special_day(day: date, special: SpecialDay, calendar: HolidayCalendar) -> list[Problem]:
    """KQ-12: opening on a Saturday, Sunday or holiday needs hours and essential staff throughout."""
    if special.kind is not SpecialDayKind.EXTRA_OPEN:
        return []
    if special.hours is None:
        return [EXTRA_OPEN_HOURS]
    alone = uncovered(special.hours, special.staff)
    if alone is None or calendar.day_class(day) is DayClass.WEEKDAY:
        return []
    return [EXTRA_OPEN_STAFF.of(span=alone)]


def _usual_opening(span: TimeSpan | None, staff: StaffSpans, key: str) -> Opening:
    if span is None:
        return Opening(None, reason=ClosedReason.HOLIDAY if key == "holiday" else ClosedReason.WEEKDAY_OFF)
    return Opening(span, staff=staff)


def _stretched(staff: StaffSpans, span: TimeSpan) -> StaffSpans:
    """The same people, the first of them from opening time and the last of them to closing time."""
    if not staff:
        return ()
    first, last = min(duty.start for duty, _ in staff), max(duty.end for duty, _ in staff)
    return tuple(
        (
            TimeSpan(
                min(duty.start, span.start) if duty.start == first else duty.start,
                max(duty.end, span.end) if duty.end == last else duty.end,
            ),
            heads,
        )
        for duty, heads in staff
    )
