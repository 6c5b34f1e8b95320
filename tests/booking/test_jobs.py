"""The clock's work on bookings: due things happen, once, nothing before its time, and one centre alone fails alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import delete, select, update
from time_machine import Traveller as Clock

from app.accounts.models import UserAccount
from app.booking import jobs, service
from app.booking.rules.states import BookingState, WaitState
from app.centres.jobs import apply_capacities
from app.centres.models import CapacityChange, Gate, Quarter
from app.kernel.audit import AuditLog
from app.kernel.db import TenantRef
from app.kernel.jobs import Job, SomeFailed
from app.kernel.ranges import KST, TimeSpan, kst
from app.messaging.models import Message
from app.tenancy import clock as the_clock
from app.tenancy import settings
from app.tenancy.models import Institution, JobRun
from tests.booking.town import MONDAY, SEM2, TUESDAY, WEDNESDAY, WINTER, Family, Town, found_town

NEW_YEAR = date(2027, 1, 1)
CLOSING = 19 * 60


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


def job(name: str) -> Job:
    return next(one for one in jobs.JOBS if one.name == name)


def run(town: Town, clock: Clock, name: str, slot: datetime) -> None:
    """Twice at that moment: the second run changes nothing."""
    clock.move_to(slot)
    for _ in range(2):
        job(name).run(town.place, slot)
        town.check()


def ran_until(name: str, slot: datetime) -> None:
    """The clock's ledger: that slot is done everywhere."""
    with the_clock.platform_unit() as uow:
        for slug in ("seoul", "gwacheon"):
            uow.session.add(
                JobRun(job=name, tenant=slug, slot=slot, started_at=slot, finished_at=slot, outcome="DONE")
            )


def tick(clock: Clock, name: str, now: datetime) -> None:
    """What a firing or a sweep at that moment does."""
    clock.move_to(now)
    the_clock.run_due(job(name))


def close_gate(town: Town) -> None:
    """From now on every command of this centre fails."""
    with town.unit() as uow:
        uow.session.execute(delete(Gate).where(Gate.centre_id == town.centre_id))


def open_gate(town: Town) -> None:
    with town.unit() as uow:
        uow.session.add(Gate(centre_id=town.centre_id))


def quarter_states(town: Town) -> list[str]:
    with town.unit() as uow:
        query = select(Quarter.state).where(Quarter.centre_id == town.centre_id)
        return list(uow.session.scalars(query.order_by(Quarter.starts_on)))


def bodies(town: Town, template: str) -> list[str]:
    with town.unit() as uow:
        return list(uow.session.scalars(select(Message.body).where(Message.template == template)))


def in_use(town: Town, family: Family) -> str:
    """A regular booking of SEM2 that is used since Tuesday."""
    applied = town.regular(family)
    town.approve(applied)
    ref = applied.outcomes[0].ref
    assert ref is not None
    with time_machine.travel(kst(TUESDAY, 14 * 60), tick=False), town.unit(town.teacher) as uow:
        service.save_care_card(uow, service.Card(family.child, town.centre, "14:00", "17:00"))
        service.start_use(uow, ref)
    return ref


