"""When a centre is open on one day (KQ-06, KQ-11, KQ-12, KB-10)."""

from __future__ import annotations

from datetime import date

import pytest

from app.centres.rules import (
    CentreKind,
    CentrePolicy,
    ClosedReason,
    Opening,
    QuarterKind,
    QuarterPlan,
    SpecialDay,
    SpecialDayKind,
    StaffPlan,
    WeekHours,
    check_special_day,
    opening_on,
)
from app.kernel.ranges import DateSpan, TimeSpan
from tests.kernel.korean_holidays import CALENDAR
from tests.kernel.problems import codes

T = TimeSpan.parse
WEDNESDAY, SATURDAY, SUNDAY = date(2026, 3, 4), date(2026, 3, 7), date(2026, 3, 8)
CHILDRENS_DAY, HOLIDAY_ON_SATURDAY = date(2026, 5, 5), date(2026, 6, 6)
USUAL_STAFF = ((T("11:00-16:00"), 1), (T("14:00-19:00"), 2))


def quarter(kind: QuarterKind = QuarterKind.SEM1, **other: object) -> QuarterPlan:
    return QuarterPlan(
        kind,
        2026,
        DateSpan(date(2026, 3, 1), date(2026, 7, 19)),
        WeekHours({"tue": T("11:00-19:00"), "wed": T("11:00-19:00"), "sat": T("10:00-14:00")}),
        StaffPlan({"tue": USUAL_STAFF, "wed": USUAL_STAFF, "sat": ((T("10:00-14:00"), 1),)}),
        **other,  # type: ignore[arg-type]
    )


def opening(day: date, plan: QuarterPlan | None = None, special: SpecialDay | None = None) -> Opening:
    specials = {day: special} if special else {}
    return opening_on(day, plan or quarter(), specials, CALENDAR, CentreKind.GENERAL)


@pytest.mark.rule("KB-10")
def test_an_ordinary_day() -> None:
    assert opening(WEDNESDAY) == Opening(T("11:00-19:00"), staff=USUAL_STAFF)
    assert opening(WEDNESDAY).is_open


@pytest.mark.rule("KQ-06")
@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2026, 2, 25), False),
        (date(2026, 3, 3), True),
        (date(2026, 7, 18), True),
        (date(2026, 7, 22), False),
    ],
)
def test_days_of_no_quarter_are_closed(day: date, open_: bool) -> None:
    answer = opening(day)
    assert answer.is_open is open_
    assert (answer.reason is ClosedReason.NO_QUARTER) is not open_


@pytest.mark.rule("KQ-06")
def test_no_quarter_at_all_is_closed_even_for_an_extra_day() -> None:
    extra = {WEDNESDAY: SpecialDay(SpecialDayKind.EXTRA_OPEN, T("09:00-12:00"))}
    answer = opening_on(WEDNESDAY, None, extra, CALENDAR, CentreKind.GENERAL)
    assert answer == Opening(None, reason=ClosedReason.NO_QUARTER)


@pytest.mark.rule("KB-10")
@pytest.mark.parametrize(
    ("day", "span", "reason"),
    [
        (SATURDAY, T("10:00-14:00"), None),
        (SUNDAY, None, ClosedReason.WEEKDAY_OFF),
        (CHILDRENS_DAY, None, ClosedReason.HOLIDAY),
        (HOLIDAY_ON_SATURDAY, None, ClosedReason.HOLIDAY),
        (date(2026, 5, 1), None, ClosedReason.HOLIDAY),
        (date(2026, 3, 2), None, ClosedReason.HOLIDAY),
    ],
)
def test_free_days_follow_their_own_hours(
    day: date, span: TimeSpan | None, reason: ClosedReason | None
) -> None:
    answer = opening(day)
    assert (answer.span, answer.reason) == (span, reason)


@pytest.mark.rule("KQ-12")
def test_a_centre_may_open_on_holidays() -> None:
    plan = quarter()
    hours = WeekHours({**plan.hours.by_key, "holiday": T("09:00-13:00")})
    staff = StaffPlan({"holiday": ((T("09:00-13:00"), 1),)})
    opened = QuarterPlan(plan.kind, 2026, plan.span, hours, staff)
    assert opening(CHILDRENS_DAY, opened) == Opening(T("09:00-13:00"), staff=((T("09:00-13:00"), 1),))


