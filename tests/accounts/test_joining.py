"""A guardian joins: consent, phone, code, id and password."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from time_machine import Traveller as Clock

from app.accounts import hooks
from app.accounts.models import OneTimeCode, UserAccount
from app.accounts.rules import UserState
from app.kernel.actor import SYSTEM, Role
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.messaging.models import Message
from tests.cast_accounts import last_code, last_message, make_user

PHONE = "01055556666"
AGREED = {"terms": "y", "privacy": "y"}
PERSON = {"name": "김보호", "phone": "010-5555-6666"}
ACCOUNT = {"login_id": "Haneul.Mom", "password": "haneul2026", "again": "haneul2026"}


def until_code(client: FlaskClient, person: dict[str, str] = PERSON) -> None:
    assert client.post("/seoul/join", data=AGREED).location == "/seoul/join/phone"
    assert client.post("/seoul/join/phone", data=person).location == "/seoul/join/code"


def until_account(client: FlaskClient, seoul: TenantRef) -> None:
    until_code(client)
    assert client.post("/seoul/join/code", data={"code": last_code(seoul)}).location == "/seoul/join/account"


def accounts(place: TenantRef) -> list[UserAccount]:
    with unit_of_work(place, SYSTEM) as uow:
        return list(uow.session.scalars(select(UserAccount).order_by(UserAccount.id)))


def test_a_guardian_joins_and_is_signed_in(
    client: FlaskClient, seoul: TenantRef, gwacheon: TenantRef
) -> None:
    until_code(client)
    page = client.get("/seoul/join/code").text
    assert "010-****-6666" in page
    assert last_message(seoul).to == PHONE
    until = client.post("/seoul/join/code", data={"code": last_code(seoul)})
    assert until.location == "/seoul/join/account"
    assert client.post("/seoul/join/account", data=ACCOUNT).location == "/seoul/"
    assert "김보호" in client.get("/seoul/account").text
    (user,) = accounts(seoul)
    assert (user.login_id, user.state, user.phone) == ("haneul.mom", UserState.ACTIVE, PHONE)
    assert user.phone_verified_at is not None
    assert (user.agreed["terms"], user.agreed["privacy"]) == (1, 1)
    assert accounts(gwacheon) == []


def test_the_room_above_makes_the_guardian_in_the_same_transaction(
    client: FlaskClient, seoul: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def refuse(uow: UnitOfWork, user: UserAccount) -> None:
        told.append(user.name)
        raise RuntimeError("the family could not be written")

    monkeypatch.setattr(hooks, "_joined", [refuse])
    until_account(client, seoul)
    assert client.post("/seoul/join/account", data=ACCOUNT).status_code == 500
    assert told == ["김보호"]
    assert accounts(seoul) == []


@pytest.mark.rule("XX-01")
@pytest.mark.parametrize("agreed", [{}, {"terms": "y"}, {"privacy": "y"}])
def test_without_both_consents_nobody_goes_on(
    client: FlaskClient, seoul: TenantRef, agreed: dict[str, str]
) -> None:
    answer = client.post("/seoul/join", data=agreed)
    assert answer.status_code == 422
    assert "필수 동의 두 가지" in answer.text
    assert client.get("/seoul/join/phone").location == "/seoul/join"
    assert client.post("/seoul/join/phone", data=PERSON).location == "/seoul/join"
    assert client.get("/seoul/join/code").location == "/seoul/join"
    assert client.get("/seoul/join/account").location == "/seoul/join"


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ({"name": "", "phone": PHONE}, "빈칸입니다"),
        ({"name": "김\u202e보호", "phone": PHONE}, "보이지 않는 글자"),
        ({"name": "가" * 41, "phone": PHONE}, "1~40자"),
        ({"name": "김보호", "phone": "02-2600-1234"}, "휴대전화 번호"),
        ({"name": "김보호", "phone": "010-123-4567"}, "휴대전화 번호"),
        ({"name": "김보호"}, "빈칸입니다"),
    ],
)
def test_wrong_names_and_numbers_are_answered_in_words(
    client: FlaskClient, seoul: TenantRef, person: dict[str, str], words: str
) -> None:
    client.post("/seoul/join", data=AGREED)
    answer = client.post("/seoul/join/phone", data=person)
    assert answer.status_code == 422
    assert words in answer.text


def test_a_code_has_five_tries_and_three_minutes(client: FlaskClient, seoul: TenantRef, clock: Clock) -> None:
    until_code(client)
    right = last_code(seoul)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(4):
        answer = client.post("/seoul/join/code", data={"code": wrong})
        assert answer.status_code == 422
        assert "맞지 않습니다" in answer.text
    assert "쓸 수 없습니다" in client.post("/seoul/join/code", data={"code": wrong}).text
    assert "쓸 수 없습니다" in client.post("/seoul/join/code", data={"code": right}).text
    clock.shift(timedelta(seconds=30))
    until_code(client)
    clock.shift(timedelta(minutes=3))
    assert "시간이 지났습니다" in client.post("/seoul/join/code", data={"code": last_code(seoul)}).text
    until_code(client)
    clock.shift(timedelta(minutes=2, seconds=59))
    assert client.post("/seoul/join/code", data={"code": last_code(seoul)}).status_code == 303


def test_codes_are_braked(client: FlaskClient, seoul: TenantRef, clock: Clock) -> None:
    client.post("/seoul/join", data=AGREED)
    for _ in range(5):
        assert client.post("/seoul/join/phone", data=PERSON).status_code == 303
        assert "초 뒤에" in client.post("/seoul/join/phone", data=PERSON).text
        clock.shift(timedelta(seconds=31))
    assert "한 시간 뒤에" in client.post("/seoul/join/phone", data=PERSON).text
    clock.shift(timedelta(hours=1))
    assert client.post("/seoul/join/phone", data=PERSON).status_code == 303
    with unit_of_work(seoul, SYSTEM) as uow:
        assert uow.session.scalar(select(func.count()).select_from(Message)) == 6


def test_the_code_itself_is_not_in_its_row(client: FlaskClient, seoul: TenantRef) -> None:
    until_code(client)
    with unit_of_work(seoul, SYSTEM) as uow:
        row = uow.session.scalars(select(OneTimeCode)).one()
    assert last_code(seoul) not in row.code + str(row.data) + row.target


def test_an_unproven_phone_makes_no_account(client: FlaskClient, seoul: TenantRef, clock: Clock) -> None:
    until_code(client)
    answer = client.post("/seoul/join/account", data=ACCOUNT)
    assert answer.status_code == 422
    assert "가입 시간이 지났습니다" in answer.text
    client.post("/seoul/join/code", data={"code": last_code(seoul)})
    clock.shift(timedelta(minutes=30))
    assert client.post("/seoul/join/account", data=ACCOUNT).status_code == 422
    assert accounts(seoul) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"login_id": "x"}, "4~30자"),
        ({"login_id": "TAKEN.ID"}, "이미 쓰는 아이디"),
        ({"password": "short1", "again": "short1"}, "9자 이상"),
        ({"password": "onlyletters", "again": "onlyletters"}, "영문자와 숫자"),
        ({"again": "haneul2027"}, "서로 다릅니다"),
        ({"password": ""}, "빈칸입니다"),
    ],
)
def test_a_refused_form_keeps_what_was_typed_and_can_be_sent_again(
    client: FlaskClient, seoul: TenantRef, change: dict[str, str], words: str
) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        make_user(uow, Role.SEOUL_ADMIN, login_id="taken.id")
    until_account(client, seoul)
    answer = client.post("/seoul/join/account", data={**ACCOUNT, **change})
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{change.get("login_id", "Haneul.Mom")}"' in answer.text
    assert "haneul2026" not in answer.text
    assert client.post("/seoul/join/account", data=ACCOUNT).status_code == 303


def test_a_form_pressed_twice_makes_one_account(client: FlaskClient, seoul: TenantRef) -> None:
    until_account(client, seoul)
    with client.session_transaction("/seoul/") as cookie:
        before: dict[str, Any] = dict(cookie)
    assert client.post("/seoul/join/account", data=ACCOUNT).status_code == 303
    with client.session_transaction("/seoul/") as cookie:
        cookie.clear()
        cookie.update(before)
    assert client.post("/seoul/join/account", data=ACCOUNT).status_code == 422
    assert len(accounts(seoul)) == 1


def test_a_phone_has_one_guardian_account_and_only_its_owner_learns_of_it(
    client: FlaskClient, seoul: TenantRef
) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        make_user(uow, Role.GUARDIAN, login_id="haneul.mom", phone=PHONE)
    client.post("/seoul/join", data=AGREED)
    asked = client.post("/seoul/join/phone", data=PERSON)
    assert asked.location == "/seoul/join/code"
    assert "이미 있습니다" not in client.get("/seoul/join/code").text
    answer = client.post("/seoul/join/code", data={"code": last_code(seoul)})
    assert "han*******" in answer.text
    assert client.post("/seoul/join/account", data={**ACCOUNT, "login_id": "another"}).status_code == 422
    assert len(accounts(seoul)) == 1
