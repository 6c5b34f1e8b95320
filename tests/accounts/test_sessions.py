"""Sessions begin with a new id, are seen, and end: by time, by their owner, with their account."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from time_machine import Traveller as Clock

from app.accounts import session_rows
from app.accounts.models import UserAccount, UserSession
from app.accounts.parameters import IDLE_STAFF
from app.accounts.rules import UserState
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.db import TenantRef, database, unit_of_work
from app.tenancy import settings
from tests.cast import make_centre
from tests.cast_accounts import PASSWORD, give_role, make_user, sign_in

PAGE = "/seoul/account"


def is_in(client: FlaskClient, page: str = PAGE) -> bool:
    return client.get(page).status_code == 200


@pytest.mark.rule("XX-14")
@pytest.mark.parametrize(
    ("role", "idle", "stays"),
    [
        (Role.SEOUL_ADMIN, timedelta(minutes=29, seconds=59), True),
        (Role.SEOUL_ADMIN, timedelta(minutes=30), False),
        (Role.SEOUL_ADMIN, timedelta(minutes=31), False),
        (Role.GUARDIAN, timedelta(minutes=30), True),
        (Role.GUARDIAN, timedelta(minutes=59, seconds=59), True),
        (Role.GUARDIAN, timedelta(minutes=60), False),
    ],
)
def test_idle_sessions_end(
    client: FlaskClient, seoul: TenantRef, clock: Clock, role: Role, idle: timedelta, stays: bool
) -> None:
    sign_in(client, seoul, role)
    clock.shift(idle)
    assert is_in(client) is stays


@pytest.mark.rule("XX-14")
def test_each_action_begins_the_idle_time_anew(client: FlaskClient, seoul: TenantRef, clock: Clock) -> None:
    sign_in(client, seoul, Role.SEOUL_ADMIN)
    for _ in range(4):
        clock.shift(timedelta(minutes=29))
        assert is_in(client)
    clock.shift(timedelta(minutes=30))
    assert not is_in(client)


@pytest.mark.rule("XX-14")
def test_a_municipality_sets_its_own_idle_time(client: FlaskClient, seoul: TenantRef, clock: Clock) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        settings.set_value(uow, IDLE_STAFF, 10, effective_from=uow.today, reason="시험")
    sign_in(client, seoul, Role.SEOUL_ADMIN)
    clock.shift(timedelta(minutes=10))
    assert not is_in(client)


@pytest.mark.rule("XX-14")
def test_twelve_hours_are_the_end_even_for_the_busy(
    client: FlaskClient, seoul: TenantRef, clock: Clock
) -> None:
    sign_in(client, seoul, Role.SEOUL_ADMIN)
    for _ in range(35):
        clock.shift(timedelta(minutes=20))
        assert is_in(client)
    clock.shift(timedelta(minutes=19, seconds=59))
    assert is_in(client)
    clock.shift(timedelta(seconds=1))
    assert not is_in(client)


def test_after_the_end_the_login_page_says_why_once(
    client: FlaskClient, seoul: TenantRef, clock: Clock
) -> None:
    sign_in(client, seoul, Role.SEOUL_ADMIN)
    clock.shift(timedelta(hours=2))
    answer = client.get(PAGE)
    assert answer.status_code == 303
    assert answer.location == "/seoul/login?next=/seoul/account"
    assert "오래 쓰지 않아" in client.get(answer.location).text
    assert "오래 쓰지 않아" not in client.get(answer.location).text


def test_a_fragment_of_an_ended_session_sends_the_whole_page_to_the_login(
    client: FlaskClient, seoul: TenantRef
) -> None:
    answer = client.get(PAGE, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/seoul/login")


def test_last_seen_is_written_at_most_once_a_minute(
    client: FlaskClient, seoul: TenantRef, clock: Clock
) -> None:
    user_id = sign_in(client, seoul, Role.SEOUL_ADMIN)

    def last_seen() -> object:
        with unit_of_work(seoul, SYSTEM) as uow:
            return uow.session.scalar(select(UserSession.last_seen_at).where(UserSession.user_id == user_id))

    began = last_seen()
    clock.shift(timedelta(seconds=59))
    client.get(PAGE)
    assert last_seen() == began
    clock.shift(timedelta(seconds=1))
    client.get(PAGE)
    assert last_seen() == began + timedelta(seconds=60)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("state", "stays"),
    [(UserState.LOCKED, True), (UserState.SUSPENDED, False), (UserState.DISABLED, False)],
)
def test_a_session_dies_with_its_account(
    client: FlaskClient, seoul: TenantRef, state: UserState, stays: bool
) -> None:
    user_id = sign_in(client, seoul, Role.SEOUL_ADMIN)
    assert is_in(client)
    with unit_of_work(seoul, SYSTEM) as uow:
        uow.session.get_one(UserAccount, user_id).state = state
    assert is_in(client) is stays


def test_a_session_dies_with_its_role(client: FlaskClient, seoul: TenantRef, clock: Clock) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        user = make_user(uow, Role.SEOUL_ADMIN, ends_on=date(2026, 11, 20))
    clock.shift(timedelta(hours=14, minutes=50))
    sign_in(client, seoul, user)
    clock.shift(timedelta(minutes=9))
    assert is_in(client)
    clock.shift(timedelta(minutes=1))
    assert not is_in(client)


def test_a_cookie_of_one_municipality_opens_nothing_in_another(
    client: FlaskClient, seoul: TenantRef, gwacheon: TenantRef
) -> None:
    sign_in(client, seoul, Role.SEOUL_ADMIN)
    value = client.get_cookie("seoul.sid", path="/seoul")
    assert value is not None
    client.set_cookie("gwacheon.sid", value.value, path="/gwacheon")
    assert client.get("/gwacheon/account").status_code == 303
    assert is_in(client)


def test_logout_ends_the_row_and_the_old_cookie_is_worthless(client: FlaskClient, seoul: TenantRef) -> None:
    sign_in(client, seoul, Role.SEOUL_ADMIN)
    old = client.get_cookie("seoul.sid", path="/seoul")
    assert client.post("/seoul/logout").location == "/seoul/login"
    assert old is not None
    client.set_cookie("seoul.sid", old.value, path="/seoul")
    assert not is_in(client)


def test_people_see_and_end_their_own_sessions_and_nobody_elses(
    client: FlaskClient, seoul: TenantRef
) -> None:
    phone, strange = client.application.test_client(), client.application.test_client()
    with unit_of_work(seoul, SYSTEM) as uow:
        user = make_user(uow, Role.GUARDIAN)
    sign_in(client, seoul, user)
    sign_in(phone, seoul, user)
    sign_in(strange, seoul, Role.GUARDIAN)
    with unit_of_work(seoul, Actor(Role.GUARDIAN, user.id)) as uow:
        refs = [row.ref for row in session_rows.open_sessions(uow, user.id)]
    assert len(refs) == 2
    assert strange.post(f"/seoul/account/sessions/{refs[0]}").status_code == 404
    assert is_in(phone)
    assert client.post(f"/seoul/account/sessions/{refs[0]}").status_code == 303
    assert not is_in(phone)
    assert is_in(client)


def test_all_other_sessions_end_at_once(client: FlaskClient, seoul: TenantRef) -> None:
    phone = client.application.test_client()
    with unit_of_work(seoul, SYSTEM) as uow:
        user = make_user(uow, Role.GUARDIAN)
    sign_in(phone, seoul, user)
    sign_in(client, seoul, user)
    client.post("/seoul/account/sessions")
    assert is_in(client)
    assert not is_in(phone)


def test_changing_the_role_changes_the_session(client: FlaskClient, seoul: TenantRef) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        centre = make_centre(uow)
        user = make_user(uow, Role.CENTRE_DIRECTOR, centre.id)
        teacher = give_role(uow, user, Role.CARE_TEACHER, centre.id)
        stranger = make_user(uow, Role.SEOUL_ADMIN)
        foreign = give_role(uow, stranger, Role.SEOUL_ADMIN)
    sign_in(client, seoul, user, role=Role.CENTRE_DIRECTOR)
    old = client.get_cookie("seoul.sid", path="/seoul")
    assert "온수동 키움센터 센터장" in client.get(PAGE).text
    assert client.post(f"/seoul/role/{foreign.ref}").status_code == 404
    assert client.post(f"/seoul/role/{teacher.ref}").status_code == 303
    assert "온수동 키움센터 돌봄선생님" in client.get(PAGE).text
    assert old is not None
    client.set_cookie("seoul.sid", old.value, path="/seoul")
    assert not is_in(client)


def test_who_must_change_the_password_sees_nothing_else(client: FlaskClient, seoul: TenantRef) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        user = make_user(uow, Role.SEOUL_ADMIN)
        user.must_change = True
    sign_in(client, seoul, user)
    assert client.get(PAGE).location == "/seoul/account/password"
    assert "처음 쓰는 계정" in client.get("/seoul/account/password").text
    answer = client.post(
        "/seoul/account/password",
        data={"current": PASSWORD, "password": "Haneul-2027!", "again": "Haneul-2027!"},
    )
    assert answer.location == PAGE
    assert is_in(client)


def test_a_page_costs_one_query_for_its_person(client: FlaskClient, seoul: TenantRef) -> None:
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    sign_in(client, seoul, Role.GUARDIAN)
    event.listen(database().bind, "before_cursor_execute", note)
    client.get("/seoul/account/password")
    event.remove(database().bind, "before_cursor_execute", note)
    of_accounts = [line for line in seen if "user_" in line or "guardian" in line]
    assert len(of_accounts) == 1
    assert "FROM user_session" in of_accounts[0]
