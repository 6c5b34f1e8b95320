"""Many at once, each on a connection of its own, on a database of their own: the gate keeps count."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
import time_machine
from sqlalchemy import func, select

from app.booking import service
from app.booking.models import Booking, UsageDay
from app.booking.rules.states import BookingKind, BookingState, WaitState
from app.centres.rules import CentreKind
from app.kernel import submission
from app.kernel.db import Database
from app.kernel.errors import AlreadySubmitted, RuleBroken
from app.kernel.ranges import TimeSpan
from tests.booking.town import NOW, TUESDAY, WEDNESDAY, Family, Town, found_town
from tests.conftest import SEOUL
from tests.racing import at_once

pytestmark = pytest.mark.race


@pytest.fixture
def field(own_house: Database) -> Iterator[time_machine.Coordinates]:
    """The usual Monday morning."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.mark.rule("KC-07")
@pytest.mark.rule("KW-03")
def test_sixty_parents_and_twenty_seats(field: time_machine.Coordinates) -> None:
    hub = found_town(SEOUL, kind=CentreKind.HUB, capacity=20, heads=2)
    families = [hub.family(f"아이{n}") for n in range(62)]
    answers = at_once(*[lambda f=family: hub.temporary(f, TUESDAY).outcomes[0].state for family in families])
    states = Counter(
        answer.problems[0].code if isinstance(answer, RuleBroken) else str(answer) for answer in answers
    )
    assert states == {"APPLIED": 20, "WAITING": 40, "waiting.list_full": 2}
    with hub.unit() as uow:
        assert uow.session.scalar(select(func.count()).select_from(UsageDay)) == 20
        numbers = uow.session.scalars(select(Booking.number).order_by(Booking.number)).all()
    assert numbers == [f"2026-00-{n:04d}" for n in range(1, 61)]
    hub.check()


@pytest.mark.rule("KC-06")
def test_regular_and_temporary_together_never_exceed_the_places(field: time_machine.Coordinates) -> None:
    town = found_town(SEOUL, capacity=3, heads=1)
    families = [town.family(f"아이{n}") for n in range(10)]
    attempts = [
        (lambda f=family: town.regular(f)) if n % 2 else (lambda f=family: town.temporary(f, TUESDAY))
        for n, family in enumerate(families)
    ]
    at_once(*attempts)
    with town.unit() as uow:
        states = Counter(uow.session.scalars(select(Booking.state)))
    assert states == {"APPLIED": 3, "WAITING": 7}
    town.check()


def test_two_directors_on_one_row(field: time_machine.Coordinates) -> None:
    town = found_town(SEOUL)
    ref = town.temporary(town.family(), TUESDAY).outcomes[0].ref

    def decide(approve: bool) -> str:
        with town.unit(town.director) as uow:
            if approve:
                service.approve(uow, ref)
            else:
                service.disapprove(uow, ref, "정원 초과")
        return "done"

    answers = at_once(lambda: decide(True), lambda: decide(False), lambda: decide(True))
    assert answers.count("done") == 1
    refused = [answer.problems[0].code for answer in answers if isinstance(answer, RuleBroken)]
    assert refused == ["booking.already_decided"] * 2
    town.check()


@pytest.mark.rule("KW-07")
def test_withdrawing_accepting_and_applying_meet(field: time_machine.Coordinates) -> None:
    """One seat, one holder, three who wait, five who come: whatever the order, one child sits."""
    town = found_town(SEOUL, capacity=1)
    holder = town.family("첫아이")
    held = town.temporary(holder, TUESDAY).outcomes[0].ref
    waiters = [town.family(f"대기{n}") for n in range(2)]
    refs = [town.temporary(one, TUESDAY).outcomes[0].ref for one in waiters]
    newcomers = [town.family(f"새{n}") for n in range(5)]

    def act(family: Family, command: Callable[..., object], ref: str) -> object:
        with town.unit(family.actor) as uow:
            return command(uow, ref)

    at_once(
        lambda: act(holder, service.withdraw_booking, held),
        *[lambda f=f, r=r: act(f, service.accept_offer, r) for f, r in zip(waiters, refs, strict=True)],
        lambda: act(waiters[0], service.withdraw_booking, refs[0]),
        *[lambda f=f: town.temporary(f, TUESDAY) for f in newcomers],
    )
    with town.unit() as uow:
        assert uow.session.scalar(select(func.count()).select_from(UsageDay)) == 1
    assert town.state(held) is BookingState.WITHDRAWN
    town.check()


def test_one_press_too_many(field: time_machine.Coordinates) -> None:
    town = found_town(SEOUL)
    family, request_id = town.family(), secrets.token_hex(16)
    command = service.Application(
        request_id=request_id,
        centre=town.centre,
        child=family.child,
        kind=BookingKind.TEMPORARY,
        contact_phone="01055556666",
        wishes=(service.Wish(TUESDAY, TimeSpan.parse("14:00-15:00")),),
    )

    def press() -> str:
        with town.unit(family.actor) as uow:
            applied = service.apply_booking(uow, command)
            submission.answered_at(uow, request_id, f"/seoul/{applied.batch}")
        return f"/seoul/{applied.batch}"

    answers = at_once(*[press] * 5)
    pages = {answer.result_url if isinstance(answer, AlreadySubmitted) else answer for answer in answers}
    assert len(pages) == 1
    with town.unit() as uow:
        assert uow.session.scalar(select(func.count()).select_from(Booking)) == 1
    town.check()


@pytest.mark.rule("KB-12")
def test_one_child_at_two_centres_at_once(field: time_machine.Coordinates) -> None:
    here, there = found_town(SEOUL), found_town(SEOUL)
    family = here.family()
    answers = at_once(
        *[
            lambda town=town, day=day: town.temporary(family, day)
            for town in (here, there)
            for day in (TUESDAY, WEDNESDAY)
        ]
    )
    taken = [answer for answer in answers if isinstance(answer, service.Applied)]
    refused = [answer.problems[0].code for answer in answers if isinstance(answer, RuleBroken)]
    assert (len(taken), refused) == (2, ["booking.overlaps"] * 2)
    here.check()


@pytest.mark.rule("KW-08")
def test_crossed_offers_at_two_centres_do_not_deadlock(field: time_machine.Coordinates) -> None:
    """The same children wait at both places; both places free their seats at once, again and again."""
    towns = [found_town(SEOUL, capacity=1), found_town(SEOUL, capacity=1)]
    children = [towns[0].family(f"대기{n}") for n in range(2)]
    for day in (TUESDAY, WEDNESDAY):
        holders = [(town, town.family("자리")) for town in towns]
        held = [town.temporary(family, day).outcomes[0].ref for town, family in holders]
        for town, order in zip(towns, (children, children[::-1]), strict=True):
            for family in order:
                assert town.temporary(family, day).outcomes[0].state is BookingState.WAITING

        def free(town: Town, family: Family, ref: str) -> None:
            with town.unit(family.actor) as uow:
                service.withdraw_booking(uow, ref)

        answers = at_once(
            *[
                lambda t=town, f=family, r=ref: free(t, f, r)
                for (town, family), ref in zip(holders, held, strict=True)
            ]
        )
        assert answers == [None, None]
    with towns[0].unit() as uow:
        from app.booking.models import WaitlistEntry

        states = Counter(uow.session.scalars(select(WaitlistEntry.state)))
    assert states[WaitState.OFFERED] == 4
    towns[0].check()