@pytest.mark.rule("KQ-11")
@pytest.mark.parametrize("kind", [SpecialDayKind.SHORT_VACATION, SpecialDayKind.DISCRETIONARY_CLOSURE])
def test_school_free_days_open_as_in_vacation(kind: SpecialDayKind) -> None:
    answer = opening(WEDNESDAY, special=SpecialDay(kind))
    assert answer.span == T("09:00-18:00")
    assert answer.vacation_hours
    assert answer.staff == ((T("09:00-16:00"), 1), (T("14:00-19:00"), 2))


@pytest.mark.rule("KQ-11")
def test_school_free_days_take_the_quarters_or_their_own_vacation_hours_and_staff() -> None:
    own = quarter(vacation_hours=WeekHours({"wed": T("08:30-18:30")}))
    day = SpecialDay(SpecialDayKind.SHORT_VACATION)
    assert opening(WEDNESDAY, own, day).span == T("08:30-18:30")
    assert opening(date(2026, 3, 3), own, day).span == T("09:00-18:00")
    dated = SpecialDay(SpecialDayKind.SHORT_VACATION, T("08:00-17:00"), ((T("08:00-17:00"), 3),))
    assert opening(WEDNESDAY, own, dated).span == T("08:00-17:00")
    assert opening(WEDNESDAY, own, dated).staff == ((T("08:00-17:00"), 3),)


@pytest.mark.rule("KQ-11")
def test_the_municipality_may_set_other_vacation_hours() -> None:
    special = {WEDNESDAY: SpecialDay(SpecialDayKind.SHORT_VACATION)}
    policy = CentrePolicy(std_vacation=T("08:00-18:00"))
    answer = opening_on(WEDNESDAY, quarter(), special, CALENDAR, CentreKind.FUSION, policy)
    assert answer.span == T("08:00-18:00")


@pytest.mark.rule("KQ-11")
def test_school_free_days_change_nothing_in_vacation_or_on_closed_days() -> None:
    free = SpecialDay(SpecialDayKind.SHORT_VACATION)
    assert opening(WEDNESDAY, quarter(QuarterKind.SUMMER), free) == opening(WEDNESDAY)
    assert opening(SUNDAY, special=free) == opening(SUNDAY)
    assert opening(CHILDRENS_DAY, special=free) == opening(CHILDRENS_DAY)


@pytest.mark.rule("KQ-11")
def test_a_school_free_day_without_staff_has_none() -> None:
    plan = quarter()
    bare = QuarterPlan(plan.kind, 2026, plan.span, plan.hours)
    assert opening(WEDNESDAY, bare, SpecialDay(SpecialDayKind.SHORT_VACATION)).staff == ()


def test_a_declared_closure_wins() -> None:
    answer = opening(WEDNESDAY, special=SpecialDay(SpecialDayKind.CENTRE_CLOSED))
    assert answer == Opening(None, reason=ClosedReason.CENTRE_CLOSED)
    assert not answer.is_open


@pytest.mark.rule("KQ-12")
def test_an_extra_day_opens_with_its_own_hours_and_staff() -> None:
    extra = SpecialDay(SpecialDayKind.EXTRA_OPEN, T("09:00-12:00"), ((T("09:00-12:00"), 1),))
    assert opening(SUNDAY, special=extra) == Opening(T("09:00-12:00"), staff=((T("09:00-12:00"), 1),))


@pytest.mark.rule("KQ-12")
@pytest.mark.parametrize(
    ("day", "staff", "code"),
    [
        (SATURDAY, (), "special_day.staff_missing"),
        (SUNDAY, ((T("09:00-11:59"), 1),), "special_day.staff_missing"),
        (CHILDRENS_DAY, (), "special_day.staff_missing"),
        (date(2026, 5, 1), (), "special_day.staff_missing"),
        (SATURDAY, ((T("09:00-12:00"), 1),), None),
        (WEDNESDAY, (), None),
    ],
)
def test_opening_on_a_free_day_needs_essential_staff(day: date, staff: tuple, code: str | None) -> None:
    found = check_special_day(day, SpecialDay(SpecialDayKind.EXTRA_OPEN, T("09:00-12:00"), staff), CALENDAR)
    assert codes(found) == ([code] if code else [])


@pytest.mark.rule("KQ-12")
def test_an_extra_day_needs_hours_and_other_special_days_nothing() -> None:
    (problem,) = check_special_day(SATURDAY, SpecialDay(SpecialDayKind.EXTRA_OPEN), CALENDAR)
    assert problem.code == "special_day.hours_missing"
    assert check_special_day(SATURDAY, SpecialDay(SpecialDayKind.CENTRE_CLOSED), CALENDAR) == []
