"""The clock's work on bookings: due things happen, once, nothing before its time, and one centre alone fails alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from time_machine import Traveller as Clock

from app.accounts.models import UserAccount
from app.booking import jobs
from app.booking.rules.states import BookingState, WaitState
from app.centres.models import Quarter
from app.kernel.audit import AuditLog
from app.kernel.db import TenantRef
from app.kernel.jobs import SomeFailed
from app.kernel.ranges import KST, kst
from app.messaging.models import Message
from app.tenancy import clock as the_clock
from app.tenancy import settings
from app.tenancy.models import Institution, JobRun
from tests.booking.clockwork import (
    at,
    bodies,
    close_gate,
    in_use,
    job,
    open_gate,
    quarter_states,
    ran_until,
    run,
    tick,
)
from tests.booking.town import MONDAY, SEM2, TUESDAY, WEDNESDAY, WINTER, Town, found_town

NEW_YEAR = date(2027, 1, 1)
CLOSING = 19 * 60


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
