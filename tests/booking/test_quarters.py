"""A centre's calendar changes and its bookings follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.booking import service
from app.booking.rules.states import BookingState, WaitState
from app.centres import bookings as centre_bookings
from app.centres.models import KiumCentre, Quarter, SpecialDay
from app.centres.queries import quarter_by_ref, quarters_of
from app.centres.rules import QuarterState, SpecialDayKind, StaffPlan
from app.centres.service.special_days import NewSpecialDay
from app.kernel.errors import Forbidden, NotFound, RuleBroken
from app.kernel.ranges import DateSpan, TimeSpan
from app.messaging.models import Message
from tests.booking.test_gate_cost import behind_the_gate
from tests.booking.town import MONDAY, SEM2, TUESDAY, WEDNESDAY, WINTER, Town, codes, found_town

EARLIER = date(2026, 11, 30)


def change(town: Town, last: date = EARLIER, **plan: object) -> object:
    with town.unit(town.director) as uow:
        quarter = quarters_of(uow, town.centre_id)[0]
        new = replace(quarter.plan, span=DateSpan(SEM2.first, last), **plan)
        return service.change_quarter(uow, quarter.ref, new, quarter.version)


@pytest.mark.rule("KQ-04")
def test_a_shorter_quarter_clips_and_tells(town: Town) -> None:
    ref = town.regular(town.family(), TUESDAY).outcomes[0].ref
    short = town.regular(town.family("이바다"), date(2026, 11, 20)).outcomes[0].ref
    other = town.regular(town.family("박노을"), TUESDAY, EARLIER).outcomes[0].ref
    changed = change(town)
    assert {row.ref for row in changed.impact.shortened} == {ref, short}
    assert town.booking(ref).ends_on == town.booking(other).ends_on == EARLIER
    assert town.state(short) is BookingState.APPLIED  # eleven days, and still valid
    assert {state for day, state in town.days(ref).items() if day > EARLIER} == {"CANCELLED"}
    with town.unit() as uow:
        told = uow.session.scalars(
            select(Message.subject_id).where(Message.template == "booking.shortened")
        ).all()
    assert set(told) == {town.booking(ref).id, town.booking(short).id}
    town.approve_ref(short)
    town.check()


@pytest.mark.rule("KQ-04")
def test_a_booking_of_which_no_day_is_left_ends(town: Town) -> None:
    families = [town.family(), town.family("이바다")]
    undecided, approved = (town.regular(one, date(2026, 12, 1)) for one in families)
    town.approve(approved)
    change(town)
    assert town.state(undecided.outcomes[0].ref) is BookingState.DISAPPROVED
    assert town.state(approved.outcomes[0].ref) is BookingState.CANCELLED
    with town.unit() as uow:
        told = uow.session.scalars(
            select(Message.template).where(Message.body.contains("운영기간 변경"))
        ).all()
    assert sorted(told) == ["booking.cancelled", "booking.disapproved"]
    town.check()


@pytest.mark.rule("KQ-04")
def test_a_longer_quarter_lengthens_nobody(town: Town) -> None:
    change(town)
    ref = town.regular(town.family(), TUESDAY).outcomes[0].ref
    changed = change(town, SEM2.last)
    assert changed.impact.could_grow == (ref,)
    assert town.booking(ref).ends_on == EARLIER
    town.check()


@pytest.mark.rule("KC-08")
def test_a_smaller_roster_flags_but_cancels_nothing(town: Town) -> None:
    refs = [town.regular(town.family(f"아이{n}")).outcomes[0].ref for n in range(3)]
    nobody = StaffPlan(
        {key: ((TimeSpan.parse("11:00-16:00"), 1),) for key in ("mon", "tue", "wed", "thu", "fri")}
    )
    change(town, SEM2.last, staff=nobody)
    assert all(town.booking(ref).over_limit for ref in refs)
    assert {town.state(ref) for ref in refs} == {BookingState.APPLIED}
    with pytest.raises(RuleBroken) as refused, town.unit(town.director) as uow:
        service.approve(uow, refs[0], {"decision.not_counselled": "전화"})
    assert "decision.seat_conflict" in codes(refused)
    town.check()


@pytest.mark.rule("KQ-15")
def test_a_quarter_with_bookings_is_not_deleted(town: Town) -> None:
    town.temporary(town.family(), TUESDAY)
    with town.unit(town.director) as uow:
        sem2, winter = quarters_of(uow, town.centre_id)
    with pytest.raises(RuleBroken) as refused, town.unit(town.director) as uow:
        service.delete_quarter(uow, sem2.ref, sem2.version)
    assert "예약 1건" in refused.value.problems[0].sentence
    with town.unit(town.director) as uow:
        service.delete_quarter(uow, winter.ref, winter.version)
        assert [row.ref for row in quarters_of(uow, town.centre_id)] == [sem2.ref]


def test_who_may_not_change_a_quarter_does_not_wait_at_its_gate(town: Town) -> None:
    elsewhere = found_town(town.place)
    with town.unit(town.director) as uow:
        quarter = quarters_of(uow, town.centre_id)[1]
    for actor, refusal in ((elsewhere.director, NotFound), (town.city, Forbidden)):
        with behind_the_gate() as seen, town.unit(actor) as uow:
            with pytest.raises(refusal):
                service.change_quarter(uow, quarter.ref, quarter.plan, quarter.version)
            with pytest.raises(refusal):
                service.delete_quarter(uow, quarter.ref, quarter.version)
        assert seen == []


@pytest.mark.rule("KQ-11")
def test_a_closed_day_cancels_its_day_and_only_that(town: Town) -> None:
    regular = town.regular(town.family()).outcomes[0].ref
    applied, approved = (town.temporary(town.family(name), TUESDAY) for name in ("이바다", "박노을"))
    town.approve(approved)
    with town.unit(town.director) as uow:
        service.declare_special_day(
            uow, town.centre, NewSpecialDay(TUESDAY, SpecialDayKind.CENTRE_CLOSED, note="방역")
        )
    assert town.days(regular)[TUESDAY] == "CANCELLED"
    assert town.days(regular)[WEDNESDAY] == "PLANNED"
    assert town.state(regular) is BookingState.APPLIED
    assert town.state(applied.outcomes[0].ref) is BookingState.DISAPPROVED
    assert town.state(approved.outcomes[0].ref) is BookingState.CANCELLED
    with town.unit() as uow:
        told = uow.session.scalars(select(Message.body).where(Message.template == "booking.day_closed")).all()
    assert len(told) == 3
    assert "10월 13일(화)에 센터가 쉬어요(휴원)" in told[0]
    town.check()


def test_a_closed_day_ends_its_waits_and_a_day_taken_back_is_free_again(small: Town) -> None:
    small.temporary(small.family(), TUESDAY)
    waiting = small.temporary(small.family("이바다"), TUESDAY).outcomes[0].ref
    with small.unit(small.director) as uow:
        service.declare_special_day(uow, small.centre, NewSpecialDay(TUESDAY, SpecialDayKind.CENTRE_CLOSED))
    assert small.state(waiting) is BookingState.WITHDRAWN
    small.check()
    with small.unit(small.director) as uow:
        service.remove_special_day(uow, uow.session.scalars(select(SpecialDay.ref)).one())
    assert small.temporary(small.family("박노을"), TUESDAY).outcomes[0].state is BookingState.APPLIED
    small.check()


@pytest.mark.rule("KQ-11")
def test_a_school_free_day_keeps_the_booked_times(town: Town) -> None:
    ref = town.regular(town.family()).outcomes[0].ref
    with town.unit(town.director) as uow:
        service.declare_special_day(uow, town.centre, NewSpecialDay(TUESDAY, SpecialDayKind.SHORT_VACATION))
    assert town.days(ref)[TUESDAY] == "PLANNED"
    early = town.temporary(town.family("이바다"), TUESDAY, hours=TimeSpan.parse("09:00-11:00"))
    assert early.outcomes[0].state is BookingState.APPLIED
    town.check()


@pytest.mark.rule("KW-05")
def test_more_places_wake_the_list(small: Town) -> None:
    small.temporary(small.family(), TUESDAY)
    waiting = small.temporary(small.family("이바다"), TUESDAY).outcomes[0].ref
    with small.unit() as uow:
        uow.session.get_one(KiumCentre, small.centre_id).base_capacity = 2
        uow.session.flush()
        centre_bookings.of_this_house().seats_changed(uow, small.row(uow))
    assert small.wait(waiting).state == WaitState.OFFERED
    small.check()


@pytest.mark.rule("KC-11")
def test_centres_learn_the_enrolment_of_coming_days(town: Town) -> None:
    town.regular(town.family(), TUESDAY, date(2026, 11, 20))
    town.regular(town.family("이바다"), date(2026, 11, 1))
    with town.unit() as uow:
        enrolled = centre_bookings.of_this_house().enrolled(uow, town.centre_id, uow.today)
    assert MONDAY not in enrolled
    expected = {TUESDAY: 1, date(2026, 11, 1): 2, date(2026, 11, 20): 2, date(2026, 12, 31): 1}
    assert {day: enrolled[day] for day in expected} == expected


@pytest.mark.rule("KQ-17")
@pytest.mark.rule("KB-31")
def test_quarters_turn(town: Town, clock: time_machine.Coordinates) -> None:
    applied = town.regular(town.family(), TUESDAY)
    town.approve(applied)
    with town.unit() as uow:
        assert service.quarters_due(uow) == []
    clock.move_to(datetime(2026, 12, 31, 15, 5, tzinfo=UTC))  # 1 January 2027, 00:05 in Seoul
    for _ in range(2):
        with town.unit() as uow:
            due = service.quarters_due(uow)
        for centre_id, quarter_id, state in due:
            with town.unit() as uow:
                if state is QuarterState.CLOSED:
                    service.close_quarter(uow, centre_id, quarter_id)
                else:
                    service.open_quarter(uow, centre_id, quarter_id)
    assert due == []
    assert town.state(applied.outcomes[0].ref) is BookingState.ENDED
    assert set(town.days(applied.outcomes[0].ref).values()) == {"ENDED"}
    with town.unit() as uow:
        states = uow.session.scalars(select(Quarter.state).order_by(Quarter.starts_on)).all()
        assert states == [QuarterState.CLOSED, QuarterState.CURRENT]
        assert quarter_by_ref(uow, quarters_of(uow, town.centre_id)[1].ref).span == WINTER
    town.check()


@pytest.mark.rule("KB-31")
def test_a_temporary_day_ends_at_closing_even_if_never_started(
    town: Town, clock: time_machine.Coordinates
) -> None:
    used, unused = (town.temporary(town.family(name), MONDAY) for name in ("김하늘", "이바다"))
    tomorrow = town.temporary(town.family("박노을"), TUESDAY)
    town.approve(used, unused, tomorrow)
    with town.unit(town.teacher) as uow:
        service.start_use(uow, used.outcomes[0].ref)
    clock.move_to(datetime(2026, 10, 12, 10, 30, tzinfo=UTC))
    for _ in range(2):
        with town.unit() as uow:
            service.close_day(uow, town.centre_id, MONDAY)
    states = [town.state(one.outcomes[0].ref) for one in (used, unused, tomorrow)]
    assert states == [BookingState.ENDED, BookingState.ENDED, BookingState.SCHEDULED]
    town.check()


@pytest.mark.rule("KB-31")
def test_regular_care_ends_after_its_last_day_not_on_it(town: Town, clock: time_machine.Coordinates) -> None:
    applied = town.regular(town.family(), TUESDAY, date(2026, 11, 20))
    town.approve(applied)
    clock.move_to(datetime(2026, 11, 20, 14, 55, tzinfo=UTC))
    with town.unit() as uow:
        service.close_day(uow, town.centre_id, date(2026, 11, 20))
    assert town.state(applied.outcomes[0].ref) is BookingState.SCHEDULED
    clock.shift(timedelta(hours=1))
    with town.unit() as uow:
        service.close_day(uow, town.centre_id, date(2026, 11, 20))
    assert town.state(applied.outcomes[0].ref) is BookingState.ENDED
    town.check()


@pytest.mark.rule("KB-49")
def test_undecided_applications_lapse_the_day_after_their_start(
    small: Town, clock: time_machine.Coordinates
) -> None:
    ref = small.regular(small.family(), MONDAY).outcomes[0].ref
    waiting = small.regular(small.family("이바다"), date(2026, 10, 20)).outcomes[0].ref
    with small.unit() as uow:
        assert service.expire_undecided(uow, small.centre_id) == 0
    clock.move_to(datetime(2026, 10, 12, 15, 10, tzinfo=UTC))
    for expected in (1, 0):
        with small.unit() as uow:
            assert service.expire_undecided(uow, small.centre_id) == expected
    assert small.state(ref) is BookingState.EXPIRED
    assert small.wait(waiting).state == WaitState.OFFERED
    with small.unit() as uow:
        told = uow.session.scalars(select(Message.to).where(Message.template.like("booking.expired%"))).all()
    assert sorted(told) == ["01033334444", "01055556666"]
    small.check()


@pytest.mark.rule("KB-41")
@pytest.mark.parametrize(("weeks", "reported"), [(4, True), (3, False)])
def test_demand_that_keeps_coming_back_is_reported(
    small: Town, clock: time_machine.Coordinates, weeks: int, reported: bool
) -> None:
    for week in range(4 - weeks, 4):
        clock.move_to(datetime(2026, 10, 12, 1, 0, tzinfo=UTC) + timedelta(weeks=week))
        small.temporary(small.family(f"아이{week}"), MONDAY + timedelta(weeks=week))
    clock.move_to(datetime(2026, 11, 9, 0, 0, tzinfo=UTC))
    with small.unit() as uow:
        report = service.demand_report(uow, small.row(uow))
    assert report.until == date(2026, 11, 8)
    slots = [line.slot for line in report.lines]
    assert slots == ([("mon", minute) for minute in range(840, 1020, 30)] if reported else [])
