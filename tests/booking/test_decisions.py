"""Approving, refusing, reversing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import select

from app.booking import service
from app.booking.models import Booking
from app.booking.rules.states import BookingState, WaitState
from app.centres.models import CapacityChange
from app.centres.rules import CentreKind
from app.kernel.actor import Actor, Role
from app.kernel.db import TenantRef
from app.kernel.errors import Forbidden, NotFound, RuleBroken, StaleVersion
from app.kernel.ranges import TimeSpan
from app.messaging.models import Message
from app.people.models import Child, Consent, Guardian
from app.people.rules import ConsentKind
from tests.booking.town import (
    MONDAY,
    NOW,
    SEM2,
    TUESDAY,
    WEDNESDAY,
    Town,
    codes,
    consent,
    evidence,
    found_town,
)

COUNSELLED = {"decision.not_counselled": "전화로 상담"}


def approve(town: Town, ref: str, by: Actor | None = None, **more: object) -> None:
    with town.unit(by or town.director) as uow:
        service.approve(uow, ref, **more)


def one(applied: service.Applied) -> str:
    ref = applied.outcomes[0].ref
    assert ref is not None
    return ref


@pytest.mark.rule("KB-22")
def test_an_approval_says_who_when_and_keeps_the_seat(town: Town) -> None:
    ref = one(town.temporary(town.family(), TUESDAY))
    approve(town, ref)
    booking = town.booking(ref)
    assert (booking.state, booking.decided_by, booking.decided_at) == (
        BookingState.SCHEDULED,
        town.director.user_id,
        NOW,
    )
    assert town.days(ref) == {TUESDAY: "PLANNED"}
    town.check()


@pytest.mark.rule("KB-23")
def test_the_decision_is_told_and_the_means_recorded(town: Town) -> None:
    ref = one(town.temporary(town.family(), TUESDAY))
    approve(town, ref)
    with town.unit() as uow:
        told = uow.session.scalars(select(Message).order_by(Message.id.desc())).first()
        assert (told.template, told.to) == ("booking.approved", "01055556666")
    assert (town.booking(ref).notified_by, town.booking(ref).notified_at) == ("ALIMTALK", NOW)
    with town.unit(town.teacher) as uow:
        service.record_notice(uow, ref, "어머니와 통화")
    assert town.booking(ref).notified_by == "PHONE"


@pytest.mark.rule("KB-22")
def test_every_unmet_condition_is_listed(town: Town) -> None:
    family = town.family(papers=False)
    ref = one(town.regular(family, ground="dual_income", other_service="지역아동센터"))
    with pytest.raises(RuleBroken) as refused:
        approve(town, ref)
    assert codes(refused) == [
        "decision.document_missing",
        "decision.document_missing",
        "decision.parallel_use",
        "decision.not_counselled",
    ]
    assert town.state(ref) is BookingState.APPLIED


@pytest.mark.rule("KB-16")
@pytest.mark.rule("KB-17")
def test_papers_are_counted_by_kind(town: Town) -> None:
    family = town.family(papers=False)
    ref = one(town.regular(family, ground="dual_income"))
    with town.unit() as uow:
        child, parent = (
            uow.session.get_one(Child, family.child_id),
            uow.session.get_one(Guardian, family.guardian_id),
        )
        consent(uow, parent, child, ConsentKind.PRIVACY)
        evidence(uow, child, "dual_income", state="UPLOADED")
    approve(town, ref, overrides=COUNSELLED)
    assert town.state(ref) is BookingState.SCHEDULED


@pytest.mark.rule("KB-17")
def test_a_withdrawn_consent_is_missing(town: Town) -> None:
    family = town.family()
    ref = one(town.temporary(family, TUESDAY))
    with town.unit() as uow:
        row = uow.session.scalars(select(Consent).where(Consent.kind == ConsentKind.PRIVACY)).one()
        row.withdrawn_at = uow.now
    with pytest.raises(RuleBroken) as refused:
        approve(town, ref)
    assert codes(refused) == ["decision.document_missing"]


@pytest.mark.rule("KB-18")
def test_temporary_care_needs_no_evidence(town: Town) -> None:
    ref = one(town.temporary(town.family(), TUESDAY, ground="dual_income"))
    approve(town, ref)
    assert town.state(ref) is BookingState.SCHEDULED


@pytest.mark.rule("KB-15")
def test_counselling_comes_first_or_a_reason_is_kept(town: Town) -> None:
    with_reason, counselled = one(town.regular(town.family())), one(town.regular(town.family("이바다")))
    with pytest.raises(RuleBroken) as refused:
        approve(town, with_reason, overrides={"decision.not_counselled": "  "})
    assert codes(refused) == ["decision.not_counselled"]
    approve(town, with_reason, overrides={**COUNSELLED, "booking.closed_day": "무관"})
    assert town.booking(with_reason).overrides == [["decision.not_counselled", "전화로 상담"]]
    with town.unit(town.teacher) as uow:
        service.record_counselling(uow, counselled, MONDAY)
    approve(town, counselled)
    with pytest.raises(RuleBroken), town.unit(town.teacher) as uow:
        service.record_counselling(uow, counselled, TUESDAY)


@pytest.mark.rule("KB-13")
def test_parallel_use_needs_the_directors_reason(town: Town) -> None:
    ref = one(town.temporary(town.family(), TUESDAY, other_service="학교 돌봄교실"))
    with pytest.raises(RuleBroken) as refused:
        approve(town, ref)
    assert codes(refused) == ["decision.parallel_use"]
    with town.unit(town.director) as uow:
        service.set_parallel_use_reason(uow, ref, "학교 돌봄이 15시에 끝남")
    approve(town, ref)


@pytest.mark.rule("KB-21")
@pytest.mark.parametrize(
    ("kind", "who", "may"),
    [
        (CentreKind.GENERAL, "director", True),
        (CentreKind.GENERAL, "leader", False),
        (CentreKind.GENERAL, "teacher", False),
        (CentreKind.FUSION, "leader", True),
        (CentreKind.FUSION, "teacher", False),
    ],
)
def test_who_decides(
    clock: time_machine.Coordinates, seoul: TenantRef, kind: CentreKind, who: str, may: bool
) -> None:
    town = found_town(seoul, kind=kind)
    ref = one(town.temporary(town.family(), TUESDAY))
    if may:
        approve(town, ref, getattr(town, who))
        return
    with pytest.raises(RuleBroken) as refused:
        approve(town, ref, getattr(town, who))
    assert codes(refused) == ["decision.not_decider"]


def test_other_centres_and_other_roles(town: Town, seoul: TenantRef) -> None:
    family = town.family()
    ref = one(town.temporary(family, TUESDAY))
    with pytest.raises(NotFound):
        approve(town, ref, found_town(seoul).director)
    with pytest.raises(Forbidden):
        approve(town, ref, family.actor)
    with pytest.raises(Forbidden):
        approve(town, ref, Actor(Role.DISTRICT_OFFICER, None, scope=town.district_id))


def test_a_second_decision_learns_of_the_first(town: Town) -> None:
    ref = one(town.temporary(town.family(), TUESDAY))
    approve(town, ref)
    with pytest.raises(RuleBroken) as refused:
        approve(town, ref)
    assert codes(refused) == ["booking.already_decided"]
    assert "한센터님이 10월 12일(월) 10:00" in refused.value.problems[0].sentence
    with pytest.raises(RuleBroken), town.unit(town.director) as uow:
        service.disapprove(uow, ref, "정원 초과")


def test_a_stale_row_is_refused(town: Town) -> None:
    ref = one(town.temporary(town.family(), TUESDAY))
    with town.unit(town.teacher) as uow:
        service.ask_paper(uow, ref, "이용신청서")
    with pytest.raises(StaleVersion):
        approve(town, ref, version=1)


@pytest.mark.rule("KB-22")
def test_hours_are_asked_again_at_the_decision(town: Town) -> None:
    """The centre closed the day meanwhile without refitting: the approval notices."""
    from app.centres.models import SpecialDay

    ref = one(town.temporary(town.family(), TUESDAY))
    with town.unit() as uow:
        uow.session.add(
            SpecialDay(centre_id=town.centre_id, day=TUESDAY, kind="CENTRE_CLOSED", created_at=uow.now)
        )
    with pytest.raises(RuleBroken) as refused:
        approve(town, ref)
    assert codes(refused) == ["booking.closed_day"]


@pytest.mark.rule("KB-03")
def test_a_same_day_start_needs_approval_before_the_first_hour(
    town: Town, clock: time_machine.Coordinates
) -> None:
    in_time, late = one(town.regular(town.family(), MONDAY)), one(town.regular(town.family("이바다"), MONDAY))
    clock.move_to(datetime(2026, 10, 12, 5, 0, tzinfo=UTC))  # 14:00 in Seoul
    approve(town, in_time, overrides=COUNSELLED)
    clock.shift(timedelta(minutes=1))
    with pytest.raises(RuleBroken) as refused:
        approve(town, late, overrides=COUNSELLED)
    assert codes(refused) == ["booking.first_hour_passed"]


@pytest.mark.rule("KC-11")
def test_no_regular_approval_while_a_reduction_is_pending(town: Town) -> None:
    refs = [one(town.regular(town.family(f"아이{n}"), last=date(2026, 11, 30))) for n in range(3)]
    approve(town, refs[0], overrides=COUNSELLED)
    with town.unit() as uow:
        uow.session.add(
            CapacityChange(
                centre_id=town.centre_id,
                old_capacity=20,
                new_capacity=2,
                old_area=Decimal(80),
                new_area=Decimal(80),
                effective_on=date(2026, 12, 1),
                reason="공사",
                state="APPROVED",
                created_at=uow.now,
            )
        )
    with pytest.raises(RuleBroken) as refused:
        approve(town, refs[1], overrides=COUNSELLED)
    assert codes(refused) == ["capacity.approvals_held"]


@pytest.mark.rule("KB-24")
def test_a_disapproval_needs_words_and_frees_the_seat(small: Town) -> None:
    family = small.family()
    ref = one(small.temporary(family, TUESDAY))
    waiting = one(small.temporary(small.family("이바다"), TUESDAY))
    with pytest.raises(RuleBroken) as refused, small.unit(small.director) as uow:
        service.disapprove(uow, ref, " ")
    assert codes(refused) == ["decision.reason_missing"]
    with small.unit(small.director) as uow:
        service.disapprove(uow, ref, "이용 대상이 아님")
    assert small.state(ref) is BookingState.DISAPPROVED
    assert small.days(ref) == {}
    assert small.wait(waiting).state == WaitState.OFFERED
    again = small.temporary(family, TUESDAY)
    assert again.outcomes[0].state is BookingState.WAITING
    small.check()


@pytest.mark.rule("KB-25")
def test_only_the_city_reverses_and_only_into_a_free_seat(small: Town) -> None:
    ref = one(small.temporary(small.family(), TUESDAY))
    with small.unit(small.director) as uow:
        service.disapprove(uow, ref, "서류 착오")
    with pytest.raises(Forbidden), small.unit(small.director) as uow:
        service.reverse_disapproval(uow, ref, "착오 확인")
    with pytest.raises(RuleBroken) as refused, small.unit(small.city) as uow:
        service.reverse_disapproval(uow, ref, "")
    assert codes(refused) == ["decision.reason_missing"]
    other = one(small.temporary(small.family("이바다"), TUESDAY))
    with pytest.raises(RuleBroken) as refused, small.unit(small.city) as uow:
        service.reverse_disapproval(uow, ref, "착오 확인")
    assert codes(refused) == ["booking.no_seat"]
    with small.unit(small.director) as uow:
        service.disapprove(uow, other, "이용 대상이 아님")
    with small.unit(small.city) as uow:
        service.reverse_disapproval(uow, ref, "착오 확인")
    assert small.state(ref) is BookingState.APPLIED
    assert small.days(ref) == {TUESDAY: "PLANNED"}
    approve(small, ref)
    small.check()


@pytest.mark.rule("KB-25")
def test_no_reversal_once_the_time_has_begun(small: Town, clock: time_machine.Coordinates) -> None:
    ref = one(small.temporary(small.family(), TUESDAY))
    with small.unit(small.director) as uow:
        service.disapprove(uow, ref, "서류 착오")
    clock.move_to(datetime(2026, 10, 13, 5, 0, tzinfo=UTC))
    with pytest.raises(RuleBroken) as refused, small.unit(small.city) as uow:
        service.reverse_disapproval(uow, ref, "착오 확인")
    assert codes(refused) == ["decision.period_begun"]


def test_many_rows_each_with_its_own_answer(town: Town) -> None:
    good, late = (
        one(town.temporary(town.family(), TUESDAY)),
        one(town.temporary(town.family("박노을"), TUESDAY)),
    )
    bare = one(town.temporary(town.family("이바다", papers=False), TUESDAY))
    approve(town, late)
    with town.unit(town.director) as uow:
        decisions = service.approve_many(uow, [good, bare, late])
    assert [(row.ref, [p.code for p in row.problems]) for row in decisions] == [
        (good, []),
        (bare, ["decision.document_missing"]),
        (late, ["booking.already_decided"]),
    ]
    assert town.state(good) is BookingState.SCHEDULED
    assert town.state(bare) is BookingState.APPLIED
    town.check()


@pytest.mark.rule("KB-19")
def test_evidence_for_temporary_care_only_while_hours_are_crowded(small: Town) -> None:
    ref = one(small.temporary(small.family(), TUESDAY))
    with pytest.raises(RuleBroken) as refused, small.unit(small.teacher) as uow:
        service.ask_evidence(uow, ref)
    assert codes(refused) == ["decision.evidence_not_due"]
    small.temporary(small.family("이바다"), TUESDAY, hours=TimeSpan.parse("16:00-18:00"))
    with small.unit(small.teacher) as uow:
        service.ask_evidence(uow, ref)
    assert small.booking(ref).evidence_slot == "2026-10-13 16:00"
    assert small.booking(ref).evidence_asked_at == NOW


@pytest.mark.rule("KB-48")
def test_the_number_is_corrected_by_staff(town: Town) -> None:
    ref = one(town.temporary(town.family(), TUESDAY))
    with town.unit(town.teacher) as uow:
        service.correct_contact(uow, ref, "01012340000")
    approve(town, ref)
    with town.unit() as uow:
        assert "01012340000" in uow.session.scalars(select(Message.to).order_by(Message.id)).all()


def test_a_ref_of_nothing(town: Town) -> None:
    with pytest.raises(NotFound):
        approve(town, "0" * 16)
    with pytest.raises(NotFound), town.unit(town.director) as uow:
        service.approve_many(uow, [])


@pytest.mark.rule("KC-06")
def test_the_conflicting_days_are_named(small: Town) -> None:
    """The capacity fell while the application stood: each day without a place is listed."""
    first = one(small.regular(small.family(), last=date(2026, 11, 20)))
    with small.unit() as uow:
        from app.centres.models import KiumCentre

        uow.session.get_one(KiumCentre, small.centre_id).base_capacity = 0
    with pytest.raises(RuleBroken) as refused:
        approve(small, first, overrides=COUNSELLED)
    assert set(codes(refused)) == {"decision.seat_conflict"}
    assert "10월 13일(화)" in refused.value.problems[0].sentence
    with small.unit() as uow:
        assert uow.session.scalars(select(Booking.state)).all() == [BookingState.APPLIED]
        assert SEM2.last > WEDNESDAY
