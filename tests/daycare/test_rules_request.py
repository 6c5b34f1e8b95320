"""What may be asked for (AD-05 – AD-11): each boundary at, just before and just after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from app.daycare.rules.days import Opening, opening_on
from app.daycare.rules.policy import STANDARD, DaycarePolicy
from app.daycare.rules.request import (
    Wish,
    check_wish,
    curfew_ends,
    in_curfew,
    in_entry_window,
    night_deadline,
    touches_night,
)
from app.kernel.ranges import KST, Period, TimeSpan, kst
from tests.kernel.korean_holidays import CALENDAR

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = (date(2026, 11, n) for n in range(16, 23))
BUCHEON = replace(STANDARD, holiday_open=TimeSpan.parse("09:00-18:00"), entry_holiday=(540, 1080))
ICHEON = replace(STANDARD, closed_days=())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


EARLY = at("2026-11-10 09:00")


def openings(policy: DaycarePolicy = STANDARD) -> Callable[[date], Opening]:
    return lambda day: opening_on(day, policy, CALENDAR, {})


def codes(wish: Wish, received: datetime = EARLY, policy: DaycarePolicy = STANDARD) -> set[str]:
    found = check_wish(wish, received, policy, opening_of=openings(policy), calendar=CALENDAR)
    return {problem.code.removeprefix("daycare.") for problem in found}


def one_day(start: int, end: int, day: date = TUESDAY) -> Wish:
    return Wish(day, day, start, end)


@pytest.mark.rule("AD-11")
@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (540, 600, set()),
        (540, 570, {"too_short"}),
        (540, 599, {"off_step", "too_short"}),
        (540, 630, {"not_whole_hours"}),
        (570, 690, set()),
        (555, 675, {"off_step"}),
        (1320, 1890, set()),
        (1200, 1890, set()),
        (450, 1890, set()),
        (600, 600, {"no_hours"}),
        (660, 600, {"no_hours"}),
        (449, 600, {"outside_day"}),
        (540, 1891, {"outside_day"}),
        (1889, 1890, {"off_step", "too_short"}),
        (1890, 1950, {"outside_day"}),
        (450, 450, {"outside_day"}),
        (420, 450, {"outside_day"}),
    ],
)
def test_hours_are_whole_and_begin_at_the_half_hour(start: int, end: int, found: set[str]) -> None:
    assert codes(one_day(start, end)) == found


@pytest.mark.rule("AD-06")
@pytest.mark.parametrize(
    ("wish", "found"),
    [
        (one_day(1260, 1320), set()),
        (one_day(1290, 1350), {"curfew_out"}),
        (one_day(1320, 1890), set()),
        (one_day(1350, 1890), {"curfew_in"}),
        (one_day(1200, 1860), {"curfew_out"}),
        (Wish(TUESDAY, WEDNESDAY, 1200, 480, True), set()),
        (Wish(TUESDAY, WEDNESDAY, 1200, 460, True), {"off_step", "not_whole_hours"}),
    ],
)
def test_nobody_comes_or_goes_in_the_night(wish: Wish, found: set[str]) -> None:
    assert codes(wish) == found


@pytest.mark.rule("AD-06")
@pytest.mark.parametrize(
    ("clock", "inside"),
    [
        ("21:59:59", False),
        ("22:00:00", False),
        ("22:00:59", False),
        ("22:01:00", True),
        ("23:59:59", True),
        ("00:00:00", True),
        ("07:29:59", True),
        ("07:30:00", False),
    ],
)
def test_both_ends_of_the_curfew_are_open(clock: str, inside: bool) -> None:
    assert in_curfew(at(f"2026-11-17 {clock}"), STANDARD) is inside


@pytest.mark.rule("AD-06")
@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-11-17 22:05", "2026-11-18 07:30"),
        ("2026-11-18 03:00", "2026-11-18 07:30"),
        ("2026-11-18 07:29", "2026-11-18 07:30"),
        ("2026-11-18 07:30", "2026-11-19 07:30"),
        ("2026-12-31 23:00", "2027-01-01 07:30"),
        ("2028-02-29 22:01", "2028-03-01 07:30"),
    ],
)
def test_who_is_still_there_stays_until_the_morning(now: str, end: str) -> None:
    assert curfew_ends(at(now), STANDARD) == at(end)


@pytest.mark.rule("AD-05")
@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        ("2026-11-17 07:29", False),
        ("2026-11-17 07:30", True),
        ("2026-11-17 22:00:59", True),
        ("2026-11-17 22:01", False),
        ("2026-11-21 08:59", False),
        ("2026-11-21 09:00", True),
        ("2026-11-21 19:30", True),
        ("2026-11-21 19:31", False),
        ("2026-11-22 19:31", False),
        ("2026-10-09 19:31", False),
        ("2026-10-08 19:31", True),
    ],
)
def test_the_entry_window_includes_both_ends(moment: str, inside: bool) -> None:
    assert in_entry_window(at(moment), STANDARD, CALENDAR) is inside


@pytest.mark.rule("AD-05")
@pytest.mark.parametrize(
    ("wish", "policy", "found"),
    [
        (one_day(540, 720, SATURDAY), STANDARD, set()),
        (one_day(510, 690, SATURDAY), STANDARD, {"outside_entry"}),
        (one_day(1170, 1290, SATURDAY), STANDARD, set()),
        (one_day(1200, 1320, SUNDAY), STANDARD, {"outside_entry"}),
        (one_day(1080, 1140, SATURDAY), BUCHEON, {"outside_opening"}),
    ],
)
def test_an_entry_outside_the_window_is_the_directors_to_grant(
    wish: Wish, policy: DaycarePolicy, found: set[str]
) -> None:
    assert codes(wish, policy=policy) == found
    problems = check_wish(wish, EARLY, policy, opening_of=openings(policy), calendar=CALENDAR)
    assert all(problem.soft == (problem.code == "daycare.outside_entry") for problem in problems)


@pytest.mark.rule("AD-07")
@pytest.mark.parametrize(
    ("received", "start", "found"),
    [
        ("2026-11-17 14:59:59", 1080, set()),
        ("2026-11-17 15:00:00", 1080, set()),
        ("2026-11-17 15:00:59", 1080, set()),
        ("2026-11-17 15:01:00", 1080, {"cutoff_passed"}),
        ("2026-11-17 09:59:59", 600, set()),
        ("2026-11-17 10:00:00", 600, {"start_passed"}),
        ("2026-11-17 10:01:00", 600, {"start_passed"}),
        ("2026-11-18 09:00:00", 1080, {"start_passed"}),
    ],
)
def test_the_same_day_until_three_and_before_the_start(received: str, start: int, found: set[str]) -> None:
    assert codes(one_day(start, start + 120), at(received)) == found


@pytest.mark.rule("AD-08")
@pytest.mark.parametrize(
    ("received", "wish", "found"),
    [
        ("2026-11-19 18:00:59", one_day(1200, 1890, FRIDAY), set()),
        ("2026-11-19 18:01:00", one_day(1200, 1890, FRIDAY), {"night_cutoff_passed"}),
        ("2026-11-20 09:00:00", one_day(1200, 1320, FRIDAY), set()),
        ("2026-11-20 09:00:00", one_day(1200, 1890, FRIDAY), {"night_cutoff_passed"}),
        ("2026-11-19 18:01:00", Wish(FRIDAY, SATURDAY, 1200, 480, True), {"night_cutoff_passed"}),
        ("2026-11-16 18:00:00", Wish(TUESDAY, FRIDAY, 1200, 1890), set()),
        ("2026-11-16 18:01:00", Wish(TUESDAY, FRIDAY, 1200, 1890), {"night_cutoff_passed"}),
        ("2026-11-17 15:01:00", one_day(1200, 1890), {"cutoff_passed"}),
        ("2027-02-27 18:00:00", one_day(1170, 1890, date(2027, 2, 28)), set()),
        ("2028-02-28 18:01:00", one_day(1200, 1890, date(2028, 2, 29)), {"night_cutoff_passed"}),
    ],
)
def test_a_night_is_booked_by_six_of_the_day_before(received: str, wish: Wish, found: set[str]) -> None:
    assert codes(wish, at(received)) == found


@pytest.mark.rule("AD-08")
@pytest.mark.parametrize(
    ("start", "end", "night"),
    [(1200, 1320, False), (1200, 1321, True), (1319, 1330, True), (450, 510, False)],
)
def test_a_stay_that_ends_at_ten_has_no_minute_of_the_night(start: int, end: int, night: bool) -> None:
    assert touches_night(Period(kst(TUESDAY, start), kst(TUESDAY, end)), STANDARD) is night


@pytest.mark.rule("AD-08")
def test_the_deadline_of_new_years_eve_is_the_thirtieth() -> None:
    assert night_deadline(date(2026, 12, 31), STANDARD) == at("2026-12-30 18:00")


@pytest.mark.rule("AD-09")
@pytest.mark.parametrize(("days", "found"), [(1, set()), (5, set()), (6, {"too_many_days"})])
def test_five_days_in_a_row_and_not_six(days: int, found: set[str]) -> None:
    assert codes(Wish(MONDAY, MONDAY + timedelta(days=days - 1), 540, 600)) == found


@pytest.mark.rule("AD-09")
@pytest.mark.rule("AD-29")
def test_a_closed_day_breaks_the_run_but_not_in_icheon() -> None:
    wish = Wish(date(2026, 12, 24), date(2026, 12, 26), 540, 600)
    received = at("2026-12-01 09:00")
    assert codes(wish, received) == {"closed_day"}
    assert codes(wish, received, ICHEON) == set()


@pytest.mark.rule("AD-01")
@pytest.mark.parametrize(
    ("wish", "found"),
    [
        (one_day(1200, 1890, date(2026, 12, 31)), set()),
        (Wish(date(2026, 12, 31), date(2027, 1, 1), 1200, 480, True), {"closed_day"}),
        (one_day(1200, 1890, date(2026, 12, 24)), set()),
        (one_day(540, 600, date(2027, 1, 1)), {"closed_day"}),
    ],
)
def test_the_night_into_a_closed_day_is_open_the_morning_is_not(wish: Wish, found: set[str]) -> None:
    assert codes(wish, at("2026-12-10 09:00")) == found


@pytest.mark.rule("AD-28")
@pytest.mark.parametrize(
    ("wish", "found"),
    [
        (one_day(1200, 1890, FRIDAY), set()),
        (one_day(1200, 1890, SATURDAY), {"outside_opening", "outside_entry"}),
        (one_day(1200, 1890, SUNDAY), {"outside_opening", "outside_entry"}),
        (one_day(540, 1080, SUNDAY), set()),
        (one_day(540, 1110, SUNDAY), {"not_whole_hours"}),
        (one_day(510, 1050, SATURDAY), {"outside_opening", "outside_entry"}),
        (Wish(FRIDAY, SATURDAY, 1200, 600, True), {"outside_opening"}),
        (one_day(1200, 1890, MONDAY + timedelta(days=7)), set()),
    ],
)
def test_bucheon_has_no_night_that_begins_on_a_weekend(wish: Wish, found: set[str]) -> None:
    assert codes(wish, policy=BUCHEON) == found


@pytest.mark.rule("AD-10")
@pytest.mark.parametrize(("ahead", "found"), [(29, set()), (30, set()), (31, {"too_far"})])
def test_thirty_days_ahead(ahead: int, found: set[str]) -> None:
    received = at("2026-10-15 23:30")
    assert codes(one_day(540, 600, date(2026, 10, 15) + timedelta(days=ahead)), received) == found


def test_dates_in_the_wrong_order_are_one_problem() -> None:
    assert codes(Wish(WEDNESDAY, TUESDAY, 540, 600)) == {"backwards"}
    assert codes(Wish(TUESDAY, TUESDAY, 600, 540, True)) == {"no_hours"}
    assert codes(Wish(TUESDAY, TUESDAY, 600, 600, True)) == {"no_hours"}
    assert codes(Wish(TUESDAY, TUESDAY, 600, 660, True)) == set()


def test_a_continuous_stay_is_one_and_days_are_several() -> None:
    assert len(Wish(MONDAY, WEDNESDAY, 540, 600, True).stays()) == 1
    assert [stay.minutes for stay in Wish(MONDAY, WEDNESDAY, 540, 600).stays()] == [60, 60, 60]
