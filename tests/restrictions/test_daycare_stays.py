"""A restriction meets the beds of daycares: what is cancelled, finished, refused, left alone (AS-20, AE-22)."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta

import pytest
import time_machine

from app.daycare.rules.request import Wish
from app.daycare.rules.states import BookingState, StayState
from app.fees.queries import balance_of
from app.kernel.actor import Actor, Role
from app.kernel.db import TenantRef
from app.kernel.errors import RuleBroken
from app.kernel.ranges import kst
from app.messaging.queries import newest_messages
from app.people.models import Child, ChildCentre, Guardian, GuardianChild
from app.restrictions import jobs, service
from app.restrictions.models import Restriction
from app.restrictions.rules.kinds import Family, Ground, Level, State
from tests.cast_daycare import (
    FRIDAY,
    MONDAY,
    NOW,
    SATURDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    DaycareTown,
    Home,
    evening,
    found_daycare,
    make_application,
    night,
)
from tests.restrictions.test_cases import codes

_number = itertools.count(1)


@pytest.fixture
def town(clock: time_machine.Coordinates, gwacheon: TenantRef) -> DaycareTown:
    """Monday morning; the municipality has no regional centre."""
    clock.move_to(NOW)
    return found_daycare(gwacheon)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return kst(day, 60 * hour + minute)


def restricted(town: DaycareTown, home: Home, first: date, last: date | None, **more: object) -> int:
    """Notified and about to begin; of the whole municipality unless told."""
    with town.unit() as uow:
        row = Restriction(
            **{
                "number": f"R-{next(_number)}",
                "guardian_id": home.guardian_id,
                "service": Family.ANYTIME,
                "ground": Ground.INSULT,
                "level": Level.M1,
                "state": State.NOTIFIED,
                "starts_on": first,
                "ends_on": last,
                "notified_at": uow.now,
                "objection_due": first + timedelta(days=13),
                "created_at": uow.now,
                **more,
            }
        )
        uow.session.add(row)
        uow.session.flush()
        return row.id


def begin(town: DaycareTown, clock: time_machine.Coordinates, day: date) -> None:
    clock.move_to(at(day, 0, 3))
    jobs.begin_restrictions(town.place, at(day, 0, 3))


def other_parent(town: DaycareTown, home: Home, *, together: bool = True) -> Home:
    """Somebody else who lives with the same child and has an accepted application of the own."""
    with town.unit() as uow:
        row = Guardian(name="아버지", phone="01077776666", created_at=uow.now, version=1)
        uow.session.add(row)
        uow.session.flush()
        uow.session.add(
            GuardianChild(
                guardian_id=row.id,
                child_id=home.child_ids[0],
                relation="PARENT",
                lives_together=together,
                created_at=uow.now,
            )
        )
        uow.session.query(ChildCentre).filter_by(child_id=home.child_ids[0]).delete()
        child = uow.session.get_one(Child, home.child_ids[0])
        paper = make_application(uow, town.daycare_id, row, [child])
        return Home(
            row.id,
            row.ref,
            row.phone,
            home.children,
            home.child_ids,
            paper.ref,
            Actor(Role.GUARDIAN, None, row.name, guardian_id=row.id),
        )


@pytest.mark.rule("AS-20")
def test_a_night_under_way_at_the_first_midnight_is_slept_out(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    home = town.family()
    before, on_first, on_last, after = (
        town.confirmed(home, night(day)) for day in (TUESDAY, WEDNESDAY, THURSDAY, FRIDAY)
    )
    town.pay(before)
    restricted(town, home, WEDNESDAY, THURSDAY)
    clock.move_to(at(TUESDAY, 20))
    town.enter(before)
    begin(town, clock, WEDNESDAY)
    assert [town.state(one) for one in (before, on_first, on_last, after)] == [
        BookingState.IN_CARE,
        BookingState.CANCELLED,
        BookingState.CANCELLED,
        BookingState.CONFIRMED,
    ]
    clock.move_to(at(WEDNESDAY, 7, 30))
    town.leave(before)
    town.check()


@pytest.mark.rule("AS-20")
def test_of_a_booking_of_several_days_only_those_inside_are_cancelled(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    home = town.family()
    [booked] = town.book(home, Wish(TUESDAY, SATURDAY, 1080, 1260), by=town.director)
    restricted(town, home, WEDNESDAY, THURSDAY)
    begin(town, clock, WEDNESDAY)
    states = {stay.operating_day: stay.state for stay in town.stays(booked, all_=True)}
    cancelled = {day for day, state in states.items() if state == StayState.CANCELLED}
    assert cancelled == {WEDNESDAY, THURSDAY}


@pytest.mark.rule("AS-01")
@pytest.mark.rule("AS-20")
def test_what_the_other_parent_booked_for_the_child_is_cancelled_and_told_to_both(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    home = town.family()
    father = other_parent(town, home)
    theirs = town.confirmed(father, evening(THURSDAY))
    restricted(town, home, WEDNESDAY, FRIDAY)
    begin(town, clock, WEDNESDAY)
    assert town.state(theirs) == BookingState.CANCELLED
    with town.unit() as uow:
        told = {(row.template, row.to) for row in newest_messages(uow.session)}
    assert ("restriction.begun", home.phone) in told
    assert father.phone in {to for _, to in told}
    with pytest.raises(RuleBroken) as caught:
        town.book(father, evening(THURSDAY))
    assert "restricted" in codes(caught)


@pytest.mark.rule("AS-01")
def test_a_parent_who_lives_elsewhere_brings_no_restriction_to_the_child(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    home = town.family()
    elsewhere = other_parent(town, home, together=False)
    restricted(town, elsewhere, TUESDAY, FRIDAY)
    begin(town, clock, TUESDAY)
    clock.move_to(at(TUESDAY, 10))
    assert town.book(home, evening(THURSDAY))


@pytest.mark.rule("AS-25")
@pytest.mark.rule("AS-20")
def test_a_daycares_own_cancels_nothing_elsewhere(
    town: DaycareTown, clock: time_machine.Coordinates, gwacheon: TenantRef
) -> None:
    elsewhere = found_daycare(gwacheon, name="시립달빛 어린이집")
    home, there = town.family(), None
    here = town.confirmed(home, evening(THURSDAY))
    with town.unit(town.director) as uow:
        case = service.impose_at_daycare(
            uow,
            home.guardian,
            ground=Ground.RULE_BREACH,
            first=TUESDAY,
            last=FRIDAY,
            reason="정한 시각을 거듭 어김",
        )
        assert case.starts_on == TUESDAY
    with elsewhere.unit() as uow:
        guardian = uow.session.get_one(Guardian, home.guardian_id)
        child = uow.session.get_one(Child, home.child_ids[0])
        make_application(uow, elsewhere.daycare_id, guardian, [child])
    there = elsewhere.confirmed(home, evening(WEDNESDAY))
    begin(town, clock, TUESDAY)
    assert (town.state(here), elsewhere.state(there)) == (BookingState.CANCELLED, BookingState.CONFIRMED)
    with pytest.raises(RuleBroken) as caught:
        town.book(home, evening(THURSDAY))
    assert "restricted" in codes(caught)


@pytest.mark.rule("AE-22")
@pytest.mark.rule("AS-22")
@pytest.mark.parametrize(
    ("now", "day", "refused"),
    [
        (at(TUESDAY, 10), TUESDAY, False),
        (at(TUESDAY, 10), WEDNESDAY, True),
        (at(TUESDAY, 10), THURSDAY, True),
        (at(TUESDAY, 10), FRIDAY, False),
        (at(WEDNESDAY, 0), FRIDAY, True),
        (at(THURSDAY, 23, 59), SATURDAY, True),
        (at(FRIDAY, 0), SATURDAY, False),
    ],
    ids=[
        "today, notified", "its first day", "its last day", "after it", "in force, for after it",
        "its last minute", "the minute after",
    ],
)  # fmt: skip
def test_a_reservation_on_each_side_without_any_clock(
    town: DaycareTown, clock: time_machine.Coordinates, now: datetime, day: date, refused: bool
) -> None:
    home = town.family()
    restricted(town, home, WEDNESDAY, THURSDAY)
    clock.move_to(now)
    if not refused:
        assert town.book(home, evening(day))
        return
    with pytest.raises(RuleBroken) as caught:
        town.book(home, evening(day))
    assert "restricted" in codes(caught)


@pytest.mark.rule("AE-22")
def test_five_days_that_touch_it_are_refused_whole(town: DaycareTown) -> None:
    home = town.family()
    restricted(town, home, FRIDAY, SATURDAY)
    with pytest.raises(RuleBroken) as caught:
        town.book(home, Wish(TUESDAY, FRIDAY, 1080, 1260))
    assert "restricted" in codes(caught)
    assert town.book(home, Wish(TUESDAY, THURSDAY, 1080, 1260))


@pytest.mark.rule("AS-19")
def test_a_hold_waits_with_new_ones_and_leaves_what_stands(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    home = town.family()
    stands = town.confirmed(home, evening(WEDNESDAY))
    restricted(
        town, home, MONDAY, None, state=State.STATEMENT, starts_on=None, hold_until=TUESDAY, notified_at=None
    )
    with pytest.raises(RuleBroken) as caught:
        town.book(home, evening(FRIDAY))
    assert "on_hold" in codes(caught)
    begin(town, clock, TUESDAY)
    assert town.state(stands) == BookingState.CONFIRMED
    clock.move_to(at(WEDNESDAY, 0))
    assert town.book(home, evening(FRIDAY))


@pytest.mark.rule("AS-20")
def test_what_was_paid_comes_back_whole_and_what_was_only_asked_for_goes_too(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    home = town.family()
    paid = town.confirmed(home, evening(WEDNESDAY))
    town.pay(paid)
    [asked] = town.book(home, evening(THURSDAY))
    restricted(town, home, WEDNESDAY, THURSDAY)
    begin(town, clock, WEDNESDAY)
    assert {town.state(paid), town.state(asked)} == {BookingState.CANCELLED}
    with town.unit() as uow:
        assert balance_of(uow, "daycare_booking", town.booking(paid).id) == -paid.quoted
        said = next(row.body for row in newest_messages(uow.session) if row.template == "restriction.begun")
    assert [booked.number in said for booked in (paid, asked)] == [True, True]
    town.check()
