"""Guardians and the people who fetch, by their pages."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.kernel.actor import SYSTEM, Role
from app.kernel.db import unit_of_work
from app.people.models import Guardian, PickupPerson
from app.people.queries import guardians_of
from tests.cast_accounts import make_user
from tests.people.browsers import Stage


def test_guardians_and_people_who_fetch(stage: Stage) -> None:
    circle = f"{stage.url}/circle"
    added = stage.parent.post(
        f"{stage.url}/guardians",
        data={
            "g-name": "이할머니",
            "g-phone": "010-2222-0001",
            "g-relation": "GRANDPARENT",
            "g-may_pick_up": "y",
        },
    )
    assert added.location == circle
    wrong = stage.parent.post(
        f"{stage.url}/pickups", data={"p-name": "최이모", "p-relation": "이모", "p-phone": "1"}
    )
    assert wrong.status_code == 422
    assert "전화번호를 다시 확인해 주세요" in wrong.text
    stage.parent.post(
        f"{stage.url}/pickups", data={"p-name": "최이모", "p-relation": "이모", "p-phone": "010-3333-4444"}
    )
    page = stage.parent.get(circle).text
    assert "이할머니" in page
    assert "010-3333-4444" in page
    with unit_of_work(stage.folk.place, SYSTEM) as uow:
        me, grandma = guardians_of(uow, stage.child_id)
        aunt = uow.session.scalars(select(PickupPerson.ref)).one()
    change = stage.parent.post(
        f"{stage.url}/guardians/{grandma.ref}", data={"relation": "OTHER", "emergency_order": "1"}
    )
    assert change.status_code == 303
    assert (
        stage.parent.post(
            f"{stage.url}/guardians/{grandma.ref}", data={"relation": "OTHER", "emergency_order": "x"}
        ).status_code
        == 422
    )
    assert stage.parent.post(f"{stage.url}/guardians/{me.ref}", data={"remove": "y"}).status_code == 422
    assert stage.parent.post(f"{stage.url}/guardians/{grandma.ref}", data={"remove": "y"}).status_code == 303
    assert stage.parent.post(f"{stage.url}/pickups/{aunt}").status_code == 303
    page = stage.parent.get(circle).text
    assert "이할머니" not in page
    assert "최이모" not in page


@pytest.mark.rule("XX-05")
def test_another_members_rights_are_not_offered_for_change(stage: Stage) -> None:
    data = {"g-name": "김아빠", "g-phone": "010-2222-0009", "g-relation": "PARENT", "g-may_pick_up": "y"}
    stage.parent.post(f"{stage.url}/guardians", data=data)
    assert stage.parent.get(f"{stage.url}/circle").text.count('type="checkbox" name="may_pick_up"') == 2
    with unit_of_work(stage.folk.place, SYSTEM) as uow:
        father = uow.session.scalars(select(Guardian).where(Guardian.name == "김아빠")).one()
        father.user_id = make_user(uow, Role.GUARDIAN, name="김아빠", phone="01022220009").id
        uow.session.flush()
        ref = father.ref
    page = stage.parent.get(f"{stage.url}/circle").text
    assert page.count('type="checkbox" name="may_pick_up"') == 1
    assert "그 보호자나 센터가 바꿔요" in page
    url, as_shown = f"{stage.url}/guardians/{ref}", {"relation": "PARENT", "may_pick_up": "y"}
    assert stage.parent.post(url, data={**as_shown, "emergency_order": "1"}).status_code == 303
    refused = stage.parent.post(url, data={"relation": "PARENT", "emergency_order": "1"})
    assert refused.status_code == 422
    assert "센터에 문의해 주세요" in refused.text
