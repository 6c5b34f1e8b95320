from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from app.kernel.actor import SYSTEM, Actor
from app.kernel.audit import AuditLog
from app.kernel.db import TenantRef
from app.kernel.errors import Forbidden, NotFound, RuleBroken, StaleVersion
from app.people.models import Child, Consent, Guardian, GuardianChild
from app.people.queries import child_for, children_of, guardians_of
from app.people.rules import Channel, ConsentChannel, ConsentKind, Relation
from app.people.service import (
    ChildData,
    LegalConsent,
    LikelyTwice,
    edit_child,
    know_child,
    register_child,
    register_family,
)
from tests.people.folk import AGREED, HANUL, Folk, settle


def codes(refused: pytest.ExceptionInfo[RuleBroken]) -> list[str]:
    return [problem.code for problem in refused.value.problems]


@pytest.mark.rule("KB-32")
def test_a_parent_registers_a_child_and_finds_it(folk: Folk) -> None:
    ref = folk.own_child()
    with folk.acting(folk.parent) as uow:
        assert [row.name for row in children_of(uow, folk.parent_id)] == ["김바다", "김하늘"]
        child = child_for(uow, ref)
        assert (child.grade, child.in_school, child.home_centre_id) == (2, True, None)


@pytest.mark.rule("XX-02")
@pytest.mark.parametrize(
    ("relation", "consent", "refused"),
    [
        (Relation.PARENT, LegalConsent(False), ["child.legal_consent_missing"]),
        (Relation.PARENT, LegalConsent(True), []),
        (Relation.LEGAL_REP, LegalConsent(True), []),
        (Relation.GRANDPARENT, LegalConsent(True), ["child.legal_rep_unnamed"]),
        (Relation.GRANDPARENT, LegalConsent(True, legal_rep="\u202e"), ["child.legal_rep_unnamed"]),
        (Relation.OTHER, LegalConsent(True, legal_rep="김부모"), []),
        (None, LegalConsent(True), ["child.legal_rep_unnamed", "child.relation_missing"]),
    ],
)
def test_without_the_legal_representatives_consent_nothing_is_written(
    folk: Folk, relation: Relation | None, consent: LegalConsent, refused: list[str]
) -> None:
    with folk.acting(folk.parent) as uow:
        if not refused:
            register_child(uow, folk.parent_id, HANUL, relation=relation, consent=consent)
            return
        with pytest.raises(RuleBroken) as error:
            register_child(uow, folk.parent_id, HANUL, relation=relation, consent=consent)
        assert codes(error) == refused
        assert not uow.session.scalars(select(Child).where(Child.name == "김하늘")).all()


@pytest.mark.rule("XX-01")
def test_the_consent_is_kept_with_text_person_time_and_channel(folk: Folk) -> None:
    child_id = folk.child_id(folk.walk_in_child())
    with folk.acting(SYSTEM) as uow:
        row = uow.session.scalars(select(Consent).where(Consent.child_id == child_id)).one()
    assert row.kind == ConsentKind.PRIVACY
    assert row.decision
    assert (row.text_version, len(row.text_sha256)) == (1, 64)
    assert row.details["legal_representative"] == "박전화"
    assert row.given_at.date() == date(2026, 11, 20)


@pytest.mark.rule("KB-14")
@pytest.mark.parametrize("channel", [Channel.PHONE, Channel.VISIT])
def test_staff_register_by_telephone_or_visit_and_the_channel_is_recorded(
    folk: Folk, channel: Channel
) -> None:
    with folk.acting(folk.teacher) as uow:
        guardian, child = register_family(
            uow,
            guardian_name="박 전화",
            phone="010-7777-8888",
            child=HANUL,
            relation=Relation.PARENT,
            consent=LegalConsent(True, ConsentChannel.PHONE),
            channel=channel,
        )
        assert (guardian.user_id, guardian.phone) == (None, "01077778888")
        assert child.home_centre_id == folk.centre_id
        entry = uow.session.scalars(select(AuditLog).where(AuditLog.action == "child.registered")).one()
        assert entry.diff == {"channel": [None, channel.value]}


