"""Reserving, confirming, changing, cancelling (AD-05 – AD-17, AD-25, AD-31, AD-33, AD-34)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select, update

from app.daycare import service
from app.daycare.family import versions_now
from app.daycare.models import DaycareApplication, DaycareBooking
from app.daycare.rules.request import Wish
from app.daycare.rules.states import BookingState, StayState
from app.daycare.service import Caller, Full
from app.fees.queries import balance_of, ledger_of
from app.insurance.models import InsurancePolicy
from app.kernel import submission
from app.kernel.errors import AlreadySubmitted, NotFound, RuleBroken
from app.kernel.ranges import KST
from app.people.models import Child, Guardian
from app.restrictions.models import RestrictionEvent
from tests.cast_daycare import (
    FRIDAY,
    MONDAY,
    SATURDAY,
    TUESDAY,
    WEDNESDAY,
    DaycareTown,
    evening,
    found_daycare,
    make_application,
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


@pytest.mark.rule("AD-31")
def test_a_request_holds_its_bed_until_it_is_refused(town: DaycareTown) -> None:
    first = [town.book(town.family(f"아이{n}"), evening(TUESDAY))[0] for n in range(5)]
    with pytest.raises(Full):
        town.book(town.family("여섯째"), evening(TUESDAY))
    with town.unit(town.director) as uow:
        service.refuse(uow, first[0].ref, "교사 부족", version=town.booking(first[0]).version)
    assert town.state(first[0]) is BookingState.REFUSED
    assert town.book(town.family("일곱째"), evening(TUESDAY))[0].state is BookingState.REQUESTED
    town.check()


@pytest.mark.rule("AD-34")
def test_a_full_place_names_its_hours_and_the_nearest_that_fit(town: DaycareTown) -> None:
    for n in range(5):
        town.book(town.family(f"아이{n}"), evening(TUESDAY, 1080, 1200))
    with pytest.raises(Full) as refused:
        town.book(town.family("여섯째"), evening(TUESDAY, 1110, 1170))
    [problem] = refused.value.problems
    assert problem.sentence == "11월 17일(화) 18:30–19:30에 자리가 모두 찼어요."
    assert [(wish.first_day, wish.start) for wish in refused.value.alternatives] == [
        (TUESDAY, 1020),
        (TUESDAY, 1200),
        (TUESDAY, 990),
    ]


@pytest.mark.rule("AD-03")
def test_a_baby_makes_three_of_five(town: DaycareTown) -> None:
    baby = date(2025, 9, 1)
    town.book(town.family("아기", baby), evening(TUESDAY))
    for n in range(2):
        town.book(town.family(f"아이{n}"), evening(TUESDAY))
    with pytest.raises(Full):
        town.book(town.family("넷째"), evening(TUESDAY))
    four = [town.book(town.family(f"수{n}"), evening(WEDNESDAY))[0] for n in range(4)]
    assert len(four) == 4
    with pytest.raises(Full):
        town.book(town.family("둘째 아기", baby), evening(WEDNESDAY))
    town.check()


@pytest.mark.rule("AD-03")
def test_the_night_of_a_second_birthday(town: DaycareTown) -> None:
    """Until midnight three, from midnight on five: a stay over the whole night is judged by both."""
    turns_two = date(2024, 11, 19)
    town.book(town.family("생일", turns_two), night(WEDNESDAY))
    for n in range(2):
        town.book(town.family(f"아이{n}"), night(WEDNESDAY))
    with pytest.raises(Full) as refused:
        town.book(town.family("넷째"), night(WEDNESDAY))
    assert [(span.start, span.end) for span in refused.value.full] == [
        (at(WEDNESDAY, "20:00"), at(WEDNESDAY + timedelta(days=1), "00:00"))
    ]
    town.check()


def test_brothers_and_sisters_are_booked_together_or_not_at_all(town: DaycareTown) -> None:
    three = town.family("첫째", date(2021, 1, 1), ("둘째", date(2022, 2, 2)), ("셋째", date(2023, 3, 3)))
    for n in range(3):
        town.book(town.family(f"아이{n}"), evening(TUESDAY))
    with pytest.raises(Full):
        town.book(three, evening(TUESDAY))
    booked = town.book(three, evening(WEDNESDAY))
    assert len({one.number for one in booked}) == 3
    assert len({town.booking(one).batch for one in booked}) == 1
    with town.unit() as uow:
        assert uow.session.scalar(select(func.count()).select_from(DaycareBooking)) == 6
    town.check()


@pytest.mark.rule("AD-07")
@pytest.mark.rule("AD-08")
@pytest.mark.parametrize(
    ("now", "wish", "code"),
    [
        ("15:00", evening(MONDAY), None),
        ("15:01", evening(MONDAY), "daycare.cutoff_passed"),
        ("18:00", night(TUESDAY), None),
        ("18:01", night(TUESDAY), "daycare.night_cutoff_passed"),
    ],
)
def test_deadlines_bind_guardian_and_director(
    town: DaycareTown, clock: time_machine.Coordinates, now: str, wish: Wish, code: str | None
) -> None:
    home = town.family()
    clock.move_to(at(MONDAY, now))
    for by in (None, town.director):
        if code is None:
            booked = town.book(home, wish, by=by)
            town.cancel(booked[0], by=by or home.actor, caller=Caller(home.phone) if by else None)
        else:
            with pytest.raises(RuleBroken) as refused:
                town.book(home, wish, by=by)
            assert codes(refused) == {code}


@pytest.mark.rule("AD-05")
def test_an_hour_outside_the_window_waits_for_the_directors_reason(town: DaycareTown) -> None:
    home = town.family()
    [booked] = town.book(home, evening(SATURDAY, 510, 690))
    with pytest.raises(RuleBroken):
        town.confirm(booked)
    town.confirm(booked, **{"daycare.outside_entry": "부모 새벽 근무"})
    assert town.booking(booked).overrides == [["daycare.outside_entry", "부모 새벽 근무"]]
    with pytest.raises(RuleBroken) as refused:
        town.book(town.family("전화"), evening(SATURDAY, 510, 690), by=town.director)
    assert codes(refused) == {"daycare.outside_entry"}
    reasons = {"daycare.outside_entry": "전화로 확인"}
    again = town.confirmed(town.family("다시"), evening(SATURDAY, 510, 690), reasons=reasons)
    assert again.state is BookingState.CONFIRMED


@pytest.mark.rule("AD-25")
@pytest.mark.parametrize(
    ("kind", "ends", "good"),
    [
        ("DAYCARE_HOURLY_RIDER", WEDNESDAY, True),
        ("DAYCARE_HOURLY_RIDER", TUESDAY, False),
        ("DAYCARE_MUTUAL", TUESDAY, False),
    ],
)
def test_both_policies_cover_every_day(town: DaycareTown, kind: str, ends: date, good: bool) -> None:

    with town.unit() as uow:
        uow.session.execute(update(InsurancePolicy).where(InsurancePolicy.kind == kind).values(ends_on=ends))
    wish = Wish(TUESDAY, WEDNESDAY, 1080, 1140)
    if good:
        assert town.book(town.family(), wish)
    else:
        with pytest.raises(RuleBroken) as refused:
            town.book(town.family(), wish)
        assert codes(refused) == {"daycare.not_insured"}


@pytest.mark.rule("AD-33")
def test_the_end_of_the_designation_cancels_what_comes_later_without_fee(town: DaycareTown) -> None:
    home = town.family()
    kept = town.confirmed(home, evening(TUESDAY))
    gone = town.confirmed(home, evening(FRIDAY))
    town.pay(gone)
    with town.unit(town.officer) as uow:
        service.end_designation(uow, town.daycare, WEDNESDAY, "지정 취소")
    assert town.state(kept) is BookingState.CONFIRMED
    assert town.state(gone) is BookingState.CANCELLED
    with town.unit() as uow:
        assert balance_of(uow, "daycare_booking", town.booking(gone).id) == -9000
    with pytest.raises(RuleBroken) as refused:
        town.book(home, evening(FRIDAY))
    assert codes(refused) == {"daycare.not_designated"}
    town.check()


def test_one_child_is_not_in_two_daycares_at_once(town: DaycareTown) -> None:

    other = found_daycare(town.place, name="시립달빛 어린이집")
    home = town.family()
    with town.unit() as uow:
        parent = uow.session.get_one(Guardian, home.guardian_id)
        make_application(uow, other.daycare_id, parent, [uow.session.get_one(Child, home.child_ids[0])])
    town.book(home, evening(TUESDAY))
    with pytest.raises(RuleBroken) as refused:
        other.book(home, evening(TUESDAY, 1200, 1320))
    assert codes(refused) == {"daycare.busy"}
    assert other.book(home, evening(TUESDAY, 1260, 1320))
    town.check()


@pytest.mark.rule("AD-18")
@pytest.mark.parametrize("state", ["DRAFT", "RETURNED", "OUTDATED"])
def test_without_a_valid_application_nothing_is_booked(town: DaycareTown, state: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        town.book(town.family(state=state), evening(TUESDAY))
    assert codes(refused) == {"daycare.application_closed"}
    with pytest.raises(RuleBroken) as refused:
        town.book(town.family(apply=False), evening(TUESDAY))
    assert codes(refused) == {"daycare.no_application"}


@pytest.mark.rule("AD-18")
def test_a_changed_record_makes_the_application_out_of_date(town: DaycareTown) -> None:
    home = town.family()
    with town.unit() as uow:
        row = uow.session.query(DaycareApplication).one()
        row.checks = {**row.checks, "data": versions_now(uow, row)}
    assert town.book(home, evening(TUESDAY))
    with town.unit() as uow:
        uow.session.get_one(Child, home.child_ids[0]).version += 1
    with pytest.raises(RuleBroken) as refused:
        town.book(home, evening(WEDNESDAY))
    assert codes(refused) == {"daycare.application_closed"}


@pytest.mark.rule("AD-12")
def test_a_quote_says_what_it_will_cost_and_writes_nothing(town: DaycareTown) -> None:
    home = town.family("하늘", date(2022, 1, 1), ("바다", date(2023, 1, 1)), qualification="DAYCARE")
    with town.unit(home.actor) as uow:
        quote = service.quote(uow, town.order(home, evening(TUESDAY)))
    assert [(line.hours, line.government_hours, line.amount) for line in quote.children] == [(3, 1, 6000)] * 2
    assert quote.amount == 12000
    with town.unit(home.actor) as uow:
        late = service.quote(uow, town.order(home, evening(MONDAY, 540, 600)))
    assert [problem.code for problem in late.problems] == ["daycare.start_passed"]


@pytest.mark.rule("AD-16")
def test_a_night_is_given_back_by_telephone_and_late_it_counts(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    first, second = town.family("하늘"), town.family("바다")
    early, late = town.confirmed(first, night(WEDNESDAY)), town.confirmed(second, night(WEDNESDAY))
    clock.move_to(at(WEDNESDAY, "15:00"))
    with pytest.raises(RuleBroken) as refused:
        town.cancel(early, by=first.actor)
    assert codes(refused) == {"daycare.by_phone"}
    with pytest.raises(RuleBroken) as refused:
        town.cancel(early, by=town.director, caller=Caller("010-9999-8888", "이웃"))
    assert codes(refused) == {"daycare.not_the_booker"}
    done = town.cancel(early, by=town.director, caller=Caller(first.phone, "어머니"))
    assert (done.state, done.fee) == (BookingState.CANCELLED, 0)
    clock.move_to(at(WEDNESDAY, "15:01"))
    done = town.cancel(late, by=town.director, caller=Caller(second.phone))
    assert (done.state, done.fee) == (BookingState.LATE_CANCELLED, 0)
    with town.unit() as uow:
        events = uow.session.scalars(select(RestrictionEvent)).all()
    assert [(event.kind, event.guardian_id) for event in events] == [("LATE_CANCEL", second.guardian_id)]
    town.check()


@pytest.mark.rule("AD-16")
def test_another_guardian_does_not_cancel(town: DaycareTown) -> None:
    booked = town.confirmed(town.family("하늘"), evening(TUESDAY))
    stranger = town.family("남")

    with pytest.raises(NotFound):
        town.cancel(booked, by=stranger.actor)


def test_a_cancelled_booking_gives_back_what_was_paid(town: DaycareTown) -> None:
    home = town.family()
    booked = town.confirmed(home, evening(TUESDAY))
    town.pay(booked)
    assert town.cancel(booked, by=home.actor).state is BookingState.CANCELLED
    with town.unit() as uow:
        ledger = ledger_of(uow, "daycare_booking", town.booking(booked).id)
    assert (ledger.sums.charged, ledger.balance) == (0, -9000)
    town.check()


def test_other_hours_are_judged_anew_and_paid_by_difference(town: DaycareTown) -> None:
    home = town.family()
    for n in range(4):
        town.book(town.family(f"아이{n}"), evening(TUESDAY))
    booked = town.confirmed(home, evening(TUESDAY))
    town.pay(booked)

    def change(wish: Wish) -> None:
        with town.unit(home.actor) as uow:
            service.change_booking(uow, booked.ref, wish, version=town.booking(booked).version)

    change(evening(TUESDAY, 1080, 1320))
    assert (town.booking(booked).quoted, town.state(booked)) == (12000, BookingState.CONFIRMED)
    town.pay(booked, 3000)
    assert town.state(booked) is BookingState.PAID
    change(Wish(WEDNESDAY, WEDNESDAY, 1080, 1140))
    assert (town.booking(booked).quoted, town.state(booked)) == (3000, BookingState.PAID)
    assert town.book(town.family("들어옴"), evening(TUESDAY))
    with pytest.raises(Full):
        change(evening(TUESDAY))
    assert [stay.operating_day for stay in town.stays(booked)] == [WEDNESDAY]
    town.check()


def test_a_second_press_is_the_first(town: DaycareTown) -> None:

    home = town.family()
    order = town.order(home, evening(TUESDAY))
    with town.unit(home.actor) as uow:
        service.book(uow, order)
        submission.answered_at(uow, order.request_id, "/here")
    with pytest.raises(AlreadySubmitted), town.unit(home.actor) as uow:
        service.book(uow, order)


def test_five_days_are_five_stays_and_a_long_one_is_one(town: DaycareTown) -> None:
    home = town.family()
    [week] = town.book(home, Wish(TUESDAY, SATURDAY, 1080, 1140))
    assert len(town.stays(week)) == 5
    assert week.quoted == 15000
    other = town.family("바다")
    [long] = town.book(other, Wish(TUESDAY, FRIDAY, 1080, 480, True))
    [stay] = town.stays(long)
    assert (stay.planned.lower, stay.planned.upper) == (at(TUESDAY, "18:00"), at(FRIDAY, "08:00"))
    assert {row.state for row in town.stays(long)} == {StayState.PLANNED}
    town.check()
