"""What may be asked for (KB-01 … KB-12, KB-14, KB-36, KB-47)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.booking.rules.policy import BookingPolicy
from app.booking.rules.request import (
    Busy,
    ChildFacts,
    RegularRequest,
    TemporaryRequest,
    check_channel,
    check_eligibility,
    check_regular,
    check_temporary,
    check_temporary_list,
    clip_to_quarter,
    is_walk_in,
    minimum_days,
    overlap,
    siblings_left_alone,
    usage_days,
)
from app.booking.rules.states import BookingKind
from app.centres.rules import CentreKind, QuarterPlan, SpecialDay, SpecialDayKind, WeekHours
from app.kernel.errors import Problem
from app.kernel.ranges import DateSpan, TimeSpan
from app.people.rules import Channel, ElderStay, EligibilityPolicy
from tests.booking.spring import OPEN, SEMESTER, T, at, opening_of
from tests.kernel.problems import codes

POLICY = BookingPolicy()
MONDAY = date(2026, 3, 9)
NOW = at("2026-03-09 10:00")
TUE_THU = {"tue": T("14:00-17:00"), "thu": T("15:00-18:00")}
DAY = timedelta(days=1)


def regular(
    first: date = MONDAY,
    last: date = date(2026, 6, 30),
    times: dict[str, TimeSpan] | None = None,
    *,
    quarter: QuarterPlan | None = SEMESTER,
    kind: CentreKind = CentreKind.GENERAL,
    now: str = "2026-03-09 10:00",
    policy: BookingPolicy = POLICY,
    busy: tuple[Busy, ...] = (),
) -> list[Problem]:
    request = RegularRequest(DateSpan(first, last), TUE_THU if times is None else times)
    return check_regular(
        request,
        quarter,
        at(now).date(),
        at(now),
        policy,
        centre_kind=kind,
        opening_of=opening_of(quarter or SEMESTER),
        busy=busy,
    )


def temporary(
    day: date = MONDAY,
    hours: str = "14:00-17:00",
    *,
    now: str = "2026-03-09 10:00",
    policy: BookingPolicy = POLICY,
    by_staff: bool = False,
    busy: tuple[Busy, ...] = (),
    **request: object,
) -> list[Problem]:
    return check_temporary(
        TemporaryRequest(day, T(hours), **request),  # type: ignore[arg-type]
        at(now).date(),
        at(now),
        policy,
        opening=opening_of()(day),
        by_staff=by_staff,
        busy=busy,
    )


@pytest.mark.rule("KB-01")
@pytest.mark.parametrize("kind", list(CentreKind))
def test_a_hub_has_no_regular_care(kind: CentreKind) -> None:
    assert codes(regular(kind=kind)) == (["booking.no_regular_at_hub"] if kind is CentreKind.HUB else [])


@pytest.mark.rule("KB-02")
def test_regular_care_is_used_on_its_weekdays_at_their_times() -> None:
    days = usage_days(DateSpan(MONDAY, date(2026, 3, 19)), TUE_THU, opening_of())
    assert days == [
        (date(2026, 3, 10), T("14:00-17:00")),
        (date(2026, 3, 12), T("15:00-18:00")),
        (date(2026, 3, 17), T("14:00-17:00")),
        (date(2026, 3, 19), T("15:00-18:00")),
    ]


@pytest.mark.rule("KB-02")
def test_closed_days_are_no_usage_days() -> None:
    week = DateSpan(date(2026, 5, 4), date(2026, 5, 8))
    closed = {date(2026, 5, 7): SpecialDay(SpecialDayKind.CENTRE_CLOSED)}
    days = usage_days(week, {**TUE_THU, "wed": OPEN}, opening_of(special_days=closed))
    assert days == [(date(2026, 5, 6), OPEN)]  # Tuesday is Children's Day


@pytest.mark.rule("KB-02")
def test_a_holiday_that_opens_for_other_hours_is_no_usage_day() -> None:
    hours = WeekHours({**SEMESTER.hours.by_key, "holiday": T("09:00-16:30")})
    opened = replace(SEMESTER, hours=hours)
    holiday = DateSpan(date(2026, 5, 5), date(2026, 5, 5))
    assert usage_days(holiday, {"tue": T("14:00-17:00")}, opening_of(opened)) == []
    fitting = [(date(2026, 5, 5), T("14:00-16:30"))]
    assert usage_days(holiday, {"tue": T("14:00-16:30")}, opening_of(opened)) == fitting


@pytest.mark.rule("KQ-11")
def test_regular_times_stay_on_school_free_days() -> None:
    free = {date(2026, 3, 10): SpecialDay(SpecialDayKind.DISCRETIONARY_CLOSURE)}
    late = {"tue": T("16:00-19:00")}  # beyond the vacation's 18:00
    day = DateSpan(date(2026, 3, 10), date(2026, 3, 10))
    assert usage_days(day, late, opening_of(special_days=free)) == [(date(2026, 3, 10), T("16:00-19:00"))]


@pytest.mark.rule("KB-02")
@pytest.mark.parametrize(
    ("times", "code"),
    [({}, "booking.no_weekday"), ({"holiday": OPEN}, "booking.no_weekday"), ({"fri": OPEN}, None)],
)
def test_at_least_one_weekday(times: dict[str, TimeSpan], code: str | None) -> None:
    assert codes(regular(times=times)) == ([code] if code else [])


@pytest.mark.rule("KB-03")
@pytest.mark.parametrize(
    ("first", "code"),
    [(MONDAY - DAY, "booking.start_in_past"), (MONDAY, None), (MONDAY + DAY, None)],
)
def test_regular_care_starts_today_or_later(first: date, code: str | None) -> None:
    assert codes(regular(first)) == ([code] if code else [])


@pytest.mark.rule("KB-03")
@pytest.mark.parametrize(("quarter", "first"), [(None, date(2026, 7, 20)), (SEMESTER, date(2026, 7, 20))])
def test_the_start_lies_in_a_configured_quarter(quarter: QuarterPlan | None, first: date) -> None:
    assert codes(regular(first, date(2026, 9, 30), quarter=quarter)) == ["booking.no_quarter"]


@pytest.mark.rule("KB-03")
@pytest.mark.parametrize(
    ("now", "code"),
    [
        ("2026-03-10 13:59", None),
        ("2026-03-10 14:00", None),
        ("2026-03-10 14:00:59", None),
        ("2026-03-10 14:01", "booking.first_hour_passed"),
    ],
)
def test_a_same_day_start_comes_before_the_first_hour(now: str, code: str | None) -> None:
    assert codes(regular(date(2026, 3, 10), now=now)) == ([code] if code else [])
    wednesday_only = {"wed": T("14:00-17:00")}
    assert codes(regular(date(2026, 3, 10), times=wednesday_only, now=now)) == []


@pytest.mark.rule("KB-04")
@pytest.mark.parametrize(
    ("last", "short"),
    [(date(2026, 4, 6), True), (date(2026, 4, 7), False), (date(2026, 4, 8), False)],
)
def test_thirty_days_with_both_ends(last: date, short: bool) -> None:
    assert codes(regular(MONDAY, last)) == (["booking.too_short"] if short else [])


@pytest.mark.rule("KB-04")
def test_march_first_to_thirtieth_is_just_enough() -> None:
    early = {"now": "2026-03-01 09:00"}
    assert codes(regular(date(2026, 3, 1), date(2026, 3, 30), **early)) == []  # type: ignore[arg-type]
    assert codes(regular(date(2026, 3, 1), date(2026, 3, 29), **early)) == ["booking.too_short"]  # type: ignore[arg-type]


def summer(days: int) -> QuarterPlan:
    first = date(2026, 7, 20)
    return replace(SEMESTER, span=DateSpan(first, first + DAY * (days - 1)))


@pytest.mark.rule("KB-05")
@pytest.mark.parametrize(
    ("quarter_days", "start_day", "policy", "least"),
    [
        (28, 1, POLICY, 28),
        (28, 20, POLICY, 9),
        (28, 28, POLICY, 1),
        (34, 1, POLICY, 30),
        (34, 6, POLICY, 29),
        (35, 1, POLICY, 30),
        (35, 20, POLICY, 30),
        (28, 20, BookingPolicy(short_quarter_waiver=False), 30),
        (60, 50, BookingPolicy(quarter_end_waiver=True), 11),
        (60, 31, BookingPolicy(quarter_end_waiver=True), 30),
    ],
)
def test_the_least_days_of_a_short_quarter(
    quarter_days: int, start_day: int, policy: BookingPolicy, least: int
) -> None:
    span = summer(quarter_days).span
    assert minimum_days(span, span.first + DAY * (start_day - 1), policy) == least


@pytest.mark.rule("KB-05")
@pytest.mark.parametrize(("last_offset", "refused"), [(0, False), (1, True)])
def test_in_a_short_quarter_one_books_to_its_end(last_offset: int, refused: bool) -> None:
    quarter = summer(28)
    found = regular(date(2026, 7, 25), quarter.span.last - DAY * last_offset, quarter=quarter)
    assert codes(found) == (["booking.too_short"] if refused else [])


@pytest.mark.rule("KB-06")
@pytest.mark.parametrize(
    ("last", "clipped"),
    [(date(2026, 7, 18), False), (date(2026, 7, 19), False), (date(2026, 7, 20), True)],
)
def test_a_booking_ends_with_its_quarter(last: date, clipped: bool) -> None:
    span, notice = clip_to_quarter(DateSpan(MONDAY, last), SEMESTER.span)
    assert span.last == min(last, SEMESTER.span.last)
    assert codes([notice]) == (["booking.clipped"] if clipped else [])


@pytest.mark.rule("KB-06")
def test_the_minimum_holds_after_clipping() -> None:
    assert codes(regular(date(2026, 6, 20), date(2026, 8, 31))) == []
    assert codes(regular(date(2026, 6, 21), date(2026, 8, 31))) == ["booking.too_short"]


@pytest.mark.rule("KB-06")
@given(st.integers(0, 140), st.integers(0, 400))
def test_a_clipped_period_lies_in_its_quarter(start: int, length: int) -> None:
    first = SEMESTER.span.first + DAY * start
    asked = DateSpan(first, first + DAY * length)
    span, notice = clip_to_quarter(asked, SEMESTER.span)
    assert span == asked.intersection(SEMESTER.span)
    assert (notice is None) is (span == asked)


@pytest.mark.rule("KB-07")
def test_each_date_of_a_submission_is_judged_by_itself() -> None:
    asked = [
        TemporaryRequest(date(2026, 3, 10), T("14:00-17:00")),
        TemporaryRequest(date(2026, 3, 14), T("14:00-17:00")),  # Saturday
        TemporaryRequest(date(2026, 3, 10), T("16:30-18:00")),  # overlaps the first
        TemporaryRequest(date(2026, 3, 14), T("14:00-15:00")),  # Saturday again, takes nobody's time
        TemporaryRequest(date(2026, 3, 10), T("17:00-18:00")),
        TemporaryRequest(date(2026, 3, 24), T("14:00-17:00")),  # day 15
    ]
    answers = check_temporary_list(asked, NOW, POLICY, opening_of=opening_of())
    assert [request for request, _ in answers] == asked
    assert [codes(found) for _, found in answers] == [
        [],
        ["booking.closed_day"],
        ["booking.overlaps"],
        ["booking.closed_day"],
        [],
        ["booking.beyond_window"],
    ]


@pytest.mark.rule("KB-08")
@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2026, 3, 8), "booking.day_passed"),
        (date(2026, 3, 9), None),
        (date(2026, 3, 23), None),
        (date(2026, 3, 24), "booking.beyond_window"),
    ],
)
def test_temporary_care_reaches_fourteen_days_ahead(day: date, code: str | None) -> None:
    assert codes(temporary(day)) == ([code] if code else [])
    assert codes(temporary(day, by_staff=True)) == ([code] if code else [])


@pytest.mark.rule("KB-08")
def test_the_first_of_may_reaches_the_fifteenth() -> None:
    assert codes(temporary(date(2026, 5, 15), now="2026-05-01 23:59")) == []
    assert codes(temporary(date(2026, 5, 16), now="2026-05-01 00:00")) == ["booking.beyond_window"]


@pytest.mark.rule("KB-09")
@pytest.mark.parametrize(
    ("now", "refused"),
    [("2026-03-09 13:59", False), ("2026-03-09 14:00:59", False), ("2026-03-09 14:01", True)],
)
def test_online_the_start_is_not_past(now: str, refused: bool) -> None:
    assert codes(temporary(now=now)) == (["booking.start_passed"] if refused else [])
    assert codes(temporary(now=now, by_staff=True)) == []
    assert is_walk_in(TemporaryRequest(MONDAY, T("14:00-17:00")), at(now)) is refused


@pytest.mark.rule("KB-09")
@pytest.mark.parametrize(
    ("now", "refused"),
    [("2026-03-09 18:59", False), ("2026-03-09 19:00:30", False), ("2026-03-09 19:01", True)],
)
def test_staff_enter_walk_ins_until_closing_time(now: str, refused: bool) -> None:
    found = temporary(now=now, by_staff=True)
    assert codes(found) == (["booking.walk_in_too_late"] if refused else [])
    assert all("19:00" in problem.sentence for problem in found)


@pytest.mark.rule("KB-10")
@pytest.mark.parametrize(
    ("hours", "refused"),
    [
        ("10:30-12:00", True),
        ("11:00-12:00", False),
        ("18:00-19:00", False),
        ("18:00-19:30", True),
        ("11:00-19:00", False),
    ],
)
def test_hours_lie_inside_the_opening(hours: str, refused: bool) -> None:
    assert codes(temporary(hours=hours)) == (["booking.outside_hours"] if refused else [])
    found = regular(times={"tue": T(hours)})
    assert ("booking.outside_hours" in codes(found)) is refused


@pytest.mark.rule("KB-10")
def test_closed_days_say_why() -> None:
    (problem,) = temporary(date(2026, 5, 5), now="2026-05-04 09:00")
    assert problem.code == "booking.closed_day"
    assert "공휴일 휴무" in problem.sentence
    found = regular(times={"sat": T("14:00-17:00"), "tue": T("14:00-17:00")})
    assert codes(found) == ["booking.closed_weekday"]
    assert "토요일" in found[0].sentence


@pytest.mark.rule("KB-02")
def test_a_period_without_any_open_day_is_refused() -> None:
    quarter = summer(1)  # one Monday
    monday = quarter.span.first
    assert codes(regular(monday, monday, {"tue": OPEN}, quarter=quarter)) == ["booking.no_usage_day"]


@pytest.mark.rule("KB-11")
@pytest.mark.parametrize(
    ("hours", "refused"),
    [
        ("13:00-14:30", False),
        ("13:00-13:30", False),
        ("13:10-14:30", True),
        ("13:00-14:29", True),
        ("13:00-14:31", True),
        ("13:00-13:15", True),
    ],
)
def test_hours_come_in_half_hours(hours: str, refused: bool) -> None:
    assert codes(temporary(hours=hours)) == (["booking.off_step"] if refused else [])
    assert codes(regular(times={"tue": T(hours)})) == (["booking.off_step"] if refused else [])


def busy(day: date, hours: str) -> Busy:
    return Busy(T(hours).on(day), "다른 센터")


@pytest.mark.rule("KB-12")
@pytest.mark.parametrize(
    ("taken", "refused"),
    [
        ("13:00-14:00", False),
        ("13:00-14:01", True),
        ("15:00-16:00", True),
        ("16:59-18:00", True),
        ("17:00-18:00", False),
    ],
)
def test_a_child_is_in_one_place_at_a_time(taken: str, refused: bool) -> None:
    found = temporary(busy=(busy(MONDAY, taken),))
    assert codes(found) == (["booking.overlaps"] if refused else [])
    assert all("다른 센터" in problem.sentence for problem in found)


@pytest.mark.rule("KB-12")
def test_a_regular_booking_names_the_first_day_that_is_taken() -> None:
    taken = (busy(date(2026, 3, 11), "14:00-17:00"), busy(date(2026, 4, 14), "16:00-17:30"))
    (problem,) = regular(busy=taken)
    assert problem.code == "booking.overlaps"
    assert "4월 14일(화) 14:00–17:00" in problem.sentence


@pytest.mark.rule("KB-12")
def test_a_night_stay_takes_the_next_morning_too() -> None:
    night = Busy(replace(T("21:00-24:00").on(MONDAY), end=at("2026-03-10 11:30")), "언제나어린이집")
    assert codes(temporary(date(2026, 3, 10), "11:00-12:00", busy=(night,))) == ["booking.overlaps"]
    assert codes(temporary(date(2026, 3, 10), "11:30-12:00", busy=(night,))) == []


@pytest.mark.rule("KB-12")
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(22, 36), st.integers(1, 6)), max_size=5))
def test_overlap_is_sharing_a_half_hour(raw: list[tuple[int, int, int]]) -> None:
    taken = [Busy(TimeSpan(s * 30, (s + n) * 30).on(MONDAY + DAY * d), f"{d}") for d, s, n in raw]
    asked = [(MONDAY, T("14:00-16:00")), (MONDAY + DAY, T("15:00-17:00"))]
    slots = {(day, slot) for day, span in asked for slot in range(span.start // 30, span.end // 30)}
    used = {(MONDAY + DAY * d, slot) for d, s, n in raw for slot in range(s, s + n)}
    assert (overlap(asked, taken) is not None) is bool(slots & used)


@pytest.mark.rule("KB-14")
@pytest.mark.parametrize(
    ("channel", "role", "refused"),
    [
        (Channel.ONLINE, "guardian", False),
        (Channel.PHONE, "guardian", True),
        (Channel.VISIT, "guardian", True),
        (Channel.ONLINE, "care_teacher", True),
        (Channel.PHONE, "care_teacher", False),
        (Channel.VISIT, "centre_director", False),
    ],
)
def test_who_enters_which_channel(channel: Channel, role: str, refused: bool) -> None:
    assert (check_channel(channel, role) is not None) is refused


YOUNGER = ChildFacts(date(2020, 6, 1), in_school=False)
ELDER = ElderStay(date(2018, 5, 1), T("14:00-17:00"))


@pytest.mark.rule("KB-36")
@pytest.mark.parametrize(
    ("kind", "hours", "elders", "code"),
    [
        (BookingKind.TEMPORARY, "14:00-17:00", [ELDER], None),
        (BookingKind.TEMPORARY, "13:30-17:00", [ELDER], "child.sibling_alone"),
        (BookingKind.TEMPORARY, "14:00-17:00", [], "child.too_young"),
        (BookingKind.REGULAR, "14:00-17:00", [ELDER], "child.too_young"),
        (BookingKind.SICK, "14:00-17:00", [ELDER], "child.too_young"),
    ],
)
def test_a_preschool_sibling_uses_temporary_care_only(
    kind: BookingKind, hours: str, elders: list[ElderStay], code: str | None
) -> None:
    policy = EligibilityPolicy(preschool_sibling=True)
    problem = check_eligibility(kind, YOUNGER, MONDAY, policy, hours=T(hours), elders=elders)
    assert codes([problem]) == ([code] if code else [])


@pytest.mark.rule("KB-36")
@pytest.mark.parametrize(
    "child",
    [ChildFacts(date(2012, 1, 1)), ChildFacts(date(2013, 12, 31), True, 7), ChildFacts(date(2013, 6, 1))],
)
def test_an_older_child_does_not_slip_in_as_a_sibling(child: ChildFacts) -> None:
    policy = EligibilityPolicy(preschool_sibling=True)
    kind, hours = BookingKind.TEMPORARY, T("14:00-17:00")
    assert check_eligibility(kind, child, MONDAY, policy, hours=hours, elders=[ELDER]) is not None


@pytest.mark.rule("KB-35")
def test_an_eligible_child_needs_no_elder() -> None:
    pupil = ChildFacts(date(2018, 5, 1), True, 2)
    for kind in BookingKind:
        assert check_eligibility(kind, pupil, MONDAY, EligibilityPolicy()) is None
    early_entrant, late_sixth_grader = (
        ChildFacts(date(2020, 12, 31), True),
        ChildFacts(date(2013, 6, 1), True, 6),
    )
    assert check_eligibility(BookingKind.REGULAR, early_entrant, MONDAY, EligibilityPolicy()) is None
    assert check_eligibility(BookingKind.REGULAR, late_sixth_grader, MONDAY, EligibilityPolicy()) is None


@pytest.mark.rule("KB-36")
def test_the_younger_goes_with_the_elder() -> None:
    younger = [
        ("a", MONDAY, T("14:00-16:00")),
        ("b", MONDAY, T("14:00-18:00")),
        ("c", MONDAY + DAY, T("14:00-16:00")),
    ]
    assert siblings_left_alone(younger, [(MONDAY, T("14:00-17:00"))]) == ["b", "c"]
    assert siblings_left_alone(younger, []) == ["a", "b", "c"]


@pytest.mark.rule("KB-47")
@pytest.mark.parametrize(
    ("offered", "illness", "disease_class", "code"),
    [
        (True, "감기", None, None),
        (False, "감기", None, "booking.sick_not_offered"),
        (True, " ", None, "booking.illness_missing"),
        (True, "홍역", 2, "booking.notifiable_disease"),
        (True, "디프테리아", 1, "booking.notifiable_disease"),
        (True, "B형간염", 3, None),
        (True, "인플루엔자", 4, None),
    ],
)
def test_sick_child_care(offered: bool, illness: str, disease_class: int | None, code: str | None) -> None:
    found = temporary(
        policy=BookingPolicy(sick_care=offered),
        kind=BookingKind.SICK,
        illness=illness,
        disease_class=disease_class,
    )
    assert codes(found) == ([code] if code else [])


@pytest.mark.rule("KB-47")
def test_sick_child_care_follows_the_temporary_rules() -> None:
    policy = BookingPolicy(sick_care=True)
    found = temporary(date(2026, 3, 24), policy=policy, kind=BookingKind.SICK, illness="감기")
    assert codes(found) == ["booking.beyond_window"]
    assert codes(temporary(hours="13:10-14:00", illness="", disease_class=1)) == ["booking.off_step"]
