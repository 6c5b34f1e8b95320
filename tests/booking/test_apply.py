"""Applications: seated, waiting or refused."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from app.booking import service
from app.booking.models import Booking
from app.booking.rules.states import BookingKind, BookingState
from app.centres.rules import CentreKind
from app.kernel import submission
from app.kernel.db import TenantRef
from app.kernel.errors import AlreadySubmitted, Forbidden, NotFound, RuleBroken
from app.kernel.ranges import DateSpan, TimeSpan
from app.messaging.models import Message
from app.people.models import ChildCentre, ChildTime, HealthNote
from app.people.rules import Channel
from tests.booking.town import EVERY_DAY, MONDAY, NOW, SEM2, TUESDAY, WEDNESDAY, Town, codes, found_town

APPLIED, WAITING = BookingState.APPLIED, BookingState.WAITING
SATURDAY = date(2026, 10, 17)


@pytest.mark.rule("KB-07")
def test_each_date_is_a_booking_of_its_own(town: Town) -> None:
    applied = town.temporary(town.family(), TUESDAY, WEDNESDAY, SATURDAY)
    assert [outcome.state for outcome in applied.outcomes] == [APPLIED, APPLIED, None]
    assert applied.outcomes[2].problems[0].code == "booking.closed_day"
    first, second = applied.outcomes[:2]
    assert town.booking(first.ref).batch == town.booking(second.ref).batch == applied.batch
    assert town.days(first.ref) == {TUESDAY: "PLANNED"}
    town.check()


def test_nothing_is_written_when_every_date_is_refused(town: Town) -> None:
    family = town.family()
    with pytest.raises(RuleBroken) as refused:
        town.temporary(family, SATURDAY)
    assert codes(refused) == ["booking.closed_day"]
    with town.unit() as uow:
        assert uow.session.scalar(select(func.count()).select_from(Booking)) == 0


@pytest.mark.rule("KB-02")
def test_regular_care_becomes_usage_days_on_open_weekdays(town: Town) -> None:
    times = {"tue": TimeSpan.parse("14:00-17:00"), "fri": TimeSpan.parse("13:00-15:30")}
    applied = town.regular(town.family(), MONDAY, date(2026, 12, 31), times)
    days = town.days(applied.outcomes[0].ref)
    assert len(days) == 22  # 12 Tuesdays and 11 Fridays, less 25 December
    assert date(2026, 12, 25) not in days
    assert {day.weekday() for day in days} == {1, 4}
    town.check()


@pytest.mark.rule("KB-06")
def test_a_period_is_cut_at_the_quarters_end_with_a_notice(town: Town) -> None:
    applied = town.regular(town.family(), TUESDAY, date(2027, 2, 1))
    (outcome,) = applied.outcomes
    assert [problem.code for problem in outcome.problems] == ["booking.clipped"]
    assert town.booking(outcome.ref).ends_on == SEM2.last


@pytest.mark.rule("KB-01")
def test_a_hub_has_no_regular_care(clock: time_machine.Coordinates, seoul: TenantRef) -> None:
    hub = found_town(seoul, kind=CentreKind.HUB)
    with pytest.raises(RuleBroken) as refused:
        hub.regular(hub.family())
    assert codes(refused) == ["booking.no_regular_at_hub"]


@pytest.mark.rule("KB-08")
@pytest.mark.parametrize(
    ("ahead", "ok"), [(0, True), (14, True), (15, False), (-1, False), (3_000_000, False)]
)
def test_the_window_of_temporary_care(town: Town, ahead: int, ok: bool) -> None:
    day = MONDAY + timedelta(days=ahead) if ahead < 9999 else date.max
    family = town.family()
    if ok:
        assert town.temporary(family, day).outcomes[0].state is APPLIED
    else:
        with pytest.raises(RuleBroken):
            town.temporary(family, day)


@pytest.mark.rule("KB-09")
def test_a_parent_cannot_book_the_past_hour_but_staff_record_a_walk_in(
    town: Town, clock: time_machine.Coordinates
) -> None:
    clock.move_to(datetime(2026, 10, 12, 6, 20, tzinfo=UTC))  # 15:20 in Seoul
    family, hours = town.family(), TimeSpan.parse("15:00-17:00")
    with pytest.raises(RuleBroken) as refused:
        town.temporary(family, MONDAY, hours=hours)
    assert codes(refused) == ["booking.start_passed"]
    with town.unit() as uow:
        uow.session.add(ChildCentre(child_id=family.child_id, centre_id=town.centre_id, since=uow.now))
    applied = town.temporary(family, MONDAY, hours=hours, by=town.teacher)
    booking = town.booking(applied.outcomes[0].ref)
    assert (booking.walk_in, booking.over_limit, booking.channel) == (True, False, Channel.PHONE)


@pytest.mark.rule("KC-14")
@pytest.mark.rule("GC-19")
def test_a_walk_in_is_recorded_even_over_the_limit(small: Town, clock: time_machine.Coordinates) -> None:
    """KB-09, GC-19: what is true is recorded, with a flag; and it counts."""
    small.temporary(small.family(), MONDAY, hours=TimeSpan.parse("11:00-12:00"))
    clock.move_to(datetime(2026, 10, 12, 2, 10, tzinfo=UTC))
    other = small.family("이바다")
    with small.unit() as uow:
        uow.session.add(ChildCentre(child_id=other.child_id, centre_id=small.centre_id, since=uow.now))
    applied = small.temporary(other, MONDAY, hours=TimeSpan.parse("11:00-12:00"), by=small.teacher)
    assert applied.outcomes[0].state is APPLIED
    assert small.booking(applied.outcomes[0].ref).over_limit
    small.check()


@pytest.mark.rule("KB-12")
def test_a_child_is_not_in_two_places(town: Town, seoul: TenantRef) -> None:
    family = town.family()
    town.temporary(family, TUESDAY)
    other = found_town(seoul)
    with pytest.raises(RuleBroken) as refused:
        town.apply(
            family,
            centre=other.centre,
            kind=BookingKind.TEMPORARY,
            wishes=(service.Wish(TUESDAY, TimeSpan.parse("16:30-18:00")),),
        )
    assert codes(refused) == ["booking.overlaps"]
    assert "온수동 키움센터 일시돌봄" in refused.value.problems[0].sentence
    touching = town.temporary(family, TUESDAY, hours=TimeSpan.parse("17:00-18:00"))
    assert touching.outcomes[0].state is APPLIED
    town.check()


@pytest.mark.rule("KB-12")
def test_two_dates_of_one_submission_do_not_overlap_each_other(town: Town) -> None:
    wishes = (
        service.Wish(TUESDAY, TimeSpan.parse("14:00-16:00")),
        service.Wish(TUESDAY, TimeSpan.parse("15:00-17:00")),
    )
    applied = town.apply(town.family(), kind=BookingKind.TEMPORARY, wishes=wishes)
    assert [outcome.state for outcome in applied.outcomes] == [APPLIED, None]
    town.check()


@pytest.mark.rule("KB-35")
def test_a_middle_school_pupil_is_refused(town: Town) -> None:
    with pytest.raises(RuleBroken) as refused:
        town.temporary(town.family(birth=date(2013, 3, 1), grade=7), TUESDAY)
    assert codes(refused) == ["child.too_old"]


@pytest.mark.rule("KB-36")
def test_a_preschool_sibling_comes_only_beside_the_elder(
    clock: time_machine.Coordinates, seoul: TenantRef
) -> None:
    town = found_town(seoul, allow_preschool_sibling=True)
    elder = town.family()
    younger = town.sibling(elder, "김바다", date(2021, 1, 1))
    with pytest.raises(RuleBroken):
        town.temporary(younger, TUESDAY)
    first = town.temporary(elder, TUESDAY)
    beside = town.temporary(younger, TUESDAY, hours=TimeSpan.parse("15:00-17:00"))
    hangs_on = town.booking(beside.outcomes[0].ref).sibling_booking_id
    assert hangs_on == town.booking(first.outcomes[0].ref).id
    with town.unit(elder.actor) as uow:
        service.withdraw_booking(uow, first.outcomes[0].ref)
    assert town.state(beside.outcomes[0].ref) is BookingState.WITHDRAWN
    town.check()


@pytest.mark.rule("KB-36")
def test_an_approved_younger_booking_is_cancelled_with_the_elders(
    clock: time_machine.Coordinates, seoul: TenantRef
) -> None:
    town = found_town(seoul, allow_preschool_sibling=True)
    elder = town.family()
    younger = town.sibling(elder, "김바다", date(2021, 1, 1))
    first, beside = town.temporary(elder, TUESDAY), town.temporary(younger, TUESDAY)
    town.approve(first, beside)
    with town.unit(town.teacher) as uow:
        service.cancel_booking(uow, first.outcomes[0].ref, TUESDAY, "보호자 요청")
    assert town.state(beside.outcomes[0].ref) is BookingState.CANCELLED
    town.check()


@pytest.mark.rule("KB-47")
def test_sick_child_care_needs_a_centre_that_offers_it(
    town: Town, seoul: TenantRef, clock: time_machine.Coordinates
) -> None:
    wish = (service.Wish(TUESDAY, TimeSpan.parse("14:00-17:00")),)
    with pytest.raises(RuleBroken) as refused:
        town.apply(town.family(), kind=BookingKind.SICK, wishes=wish, illness="감기")
    assert codes(refused) == ["booking.sick_not_offered"]
    caring = found_town(seoul, sick_care=True, sick_seats=1)
    first = caring.apply(caring.family(), kind=BookingKind.SICK, wishes=wish, illness="감기")
    second = caring.apply(caring.family("이바다"), kind=BookingKind.SICK, wishes=wish, illness="감기")
    assert [first.outcomes[0].state, second.outcomes[0].state] == [APPLIED, WAITING]
    with pytest.raises(RuleBroken) as refused:
        caring.apply(
            caring.family("박노을"), kind=BookingKind.SICK, wishes=wish, illness="결핵", disease_class=2
        )
    assert codes(refused) == ["booking.notifiable_disease"]
    with caring.unit() as uow:
        notes = uow.session.scalars(select(HealthNote)).all()
        assert len(notes) == 2
        assert all("감기".encode() not in note.sealed for note in notes)
        assert uow.session.scalar(select(Booking.reason).where(Booking.ref == first.outcomes[0].ref)) == ""
    caring.check()


@pytest.mark.rule("KB-14")
@pytest.mark.rule("KB-32")
def test_telephone_applications_are_entered_by_staff_only(town: Town) -> None:
    family = town.family()
    with pytest.raises(RuleBroken) as refused:
        town.temporary(family, TUESDAY, channel=Channel.PHONE)
    assert codes(refused) == ["booking.wrong_channel"]
    with pytest.raises(NotFound):  # the centre does not know this child yet (KB-32)
        town.temporary(family, TUESDAY, by=town.teacher)
    town.temporary(family, WEDNESDAY)
    applied = town.temporary(family, TUESDAY, by=town.teacher, channel=Channel.VISIT)
    assert town.booking(applied.outcomes[0].ref).channel == Channel.VISIT


def test_another_familys_child_cannot_be_booked(town: Town) -> None:
    mine, theirs = town.family(), town.family("이바다")
    with pytest.raises(NotFound):
        town.temporary(mine, TUESDAY, child=theirs.child)


def test_the_city_does_not_apply(town: Town) -> None:
    with pytest.raises(Forbidden):
        town.temporary(town.family(), TUESDAY, by=town.city)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"wishes": ()}, "booking.no_date"),
        ({"contact_phone": ""}, "booking.no_phone"),
        ({"contact_phone": "010-1234-5678"}, "phone.bad"),
        ({"contact_phone": "9" * 30}, "phone.bad"),
        ({"ground": "rich"}, "booking.unknown_ground"),
        (
            {"wishes": tuple(service.Wish(TUESDAY, TimeSpan(n, n + 30)) for n in range(32))},
            "booking.too_many_dates",
        ),
        ({"wishes": (service.Wish(TUESDAY, TimeSpan.parse("14:10-15:00")),)}, "booking.off_step"),
        ({"kind": BookingKind.REGULAR}, "booking.no_period"),
        ({"kind": BookingKind.REGULAR, "span": DateSpan(TUESDAY, date.max)}, "booking.no_weekday"),
        ({"request_id": "x"}, "no_request_id"),
    ],
)
def test_bad_input_gets_a_clear_answer(town: Town, wrong: dict[str, object], code: str) -> None:
    wanted = {
        "kind": BookingKind.TEMPORARY,
        "wishes": (service.Wish(TUESDAY, TimeSpan.parse("14:00-15:00")),),
    }
    with pytest.raises(RuleBroken) as refused:
        town.apply(town.family(), **{**wanted, **wrong})
    assert code in codes(refused)


@pytest.mark.rule("KC-07")
@pytest.mark.rule("KW-01")
def test_the_seat_is_held_from_the_application_on(small: Town) -> None:
    first = small.temporary(small.family(), TUESDAY)
    second = small.temporary(small.family("이바다"), TUESDAY, hours=TimeSpan.parse("16:30-18:00"))
    beside = small.temporary(small.family("박노을"), TUESDAY, hours=TimeSpan.parse("17:00-18:00"))
    states = [one.outcomes[0].state for one in (first, second, beside)]
    assert states == [APPLIED, WAITING, APPLIED]
    assert second.outcomes[0].position == 1
    assert small.days(second.outcomes[0].ref) == {}
    small.check()


@pytest.mark.rule("KC-07")
def test_staff_on_duty_bound_the_seats(clock: time_machine.Coordinates, seoul: TenantRef) -> None:
    """Without a carer in a slot there is no seat in it (KC-08)."""
    town = found_town(seoul, heads=1)
    with town.unit() as uow:
        from app.centres.models import Quarter

        quarter = uow.session.get_one(Quarter, town.sem2)
        quarter.staff = {**quarter.staff, "tue": [["11:00", "16:00", 1]]}
    late = town.temporary(town.family(), TUESDAY, hours=TimeSpan.parse("15:30-16:30"))
    early = town.temporary(town.family("이바다"), TUESDAY, hours=TimeSpan.parse("15:00-16:00"))
    assert late.outcomes[0].state is WAITING
    assert early.outcomes[0].state is APPLIED


@pytest.mark.rule("KW-01")
def test_waiting_may_be_declined(small: Town) -> None:
    small.temporary(small.family(), TUESDAY)
    with pytest.raises(RuleBroken) as refused:
        small.temporary(small.family("이바다"), TUESDAY, may_wait=False)
    assert codes(refused) == ["booking.no_seat"]


@pytest.mark.rule("KW-03")
def test_the_temporary_list_takes_twice_the_capacity(small: Town) -> None:
    small.temporary(small.family(), TUESDAY)
    waiting = [small.temporary(small.family(f"아이{n}"), TUESDAY).outcomes[0] for n in range(2)]
    assert [(one.state, one.position) for one in waiting] == [(WAITING, 1), (WAITING, 2)]
    with pytest.raises(RuleBroken) as refused:
        small.temporary(small.family("박노을"), TUESDAY)
    assert codes(refused) == ["waiting.list_full"]
    beside = small.temporary(small.family("최들"), TUESDAY, hours=TimeSpan.parse("17:00-18:00"))
    assert beside.outcomes[0].state is APPLIED


@pytest.mark.rule("KW-04")
def test_the_regular_list_is_unlimited(small: Town) -> None:
    states = [small.regular(small.family(f"아이{n}")).outcomes[0].state for n in range(5)]
    assert states == [APPLIED, WAITING, WAITING, WAITING, WAITING]


@pytest.mark.rule("KW-08")
def test_a_child_waits_once_for_the_same_time(small: Town) -> None:
    small.temporary(small.family(), TUESDAY)
    waiting = small.family("이바다")
    small.temporary(waiting, TUESDAY)
    with pytest.raises(RuleBroken) as refused:
        small.temporary(waiting, TUESDAY, hours=TimeSpan.parse("16:00-17:30"))
    assert codes(refused) == ["waiting.already"]


@pytest.mark.rule("KC-06")
def test_regular_care_counts_heads_not_hours(small: Town) -> None:
    """The first child comes on Mondays only, the second wants Fridays: still one head too many."""
    first = small.regular(small.family(), times={"mon": TimeSpan.parse("14:00-17:00")})
    second = small.regular(small.family("이바다"), times={"fri": TimeSpan.parse("14:00-17:00")})
    assert [first.outcomes[0].state, second.outcomes[0].state] == [APPLIED, WAITING]


@pytest.mark.rule("GC-17")
def test_numbers_follow_each_other(town: Town) -> None:
    applied = town.temporary(town.family(), TUESDAY, WEDNESDAY)
    assert [town.booking(one.ref).number for one in applied.outcomes] == ["2026-00-0001", "2026-00-0002"]


def test_a_form_pressed_twice_is_one_submission(town: Town) -> None:
    family, request_id = town.family(), secrets.token_hex(16)
    applied = town.temporary(family, TUESDAY, request_id=request_id)
    with town.unit() as uow:
        submission.answered_at(uow, request_id, f"/seoul/{applied.batch}")
    with pytest.raises(AlreadySubmitted) as again:
        town.temporary(family, TUESDAY, request_id=request_id)
    assert again.value.result_url == f"/seoul/{applied.batch}"
    with town.unit() as uow:
        assert uow.session.scalar(select(func.count()).select_from(Booking)) == 1


@pytest.mark.rule("KB-48")
def test_the_family_is_told_at_the_number_it_gave(town: Town) -> None:
    town.temporary(town.family(), TUESDAY, contact_phone="01077778888")
    with town.unit() as uow:
        message = uow.session.scalars(select(Message)).one()
        assert (message.to, message.template) == ("01077778888", "booking.applied")
        assert "10월 13일(화) 14:00–17:00 (신청)" in message.body


def test_a_whole_quarter_takes_two_statements_for_its_days(town: Town) -> None:
    ref = town.regular(town.family(), MONDAY).outcomes[0].ref
    with town.unit() as uow:
        times = uow.session.scalar(select(func.count()).select_from(ChildTime))
        assert times == len(town.days(ref)) == 58
    assert town.booking(ref).times == {key: ["14:00", "17:00"] for key in EVERY_DAY}
    assert town.booking(ref).applied_at == NOW
