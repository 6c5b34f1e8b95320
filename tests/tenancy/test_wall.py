"""The wall: a unit of work sees one municipality, with that municipality's rights, and nothing else."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.kernel import audit
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.db import Database, NoTenant, TenantRef, TenantSession, platform_ref, unit_of_work
from app.kernel.errors import AlreadySubmitted, RuleBroken
from app.kernel.numbering import next_number
from app.kernel.submission import answered_at, submit_once
from app.tenancy.models import Institution, Tenant
from app.tenancy.rules import InstitutionKind
from tests.cast import make_district

PRESS = "a" * 32


@pytest.mark.rule("GC-21")
def test_a_row_of_one_municipality_is_invisible_in_the_other(seoul: TenantRef, gwacheon: TenantRef) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        ref = make_district(uow).ref
    with unit_of_work(gwacheon, SYSTEM) as uow:
        assert uow.session.query(Institution).filter_by(ref=ref).all() == []
    with unit_of_work(seoul, SYSTEM) as uow:
        assert uow.session.query(Institution).filter_by(ref=ref).one().kind == InstitutionKind.DISTRICT


@pytest.mark.rule("GC-21")
@pytest.mark.parametrize(
    "statement",
    ["SELECT * FROM t_gwacheon.institution", "INSERT INTO t_gwacheon.counter VALUES ('a', 'b', 1, 1)"],
)
def test_naming_another_schema_is_refused_by_the_database(seoul: TenantRef, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), unit_of_work(seoul, SYSTEM) as uow:
        uow.session.execute(text(statement))


def test_a_session_without_a_municipality_cannot_read(db: Database) -> None:
    with TenantSession(bind=db.bind) as session, pytest.raises(NoTenant):
        session.execute(text("SELECT 1"))


def test_the_login_role_alone_reads_no_table(house: Database) -> None:
    with house.engine.connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
        connection.execute(text("SELECT * FROM t_seoul.institution"))


def test_nothing_of_the_wall_stays_on_the_connection(house: Database, seoul: TenantRef) -> None:
    house.bind = house.engine
    with unit_of_work(seoul, SYSTEM):
        pass
    with house.engine.connect() as connection:
        role, path = connection.execute(text("SELECT current_user, current_setting('search_path')")).one()
    assert role == "dolbom_web"
    assert "t_seoul" not in path


@pytest.mark.rule("GC-18")
@pytest.mark.parametrize("table", ["audit_log", "access_log"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET reason = 'x'", "DELETE FROM {}"])
def test_the_logs_only_grow(seoul: TenantRef, table: str, verb: str) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        audit.record(uow, "test", "thing", 1)
    with pytest.raises(ProgrammingError, match="permission denied"), unit_of_work(seoul, SYSTEM) as uow:
        uow.session.execute(text(verb.format(table)))


@pytest.mark.rule("GC-18")
def test_an_audit_row_rolls_back_with_its_change(seoul: TenantRef) -> None:
    def fail_after_recording() -> None:
        with unit_of_work(seoul, SYSTEM) as uow:
            audit.record(uow, "test", "thing", 1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_recording()
    with unit_of_work(seoul, SYSTEM) as uow:
        assert uow.session.query(audit.AuditLog).count() == 0


def test_a_municipality_reads_the_registry_but_cannot_change_it(seoul: TenantRef) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        assert uow.session.query(Tenant).count() == 2
    with pytest.raises(ProgrammingError, match="permission denied"), unit_of_work(seoul, SYSTEM) as uow:
        uow.session.execute(text("UPDATE public.tenant SET active = false"))


def test_the_platform_reads_no_municipality(db: Database) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        unit_of_work(platform_ref(), SYSTEM) as uow,
    ):
        uow.session.execute(text("SELECT * FROM t_seoul.institution"))


@pytest.mark.rule("GC-17")
def test_numbers_count_per_series_service_and_year(seoul: TenantRef) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        drawn = [
            next_number(uow, "reception", "KIUM", 2026),
            next_number(uow, "reception", "KIUM", 2026),
            next_number(uow, "reception", "KIUM", 2027),
            next_number(uow, "reception", "DAYCARE", 2026),
        ]
    assert drawn == [1, 2, 1, 1]


def test_a_second_press_is_sent_to_the_first_result(seoul: TenantRef) -> None:
    parent = Actor(Role.GUARDIAN, user_id=7)
    with unit_of_work(seoul, parent) as uow:
        submit_once(uow, PRESS)
        answered_at(uow, PRESS, "/seoul/bookings/1")
    with pytest.raises(AlreadySubmitted) as again, unit_of_work(seoul, parent) as uow:
        submit_once(uow, PRESS)
    assert again.value.result_url == "/seoul/bookings/1"


@pytest.mark.parametrize("request_id", ["", "short", "A" * 32, "g" * 32])
def test_a_form_without_a_proper_request_id_is_refused(seoul: TenantRef, request_id: str) -> None:
    with pytest.raises(RuleBroken), unit_of_work(seoul, SYSTEM) as uow:
        submit_once(uow, request_id)


def test_another_person_learns_nothing_from_a_used_request_id(seoul: TenantRef) -> None:
    with unit_of_work(seoul, Actor(Role.GUARDIAN, user_id=7)) as uow:
        submit_once(uow, PRESS)
        answered_at(uow, PRESS, "/seoul/bookings/1")
    with pytest.raises(RuleBroken), unit_of_work(seoul, Actor(Role.GUARDIAN, user_id=8)) as uow:
        submit_once(uow, PRESS)


@pytest.mark.race
def test_two_municipalities_work_side_by_side_without_mixing(house: Database) -> None:
    """Two threads on one small pool: every transaction sees the schema it asked for."""
    from tests.conftest import GWACHEON, SEOUL

    wrong: list[str] = []

    def work(place: TenantRef) -> None:
        for _ in range(100):
            with unit_of_work(place, SYSTEM) as uow:
                found = uow.session.execute(text("SELECT current_schema()")).scalar_one()
            if found != place.schema:
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(place,)) for place in (SEOUL, GWACHEON) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