class TestQuarters:
    @pytest.mark.rule("KQ-17")
    @pytest.mark.rule("KB-31")
    @pytest.mark.parametrize(
        ("now", "turned"),
        [
            ("2026-12-31T23:59:59", False),
            ("2027-01-01T00:00:00", False),
            ("2027-01-01T00:04:59", False),
            ("2027-01-01T00:05:00", True),
        ],
    )
    def test_the_year_turns_at_five_past_midnight_in_seoul(
        self, town: Town, clock: Clock, now: str, turned: bool
    ) -> None:
        ref = in_use(town, town.family())
        ran_until("J-01", at("2026-12-31T00:05"))
        for _ in range(2):
            tick(clock, "J-01", at(now))
            town.check()
        assert town.state(ref) is (BookingState.ENDED if turned else BookingState.IN_USE)
        assert quarter_states(town) == (["CLOSED", "CURRENT"] if turned else ["CURRENT", "PLANNED"])
        assert len(bodies(town, "booking.ended")) == int(turned)

    @pytest.mark.rule("KQ-17")
    @pytest.mark.rule("KW-09")
    def test_the_old_quarters_waiting_list_closes_and_undecided_ones_are_left_to_j_08(
        self, small: Town, clock: Clock
    ) -> None:
        held = in_use(small, small.family())
        waiting = small.regular(small.family("이바다")).outcomes[0].ref
        next_quarter = small.regular(small.family("박노을"), WINTER.first, WINTER.last).outcomes[0]
        assert next_quarter.state is BookingState.APPLIED
        run(small, clock, "J-01", kst(NEW_YEAR, 5))
        assert small.state(held) is BookingState.ENDED
        assert (small.state(waiting), small.wait(waiting).state) == (BookingState.EXPIRED, WaitState.EXPIRED)
        assert small.state(next_quarter.ref) is BookingState.APPLIED
        assert len(bodies(small, "waiting.expired")) == 1

    @pytest.mark.rule("KQ-17")
    def test_between_quarters_one_closes_and_the_next_opens_on_its_own_day(
        self, town: Town, clock: Clock
    ) -> None:
        with town.unit() as uow:
            uow.session.execute(
                update(Quarter).where(Quarter.starts_on == WINTER.first).values(starts_on=date(2027, 1, 4))
            )
        seen = []
        for day in (SEM2.last, NEW_YEAR, date(2027, 1, 3), date(2027, 1, 4)):
            run(town, clock, "J-01", kst(day, 5))
            seen.append(quarter_states(town))
        assert seen == [
            ["CURRENT", "PLANNED"],
            ["CLOSED", "PLANNED"],
            ["CLOSED", "PLANNED"],
            ["CLOSED", "CURRENT"],
        ]

    @pytest.mark.rule("KQ-17")
    def test_a_quarter_moved_into_the_future_opens_again(self, town: Town, clock: Clock) -> None:
        run(town, clock, "J-01", kst(NEW_YEAR, 5))
        with town.unit() as uow:
            uow.session.execute(
                update(Quarter)
                .where(Quarter.starts_on == WINTER.first)
                .values(starts_on=date(2027, 1, 4), state="PLANNED")
            )
        run(town, clock, "J-01", kst(date(2027, 1, 4), 5))
        assert quarter_states(town) == ["CLOSED", "CURRENT"]

    @pytest.mark.rule("KQ-17")
    @pytest.mark.rule("GC-23")
    def test_after_a_long_pause_every_quarter_turns_in_order(self, town: Town, clock: Clock) -> None:
        ref = in_use(town, town.family())
        winter = town.regular(town.family("이바다"), WINTER.first, WINTER.last)
        town.approve(winter)
        ran_until("J-01", at("2026-12-30T00:05"))
        tick(clock, "J-01", at("2027-03-02T08:00"))
        town.check()
        assert quarter_states(town) == ["CLOSED", "CLOSED"]
        assert [town.state(one) for one in (ref, winter.outcomes[0].ref)] == [BookingState.ENDED] * 2
        with the_clock.platform_unit() as uow:
            slots = uow.session.scalars(
                select(JobRun.slot)
                .where(JobRun.job == "J-01", JobRun.tenant == "seoul")
                .order_by(JobRun.slot)
            ).all()
        days = [slot.astimezone(KST).date() for slot in slots]
        assert days == [date(2026, 12, 30) + timedelta(days=n) for n in range(63)]
        with town.unit() as uow:
            turned = uow.session.execute(
                select(AuditLog.entity_id, AuditLog.to_state)
                .where(AuditLog.action == "quarter.turn")
                .order_by(AuditLog.id)
            ).all()
        assert [state for _, state in turned] == ["CLOSED", "CLOSED"]
        assert turned[0].entity_id == town.sem2

    @pytest.mark.rule("KB-31")
    def test_care_that_ends_inside_a_quarter_ends_at_midnight(self, town: Town, clock: Clock) -> None:
        friday, saturday = date(2026, 11, 20), date(2026, 11, 21)
        applied = town.regular(town.family(), TUESDAY, friday)
        town.approve(applied)
        run(town, clock, "J-01", kst(friday, 5))
        run(town, clock, "J-07", kst(friday, 23 * 60 + 45))
        assert town.state(applied.outcomes[0].ref) is BookingState.SCHEDULED
        run(town, clock, "J-01", kst(saturday, 5))
        assert town.state(applied.outcomes[0].ref) is BookingState.ENDED
        assert quarter_states(town) == ["CURRENT", "PLANNED"]

    @pytest.mark.rule("KQ-17")
    @pytest.mark.rule("GC-23")
    def test_one_failing_centre_stops_nobody_and_is_made_up_for(
        self, town: Town, seoul: TenantRef, clock: Clock
    ) -> None:
        other = found_town(seoul)
        mine, theirs = in_use(town, town.family()), in_use(other, other.family())
        close_gate(town)
        ran_until("J-01", at("2026-12-31T00:05"))
        tick(clock, "J-01", at("2027-01-01T00:05"))
        assert (town.state(mine), other.state(theirs)) == (BookingState.IN_USE, BookingState.ENDED)
        assert (quarter_states(town)[0], quarter_states(other)[0]) == ("CURRENT", "CLOSED")
        with the_clock.platform_unit() as uow:
            failed = uow.session.scalars(select(JobRun).where(JobRun.outcome == "FAILED")).one()
        assert (failed.tenant, failed.error) == (
            "seoul",
            f"SomeFailed: 1건 실패, 1건 마침 ({town.centre_id}: NotFound)",
        )
        tick(clock, "J-01", at("2027-01-02T00:16"))  # the next day the others go on
        assert quarter_states(other) == ["CLOSED", "CURRENT"]
        open_gate(town)
        tick(clock, "J-01", at("2027-01-02T00:27"))
        assert town.state(mine) is BookingState.ENDED
        assert quarter_states(town) == ["CLOSED", "CURRENT"]
        town.check()


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


