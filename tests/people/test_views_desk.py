"""The centre's desk: families by telephone, the search, masked numbers, links."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.kernel.actor import SYSTEM
from app.kernel.audit import AccessLog
from app.kernel.db import unit_of_work
from app.people.models import Child, Guardian
from app.people.queries import child_by_id, guardians_of
from tests.people.browsers import HTMX, Stage, new_child, new_family, once


@pytest.mark.rule("KB-14")
@pytest.mark.rule("KB-32")
def test_staff_register_by_telephone_and_are_offered_the_known_child(stage: Stage) -> None:
    assert "등록된 아동이 없어요" in stage.teacher.post("/seoul/users", data={"name": "새별"}).text
    made = stage.teacher.post("/seoul/users/new", data=new_family())
    assert made.status_code == 303
    found = stage.teacher.post("/seoul/users", data={"phone_tail": "8888"}).text
    assert "김새별" in found
    assert "010-****-8888" in found
    assert "01077778888" not in found
    twice = stage.teacher.post("/seoul/users/new", data=new_family(request_id=once("b")))
    assert twice.status_code == 422
    assert "이 아동으로 계속" in twice.text
    anew = stage.teacher.post(
        "/seoul/users/new", data=new_family(request_id=once("c"), confirmed_new="y", guardian_name="박다른")
    )
    assert anew.status_code == 303
    for changed in (
        {"phone": "123"},
        {"channel": "ONLINE"},
        {"guardian_name": "\u202e"},
        {"legal_consent": None},
    ):
        assert (
            stage.teacher.post(
                "/seoul/users/new", data=new_family(request_id=once("f"), **changed)
            ).status_code
            == 422
        )


@pytest.mark.rule("KB-32")
def test_another_centre_takes_on_a_known_child_only_by_its_three_facts(stage: Stage) -> None:
    made = stage.teacher.post("/seoul/users/new", data=new_family())
    ref = made.location.rpartition("/")[2]
    assert stage.colleague.get(made.location).status_code == 404
    offered = stage.colleague.post("/seoul/users/new", data=new_family(request_id=once("b")))
    assert ref in offered.text
    wrong = stage.colleague.post("/seoul/users/new", data=new_family(use=ref, birth_date="2019-02-04"))
    assert wrong.status_code == 404
    foreign = stage.colleague.post("/seoul/users/new", data=new_family(use=stage.ref))
    assert foreign.status_code == 404
    assert stage.colleague.post("/seoul/users/new", data=new_family(use=ref)).location == made.location
    assert stage.colleague.get(made.location).status_code == 200


@pytest.mark.rule("XX-12")
def test_no_name_stands_in_an_address_and_each_search_is_logged(stage: Stage) -> None:
    stage.known()
    assert "김하늘" not in stage.teacher.get("/seoul/users?name=하늘").text
    answer = stage.teacher.post("/seoul/users", data={"name": "하늘"}, headers=HTMX)
    assert "김하늘" in answer.text
    assert "<html" not in answer.text
    assert stage.teacher.post("/seoul/users", data={}).status_code == 422
    assert stage.teacher.post("/seoul/users", data={"phone_tail": "12"}).status_code == 422
    assert stage.teacher.post("/seoul/users", data={"birth_date": "x"}).status_code == 422
    with unit_of_work(stage.folk.place, SYSTEM) as uow:
        rows = uow.session.scalars(select(AccessLog).where(AccessLog.what == "child.search")).all()
        assert [row.row_count for row in rows] == [1]


@pytest.mark.rule("XX-08")
def test_numbers_are_masked_until_they_are_opened(stage: Stage) -> None:
    stage.known()
    panel = stage.teacher.get(stage.url, headers=HTMX).text
    assert "010-****-2222" in panel
    assert "<html" not in panel
    assert "1111" not in panel
    opened = stage.teacher.post(f"{stage.url}/contacts", data={"reason": "귀가 연락"}, headers=HTMX).text
    assert "010-1111-2222" in opened
    assert "온수로 1" in opened
    with unit_of_work(stage.folk.place, SYSTEM) as uow:
        row = uow.session.scalars(select(AccessLog).where(AccessLog.what == "child.contacts")).one()
        assert (row.reason, row.subject_id) == ("귀가 연락", stage.child_id)


@pytest.mark.rule("KB-33")
@pytest.mark.rule("KB-48")
def test_a_guardian_is_corrected_and_invited_by_the_centre(stage: Stage) -> None:
    stage.teacher.post("/seoul/users/new", data=new_family())
    with unit_of_work(stage.folk.place, SYSTEM) as uow:
        ref = uow.session.scalars(select(Guardian.ref).where(Guardian.phone == "01077778888")).one()
    url = f"/seoul/guardians/{ref}"
    assert "가입 안내 문자 보내기" in stage.teacher.get(url).text
    assert stage.colleague.get(url).status_code == 404
    assert stage.colleague.post(f"{url}/invite").status_code == 404
    assert stage.teacher.post(f"{url}/invite").status_code == 303
    data = {"name": "박전화", "phone": "010-7777-9999", "version": "1"}
    assert stage.teacher.post(url, data={**data, "phone": "010-77"}).status_code == 422
    assert stage.teacher.post(url, data=data).status_code == 303
    late = stage.teacher.post(url, data=data)
    assert (late.status_code, "01077779999" in late.text) == (409, True)
    own = {"version": "1", "phone": "010-0000-0000", "workplace": "누리물산", "email": "", "address": ""}
    assert stage.parent.post("/seoul/me", data=own).status_code == 303
    page = stage.parent.get("/seoul/me").text
    assert "010-1111-2222" in page
    assert "누리물산" in page


@pytest.mark.rule("KB-34")
def test_a_registered_child_is_linked_from_the_phone_to_the_desk(stage: Stage) -> None:
    stage.teacher.post("/seoul/users/new", data=new_family(phone="010-1111-2222"))
    offered = stage.parent.post("/seoul/children/new", data=new_child(request_id=once("d")))
    assert offered.status_code == 422
    assert "등록된 아이 연결" in offered.text
    page = stage.parent.get("/seoul/children/link").text
    assert "온수동 키움센터" in page
    asked = {
        "request_id": once("e"),
        "child_name": "김새별",
        "birth_date": "2019-02-03",
        "relation": "PARENT",
        "centre": stage.folk.centre_ref,
    }
    assert stage.parent.post("/seoul/children/link", data={**asked, "centre": "x"}).status_code == 422
    assert stage.parent.post("/seoul/children/link", data=asked).status_code == 303
    assert stage.parent.post("/seoul/children/link", data=asked).status_code == 303
    assert "센터 확인 중" in stage.parent.get("/seoul/children").text
    queue = stage.teacher.get("/seoul/desk/links").text
    assert "정보 일치" in queue
    target = re.search(r'action="(/seoul/desk/links/\w+)"', queue)
    assert target is not None
    assert stage.colleague.post(target[1], data={"decision": "link", "version": "1"}).status_code == 404
    assert stage.teacher.post(target[1], data={"decision": "refuse", "version": "1"}).status_code == 422
    assert stage.teacher.post(target[1], data={"decision": "link", "version": "1"}).status_code == 303
    assert "김새별" in stage.parent.get("/seoul/children").text
    with unit_of_work(stage.folk.place, SYSTEM) as uow:
        child = uow.session.scalars(select(Child).where(Child.name == "김새별")).one()
        assert [g.name for g in guardians_of(uow, child_by_id(uow, child.id).id)] == ["김보호"]
