"""Reserving, confirming, changing, cancelling (AD-05 – AD-17, AD-25, AD-31, AD-33, AD-34)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine

from app.daycare import service
from app.daycare.rules.request import Wish
from app.daycare.rules.states import BookingState, StayState
from app.daycare.service import Caller, Full
from app.kernel.errors import RuleBroken
from app.kernel.ranges import KST
from tests.cast_daycare import (
    FRIDAY,
    MONDAY,
    SATURDAY,
    TUESDAY,
    WEDNESDAY,
    DaycareTown,
    evening,
    night,
)


def codes(refused: pytest.ExceptionInfo[RuleBroken]) -> set[str]:
    return {problem.code for problem in refused.value.problems}


def at(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()}T{clock}:00").replace(tzinfo=KST)


def test_an_evening_from_the_request_to_the_receipt(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    home = town.family()
    [booked] = town.book(home, evening(TUESDAY))
    assert (booked.state, booked.quoted) == (BookingState.REQUESTED, 9000)
    town.confirm(booked)
    town.pay(booked)
    assert town.state(booked) is BookingState.PAID
    clock.move_to(at(TUESDAY, "18:00"))
    town.enter(booked)
    assert town.state(booked) is BookingState.IN_CARE
    clock.move_to(at(TUESDAY, "20:29"))
    settled = town.leave(booked)
    assert (settled.hours, settled.amount, settled.balance) == (2, 6000, -3000)
    assert town.state(booked) is BookingState.COMPLETED
    town.check()
