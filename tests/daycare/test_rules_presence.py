"""Which operating days a stay belongs to; when a class's page can be closed; on which days food is written down."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from app.daycare.rules.journal import check_meal_day, check_to_close
from app.daycare.rules.presence import operating_days, presence
from app.kernel.ranges import kst

DAY = date(2026, 11, 19)
DAYS = [DAY + timedelta(days=number) for number in range(4)]


def at(clock: str, after: int = 0) -> datetime:
    hour, minute = clock.split(":")
    return kst(DAYS[after], int(hour) * 60 + int(minute))


@pytest.mark.rule("AD-24")
@pytest.mark.parametrize(
    ("came", "gone", "days"),
    [
        (at("09:00"), at("18:00"), [0]),
        (at("07:30"), at("07:40"), [0]),
        (at("20:00"), at("07:30", 1), [0]),
        (at("20:00"), at("07:59", 1), [0]),  # fetched in the first half hour: the night's
        (at("20:00"), at("08:00", 1), [0, 1]),
        (at("19:03"), at("12:30", 2), [0, 1, 2]),
        (at("19:03"), at("07:31", 2), [0, 1]),
        (at("00:30", 1), at("01:00", 1), [0]),  # in an emergency
    ],
)
def test_every_operating_day_with_a_minute_inside(came: datetime, gone: datetime, days: list[int]) -> None:
    assert operating_days(came, gone) == [DAYS[number] for number in days]


@pytest.mark.rule("AD-21")
@pytest.mark.parametrize(
    ("day", "out", "now", "seen"),
    [
        (0, None, at("20:00"), (True, False, False, None)),
        (0, None, at("07:59", 1), (True, False, False, None)),
        (0, None, at("08:00", 1), (True, False, True, 747)),  # 19:03 – 07:30
        (1, None, at("07:59", 1), None),
        (1, None, at("08:00", 1), (False, False, False, None)),
        (0, at("07:35", 1), at("12:00", 1), (True, True, False, 752)),
        (1, at("07:35", 1), at("12:00", 1), None),
        (0, at("12:30", 2), at("13:00", 2), (True, False, True, 747)),
        (1, at("12:30", 2), at("13:00", 2), (False, False, True, 1440)),
        (2, at("12:30", 2), at("13:00", 2), (False, True, False, 300)),
        (3, at("12:30", 2), at("13:00", 3), None),
    ],
)
def test_what_a_day_sees_of_a_stay(
    day: int, out: datetime | None, now: datetime, seen: tuple[bool, bool, bool, int | None] | None
) -> None:
    found = presence(DAYS[day], at("19:03"), out, now)
    assert (None if found is None else (found.came, found.left, found.goes_on, found.minutes)) == seen


def test_who_never_came_was_not_there() -> None:
    assert presence(DAY, None, None, at("20:00")) is None


@pytest.mark.rule("AD-24")
@pytest.mark.parametrize(
    ("stays", "planned", "now", "code"),
    [
        ([], [], at("12:32"), "nobody_yet"),
        ([], [], at("07:29", 1), "nobody_yet"),
        ([], [], at("07:30", 1), ""),
        ([at("12:30")], [], at("12:32"), ""),
        ([at("12:30")], [at("20:00")], at("12:32"), "still_planned"),
        ([at("12:30")], [at("20:00")], at("07:30", 1), ""),  # who did not come by then does not come
        ([at("12:30"), None], [], at("12:32"), "day_not_over"),
        ([None], [], at("07:59", 1), "day_not_over"),
        ([None], [], at("08:00", 1), ""),  # stays beyond the day
    ],
)
def test_a_page_is_closed_when_the_day_of_its_class_is_over(
    stays: list[datetime | None], planned: list[datetime], now: datetime, code: str
) -> None:
    there = [presence(DAY, at("09:00"), out, now) for out in stays]
    found = check_to_close(DAY, [one for one in there if one], planned, now)
    assert (found.code.removeprefix("daycare.") if found else "") == code


def test_the_refusal_says_when_it_will_be_possible() -> None:
    found = check_to_close(DAY, [], [at("20:00"), at("14:00"), at("20:00")], at("12:32"))
    assert found is not None
    assert found.values == {"times": "14:00, 20:00", "end": "11월 20일(금) 07:30"}


@pytest.mark.rule("AD-23")
@pytest.mark.parametrize(
    ("day", "code"),
    [
        (DAY, ""),
        (DAY + timedelta(days=1), "day_ahead"),
        (date(2099, 1, 1), "day_ahead"),
        (DAY - timedelta(days=30), ""),
        (DAY - timedelta(days=31), "meal_too_long_ago"),
        (date(2000, 1, 1), "meal_too_long_ago"),
    ],
)
def test_food_is_written_down_soon(day: date, code: str) -> None:
    found = check_meal_day(day, at("07:29", 1))  # still the operating day before
    assert (found.code.removeprefix("daycare.") if found else "") == code
