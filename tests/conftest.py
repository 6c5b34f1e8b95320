"""Real parts for every test: one private PostgreSQL, one database per worker, two municipalities in it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, insert, text
from sqlalchemy.pool import NullPool

from app import house as the_house
from app.command.postgres import PostgresServer
from app.kernel.config import ROOT, Settings
from app.kernel.db import Database, TenantRef, tenant_ref
from app.tenancy import holiday_source, migrate, models, provision
from app.tenancy.registry import registry
from app.tenancy.rules import Service, TenantKind
from tests.live import opened
from tests.racing import MOST

# A slow machine proves nothing about a law; speed is measured in benchmarks/.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

PREFIX = "dolbom"
SEOUL = tenant_ref("seoul", PREFIX)
GWACHEON = tenant_ref("gwacheon", PREFIX)
TENANTS = (
    ("seoul", "00", "서울특별시", TenantKind.SEOUL, "우리동네키움"),
    ("gwacheon", "11", "과천시", TenantKind.GG_CITY, "돌봄"),
)
UrlOf = Callable[..., str]


@pytest.fixture(scope="session")
def server() -> Iterator[UrlOf]:
    """``url(database, user)`` of the test server; a server already running may be named by DOLBOM_TEST_SERVER."""
    given = os.environ.get("DOLBOM_TEST_SERVER")
    if given:
        yield lambda database, user="dolbom_boot": given.format(database=database, user=user)
        return
    private = PostgresServer(ROOT / "var" / "test-pg", {"fsync": "off"})
    private.start()
    try:
        yield private.url
    finally:
        private.stop()


def boot(url: str) -> Engine:
    return create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")


def fill_template(engine: Engine) -> None:
    """Two municipalities, one like Seoul and one of Gyeonggi, with five years of holidays."""
    the_house.load_models()
    with engine.begin() as connection:
        provision.prepare_database(connection, PREFIX)
    with engine.begin() as connection:
        provision.create_public_tables(connection, PREFIX)
        migrate.stamp(connection, "public", "public")
        connection.execute(insert(models.ClockOffset).values(id=1, seconds=0))
        holiday_source.fill_years(connection, range(2024, 2029))
        for slug, code, name, kind, title in TENANTS:
            connection.execute(
                insert(models.Tenant).values(
                    slug=slug,
                    code=code,
                    name=name,
                    kind=kind,
                    services=[Service.KIUM],
                    service_title=title,
                    phone="02-120",
                    operator=name,
                    created_at=datetime(2026, 1, 1, tzinfo=UTC),
                )
            )
    for slug, *_ in TENANTS:
        with engine.begin() as connection:
            place = tenant_ref(slug, PREFIX)
            provision.create_tenant_schema(connection, place, PREFIX)
            migrate.stamp(connection, place.schema, "tenant")
            migrate.note_revision(connection, slug)


@pytest.fixture(scope="session")
def template(server: UrlOf, testrun_uid: str) -> Iterator[str]:
    """The name of this run's template database; the first worker fills it, the others wait."""
    name = f"dt_{testrun_uid[:12]}"
    keeper = boot(server("postgres"))
    with keeper.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(7)"))
        if not connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :n"), {"n": name}).scalar():
            connection.execute(text(f"CREATE DATABASE {name}_making"))
            making = create_engine(server(f"{name}_making"), poolclass=NullPool)
            fill_template(making)
            making.dispose()
            connection.execute(text(f"ALTER DATABASE {name}_making RENAME TO {name}"))
        connection.execute(text("SELECT pg_advisory_unlock(7)"))
    return name


@pytest.fixture(scope="session")
def new_database(server: UrlOf, template: str) -> Iterator[Callable[[], str]]:
    """Makes a copy of the template and returns its name; all copies are dropped at the end."""
    made: list[str] = []

    def make() -> str:
        name = f"dc_{uuid.uuid4().hex[:12]}"
        with boot(server("postgres")).connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(7)"))
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
            connection.execute(text("SELECT pg_advisory_unlock(7)"))
        made.append(name)
        return name

    yield make
    with boot(server("postgres")).connect() as connection:
        for name in made:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


def settings_for(server: UrlOf, name: str, var: Path) -> Settings:
    return Settings(
        env="development",
        database_url=server(name, f"{PREFIX}_web"),
        owner_url=server(name),
        var=var,
        keys=var / "keys",
        role_prefix=PREFIX,
    )


@pytest.fixture(scope="session")
def house(
    server: UrlOf, new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """This worker's opened house."""
    opened = the_house.open_house(settings_for(server, new_database(), tmp_path_factory.mktemp("var")))
    yield opened
    opened.engine.dispose()


@pytest.fixture
def db(house: Database) -> Iterator[Database]:
    """Everything of one test inside one outer transaction, rolled back at its end."""
    with undone_at_the_end(house):
        yield house


@contextmanager
def undone_at_the_end(house: Database) -> Iterator[None]:
    with house.engine.connect() as connection:
        outer = connection.begin()
        house.bind = connection
        registry.forget()
        try:
            yield
        finally:
            house.bind = house.engine
            outer.rollback()


@pytest.fixture
def own_house(
    house: Database, server: UrlOf, new_database: Callable[[], str], tmp_path: Path
) -> Iterator[Database]:
    """A committed database for this test alone, with connections enough for a race."""
    with opened(settings_for(server, new_database(), tmp_path), MOST) as own:
        yield own


@pytest.fixture(scope="session")
def app(house: Database) -> Flask:
    from app import factory

    made = factory.build_app(house.settings)
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    return made


@pytest.fixture
def seoul(db: Database) -> TenantRef:
    return SEOUL


@pytest.fixture
def gwacheon(db: Database) -> TenantRef:
    return GWACHEON
