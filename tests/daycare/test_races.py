"""Many at once, each on a connection of its own, on a database of their own: the gate keeps count."""

from __future__ import annotations

import random
import secrets
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from app.daycare import service
from app.daycare.jobs import keep_rooms
from app.daycare.models import DaycareBooking, DaycareStay
from app.daycare.rules.request import Wish
from app.daycare.rules.states import BookingState
from app.daycare.service import Caller, Full
from app.daycare.service.booking import Booked
from app.kernel import submission
from app.kernel.db import Database
from app.kernel.errors import AlreadySubmitted, DolbomError, RuleBroken
from app.kernel.ranges import KST
from app.people.models import Child, ChildTime, Guardian
from tests.cast_daycare import (
    NOW,
    TUESDAY,
    WEDNESDAY,
    DaycareTown,
    Home,
    evening,
    found_daycare,
    make_application,
    night,
)
from tests.conftest import GWACHEON
from tests.racing import at_once

pytestmark = pytest.mark.race


@pytest.fixture
def field(own_house: Database) -> Iterator[time_machine.Coordinates]:
    """The usual Monday morning."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def holding(town: DaycareTown) -> int:
    with town.unit() as uow:
        wanted = select(func.count()).select_from(DaycareStay).where(DaycareStay.state == "PLANNED")
        return uow.session.scalar(wanted) or 0


@pytest.mark.rule("AD-34")
@pytest.mark.rule("AD-02")
def test_twenty_four_guardians_and_the_last_three_beds(field: time_machine.Coordinates) -> None:
    town = found_daycare(GWACHEON)
    for n in range(2):
        town.book(town.family(f"먼저{n}"), night(WEDNESDAY))
    homes = [town.family(f"아이{n}") for n in range(24)]
    answers = at_once(*[lambda h=home: town.book(h, night(WEDNESDAY))[0] for home in homes])
    taken = [answer for answer in answers if isinstance(answer, Booked)]
    refused = [answer for answer in answers if isinstance(answer, Full)]
    assert (len(taken), len(refused)) == (3, 21)
    assert len({one.number for one in taken}) == 3
    assert all(answer.full and answer.alternatives for answer in refused)
    assert holding(town) == 5
    town.check()


def test_siblings_and_single_children_meet(field: time_machine.Coordinates) -> None:
    """Two families of two and three of one for five beds: nobody gets half."""
    town = found_daycare(GWACHEON)
    pairs = [town.family(f"쌍{n}", date(2022, 1, 1), (f"둘{n}", date(2023, 1, 1))) for n in range(3)]
    singles = [town.family(f"아이{n}") for n in range(3)]
    at_once(*[lambda h=home: town.book(h, night(WEDNESDAY)) for home in (*pairs, *singles)])
    with town.unit() as uow:
        per_family = Counter(uow.session.scalars(select(DaycareBooking.guardian_id)))
    assert all(per_family[home.guardian_id] in (0, 2) for home in pairs)
    assert 4 <= holding(town) <= 5
    town.check()


def test_one_child_in_two_daycares_at_once(field: time_machine.Coordinates) -> None:
    here = found_daycare(GWACHEON)
    there = found_daycare(GWACHEON, name="시립달빛 어린이집")
    home = here.family()
    with here.unit() as uow:
        parent = uow.session.get_one(Guardian, home.guardian_id)
        make_application(uow, there.daycare_id, parent, [uow.session.get_one(Child, home.child_ids[0])])
    answers = at_once(
        *[
            lambda t=town, d=day: t.book(home, evening(d))
            for town in (here, there)
            for day in (TUESDAY, WEDNESDAY)
        ]
    )
    assert sum(isinstance(answer, list) for answer in answers) == 2
    codes = [answer.problems[0].code for answer in answers if isinstance(answer, RuleBroken)]
    assert codes == ["daycare.busy"] * 2
    here.check()


def test_one_press_too_many(field: time_machine.Coordinates) -> None:
    town = found_daycare(GWACHEON)
    home = town.family()
    order = town.order(home, evening(TUESDAY))

    def press() -> str:
        with town.unit(home.actor) as uow:
            [booked] = service.book(uow, order)
            submission.answered_at(uow, order.request_id, f"/{booked.ref}")
        return f"/{booked.ref}"

    answers = at_once(*[press] * 5)
    pages = {answer.result_url if isinstance(answer, AlreadySubmitted) else answer for answer in answers}
    assert len(pages) == 1
    assert holding(town) == 1


def test_a_payment_is_taken_once_however_often_it_is_pressed(field: time_machine.Coordinates) -> None:
    town = found_daycare(GWACHEON)
    booked = town.confirmed(town.family(), evening(TUESDAY))
    request_id = secrets.token_hex(16)

    def pay() -> str:
        with town.unit(town.teacher) as uow:
            service.record_payment(
                uow, request_id, booked.ref, amount=booked.quoted, method="account_transfer"
            )
            submission.answered_at(uow, request_id, "/paid")
        return "/paid"

    answers = at_once(*[pay] * 5)
    assert answers.count("/paid") == 1
    assert town.state(booked) is BookingState.PAID


def test_the_door_the_clock_and_the_telephone_meet(field: time_machine.Coordinates) -> None:
    """Entry, no-show and cancellation of the same stay in one moment: exactly one of them happens."""
    town = found_daycare(GWACHEON)
    homes = [town.family(f"아이{n}") for n in range(4)]
    booked = [town.confirmed(home, evening(TUESDAY)) for home in homes]
    for one in booked:
        town.pay(one)
    field.move_to(datetime(2026, 11, 17, 19, 0, tzinfo=KST))
    at_once(
        *[lambda b=one: town.enter(b) for one in booked],
        *[
            lambda b=one, h=home: town.cancel(b, by=town.director, caller=Caller(h.phone))
            for one, home in zip(booked, homes, strict=True)
        ],
        lambda: keep_rooms(GWACHEON, NOW),
        lambda: keep_rooms(GWACHEON, NOW),
    )
    assert {town.state(one) for one in booked} <= {BookingState.IN_CARE, BookingState.NO_SHOW}
    town.check()


@pytest.mark.rule("AD-02")
@pytest.mark.rule("AD-03")
@pytest.mark.parametrize("seed", range(3))
def test_a_walk_of_bookings_changes_and_cancellations(field: time_machine.Coordinates, seed: int) -> None:
    """Any sequence keeps every half hour within its limit, the money with the stays, the time with the beds."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    town = found_daycare(GWACHEON, places=4)
    births = [date(2022, 1, 1), date(2025, 6, 1), date(2024, 11, 18), date(2021, 3, 3)]
    homes = [town.family(f"아이{n}", births[n % 4]) for n in range(9)]
    made: list[tuple[Home, Booked]] = []
    for _ in range(45):
        start = chance.choice([540, 900, 1080, 1200])
        day = TUESDAY + timedelta(days=chance.randrange(4))
        wish = Wish(
            day, day + timedelta(days=chance.choice([0, 0, 1])), start, chance.choice([1260, 1320, 1890])
        )
        home = chance.choice(homes)
        try:
            match chance.choice(["book", "book", "call", "change", "cancel", "refuse"]):
                case "book":
                    made += [(home, one) for one in town.book(home, wish)]
                case "call":
                    made += [(home, one) for one in town.book(home, wish, by=town.director)]
                case "change" if made:
                    owner, one = chance.choice(made)
                    with town.unit(owner.actor) as uow:
                        service.change_booking(uow, one.ref, wish, version=town.booking(one).version)
                case "cancel" if made:
                    owner, one = chance.choice(made)
                    town.cancel(one, by=owner.actor)
                case "refuse" if made:
                    one = chance.choice(made)[1]
                    with town.unit(town.director) as uow:
                        service.refuse(uow, one.ref, "교사 부족", version=town.booking(one).version)
        except DolbomError:
            pass
    town.check()
    with town.unit() as uow:
        beds = uow.session.scalar(
            select(func.count()).select_from(DaycareStay).where(DaycareStay.state == "PLANNED")
        )
        assert beds == uow.session.scalar(select(func.count()).select_from(ChildTime))
        assert beds
