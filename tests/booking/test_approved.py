"""After the approval: changing, cancelling, starting, closing, the care card."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.booking import service
from app.booking.models import CareCard
from app.booking.rules.states import BookingState, WaitState
from app.centres.models import KiumCentre
from app.kernel.db import TenantRef
from app.kernel.errors import Forbidden, NotFound, RuleBroken, StaleVersion
from app.kernel.ranges import TimeSpan
from app.messaging.models import Message
from app.people.models import Consent
from app.people.rules import ConsentKind
from tests.booking.town import MONDAY, NOW, TUESDAY, WEDNESDAY, Town, codes, found_town

CARD_LATER = {"decision.care_card_missing": "첫 주에 작성"}


def approved(town: Town, name: str = "김하늘", *days: date) -> str:
    applied = town.temporary(town.family(name), *(days or (TUESDAY,)))
    town.approve(applied)
    return applied.outcomes[0].ref


def approved_regular(town: Town, first: date = TUESDAY, last: date = date(2026, 12, 31)) -> str:
    applied = town.regular(town.family(), first, last)
    town.approve(applied)
    return applied.outcomes[0].ref


@pytest.mark.rule("KB-27")
def test_staff_move_an_approved_temporary_booking(small: Town) -> None:
    ref = approved(small)
    waiting = small.temporary(small.family("이바다"), TUESDAY).outcomes[0].ref
    move = service.Move(ref, small.booking(ref).version, MONDAY, TimeSpan.parse("11:00-13:00"))
    with small.unit(small.teacher) as uow:
        service.edit_approved_temporary(uow, move)
    assert small.state(ref) is BookingState.SCHEDULED
    assert small.days(ref) == {MONDAY: "PLANNED"}
    assert small.wait(waiting).state == WaitState.OFFERED
    with small.unit() as uow:
        bodies = uow.session.scalars(select(Message.body).where(Message.template == "booking.changed")).all()
    assert "10월 13일(화) 14:00–17:00 → 10월 12일(월) 11:00–13:00" in bodies[0]
    small.check()


@pytest.mark.rule("KB-27")
@pytest.mark.parametrize(
    ("day", "hours", "code"),
    [
        (date(2026, 10, 26), "14:00-17:00", None),
        (date(2026, 10, 27), "14:00-17:00", "booking.beyond_window"),
        (date(2026, 10, 17), "14:00-17:00", "booking.closed_day"),
        (WEDNESDAY, "18:00-19:30", "booking.outside_hours"),
        (WEDNESDAY, "15:00-16:00", "booking.no_seat"),
    ],
)
def test_a_move_is_asked_like_a_new_booking(small: Town, day: date, hours: str, code: str | None) -> None:
    ref = approved(small)
    small.temporary(small.family("이바다"), WEDNESDAY)
    move = service.Move(ref, small.booking(ref).version, day, TimeSpan.parse(hours))
    if code is None:
        with small.unit(small.teacher) as uow:
            service.edit_approved_temporary(uow, move)
    else:
        with pytest.raises(RuleBroken) as refused, small.unit(small.teacher) as uow:
            service.edit_approved_temporary(uow, move)
        assert codes(refused) == [code]
        assert small.days(ref) == {TUESDAY: "PLANNED"}
    small.check()


def test_only_an_approved_temporary_one_and_a_fresh_page(town: Town) -> None:
    regular, ref = approved_regular(town), approved(town, "이바다")
    hours = TimeSpan.parse("14:00-17:00")
    with pytest.raises(RuleBroken) as refused, town.unit(town.teacher) as uow:
        service.edit_approved_temporary(
            uow, service.Move(regular, town.booking(regular).version, WEDNESDAY, hours)
        )
    assert codes(refused) == ["booking.not_editable"]
    with pytest.raises(StaleVersion), town.unit(town.teacher) as uow:
        service.edit_approved_temporary(uow, service.Move(ref, 1, WEDNESDAY, hours))


@pytest.mark.rule("KB-28")
def test_the_guardian_asks_and_the_centre_is_told_once(town: Town) -> None:
    family = town.family()
    applied = town.temporary(family, TUESDAY)
    ref = applied.outcomes[0].ref
    with pytest.raises(RuleBroken), town.unit(family.actor) as uow:
        service.ask_cancel(uow, ref)
    town.approve(applied)
    with town.unit(family.actor) as uow:
        service.ask_cancel(uow, ref)
    assert town.state(ref) is BookingState.SCHEDULED
    assert town.booking(ref).cancel_asked_at == NOW
    with pytest.raises(RuleBroken) as refused, town.unit(family.actor) as uow:
        service.ask_cancel(uow, ref)
    assert codes(refused) == ["booking.cancel_already_asked"]
    with pytest.raises(RuleBroken) as refused, town.unit(family.actor) as uow:
        service.cancel_booking(uow, ref, TUESDAY, "일정 변경")
    assert codes(refused) == ["booking.ask_the_centre"]
    with town.unit() as uow:
        told = uow.session.scalars(select(Message.to).where(Message.template == "booking.cancel_asked")).all()
    assert told == ["01033334444"]  # director and team leader share it in this town


@pytest.mark.rule("KB-28")
def test_a_started_regular_booking_is_cancelled_from_today(
    town: Town, clock: time_machine.Coordinates
) -> None:
    ref = approved_regular(town, MONDAY, date(2026, 11, 20))
    with town.unit(town.director) as uow:
        service.start_use(uow, ref, CARD_LATER)
    clock.shift(timedelta(days=7))  # the next Monday
    with pytest.raises(RuleBroken) as refused, town.unit(town.teacher) as uow:
        service.cancel_booking(uow, ref, MONDAY, "이사")
    assert codes(refused) == ["booking.cancel_in_past"]
    with town.unit(town.teacher) as uow:
        service.cancel_booking(uow, ref, date(2026, 10, 19), "이사")
    days = town.days(ref)
    assert town.state(ref) is BookingState.CANCELLED
    assert [day for day, state in days.items() if state == "ENDED"] == [
        MONDAY + timedelta(days=n) for n in range(5)
    ]
    assert all(state == "CANCELLED" for day, state in days.items() if day >= date(2026, 10, 19))
    town.check()


@pytest.mark.rule("KB-28")
def test_a_cancellation_in_the_future_keeps_the_days_until_then(
    small: Town, clock: time_machine.Coordinates
) -> None:
    ref = approved_regular(small, MONDAY)
    waiting = small.regular(small.family("이바다"), date(2026, 11, 2)).outcomes[0].ref
    too_early = small.regular(small.family("박노을"), TUESDAY).outcomes[0].ref
    with small.unit(small.director) as uow:
        service.start_use(uow, ref, CARD_LATER)
        service.cancel_booking(uow, ref, date(2026, 11, 2), "전학")
    booking = small.booking(ref)
    assert (booking.state, booking.ends_on) == (BookingState.IN_USE, date(2026, 11, 1))
    assert small.wait(waiting).state == WaitState.OFFERED
    assert small.wait(too_early).state == WaitState.WAITING
    small.check()
    clock.move_to(datetime(2026, 11, 1, 15, 5, tzinfo=UTC))  # 2 November, 00:05 in Seoul
    with small.unit() as uow:
        service.close_day(uow, small.centre_id, date(2026, 11, 1))
    assert small.state(ref) is BookingState.CANCELLED
    small.check()


@pytest.mark.rule("KB-28")
def test_a_cancelled_child_may_apply_again(town: Town) -> None:
    family = town.family()
    applied = town.temporary(family, TUESDAY)
    town.approve(applied)
    with pytest.raises(RuleBroken), town.unit(town.teacher) as uow:
        service.cancel_booking(uow, applied.outcomes[0].ref, TUESDAY, " ")
    with town.unit(town.city) as uow:
        service.cancel_booking(uow, applied.outcomes[0].ref, TUESDAY, "보호자 요청")
    assert town.days(applied.outcomes[0].ref) == {TUESDAY: "CANCELLED"}
    assert town.temporary(family, TUESDAY).outcomes[0].state is BookingState.APPLIED
    town.check()


@pytest.mark.rule("KB-29")
@pytest.mark.rule("KB-30")
def test_use_starts_by_hand_on_the_first_day(town: Town, clock: time_machine.Coordinates) -> None:
    ref = approved(town)
    with pytest.raises(RuleBroken) as refused, town.unit(town.teacher) as uow:
        service.start_use(uow, ref)
    assert codes(refused) == ["decision.too_early_to_start"]
    clock.shift(timedelta(days=1))
    with town.unit(town.teacher) as uow:
        service.start_use(uow, ref)
    booking = town.booking(ref)
    assert (booking.state, booking.started_at) == (BookingState.IN_USE, NOW + timedelta(days=1))
    with pytest.raises(RuleBroken), town.unit(town.teacher) as uow:
        service.start_use(uow, ref)


@pytest.mark.rule("KB-30")
def test_the_arrival_consent_may_follow_the_approval_but_not_the_first_use(
    town: Town, clock: time_machine.Coordinates
) -> None:
    family = town.family()
    with town.unit() as uow:
        for row in uow.session.scalars(select(Consent).where(Consent.kind == ConsentKind.ARRIVAL_DEPARTURE)):
            uow.session.delete(row)
    applied = town.temporary(family, TUESDAY)
    town.approve(applied)
    clock.shift(timedelta(days=1))
    with pytest.raises(RuleBroken) as refused, town.unit(town.teacher) as uow:
        service.start_use(uow, applied.outcomes[0].ref)
    assert codes(refused) == ["decision.document_missing"]


@pytest.mark.rule("KB-30")
def test_without_a_card_only_with_a_reason(town: Town) -> None:
    ref = approved(town, "김하늘", MONDAY)
    with pytest.raises(RuleBroken) as refused, town.unit(town.teacher) as uow:
        service.start_use(uow, ref, uses_cards=True)
    assert codes(refused) == ["decision.card_missing"]
    with town.unit(town.teacher) as uow:
        service.start_use(uow, ref, {"decision.card_missing": "수기 출결"}, uses_cards=True)
    assert town.booking(ref).overrides[-1] == ["decision.card_missing", "수기 출결"]


@pytest.mark.rule("KB-42")
def test_regular_use_needs_a_care_card_or_a_reason_and_cards_keep_versions(town: Town) -> None:
    ref = approved_regular(town, MONDAY)
    child = town.families[-1].child
    with pytest.raises(RuleBroken) as refused, town.unit(town.teacher) as uow:
        service.start_use(uow, ref)
    assert codes(refused) == ["decision.care_card_missing"]
    for arrival in ("14:00", "14:30"):
        with town.unit(town.teacher) as uow:
            service.save_care_card(uow, service.Card(child, town.centre, arrival, "17:00"))
    with town.unit() as uow:
        cards = uow.session.execute(
            select(CareCard.card_version, CareCard.arrival).order_by(CareCard.id)
        ).all()
    assert [tuple(row) for row in cards] == [(1, "14:00"), (2, "14:30")]
    with town.unit(town.teacher) as uow:
        service.start_use(uow, ref)
    for wrong in (("", ""), ("17:00", "14:00"), ("25:00", "26:00"), ("오후", "저녁")):
        with pytest.raises(RuleBroken) as refused, town.unit(town.teacher) as uow:
            service.save_care_card(uow, service.Card(child, town.centre, *wrong))
        assert codes(refused) == ["booking.card_times"]
    with pytest.raises(NotFound), town.unit(town.teacher) as uow:
        service.save_care_card(uow, service.Card(town.family("박노을").child, town.centre, "14:00", "17:00"))


@pytest.mark.rule("KB-51")
def test_closing_takes_a_ground_of_the_written_rules(town: Town, seoul: TenantRef) -> None:
    ref = approved_regular(town)
    with town.unit() as uow:
        uow.session.get_one(KiumCentre, town.centre_id).operating_rules = {
            "priority": "맞벌이 우선",
            "ending": "- 한 달 이상 무단 결석\n- 운영방침 위반",
        }
    with pytest.raises(RuleBroken) as refused, town.unit(town.director) as uow:
        service.close_booking(uow, ref, TUESDAY, "마음에 안 듦")
    assert codes(refused) == ["decision.ending_ground_unknown"]
    with pytest.raises(Forbidden), town.unit(town.teacher) as uow:
        service.close_booking(uow, ref, TUESDAY, "운영방침 위반")
    with town.unit(town.director) as uow:
        service.close_booking(uow, ref, TUESDAY, "운영방침 위반")
    booking = town.booking(ref)
    assert (booking.state, booking.end_ground) == (BookingState.CANCELLED, "운영방침 위반")
    town.check()


def test_another_centres_staff_find_nothing(town: Town, seoul: TenantRef) -> None:
    ref, other = approved(town), found_town(seoul)
    with pytest.raises(NotFound), other.unit(other.teacher) as uow:
        service.cancel_booking(uow, ref, TUESDAY, "잘못")
    with pytest.raises(NotFound), other.unit(other.teacher) as uow:
        service.start_use(uow, ref)
