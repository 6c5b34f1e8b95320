"""Other hours for what is booked, and notes to be called: what the day still allows (AD-07, AD-08, AD-16, AD-34)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from app.daycare.rules.cancellation import cancellation, check_change
from app.daycare.rules.policy import STANDARD
from app.daycare.rules.request import check_note, nights
from app.kernel.ranges import KST, Period, kst

TUESDAY = date(2026, 11, 17)
WEDNESDAY = TUESDAY + timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


def stay(start: int, end: int, day: date = TUESDAY) -> Period:
    return Period(kst(day, start), kst(day, end))


NIGHT = stay(1200, 1890)


@pytest.mark.rule("AD-16")
@pytest.mark.parametrize(
    ("now", "online", "phone"),
    [
        ("2026-11-16 23:59:59", None, None),
        ("2026-11-17 00:00:00", "change_by_phone", None),
        ("2026-11-17 15:00:59", "change_by_phone", None),
        ("2026-11-17 15:01:00", "change_by_phone", "late_to_change"),
        ("2026-11-17 19:59:59", "change_by_phone", "late_to_change"),
        ("2026-11-17 20:00:00", "begun_to_change", "begun_to_change"),
    ],
)
def test_a_night_gives_way_on_its_day_by_telephone_until_three(
    now: str, online: str | None, phone: str | None
) -> None:
    for by_phone, code in ((False, online), (True, phone)):
        found = check_change(
            [NIGHT], [stay(1200, 1890, WEDNESDAY)], at(now), STANDARD, by_phone=by_phone, phone="031-555-0100"
        )
        assert (found.code.removeprefix("daycare.") if found else None) == code


@pytest.mark.rule("AD-16")
@pytest.mark.parametrize(
    ("old", "new", "free"),
    [
        ([NIGHT], [stay(1140, 1890)], True),
        ([NIGHT], [stay(1320, 1890)], True),
        ([NIGHT], [Period(kst(TUESDAY, 1200), kst(WEDNESDAY, 600))], True),
        ([NIGHT], [stay(1200, 1320)], False),
        ([NIGHT, stay(1200, 1890, WEDNESDAY)], [NIGHT], True),
        ([NIGHT, stay(1200, 1890, WEDNESDAY)], [stay(1200, 1890, WEDNESDAY)], False),
        ([stay(1080, 1320)], [stay(1080, 1200, WEDNESDAY)], True),
        ([stay(1080, 1320)], [NIGHT], True),
    ],
)
def test_only_a_night_that_is_left_out_is_taken_back(
    old: list[Period], new: list[Period], free: bool
) -> None:
    found = check_change(old, new, at("2026-11-17 14:00"), STANDARD, by_phone=False, phone="")
    assert (found is None) is free


@pytest.mark.rule("AD-08")
@pytest.mark.parametrize(
    ("period", "found"),
    [
        (stay(1080, 1320), set()),
        (stay(1290, 1350), {TUESDAY}),
        (stay(1200, 1890), {TUESDAY}),
        (Period(kst(TUESDAY, 1200), kst(WEDNESDAY, 1320)), {TUESDAY}),
        (Period(kst(TUESDAY, 1200), kst(WEDNESDAY, 1890)), {TUESDAY, WEDNESDAY}),
    ],
)
def test_the_nights_of_a_stay(period: Period, found: set[date]) -> None:
    assert nights([period], STANDARD) == found


@pytest.mark.rule("AD-16")
def test_what_has_begun_is_told_to_each_in_their_words() -> None:
    begun = at("2026-11-17 20:00")
    told = [
        cancellation([NIGHT], begun, STANDARD, by_phone=by_phone, identified=True).refused
        for by_phone in (False, True)
    ]
    assert ["전화해 주세요" in problem.sentence for problem in told if problem] == [True, False]


@pytest.mark.rule("AD-34")
@pytest.mark.parametrize(
    ("now", "code"),
    [
        ("2026-11-17 20:59:59", None),
        ("2026-11-17 21:00:00", "daycare.start_passed"),
        ("2026-10-18 09:00:00", None),
        ("2026-10-17 09:00:00", "daycare.too_far"),
    ],
)
def test_a_note_speaks_of_hours_that_can_still_be_used(now: str, code: str | None) -> None:
    found = check_note(TUESDAY, 1080, 1260, at(now), STANDARD)
    assert (found.code if found else None) == code
