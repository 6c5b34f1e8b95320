from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts.hooks import guardian_joined as announce
from app.kernel.actor import SYSTEM, Role
from app.kernel.audit import AccessLog, AuditLog
from app.kernel.errors import Forbidden, NotFound, RuleBroken, StaleVersion
from app.messaging.models import Message
from app.people.models import Guardian
from app.people.queries import guardian_of_user
from app.people.service import (
    SearchWords,
    correct_guardian,
    edit_own_details,
    invite_guardian,
    know_child,
    open_contacts,
    search_children,
)
from tests.cast_accounts import make_user
from tests.people.folk import HANUL, Folk


def walk_in_guardian(folk: Folk) -> Guardian:
    folk.walk_in_child()
    with folk.acting(SYSTEM) as uow:
        return uow.session.scalars(select(Guardian).where(Guardian.phone == "01077778888")).one()


@pytest.mark.rule("KB-48")
def test_a_wrong_number_is_corrected_by_staff_and_counts_as_unverified(folk: Folk) -> None:
    guardian = walk_in_guardian(folk)
    with folk.acting(folk.teacher) as uow:
        row = correct_guardian(uow, guardian.ref, version=1, name="박전화", phone="010-7777-9999")
        assert (row.phone, row.phone_verified_at, row.version) == ("01077779999", None, 2)
        with pytest.raises(StaleVersion):
            correct_guardian(uow, guardian.ref, version=1, name="박전화", phone="010-7777-9999")
        with pytest.raises(RuleBroken, match=r"phone\.bad"):
            correct_guardian(uow, guardian.ref, version=2, name="박전화", phone="010-7777-999")
    with folk.acting(folk.colleague) as uow, pytest.raises(NotFound):
        correct_guardian(uow, guardian.ref, version=2, name="박전화", phone="010-7777-0000")


@pytest.mark.rule("KB-48")
def test_a_guardian_cannot_change_the_number(folk: Folk) -> None:
    with folk.acting(folk.parent) as uow:
        row = edit_own_details(uow, version=1, email="a@example.kr", address="온수로 1", workplace="누리물산")
        assert (row.phone, row.workplace) == ("01011112222", "누리물산")
        with pytest.raises(Forbidden):
            correct_guardian(uow, row.ref, version=2, name="김보호", phone="010-0000-0000")


@pytest.mark.rule("KB-33")
def test_a_guardian_without_an_account_is_invited_and_it_is_recorded(folk: Folk) -> None:
    guardian = walk_in_guardian(folk)
    with folk.acting(folk.teacher) as uow:
        for _ in range(2):
            invite_guardian(uow, guardian.ref)
        message = uow.session.scalars(select(Message)).one()
        assert message.to == "01077778888"
        assert "김하늘" in message.body
        assert "가입" in message.body
        assert uow.session.scalars(select(AuditLog).where(AuditLog.action == "guardian.invited")).first()


@pytest.mark.rule("KB-33")
def test_a_member_is_not_invited_again(folk: Folk) -> None:
    ref = folk.own_child()
    with folk.acting(folk.teacher) as uow:
        know_child(uow, folk.child_id(ref), folk.centre_id)
        guardian = uow.session.get_one(Guardian, folk.parent_id)
        with pytest.raises(RuleBroken, match="member_already"):
            invite_guardian(uow, guardian.ref)


def test_joining_makes_the_family_record_once_in_the_same_transaction(folk: Folk) -> None:
    with folk.acting(SYSTEM) as uow:
        user = make_user(uow, Role.GUARDIAN, name="윤새봄", phone="01044445555")
        announce(uow, user)
        row = guardian_of_user(uow, user.id)
        assert row is not None
        assert (row.name, row.phone, row.phone_verified_at) == (
            "윤새봄",
            "01044445555",
            user.phone_verified_at,
        )


@pytest.mark.rule("KB-32")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        (SearchWords(name="하늘"), ["김하늘"]),
        (SearchWords(name="박전화"), ["김하늘"]),
        (SearchWords(phone_tail="8888"), ["김하늘"]),
        (SearchWords(birth_date=HANUL.birth_date), ["김하늘"]),
        (SearchWords(name="김하늘", phone_tail="8888", birth_date=HANUL.birth_date), ["김하늘"]),
        (SearchWords(name="김하늘", phone_tail="0000"), []),
        (SearchWords(name="김바다"), []),
        (SearchWords(name="%"), []),
        (SearchWords(name="_하늘"), []),
        (SearchWords(name="' OR 1=1 --"), []),
    ],
)
def test_search_finds_the_centres_own_registered_children(
    folk: Folk, words: SearchWords, found: list[str]
) -> None:
    folk.walk_in_child()
    with folk.acting(folk.teacher) as uow:
        assert [row.child.name for row in search_children(uow, words)] == found
    with folk.acting(folk.colleague) as uow:
        assert list(search_children(uow, words)) == []


@pytest.mark.rule("KB-32")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (SearchWords(), "no_criterion"),
        (SearchWords(name="  "), "no_criterion"),
        (SearchWords(phone_tail="123"), "bad_tail"),
        (SearchWords(phone_tail="12345"), "bad_tail"),
        (SearchWords(phone_tail="１２３４"), "bad_tail"),
        (SearchWords(name="가" * 41), "line_too_long"),
    ],
)
def test_an_empty_or_odd_search_asks_for_words(folk: Folk, words: SearchWords, code: str) -> None:
    with folk.acting(folk.teacher) as uow, pytest.raises(RuleBroken, match=code):
        search_children(uow, words)


@pytest.mark.rule("XX-12")
def test_searching_and_opening_leave_traces_without_names(folk: Folk) -> None:
    ref = folk.walk_in_child()
    with folk.acting(folk.teacher) as uow:
        search_children(uow, SearchWords(name="하늘"))
        contacts = open_contacts(uow, ref, reason="귀가 연락")
        assert contacts.guardians[0].phone == "01077778888"
        rows = uow.session.scalars(select(AccessLog).order_by(AccessLog.id)).all()
        assert [(r.what, r.row_count, r.reason) for r in rows] == [
            ("child.search", 1, None),
            ("child.contacts", 1, "귀가 연락"),
        ]
    with folk.acting(folk.colleague) as uow, pytest.raises(NotFound):
        open_contacts(uow, ref)
    for actor in (folk.parent, folk.officer):
        with folk.acting(actor) as uow, pytest.raises(Forbidden):
            search_children(uow, SearchWords(name="하늘"))