class TestEndOfTheDay:
    @pytest.mark.rule("KB-31")
    @pytest.mark.parametrize(
        ("now", "over"),
        [("19:00", False), ("19:15", False), ("19:29:59", False), ("19:30", True), ("23:45", True)],
    )
    def test_a_day_closes_half_an_hour_after_closing_time(
        self, town: Town, clock: Clock, now: str, over: bool
    ) -> None:
        today, tomorrow = (
            town.temporary(town.family(name), day) for name, day in (("김하늘", MONDAY), ("이바다", TUESDAY))
        )
        town.approve(today, tomorrow)
        ran_until("J-07", at("2026-10-12T18:45"))
        tick(clock, "J-07", at(f"2026-10-12T{now}"))
        tick(clock, "J-07", at(f"2026-10-12T{now}"))
        town.check()
        assert town.state(today.outcomes[0].ref) is (BookingState.ENDED if over else BookingState.SCHEDULED)
        assert town.state(tomorrow.outcomes[0].ref) is BookingState.SCHEDULED

    @pytest.mark.rule("KB-31")
    def test_a_centre_may_wait_longer(self, town: Town, clock: Clock) -> None:
        applied = town.temporary(town.family(), TUESDAY)
        town.approve(applied)
        with town.unit(town.city) as uow:
            settings.set_value(
                uow, jobs.CLOSING_GRACE, 60, effective_from=TUESDAY, reason="늦게까지 남는 아동이 있음"
            )
        run(town, clock, "J-07", kst(TUESDAY, CLOSING + 45))
        assert town.state(applied.outcomes[0].ref) is BookingState.SCHEDULED
        run(town, clock, "J-07", kst(TUESDAY, CLOSING + 60))
        assert town.state(applied.outcomes[0].ref) is BookingState.ENDED

    @pytest.mark.rule("KB-31")
    @pytest.mark.rule("GC-23")
    def test_days_the_clock_slept_through_end_in_the_next_night(self, town: Town, clock: Clock) -> None:
        applied = [
            town.temporary(town.family(name), day) for name, day in (("김하늘", MONDAY), ("이바다", TUESDAY))
        ]
        town.approve(*applied)
        run(town, clock, "J-07", kst(WEDNESDAY, 7 * 60))
        assert {town.state(one.outcomes[0].ref) for one in applied} == {BookingState.SCHEDULED}
        run(town, clock, "J-01", kst(WEDNESDAY, 7 * 60 + 1))
        assert {town.state(one.outcomes[0].ref) for one in applied} == {BookingState.ENDED}

    @pytest.mark.rule("KB-31")
    def test_a_failing_centre_closes_later(self, town: Town, seoul: TenantRef, clock: Clock) -> None:
        other = found_town(seoul)
        applied = {one.centre: one.temporary(one.family(), MONDAY) for one in (town, other)}
        for one in (town, other):
            one.approve(applied[one.centre])
        close_gate(town)
        slot = kst(MONDAY, CLOSING + 30)
        clock.move_to(slot)
        with pytest.raises(SomeFailed):
            job("J-07").run(town.place, slot)
        assert other.state(applied[other.centre].outcomes[0].ref) is BookingState.ENDED
        open_gate(town)
        run(town, clock, "J-07", slot + timedelta(minutes=15))
        assert town.state(applied[town.centre].outcomes[0].ref) is BookingState.ENDED


