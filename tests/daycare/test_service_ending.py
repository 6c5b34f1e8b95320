"""What is left of bookings when a designation ends: later days go, longer stays are cut, the rest stands (AD-33)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.daycare import service
from app.daycare.overview import stays_after
from app.daycare.rules.request import Wish
from app.daycare.rules.states import BookingState, StayState
from app.daycare.service.booking import Booked
from app.daycare.service.designating import Designation, designate
from app.fees.queries import balance_of
from app.kernel.errors import RuleBroken
from app.kernel.ranges import KST
from app.messaging.models import Message
from tests.cast_daycare import FRIDAY, THURSDAY, TUESDAY, WEDNESDAY, DaycareTown, evening, night


def at(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()}T{clock}:00").replace(tzinfo=KST)


def end(town: DaycareTown, last_day: date) -> list[str]:
    with town.unit(town.officer) as uow:
        return service.end_designation(uow, town.daycare, last_day, "지정 취소")


def balance(town: DaycareTown, booked: Booked) -> int:
    with town.unit() as uow:
        return balance_of(uow, "daycare_booking", town.booking(booked).id)


def told(town: DaycareTown, key: str) -> list[str]:
    with town.unit() as uow:
        return list(uow.session.scalars(select(Message.body).where(Message.template == f"daycare.{key}")))


@pytest.mark.rule("AD-33")
def test_a_booking_of_several_days_keeps_those_up_to_the_last(town: DaycareTown) -> None:
    run = town.confirmed(town.family(), Wish(TUESDAY, THURSDAY, 1080, 1140))
    town.pay(run)
    assert len(end(town, TUESDAY)) == 1
    assert [stay.operating_day for stay in town.stays(run)] == [TUESDAY]
    assert town.state(run) is BookingState.PAID
    assert balance(town, run) == -6000
    assert town.booking(run).quoted == 3000
    [words] = told(town, "partly_cancelled_by_place")
    assert "11월 18일(수) 18:00–19:00" in words
    assert words.index("그대로 이용하는 날") < words.index("11월 17일(화) 18:00–19:00")
    town.check()


@pytest.mark.rule("AD-33")
@pytest.mark.parametrize("state", [BookingState.REQUESTED, BookingState.PAID])
def test_a_long_stay_is_cut_at_the_end_of_the_last_day(town: DaycareTown, state: BookingState) -> None:
    """Tuesday 18:00 to Thursday 18:00: 13.5 h (14), 24 h and 10.5 h (11) as booked; 14 h are left."""
    home = town.family()
    wish = Wish(TUESDAY, THURSDAY, 1080, 1080, continuous=True)
    if state is BookingState.PAID:
        long = town.confirmed(home, wish)
        town.pay(long)
    else:
        [long] = town.book(home, wish)
    assert town.booking(long).quoted == 49 * 3000
    assert len(end(town, TUESDAY)) == 1
    [stay] = town.stays(long)
    assert (stay.planned.lower, stay.planned.upper) == (at(TUESDAY, "18:00"), at(WEDNESDAY, "07:30"))
    booking = town.booking(long)
    assert (booking.state, booking.last_day, booking.quoted) == (state, TUESDAY, 14 * 3000)
    assert balance(town, long) == (-35 * 3000 if state is BookingState.PAID else 0)
    assert ["다음 날 07:30" in words for words in told(town, "shortened_by_place")] == [True]
    assert told(town, "cancelled_by_place") == []
    town.check()


@pytest.mark.rule("AD-33")
@pytest.mark.parametrize(
    ("last_day", "kept"), [(TUESDAY - timedelta(days=1), False), (TUESDAY, True), (WEDNESDAY, True)]
)
def test_a_night_belongs_to_the_day_it_begins_on(town: DaycareTown, last_day: date, kept: bool) -> None:
    booked = town.confirmed(town.family(), night(TUESDAY))
    end(town, last_day)
    assert (town.state(booked) is BookingState.CONFIRMED) is kept
    if kept:
        assert town.stays(booked)[0].planned.upper == at(WEDNESDAY, "07:30")
        assert told(town, "shortened_by_place") == []
    town.check()


@pytest.mark.rule("AD-33")
def test_a_child_inside_may_finish_the_day_it_is_there(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    """The letter comes late: the designation ended yesterday, the child came this morning for three days."""
    long = town.confirmed(town.family(), Wish(WEDNESDAY, FRIDAY, 1080, 1080, continuous=True))
    town.pay(long)
    clock.move_to(at(WEDNESDAY, "18:00"))
    town.enter(long)
    end(town, TUESDAY)
    [stay] = town.stays(long)
    assert (stay.state, stay.planned.upper) == (StayState.INSIDE, at(THURSDAY, "07:30"))
    town.check()
    clock.move_to(at(THURSDAY, "07:30"))
    assert town.leave(long).hours == 14
    assert balance(town, long) == -35 * 3000
    town.check()


@pytest.mark.rule("AD-33")
def test_what_would_go_is_shown_before_and_a_renewed_letter_does_not_cancel(town: DaycareTown) -> None:
    home = town.family()
    long = town.confirmed(home, Wish(TUESDAY, THURSDAY, 1080, 1080, continuous=True))
    later = town.confirmed(town.family("이바다"), evening(FRIDAY))
    with town.unit(town.officer) as uow:
        shown = stays_after(uow, town.daycare, TUESDAY)
        assert [row.number for row in shown] == [long.number, later.number]
        assert {row.child for row in shown} == {""}
    letter = Designation("경기-9", date(2024, 7, 1), designation_ends_on=TUESDAY)
    with pytest.raises(RuleBroken) as refused, town.unit(town.officer) as uow:
        designate(uow, town.daycare, letter)
    assert [problem.code for problem in refused.value.problems] == ["daycare.still_booked"]
    end(town, TUESDAY)
    with town.unit(town.officer) as uow:
        assert designate(uow, town.daycare, letter).letter == "경기-9"
    town.check()
