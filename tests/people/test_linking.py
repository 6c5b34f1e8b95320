from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.errors import Forbidden, NotFound, RuleBroken, StaleVersion
from app.messaging.models import Message
from app.people.models import Guardian
from app.people.queries import child_for, guardians_of
from app.people.rules import Relation
from app.people.service import ask_link, decide_link, link_requests, refuse_link
from app.tenancy.models import Institution
from tests.people.folk import HANUL, Folk

PARENTS_PHONE = "010-1111-2222"


def ask(folk: Folk, actor: Actor | None = None, **changed: Any) -> str:
    asked: dict[str, Any] = {
        "child_name": HANUL.name,
        "birth_date": HANUL.birth_date,
        "relation": Relation.PARENT,
        "centre_ref": folk.centre_ref,
        **changed,
    }
    with folk.acting(actor or folk.parent) as uow:
        return ask_link(uow, **asked).ref


@pytest.mark.rule("KB-34")
def test_three_matches_and_the_centres_yes_link_the_child(folk: Folk) -> None:
    child_ref = folk.walk_in_child(phone=PARENTS_PHONE)
    ref = ask(folk)
    with folk.acting(folk.parent) as uow, pytest.raises(NotFound):
        child_for(uow, child_ref)
    with folk.acting(folk.teacher) as uow:
        assert [(row.ref, row.matched) for row in link_requests(uow)] == [(ref, True)]
        child, old = decide_link(uow, ref, version=1)
        assert child.ref == child_ref
        assert old is not None
        assert link_requests(uow) == []
    with folk.acting(folk.parent) as uow:
        rows = guardians_of(uow, child_for(uow, child_ref).id)
        assert [(r.name, r.member, r.emergency_order) for r in rows] == [("김보호", True, 1)]
        assert "연결되었습니다" in uow.session.scalars(select(Message.body)).one()
        assert link_requests(uow)[0].state == "LINKED"


@pytest.mark.rule("KB-34")
@pytest.mark.parametrize(
    ("changed", "phone"),
    [
        ({"child_name": "김하람"}, PARENTS_PHONE),
        ({"birth_date": date(2018, 5, 6)}, PARENTS_PHONE),
        ({}, "010-1111-2223"),
    ],
)
def test_a_mismatch_goes_to_a_person_who_chooses_and_says_why(
    folk: Folk, changed: dict[str, Any], phone: str
) -> None:
    child_ref = folk.walk_in_child(phone=phone)
    ref = ask(folk, **changed)
    with folk.acting(folk.teacher) as uow:
        row = link_requests(uow)[0]
        assert (row.state, row.matched) == ("REVIEW", False)
        with pytest.raises(RuleBroken) as refused:
            decide_link(uow, ref, version=1)
        assert [p.code for p in refused.value.problems] == ["link.child_not_chosen", "people.reason_missing"]
        decide_link(uow, ref, version=1, child_ref=child_ref, reason="가족관계증명서 확인")
    with folk.acting(folk.parent) as uow:
        assert child_for(uow, child_ref).ref == child_ref


@pytest.mark.rule("KB-34")
def test_the_number_must_be_verified_and_the_centre_named(folk: Folk) -> None:
    with folk.acting(SYSTEM) as uow:
        uow.session.get_one(Guardian, folk.parent_id).phone_verified_at = None
    with pytest.raises(RuleBroken) as refused:
        ask(folk, centre_ref="0" * 16, relation=None)
    assert {p.code for p in refused.value.problems} == {
        "link.phone_unverified",
        "link.centre_missing",
        "child.relation_missing",
    }


@pytest.mark.rule("KB-34")
def test_a_child_of_another_centre_is_not_matched(folk: Folk) -> None:
    folk.walk_in_child(phone=PARENTS_PHONE)
    with folk.acting(folk.colleague) as uow:
        other_ref = uow.session.get_one(Institution, folk.other_centre_id).ref
    ref = ask(folk, centre_ref=other_ref)
    with folk.acting(folk.colleague) as uow:
        assert link_requests(uow)[0].state == "REVIEW"
    with folk.acting(folk.teacher) as uow, pytest.raises(NotFound):
        decide_link(uow, ref, version=1)


def test_asking_twice_is_asking_once(folk: Folk) -> None:
    ask(folk)
    with pytest.raises(RuleBroken, match="asked"):
        ask(folk)


def test_a_refusal_names_its_reason(folk: Folk) -> None:
    ref = ask(folk)
    with folk.acting(folk.director) as uow:
        with pytest.raises(RuleBroken, match="reason_missing"):
            refuse_link(uow, ref, version=1, reason="")
        with pytest.raises(StaleVersion):
            refuse_link(uow, ref, version=2, reason="등록된 아동이 없어요")
        refuse_link(uow, ref, version=1, reason="등록된 아동이 없어요")
        with pytest.raises(RuleBroken, match="decided_already"):
            refuse_link(uow, ref, version=2, reason="또")
    with folk.acting(folk.parent) as uow:
        assert [(r.state, r.decision_reason) for r in link_requests(uow)] == [
            ("REFUSED", "등록된 아동이 없어요")
        ]
    ask(folk)


def test_nobody_confirms_the_own_request_and_guardians_never(folk: Folk) -> None:
    folk.walk_in_child(phone=PARENTS_PHONE)
    ref = ask(folk)
    both = Actor(Role.CARE_TEACHER, user_id=folk.parent.user_id, scope=folk.centre_id)
    with folk.acting(both) as uow, pytest.raises(RuleBroken, match="own_case"):
        decide_link(uow, ref, version=1)
    with folk.acting(folk.parent) as uow, pytest.raises(Forbidden):
        decide_link(uow, ref, version=1)
    with folk.acting(folk.stranger) as uow:
        assert link_requests(uow) == []
