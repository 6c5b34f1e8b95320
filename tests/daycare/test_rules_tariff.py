"""What care costs (AD-12, AD-14, AD-15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.daycare.rules.policy import STANDARD
from app.daycare.rules.tariff import Fee, Terms, amount_of, check_fee, fee_for, hours_of, quote
from app.kernel.ranges import Period, kst
from tests.kernel.korean_holidays import CALENDAR

TUESDAY, SATURDAY, SUNDAY = date(2026, 11, 17), date(2026, 11, 21), date(2026, 11, 22)
PLAIN = Terms(3000)
ENROLLED = Terms(3000, "DAYCARE")


def stay(start: int, minutes: int, day: date = TUESDAY) -> Period:
    return Period(kst(day, start), kst(day, start + minutes))


def fee(period: Period, terms: Terms = PLAIN) -> Fee:
    return fee_for(period, terms, STANDARD, CALENDAR)


@pytest.mark.rule("AD-14")
@pytest.mark.parametrize(
    ("minutes", "hours"),
    [
        (1, 1),
        (40, 1),
        (60, 1),
        (80, 1),
        (89, 1),
        (90, 2),
        (119, 2),
        (120, 2),
        (149, 2),
        (150, 3),
        (570, 10),
        (569, 9),
    ],
)
def test_full_hours_and_one_more_from_thirty_minutes(minutes: int, hours: int) -> None:
    assert fee(stay(540, minutes)) == Fee(hours, 0, hours * 3000)
    assert hours_of(minutes, STANDARD) == hours or minutes < 30


@pytest.mark.rule("AD-14")
@pytest.mark.parametrize(
    ("end", "hours"),
    [
        (1890, 12),
        (1890 + 29, 12),
        (1890 + 30, 13),
        (1890 + 89, 13),
        (1890 + 90, 14),
    ],
)
def test_a_stay_over_several_days_is_counted_day_by_day(end: int, hours: int) -> None:
    assert fee(Period(kst(TUESDAY, 1200), kst(TUESDAY, end))).hours == hours


@pytest.mark.rule("AD-14")
@pytest.mark.parametrize("day", [date(2026, 12, 31), date(2028, 2, 29), date(2026, 11, 30)])
def test_the_turn_of_month_and_year_changes_nothing(day: date) -> None:
    assert fee(stay(1200, 690, day)) == Fee(12, 0, 36000)


@pytest.mark.rule("AD-12")
@pytest.mark.parametrize(
    ("won", "good"), [(0, True), (1000, True), (3000, True), (3001, False), (3010, False)]
)
def test_no_municipality_charges_more_than_three_thousand(won: int, good: bool) -> None:
    assert (check_fee(won) is None) is good


@pytest.mark.rule("AD-12")
def test_icheon_charges_a_thousand_and_vulnerable_families_nothing() -> None:
    icheon = replace(STANDARD, fee_hour=1000, free_categories=("vulnerable",))
    assert amount_of(3, Terms(1000), icheon) == 3000
    assert amount_of(3, Terms(1000, free_category="vulnerable"), icheon) == 0
    assert amount_of(3, Terms(3000, free_category="vulnerable"), STANDARD) == 9000


@pytest.mark.rule("AD-15")
@pytest.mark.parametrize(
    ("start", "minutes", "day", "found"),
    [
        (1080, 180, TUESDAY, Fee(3, 1, 6000)),
        (1170, 120, TUESDAY, Fee(2, 2, 0)),
        (1080, 90, TUESDAY, Fee(2, 0, 6000)),
        (1170, 720, TUESDAY, Fee(12, 4, 24000)),
        (540, 180, TUESDAY, Fee(3, 0, 9000)),
        (540, 180, SUNDAY, Fee(3, 3, 0)),
        (540, 180, date(2026, 10, 9), Fee(3, 3, 0)),
        (540, 180, SATURDAY, Fee(3, 0, 9000)),
        (1080, 180, SUNDAY, Fee(3, 1, 6000)),
        (1170, 20, TUESDAY, Fee(1, 1, 0)),
        (600, 20, TUESDAY, Fee(1, 0, 3000)),
    ],
)
def test_the_state_pays_first_for_enrolled_children(start: int, minutes: int, day: date, found: Fee) -> None:
    assert fee(stay(start, minutes, day), ENROLLED) == found
    assert fee(stay(start, minutes, day), Terms(3000, "KINDERGARTEN")) == found


@pytest.mark.rule("AD-15")
def test_children_at_home_pay_all_and_so_does_everybody_where_it_is_off() -> None:
    assert fee(stay(1170, 120)).government_hours == 0
    off = replace(STANDARD, gov_priority=False)
    assert fee_for(stay(1170, 120), ENROLLED, off, CALENDAR) == Fee(2, 0, 6000)


@pytest.mark.rule("AD-14")
def test_a_booking_of_several_days_adds_them_up() -> None:
    days = [stay(1080, 180, TUESDAY + timedelta(days=n)) for n in range(3)]
    assert quote(days, PLAIN, STANDARD, CALENDAR) == Fee(9, 0, 27000)
    assert quote(days, ENROLLED, STANDARD, CALENDAR) == Fee(9, 3, 18000)
    vulnerable = replace(STANDARD, fee_hour=1000, free_categories=("vulnerable",))
    assert quote(days, Terms(1000, free_category="vulnerable"), vulnerable, CALENDAR) == Fee(9, 0, 0)


@pytest.mark.rule("AD-14")
@pytest.mark.rule("AD-15")
@pytest.mark.parametrize(
    ("end", "found"),
    [
        (1890, Fee(12, 4, 24000)),
        (1890 + 120, Fee(14, 4, 30000)),
        (1440 + 1290, Fee(26, 6, 60000)),
    ],
)
def test_a_stay_over_two_days_adds_what_the_parent_pays_on_each(end: int, found: Fee) -> None:
    """From 19:30: four hours of the evening until midnight are the state's (4.5, of 12 billed 8 are left)."""
    assert fee(Period(kst(TUESDAY, 1170), kst(TUESDAY, end)), ENROLLED) == found


@given(start=st.integers(450, 1800), minutes=st.integers(1, 4000), day=st.integers(0, 400))
def test_laws_of_the_fee(start: int, minutes: int, day: int) -> None:
    """Never below an hour, a multiple of ten, the state's share part of the whole, more time never costs less."""
    begun = date(2026, 1, 1) + timedelta(days=day)
    for terms in (PLAIN, ENROLLED):
        less, more = fee(stay(start, minutes, begun), terms), fee(stay(start, minutes + 60, begun), terms)
        assert less.hours >= 1
        assert less.amount % 10 == 0
        assert 0 <= less.government_hours <= less.hours
        assert less.amount == (less.hours - less.government_hours) * 3000
        assert more.hours >= less.hours
