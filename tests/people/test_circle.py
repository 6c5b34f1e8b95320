from __future__ import annotations

import pytest

from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.errors import NotFound, RuleBroken
from app.people.models import Guardian
from app.people.queries import child_for, guardians_of, pickup_people
from app.people.rules import Relation
from app.people.service import (
    GuardianData,
    GuardianLink,
    add_guardian,
    add_pickup_person,
    change_guardian_link,
    know_child,
    remove_guardian,
    remove_pickup_person,
)
from tests.cast_accounts import make_user
from tests.people.folk import Folk

GRANDMA = GuardianData("이할머니", "010-2222-0001", Relation.GRANDPARENT, lives_together=False)


def test_up_to_four_guardians_in_the_order_they_are_called(folk: Folk) -> None:
    ref = folk.own_child()
    with folk.acting(folk.parent) as uow:
        for number in range(1, 4):
            add_guardian(uow, ref, GuardianData(f"보호{number}", f"010-2222-000{number}", Relation.OTHER))
        rows = guardians_of(uow, child_for(uow, ref).id)
        assert [(r.name, r.emergency_order) for r in rows] == [
            ("김보호", 1),
            ("보호1", 2),
            ("보호2", 3),
            ("보호3", 4),
        ]
        with pytest.raises(RuleBroken, match="too_many"):
            add_guardian(uow, ref, GRANDMA)
        last = rows[-1]
        change_guardian_link(uow, ref, last.ref, GuardianLink(Relation.OTHER, False, False, 1))
        rows = guardians_of(uow, child_for(uow, ref).id)
        assert [r.name for r in rows] == ["보호3", "김보호", "보호1", "보호2"]
        assert (rows[0].may_pick_up, rows[0].lives_together) == (False, False)
        remove_guardian(uow, ref, rows[2].ref)
        rows = guardians_of(uow, child_for(uow, ref).id)
        assert [(r.name, r.emergency_order) for r in rows] == [("보호3", 1), ("김보호", 2), ("보호2", 3)]


@pytest.mark.parametrize("order", [0, 3, -1])
def test_an_order_beyond_the_list_is_refused(folk: Folk, order: int) -> None:
    ref = folk.own_child()
    with folk.acting(folk.parent) as uow:
        add_guardian(uow, ref, GRANDMA)
        row = guardians_of(uow, child_for(uow, ref).id)[0]
        with pytest.raises(RuleBroken, match="order_bad"):
            change_guardian_link(uow, ref, row.ref, GuardianLink(Relation.PARENT, True, True, order))


def test_the_same_person_is_not_added_twice_and_entries_are_checked(folk: Folk) -> None:
    ref = folk.own_child()
    with folk.acting(folk.parent) as uow:
        add_guardian(uow, ref, GRANDMA)
        with pytest.raises(RuleBroken, match="twice"):
            add_guardian(uow, ref, GRANDMA)
        with pytest.raises(RuleBroken) as refused:
            add_guardian(uow, ref, GuardianData("", "12", None))
        assert [p.field for p in refused.value.problems] == ["name", "phone", "relation"]


def test_neither_oneself_nor_a_member_nor_the_last_one_can_be_removed_by_a_parent(folk: Folk) -> None:
    ref = folk.own_child()
    with folk.acting(folk.parent) as uow:
        me = guardians_of(uow, child_for(uow, ref).id)[0]
        with pytest.raises(RuleBroken, match="last"):
            remove_guardian(uow, ref, me.ref)
        add_guardian(uow, ref, GRANDMA)
        with pytest.raises(RuleBroken, match="not_yourself"):
            remove_guardian(uow, ref, me.ref)


@pytest.fixture
def other_parent(folk: Folk) -> tuple[str, str, Actor]:
    """A child, the ref of its other guardian, who has an account, and that guardian at their phone."""
    ref = folk.own_child()
    with folk.acting(folk.parent) as uow:
        link = add_guardian(uow, ref, GuardianData("김아빠", "010-2222-0009", Relation.PARENT))
    with folk.acting(SYSTEM) as uow:
        user = make_user(uow, Role.GUARDIAN, name="김아빠", phone="01022220009")
        father = uow.session.get_one(Guardian, link.guardian_id)
        father.user_id = user.id
        uow.session.flush()
        return ref, father.ref, Actor(Role.GUARDIAN, user.id, "김아빠", guardian_id=father.id)


