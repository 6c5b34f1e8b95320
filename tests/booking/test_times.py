"""When, in words: what a parent, a message and a list read of the hours of a booking."""

from __future__ import annotations

from datetime import date

import pytest

from app.booking.models import Booking
from app.booking.parent_pages import unbroken
from app.booking.rules.states import BookingKind
from app.booking.times import week_text, weekdays_text, when_text
from app.kernel.ranges import TimeSpan

WORKDAYS = ("mon", "tue", "wed", "thu", "fri")


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (("mon",), "월"),
        (("mon", "tue"), "월·화"),
        (("mon", "tue", "wed"), "월–수"),
        (WORKDAYS, "월–금"),
        (("mon", "wed", "fri"), "월·수·금"),
        (("mon", "tue", "wed", "fri"), "월–수·금"),
        (("fri", "mon"), "월·금"),
        (("mon", "tue", "thu", "fri", "sat"), "월·화·목–토"),
        ((), ""),
    ],
)
def test_three_weekdays_in_a_row_are_a_run(keys: tuple[str, ...], text: str) -> None:
    assert weekdays_text(keys) == text


@pytest.mark.parametrize(
    ("week", "text"),
    [
        (dict.fromkeys(WORKDAYS, "14:00-17:30"), "월–금 14:00–17:30"),
        (
            {"fri": "13:00-15:00", "mon": "14:00-17:00", "wed": "14:00-17:00"},
            "월·수 14:00–17:00, 금 13:00–15:00",
        ),
        ({"sat": "09:00-13:00"}, "토 09:00–13:00"),
    ],
)
def test_same_hours_are_said_once(week: dict[str, str], text: str) -> None:
    assert week_text({key: TimeSpan.parse(hours) for key, hours in week.items()}) == text


@pytest.mark.parametrize(
    ("kind", "times", "text"),
    [
        (BookingKind.TEMPORARY, {"day": ["14:00", "17:00"]}, "11월 24일(화) 14:00–17:00"),
        (
            BookingKind.REGULAR,
            {key: ["14:00", "17:30"] for key in WORKDAYS},
            "11월 24일(화)~12월 31일(목) 월–금 14:00–17:30",
        ),
    ],
)
def test_when(kind: BookingKind, times: dict[str, list[str]], text: str) -> None:
    booking = Booking(kind=kind, starts_on=date(2026, 11, 24), ends_on=date(2026, 12, 31), times=times)
    assert when_text(booking) == text


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("11월 24일(화) 14:00–17:00", ["11월 24일(화)", "14:00–17:00"]),
        (
            "11월 24일(화)~12월 31일(목) 월–금 14:00–17:30",
            ["11월 24일(화)~12월 31일(목)", "월–금 14:00–17:30"],
        ),
        ("월·수 14:00–17:00, 금 13:00–15:00", ["월·수 14:00–17:00,", "금 13:00–15:00"]),
        ("12월 31일(목)까지예요", ["12월 31일(목)까지예요"]),
        ("김하늘 (2학년)", ["김하늘", "(2학년)"]),
    ],
)
def test_lines_turn_only_between_date_and_hours(text: str, pieces: list[str]) -> None:
    lines = unbroken(text).split(" ")
    assert [line.replace("\u2060", "").replace("\u00a0", " ") for line in lines] == pieces
    assert all("\u2060(" in line or "(" not in line or line.startswith("(") for line in lines)
