"""J-03 and J-04: offers run out, waits end, and what is free is offered, each at its time."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from time_machine import Traveller as Clock

from app.booking import service
from app.booking.rules.states import BookingState, WaitState
from app.centres.jobs import apply_capacities
from app.centres.models import CapacityChange
from app.kernel.db import TenantRef
from app.kernel.jobs import SomeFailed
from app.kernel.ranges import TimeSpan, kst
from tests.booking.clockwork import at, bodies, close_gate, job, run
from tests.booking.town import MONDAY, TUESDAY, WEDNESDAY, Town, found_town


class TestWaiting:
    @pytest.fixture
    def offered(self, small: Town, clock: Clock) -> tuple[Town, str, str]:
        """At 10:00 a temporary seat of Wednesday was offered to one, another waits behind."""
        holder = small.family("첫아이")
        held = small.temporary(holder, WEDNESDAY).outcomes[0].ref
        first = small.temporary(small.family("이바다"), WEDNESDAY).outcomes[0].ref
        clock.shift(timedelta(minutes=1))
        second = small.temporary(small.family("박노을", date(2018, 6, 6)), WEDNESDAY).outcomes[0].ref
        clock.move_to(kst(MONDAY, 10 * 60))
        with small.unit(holder.actor) as uow:
            service.withdraw_booking(uow, held)
        assert small.wait(first).state == WaitState.OFFERED
        return small, first, second

    @pytest.mark.rule("KW-06")
    @pytest.mark.rule("KW-07")
    @pytest.mark.parametrize(("now", "over"), [("11:55", False), ("11:59", False), ("12:00", True)])
    def test_an_offer_lapses_and_the_next_is_offered(
        self, offered: tuple[Town, str, str], clock: Clock, now: str, over: bool
    ) -> None:
        town, first, second = offered
        run(town, clock, "J-03", at(f"2026-10-12T{now}"))
        states = [town.wait(ref).state for ref in (first, second)]
        assert states == (
            [WaitState.EXPIRED, WaitState.OFFERED] if over else [WaitState.OFFERED, WaitState.WAITING]
        )
        assert len(bodies(town, "waiting.offer_expired")) == int(over)

    @pytest.mark.rule("KW-06")
    @pytest.mark.parametrize(
        ("lapses", "until"),
        [
            ("2026-10-12T20:55", "2026-10-12T22:55"),
            ("2026-10-12T21:00", "2026-10-13T10:00"),
            ("2026-10-13T07:55", "2026-10-13T10:00"),
            ("2026-10-13T08:00", "2026-10-13T10:00"),
        ],
    )
    def test_an_offer_of_the_night_begins_to_count_at_eight(
        self, offered: tuple[Town, str, str], clock: Clock, lapses: str, until: str
    ) -> None:
        town, _, second = offered
        run(town, clock, "J-03", at(lapses))
        assert town.wait(second).state == WaitState.OFFERED
        assert town.wait(second).expires_at == at(until)
        run(town, clock, "J-03", at(until) - timedelta(minutes=5))
        assert town.wait(second).state == WaitState.OFFERED
        run(town, clock, "J-03", at(until))
        assert town.wait(second).state == WaitState.EXPIRED

    @pytest.mark.rule("KW-09")
    @pytest.mark.parametrize(("now", "over"), [("14:25", False), ("14:30", True)])
    def test_a_temporary_wait_ends_with_the_start_of_its_time(
        self, small: Town, clock: Clock, now: str, over: bool
    ) -> None:
        small.temporary(small.family(), MONDAY)
        waiting = small.temporary(small.family("이바다"), MONDAY, hours=TimeSpan.parse("14:30-17:00"))
        ref = waiting.outcomes[0].ref
        run(small, clock, "J-03", at(f"2026-10-12T{now}"))
        assert small.state(ref) is (BookingState.EXPIRED if over else BookingState.WAITING)
        assert len(bodies(small, "waiting.expired")) == int(over)

    @pytest.mark.rule("KW-05")
    def test_a_regular_child_is_offered_once_the_crowded_day_has_passed(
        self, small: Town, clock: Clock
    ) -> None:
        small.temporary(small.family(), TUESDAY)
        ref = small.regular(small.family("이바다"), TUESDAY).outcomes[0].ref
        run(small, clock, "J-03", kst(MONDAY, 12 * 60))
        assert small.wait(ref).state == WaitState.WAITING
        run(small, clock, "J-03", kst(TUESDAY, 9 * 60))
        offer = small.wait(ref)
        assert offer.state == WaitState.OFFERED
        assert min(small.days(ref)) == date(2026, 10, 15)
        run(small, clock, "J-03", kst(WEDNESDAY, 9 * 60))
        assert small.state(ref) is BookingState.EXPIRED

    @pytest.mark.rule("KW-06")
    def test_another_centres_failure_leaves_the_offers_alone(
        self, offered: tuple[Town, str, str], seoul: TenantRef, clock: Clock
    ) -> None:
        town, first, second = offered
        broken = found_town(seoul, capacity=1)
        for name in ("최들", "한강"):
            broken.temporary(broken.family(name), WEDNESDAY)
        close_gate(broken)
        clock.move_to(kst(MONDAY, 12 * 60))
        with pytest.raises(SomeFailed, match=str(broken.centre_id)):
            job("J-03").run(town.place, kst(MONDAY, 12 * 60))
        assert [town.wait(ref).state for ref in (first, second)] == [WaitState.EXPIRED, WaitState.OFFERED]

    @pytest.mark.rule("KC-10")
    @pytest.mark.rule("KW-05")
    def test_a_new_capacity_wakes_the_list_on_its_day(self, small: Town, clock: Clock) -> None:
        small.regular(small.family(), TUESDAY)
        ref = small.regular(small.family("이바다"), TUESDAY).outcomes[0].ref
        with small.unit() as uow:
            uow.session.add(
                CapacityChange(
                    centre_id=small.centre_id,
                    old_capacity=1,
                    new_capacity=2,
                    old_area=Decimal(80),
                    new_area=Decimal(80),
                    effective_on=TUESDAY,
                    reason="증축",
                    state="APPROVED",
                    created_at=uow.now,
                )
            )
        for slot, capacity, state in (
            (kst(MONDAY, 23 * 60 + 59), 1, WaitState.WAITING),
            (kst(TUESDAY, 2), 2, WaitState.OFFERED),
            (kst(TUESDAY, 2), 2, WaitState.OFFERED),
        ):
            clock.move_to(slot)
            apply_capacities(small.place, slot)
            with small.unit() as uow:
                assert small.row(uow).base_capacity == capacity
            assert small.wait(ref).state == state
            small.check()
