"""Operating days, closed days and opening hours (AD-01, AD-28 – AD-30, GC-13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from app.daycare.rules.bookable import Designation, check_designation
from app.daycare.rules.days import (
    check_hours,
    class_keys,
    clock_minute,
    days_of,
    minute_of,
    opening_on,
    operating_day,
    operating_span,
    parse_clock,
    span_text,
)
from app.daycare.rules.policy import STANDARD
from app.kernel.ranges import KST, DateSpan, Period, TimeSpan, kst
from tests.kernel.korean_holidays import CALENDAR

BUCHEON = replace(STANDARD, holiday_open=TimeSpan.parse("09:00-18:00"), entry_holiday=(540, 1080))
ICHEON = replace(STANDARD, closed_days=())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


@pytest.mark.rule("AD-01")
@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-17 07:29", date(2026, 11, 16)),
        ("2026-11-17 07:30", date(2026, 11, 17)),
        ("2026-11-18 00:00", date(2026, 11, 17)),
        ("2026-11-18 07:29", date(2026, 11, 17)),
        ("2027-01-01 07:29", date(2026, 12, 31)),
        ("2028-03-01 07:00", date(2028, 2, 29)),
    ],
)
def test_an_operating_day_begins_at_half_past_seven(moment: str, day: date) -> None:
    assert operating_day(at(moment)) == day


@pytest.mark.rule("AD-01")
def test_a_day_lasts_until_the_next_morning_and_counts_past_midnight() -> None:
    whole = operating_span(date(2026, 12, 31))
    assert (whole.start, whole.end) == (at("2026-12-31 07:30"), at("2027-01-01 07:30"))
    assert minute_of(whole.end, date(2026, 12, 31)) == 1890
    assert [clock_minute(minute) for minute in (450, 1320, 1440, 1890)] == [
        "07:30",
        "22:00",
        "다음 날 00:00",
        "다음 날 07:30",
    ]
    assert span_text(1200, 1890) == "20:00–다음 날 07:30"


@pytest.mark.rule("AD-01")
@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (1200, 1890, [16]),
        (1200, 1891, [16, 17]),
        (1200, 1440 + 480, [16, 17]),
        (450, 451, [16]),
        (449, 451, [15, 16]),
    ],
)
def test_a_stay_touches_the_operating_days_in_which_it_has_a_minute(
    start: int, end: int, days: list[int]
) -> None:
    monday = date(2026, 11, 16)
    found = days_of(Period(kst(monday, start), kst(monday, end)))
    assert found == [date(2026, 11, day) for day in days]


@pytest.mark.rule("GC-13")
@pytest.mark.rule("AD-29")
@pytest.mark.parametrize(
    ("day", "standard"),
    [
        (date(2026, 1, 1), False),
        (date(2026, 2, 16), True),
        (date(2026, 2, 17), False),
        (date(2026, 2, 18), True),
        (date(2026, 5, 24), False),
        (date(2026, 5, 25), True),
        (date(2026, 9, 25), False),
        (date(2026, 9, 26), True),
        (date(2026, 12, 24), True),
        (date(2026, 12, 25), False),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_five_days_are_closed_and_in_icheon_none(day: date, standard: bool) -> None:
    assert opening_on(day, STANDARD, CALENDAR, {}).is_open is standard
    assert opening_on(day, ICHEON, CALENDAR, {}).is_open


@pytest.mark.rule("GC-13")
def test_a_daycare_closes_on_its_own_days_with_its_reason() -> None:
    closures = {date(2026, 11, 17): "방역"}
    closed = opening_on(date(2026, 11, 17), ICHEON, CALENDAR, closures)
    assert (closed.is_open, closed.reason) == (False, "방역")
    assert opening_on(date(2026, 12, 25), STANDARD, CALENDAR, {}).reason == "성탄절"
    never = opening_on(date(2026, 11, 21), STANDARD, CALENDAR, {}, {"holiday": None})
    assert never.reason == "토·일·공휴일 휴원"
    for shut in (closed, never, opening_on(date(2026, 12, 25), STANDARD, CALENDAR, {})):
        assert (shut.start, shut.end) == (0, 0)


@pytest.mark.rule("AD-28")
@pytest.mark.parametrize(
    ("day", "span"),
    [
        (date(2026, 11, 20), (450, 1890)),
        (date(2026, 11, 21), (540, 1080)),
        (date(2026, 11, 22), (540, 1080)),
        (date(2026, 11, 23), (450, 1890)),
        (date(2026, 10, 9), (540, 1080)),
    ],
)
def test_bucheon_opens_for_the_day_only_on_weekends_and_holidays(day: date, span: tuple[int, int]) -> None:
    opening = opening_on(day, BUCHEON, CALENDAR, {})
    assert (opening.start, opening.end) == span
    usual = opening_on(day, STANDARD, CALENDAR, {})
    assert (usual.start, usual.end) == (450, 1890)


@pytest.mark.rule("AD-30")
def test_a_daycares_own_hours_come_before_the_municipalitys() -> None:
    hours = {"weekday": ["07:30", "24:00"], "holiday": None}
    friday, saturday = date(2026, 11, 20), date(2026, 11, 21)
    assert str(opening_on(friday, BUCHEON, CALENDAR, {}, hours)) == "07:30–다음 날 00:00"
    assert not opening_on(saturday, BUCHEON, CALENDAR, {}, hours).is_open
    assert opening_on(saturday, BUCHEON, CALENDAR, {}, {"weekday": ["09:00", "20:00"]}).end == 1080


@pytest.mark.rule("AD-30")
@pytest.mark.parametrize(
    ("hours", "good"),
    [
        ({}, True),
        ({"weekday": ["07:30", "31:30"]}, True),
        ({"weekday": ["07:30", "31:30"], "holiday": None}, True),
        ({"holiday": ["09:00", "18:00"]}, True),
        ({"weekday": ["07:00", "31:30"]}, False),
        ({"weekday": ["07:30", "32:00"]}, False),
        ({"weekday": ["09:15", "18:00"]}, False),
        ({"weekday": ["18:00", "09:00"]}, False),
        ({"weekday": None}, False),
        ({"sunday": ["09:00", "18:00"]}, False),
        ({"weekday": ["09:00"]}, False),
        ({"weekday": ["neun", "18:00"]}, False),
        ({"weekday": ["09:00", "09:00"]}, False),
        ({"weekday": ["09:00", "09:30"]}, True),
        ({"holiday": None, "weekday": ["07:00", "22:00"]}, False),
    ],
)
def test_own_hours_lie_within_the_operating_day(hours: dict[str, list[str] | None], good: bool) -> None:
    assert (check_hours(hours) == []) is good


@pytest.mark.parametrize(("text", "minute"), [("07:30", 450), ("31:30", 1890), ("0:05", 5)])
def test_clock_times_past_midnight_are_read(text: str, minute: int) -> None:
    assert parse_clock(text) == minute


@pytest.mark.parametrize("text", ["", "7", "7:3", "aa:bb", "07:60", "07:30:00"])
def test_what_is_no_clock_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^.*$"):
        parse_clock(text)


@pytest.mark.parametrize(
    ("day", "keys"),
    [
        (date(2026, 11, 20), {"fri"}),
        (date(2026, 11, 21), {"sat"}),
        (date(2026, 11, 22), {"sun", "holiday"}),
        (date(2026, 10, 9), {"holiday"}),
        (date(2026, 10, 3), {"holiday"}),
    ],
)
def test_a_public_holiday_is_no_weekday_for_a_class(day: date, keys: set[str]) -> None:
    assert class_keys(day, CALENDAR) == keys


@pytest.mark.rule("AD-33")
@pytest.mark.parametrize(
    ("since", "until", "holds"),
    [
        (None, None, False),
        (date(2026, 11, 18), None, False),
        (date(2026, 11, 17), None, True),
        (date(2026, 11, 1), date(2026, 11, 18), False),
        (date(2026, 11, 1), date(2026, 11, 19), True),
    ],
)
def test_only_a_designated_daycare_takes_bookings(
    since: date | None, until: date | None, holds: bool
) -> None:
    days = DateSpan(date(2026, 11, 17), date(2026, 11, 19))
    refused = check_designation(Designation(since, until), days)
    assert (refused is None) is holds
    assert refused is None or refused.code == "daycare.not_designated"
