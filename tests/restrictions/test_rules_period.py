"""Days and deadlines at their edges: ends of months, 29 February, holidays, a daycare's own (AS-18 – AS-25)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.kernel.calendar import HolidayCalendar
from app.kernel.ranges import DateSpan
from app.restrictions.rules.kinds import Level
from app.restrictions.rules.period import (
    daycare_problems,
    may_shorten,
    months_problem,
    objection_due,
    objection_problem,
    shorter_problem,
    span_from_notice,
    statement_due,
)
from app.restrictions.rules.policy import RestrictionPolicy

POLICY = RestrictionPolicy()
SEOLLAL = HolidayCalendar(
    {date(2027, 2, day): ("설날", "seollal" if day == 7 else None) for day in (6, 7, 8, 9)}
)


@pytest.mark.rule("AS-02")
@pytest.mark.rule("AS-20")
@pytest.mark.parametrize(
    ("notified", "months", "first", "last"),
    [
        (date(2027, 1, 30), 1, date(2027, 1, 31), date(2027, 2, 28)),
        (date(2028, 1, 30), 1, date(2028, 1, 31), date(2028, 2, 29)),
        (date(2028, 1, 29), 1, date(2028, 1, 30), date(2028, 2, 29)),
        (date(2028, 1, 28), 1, date(2028, 1, 29), date(2028, 2, 28)),
        (date(2028, 2, 28), 12, date(2028, 2, 29), date(2029, 2, 28)),
        (date(2027, 2, 28), 12, date(2027, 3, 1), date(2028, 2, 29)),
        (date(2027, 11, 29), 3, date(2027, 11, 30), date(2028, 2, 29)),
        (date(2026, 12, 31), 6, date(2027, 1, 1), date(2027, 6, 30)),
        (date(2026, 11, 24), 1, date(2026, 11, 25), date(2026, 12, 24)),
        (date(2026, 11, 25), 1, date(2026, 11, 26), date(2026, 12, 25)),
    ],
    ids=[
        "no 31 February", "no 31 February in a leap year", "no 30 February", "29 February is the day-number",
        "from 29 February for a year", "to 29 February", "30 November for three months", "over the year's end",
        "the eve of Christmas", "a holiday moves nothing",
    ],
)  # fmt: skip
def test_from_the_day_after_the_notice(notified: date, months: int, first: date, last: date) -> None:
    assert span_from_notice(notified, months) == (first, last)


@pytest.mark.rule("AS-16")
def test_for_good_has_no_last_day() -> None:
    assert span_from_notice(date(2026, 12, 31), None) == (date(2027, 1, 1), None)


@pytest.mark.rule("AS-18")
@pytest.mark.rule("AS-21")
@pytest.mark.parametrize(("rolls", "due"), [(True, date(2027, 2, 10)), (False, date(2027, 2, 6))])
def test_a_deadline_that_ends_in_a_long_holiday_moves_behind_it_where_deadlines_move(
    rolls: bool, due: date
) -> None:
    policy = RestrictionPolicy(deadline_rolls=rolls)
    assert objection_due(date(2027, 1, 23), policy, SEOLLAL) == due
    assert statement_due(date(2027, 2, 3), Level.M1, policy, SEOLLAL) == due
    assert statement_due(date(2027, 1, 27), Level.M3, policy, SEOLLAL) == due


@pytest.mark.rule("AS-21")
@pytest.mark.parametrize(
    ("on", "code"),
    [
        (date(2026, 11, 19), "objection.early"),
        (date(2026, 11, 20), None),
        (date(2026, 12, 4), None),
        (date(2026, 12, 5), "objection.late"),
    ],
    ids=["before the notice", "the day of the notice", "day 14", "day 15"],
)
def test_an_objection_in_time(on: date, code: str | None) -> None:
    problem = objection_problem(date(2026, 11, 20), date(2026, 12, 4), on)
    assert (problem.code if problem else None) == code
    if problem is not None:
        named = "11월 20일(금)" if on < date(2026, 11, 20) else "12월 4일(금)"
        assert named in problem.sentence


@pytest.mark.rule("AS-21")
@pytest.mark.parametrize(
    ("first", "last", "wanted", "today", "fits"),
    [
        (date(2026, 11, 21), date(2026, 12, 20), date(2026, 12, 19), date(2026, 11, 25), True),
        (date(2026, 11, 21), date(2026, 12, 20), date(2026, 12, 20), date(2026, 11, 25), False),
        (date(2026, 11, 21), date(2026, 12, 20), date(2026, 11, 25), date(2026, 11, 25), True),
        (date(2026, 11, 21), date(2026, 12, 20), date(2026, 11, 24), date(2026, 11, 25), False),
        (date(2026, 11, 21), date(2026, 12, 20), date(2026, 11, 21), date(2026, 11, 20), True),
        (date(2026, 11, 21), date(2026, 12, 20), date(2026, 11, 20), date(2026, 11, 20), False),
        (date(2026, 11, 21), None, date(2030, 1, 1), date(2026, 11, 25), True),
        (date(2026, 11, 21), date(2026, 12, 20), None, date(2026, 11, 25), False),
    ],
    ids=[
        "a day less", "not less", "today", "yesterday", "ahead: its first day", "ahead: before its first",
        "what was for good", "no day",
    ],
)  # fmt: skip
def test_shortening_ends_earlier_and_not_in_the_past(
    first: date, last: date | None, wanted: date | None, today: date, fits: bool
) -> None:
    problem = shorter_problem(first, last, wanted, today)
    assert (problem is None) is fits
    if problem is not None:
        assert problem.code == "objection.not_shorter"


@pytest.mark.rule("AS-14")
@pytest.mark.parametrize("level", [Level.M1, Level.M3, Level.M6, Level.PERMANENT])
def test_fixed_levels_need_no_number_of_months(level: Level) -> None:
    assert months_problem(level, None, "", POLICY) is None


@pytest.mark.rule("AS-14")
def test_the_usual_length_is_the_municipalitys() -> None:
    policy = RestrictionPolicy(year_default_months=6)
    assert months_problem(Level.YEAR, 6, "", policy) is None
    problem = months_problem(Level.YEAR, 5, "", policy)
    assert problem is not None
    assert "6개월보다" in problem.sentence
    problem = months_problem(Level.YEAR, 13, "이유", policy)
    assert problem is not None
    assert "12개월 사이" in problem.sentence


TODAY = date(2026, 11, 29)
"""Restricted from tomorrow, 30 November, three months end on 28 February."""


def codes(first: date, last: date, *others: DateSpan, policy: RestrictionPolicy = POLICY) -> list[str]:
    return [problem.code for problem in daycare_problems(first, last, TODAY, policy, list(others))]


@pytest.mark.rule("AS-25")
@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (date(2026, 11, 30), date(2026, 11, 30), []),
        (date(2026, 11, 30), date(2026, 11, 29), ["restriction.dates"]),
        (date(2026, 11, 29), date(2026, 12, 1), ["restriction.past"]),
        (date(2026, 11, 1), date(2026, 11, 10), ["restriction.past"]),
        (date(2026, 11, 30), date(2027, 2, 28), []),
        (date(2026, 11, 30), date(2027, 3, 1), ["restriction.too_long"]),
        (date(2026, 11, 29), date(2027, 3, 1), ["restriction.past", "restriction.too_long"]),
    ],
    ids=["one day", "reversed", "today", "long ago", "three months", "a day more", "two things wrong"],
)
def test_a_daycares_own_days(first: date, last: date, found: list[str]) -> None:
    assert codes(first, last) == found


@pytest.mark.rule("AS-25")
def test_how_long_a_daycare_may_is_the_municipalitys() -> None:
    policy = RestrictionPolicy(daycare_months_max=1)
    assert codes(date(2026, 11, 30), date(2026, 12, 29), policy=policy) == []
    assert codes(date(2026, 11, 30), date(2026, 12, 30), policy=policy) == ["restriction.too_long"]
    (problem,) = daycare_problems(date(2026, 11, 30), date(2026, 12, 30), TODAY, policy, [])
    assert "1개월까지" in problem.sentence
    assert "12월 29일(화)" in problem.sentence
    (problem,) = daycare_problems(TODAY, TODAY, TODAY, policy, [])
    assert "11월 30일(월)" in problem.sentence


@pytest.mark.rule("AS-25")
@pytest.mark.parametrize(
    ("other", "free"),
    [
        (DateSpan(date(2026, 11, 1), date(2026, 11, 30)), True),
        (DateSpan(date(2026, 11, 1), date(2026, 12, 1)), False),
        (DateSpan(date(2026, 12, 5), date(2026, 12, 6)), False),
        (DateSpan(date(2026, 12, 10), date(2026, 12, 20)), False),
        (DateSpan(date(2026, 12, 11), date(2026, 12, 20)), True),
    ],
    ids=["ends the day before", "ends on the first", "inside", "begins on the last", "begins the day after"],
)
def test_two_of_one_daycare_do_not_share_a_day(other: DateSpan, free: bool) -> None:
    found = daycare_problems(date(2026, 12, 1), date(2026, 12, 10), TODAY, POLICY, [other])
    assert [problem.code for problem in found] == ([] if free else ["restriction.overlaps"])
    for problem in found:
        assert f"{other.first.month}월 {other.first.day}일" in problem.sentence
        assert f"{other.last.month}월 {other.last.day}일" in problem.sentence


@pytest.mark.rule("AS-25")
@pytest.mark.parametrize(
    ("first", "found"),
    [
        (date(2026, 12, 28), []),
        (date(2026, 12, 29), []),
        (date(2026, 12, 30), ["restriction.too_far"]),
        (date(2030, 1, 1), ["restriction.too_far"]),
    ],
    ids=["29 days", "30 days", "31 days", "years"],
)
def test_it_begins_soon(first: date, found: list[str]) -> None:
    assert codes(first, first) == found
    if found:
        (problem,) = daycare_problems(first, first, TODAY, POLICY, [])
        assert "30일 안에" in problem.sentence
        assert "12월 29일(화)로" in problem.sentence


@pytest.mark.rule("AS-25")
@pytest.mark.parametrize(
    ("happened", "fine"),
    [
        (None, False),
        (date(2026, 11, 9), False),
        (date(2026, 11, 10), True),
        (TODAY, True),
        (TODAY + timedelta(days=1), False),
    ],
    ids=["nothing", "the day before it began", "its first day", "today", "tomorrow"],
)
def test_one_behind_another_needs_something_new(happened: date | None, fine: bool) -> None:
    former = DateSpan(date(2026, 11, 10), date(2026, 12, 9))
    found = daycare_problems(
        date(2026, 12, 10),
        date(2027, 1, 9),
        TODAY,
        POLICY,
        [former],
        alike=[former],
        happened_on=happened,
    )
    assert [problem.code for problem in found] == ([] if fine else ["restriction.nothing_new"])
    for problem in found:
        assert problem.field == "happened_on"
        assert "11월 10일(화)부터 12월 9일(수)까지" in problem.sentence


@pytest.mark.rule("AS-25")
def test_what_has_not_begun_cannot_have_something_new_behind_it() -> None:
    """So two are never imposed in one sitting, whatever day is written down, with a gap or without."""
    former = DateSpan(TODAY + timedelta(days=1), TODAY + timedelta(days=10))
    for gap in (1, 2, 15):
        first = former.last + timedelta(days=gap)
        for happened in (None, TODAY, former.first):
            found = daycare_problems(
                first, first, TODAY, POLICY, [former], alike=[former], happened_on=happened
            )
            assert [problem.code for problem in found] == ["restriction.nothing_new"]


@pytest.mark.rule("AS-25")
def test_where_they_overlap_that_alone_is_said() -> None:
    former = DateSpan(date(2026, 11, 10), date(2026, 12, 9))
    found = daycare_problems(date(2026, 12, 9), date(2026, 12, 20), TODAY, POLICY, [former], alike=[former])
    assert [problem.code for problem in found] == ["restriction.overlaps"]


@pytest.mark.rule("AS-21")
@pytest.mark.parametrize(
    ("first", "last", "may"),
    [
        (date(2026, 11, 1), date(2026, 11, 28), False),
        (date(2026, 11, 1), TODAY, False),
        (date(2026, 11, 1), TODAY + timedelta(days=1), True),
        (TODAY + timedelta(days=1), TODAY + timedelta(days=1), False),
        (TODAY + timedelta(days=1), TODAY + timedelta(days=2), True),
        (date(2026, 11, 1), None, True),
        (None, None, False),
    ],
    ids=["over", "ends today", "a day left", "one day to come", "two to come", "for good", "no days yet"],
)
def test_whether_there_is_anything_to_shorten(first: date | None, last: date | None, may: bool) -> None:
    assert may_shorten(first, last, TODAY) == may
    if first is not None:
        days = [TODAY + timedelta(days=n) for n in range(-3, 5)]
        assert may == any(shorter_problem(first, last, day, TODAY) is None for day in days)


@pytest.mark.rule("AS-25")
def test_every_other_one_in_the_way_is_named() -> None:
    twice = [DateSpan(TODAY + timedelta(days=n), TODAY + timedelta(days=n)) for n in (3, 5)]
    assert codes(date(2026, 12, 1), date(2026, 12, 10), *twice) == ["restriction.overlaps"] * 2