@pytest.mark.rule("XX-05")
@pytest.mark.parametrize(
    "changed",
    [
        GuardianLink(Relation.PARENT, True, False, 2),
        GuardianLink(Relation.PARENT, False, True, 2),
        GuardianLink(Relation.OTHER, True, True, 2),
    ],
)
def test_one_parent_does_not_take_the_others_rights(
    folk: Folk, other_parent: tuple[str, str, Actor], changed: GuardianLink
) -> None:
    ref, father, _ = other_parent
    with folk.acting(folk.parent) as uow, pytest.raises(RuleBroken, match="other_member"):
        change_guardian_link(uow, ref, father, changed)
    with folk.acting(folk.parent) as uow, pytest.raises(RuleBroken, match="other_member"):
        remove_guardian(uow, ref, father)
    with folk.acting(folk.parent) as uow:
        row = guardians_of(uow, child_for(uow, ref).id)[1]
        assert (row.relation, row.lives_together, row.may_pick_up) == (Relation.PARENT, True, True)


@pytest.mark.rule("XX-05")
def test_who_may_change_what_a_member_is_to_a_child(folk: Folk, other_parent: tuple[str, str, Actor]) -> None:
    ref, father, himself = other_parent
    with folk.acting(SYSTEM) as uow:
        know_child(uow, folk.child_id(ref), folk.centre_id)
    called_first = GuardianLink(Relation.PARENT, True, True, 1)
    for actor, link in (
        (folk.parent, called_first),
        (himself, GuardianLink(Relation.PARENT, False, True, 1)),
        (folk.teacher, GuardianLink(Relation.PARENT, False, False, 1)),
    ):
        with folk.acting(actor) as uow:
            change_guardian_link(uow, ref, father, link)
            row = guardians_of(uow, child_for(uow, ref).id)[0]
            assert (row.ref, row.lives_together, row.may_pick_up) == (
                father,
                link.lives_together,
                link.may_pick_up,
            )


def test_people_who_may_fetch_the_child(folk: Folk) -> None:
    ref = folk.own_child()
    with folk.acting(folk.parent) as uow:
        row = add_pickup_person(uow, ref, "최 이모", "이모", "010-3333-4444")
        assert [(p.name, p.phone) for p in pickup_people(uow, child_for(uow, ref).id)] == [
            ("최 이모", "01033334444")
        ]
        with pytest.raises(RuleBroken) as refused:
            add_pickup_person(uow, ref, "\u202e", "", "1")
        assert {p.field for p in refused.value.problems} == {"name", "relation", "phone"}
        remove_pickup_person(uow, ref, row.ref)
        assert pickup_people(uow, child_for(uow, ref).id) == []
        with pytest.raises(NotFound):
            remove_pickup_person(uow, ref, row.ref)


@pytest.mark.rule("XX-05")
def test_a_stranger_changes_nothing(folk: Folk) -> None:
    ref = folk.own_child()
    for actor in (folk.stranger, folk.teacher, folk.colleague):
        with folk.acting(actor) as uow:
            with pytest.raises(NotFound):
                add_guardian(uow, ref, GRANDMA)
            with pytest.raises(NotFound):
                add_pickup_person(uow, ref, "최이모", "이모", "010-3333-4444")


def test_one_childs_pickup_person_cannot_be_removed_through_another_child(folk: Folk) -> None:
    mine = folk.own_child()
    theirs = folk.walk_in_child()
    with folk.acting(folk.teacher) as uow:
        row = add_pickup_person(uow, theirs, "최이모", "이모", "010-3333-4444")
    with folk.acting(folk.parent) as uow, pytest.raises(NotFound):
        remove_pickup_person(uow, mine, row.ref)