@pytest.mark.rule("KB-14")
def test_staff_have_no_online_channel_and_guardians_no_other(folk: Folk) -> None:
    with folk.acting(folk.teacher) as uow, pytest.raises(RuleBroken, match="channel_bad"):
        register_child(uow, folk.parent_id, HANUL, relation=Relation.PARENT, consent=AGREED)
    with folk.acting(folk.parent) as uow, pytest.raises(Forbidden):
        register_child(
            uow, folk.parent_id, HANUL, relation=Relation.PARENT, consent=AGREED, channel=Channel.VISIT
        )


def test_nobody_registers_for_another_guardian_and_officers_not_at_all(folk: Folk) -> None:
    with folk.acting(folk.stranger) as uow, pytest.raises(NotFound):
        register_child(uow, folk.parent_id, HANUL, relation=Relation.PARENT, consent=AGREED)
    with folk.acting(folk.officer) as uow, pytest.raises(Forbidden):
        register_child(uow, folk.parent_id, HANUL, relation=Relation.PARENT, consent=AGREED)


@pytest.mark.rule("KB-32")
def test_the_same_child_is_offered_and_not_silently_doubled(folk: Folk) -> None:
    ref = folk.walk_in_child()
    again = {
        "guardian_name": "박다른",
        "phone": "01077778888",
        "child": replace(HANUL, name="김 하늘"),
        "relation": Relation.PARENT,
        "consent": AGREED,
        "channel": Channel.VISIT,
    }
    with folk.acting(folk.teacher) as uow, pytest.raises(LikelyTwice) as offered:
        register_family(uow, **again)
    assert [child.ref for child in offered.value.matches] == [ref]
    with folk.acting(folk.teacher) as uow:
        _, other = register_family(uow, **again, confirmed_new=True)
        assert other.ref != ref


@pytest.mark.rule("KB-32")
def test_a_guardian_cannot_register_the_own_child_twice(folk: Folk) -> None:
    folk.own_child()
    with folk.acting(folk.parent) as uow, pytest.raises(RuleBroken, match="already_yours"):
        register_child(
            uow, folk.parent_id, HANUL, relation=Relation.PARENT, consent=AGREED, confirmed_new=True
        )


def test_another_name_birth_date_or_number_is_another_child(folk: Folk) -> None:
    folk.walk_in_child()
    folk.walk_in_child(replace(HANUL, name="김하람"))
    folk.walk_in_child(replace(HANUL, birth_date=date(2018, 5, 6)))
    folk.walk_in_child(phone="010-7777-0000")
    with folk.acting(SYSTEM) as uow:
        assert (
            len(uow.session.scalars(select(Child).where(Child.home_centre_id == folk.centre_id)).all()) == 4
        )


def test_the_same_guardian_is_found_again_by_name_and_number(folk: Folk) -> None:
    folk.walk_in_child()
    folk.walk_in_child(replace(HANUL, name="김동생", birth_date=date(2019, 1, 1)))
    with folk.acting(SYSTEM) as uow:
        assert len(uow.session.scalars(select(Guardian).where(Guardian.phone == "01077778888")).all()) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": ""}, "child.name_missing"),
        ({"name": "가" * 41}, "child.name_too_long"),
        ({"name": "김\u202e하늘"}, "child.name_bad_character"),
        ({"name": "김\x00하늘"}, "child.name_bad_character"),
        ({"name": "😀😀"}, "child.name_missing"),
        ({"birth_date": date(2026, 11, 21)}, "child.birth_in_future"),
        ({"birth_date": date(2007, 11, 20)}, "child.birth_too_early"),
        ({"sex": None}, "child.sex_missing"),
        ({"grade": 0}, "child.grade_bad"),
        ({"grade": 10}, "child.grade_bad"),
        ({"school": "초" * 61}, "people.line_too_long"),
        ({"address": "로" * 201}, "people.line_too_long"),
    ],
)
def test_bad_entries_get_a_korean_answer(folk: Folk, change: dict[str, object], code: str) -> None:
    with folk.acting(folk.parent) as uow, pytest.raises(RuleBroken) as refused:
        register_child(
            uow, folk.parent_id, replace(HANUL, **change), relation=Relation.PARENT, consent=AGREED
        )
    assert codes(refused) == [code]
    assert refused.value.problems[0].sentence.endswith("요.")


