"""KP-05, KP-09, XX-15: officers make accounts, give roles, suspend and bring back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from time_machine import Traveller as Clock

from app.accounts.models import RoleAssignment, UserAccount
from app.accounts.rules import UserState
from app.kernel.actor import SYSTEM, Role
from app.kernel.audit import AccessLog, AuditLog
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.web import new_request_id
from app.messaging.models import Message
from app.tenancy.models import Institution
from tests.cast import make_centre, make_district
from tests.cast_accounts import PASSWORD, give_role, last_message, make_user, sign_in

LIST = "/seoul/accounts"
NEW = "/seoul/accounts/new"


@dataclass
class Guro:
    """A district with a centre and its officer, and a neighbour with the same."""

    officer: UserAccount
    centre: Institution
    director: UserAccount
    other_officer: UserAccount
    other_centre: Institution
    other_director: UserAccount


@pytest.fixture
def guro(seoul: TenantRef) -> Guro:
    with unit_of_work(seoul, SYSTEM) as uow:
        made = []
        for name in ("구로구", "금천구"):
            district = make_district(uow, name)
            centre = uow.session.get_one(
                Institution, make_centre(uow, name=f"{name} 키움센터", district=district).id
            )
            officer = make_user(uow, Role.DISTRICT_OFFICER, district.id, name=f"{name} 담당자")
            director = make_user(uow, Role.CENTRE_DIRECTOR, centre.id, name=f"{name} 센터장")
            made += [officer, centre, director]
        return Guro(*made)


@pytest.fixture
def officer(client: FlaskClient, seoul: TenantRef, guro: Guro) -> FlaskClient:
    sign_in(client, seoul, guro.officer)
    return client


def form_for(centre: Institution | None, **change: str) -> dict[str, str]:
    return {
        "request_id": new_request_id(),
        "login_id": "new.teacher",
        "name": "박선생",
        "phone": "010-2222-3333",
        "email": "",
        "role": "care_teacher",
        "institution": centre.ref if centre else "",
        "starts_on": "2026-11-20",
        "ends_on": "",
        **change,
    }


def account(place: TenantRef, login_id: str = "new.teacher") -> UserAccount | None:
    with unit_of_work(place, SYSTEM) as uow:
        return uow.session.scalars(select(UserAccount).where(UserAccount.login_id == login_id)).first()


def state_of(place: TenantRef, user: UserAccount) -> str:
    with unit_of_work(place, SYSTEM) as uow:
        return uow.session.get_one(UserAccount, user.id).state


def link_in_message(place: TenantRef) -> str:
    found = re.search(r"http://localhost(/seoul/invitation/\S+)", last_message(place).body)
    assert found is not None
    return found.group(1)


@pytest.mark.rule("KP-05")
@pytest.mark.rule("XX-15")
def test_an_officer_issues_an_account_and_its_person_begins_with_the_link(
    officer: FlaskClient, seoul: TenantRef, guro: Guro
) -> None:
    answer = officer.post(NEW, data=form_for(guro.centre))
    made = account(seoul)
    assert made is not None
    assert (answer.status_code, answer.location) == (303, f"/seoul/accounts/{made.ref}")
    assert (made.state, made.password_hash, made.phone) == (UserState.INVITED, "", "01022223333")
    link = link_in_message(seoul)
    person = officer.application.test_client()
    page = person.get(link)
    assert "박선생" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert person.post(link, data={"password": "weakweak1", "again": "weakweak1"}).status_code == 422
    assert person.post(link, data={"password": PASSWORD, "again": PASSWORD}).location == "/seoul/login"
    assert (
        person.post("/seoul/login", data={"login_id": "new.teacher", "password": PASSWORD}).status_code == 303
    )
    assert "구로구 키움센터 돌봄선생님" in person.get("/seoul/account").text
    assert person.get(link).status_code == 422
    assert "담당자에게 다시" in person.get(link).text


@pytest.mark.rule("KP-05")
def test_a_form_pressed_twice_issues_one_account(officer: FlaskClient, seoul: TenantRef, guro: Guro) -> None:
    form = form_for(guro.centre)
    first, second = officer.post(NEW, data=form), officer.post(NEW, data=form)
    assert first.location == second.location
    with unit_of_work(seoul, SYSTEM) as uow:
        assert uow.session.scalar(select(func.count()).select_from(Message)) == 1


@pytest.mark.rule("KP-05")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"role": "district_officer"}, "올바르지 않은 선택"),
        ({"role": "seoul_admin", "institution": ""}, "역할"),
        ({"institution": ""}, "역할에 맞는 기관"),
        ({"ends_on": "2026-11-19"}, "끝나는 날은 시작하는 날"),
        ({"starts_on": "내일"}, "날짜"),
        ({"login_id": "가나다라"}, "4~30자"),
        ({"phone": "02-123-4567"}, "휴대전화"),
        ({"request_id": "x"}, "화면이 오래되었습니다"),
    ],
)
def test_a_refused_account_is_answered_in_words(
    officer: FlaskClient, seoul: TenantRef, guro: Guro, change: dict[str, str], words: str
) -> None:
    answer = officer.post(NEW, data=form_for(guro.centre, **change))
    assert answer.status_code == 422
    assert re.search(words, answer.text)
    assert 'value="박선생"' in answer.text
    assert account(seoul) is None


@pytest.mark.rule("KP-05")
def test_a_taken_login_id_is_a_problem_and_no_crash(
    officer: FlaskClient, seoul: TenantRef, guro: Guro
) -> None:
    officer.post(NEW, data=form_for(guro.centre))
    answer = officer.post(NEW, data=form_for(guro.centre, login_id=" New.Teacher "))
    assert answer.status_code == 422
    assert "이미 쓰는 아이디" in answer.text


@pytest.mark.rule("KP-05")
def test_a_centre_of_another_district_cannot_be_chosen(
    officer: FlaskClient, seoul: TenantRef, guro: Guro
) -> None:
    assert officer.post(NEW, data=form_for(guro.other_centre)).status_code == 422
    assert account(seoul) is None
    assert guro.other_centre.ref not in officer.get(NEW).text
    assert guro.centre.ref in officer.get(NEW).text


@pytest.mark.rule("KP-05")
def test_the_city_gives_every_role_of_its_own(client: FlaskClient, seoul: TenantRef, guro: Guro) -> None:
    sign_in(client, seoul, Role.SEOUL_ADMIN)
    for role, place in (("centre_director", guro.centre), ("seoul_admin", None)):
        answer = client.post(NEW, data=form_for(place, role=role, login_id=role.replace("_", ".")))
        assert answer.status_code == 303
    page = client.get(LIST).text
    assert "구로구 센터장" in page
    assert "금천구 담당자" in page


@pytest.mark.rule("KP-05")
def test_officers_see_and_change_their_own_district_only(
    officer: FlaskClient, seoul: TenantRef, guro: Guro
) -> None:
    page = officer.get(LIST).text
    assert "구로구 센터장" in page
    assert "금천구" not in page
    foreign = f"{LIST}/{guro.other_director.ref}"
    assert officer.get(foreign).status_code == 404
    for step in ("person", "roles", "suspend", "reactivate", "invite"):
        data = {**form_for(guro.centre), "reason": "x", "version": "1"}
        assert officer.post(f"{foreign}/{step}", data=data).status_code == 404
    assert officer.get(f"{LIST}/ffffffffffffffff").status_code == 404
    assert state_of(seoul, guro.other_director) == UserState.ACTIVE


@pytest.mark.rule("KP-05")
@pytest.mark.parametrize("role", [Role.CENTRE_DIRECTOR, Role.CARE_TEACHER, Role.TEAM_LEADER, Role.GUARDIAN])
def test_nobody_else_manages_accounts(client: FlaskClient, seoul: TenantRef, guro: Guro, role: Role) -> None:
    sign_in(client, seoul, role, None if role is Role.GUARDIAN else guro.centre.id)
    assert client.get(LIST).status_code == 403
    assert client.get(f"{LIST}/{guro.director.ref}").status_code == 403
    assert client.post(f"{LIST}/{guro.director.ref}/suspend", data={"reason": "x"}).status_code == 403


def test_who_also_works_elsewhere_is_seen_but_not_changed(
    officer: FlaskClient, seoul: TenantRef, guro: Guro
) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        give_role(uow, guro.director, Role.CARE_TEACHER, guro.other_centre.id)
    page = f"{LIST}/{guro.director.ref}"
    assert officer.get(page).status_code == 200
    assert officer.post(f"{page}/suspend", data={"reason": "까닭"}).status_code == 403


def test_nobody_changes_the_own_account(
    officer: FlaskClient, client: FlaskClient, seoul: TenantRef, guro: Guro
) -> None:
    admin_id = sign_in(client, seoul, Role.SEOUL_ADMIN)
    with unit_of_work(seoul, SYSTEM) as uow:
        admin = uow.session.get_one(UserAccount, admin_id)
        role = uow.session.scalars(select(RoleAssignment).where(RoleAssignment.user_id == admin_id)).one()
    page = f"{LIST}/{admin.ref}"
    assert "자기 계정의 역할과 상태" in client.get(page).text
    form = {**form_for(guro.centre), "reason": "까닭", "version": "1", "ends_on": "2026-12-31"}
    for step in ("person", "roles", "suspend", f"roles/{role.ref}/end"):
        answer = client.post(f"{page}/{step}", data=form)
        assert answer.status_code == 422
        assert "자기 계정" in answer.text
    with unit_of_work(seoul, SYSTEM) as uow:
        assert (
            uow.session.scalar(
                select(func.count()).select_from(RoleAssignment).where(RoleAssignment.user_id == admin_id)
            )
            == 1
        )


@pytest.mark.rule("KP-09")
def test_a_suspended_person_is_out_at_once_and_only_officers_bring_back(
    officer: FlaskClient, seoul: TenantRef, guro: Guro, clock: Clock
) -> None:
    person = officer.application.test_client()
    sign_in(person, seoul, guro.director)
    page = f"{LIST}/{guro.director.ref}"
    assert "까닭을 적어 주세요" in officer.post(f"{page}/suspend", data={"reason": " "}).text
    assert person.get("/seoul/account").status_code == 200
    assert officer.post(f"{page}/suspend", data={"reason": "휴직"}).status_code == 303
    assert person.get("/seoul/account").status_code == 303
    login = {"login_id": guro.director.login_id, "password": PASSWORD}
    assert "사용중지된 계정" in person.post("/seoul/login", data=login).text
    assert officer.post(f"{page}/suspend", data={"reason": "휴직"}).status_code == 422
    clock.shift(timedelta(minutes=5))
    assert officer.post(f"{page}/reactivate", data={"reason": "복직"}).status_code == 303
    assert person.get("/seoul/account").status_code == 303
    assert person.post("/seoul/login", data=login).status_code == 303
    with unit_of_work(seoul, SYSTEM) as uow:
        rows = uow.session.scalars(
            select(AuditLog).where(AuditLog.from_state.is_not(None)).order_by(AuditLog.id)
        ).all()
    assert [(row.from_state, row.to_state, row.reason, row.user_id) for row in rows] == [
        ("ACTIVE", "SUSPENDED", "휴직", guro.officer.id),
        ("SUSPENDED", "ACTIVE", "복직", guro.officer.id),
    ]


@pytest.mark.rule("KP-05")
def test_roles_are_given_and_ended_by_day(officer: FlaskClient, seoul: TenantRef, guro: Guro) -> None:
    page = f"{LIST}/{guro.director.ref}"
    post = {
        "role": "team_leader",
        "institution": guro.centre.ref,
        "starts_on": "2026-12-01",
        "ends_on": "2026-12-31",
    }
    assert officer.post(f"{page}/roles", data=post).status_code == 303
    overlapping = {**post, "starts_on": "2026-12-31", "ends_on": ""}
    assert "이미 있습니다" in officer.post(f"{page}/roles", data=overlapping).text
    after = {**post, "starts_on": "2027-01-01", "ends_on": ""}
    assert officer.post(f"{page}/roles", data=after).status_code == 303
    with unit_of_work(seoul, SYSTEM) as uow:
        first = uow.session.scalars(
            select(RoleAssignment)
            .where(RoleAssignment.user_id == guro.director.id)
            .order_by(RoleAssignment.id)
        ).first()
    assert first is not None
    end = f"{page}/roles/{first.ref}/end"
    assert "오늘이거나 그 뒤" in officer.post(end, data={"ends_on": "2026-11-19"}).text
    assert officer.post(end, data={"ends_on": "어제"}).status_code == 422
    assert (
        officer.post(f"{page}/roles/ffffffffffffffff/end", data={"ends_on": "2026-11-20"}).status_code == 404
    )
    assert officer.post(end, data={"ends_on": "2026-11-20"}).status_code == 303
    assert "2026년 11월 20일(금)" in officer.get(page).text


def test_an_edit_from_an_old_page_is_refused(officer: FlaskClient, seoul: TenantRef, guro: Guro) -> None:
    page = f"{LIST}/{guro.director.ref}"
    person = {"name": "김새이름", "login_id": "kim.new", "phone": "01044445555", "email": "", "version": "1"}
    assert officer.post(f"{page}/person", data=person).status_code == 303
    changed = account(seoul, "kim.new")
    assert changed is not None
    assert (changed.phone, changed.phone_verified_at) == ("01044445555", None)
    assert officer.post(f"{page}/person", data=person).status_code == 409
    taken = {**person, "version": "2", "login_id": guro.other_director.login_id}
    answer = officer.post(f"{page}/person", data=taken)
    assert answer.status_code == 422
    assert "이미 쓰는 아이디" in answer.text


@pytest.mark.rule("KP-05")
def test_an_invitation_lasts_seven_days_and_a_new_one_replaces_it(
    officer: FlaskClient, seoul: TenantRef, guro: Guro, clock: Clock
) -> None:
    officer.post(NEW, data=form_for(guro.centre))
    made, first = account(seoul), link_in_message(seoul)
    assert made is not None
    person = officer.application.test_client()
    assert officer.post(f"{LIST}/{made.ref}/invite").status_code == 303
    second = link_in_message(seoul)
    assert person.get(first).status_code == 422
    assert person.get(second).status_code == 200
    clock.shift(timedelta(days=7) - timedelta(seconds=1))
    assert person.get(second).status_code == 200
    clock.shift(timedelta(seconds=1))
    assert person.get(second).status_code == 422
    assert person.post(second, data={"password": PASSWORD, "again": PASSWORD}).status_code == 422
    assert state_of(seoul, made) == UserState.INVITED
    assert person.get("/seoul/invitation/nonsense").status_code == 422


def test_the_list_is_searched_by_post_filtered_by_state_and_logged(
    officer: FlaskClient, seoul: TenantRef, guro: Guro
) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        make_user(uow, Role.CARE_TEACHER, guro.centre.id, name="최사직", state=UserState.SUSPENDED)
        make_user(uow, Role.GUARDIAN, name="보호자")
    assert "최사직" in officer.get(f"{LIST}?state=SUSPENDED").text
    assert "구로구 센터장" not in officer.get(f"{LIST}?state=SUSPENDED").text
    found = officer.post(f"{LIST}/search", data={"q": "최사"}).text
    assert "최사직" in found
    assert "구로구 센터장" not in found
    assert "찾는 계정이 없어요" in officer.post(f"{LIST}/search", data={"q": "%"}).text
    for odd in ("?state=x&page=x", "?page=-1", "?page=99999", "?page=²"):
        assert officer.get(LIST + odd).status_code == 200
    with unit_of_work(seoul, SYSTEM) as uow:
        looked = uow.session.scalars(select(AccessLog).where(AccessLog.what == "accounts.list")).all()
    assert len(looked) == 8
    assert {row.user_id for row in looked} == {guro.officer.id}


def test_a_guardians_account_is_no_officers_business(
    client: FlaskClient, seoul: TenantRef, guro: Guro
) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        guardian = make_user(uow, Role.GUARDIAN, name="한보호")
    sign_in(client, seoul, Role.SEOUL_ADMIN)
    assert "한보호" not in client.get(LIST).text
    assert client.get(f"{LIST}/{guardian.ref}").status_code == 404


def test_nothing_crosses_into_another_municipality(
    client: FlaskClient, seoul: TenantRef, gwacheon: TenantRef, guro: Guro
) -> None:
    sign_in(client, gwacheon, Role.CITY_OFFICER)
    assert "구로구" not in client.get("/gwacheon/accounts").text
    assert client.get(f"/gwacheon/accounts/{guro.director.ref}").status_code == 404
    answer = client.post("/gwacheon/accounts/new", data=form_for(guro.centre, role="city_officer"))
    assert answer.status_code == 422
