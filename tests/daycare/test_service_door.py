"""At the door and by the clock (AD-06, AD-13 – AD-15, AD-17, AD-18, AD-21, AD-22, AE-20, J-39)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from app.daycare import queries, service
from app.daycare.jobs import keep_rooms
from app.daycare.models import DaycareStay, Journal
from app.daycare.rules.application import CheckKind
from app.daycare.rules.request import Wish
from app.daycare.rules.states import BookingState, StayState
from app.daycare.service import ContactData
from app.daycare.service.booking import Booked
from app.fees.queries import ledger_of
from app.kernel.errors import NotFound, RuleBroken
from app.kernel.ranges import KST
from app.messaging.models import Message
from app.restrictions.models import RestrictionEvent
from tests.cast_daycare import (
    INK,
    MONDAY,
    OTHER_INK,
    TUESDAY,
    WEDNESDAY,
    DaycareTown,
    Home,
    evening,
    found_daycare,
    night,
)


def codes(refused: pytest.ExceptionInfo[RuleBroken]) -> set[str]:
    return {problem.code.removeprefix("daycare.") for problem in refused.value.problems}


def at(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()}T{clock}:00").replace(tzinfo=KST)


def paid(town: DaycareTown, home: Home, wish: object = None) -> Booked:
    booked = town.confirmed(home, wish or evening(TUESDAY))
    town.pay(booked)
    return booked


def tick(town: DaycareTown, clock: time_machine.Coordinates, day: date, time: str) -> None:
    clock.move_to(at(day, time))
    keep_rooms(town.place, at(day, time))


def stay_of(town: DaycareTown, booked: Booked) -> DaycareStay:
    return town.stays(booked)[0]


@pytest.mark.rule("AD-21")
def test_entry_and_exit_are_two_acts_with_two_signatures(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    booked = paid(town, town.family())
    clock.move_to(at(TUESDAY, "18:00"))
    with pytest.raises(RuleBroken) as refused:
        town.leave(booked)
    assert codes(refused) == {"not_inside"}
    town.enter(booked)
    with pytest.raises(RuleBroken) as refused:
        town.leave(booked, signature=INK)
    assert codes(refused) == {"same_signature", "same_moment"}
    with pytest.raises(RuleBroken) as refused:
        town.enter(booked)
    assert "not_planned" in codes(refused)
    clock.move_to(at(TUESDAY, "21:00"))
    with pytest.raises(RuleBroken) as refused:
        town.leave(booked, signature=INK)
    assert codes(refused) == {"same_signature"}
    town.leave(booked)
    stay = stay_of(town, booked)
    assert (stay.in_signature, stay.out_signature) == (INK, OTHER_INK)
    town.check()


@pytest.mark.rule("AD-18")
def test_papers_come_before_the_first_entry(town: DaycareTown, clock: time_machine.Coordinates) -> None:
    home = town.family(checked=False)
    booked = paid(town, home)
    clock.move_to(at(TUESDAY, "18:00"))
    with pytest.raises(RuleBroken) as refused:
        town.enter(booked)
    assert codes(refused) == {"papers_open"}
    with town.unit(town.teacher) as uow:
        with pytest.raises(RuleBroken) as unreturned:
            service.record_check(uow, home.application, CheckKind.IDENTITY, "id_card", returned=False)
        service.record_check(uow, home.application, CheckKind.IDENTITY, "id_card", returned=True)
        service.record_check(
            uow, home.application, CheckKind.FAMILY, "resident_register", returned=True, resident=True
        )
    assert codes(unreturned) == {"not_returned"}
    assert town.enter(booked).state == StayState.INSIDE


@pytest.mark.rule("AD-13")
def test_unpaid_the_director_lets_in_with_a_reason(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    booked = town.confirmed(town.family(), evening(TUESDAY))
    clock.move_to(at(TUESDAY, "18:00"))
    with pytest.raises(RuleBroken) as refused:
        town.enter(booked, unpaid_reason="이체 확인 중")
    assert codes(refused) == {"unpaid"}
    town.enter(booked, by=town.director, unpaid_reason="이체 확인 중")
    assert town.state(booked) is BookingState.IN_CARE
    clock.move_to(at(TUESDAY, "21:00"))
    assert town.leave(booked).balance == 9000


@pytest.mark.rule("AD-22")
def test_somebody_else_fetches_only_after_a_recorded_call(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    home = town.family()
    booked = paid(town, home)
    clock.move_to(at(TUESDAY, "18:00"))
    town.enter(booked)
    clock.move_to(at(TUESDAY, "21:00"))
    with pytest.raises(RuleBroken) as refused:
        town.leave(booked, person=2)
    assert codes(refused) == {"not_listed"}
    call = ContactData(town.daycare, home.child, "어머니", "010-5555-0000", "외할머니", "조모", TUESDAY)
    with pytest.raises(RuleBroken) as unknown, town.unit(town.teacher) as uow:
        service.record_contact(uow, call)
    assert codes(unknown) == {"contact_not_guardian"}
    with town.unit(town.teacher) as uow:
        tomorrow = service.record_contact(uow, replace(call, caller_phone=home.phone, valid_on=WEDNESDAY))
        today = service.record_contact(uow, replace(call, caller_phone=home.phone))
    with pytest.raises(RuleBroken) as refused:
        town.leave(booked, person=0, contact=tomorrow.ref)
    assert codes(refused) == {"contact_not_today"}
    town.leave(booked, person=0, contact=today.ref)
    stay = stay_of(town, booked)
    assert (stay.out_person, stay.prior_contact_id) == ("외할머니(조모)", today.id)


@pytest.mark.rule("AE-20")
@pytest.mark.rule("AD-17")
def test_symptoms_are_turned_away_without_fee_or_blame(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    booked = paid(town, town.family())
    clock.move_to(at(TUESDAY, "18:00"))
    with pytest.raises(RuleBroken) as refused:
        town.enter(booked, symptoms=True)
    assert codes(refused) == {"symptoms"}
    with town.unit(town.teacher) as uow:
        service.turn_away(uow, stay_of(town, booked).ref, "발열 38.5도")
    assert town.state(booked) is BookingState.NO_SHOW
    with town.unit() as uow:
        assert ledger_of(uow, "daycare_booking", town.booking(booked).id).balance == -9000
        assert uow.session.scalar(select(func.count()).select_from(RestrictionEvent)) == 0
    town.check()


@pytest.mark.rule("AD-02")
def test_a_sixth_child_waits_at_the_door_until_one_has_left(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    five = [paid(town, town.family(f"아이{n}"), evening(TUESDAY, 1020, 1080)) for n in range(5)]
    sixth = paid(town, town.family("여섯째"), evening(TUESDAY, 1080, 1140))
    clock.move_to(at(TUESDAY, "17:00"))
    for one in five:
        town.enter(one)
    clock.move_to(at(TUESDAY, "17:50"))
    with pytest.raises(RuleBroken) as refused:
        town.enter(sixth)
    assert codes(refused) == {"room_full"}
    clock.move_to(at(TUESDAY, "18:00"))
    with pytest.raises(RuleBroken) as refused:
        town.enter(sixth)
    assert codes(refused) == {"room_full"}
    town.leave(five[0])
    town.enter(sixth)
    town.check()


def test_who_comes_early_needs_a_free_bed_until_then(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    booked = paid(town, town.family())
    clock.move_to(at(TUESDAY, "17:40"))
    town.enter(booked)
    clock.move_to(at(TUESDAY, "20:10"))
    assert town.leave(booked).hours == 3
    assert stay_of(town, booked).used_minutes == 150


@pytest.mark.rule("AD-14")
@pytest.mark.parametrize(
    ("out", "amount"), [("20:29", 6000), ("20:30", 9000), ("21:29", 9000), ("21:30", 12000)]
)
def test_what_was_used_is_what_is_paid(
    town: DaycareTown, clock: time_machine.Coordinates, out: str, amount: int
) -> None:
    booked = paid(town, town.family())
    clock.move_to(at(TUESDAY, "18:00"))
    town.enter(booked)
    clock.move_to(at(TUESDAY, out))
    settled = town.leave(booked)
    assert (settled.amount, settled.charged, settled.balance) == (amount, amount, amount - 9000)
    town.check()


@pytest.mark.rule("AD-15")
def test_the_states_hours_are_noted_on_the_stay(town: DaycareTown, clock: time_machine.Coordinates) -> None:
    booked = paid(town, town.family(qualification="KINDERGARTEN"))
    assert booked.quoted == 6000
    clock.move_to(at(TUESDAY, "18:00"))
    town.enter(booked)
    clock.move_to(at(TUESDAY, "21:00"))
    settled = town.leave(booked)
    assert (settled.hours, settled.government_hours, settled.amount) == (3, 1, 6000)
    assert stay_of(town, booked).government_hours == 1


@pytest.mark.rule("AD-17")
@pytest.mark.parametrize(("time", "state"), [("18:59", "PLANNED"), ("19:00", "NO_SHOW")])
def test_the_clock_misses_who_did_not_come_in_an_hour(
    town: DaycareTown, clock: time_machine.Coordinates, time: str, state: str
) -> None:
    home = town.family()
    booked = paid(town, home)
    for _ in range(2):
        tick(town, clock, TUESDAY, time)
    assert town.stays(booked)[0].state == state
    with town.unit() as uow:
        events = uow.session.scalars(select(RestrictionEvent)).all()
        balance = ledger_of(uow, "daycare_booking", town.booking(booked).id).balance
    missed = state == "NO_SHOW"
    assert [event.kind for event in events] == ["NO_SHOW"] * missed
    assert balance == (-9000 if missed else 0)
    assert (town.state(booked) is BookingState.NO_SHOW) is missed
    town.check()


@pytest.mark.rule("AD-17")
def test_by_hand_the_director_waits_the_hour_too(town: DaycareTown, clock: time_machine.Coordinates) -> None:
    booked = paid(town, town.family())
    clock.move_to(at(TUESDAY, "18:59"))
    with pytest.raises(RuleBroken) as refused, town.unit(town.director) as uow:
        service.mark_no_show(uow, stay_of(town, booked).ref)
    assert codes(refused) == {"not_yet_no_show"}
    clock.move_to(at(TUESDAY, "19:00"))
    with town.unit(town.director) as uow:
        service.mark_no_show(uow, stay_of(town, booked).ref)
    assert town.state(booked) is BookingState.NO_SHOW


def test_one_missed_day_leaves_the_others(town: DaycareTown, clock: time_machine.Coordinates) -> None:

    booked = paid(town, town.family(), Wish(TUESDAY, WEDNESDAY, 1080, 1140))
    tick(town, clock, TUESDAY, "19:00")
    assert town.state(booked) is BookingState.PAID
    clock.move_to(at(WEDNESDAY, "18:00"))
    town.enter(booked, 1)
    clock.move_to(at(WEDNESDAY, "19:00"))
    town.leave(booked, 1)
    assert town.state(booked) is BookingState.COMPLETED
    town.check()


def test_a_request_nobody_answered_is_refused_at_its_start(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    [booked] = town.book(town.family(), evening(TUESDAY))
    tick(town, clock, TUESDAY, "17:55")
    assert town.state(booked) is BookingState.REQUESTED
    tick(town, clock, TUESDAY, "18:00")
    assert town.state(booked) is BookingState.REFUSED
    town.check()


@pytest.mark.rule("AD-06")
def test_who_is_there_after_ten_stays_until_the_morning_and_pays(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    booked = paid(town, town.family(), evening(TUESDAY, 1080, 1320))
    clock.move_to(at(TUESDAY, "18:00"))
    town.enter(booked)
    tick(town, clock, TUESDAY, "21:40")
    assert messages(town, "daycare.curfew_soon") == 0
    for time in ("21:45", "21:50", "22:00"):
        tick(town, clock, TUESDAY, time)
    assert messages(town, "daycare.curfew_soon") == 1
    assert stay_of(town, booked).planned.upper == at(TUESDAY, "22:00")
    for time in ("22:05", "22:10"):
        tick(town, clock, TUESDAY, time)
    stay = stay_of(town, booked)
    assert (stay.planned.upper, stay.violations) == (at(WEDNESDAY, "07:30"), ["AD-06"])
    assert messages(town, "daycare.curfew_stays") == 1
    with pytest.raises(RuleBroken) as refused:
        town.leave(booked)
    assert codes(refused) == {"curfew"}
    town.check()
    clock.move_to(at(WEDNESDAY, "07:30"))
    settled = town.leave(booked)
    assert (settled.hours, settled.amount, settled.balance) == (14, 42000, 30000)
    town.check()


@pytest.mark.rule("AD-06")
def test_an_emergency_opens_the_door_at_night_and_is_recorded(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    booked = paid(town, town.family(), night(WEDNESDAY))
    clock.move_to(at(WEDNESDAY, "20:00"))
    town.enter(booked)
    tick(town, clock, WEDNESDAY, "22:05")
    assert stay_of(town, booked).violations == []
    clock.move_to(at(WEDNESDAY, "23:10"))
    settled = town.leave(booked, emergency="119로 병원 이송")
    assert settled.hours == 3
    stay = stay_of(town, booked)
    assert (stay.emergency, stay.violations) == ("119로 병원 이송", ["AD-06"])
    town.check()


@pytest.mark.rule("AD-24")
def test_a_new_operating_day_has_a_page_for_every_open_class(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    tick(town, clock, TUESDAY, "07:25")
    tick(town, clock, TUESDAY, "07:30")
    tick(town, clock, TUESDAY, "07:35")
    with town.unit() as uow:
        days = uow.session.scalars(select(Journal.operating_day).order_by(Journal.operating_day)).all()
    assert days == [MONDAY, TUESDAY]


@pytest.mark.rule("AD-01")
def test_new_years_eve_sleeps_into_the_closed_day(town: DaycareTown, clock: time_machine.Coordinates) -> None:
    eve = date(2026, 12, 31)
    clock.move_to(at(eve - timedelta(days=5), "10:00"))
    booked = paid(town, town.family(), night(eve))
    clock.move_to(at(eve, "20:00"))
    town.enter(booked)
    tick(town, clock, eve + timedelta(days=1), "07:30")
    assert town.leave(booked).hours == 12
    with town.unit() as uow:
        assert uow.session.scalar(select(func.max(Journal.operating_day))) is None
    town.check()


@pytest.mark.rule("AD-32")
@pytest.mark.rule("AD-26")
def test_the_books_of_the_day(town: DaycareTown, clock: time_machine.Coordinates) -> None:
    booked = paid(town, town.family())
    missed = paid(town, town.family("바다"))
    clock.move_to(at(TUESDAY, "18:00"))
    town.enter(booked, note="기침 조금")
    tick(town, clock, TUESDAY, "19:00")
    clock.move_to(at(TUESDAY, "21:00"))
    town.leave(booked)
    with town.unit(town.director) as uow:
        daycare = town.row(uow)
        [handed] = queries.handover_rows(uow, daycare, TUESDAY)
        register = queries.register_rows(uow, daycare, TUESDAY, TUESDAY)
        [page] = queries.journals(uow, daycare, TUESDAY)
    assert (handed.in_signature, handed.out_signature) == (INK, OTHER_INK)
    assert (handed.in_person, handed.in_by) == ("김하늘 어머니(모)", "이다솜")
    assert {(row.number, row.state, row.billed_hours, row.amount) for row in register} == {
        (booked.number, StayState.LEFT, 3, 9000),
        (missed.number, StayState.NO_SHOW, None, None),
    }
    assert [(child.child, child.note) for child in page.children] == [("김하늘", "기침 조금")]


def test_the_room_now(town: DaycareTown, clock: time_machine.Coordinates) -> None:
    inside = paid(town, town.family("하늘", date(2025, 6, 1)), evening(TUESDAY, 1080, 1140))
    coming = paid(town, town.family("바다"), evening(TUESDAY, 1170, 1290))
    clock.move_to(at(TUESDAY, "18:00"))
    town.enter(inside)
    clock.move_to(at(TUESDAY, "19:40"))
    with town.unit(town.teacher) as uow:
        room = queries.room_now(uow, town.row(uow))
    assert [(row.child, row.overdue, row.small, row.months) for row in room.inside] == [
        ("하늘", True, True, 17)
    ]
    assert [(row.child, row.late, row.paid) for row in room.coming] == [("바다", True, True)]
    assert [row.stay_ref for row in room.overdue] == [stay_of(town, inside).ref]
    assert [row.stay_ref for row in room.late] == [stay_of(town, coming).ref]
    first = room.seats[0]
    assert (first.moment, first.inside_or_booked, first.limit, first.free) == (at(TUESDAY, "19:00"), 2, 3, 1)
    assert room.seats[-1].moment == at(WEDNESDAY, "07:00")
    assert (room.seats[-1].limit, room.seats[-1].free) == (5, 5)


def test_another_daycare_sees_nothing_of_it(town: DaycareTown, clock: time_machine.Coordinates) -> None:
    other = found_daycare(town.place, name="시립달빛 어린이집")
    booked = paid(town, town.family())
    clock.move_to(at(TUESDAY, "18:00"))
    for actor in (other.teacher, other.director):
        with pytest.raises(NotFound):
            town.enter(booked, by=actor)
        with pytest.raises(NotFound), town.unit(actor) as uow:
            queries.booking_detail(uow, booked.ref)
        with pytest.raises(NotFound), town.unit(actor) as uow:
            queries.room_now(uow, town.row(uow))


def messages(town: DaycareTown, template: str) -> int:
    with town.unit() as uow:
        return (
            uow.session.scalar(select(func.count()).select_from(Message).where(Message.template == template))
            or 0
        )
