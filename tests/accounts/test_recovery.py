"""KP-07, KP-08: a new password for who forgot it or is locked out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from time_machine import Traveller as Clock

from app.accounts.models import OneTimeCode, UserAccount
from app.accounts.parameters import RESET_REQUIRES_CODE
from app.accounts.rules import UserState
from app.kernel.actor import SYSTEM, Role
from app.kernel.db import TenantRef, unit_of_work
from app.messaging.models import Message
from app.tenancy import settings
from tests.cast import make_centre
from tests.cast_accounts import PASSWORD, last_code, make_user, sign_in

NEW = "Haneul-2027!"
CENTRE_PHONE = "02-2600-1234"


@pytest.fixture
def director(seoul: TenantRef) -> int:
    with unit_of_work(seoul, SYSTEM) as uow:
        return make_user(uow, Role.CENTRE_DIRECTOR, make_centre(uow).id, login_id="director").id


def ask(client: FlaskClient, login_id: str, facility_phone: str = "") -> None:
    answer = client.post("/seoul/recover", data={"login_id": login_id, "facility_phone": facility_phone})
    assert (answer.status_code, answer.location) == (303, "/seoul/recover/code")


def answer_code(client: FlaskClient, code: str, password: str = NEW, again: str | None = None) -> object:
    data = {"code": code, "password": password, "again": password if again is None else again}
    return client.post("/seoul/recover/code", data=data)


def messages(place: TenantRef) -> int:
    with unit_of_work(place, SYSTEM) as uow:
        return uow.session.scalar(select(func.count()).select_from(Message)) or 0


def user(place: TenantRef, user_id: int) -> UserAccount:
    with unit_of_work(place, SYSTEM) as uow:
        return uow.session.get_one(UserAccount, user_id)


def set_state(place: TenantRef, user_id: int, state: UserState) -> None:
    with unit_of_work(place, SYSTEM) as uow:
        row = uow.session.get_one(UserAccount, user_id)
        row.state, row.failed_count = state, 5


@pytest.mark.rule("KP-07")
def test_id_facility_phone_and_code_make_a_new_password(
    client: FlaskClient, seoul: TenantRef, director: int
) -> None:
    elsewhere = client.application.test_client()
    sign_in(elsewhere, seoul, user(seoul, director))
    ask(client, "Director", CENTRE_PHONE)
    answer = answer_code(client, last_code(seoul))
    assert answer.location == "/seoul/login"  # type: ignore[attr-defined]
    assert elsewhere.get("/seoul/account").status_code == 303
    login = client.post("/seoul/login", data={"login_id": "director", "password": PASSWORD})
    assert login.status_code == 422
    login = client.post("/seoul/login", data={"login_id": "director", "password": NEW})
    assert login.status_code == 303


@pytest.mark.rule("KP-08")
def test_the_same_way_unlocks(client: FlaskClient, seoul: TenantRef, director: int) -> None:
    set_state(seoul, director, UserState.LOCKED)
    ask(client, "director", "0226001234")
    answer_code(client, last_code(seoul))
    unlocked = user(seoul, director)
    assert (unlocked.state, unlocked.failed_count) == (UserState.ACTIVE, 0)


@pytest.mark.rule("KP-07")
@pytest.mark.parametrize(
    ("login_id", "facility_phone"),
    [("director", ""), ("director", "02-2600-1235"), ("nobody", CENTRE_PHONE), ("nobody", "")],
)
def test_whatever_is_wrong_the_next_page_is_the_same_and_no_code_goes_out(
    client: FlaskClient, seoul: TenantRef, director: int, login_id: str, facility_phone: str
) -> None:
    ask(client, login_id, facility_phone)
    assert "내용이 맞으면" in client.get("/seoul/recover/code").text
    assert messages(seoul) == 0
    for _ in range(4):
        assert "맞지 않습니다" in answer_code(client, "000000").text  # type: ignore[attr-defined]
    assert "쓸 수 없습니다" in answer_code(client, "000000").text  # type: ignore[attr-defined]
    assert user(seoul, director).state == UserState.ACTIVE


@pytest.mark.rule("KP-09")
@pytest.mark.parametrize("state", [UserState.SUSPENDED, UserState.DISABLED, UserState.INVITED])
def test_other_states_are_not_left_this_way(
    client: FlaskClient, seoul: TenantRef, director: int, state: UserState
) -> None:
    set_state(seoul, director, state)
    ask(client, "director", CENTRE_PHONE)
    assert messages(seoul) == 0
    assert user(seoul, director).state == state


@pytest.mark.rule("KP-09")
def test_a_code_sent_before_the_suspension_opens_nothing(
    client: FlaskClient, seoul: TenantRef, director: int
) -> None:
    ask(client, "director", CENTRE_PHONE)
    set_state(seoul, director, UserState.SUSPENDED)
    assert answer_code(client, last_code(seoul)).status_code == 422  # type: ignore[attr-defined]
    assert user(seoul, director).state == UserState.SUSPENDED


def test_guardians_need_their_id_and_the_code_to_their_verified_phone(
    client: FlaskClient, seoul: TenantRef
) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        guardian = make_user(
            uow, Role.GUARDIAN, login_id="parent", state=UserState.LOCKED, phone="01077778888"
        ).id
        make_user(uow, Role.GUARDIAN, login_id="unproven").phone_verified_at = None
    ask(client, "unproven")
    assert messages(seoul) == 0
    ask(client, "parent")
    answer = answer_code(client, last_code(seoul, "01077778888"), "haneul2027")
    assert answer.status_code == 303  # type: ignore[attr-defined]
    assert user(seoul, guardian).state == UserState.ACTIVE


def test_officers_of_the_whole_municipality_name_its_own_number(
    client: FlaskClient, seoul: TenantRef
) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        make_user(uow, Role.SEOUL_ADMIN, login_id="admin1")
    ask(client, "admin1", "02-120")
    assert messages(seoul) == 1


@pytest.mark.rule("PO-04")
def test_a_weak_password_is_refused_and_the_right_code_still_works(
    client: FlaskClient, seoul: TenantRef, director: int, clock: Clock
) -> None:
    ask(client, "director", CENTRE_PHONE)
    code = last_code(seoul)
    assert "대문자" in answer_code(client, code, "haneul2027").text  # type: ignore[attr-defined]
    assert "서로 다릅니다" in answer_code(client, code, NEW, "Haneul-2028!").text  # type: ignore[attr-defined]
    clock.shift(timedelta(minutes=9))
    assert answer_code(client, code).status_code == 303  # type: ignore[attr-defined]


@pytest.mark.rule("KP-07")
def test_a_code_works_once_and_three_minutes(
    client: FlaskClient, seoul: TenantRef, director: int, clock: Clock
) -> None:
    ask(client, "director", CENTRE_PHONE)
    with client.session_transaction("/seoul/") as cookie:
        ref = cookie["recover_code"]
    code = last_code(seoul)
    clock.shift(timedelta(minutes=2, seconds=59))
    assert answer_code(client, code).status_code == 303  # type: ignore[attr-defined]
    with client.session_transaction("/seoul/") as cookie:
        cookie["recover_code"] = ref
    assert "쓸 수 없습니다" in answer_code(client, code, "Other-2028!").text  # type: ignore[attr-defined]
    ask(client, "director", CENTRE_PHONE)
    clock.shift(timedelta(minutes=3))
    assert "시간이 지났습니다" in answer_code(client, last_code(seoul)).text  # type: ignore[attr-defined]


def test_a_code_of_one_purpose_is_none_of_the_other(
    client: FlaskClient, seoul: TenantRef, director: int
) -> None:
    client.post("/seoul/join", data={"terms": "y", "privacy": "y"})
    client.post("/seoul/join/phone", data={"name": "김보호", "phone": "01099990000"})
    with client.session_transaction("/seoul/") as cookie:
        cookie["recover_code"] = cookie["join_code"]
    assert "맞지 않습니다" in answer_code(client, last_code(seoul)).text  # type: ignore[attr-defined]


@pytest.mark.rule("KP-07")
def test_a_municipality_may_ask_for_no_code(client: FlaskClient, seoul: TenantRef, director: int) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        settings.set_value(uow, RESET_REQUIRES_CODE, False, effective_from=uow.today, reason="시험")
    ask(client, "director", CENTRE_PHONE)
    assert messages(seoul) == 0
    assert "인증번호를 보냈어요" not in client.get("/seoul/recover/code").text
    assert client.post("/seoul/recover/code", data={"password": NEW, "again": NEW}).status_code == 303
    ask(client, "nobody", CENTRE_PHONE)
    assert client.post("/seoul/recover/code", data={"password": NEW, "again": NEW}).status_code == 422


def test_without_a_code_a_guardians_login_id_alone_opens_nothing(
    client: FlaskClient, seoul: TenantRef
) -> None:
    """Staff still prove themselves with their facility's number; a guardian would have nothing left to show."""
    with unit_of_work(seoul, SYSTEM) as uow:
        settings.set_value(uow, RESET_REQUIRES_CODE, False, effective_from=uow.today, reason="시험")
        make_user(uow, Role.GUARDIAN, login_id="parent")
    ask(client, "parent")
    assert client.post("/seoul/recover/code", data={"password": NEW, "again": NEW}).status_code == 422


