from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select, text

from app.kernel.actor import Actor, Role
from app.kernel.audit import AccessLog, AuditLog
from app.kernel.errors import Forbidden, NotFound, RuleBroken
from app.people.models import HealthNote
from app.people.queries import health_marks
from app.people.rules import ConsentKind, HealthKind
from app.people.service import (
    add_health_note,
    give_consent,
    know_child,
    open_health_notes,
    remove_health_note,
    withdraw_consent,
)
from tests.people.folk import Folk

SECRET = "땅콩을 먹으면 안 돼요 😀"


def with_note(folk: Folk) -> str:
    ref = folk.own_child()
    with folk.acting(folk.parent) as uow:
        give_consent(uow, ref, ConsentKind.SENSITIVE, decision=True)
        add_health_note(uow, ref, HealthKind.ALLERGY, SECRET)
        know_child(uow, folk.child_id(ref), folk.centre_id)
    return ref


@pytest.mark.rule("XX-08")
def test_a_note_is_sealed_to_its_own_row(folk: Folk) -> None:
    ref = with_note(folk)
    with folk.acting(folk.parent) as uow:
        row = uow.session.scalars(select(HealthNote)).one()
        assert "땅콩".encode() not in row.sealed
        twin = HealthNote(child_id=row.child_id, kind="ALLERGY", sealed=row.sealed, created_at=uow.now)
        uow.session.add(twin)
        uow.session.flush()
        with pytest.raises(InvalidTag):
            open_health_notes(uow, ref)


@pytest.mark.rule("XX-03")
@pytest.mark.rule("XX-08")
def test_family_and_care_staff_open_it_and_each_opening_is_logged(folk: Folk) -> None:
    ref = with_note(folk)
    for actor, reason in ((folk.parent, None), (folk.teacher, "간식 준비"), (folk.director, "상담")):
        with folk.acting(actor) as uow:
            assert [(n.kind, n.text) for n in open_health_notes(uow, ref, reason=reason)] == [
                (HealthKind.ALLERGY, SECRET)
            ]
    with folk.acting(folk.parent) as uow:
        rows = uow.session.scalars(select(AccessLog).order_by(AccessLog.id)).all()
        assert [(r.user_id, r.what, r.subject_id, r.reason) for r in rows] == [
            (folk.parent.user_id, "health_note.opened", folk.child_id(ref), None),
            (901, "health_note.opened", folk.child_id(ref), "간식 준비"),
            (902, "health_note.opened", folk.child_id(ref), "상담"),
        ]


@pytest.mark.rule("XX-03")
def test_nobody_else_opens_it(folk: Folk) -> None:
    ref = with_note(folk)
    for actor in (folk.stranger, folk.colleague):
        with folk.acting(actor) as uow, pytest.raises(NotFound):
            open_health_notes(uow, ref)
    for role in (Role.DISTRICT_OFFICER, Role.SEOUL_ADMIN, Role.PLATFORM_OPERATOR, Role.VISITOR):
        with folk.acting(Actor(role, user_id=5)) as uow, pytest.raises(Forbidden):
            open_health_notes(uow, ref)


def test_the_text_stands_in_no_log(folk: Folk) -> None:
    ref = with_note(folk)
    with folk.acting(folk.parent) as uow:
        open_health_notes(uow, ref)
        for table in (AuditLog, AccessLog):
            whole = uow.session.execute(text(f"SELECT string_agg(t::text, ' ') FROM {table.__tablename__} t"))
            assert "땅콩" not in (whole.scalar() or "")


@pytest.mark.rule("XX-01")
def test_without_the_consent_to_sensitive_data_nothing_is_written(folk: Folk) -> None:
    ref = folk.own_child()
    with folk.acting(folk.parent) as uow:
        with pytest.raises(RuleBroken, match="consent_missing"):
            add_health_note(uow, ref, HealthKind.ALLERGY, SECRET)
        give_consent(uow, ref, ConsentKind.SENSITIVE, decision=True)
        add_health_note(uow, ref, HealthKind.ALLERGY, SECRET)
        withdraw_consent(uow, ref, ConsentKind.SENSITIVE)
        with pytest.raises(RuleBroken, match="consent_missing"):
            add_health_note(uow, ref, HealthKind.MEDICINE, SECRET)


@pytest.mark.parametrize(
    ("kind", "words", "code"),
    [
        (None, "가", "kind_missing"),
        (HealthKind.HABIT, "", "text_missing"),
        (HealthKind.HABIT, "\u202e\x00 ", "text_missing"),
        (HealthKind.HABIT, "가" * 1001, "line_too_long"),
    ],
)
def test_bad_notes_get_a_korean_answer(folk: Folk, kind: HealthKind | None, words: str, code: str) -> None:
    ref = folk.own_child()
    with folk.acting(folk.parent) as uow:
        give_consent(uow, ref, ConsentKind.SENSITIVE, decision=True)
        with pytest.raises(RuleBroken, match=code):
            add_health_note(uow, ref, kind, words)


def test_marks_tell_kinds_only_and_a_removed_note_leaves_them(folk: Folk) -> None:
    ref = with_note(folk)
    child_id = folk.child_id(ref)
    with folk.acting(folk.parent) as uow:
        assert health_marks(uow, [child_id]) == {child_id: frozenset({HealthKind.ALLERGY})}
        remove_health_note(uow, ref, open_health_notes(uow, ref)[0].ref)
        assert health_marks(uow, [child_id]) == {}
        assert open_health_notes(uow, ref) == []
