"""The pages about families, with a browser's eyes."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import UserAccount
from app.kernel.actor import SYSTEM, Role
from app.kernel.audit import AccessLog
from app.kernel.db import TenantRef, unit_of_work
from app.people.models import Child, Consent, Evidence, Guardian, HealthNote, PickupPerson
from app.people.queries import child_by_id, guardians_of
from app.people.service import know_child
from tests.cast_accounts import sign_in
from tests.documents.test_uploads import MB, PDF, PNG
from tests.documents.test_views import one_file
from tests.people.folk import Folk, settle

HTMX = {"HX-Request": "true"}


def once(sign: str = "a") -> str:
    return sign * 32


@dataclass
class Stage:
    """Signed-in browsers of everybody, and one child of the parent."""

    folk: Folk
    ref: str
    parent: FlaskClient
    stranger: FlaskClient
    teacher: FlaskClient
    colleague: FlaskClient
    officer: FlaskClient
    visitor: FlaskClient

    @property
    def url(self) -> str:
        return f"/seoul/children/{self.ref}"

    @property
    def child_id(self) -> int:
        return self.folk.child_id(self.ref)

    def known(self) -> None:
        """The centre takes the child on, as a booking would."""
        with unit_of_work(self.folk.place, SYSTEM) as uow:
            know_child(uow, self.child_id, self.folk.centre_id)


def make_stage(app: Flask, place: TenantRef) -> Stage:
    folk = settle(place)
    clients = [app.test_client() for _ in range(6)]
    with unit_of_work(place, SYSTEM) as uow:
        users = [uow.session.get_one(UserAccount, a.user_id) for a in (folk.parent, folk.stranger)]
    sign_in(clients[0], place, users[0])
    sign_in(clients[1], place, users[1])
    sign_in(clients[2], place, Role.CARE_TEACHER, folk.centre_id)
    sign_in(clients[3], place, Role.CARE_TEACHER, folk.other_centre_id)
    sign_in(clients[4], place, Role.DISTRICT_OFFICER, folk.centre_id)
    return Stage(folk, folk.own_child(), *clients)


@pytest.fixture
def stage(app: Flask, seoul: TenantRef) -> Stage:
    return make_stage(app, seoul)


def new_child(**changed: Any) -> dict[str, Any]:
    data = {
        "request_id": once(),
        "legal_consent": "y",
        "relation": "PARENT",
        "name": "김새별",
        "birth_date": "2019-02-03",
        "sex": "MALE",
        "schooling": "yes",
        "school": "온수초",
        "grade": "1",
        **changed,
    }
    return {key: value for key, value in data.items() if value is not None}


def new_family(**changed: Any) -> dict[str, Any]:
    return new_child(
        **{
            "guardian_name": "박전화",
            "phone": "010-7777-8888",
            "channel": "PHONE",
            "consent_by": "PHONE",
            **changed,
        }
    )


def test_a_parent_registers_a_child_once_even_when_pressing_twice(stage: Stage) -> None:
    page = stage.parent.get("/seoul/children/new").text
    assert "법정대리인으로서" in page
    assert "아동: 성명, 생년월일" in page
    first = stage.parent.post("/seoul/children/new", data=new_child())
    again = stage.parent.post("/seoul/children/new", data=new_child())
    assert first.status_code == again.status_code == 303
    assert first.location == again.location
    assert "김새별" in stage.parent.get(first.location).text
    listed = stage.parent.get("/seoul/children").text
    assert listed.count("김새별") == 1


@pytest.mark.rule("XX-02")
def test_a_forgotten_consent_is_said_together_with_the_empty_fields(stage: Stage) -> None:
    page = stage.parent.post("/seoul/children/new", data=new_child(legal_consent=None, name="")).text
    summary = page.partition('class="errors"')[2].partition("</div>")[0]
    assert 'href="#legal_consent"' in summary
    assert 'href="#name"' in summary


@pytest.mark.parametrize(
    "changed",
    [
        {"legal_consent": None},
        {"relation": "GRANDPARENT"},
        {"relation": "ALIEN"},
        {"name": ""},
        {"name": "김\u202e새별"},
        {"name": "가" * 500},
        {"birth_date": "봄"},
        {"birth_date": "2026-11-21"},
        {"birth_date": "0001-01-01"},
        {"sex": "X"},
        {"grade": "열"},
        {"grade": "99999999999999999999"},
        {"school": "초" * 5000},
        {"request_id": "x"},
        {"name": "김하늘", "birth_date": "2018-05-05"},
    ],
)
def test_a_wrong_entry_comes_back_in_korean_with_the_rest_kept(stage: Stage, changed: dict[str, Any]) -> None:
    answer = stage.parent.post("/seoul/children/new", data=new_child(**changed))
    assert answer.status_code == 422
    assert "확인이 필요해요" in answer.text
    assert "data-focus" in answer.text
    if "school" not in changed:
        assert "온수초" in answer.text


def test_markup_in_names_is_shown_as_text(stage: Stage) -> None:
    answer = stage.parent.post("/seoul/children/new", data=new_child(name="<b>새별</b>", school="<script>"))
    page = stage.parent.get(answer.location).text
    assert "&lt;b&gt;새별&lt;/b&gt;" in page
    assert "<script>" not in page.replace("<script src", "")


def test_a_nul_is_a_bad_request(stage: Stage) -> None:
    assert stage.parent.post("/seoul/children/new", data=new_child(name="김\x00")).status_code == 400


@pytest.mark.rule("XX-05")
def test_each_role_gets_its_answer(stage: Stage) -> None:
    stage.known()
    child = f"/children/{stage.ref}"
    family_and_centre = [200, 404, 200, 404, 403, 303]
    family = [200, 200, 403, 403, 403, 303]
    centre = [403, 403, 200, 200, 403, 303]
    expected = {
        "/children": family,
        "/children/new": family,
        "/children/link": family,
        "/me": family,
        child: family_and_centre,
        f"{child}/edit": family_and_centre,
        f"{child}/circle": family_and_centre,
        f"{child}/health": family_and_centre,
        f"{child}/consents": family_and_centre,
        f"{child}/consents/SENSITIVE": family_and_centre,
        f"{child}/consents/NOTHING": [404, 404, 404, 404, 403, 303],
        f"{child}/evidence": family_and_centre,
        "/children/0123456789abcdef": [404, 404, 404, 404, 403, 303],
        "/children/' OR 1=1": [404, 404, 404, 404, 403, 303],
        "/evidence/0123456789abcdef/file": [404, 404, 404, 404, 403, 303],
        "/users": centre,
        "/users/new": centre,
        "/desk/evidence": centre,
        "/desk/links": centre,
        "/guardians/0123456789abcdef": [403, 403, 404, 404, 403, 303],
    }
    clients = [stage.parent, stage.stranger, stage.teacher, stage.colleague, stage.officer, stage.visitor]
    for path, statuses in expected.items():
        assert [client.get(f"/seoul{path}").status_code for client in clients] == statuses, path


@pytest.mark.rule("XX-05")
def test_nobody_else_changes_anything(stage: Stage) -> None:
    stage.known()
    posts = [
        "/edit",
        "/guardians",
        "/pickups",
        "/health",
        "/health/open",
        "/consents/SENSITIVE",
        "/consents/SENSITIVE/withdraw",
        "/arrival-form",
        "/evidence",
        "/contacts",
    ]
    for path in posts:
        for client, statuses in (
            (stage.stranger, {403, 404, 422}),
            (stage.colleague, {404, 422}),
            (stage.officer, {403}),
        ):
            assert client.post(stage.url + path, data={}).status_code in statuses, path
    with unit_of_work(stage.folk.place, SYSTEM) as uow:
        assert not uow.session.scalars(select(HealthNote)).all()
        assert len(uow.session.scalars(select(Consent)).all()) == 1
        assert [g.name for g in guardians_of(uow, stage.child_id)] == ["김보호"]


@pytest.mark.rule("GC-21")
def test_a_child_of_one_municipality_is_unknown_in_the_other(
    app: Flask, stage: Stage, gwacheon: TenantRef
) -> None:
    there = make_stage(app, gwacheon)
    for client in (there.parent, there.teacher):
        assert client.get(f"/gwacheon/children/{stage.ref}").status_code == 404
        assert client.get(stage.url).status_code == 303
    found = there.teacher.post("/gwacheon/users", data={"name": "김하늘"}).text
    assert "등록된 아동이 없어요" in found


def test_an_edit_from_an_old_tab_shows_the_fresh_row(stage: Stage) -> None:
    data = {**new_child(name="김하늘", birth_date="2018-05-05", sex="FEMALE"), "version": "1"}
    assert stage.parent.post(f"{stage.url}/edit", data={**data, "school": "궁동초"}).status_code == 303
    late = stage.parent.post(f"{stage.url}/edit", data={**data, "school": "옛학교"})
    assert late.status_code == 409
    assert "그사이 다른 곳에서 바뀌었어요" in late.text
    assert "궁동초" in late.text
    assert 'name="version" value="2"' in late.text


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


@pytest.mark.rule("XX-03")
@pytest.mark.rule("XX-08")
def test_health_is_masked_for_staff_until_it_is_opened_with_a_trace(stage: Stage) -> None:
    stage.known()
    assert "민감정보 동의를 받은 뒤에" in stage.parent.get(f"{stage.url}/health").text
    refused = stage.parent.post(f"{stage.url}/health", data={"kind": "ALLERGY", "text": "땅콩"})
    assert refused.status_code == 422
    page = stage.parent.get(f"{stage.url}/consents/SENSITIVE").text
    seen = re.search(r'name="seen" value="(\w{64})"', page)
    assert seen is not None
    data = {"seen": seen[1], "decision": "yes"}
    assert stage.parent.post(f"{stage.url}/consents/SENSITIVE", data=data).status_code == 303
    assert (
        stage.parent.post(f"{stage.url}/health", data={"kind": "ALLERGY", "text": "땅콩 😀"}).status_code
        == 303
    )
    assert "땅콩 😀" in stage.parent.get(f"{stage.url}/health").text
    masked = stage.teacher.get(f"{stage.url}/health").text
    assert "땅콩" not in masked
    assert "알레르기" in masked
    assert "땅콩" not in stage.teacher.get(stage.url).text
    assert "땅콩" in stage.teacher.post(f"{stage.url}/health/open", data={"reason": "간식 준비"}).text
    with unit_of_work(stage.folk.place, SYSTEM) as uow:
        rows = uow.session.scalars(select(AccessLog).where(AccessLog.what == "health_note.opened")).all()
        assert "간식 준비" in [row.reason for row in rows]
        note = uow.session.scalars(select(HealthNote.ref)).one()
    assert stage.stranger.post(f"{stage.url}/health/{note}/remove").status_code == 404
    assert stage.parent.post(f"{stage.url}/health/{note}/remove").status_code == 303
    assert "땅콩" not in stage.parent.get(f"{stage.url}/health").text


@pytest.mark.rule("XX-01")
def test_a_consent_is_read_given_and_taken_back(stage: Stage) -> None:
    url = f"{stage.url}/consents/THIRD_PARTY"
    assert stage.parent.post(url, data={"decision": "yes", "seen": "0" * 64}).status_code == 422
    page = stage.parent.get(url).text
    assert "지도점검·통계" in page
    seen = re.search(r'name="seen" value="(\w{64})"', page)
    assert seen is not None
    assert stage.parent.post(url, data={"decision": "yes", "seen": seen[1]}).status_code == 303
    assert "동의 철회" in stage.parent.get(url).text
    assert stage.parent.post(f"{url}/withdraw").status_code == 303
    assert stage.parent.post(f"{url}/withdraw").status_code == 422
    assert "철회함" in stage.parent.get(f"{stage.url}/consents").text


@pytest.mark.rule("GC-25")
def test_staff_record_a_paper_consent_with_its_scan(stage: Stage) -> None:
    stage.known()
    url = f"{stage.url}/consents/ARRIVAL_DEPARTURE"
    page = stage.teacher.get(url).text
    seen, guardian = (
        re.search(r'name="seen" value="(\w{64})"', page),
        re.search(r'option value="(\w{16})"', page),
    )
    assert seen is not None
    assert guardian is not None
    data = {"decision": "yes", "seen": seen[1], "guardian": guardian[1], "channel": "PAPER"}
    assert "스캔해서 올려 주세요" in stage.teacher.post(url, data=data).text
    given = stage.teacher.post(url, data={**data, "file": (io.BytesIO(PDF), "동의서.pdf")})
    assert given.status_code == 303
    assert stage.teacher.post(url, data={**data, "channel": "ONLINE"}).status_code == 422
    assert stage.teacher.post(url, data={**data, "guardian": "0" * 16, "channel": "PHONE"}).status_code == 404
    assert "동의서.pdf" in stage.teacher.get("/seoul/desk/originals").text


def test_the_arrival_form_starts_with_what_is_known(stage: Stage) -> None:
    answer = stage.parent.post(f"{stage.url}/arrival-form")
    again = stage.parent.post(f"{stage.url}/arrival-form")
    assert answer.location == again.location
    page = stage.parent.get(answer.location).text
    for words in ("김하늘", "2018-05-05", "01011112222", "온수초"):
        assert words in page
    assert stage.stranger.get(answer.location).status_code == 404


@pytest.mark.rule("KB-39")
def test_evidence_from_the_phone_to_the_desk(stage: Stage) -> None:
    stage.known()
    url = f"{stage.url}/evidence"
    assert "일시돌봄에는 내지 않아도 돼요" in stage.parent.get(url).text
    proof = "dual_income/employment_certificate"
    for data in (
        {},
        {"proof": "x/y"},
        {"proof": proof},
        {"proof": proof, "file": (io.BytesIO(PNG), "거짓.pdf")},
        {"proof": proof, "file": (io.BytesIO(b"MZ"), "a.exe")},
    ):
        assert stage.parent.post(url, data=data).status_code == 422
    handed = stage.parent.post(url, data={"proof": proof, "file": (io.BytesIO(PDF), "재직.pdf")})
    assert handed.status_code == 303
    with unit_of_work(stage.folk.place, SYSTEM) as uow:
        ref = uow.session.scalars(select(Evidence.ref)).one()
    assert stage.teacher.get(f"/seoul/evidence/{ref}/file").data == PDF
    assert stage.colleague.get(f"/seoul/evidence/{ref}/file").status_code == 404
    queue = stage.teacher.get("/seoul/desk/evidence").text
    assert "김하늘" in queue
    decide = f"/seoul/desk/evidence/{ref}"
    assert "김하늘" not in stage.colleague.get("/seoul/desk/evidence").text
    assert stage.colleague.post(decide, data={"decision": "verify", "version": "1"}).status_code == 404
    assert stage.parent.post(decide, data={"decision": "verify", "version": "1"}).status_code == 403
    assert stage.teacher.post(decide, data={"decision": "reject", "version": "1"}).status_code == 422
    assert stage.teacher.post(decide, data={"decision": "verify", "version": "9"}).status_code == 409
    assert stage.teacher.post(decide, data={"decision": "verify", "version": "1"}).status_code == 303
    late = stage.teacher.post(decide, data={"decision": "verify", "version": "1"})
    assert (late.status_code, "이미 처리된 요청" in late.text) == (422, True)
    assert "확인됨" in stage.parent.get(url).text


@pytest.mark.rule("XX-19")
def test_eleven_megabytes_of_evidence_get_a_korean_answer(stage: Stage) -> None:
    body = one_file("큰파일.pdf", PDF + b"\0" * (11 * MB))
    body["query_string"] = {}
    answer = stage.parent.post(f"{stage.url}/evidence", **body)
    assert answer.status_code == 422


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


def test_signed_in_pages_are_never_stored(stage: Stage) -> None:
    for path in ("", "/health", "/circle"):
        assert stage.parent.get(stage.url + path).headers["Cache-Control"] == "no-store"


def test_pages_hold_no_inline_script_or_style(stage: Stage) -> None:
    for path in ("", "/edit", "/circle", "/health", "/consents", "/consents/PRIVACY", "/evidence"):
        page = stage.parent.get(stage.url + path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", page)
        assert not re.search(r"\s(style|on[a-z]+)=", page)
