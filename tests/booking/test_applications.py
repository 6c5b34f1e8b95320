"""Withdrawing and editing before the decision."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.booking import service
from app.booking.rules.states import BookingState, WaitState
from app.kernel.audit import AuditLog
from app.kernel.errors import NotFound, RuleBroken, StaleVersion
from app.kernel.ranges import DateSpan, TimeSpan
from tests.booking.town import NOW, TUESDAY, WEDNESDAY, Family, Town, codes

LATER = TimeSpan.parse("15:00-18:00")


def edit(town: Town, family: Family, ref: str, **wanted: object) -> object:
    version = wanted.pop("version", None) or town.booking(ref).version
    with town.unit(family.actor) as uow:
        return service.edit_application(uow, service.Edit(ref=ref, version=version, **wanted))


@pytest.mark.rule("KB-26")
def test_a_withdrawn_application_gives_its_seat_to_the_next(small: Town) -> None:
    first, second = small.family(), small.family("이바다")
    held, waiting = small.temporary(first, TUESDAY), small.temporary(second, TUESDAY)
    with small.unit(first.actor) as uow:
        service.withdraw_booking(uow, held.outcomes[0].ref)
    assert small.state(held.outcomes[0].ref) is BookingState.WITHDRAWN
    assert small.days(held.outcomes[0].ref) == {}
    assert small.wait(waiting.outcomes[0].ref).state == WaitState.OFFERED
    small.check()


@pytest.mark.rule("KB-26")
def test_a_waiting_application_can_be_withdrawn(small: Town) -> None:
    small.temporary(small.family(), TUESDAY)
    second = small.family("이바다")
    ref = small.temporary(second, TUESDAY).outcomes[0].ref
    with small.unit(second.actor) as uow:
        service.withdraw_booking(uow, ref)
    assert small.state(ref) is BookingState.WITHDRAWN
    assert small.wait(ref).state == WaitState.WITHDRAWN
    small.check()


@pytest.mark.rule("KB-26")
def test_an_offered_seat_goes_on_when_the_waiting_one_withdraws(small: Town) -> None:
    first, second, third = small.family(), small.family("이바다"), small.family("박노을")
    refs = [small.temporary(one, TUESDAY).outcomes[0].ref for one in (first, second, third)]
    for family, ref in ((first, refs[0]), (second, refs[1])):
        with small.unit(family.actor) as uow:
            service.withdraw_booking(uow, ref)
    assert small.wait(refs[2]).state == WaitState.OFFERED
    small.check()


@pytest.mark.rule("KB-26")
def test_after_the_approval_the_guardian_changes_nothing(town: Town) -> None:
    family = town.family()
    applied = town.temporary(family, TUESDAY)
    town.approve(applied)
    ref = applied.outcomes[0].ref
    with pytest.raises(RuleBroken) as refused, town.unit(family.actor) as uow:
        service.withdraw_booking(uow, ref)
    assert codes(refused) == ["booking.ask_the_centre"]
    with pytest.raises(RuleBroken) as refused:
        edit(town, family, ref, hours=LATER)
    assert codes(refused) == ["booking.ask_the_centre"]


def test_a_strangers_booking_is_not_found(town: Town) -> None:
    ref = town.temporary(town.family(), TUESDAY).outcomes[0].ref
    with pytest.raises(NotFound), town.unit(town.family("이바다").actor) as uow:
        service.withdraw_booking(uow, ref)


@pytest.mark.rule("KB-26")
@pytest.mark.parametrize(
    ("change", "moves"),
    [
        ({"reason": "갑자기 일이 생김"}, False),
        ({"ground": "dual_income"}, False),
        ({"hours": TimeSpan.parse("14:00-17:00")}, False),
        ({"hours": LATER}, True),
        ({"day": WEDNESDAY}, True),
    ],
)
def test_the_order_moves_only_with_date_or_time(
    town: Town, clock: time_machine.Coordinates, change: dict[str, object], moves: bool
) -> None:
    family = town.family()
    ref = town.temporary(family, TUESDAY).outcomes[0].ref
    clock.shift(timedelta(hours=1))
    edit(town, family, ref, **change)
    assert town.booking(ref).applied_at == (NOW + timedelta(hours=1) if moves else NOW)
    town.check()


def test_an_edit_moves_the_seat_and_frees_the_old_one(small: Town) -> None:
    first, second = small.family(), small.family("이바다")
    held, waiting = small.temporary(first, TUESDAY), small.temporary(second, TUESDAY)
    edit(small, first, held.outcomes[0].ref, day=WEDNESDAY)
    assert small.days(held.outcomes[0].ref) == {WEDNESDAY: "PLANNED"}
    assert small.wait(waiting.outcomes[0].ref).state == WaitState.OFFERED
    small.check()


def test_a_refused_edit_leaves_the_old_seat(small: Town) -> None:
    first, second = small.family(), small.family("이바다")
    held = small.temporary(first, TUESDAY)
    small.temporary(second, WEDNESDAY)
    with pytest.raises(RuleBroken) as refused:
        edit(small, first, held.outcomes[0].ref, day=WEDNESDAY)
    assert codes(refused) == ["booking.no_seat"]
    assert small.days(held.outcomes[0].ref) == {TUESDAY: "PLANNED"}
    small.check()


def test_an_edited_regular_period_is_cut_with_a_notice(town: Town) -> None:
    family = town.family()
    ref = town.regular(family, TUESDAY, date(2026, 11, 30)).outcomes[0].ref
    notice = edit(town, family, ref, span=DateSpan(TUESDAY, date(2027, 1, 31)))
    assert notice is not None
    assert town.booking(ref).ends_on == date(2026, 12, 31)
    assert len(town.days(ref)) == 57
    town.check()


def test_a_waiting_edit_to_a_free_time_is_offered_at_once(small: Town) -> None:
    small.temporary(small.family(), TUESDAY)
    second = small.family("이바다")
    ref = small.temporary(second, TUESDAY).outcomes[0].ref
    edit(small, second, ref, day=WEDNESDAY)
    assert small.wait(ref).state == WaitState.OFFERED
    assert small.wait(ref).day == WEDNESDAY
    with pytest.raises(RuleBroken) as refused:
        edit(small, second, ref, day=TUESDAY)
    assert codes(refused) == ["booking.answer_first"]
    small.check()


def test_a_stale_form_is_refused(town: Town) -> None:
    family = town.family()
    ref = town.temporary(family, TUESDAY).outcomes[0].ref
    edit(town, family, ref, version=1, reason="하나")
    with pytest.raises(StaleVersion):
        edit(town, family, ref, version=1, reason="둘")
    assert town.booking(ref).reason == "하나"


@pytest.mark.rule("GC-18")
def test_every_step_leaves_an_audit_row(town: Town) -> None:
    family = town.family()
    ref = town.temporary(family, TUESDAY).outcomes[0].ref
    edit(town, family, ref, hours=LATER)
    with town.unit(family.actor) as uow:
        service.withdraw_booking(uow, ref, reason="일정 변경")
    booking_id = town.booking(ref).id
    with town.unit() as uow:
        rows = uow.session.execute(
            select(AuditLog.action, AuditLog.from_state, AuditLog.to_state, AuditLog.reason)
            .where(AuditLog.entity == "booking", AuditLog.entity_id == booking_id)
            .order_by(AuditLog.id)
        ).all()
    assert [tuple(row) for row in rows] == [
        ("booking.apply", None, "APPLIED", None),
        ("booking.edit", None, None, None),
        ("booking.withdraw", "APPLIED", "WITHDRAWN", "일정 변경"),
    ]
