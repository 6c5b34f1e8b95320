"""Two municipalities side by side: nothing of one is seen, opened or changed from the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, text
from werkzeug.routing import Rule

from app.kernel.actor import SYSTEM, Role
from app.kernel.db import Base, Database, TenantRef, unit_of_work
from tests.booking.town import NOW
from tests.site.test_routes import ROLES, action_of, rules_of, undone
from tests.site.world import World, build_world, sample_of

SECRET = "과천비밀"
SHARED_NAMES = {"field", "form", "text", "setting", "consent", "check", "step", "operating_day"}
"""Names that mean the same everywhere: of forms, settings, kinds."""
NAMED = (
    "UPDATE child SET name = :s || id",
    "UPDATE guardian SET name = :s || id",
    "UPDATE user_account SET name = :s || id",
    "UPDATE institution SET name = :s || id",
    "UPDATE pickup_person SET name = :s || id",
    "UPDATE link_request SET child_name = :s || id",
    "UPDATE paper SET title = :s || id",
    "UPDATE message SET title = :s || id, body = :s || id",
    "UPDATE booking SET reason = :s || id, number = :s || id",
    "UPDATE upload SET name = :s || id",
    "UPDATE daycare_class SET name = :s || id",
    "UPDATE daycare_booking SET number = :s || id, decision_reason = :s || id",
    "UPDATE daycare_stay SET in_person = :s || id, note = :s || id, belongings = :s || id",
    "UPDATE application_guardian SET name = :s || id, address = :s || id",
    "UPDATE prior_contact SET person = :s || id, caller = :s || id",
    "UPDATE medicine_request SET signed_name = :s || id",
    "UPDATE journal SET teacher = :s || id",
    "UPDATE meal SET menu = :s || id",
    "UPDATE roster_shift SET teacher = :s || id",
    "UPDATE daycare_closure SET reason = :s || id",
    "UPDATE insurance_policy SET insurer = :s || id, number = :s || id",
    "UPDATE incident SET place = :s || id",
    "UPDATE restriction SET report = :s || id, number = :s || id",
    "UPDATE restriction_event SET note = :s || id",
    "UPDATE payment SET payer = :s || id, receipt_number = :s || id",
)


@pytest.fixture
def worlds(db: Database, seoul: TenantRef, gwacheon: TenantRef) -> Iterator[tuple[World, World]]:
    """Seoul as it is, and a Gwacheon in which every name is a mark that must never be seen from Seoul."""
    with time_machine.travel(NOW, tick=False):
        ours, theirs = build_world(seoul), build_world(gwacheon)
        with unit_of_work(gwacheon, SYSTEM) as uow:
            for statement in NAMED:
                assert uow.session.execute(text(statement), {"s": SECRET}).rowcount > 0, statement
        yield ours, theirs


@pytest.mark.rule("GC-21")
def test_the_mark_would_be_seen(app: Flask, worlds: tuple[World, World]) -> None:
    """In Gwacheon itself the pages are full of it; else the tests below would prove nothing."""
    _, theirs = worlds
    for role, path in (
        (Role.CENTRE_DIRECTOR, "/bookings"),
        (Role.GUARDIAN, "/my/bookings"),
        (Role.GUARDIAN, "/daycare/my"),
        (Role.DAYCARE_DIRECTOR, "/room"),
        (Role.DAYCARE_DIRECTOR, "/room/bookings"),
        (Role.DAYCARE_DIRECTOR, "/house/roster"),
        (Role.CITY_OFFICER, "/city/daycares"),
        (Role.COORDINATOR, "/restrictions"),
    ):
        assert SECRET in theirs.client(app, role).get(f"/gwacheon{path}").text, path


@pytest.mark.rule("GC-21")
@pytest.mark.parametrize("role", ROLES)
def test_no_page_shows_the_neighbour(
    app: Flask, db: Database, worlds: tuple[World, World], role: Role
) -> None:
    ours, _ = worlds
    client, shown = ours.client(app, role), []
    for rule in rules_of(app, "GET"):
        with undone(db):
            if SECRET.encode() in client.get(ours.address(rule)).data:
                shown.append(rule.rule)
    assert not shown


@pytest.mark.rule("GC-21")
@pytest.mark.parametrize("role", [role for role in ROLES if role is not Role.VISITOR])
def test_the_neighbours_names_open_nothing(
    app: Flask, db: Database, worlds: tuple[World, World], role: Role
) -> None:
    """Every address with a name of a Gwacheon thing in it, asked and pressed in Seoul."""
    ours, theirs = worlds
    client, opened, before = ours.client(app, role), [], _counts(db, theirs)
    for method in ("GET", "POST"):
        for rule in rules_of(app, method):
            if not action_of(app, rule).allows(role) or _only_shared_names(rule):
                continue
            with undone(db):
                answer = client.open(_foreign(ours, theirs, rule), method=method)
            if answer.status_code != 404 and answer.status_code != _of_nothing(client, ours, rule, method):
                opened.append((method, rule.rule, answer.status_code))
    assert not opened, "\n".join(map(str, opened))
    assert _counts(db, theirs) == before


def _foreign(ours: World, theirs: World, rule: Rule) -> str:
    """Their names under our slug."""
    return theirs.address(rule).replace(f"/{theirs.place.slug}/", f"/{ours.place.slug}/", 1)


def _of_nothing(client: FlaskClient, ours: World, rule: Rule, method: str) -> int:
    """What a made-up name meets: the neighbour's may not meet anything else."""
    return client.open(ours.address(rule, unknown=True), method=method).status_code