class TestUndecided:
    @pytest.mark.rule("KB-49")
    @pytest.mark.parametrize(
        ("now", "over"),
        [("2026-10-12T23:59:59", False), ("2026-10-13T00:09:59", False), ("2026-10-13T00:10", True)],
    )
    def test_they_lapse_in_the_night_after_their_start(
        self, town: Town, clock: Clock, now: str, over: bool
    ) -> None:
        ref = town.temporary(town.family(), MONDAY).outcomes[0].ref
        ran_until("J-08", at("2026-10-12T00:10"))
        for _ in range(2):
            tick(clock, "J-08", at(now))
        town.check()
        assert town.state(ref) is (BookingState.EXPIRED if over else BookingState.APPLIED)
        assert len(bodies(town, "booking.expired")) == int(over)
        assert len(bodies(town, "booking.expired_centre")) == int(over)

    @pytest.mark.rule("KB-49")
    def test_a_failing_centre_keeps_no_other_from_it(
        self, town: Town, seoul: TenantRef, clock: Clock
    ) -> None:
        other = found_town(seoul)
        refs = [one.temporary(one.family(), MONDAY).outcomes[0].ref for one in (town, other)]
        close_gate(town)
        clock.move_to(kst(TUESDAY, 10))
        with pytest.raises(SomeFailed, match=f"{town.centre_id}: NotFound"):
            job("J-08").run(town.place, kst(TUESDAY, 10))
        assert [town.state(ref) for ref in refs] == [BookingState.APPLIED, BookingState.EXPIRED]


class TestDemand:
    REPORT_DAY = date(2026, 11, 9)

    @pytest.fixture
    def crowded(self, small: Town, clock: Clock) -> Town:
        """Four Mondays on which the only seat was taken from 14:00 to 17:00."""
        for week in range(4):
            clock.move_to(kst(MONDAY, 10 * 60) + timedelta(weeks=week))
            small.temporary(small.family(f"아이{week}"), MONDAY + timedelta(weeks=week))
        return small

    @pytest.mark.rule("KB-41")
    def test_those_who_decide_are_told_once_a_week(self, crowded: Town, clock: Clock) -> None:
        with crowded.unit() as uow:
            director = uow.session.get_one(UserAccount, crowded.director.user_id)
            director.phone, director.email = "", "head@example.kr"
            uow.session.get_one(UserAccount, crowded.teacher.user_id).phone = "01000000000"
        run(crowded, clock, "J-09", kst(self.REPORT_DAY, 6 * 60))
        with crowded.unit() as uow:
            told = dict(
                uow.session.execute(
                    select(Message.to, Message.body).where(Message.template == "booking.demand")
                ).all()
            )
        assert set(told) == {"head@example.kr", "01033334444"}  # the director and the team leader
        assert "11월 8일(일)까지 4주 동안" in told["head@example.kr"]
        assert "월 14:00–17:00\n" in told["head@example.kr"]
        run(crowded, clock, "J-09", kst(self.REPORT_DAY + timedelta(days=1), 6 * 60))
        assert len(bodies(crowded, "booking.demand")) == 2

    @pytest.mark.rule("KB-41")
    @pytest.mark.parametrize(("now", "told"), [("05:59:59", 0), ("06:00", 1)])
    def test_on_monday_at_six(self, crowded: Town, clock: Clock, now: str, told: int) -> None:
        ran_until("J-09", kst(self.REPORT_DAY - timedelta(days=7), 6 * 60))
        tick(clock, "J-09", at(f"2026-11-09T{now}"))
        assert len(bodies(crowded, "booking.demand")) == told

    @pytest.mark.rule("KB-41")
    def test_a_centre_that_was_given_up_or_has_no_such_hours_hears_nothing(
        self, crowded: Town, seoul: TenantRef, clock: Clock
    ) -> None:
        found_town(seoul)
        with crowded.unit() as uow:
            uow.session.get_one(Institution, crowded.centre_id).active = False
        run(crowded, clock, "J-09", kst(self.REPORT_DAY, 6 * 60))
        assert bodies(crowded, "booking.demand") == []
