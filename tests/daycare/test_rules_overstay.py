"""Which limits a child breaks who is inside past its booked end (GC-19, AD-02, AD-06, AD-28, AD-30)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.daycare.rules.capacity import slot_of
from app.daycare.rules.days import CLOSED, Opening
from app.daycare.rules.overstay import WORDS, broken_limits
from app.daycare.rules.policy import STANDARD
from app.kernel.ranges import Period, kst

TUESDAY = date(2026, 11, 17)
ALL_DAY = Opening(450, 1890)


def broken(
    start: int, end: int, *crowded: int, hours: Opening = ALL_DAY, next_day: Opening = ALL_DAY
) -> set[str]:
    """Minutes of Tuesday: from the booked end until the child left; ``crowded``: minutes of full half hours."""
    openings = {TUESDAY: hours, TUESDAY + timedelta(days=1): next_day}
    slots = [slot_of(kst(TUESDAY, minute)) for minute in crowded]
    past = Period(kst(TUESDAY, start), kst(TUESDAY, end))
    return set(broken_limits(past, slots, openings.__getitem__, STANDARD))


@pytest.mark.rule("GC-19")
@pytest.mark.rule("AD-02")
@pytest.mark.parametrize(
    ("start", "end", "crowded", "found"),
    [
        (1080, 1081, (), set()),
        (1080, 1081, (1080,), {"AD-02"}),
        (1080, 1110, (1110,), set()),
        (1080, 1111, (1110,), {"AD-02"}),
        (1080, 1200, (1050,), set()),
        (1095, 1096, (1080,), {"AD-02"}),
    ],
)
def test_only_a_full_half_hour_it_stayed_in_counts(
    start: int, end: int, crowded: tuple[int, ...], found: set[str]
) -> None:
    assert broken(start, end, *crowded) == found


@pytest.mark.rule("GC-19")
@pytest.mark.rule("AD-06")
@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (1260, 1320, set()),
        (1260, 1321, {"AD-06"}),
        (1320, 1890, {"AD-06"}),
        (1889, 1890, {"AD-06"}),
        (1890, 1920, set()),
    ],
)
def test_from_ten_until_half_past_seven_nobody_stays_unbooked(start: int, end: int, found: set[str]) -> None:
    assert broken(start, end) == found


@pytest.mark.rule("GC-19")
@pytest.mark.rule("AD-30")
@pytest.mark.parametrize(
    ("start", "end", "hours", "next_day", "found"),
    [
        (1020, 1080, Opening(540, 1080), ALL_DAY, set()),
        (1020, 1081, Opening(540, 1080), ALL_DAY, {"AD-30"}),
        (1080, 1085, Opening(540, 1080), ALL_DAY, {"AD-30"}),
        (1080, 1085, CLOSED, ALL_DAY, {"AD-30"}),
        (1860, 1920, ALL_DAY, ALL_DAY, {"AD-06"}),
        (1890, 1920, ALL_DAY, CLOSED, {"AD-30"}),
        (1880, 1920, ALL_DAY, Opening(2000, 2100), {"AD-06", "AD-30"}),
    ],
)
def test_after_closing_is_a_limit_of_its_own(
    start: int, end: int, hours: Opening, next_day: Opening, found: set[str]
) -> None:
    assert broken(start, end, hours=hours, next_day=next_day) == found


@pytest.mark.rule("GC-19")
def test_a_class_without_anybody_on_duty_after_closing_is_not_called_full() -> None:
    assert broken(1080, 1140, 1080, 1110, hours=Opening(540, 1080)) == {"AD-30"}
    assert broken(1050, 1140, 1050, 1080, hours=Opening(540, 1080)) == {"AD-02", "AD-30"}


def test_every_limit_is_named_in_words() -> None:
    assert set(WORDS) == {"AD-02", "AD-06", "AD-30"}
    assert all(WORDS.values())
