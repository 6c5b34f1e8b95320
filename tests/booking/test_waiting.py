"""The waiting list: who is offered the seat, for how long, and what ends a wait."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.booking import parameters, queries, service
from app.booking.rules.states import BookingState, WaitState
from app.kernel.db import TenantRef
from app.kernel.errors import Forbidden, NotFound, RuleBroken
from app.kernel.ranges import TimeSpan
from app.messaging.models import Message
from app.tenancy import settings
from tests.booking.town import NOW, TUESDAY, WEDNESDAY, Family, Town, codes, evidence, found_town


def full(town: Town, *, day: date = TUESDAY) -> tuple[Family, str]:
    """One family holds the only seat of the day."""
    family = town.family("첫아이")
    return family, town.temporary(family, day).outcomes[0].ref


def wait(town: Town, name: str, *, hours: str = "14:00-17:00", day: date = TUESDAY, **more: object) -> str:
    family = town.family(name, **more)
    outcome = town.temporary(family, day, hours=TimeSpan.parse(hours)).outcomes[0]
    assert outcome.state is BookingState.WAITING
    return outcome.ref


def withdraw(town: Town, family: Family, ref: str) -> None:
    with town.unit(family.actor) as uow:
        service.withdraw_booking(uow, ref)


@pytest.mark.rule("KW-07")
def test_an_offer_holds_the_seat(small: Town) -> None:
    holder, held = full(small)
    first = wait(small, "이바다")
    withdraw(small, holder, held)
    assert small.state(first) is BookingState.WAITING
    assert small.days(first) == {TUESDAY: "PLANNED"}
    late = small.temporary(small.family("박노을"), TUESDAY).outcomes[0]
    assert late.state is BookingState.WAITING  # KW-07
    small.check()


@pytest.mark.rule("KW-05")
@pytest.mark.rule("KB-38")
def test_rank_goes_before_time_and_who_does_not_fit_is_skipped(
    small: Town, clock: time_machine.Coordinates
) -> None:
    holder, held = full(small)
    early = wait(small, "이바다", grade=5)
    clock.shift(timedelta(minutes=1))
    low_grade = wait(small, "박노을", grade=1, birth=date(2019, 5, 5))
    withdraw(small, holder, held)
    assert small.wait(early).state == WaitState.WAITING
    assert small.wait(low_grade).state == WaitState.OFFERED
    small.check()


@pytest.mark.rule("KW-05")
def test_a_child_that_does_not_fit_keeps_its_place(small: Town) -> None:
    holder = small.family("첫아이")
    morning = small.temporary(holder, TUESDAY, hours=TimeSpan.parse("11:00-13:00")).outcomes[0].ref
    small.temporary(small.family("둘째"), TUESDAY, hours=TimeSpan.parse("14:00-16:00"))
    long = wait(small, "이바다", hours="11:00-16:00")
    short = wait(small, "박노을", hours="11:00-12:00")
    withdraw(small, holder, morning)
    assert small.wait(long).state == WaitState.WAITING
    assert small.wait(short).state == WaitState.OFFERED
    small.check()


@pytest.mark.rule("KB-39")
def test_only_verified_evidence_of_the_year_ranks(small: Town) -> None:
    holder, held = full(small)
    claimed = small.family("이바다", grade=5)
    proven = small.family("박노을", grade=5, ground="dual_income")
    with small.unit() as uow:
        from app.people.models import Child

        evidence(uow, uow.session.get_one(Child, claimed.child_id), "dual_income", state="UPLOADED")
    refs = [small.temporary(one, TUESDAY, ground="dual_income").outcomes[0].ref for one in (claimed, proven)]
    withdraw(small, holder, held)
    assert [small.wait(ref).state for ref in refs] == [WaitState.WAITING, WaitState.OFFERED]


@pytest.mark.rule("KC-07")
def test_nobody_overtakes_the_list(small: Town) -> None:
    """With offers by hand the seat stays free; a newcomer still stands behind who would fit."""
    with small.unit() as uow:
        settings.set_value(uow, parameters.AUTO_OFFER, False, effective_from=uow.today, reason="시험")
    holder, held = full(small)
    first = wait(small, "이바다", hours="14:00-16:00")
    withdraw(small, holder, held)
    assert small.wait(first).state == WaitState.WAITING
    newcomer = small.temporary(small.family("박노을"), TUESDAY, hours=TimeSpan.parse("15:00-17:00"))
    beside = small.temporary(small.family("최들"), TUESDAY, hours=TimeSpan.parse("17:00-18:00"))
    assert newcomer.outcomes[0].state is BookingState.WAITING
    assert beside.outcomes[0].state is BookingState.APPLIED
    with pytest.raises(Forbidden), small.unit(small.teacher) as uow:
        service.offer_by_hand(uow, small.centre)
    with small.unit(small.director) as uow:
        assert service.offer_by_hand(uow, small.centre) == [first]
    with pytest.raises(RuleBroken) as refused, small.unit(small.director) as uow:
        service.offer_by_hand(uow, small.centre)
    assert codes(refused) == ["waiting.nobody_fits"]
    small.check()


@pytest.mark.rule("KW-06")
@pytest.mark.parametrize(
    ("at", "until"),
    [
        (datetime(2026, 10, 12, 1, 0, tzinfo=UTC), datetime(2026, 10, 12, 3, 0, tzinfo=UTC)),
        (
            datetime(2026, 10, 12, 12, 0, tzinfo=UTC),
            datetime(2026, 10, 13, 1, 0, tzinfo=UTC),
        ),  # 21:00 → 10:00
        (
            datetime(2026, 10, 13, 4, 0, tzinfo=UTC),
            datetime(2026, 10, 13, 5, 0, tzinfo=UTC),
        ),  # up to the start
    ],
)
def test_how_long_a_temporary_offer_stands(
    small: Town, clock: time_machine.Coordinates, at: datetime, until: datetime
) -> None:
    holder, held = full(small)
    ref = wait(small, "이바다")
    clock.move_to(at)
    withdraw(small, holder, held)
    assert small.wait(ref).expires_at == until
    with small.unit() as uow:
        assert uow.session.scalars(select(Message.template)).all().count("waiting.offered") == 1


@pytest.mark.rule("KW-06")
def test_an_accepted_offer_is_an_application(small: Town, clock: time_machine.Coordinates) -> None:
    holder, held = full(small)
    ref = wait(small, "이바다")
    withdraw(small, holder, held)
    with pytest.raises(NotFound), small.unit(holder.actor) as uow:
        service.accept_offer(uow, ref)
    clock.shift(timedelta(minutes=119))
    with small.unit(small.families[-1].actor) as uow:
        service.accept_offer(uow, ref)
    booking = small.booking(ref)
    assert (booking.state, booking.applied_at) == (BookingState.APPLIED, NOW)
    assert small.wait(ref).state == WaitState.ACCEPTED
    with pytest.raises(RuleBroken) as refused, small.unit(small.families[-1].actor) as uow:
        service.accept_offer(uow, ref)
    assert codes(refused) == ["waiting.no_offer"]
    small.check()


@pytest.mark.rule("KW-06")
def test_an_offer_cannot_be_accepted_after_its_end(small: Town, clock: time_machine.Coordinates) -> None:
    holder, held = full(small)
    ref = wait(small, "이바다")
    withdraw(small, holder, held)
    clock.shift(timedelta(hours=2))
    with pytest.raises(RuleBroken) as refused, small.unit(small.families[-1].actor) as uow:
        service.accept_offer(uow, ref)
    assert codes(refused) == ["waiting.offer_over"]


@pytest.mark.rule("KW-06")
def test_a_declined_offer_goes_to_the_next(small: Town) -> None:
    holder, held = full(small)
    first, second = wait(small, "이바다"), wait(small, "박노을")
    withdraw(small, holder, held)
    with small.unit(small.teacher) as uow:  # the family answers by telephone
        service.decline_offer(uow, first)
    assert small.state(first) is BookingState.WITHDRAWN
    assert small.wait(first).state == WaitState.DECLINED
    assert small.wait(second).state == WaitState.OFFERED
    small.check()


@pytest.mark.rule("KW-07")
def test_an_expired_offer_goes_to_the_next_in_the_same_unit(
    small: Town, clock: time_machine.Coordinates
) -> None:
    holder, held = full(small)
    first, second = wait(small, "이바다"), wait(small, "박노을")
    withdraw(small, holder, held)
    clock.shift(timedelta(minutes=119, seconds=59))
    with small.unit() as uow:
        assert service.expire_offers(uow, small.centre_id) == 0
    clock.shift(timedelta(seconds=1))
    with small.unit() as uow:
        assert service.expire_offers(uow, small.centre_id) == 1
        assert service.expire_offers(uow, small.centre_id) == 0
    assert small.state(first) is BookingState.EXPIRED
    assert small.wait(second).state == WaitState.OFFERED
    small.check()


@pytest.mark.rule("KW-08")
def test_accepting_one_seat_withdraws_the_waits_it_overlaps(
    small: Town, seoul: TenantRef, clock: time_machine.Coordinates
) -> None:
    other = found_town(seoul, capacity=1)
    other.temporary(other.family("옆집"), TUESDAY)
    holder, held = full(small)
    child = small.family("이바다")
    here = small.temporary(child, TUESDAY).outcomes[0].ref
    there = other.temporary(child, TUESDAY, hours=TimeSpan.parse("16:00-18:00")).outcomes[0].ref
    beside = small.temporary(child, TUESDAY, hours=TimeSpan.parse("17:00-18:00")).outcomes[0].ref
    withdraw(small, holder, held)
    assert other.wait(there).state == WaitState.WAITING
    with small.unit(child.actor) as uow:
        service.accept_offer(uow, here)
    assert other.wait(there).state == WaitState.WITHDRAWN
    assert other.state(there) is BookingState.WITHDRAWN
    assert small.state(beside) is BookingState.APPLIED
    small.check()


@pytest.mark.rule("KW-08")
def test_a_child_that_is_elsewhere_meanwhile_is_passed_over(small: Town, seoul: TenantRef) -> None:
    other = found_town(seoul)
    holder, held = full(small)
    child = small.family("이바다")
    here = small.temporary(child, TUESDAY).outcomes[0].ref
    next_one = wait(small, "박노을")
    other.temporary(child, TUESDAY)
    withdraw(small, holder, held)
    assert small.state(here) is BookingState.WITHDRAWN
    assert small.wait(next_one).state == WaitState.OFFERED
    small.check()


@pytest.mark.rule("KB-36")
def test_a_younger_child_is_not_seated_without_the_elder(
    clock: time_machine.Coordinates, seoul: TenantRef
) -> None:
    town = found_town(seoul, capacity=2, allow_preschool_sibling=True)
    holder = town.family("첫아이")
    held = town.temporary(holder, TUESDAY).outcomes[0].ref
    elder = town.family("누나")
    younger = town.sibling(elder, "동생", date(2021, 1, 1))
    beside = town.temporary(elder, TUESDAY).outcomes[0].ref
    waiting = town.temporary(younger, TUESDAY).outcomes[0].ref
    assert town.state(waiting) is BookingState.WAITING
    withdraw(town, elder, beside)
    assert town.state(waiting) is BookingState.WITHDRAWN
    withdraw(town, holder, held)
    town.check()


@pytest.mark.rule("KW-09")
def test_a_temporary_wait_ends_when_its_time_begins(small: Town, clock: time_machine.Coordinates) -> None:
    full(small)
    ref = wait(small, "이바다", hours="14:30-17:00")
    clock.move_to(datetime(2026, 10, 13, 5, 29, tzinfo=UTC))
    with small.unit() as uow:
        assert service.expire_started_waits(uow, small.centre_id) == 0
    clock.shift(timedelta(minutes=1))
    with small.unit() as uow:
        assert service.expire_started_waits(uow, small.centre_id) == 1
    assert (small.state(ref), small.wait(ref).state) == (BookingState.EXPIRED, WaitState.EXPIRED)
    small.check()


@pytest.mark.rule("KW-09")
def test_a_regular_wait_ends_with_its_quarter(small: Town, clock: time_machine.Coordinates) -> None:
    small.regular(small.family())
    ref = small.regular(small.family("이바다")).outcomes[0].ref
    clock.move_to(datetime(2026, 12, 31, 14, 59, tzinfo=UTC))
    with small.unit() as uow:
        assert service.expire_started_waits(uow, small.centre_id) == 0
    clock.shift(timedelta(minutes=1))
    with small.unit() as uow:
        assert service.expire_started_waits(uow, small.centre_id) == 1
    assert small.state(ref) is BookingState.EXPIRED


@pytest.mark.rule("KW-05")
def test_a_regular_seat_freed_late_starts_after_the_answer_is_due(
    small: Town, clock: time_machine.Coordinates
) -> None:
    family = small.family()
    held = small.regular(family).outcomes[0].ref
    ref = small.regular(small.family("이바다")).outcomes[0].ref
    clock.shift(timedelta(days=9))  # Wednesday 21 October, the wished start is past
    withdraw(small, family, held)
    booking = small.booking(ref)
    assert small.wait(ref).expires_at == NOW + timedelta(days=10)
    assert booking.starts_on == date(2026, 10, 23)
    assert min(small.days(ref)) == date(2026, 10, 23)
    small.check()


@pytest.mark.rule("KW-02")
@pytest.mark.rule("KW-10")
def test_lists_are_separate_and_positions_counted(small: Town) -> None:
    full(small)
    wait(small, "이바다", hours="14:00-16:00")
    wait(small, "박노을", hours="16:00-17:00")
    wait(small, "최들", hours="15:00-16:30", grade=5)
    small.regular(small.family("정기하나"))
    small.regular(small.family("정기둘"))
    with small.unit(small.teacher) as uow:
        rows = queries.waiting_list(uow, small.row(uow))
    assert [(row.child_name, row.position) for row in rows] == [
        ("정기하나", 1),
        ("정기둘", 2),
        ("이바다", 1),
        ("박노을", 1),
        ("최들", 3),
    ]
    with pytest.raises(Forbidden), small.unit(small.families[0].actor) as uow:
        queries.waiting_list(uow, small.row(uow))
    assert WEDNESDAY > TUESDAY
