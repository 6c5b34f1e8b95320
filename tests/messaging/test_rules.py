"""Quiet hours and numbers."""

from __future__ import annotations

from datetime import datetime

import pytest

from app.kernel.ranges import KST
from app.messaging.rules import Channel, channel_for, digits_of, mobile_number, quiet_until

NIGHT = (21 * 60, 8 * 60)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=KST)


@pytest.mark.rule("KP-10")
@pytest.mark.parametrize(
    ("now", "until"),
    [
        (at(20, 20, 59), None),
        (at(20, 21, 0), at(21, 8)),
        (at(20, 23, 59), at(21, 8)),
        (at(21, 0, 0), at(21, 8)),
        (at(21, 7, 59), at(21, 8)),
        (at(21, 8, 0), None),
        (at(30, 22, 0), datetime(2026, 12, 1, 8, tzinfo=KST)),
    ],
)
def test_quiet_hours_pass_midnight(now: datetime, until: datetime | None) -> None:
    assert quiet_until(now, NIGHT) == until


@pytest.mark.rule("KP-10")
@pytest.mark.parametrize(("hour", "until"), [(11, None), (12, at(20, 14)), (13, at(20, 14)), (14, None)])
def test_quiet_hours_within_a_day(hour: int, until: datetime | None) -> None:
    assert quiet_until(at(20, hour), (12 * 60, 14 * 60)) == until


@pytest.mark.rule("KP-10")
def test_equal_ends_mean_no_quiet_hours() -> None:
    assert quiet_until(at(20, 3), (0, 0)) is None


@pytest.mark.rule("KB-23")
@pytest.mark.parametrize(
    ("to", "wanted", "channel"),
    [
        ("01012345678", None, Channel.ALIMTALK),
        ("01012345678", Channel.SMS, Channel.SMS),
        ("01012345678", Channel.EMAIL, Channel.ALIMTALK),
        ("a@example.kr", None, Channel.EMAIL),
        ("a@example.kr", Channel.SMS, Channel.EMAIL),
    ],
)
def test_the_receiver_decides_what_can_carry_a_message(
    to: str, wanted: Channel | None, channel: Channel
) -> None:
    assert channel_for(to, wanted) is channel


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("010-1234-5678", "01012345678"),
        (" 010 1234 5678 ", "01012345678"),
        ("+82 10-1234-5678", "01012345678"),
        ("０１０１２３４５６７８", "01012345678"),
        ("010-123-4567", None),
        ("010-12345-6789", None),
        ("011-123-4567", "0111234567"),
        ("02-2600-1234", None),
        ("", None),
        ("전화", None),
    ],
)
def test_mobile_numbers(typed: str, number: str | None) -> None:
    assert mobile_number(typed) == number


def test_any_number_as_digits() -> None:
    assert digits_of("02) 2600-1234") == "0226001234"
