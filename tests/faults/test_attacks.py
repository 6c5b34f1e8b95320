"""Crafted requests: forged forms, foreign tokens, faked addresses, and what a failure may tell."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
import time_machine
from flask import Flask, request
from flask.testing import FlaskClient
from psycopg.errors import DeadlockDetected
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from app import factory
from app.accounts.models import LoginAttempt, UserAccount
from app.booking.models import Booking
from app.centres.models import CapacityChange, KiumCentre, SpecialDay
from app.documents.models import Upload
from app.documents.print_runs import own_run, own_runs
from app.documents.service.printing import PrintItem, request_print
from app.kernel import web
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.db import Database, TenantRef, unit_of_work
from app.kernel.errors import NotFound, TryLater
from app.people.models import Child, Guardian, LinkRequest, PickupPerson
from app.tenancy.models import Institution
from tests.cast import make_centre
from tests.cast_accounts import make_user, sign_in
from tests.site.test_routes import NOW, rules_of
from tests.site.world import World, build_world

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@pytest.fixture
def world(db: Database, seoul: TenantRef) -> Iterator[World]:
    with time_machine.travel(NOW, tick=False):
        yield build_world(seoul)


@pytest.fixture(scope="module")
def guarded(house: Database) -> Flask:
    """The site as it runs, with its tokens."""
    return factory.build_app(house.settings)


def token_of(client: FlaskClient, path: str) -> str:
    found = TOKEN.search(client.get(path).text)
    assert found is not None, path
    return found[1]


@pytest.mark.parametrize("role", [Role.VISITOR, Role.GUARDIAN, Role.CENTRE_DIRECTOR])
def test_no_form_counts_without_the_token_of_its_own_town(guarded: Flask, world: World, role: Role) -> None:
    """Neither without one nor with that of the neighbour, whatever the role."""
    stranger = guarded.test_client()
    tokens = {
        "none": {},
        "the neighbour's": {"csrf_token": token_of(stranger, "/gwacheon/login")},
    }
    client, taken = world.client(guarded, role), []
    for rule in rules_of(guarded, "POST"):
        for what, data in tokens.items():
            answer = client.post(world.address(rule), data=data)
            if answer.status_code != 400:
                taken.append((rule.rule, what, answer.status_code))
    assert not taken, "\n".join(map(str, taken))


@pytest.mark.parametrize("path", ["/platform/login", "/platform/holidays", "/platform/logout"])
def test_the_platforms_forms_need_its_token(guarded: Flask, db: Database, path: str) -> None:
    client = guarded.test_client()
    for data in ({}, {"csrf_token": token_of(client, "/seoul/login")}):
        assert client.post(path, data=data).status_code == 400


def test_a_refused_form_still_has_its_number_and_its_town(guarded: Flask, seoul: TenantRef) -> None:
    answer = guarded.test_client().post("/seoul/login", data={"login_id": "x"})
    assert answer.status_code == 400
    assert answer.headers["X-Request-Id"] in answer.text
    assert "/seoul/" in answer.text


@pytest.mark.parametrize("token", ["", "가😀" * 500, "x.y.z", "\u202e"])
def test_a_token_that_is_none_is_no_breakdown(guarded: Flask, seoul: TenantRef, token: str) -> None:
    client = guarded.test_client()
    client.get("/seoul/login")
    assert client.post("/seoul/login", data={"csrf_token": token}).status_code == 400


def test_a_strangers_token_is_worth_nothing(guarded: Flask, seoul: TenantRef) -> None:
    client, data = guarded.test_client(), {"login_id": "nobody", "password": "x"}
    client.get("/seoul/login")
    data["csrf_token"] = token_of(guarded.test_client(), "/seoul/login")
    assert client.post("/seoul/login", data=data).status_code == 400


def test_with_the_right_token_the_form_counts(guarded: Flask, seoul: TenantRef) -> None:
    client = guarded.test_client()
    data = {"csrf_token": token_of(client, "/seoul/login"), "login_id": "nobody", "password": "x"}
    assert client.post("/seoul/login", data=data).status_code == 422


MARKUP = "\"'><img src=x onerror=alert(1)>"
TYPED = (
    (Child, "name", "school", "school_class"),
    (Guardian, "name", "address", "workplace"),
    (PickupPerson, "name", "relation"),
    (LinkRequest, "child_name"),
    (UserAccount, "name"),
    (Institution, "name", "address"),
    (KiumCentre, "introduction"),
    (SpecialDay, "note"),
    (CapacityChange, "reason"),
    (Booking, "reason", "other_service", "decision_reason"),
    (Upload, "name"),
)
"""What people write about themselves and others, by table."""


@pytest.mark.parametrize(
    "role", [Role.GUARDIAN, Role.CENTRE_DIRECTOR, Role.DISTRICT_OFFICER, Role.SEOUL_ADMIN]
)
def test_what_people_write_is_never_markup(app: Flask, world: World, role: Role) -> None:
    with unit_of_work(world.place, SYSTEM) as uow:
        for table, *columns in TYPED:
            most = {c: getattr(table.__table__.c[c].type, "length", None) or len(MARKUP) for c in columns}
            fitting = {c: MARKUP if length >= len(MARKUP) else "<q>" for c, length in most.items()}
            uow.session.execute(update(table).values(fitting))
    client, shown, raw = world.client(app, role), 0, []
    for rule in rules_of(app, "GET"):
        answer = client.get(world.address(rule))
        if answer.mimetype == "text/html":
            shown += "&lt;img src=x" in answer.text
            raw += [rule.rule] * ("<img src=x" in answer.text or "<q>" in answer.text)
    assert shown >= 5
    assert raw == []


def test_a_file_in_the_place_of_a_text_is_no_form_of_ours(app: Flask, seoul: TenantRef) -> None:
    data = {"login_id": (io.BytesIO(b"x"), "이름.txt"), "password": "x"}
    assert app.test_client().post("/seoul/login", data=data).status_code == 400


@pytest.mark.parametrize(
    ("proxies", "said", "counted"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.7, 203.0.113.9", "198.51.100.7"),
        (1, "x" * 300, "x" * 45),
    ],
)
def test_who_asks_is_what_ones_own_proxies_say(
    house: Database, seoul: TenantRef, proxies: int, said: str, counted: str
) -> None:
    """Each proxy adds the address it saw; what stands before that a visitor may have written."""
    behind = factory.build_app(replace(house.settings, proxies=proxies))
    behind.config["WTF_CSRF_ENABLED"] = False
    data = {"login_id": "nobody", "password": "x"}
    behind.test_client().post("/seoul/login", data=data, headers={"X-Forwarded-For": said})
    with unit_of_work(seoul, SYSTEM) as uow:
        assert uow.session.scalars(select(LoginAttempt.ip)).all() == [counted]


def test_what_the_database_says_of_a_failing_row_stays_there(seoul: TenantRef) -> None:
    """Its DETAIL quotes the row; errors are logged and kept with dead work."""
    statement = text("INSERT INTO guardian (ref, name, version) VALUES ('r', :name, 1)")
    with pytest.raises(IntegrityError) as failed, unit_of_work(seoul, SYSTEM) as uow:
        uow.session.execute(statement, {"name": "김보호"})
    assert "violates not-null constraint" in str(failed.value)
    assert "김보호" not in f"{failed.value} {failed.value.orig} {failed.value.args}"


def test_a_temporary_table_stands_in_for_none_of_ours(seoul: TenantRef) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        make_user(uow, Role.SEOUL_ADMIN, login_id="real")
        uow.session.execute(text("CREATE TEMPORARY TABLE user_account (login_id text) ON COMMIT DROP"))
        assert uow.session.scalars(select(UserAccount.login_id)).all() == ["real"]


@pytest.mark.rule("XX-05")
def test_what_was_printed_at_a_former_centre_stays_there(seoul: TenantRef) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        here, there = make_centre(uow), make_centre(uow, name="오류동 키움센터")
        teacher = Actor(Role.CARE_TEACHER, make_user(uow, Role.CARE_TEACHER, here.id).id, scope=here.id)
    with unit_of_work(seoul, teacher) as uow:
        ref = request_print(uow, [PrintItem(form_id="kium-application")], "명단")
        assert own_run(uow, ref).ref == ref
    with unit_of_work(seoul, replace(teacher, scope=there.id)) as uow:
        assert own_runs(uow) == []
        with pytest.raises(NotFound):
            own_run(uow, ref)


def test_the_second_attempt_reads_the_file_from_its_beginning(app: Flask) -> None:
    """A deadlock under an upload must not end as an empty file."""
    read: list[bytes] = []

    def attempt() -> bytes:
        read.append(request.files["file"].read())
        if len(read) == 1:
            raise OperationalError("", {}, DeadlockDetected())
        return read[-1]

    with app.test_request_context(method="POST", data={"file": (io.BytesIO(b"%PDF-"), "a.pdf")}):
        assert web.run_again_if_busy(attempt) == b"%PDF-"


def test_a_unit_that_stays_busy_says_try_later(app: Flask) -> None:
    def attempt() -> None:
        raise OperationalError("", {}, DeadlockDetected())

    with app.test_request_context(), pytest.raises(TryLater):
        web.run_again_if_busy(attempt)


def test_a_platform_cookie_is_nobody_in_a_town_and_the_reverse(app: Flask, seoul: TenantRef) -> None:
    """One key signs every cookie; what it names lies in one place only."""
    client = app.test_client()
    sign_in(client, seoul, Role.SEOUL_ADMIN)
    cookie = client.get_cookie("seoul.sid", path="/seoul")
    assert cookie is not None
    assert client.get("/seoul/account").status_code == 200
    for place in ("gwacheon", "platform"):
        client.set_cookie(f"{place}.sid", cookie.value, path=f"/{place}")
    assert "/gwacheon/login" in client.get("/gwacheon/account").location
    assert client.get("/platform/").location == "/platform/login"
