"""Holidays, business days, deadlines and the numbers people quote (GC-07 … GC-17)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.calendar import (
    DayClass,
    Purpose,
    Repricing,
    month_key,
    purpose_class,
    reception_number,
    repricing,
    sanction_last_day,
    week_of,
)
from app.kernel.ranges import DateSpan
from tests.kernel.korean_holidays import CALENDAR

DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
FACILITY_CLOSED = {"0101", "seollal", "chuseok", "buddha", "christmas"}


@pytest.mark.rule("GC-07")
def test_months_are_calendar_months() -> None:
    assert month_key(date(2026, 1, 31)) == "2026-01"
    assert month_key(date(2026, 2, 1)) == "2026-02"
    assert month_key(date(2026, 12, 1)) == "2026-12"


@pytest.mark.rule("GC-07")
@given(DAYS)
def test_a_month_window_holds_exactly_its_days(day: date) -> None:
    same = month_key(day) == month_key(day + timedelta(days=1))
    assert same is ((day + timedelta(days=1)).day != 1)


@pytest.mark.rule("GC-08")
@pytest.mark.parametrize(
    ("day", "monday"),
    [
        (date(2026, 3, 1), date(2026, 2, 23)),
        (date(2026, 3, 2), date(2026, 3, 2)),
        (date(2026, 3, 8), date(2026, 3, 2)),
        (date(2026, 3, 9), date(2026, 3, 9)),
    ],
)
def test_weeks_run_from_monday_to_sunday(day: date, monday: date) -> None:
    assert week_of(day) == DateSpan(monday, monday + timedelta(days=6))


@pytest.mark.rule("GC-09")
@pytest.mark.parametrize(
    ("event", "days", "due"),
    [
        (date(2026, 11, 6), 3, date(2026, 11, 9)),  # Friday → Monday
        (date(2026, 11, 4), 3, date(2026, 11, 9)),  # Wednesday → Saturday → Monday
        (date(2026, 11, 5), 3, date(2026, 11, 9)),  # Thursday → Sunday → Monday
        (date(2026, 11, 3), 3, date(2026, 11, 6)),
        (date(2026, 10, 2), 3, date(2026, 10, 6)),  # Monday is a substitute holiday
        (date(2026, 9, 21), 3, date(2026, 9, 28)),  # three days of Chuseok, then Sunday
    ],
)
def test_a_citizens_deadline_moves_to_a_business_day(event: date, days: int, due: date) -> None:
    assert CALENDAR.citizen_deadline(event, days) == due


@pytest.mark.rule("GC-09")
def test_a_deadline_between_offices_does_not_move() -> None:
    assert CALENDAR.citizen_deadline(date(2026, 11, 4), 3, rolls=False) == date(2026, 11, 7)


@pytest.mark.rule("GC-10")
@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        (date(2026, 3, 5), 1, date(2026, 4, 4)),
        (date(2026, 3, 1), 1, date(2026, 3, 31)),
        (date(2026, 1, 28), 1, date(2026, 2, 27)),
        (date(2026, 1, 29), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 12, 15), 3, date(2027, 3, 14)),
        (date(2026, 3, 5), 12, date(2027, 3, 4)),
    ],
)
def test_a_sanction_counts_its_first_day(start: date, months: int, last: date) -> None:
    assert sanction_last_day(start, months) == last


@pytest.mark.rule("GC-10")
def test_a_sanction_lasts_a_month_at_least() -> None:
    with pytest.raises(ValueError, match="one month"):
        sanction_last_day(date(2026, 3, 5), 0)


@pytest.mark.rule("GC-11")
@pytest.mark.parametrize(
    ("day", "day_class"),
    [
        (date(2026, 3, 6), DayClass.WEEKDAY),
        (date(2026, 3, 7), DayClass.SATURDAY),
        (date(2026, 3, 8), DayClass.HOLIDAY),
        (date(2026, 3, 2), DayClass.HOLIDAY),  # substitute holiday, a Monday
        (date(2026, 6, 6), DayClass.HOLIDAY),  # statutory, a Saturday
        (date(2026, 4, 30), DayClass.WEEKDAY),
        (date(2026, 5, 1), DayClass.HOLIDAY),  # Labour Day, without an entry
        (date(2025, 5, 1), DayClass.HOLIDAY),
    ],
)
def test_day_classes(day: date, day_class: DayClass) -> None:
    assert CALENDAR.day_class(day) is day_class


@pytest.mark.rule("GC-11")
@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 5, 5), "어린이날"),
        (date(2026, 5, 1), "노동절"),
        (date(2026, 5, 2), None),
        (date(2026, 3, 8), None),
    ],
)
def test_names_of_holidays(day: date, name: str | None) -> None:
    assert CALENDAR.name(day) == name


@pytest.mark.rule("GC-12")
@pytest.mark.parametrize(
    ("purpose", "saturday"),
    [
        (Purpose.FACILITY, DayClass.HOLIDAY),
        (Purpose.ALLOWANCE, DayClass.HOLIDAY),
        (Purpose.HOLIDAY_LIMIT, DayClass.HOLIDAY),
        (Purpose.VISITING_FEE, DayClass.WEEKDAY),
        (Purpose.VISITING_CALL_WINDOW, DayClass.HOLIDAY),
        (Purpose.DAYCARE_ENTRY, DayClass.HOLIDAY),
    ],
)
def test_what_saturday_counts_as(purpose: Purpose, saturday: DayClass) -> None:
    assert purpose_class(DayClass.SATURDAY, purpose) is saturday
    assert purpose_class(DayClass.WEEKDAY, purpose) is DayClass.WEEKDAY
    assert purpose_class(DayClass.HOLIDAY, purpose) is DayClass.HOLIDAY


@pytest.mark.rule("GC-13")
@pytest.mark.parametrize(
    ("day", "closed"),
    [
        (date(2026, 1, 1), True),
        (date(2026, 2, 16), False),
        (date(2026, 2, 17), True),
        (date(2026, 2, 18), False),
        (date(2026, 5, 24), True),
        (date(2026, 5, 25), False),
        (date(2026, 9, 24), False),
        (date(2026, 9, 25), True),
        (date(2026, 9, 26), False),
        (date(2026, 12, 25), True),
        (date(2026, 12, 24), False),
        (date(2026, 5, 1), False),
    ],
)
def test_only_the_named_days_are_closed(day: date, closed: bool) -> None:
    assert CALENDAR.is_closed(day, FACILITY_CLOSED) is closed
    assert CALENDAR.is_closed(day, ()) is False


@pytest.mark.rule("GC-14")
@pytest.mark.parametrize(
    ("day", "previous", "following"),
    [
        (date(2026, 11, 6), date(2026, 11, 6), date(2026, 11, 6)),
        (date(2026, 11, 7), date(2026, 11, 6), date(2026, 11, 9)),
        (date(2026, 12, 25), date(2026, 12, 24), date(2026, 12, 28)),
        (date(2026, 10, 5), date(2026, 10, 2), date(2026, 10, 6)),
        (date(2026, 1, 1), date(2025, 12, 31), date(2026, 1, 2)),
    ],
)
def test_business_days(day: date, previous: date, following: date) -> None:
    assert CALENDAR.previous_business_day(day) == previous
    assert CALENDAR.next_business_day(day) == following
    assert CALENDAR.is_business_day(day) is (previous == day)


@pytest.mark.rule("GC-14")
@given(DAYS)
def test_shifted_days_are_business_days_and_the_nearest(day: date) -> None:
    before, after = CALENDAR.previous_business_day(day), CALENDAR.next_business_day(day)
    assert before <= day <= after
    skipped = [d for d in DateSpan(before, after) if d not in (before, after)]
    assert not any(CALENDAR.is_business_day(d) for d in skipped)


@pytest.mark.rule("GC-15")
@pytest.mark.parametrize(
    ("new_fee", "paid", "settled", "reprice_paid", "expected"),
    [
        (3_000, False, False, False, Repricing(3_000, 9_000, tell_guardian=True)),
        (3_000, True, False, False, Repricing(2_000, 9_000, tell_guardian=False)),
        (3_000, True, False, True, Repricing(3_000, 9_000, tell_guardian=True)),
        (1_000, True, False, False, Repricing(1_000, 9_000, tell_guardian=True)),
        (2_000, False, False, False, Repricing(2_000, 9_000, tell_guardian=False)),
        (3_000, False, True, True, Repricing(2_000, 6_000, tell_guardian=False)),
    ],
)
def test_a_holiday_declared_later(
    new_fee: int, paid: bool, settled: bool, reprice_paid: bool, expected: Repricing
) -> None:
    answer = repricing(
        old_fee=2_000,
        new_fee=new_fee,
        old_allowance=6_000,
        new_allowance=9_000,
        paid_in_full=paid,
        settled=settled,
        reprice_paid=reprice_paid,
    )
    assert answer == expected


@pytest.mark.rule("GC-17")
@pytest.mark.parametrize(
    ("counter", "number"),
    [(1, "2026-01-0001"), (9_999, "2026-01-9999"), (10_000, "2026-01-10000")],
)
def test_reception_numbers(counter: int, number: str) -> None:
    assert reception_number(2026, "01", counter) == number


@pytest.mark.rule("GC-17")
@pytest.mark.parametrize(("code", "counter"), [("01", 0), ("1", 1), ("001", 1), ("ab", 1)])
def test_a_reception_number_needs_two_digits_and_a_counter(code: str, counter: int) -> None:
    with pytest.raises(ValueError, match="reception number"):
        reception_number(2026, code, counter)