def test_invisible_signs_do_not_reach_the_record(folk: Folk) -> None:
    ref = folk.own_child(replace(HANUL, school="온수\u202e초\x00😀", address="구로구\n온수로\t1"))
    with folk.acting(folk.parent) as uow:
        child = child_for(uow, ref)
        assert (child.school, child.address) == ("온수초😀", "구로구 온수로 1")


def test_an_edit_with_an_old_version_is_refused(folk: Folk) -> None:
    ref = folk.own_child()
    with folk.acting(folk.parent) as uow:
        child = edit_child(uow, ref, replace(HANUL, school="궁동초"), version=1)
        assert (child.school, child.version) == ("궁동초", 2)
        with pytest.raises(StaleVersion):
            edit_child(uow, ref, HANUL, version=1)
        entry = uow.session.scalars(select(AuditLog).where(AuditLog.action == "child.edited")).one()
        assert entry.diff == {"school": ["온수초", "궁동초"]}


@pytest.mark.rule("XX-05")
def test_each_sees_only_the_own_children(folk: Folk) -> None:
    own, walk_in = folk.own_child(), folk.walk_in_child(phone="010-5555-6666")
    may = {(own, folk.parent), (walk_in, folk.teacher), (walk_in, folk.director)}
    for ref in (own, walk_in):
        for actor in (folk.parent, folk.stranger, folk.teacher, folk.director, folk.colleague, folk.officer):
            with folk.acting(actor) as uow:
                if (ref, actor) in may:
                    assert child_for(uow, ref).ref == ref
                else:
                    with pytest.raises(NotFound):
                        child_for(uow, ref)


@pytest.mark.rule("XX-05")
def test_a_booked_child_becomes_known_to_the_centre_and_to_no_other(folk: Folk) -> None:
    ref = folk.own_child()
    with folk.acting(SYSTEM) as uow:
        for _ in range(2):
            know_child(uow, folk.child_id(ref), folk.centre_id)
        assert len(uow.session.scalars(select(AuditLog).where(AuditLog.action == "child.known")).all()) == 1
    with folk.acting(folk.teacher) as uow:
        assert child_for(uow, ref).name == "김하늘"
    with folk.acting(folk.colleague) as uow, pytest.raises(NotFound):
        child_for(uow, ref)


def test_a_guardian_sees_another_guardians_children_only_when_they_are_shared(folk: Folk) -> None:
    ref = folk.own_child()
    with folk.acting(SYSTEM) as uow:
        uow.session.add(
            GuardianChild(
                guardian_id=folk.stranger_id,
                child_id=folk.child_id(ref),
                relation="PARENT",
                emergency_order=2,
                created_at=uow.now,
            )
        )
    with folk.acting(folk.stranger) as uow:
        assert child_for(uow, ref).ref == ref
        assert [row.name for row in children_of(uow, folk.parent_id)] == ["김하늘"]
        assert [g.name for g in guardians_of(uow, child_for(uow, ref).id)] == ["김보호", "남모르"]


@pytest.mark.rule("GC-21")
def test_nothing_crosses_into_another_municipality(folk: Folk, gwacheon: TenantRef) -> None:
    ref = folk.own_child()
    there = settle(gwacheon)
    for actor in (there.parent, there.teacher, SYSTEM):
        with there.acting(actor) as uow, pytest.raises(NotFound):
            child_for(uow, ref)


def test_an_actor_without_a_guardian_or_a_centre_sees_nobody(folk: Folk) -> None:
    ref = folk.walk_in_child()
    for role in {folk.parent.role, folk.teacher.role}:
        with folk.acting(Actor(role, user_id=77)) as uow, pytest.raises(NotFound):
            child_for(uow, ref)


def test_child_data_has_no_place_for_numbers_the_law_forbids() -> None:
    assert not {name for name in ChildData.__dataclass_fields__ if "rrn" in name or "resident" in name}
