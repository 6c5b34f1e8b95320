"""Quarters: what may be saved, proposed, moved and deleted (KQ-01 … KQ-15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.centres.rules import (
    QUARTER_STEPS,
    BookingImpact,
    CentreKind,
    CentrePolicy,
    Meals,
    QuarterKind,
    QuarterPlan,
    QuarterState,
    QuarterUse,
    StaffPlan,
    WeekHours,
    can_delete_quarter,
    check_first_setup,
    check_quarter,
    default_year_label,
    gaps,
    is_short,
    needs_notice,
    proposed_quarters,
    quarter_change_impact,
    year_completeness,
)
from app.kernel.ranges import DateSpan, TimeSpan
from tests.kernel.problems import codes

DAY = timedelta(days=1)
GENERAL, FUSION, HUB = CentreKind.GENERAL, CentreKind.FUSION, CentreKind.HUB


def hours(school_days: str = "11:00-19:00", **other: str | None) -> WeekHours:
    """The same hours Monday to Friday, other kinds of day by name."""
    spans = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), school_days) | other
    return WeekHours({key: TimeSpan.parse(text) if text else None for key, text in spans.items()})


def staffed(week: WeekHours, heads: int = 1) -> StaffPlan:
    return StaffPlan({key: ((span, heads),) for key, span in week.by_key.items() if span})


def plan(
    kind: QuarterKind = QuarterKind.SEM1,
    first: date = date(2026, 3, 1),
    last: date = date(2026, 7, 19),
    week: WeekHours | None = None,
    staff: StaffPlan | None = None,
    year: int = 2026,
) -> QuarterPlan:
    week = week if week is not None else hours()
    return QuarterPlan(kind, year, DateSpan(first, last), week, staffed(week) if staff is None else staff)


def year_of_plans(year: int) -> list[QuarterPlan]:
    return [plan(kind, span.first, span.last, year=year) for kind, span in proposed_quarters(year)]


@pytest.mark.rule("KQ-01")
def test_a_year_has_four_kinds_of_quarter() -> None:
    assert [kind for kind in QuarterKind if kind.is_vacation] == [QuarterKind.SUMMER, QuarterKind.WINTER]
    assert [kind.label for kind in QuarterKind] == ["1학기", "여름방학", "2학기", "겨울방학"]


@pytest.mark.rule("KQ-01")
def test_a_kind_occurs_once_a_year() -> None:
    second = plan(first=date(2026, 9, 1), last=date(2026, 12, 31))
    assert "quarter.twice" in codes(check_quarter(second, GENERAL, [plan()]))
    assert "quarter.twice" not in codes(check_quarter(replace(second, year_label=2027), GENERAL, [plan()]))


@pytest.mark.rule("KQ-02")
@pytest.mark.parametrize(
    ("first", "refused"),
    [(date(2026, 7, 18), True), (date(2026, 7, 19), True), (date(2026, 7, 20), False)],
)
def test_quarters_must_not_overlap(first: date, refused: bool) -> None:
    summer = plan(QuarterKind.SUMMER, first, date(2026, 8, 16))
    found = check_quarter(summer, GENERAL, [plan()])
    assert ("quarter.overlap" in codes(found)) is refused


@pytest.mark.rule("KQ-03")
def test_the_first_time_all_four_quarters_are_set() -> None:
    plans = year_of_plans(2026)
    assert check_first_setup(plans, 2026) == []
    (problem,) = check_first_setup(plans[:3], 2026)
    assert problem.code == "quarter.year_incomplete"
    assert "2학기" in problem.sentence


@pytest.mark.rule("KQ-04")
def test_shortening_clips_bookings_and_lists_the_stranded() -> None:
    old = DateSpan(date(2026, 3, 1), date(2026, 7, 19))
    new = DateSpan(date(2026, 3, 1), date(2026, 7, 10))
    inside = DateSpan(date(2026, 3, 1), date(2026, 7, 10))
    past_end = DateSpan(date(2026, 7, 1), date(2026, 7, 19))
    beyond = DateSpan(date(2026, 7, 11), date(2026, 7, 19))
    impact = quarter_change_impact(old, new, [("a", inside), ("b", past_end), ("c", beyond)])
    assert impact.shortened == (
        BookingImpact("b", past_end, DateSpan(date(2026, 7, 1), date(2026, 7, 10))),
        BookingImpact("c", beyond, None),
    )
    assert impact.problems == ()
    assert impact.could_grow == ()


@pytest.mark.rule("KQ-04")
def test_lengthening_only_lists_bookings_that_ended_with_the_quarter() -> None:
    old = DateSpan(date(2026, 3, 1), date(2026, 7, 19))
    new = DateSpan(date(2026, 3, 1), date(2026, 7, 20))
    to_end = DateSpan(date(2026, 4, 1), date(2026, 7, 19))
    earlier = DateSpan(date(2026, 4, 1), date(2026, 7, 18))
    impact = quarter_change_impact(old, new, [("end", to_end), ("earlier", earlier)])
    assert impact.could_grow == ("end",)
    assert impact.shortened == ()
    assert quarter_change_impact(old, old, [("end", to_end)]).could_grow == ()


@pytest.mark.rule("KQ-04")
@pytest.mark.parametrize(
    ("attended", "field"),
    [
        (date(2026, 3, 4), "first"),
        (date(2026, 3, 5), None),
        (date(2026, 7, 19), None),
        (date(2026, 7, 20), "last"),
    ],
)
def test_dates_cannot_leave_attendance_outside(attended: date, field: str | None) -> None:
    old = DateSpan(date(2026, 3, 1), date(2026, 7, 31))
    new = DateSpan(date(2026, 3, 5), date(2026, 7, 19))
    problems = quarter_change_impact(old, new, [], [attended, date(2026, 7, 1)]).problems
    assert codes(problems) == (["quarter.attendance_outside"] if field else [])
    assert [problem.field for problem in problems] == ([field] if field else [])


@pytest.mark.rule("KQ-04")
def test_the_impact_names_the_gaps_beside_the_quarter() -> None:
    summer = DateSpan(date(2026, 7, 20), date(2026, 8, 16))
    old = DateSpan(date(2026, 3, 1), date(2026, 7, 19))
    new = DateSpan(date(2026, 3, 1), date(2026, 7, 17))
    impact = quarter_change_impact(old, new, [], others=[summer])
    assert impact.gaps == (DateSpan(date(2026, 7, 18), date(2026, 7, 19)),)


@pytest.mark.rule("KQ-05")
@pytest.mark.parametrize(
    ("first", "last", "year"),
    [
        (date(2026, 12, 31), date(2027, 2, 28), 2027),
        (date(2026, 11, 1), date(2027, 1, 31), 2026),
        (date(2026, 12, 1), date(2027, 1, 31), 2027),  # 31 and 31 days: the later
        (date(2026, 12, 1), date(2027, 1, 30), 2026),
        (date(2026, 3, 1), date(2026, 7, 19), 2026),
    ],
)
def test_the_year_of_most_days(first: date, last: date, year: int) -> None:
    assert default_year_label(DateSpan(first, last)) == year


@pytest.mark.rule("KQ-05")
def test_a_year_is_complete_with_one_of_each_kind_of_its_label() -> None:
    plans = year_of_plans(2026)
    assert year_completeness(plans, 2026) == ()
    assert year_completeness(plans, 2027) == tuple(QuarterKind)
    moved = [replace(p, year_label=2025) if p.kind is QuarterKind.WINTER else p for p in plans]
    assert year_completeness(moved, 2026) == (QuarterKind.WINTER,)


@pytest.mark.rule("KQ-06")
@pytest.mark.parametrize(
    ("first", "gap"),
    [
        (date(2026, 7, 20), None),
        (date(2026, 7, 21), "7월 20일(월)~7월 20일(월)"),
        (date(2026, 7, 25), "7월 20일(월)~7월 24일(금)"),
    ],
)
def test_gaps_warn(first: date, gap: str | None) -> None:
    found = check_quarter(plan(QuarterKind.SUMMER, first, date(2026, 8, 16)), GENERAL, [plan()])
    warned = [problem for problem in found if problem.code == "quarter.gap"]
    assert [problem.values["span"] for problem in warned] == ([gap] if gap else [])
    assert all(problem.soft for problem in warned)


@pytest.mark.rule("KQ-06")
def test_gaps_far_from_the_quarter_are_not_repeated() -> None:
    far = [
        plan(first=date(2025, 3, 1), last=date(2025, 7, 1)),
        plan(first=date(2025, 8, 1), last=date(2026, 2, 28)),
    ]
    assert "quarter.gap" not in codes(check_quarter(plan(), GENERAL, far))


@pytest.mark.rule("KQ-06")
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), max_size=6))
def test_gaps_are_the_days_of_no_span(raw: list[tuple[int, int]]) -> None:
    base = date(2026, 1, 1)
    spans = [DateSpan(base + DAY * start, base + DAY * (start + length)) for start, length in raw]
    covered = {day for span in spans for day in span}
    found = [day for gap in gaps(spans) for day in gap]
    expected = [day for day in DateSpan(min(covered), max(covered)) if day not in covered] if covered else []
    assert found == expected


@pytest.mark.rule("KQ-07")
def test_hours_and_staff_and_meals_survive_storage() -> None:
    week = {"mon": ["13:00", "24:00"], "sat": None, "holiday": ["09:00", "18:00"]}
    people = {"mon": [["13:00", "16:00", 1], ["15:00", "19:00", 2]]}
    meals = {"lunch": False, "dinner": True, "snack": False}
    assert WeekHours.from_json(week).to_json() == week
    assert StaffPlan.from_json(people).to_json() == people
    assert Meals.from_json(meals).to_json() == meals
    assert Meals.from_json({}) == Meals()


@pytest.mark.rule("KQ-07")
@pytest.mark.parametrize(
    "raw", [{"mo": ["13:00", "19:00"]}, {"mon": ["19:00", "13:00"]}, {"mon": ["13:00", "25:00"]}]
)
def test_malformed_hours_are_refused(raw: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the parsers name the text in their own way
        WeekHours.from_json(raw)


@pytest.mark.rule("KQ-07")
@pytest.mark.parametrize("line", [["13:00", "19:00"], ["13:00", "19:00", 0], ["13:00", "19:00", "x"]])
def test_malformed_staff_lines_are_refused(line: list[object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        StaffPlan.from_json({"mon": [line]})


@pytest.mark.rule("KC-09")
@pytest.mark.parametrize(
    ("minute", "heads"), [(779, 0), (780, 1), (899, 1), (900, 3), (959, 3), (960, 2), (1139, 2), (1140, 0)]
)
def test_heads_on_duty_at_a_minute(minute: int, heads: int) -> None:
    people = StaffPlan.from_json({"mon": [["13:00", "16:00", 1], ["15:00", "19:00", 2]]})
    assert people.heads_at("mon", minute) == heads
    assert people.heads_at("tue", minute) == 0


@pytest.mark.rule("KQ-08")
@pytest.mark.parametrize(
    ("centre", "kind", "school_days", "refused"),
    [
        (GENERAL, QuarterKind.SEM1, "11:00-19:00", False),
        (GENERAL, QuarterKind.SEM1, "13:00-19:00", False),  # KQ-09 refuses it, not this rule
        (GENERAL, QuarterKind.SEM2, "11:00-18:59", True),
        (GENERAL, QuarterKind.SEM2, "13:01-22:00", True),
        (GENERAL, QuarterKind.SUMMER, "09:00-18:00", False),
        (GENERAL, QuarterKind.SUMMER, "09:30-18:00", True),
        (GENERAL, QuarterKind.WINTER, "09:00-17:30", True),
        (FUSION, QuarterKind.SEM1, "13:00-20:00", False),
        (FUSION, QuarterKind.SEM1, "11:00-19:30", True),
        (FUSION, QuarterKind.WINTER, "09:00-18:00", False),
        (HUB, QuarterKind.SEM1, "13:00-19:00", False),
        (HUB, QuarterKind.SEM1, "13:30-19:00", True),
    ],
)
def test_opening_contains_the_standard_hours(
    centre: CentreKind, kind: QuarterKind, school_days: str, refused: bool
) -> None:
    found = check_quarter(plan(kind, week=hours(school_days)), centre)
    assert ("quarter.standard_hours" in codes(found)) is refused


@pytest.mark.rule("KQ-08")
def test_every_school_day_is_held_to_the_standard_and_named() -> None:
    week = hours(wed="14:00-22:00", fri=None)
    named = [
        problem.values["day"]
        for problem in check_quarter(plan(week=week), GENERAL)
        if problem.code == "quarter.standard_hours"
    ]
    assert named == ["수", "금"]


@pytest.mark.rule("KQ-09")
@pytest.mark.parametrize(
    ("school_days", "refused"),
    [("13:00-19:00", True), ("11:01-19:00", True), ("11:00-19:00", False), ("10:00-19:00", False)],
)
def test_a_general_centre_opens_eight_hours(school_days: str, refused: bool) -> None:
    found = codes(check_quarter(plan(week=hours(school_days)), GENERAL))
    assert ("quarter.day_too_short" in found) is refused
    assert "quarter.day_too_short" not in codes(check_quarter(plan(week=hours(school_days)), HUB))


@pytest.mark.rule("KQ-09")
@pytest.mark.parametrize(("min_days", "refused"), [(5, False), (6, True)])
def test_a_general_centre_opens_five_days(min_days: int, refused: bool) -> None:
    found = check_quarter(plan(), GENERAL, policy=CentrePolicy(general_min_days=min_days))
    assert ("quarter.too_few_days" in codes(found)) is refused


@pytest.mark.rule("KQ-10")
@pytest.mark.parametrize(
    ("saturday", "refused"),
    [(None, True), ("10:00-13:59", True), ("10:00-14:00", False), ("10:00-14:01", False)],
)
def test_a_fusion_centre_opens_four_hours_on_saturday(saturday: str | None, refused: bool) -> None:
    week = hours("13:00-20:00", sat=saturday)
    found = codes(check_quarter(plan(week=week), FUSION))
    assert ("quarter.saturday_short" in found) is refused
    assert ("quarter.too_few_days" in found) is (saturday is None)


@pytest.mark.rule("KQ-10")
def test_a_fusion_centre_may_close_on_holidays() -> None:
    week = hours("13:00-20:00", sat="10:00-14:00", holiday=None)
    assert check_quarter(plan(week=week), FUSION) == []


@pytest.mark.rule("KQ-12")
@pytest.mark.parametrize("key", ["sat", "sun", "holiday"])
@pytest.mark.parametrize(
    ("duty", "refused"),
    [
        ((), True),
        (("09:30-13:00",), True),
        (("09:00-12:30",), True),
        (("09:00-11:00", "11:30-13:00"), True),
        (("11:00-13:00", "09:00-11:00"), False),
        (("08:00-14:00",), False),
    ],
)
def test_free_days_need_somebody_on_duty_throughout(key: str, duty: tuple[str, ...], refused: bool) -> None:
    week = hours(**{key: "09:00-13:00"})
    people = StaffPlan({**staffed(hours()).by_key, key: tuple((TimeSpan.parse(text), 1) for text in duty)})
    found = check_quarter(plan(week=week, staff=people), GENERAL)
    assert codes(found) == (["quarter.holiday_staff"] if refused else [])
    assert not any(problem.soft for problem in found)


@pytest.mark.rule("KC-08")
def test_a_school_day_without_staff_is_only_a_warning() -> None:
    people = staffed(hours(wed="11:00-18:00"))
    (problem,) = check_quarter(plan(staff=people), GENERAL)
    assert problem.code == "quarter.staff_missing"
    assert problem.soft
    assert "수요일 18:00–19:00" in problem.sentence


@pytest.mark.rule("KQ-13")
@pytest.mark.parametrize(
    ("year", "ends"),
    [
        (2026, [date(2026, 2, 28), date(2026, 7, 19), date(2026, 8, 16), date(2026, 12, 31)]),
        (2027, [date(2027, 2, 28), date(2027, 7, 18), date(2027, 8, 15), date(2027, 12, 31)]),
        (2028, [date(2028, 2, 29), date(2028, 7, 16), date(2028, 8, 20), date(2028, 12, 31)]),
    ],
)
def test_proposed_quarters(year: int, ends: list[date]) -> None:
    proposed = proposed_quarters(year)
    kinds = [QuarterKind.WINTER, QuarterKind.SEM1, QuarterKind.SUMMER, QuarterKind.SEM2]
    assert [kind for kind, _ in proposed] == kinds
    assert [span.last for _, span in proposed] == ends
    assert proposed[0][1].first == date(year, 1, 1)


@pytest.mark.rule("KQ-13")
@given(st.integers(2020, 2060))
def test_proposed_quarters_fill_the_year(year: int) -> None:
    spans = [span for _, span in proposed_quarters(year)]
    assert gaps(spans) == []
    assert sum(span.days for span in spans) == (date(year + 1, 1, 1) - date(year, 1, 1)).days
    assert all(default_year_label(span) == year for span in spans)


@pytest.mark.rule("KQ-14")
@pytest.mark.parametrize(("days", "short"), [(28, True), (34, True), (35, False), (36, False)])
def test_a_short_quarter_has_less_than_35_days(days: int, short: bool) -> None:
    first = date(2026, 7, 20)
    assert is_short(DateSpan(first, first + DAY * (days - 1))) is short


@pytest.mark.rule("KQ-14")
@pytest.mark.parametrize("kind", list(QuarterKind))
@pytest.mark.parametrize(("days", "short"), [(34, True), (35, False), (36, False)])
def test_only_a_short_summer_is_announced_by_itself(kind: QuarterKind, days: int, short: bool) -> None:
    first = date(2026, 7, 20)
    wanted = short and kind is QuarterKind.SUMMER
    assert needs_notice(kind, DateSpan(first, first + DAY * (days - 1))) is wanted


@pytest.mark.rule("KQ-15")
@pytest.mark.parametrize(
    ("use", "refused"),
    [
        (QuarterUse(), False),
        (QuarterUse(bookings=1), True),
        (QuarterUse(extensions=1), True),
        (QuarterUse(attendances=1), True),
    ],
)
def test_a_used_quarter_stays(use: QuarterUse, refused: bool) -> None:
    assert (can_delete_quarter(use) is not None) is refused


@pytest.mark.rule("KQ-15")
def test_the_refusal_names_the_counts() -> None:
    problem = can_delete_quarter(QuarterUse(3, 2, 1))
    assert problem is not None
    assert "예약 3건, 연장 2건, 출결 1건" in problem.sentence


@pytest.mark.rule("KQ-17")
def test_only_the_clock_moves_quarters_and_only_forward() -> None:
    for before in QuarterState:
        for after in QuarterState:
            allowed = (before, after) in {
                (QuarterState.PLANNED, QuarterState.CURRENT),
                (QuarterState.CURRENT, QuarterState.CLOSED),
            }
            assert (QUARTER_STEPS.check(before, after, "system") is None) is allowed
            assert QUARTER_STEPS.check(before, after, "centre_director") is not None
