"""Login: the same answer for everybody, five failures, brakes, one role or several."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from time_machine import Traveller as Clock

from app.accounts import passwords
from app.accounts.models import LoginAttempt, UserAccount, UserSession
from app.accounts.parameters import LOCK_AFTER_FAILURES
from app.accounts.rules import UserState
from app.accounts.service.entering import Entrance, log_in
from app.kernel.actor import SYSTEM, VISITOR, Actor, Role
from app.kernel.audit import AuditLog
from app.kernel.db import Database, TenantRef, unit_of_work
from app.tenancy import settings
from tests.cast import make_centre
from tests.cast_accounts import PASSWORD, give_role, make_user
from tests.racing import at_once

LOGIN = "/seoul/login"


def enter(client: FlaskClient, login_id: str, password: str = PASSWORD, **more: str) -> object:
    return client.post(LOGIN, data={"login_id": login_id, "password": password, **more})


def a_user(place: TenantRef, login_id: str = "dasom", **more: object) -> int:
    with unit_of_work(place, SYSTEM) as uow:
        return make_user(uow, Role.SEOUL_ADMIN, login_id=login_id, **more).id  # type: ignore[arg-type]


def state_of(place: TenantRef, user_id: int) -> str:
    with unit_of_work(place, SYSTEM) as uow:
        return uow.session.get_one(UserAccount, user_id).state


def test_a_right_password_opens_a_session_and_leads_back(client: FlaskClient, seoul: TenantRef) -> None:
    user_id = a_user(seoul)
    asked = client.get("/seoul/account")
    assert asked.location == "/seoul/login?next=/seoul/account"
    assert 'value="/seoul/account"' in client.get(asked.location).text
    answer = enter(client, " DaSom ", next="/seoul/account")
    assert (answer.status_code, answer.location) == (303, "/seoul/account")  # type: ignore[attr-defined]
    page = client.get("/seoul/account")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    with unit_of_work(seoul, SYSTEM) as uow:
        assert uow.session.get_one(UserAccount, user_id).last_login_at == uow.now
        actions = uow.session.scalars(select(AuditLog.action).where(AuditLog.entity_id == user_id)).all()
    assert actions == ["account.login"]


@pytest.mark.parametrize(
    "target",
    [
        "https://example.com/",
        "//example.com",
        "/gwacheon/account",
        "/seoul\\x",
        "javascript:x",
        "/seoul/\r\nSet-Cookie: x=1",
        "/seoul/\n",
        "/seoul/\t/example.com",
    ],
)
def test_login_leads_nowhere_else(client: FlaskClient, seoul: TenantRef, target: str) -> None:
    a_user(seoul)
    assert enter(client, "dasom", next=target).location == "/seoul/"  # type: ignore[attr-defined]
    fragment = client.get(LOGIN, query_string={"next": target}, headers={"HX-Request": "true"})
    assert fragment.headers["HX-Redirect"] == "/seoul/"


def test_the_session_id_of_before_the_login_is_not_the_one_of_after(
    client: FlaskClient, seoul: TenantRef
) -> None:
    a_user(seoul)
    client.get(LOGIN)
    enter(client, "dasom")
    first = client.get_cookie("seoul.sid", path="/seoul")
    client.post("/seoul/logout")
    enter(client, "dasom")
    second = client.get_cookie("seoul.sid", path="/seoul")
    assert first is not None
    assert second is not None
    assert first.value != second.value
    assert second.http_only
    assert second.same_site == "Lax"


@pytest.mark.rule("XX-13")
@pytest.mark.rule("KP-08")
@pytest.mark.parametrize("was", [UserState.ACTIVE, UserState.SUSPENDED, UserState.INVITED])
@pytest.mark.parametrize("login_id", ["dasom", "nobody.here"])
def test_five_failures_lock_and_unknown_ids_look_the_same(
    client: FlaskClient, seoul: TenantRef, login_id: str, was: UserState
) -> None:
    user_id = a_user(seoul, state=was)
    for _ in range(4):
        answer = enter(client, login_id, "Wrong-2026!")
        assert answer.status_code == 422  # type: ignore[attr-defined]
        assert "아이디 또는 비밀번호가 맞지 않습니다. 5번 틀리면" in answer.text  # type: ignore[attr-defined]
    assert "계정이 잠겼습니다" in enter(client, login_id, "Wrong-2026!").text  # type: ignore[attr-defined]
    assert "계정이 잠겼습니다" in enter(client, login_id, PASSWORD).text  # type: ignore[attr-defined]
    locked = login_id == "dasom" and was == UserState.ACTIVE
    assert state_of(seoul, user_id) == (UserState.LOCKED if locked else was)


@pytest.mark.rule("XX-13")
def test_a_success_between_begins_the_count_anew(client: FlaskClient, seoul: TenantRef) -> None:
    user_id = a_user(seoul)
    for _ in range(2):
        for _ in range(4):
            enter(client, "dasom", "Wrong-2026!")
        assert enter(client, "dasom").status_code == 303  # type: ignore[attr-defined]
        client.post("/seoul/logout")
    assert state_of(seoul, user_id) == UserState.ACTIVE


@pytest.mark.rule("XX-13")
def test_a_municipality_sets_its_own_number_of_failures(client: FlaskClient, seoul: TenantRef) -> None:
    user_id = a_user(seoul)
    with unit_of_work(seoul, SYSTEM) as uow:
        settings.set_value(uow, LOCK_AFTER_FAILURES, 3, effective_from=uow.today, reason="시험")
    for _ in range(3):
        enter(client, "dasom", "Wrong-2026!")
    assert state_of(seoul, user_id) == UserState.LOCKED


@pytest.mark.parametrize(
    ("state", "password", "words"),
    [
        (UserState.SUSPENDED, PASSWORD, "사용중지된 계정"),
        (UserState.SUSPENDED, "Wrong-2026!", "아이디 또는 비밀번호"),
        (UserState.DISABLED, PASSWORD, "쓸 수 없는 계정"),
        (UserState.INVITED, PASSWORD, "쓸 수 없는 계정"),
        (UserState.INVITED, "Wrong-2026!", "아이디 또는 비밀번호"),
    ],
)
def test_only_who_knows_the_password_learns_the_state(
    client: FlaskClient, seoul: TenantRef, state: UserState, password: str, words: str
) -> None:
    a_user(seoul, state=state)
    answer = enter(client, "dasom", password)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert words in answer.text  # type: ignore[attr-defined]


def test_without_a_role_today_nobody_comes_in(client: FlaskClient, seoul: TenantRef) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        make_user(uow, Role.SEOUL_ADMIN, login_id="dasom", starts_on=uow.today + timedelta(days=1))
    assert "역할이 없습니다" in enter(client, "dasom").text  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"login_id": "dasom"},
        {"login_id": "", "password": "x"},
        {"login_id": "d" * 5000, "password": "x"},
        {"login_id": "\u202e😀", "password": "😀" * 300},
    ],
)
def test_odd_input_is_answered_in_words(client: FlaskClient, seoul: TenantRef, data: dict[str, str]) -> None:
    answer = client.post(LOGIN, data=data)
    assert answer.status_code == 422
    assert "확인이 필요해요" in answer.text


def test_an_address_that_fails_too_often_waits(client: FlaskClient, seoul: TenantRef, clock: Clock) -> None:
    a_user(seoul)
    for number in range(20):
        enter(client, f"nobody{number}", "Wrong-2026!")
    answer = enter(client, "dasom")
    assert answer.status_code == 429  # type: ignore[attr-defined]
    assert "5초 뒤에" in answer.text  # type: ignore[attr-defined]
    clock.shift(timedelta(seconds=5))
    assert enter(client, "dasom").status_code == 303  # type: ignore[attr-defined]


def test_no_typed_login_id_stands_in_the_log(client: FlaskClient, seoul: TenantRef) -> None:
    enter(client, "my-password-1", "x")
    with unit_of_work(seoul, SYSTEM) as uow:
        row = uow.session.scalars(select(LoginAttempt)).one()
    assert "my-password" not in row.login
    assert not row.ok


def test_with_several_roles_the_last_one_acts_and_can_be_changed(
    client: FlaskClient, seoul: TenantRef
) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        centre = make_centre(uow)
        user = make_user(uow, Role.CENTRE_DIRECTOR, centre.id, login_id="dasom")
        guardian = give_role(uow, user, Role.GUARDIAN)
        give_role(uow, user, Role.CARE_TEACHER, centre.id, ends_on=uow.today - timedelta(days=1))
    assert enter(client, "dasom", next="/seoul/account").location == "/seoul/role?next=/seoul/account"  # type: ignore[attr-defined]
    page = client.get("/seoul/role").text
    assert "온수동 키움센터 센터장" in page
    assert "보호자" in page
    assert "돌봄선생님" not in page
    client.post(f"/seoul/role/{guardian.ref}")
    client.post("/seoul/logout")
    enter(client, "dasom")
    assert "지금은 보호자 역할" in client.get("/seoul/role").text


def test_an_old_hash_is_renewed_at_login(seoul: TenantRef, clock: Clock) -> None:
    old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    user_id = a_user(seoul)
    with unit_of_work(seoul, SYSTEM) as uow:
        uow.session.execute(update(UserAccount).where(UserAccount.id == user_id).values(password_hash=old))
    with unit_of_work(seoul, VISITOR) as uow:
        assert log_in(uow, "dasom", PASSWORD).sid
    with unit_of_work(seoul, SYSTEM) as uow:
        stored = uow.session.get_one(UserAccount, user_id).password_hash
    assert stored != old
    assert passwords.is_right(stored, PASSWORD)


def test_only_hashes_are_stored(client: FlaskClient, seoul: TenantRef) -> None:
    a_user(seoul)
    enter(client, "dasom")
    with client.session_transaction("/seoul/") as cookie:
        sid = cookie["_user_id"]
    with unit_of_work(seoul, SYSTEM) as uow:
        stored = uow.session.scalars(select(UserSession.sid)).one()
        hashed = uow.session.scalars(select(UserAccount.password_hash)).one()
    assert sid not in stored
    assert hashed.startswith("$argon2id$")


@pytest.mark.race
@pytest.mark.rule("XX-13")
def test_parallel_guesses_are_counted_exactly(own_house: Database) -> None:
    """Twelve guesses at once: four are told they are wrong, the fifth locks, and the right one comes too late."""
    place = TenantRef("seoul", "t_seoul", "dolbom_t_seoul")
    user_id = a_user(place)

    def guess(number: int) -> Entrance:
        with unit_of_work(place, Actor(Role.VISITOR, ip=f"10.0.0.{number}")) as uow:
            return log_in(uow, "dasom", "Wrong-2026!")

    answers = at_once(*[partial(guess, number) for number in range(12)])
    codes = sorted(one.problem.code for one in answers if isinstance(one, Entrance) and one.problem)
    assert codes == ["locked"] * 8 + ["wrong_login"] * 4
    with unit_of_work(place, SYSTEM) as uow:
        user = uow.session.get_one(UserAccount, user_id)
        assert (user.state, user.failed_count) == (UserState.LOCKED, 5)
        assert uow.session.scalar(select(func.count()).select_from(LoginAttempt)) == 12


def test_signing_in_again_ends_the_session_of_before(client: FlaskClient, seoul: TenantRef) -> None:
    user_id = a_user(seoul)
    enter(client, "dasom")
    enter(client, "dasom")
    with unit_of_work(seoul, SYSTEM) as uow:
        ended = uow.session.scalars(select(UserSession.ended_at).where(UserSession.user_id == user_id)).all()
    assert [end is None for end in ended].count(True) == 1
    assert len(ended) == 2