def test_the_owner_is_told_and_the_brake_counts_by_login_id(
    client: FlaskClient, seoul: TenantRef, director: int, clock: Clock
) -> None:
    ask(client, "director", CENTRE_PHONE)
    again = client.post("/seoul/recover", data={"login_id": "director", "facility_phone": CENTRE_PHONE})
    assert again.status_code == 422
    assert "초 뒤에" in again.text
    answer_code(client, last_code(seoul))
    with unit_of_work(seoul, SYSTEM) as uow:
        assert uow.session.scalars(select(Message.template).order_by(Message.id)).all() == [
            "accounts.code",
            "accounts.password_changed",
        ]
        assert uow.session.scalar(select(func.count()).select_from(OneTimeCode)) == 1


def test_changing_the_password_oneself(client: FlaskClient, seoul: TenantRef, director: int) -> None:
    elsewhere = client.application.test_client()
    sign_in(client, seoul, user(seoul, director))
    sign_in(elsewhere, seoul, user(seoul, director))
    page = "/seoul/account/password"
    form = {"current": PASSWORD, "password": NEW, "again": NEW}
    for change, words in (
        ({"current": "Wrong-2026!"}, "지금 쓰는 비밀번호가 맞지 않습니다"),
        ({"password": "haneul2027", "again": "haneul2027"}, "대문자"),
        ({"password": PASSWORD, "again": PASSWORD}, "지금과 다른"),
        ({"again": "x"}, "서로 다릅니다"),
    ):
        answer = client.post(page, data={**form, **change})
        assert answer.status_code == 422
        assert words in answer.text
    old = client.get_cookie("seoul.sid", path="/seoul")
    assert client.post(page, data=form).status_code == 303
    assert client.get("/seoul/account").status_code == 200
    assert elsewhere.get("/seoul/account").status_code == 303
    assert old is not None
    client.set_cookie("seoul.sid", old.value, path="/seoul")
    assert client.get("/seoul/account").status_code == 303


@pytest.mark.rule("XX-13")
def test_guessing_the_old_password_in_a_stolen_session_locks(
    client: FlaskClient, seoul: TenantRef, director: int
) -> None:
    sign_in(client, seoul, user(seoul, director))
    form = {"current": "Wrong-2026!", "password": NEW, "again": NEW}
    for _ in range(5):
        assert client.post("/seoul/account/password", data=form).status_code == 422
    assert user(seoul, director).state == UserState.LOCKED
    assert client.get("/seoul/account").status_code == 303