def _only_shared_names(rule: Rule) -> bool:
    return set(sample_of(rule, _Itself()).values()) <= SHARED_NAMES


class _Itself(dict[str, str]):
    """Every name stands for itself."""

    def __missing__(self, name: str) -> str:
        return name


def _counts(db: Database, world: World) -> dict[str, int]:
    """Rows of every table of that municipality."""
    with unit_of_work(world.place, SYSTEM) as uow:
        return {
            table.name: uow.session.execute(text(f"SELECT count(*) FROM {table.name}")).scalar_one()
            for table in Base.metadata.sorted_tables
        }


@pytest.mark.rule("GC-21")
@pytest.mark.parametrize("role", [Role.GUARDIAN, Role.CENTRE_DIRECTOR, Role.SEOUL_ADMIN])
def test_a_session_of_one_municipality_is_nobody_in_the_other(
    app: Flask, worlds: tuple[World, World], role: Role
) -> None:
    """Not by its own path, and not when the cookie is carried over under the other's name."""
    ours, _ = worlds
    client: Any = ours.client(app, role)
    assert client.get("/seoul/account").status_code == 200
    assert "/gwacheon/login" in client.get("/gwacheon/account").headers["Location"]
    stolen = client.get_cookie("seoul.sid", path="/seoul").value
    client.set_cookie("gwacheon.sid", stolen, path="/gwacheon")
    assert "/gwacheon/login" in client.get("/gwacheon/account").headers["Location"]


@pytest.mark.rule("GC-21")
def test_every_table_of_a_municipality_is_closed_to_the_other(db: Database, seoul: TenantRef) -> None:
    """The wall itself, table by table: the role of Seoul has no right on any table of Gwacheon."""
    connection: Any = db.bind
    assert isinstance(connection, Connection)
    schema = text("SELECT has_schema_privilege(:role, 't_gwacheon', 'USAGE')")
    assert connection.execute(schema, {"role": seoul.role}).scalar() is False
    tables = dict(connection.execute(text(RIGHTS), {"role": seoul.role}).all())
    assert set(tables) >= set(Base.metadata.tables)
    assert [name for name, is_open in tables.items() if is_open] == []


RIGHTS = """
    SELECT c.relname, has_table_privilege(:role, c.oid, 'SELECT,INSERT,UPDATE,DELETE')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 't_gwacheon' AND c.relkind = 'r'"""
