"""The migration runner, and that a replayed municipality equals a freshly created one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, Engine, create_engine, insert, text
from sqlalchemy.pool import NullPool

from app.kernel.db import tenant_ref
from app.tenancy import migrate, provision
from app.tenancy.models import Tenant
from app.tenancy.rules import TenantKind
from tests.cast import LONG_AGO
from tests.conftest import PREFIX, UrlOf

PLACES = [tenant_ref(f"place{number:02d}", PREFIX) for number in range(20)]

CATALOGUE = {
    "columns": """
        SELECT c.relname, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
               pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d
          ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.relnamespace = to_regnamespace(:schema) AND c.relkind = 'r' AND a.attnum > 0""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = to_regnamespace(:schema)""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = :schema",
    "rights": """
        SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants
        WHERE table_schema = :schema""",
    "owners": """
        SELECT relname, relowner::regrole::text FROM pg_class
        WHERE relnamespace = to_regnamespace(:schema) AND relkind IN ('r', 'S')""",
}


@pytest.fixture
def engine(server: UrlOf, new_database: Callable[[], str]) -> Iterator[Engine]:
    """The bootstrap connection to a database of this test's own."""
    made = create_engine(server(new_database()), poolclass=NullPool)
    with made.begin() as connection:
        provision.prepare_database(connection, PREFIX)  # rights on a database are not copied with it
    yield made
    made.dispose()


def schemas_without_tables(engine: Engine) -> None:
    """Twenty municipalities whose schemas are empty: as before the first revision."""
    for number, place in enumerate(PLACES):
        with engine.begin() as connection:
            connection.execute(
                insert(Tenant).values(
                    slug=place.slug,
                    code=str(70 + number),
                    name=place.slug,
                    kind=TenantKind.GG_CITY,
                    services=[],
                    created_at=LONG_AGO,
                )
            )
            provision.create_tenant_schema(connection, place, PREFIX, tables=False)


def described(connection: Connection, schema: str) -> dict[str, set[tuple[str, ...]]]:
    """Everything of a schema as text, without the schema's own name."""
    role = schema.replace("t_", f"{PREFIX}_t_", 1)
    connection.execute(text(f"SET search_path TO {schema}, ext"))
    return {
        kind: {
            tuple(str(value).replace(role, "ROLE").replace(f"{schema}.", "") for value in row)
            for row in connection.execute(text(query), {"schema": schema})
        }
        for kind, query in CATALOGUE.items()
    }


@pytest.mark.parametrize("kind", CATALOGUE)
def test_a_replayed_municipality_equals_a_created_one(engine: Engine, kind: str) -> None:
    schemas_without_tables(engine)
    migrate.migrate_all(engine, PLACES[:1], PREFIX)
    with engine.connect() as connection:
        created, replayed = described(connection, "t_seoul"), described(connection, PLACES[0].schema)
    assert len(created[kind]) > 20
    assert replayed[kind] ^ created[kind] == set()


@pytest.mark.parametrize("kind", ["columns", "constraints", "indexes"])
def test_replayed_shared_tables_equal_created_ones(
    engine: Engine, server: UrlOf, new_database: Callable[[], str], kind: str
) -> None:
    with engine.begin() as connection:
        created = described(connection, "public")
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        provision.prepare_database(connection, PREFIX)
    report = migrate.migrate_all(engine, [], PREFIX)
    assert list(report.done) == ["public"]
    with engine.connect() as connection:
        assert described(connection, "public")[kind] ^ created[kind] == set()


def test_twenty_schemas_are_brought_to_the_head_and_known_as_ready(engine: Engine) -> None:
    schemas_without_tables(engine)
    told: list[str] = []
    report = migrate.migrate_all(engine, PLACES, PREFIX, told.append)
    assert (len(report.done), report.current, report.failed) == (20, ["public"], {})
    assert told == [place.slug for place in PLACES]
    with engine.connect() as connection:
        query = text("SELECT count(*) FROM public.tenant WHERE slug LIKE 'place%' AND revision = :head")
        ready = connection.execute(query, {"head": migrate.head("tenant")}).scalar()
    assert ready == 20


def test_an_interrupted_run_is_simply_run_again(engine: Engine) -> None:
    schemas_without_tables(engine)

    def pull_the_plug(slug: str) -> None:
        if slug == PLACES[6].slug:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        migrate.migrate_all(engine, PLACES, PREFIX, pull_the_plug)
    report = migrate.migrate_all(engine, PLACES, PREFIX)
    assert len(report.current) == 1 + 7
    assert list(report.done) == [place.schema for place in PLACES[7:]]


def test_one_broken_schema_does_not_stop_the_others(engine: Engine) -> None:
    schemas_without_tables(engine)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE {PLACES[3].schema}.child (id int)"))
    report = migrate.migrate_all(engine, PLACES, PREFIX)
    assert list(report.failed) == [PLACES[3].schema]
    assert "already exists" in report.failed[PLACES[3].schema]
    assert len(report.done) == 19
    with engine.connect() as connection:
        left = connection.execute(
            text("SELECT count(*) FROM pg_tables WHERE schemaname = :s"), {"s": PLACES[3].schema}
        ).scalar()
    assert left == 1  # nothing of the failed revision stays


def test_without_the_shared_tables_no_municipality_is_touched(engine: Engine) -> None:
    schemas_without_tables(engine)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM public.alembic_version"))
    report = migrate.migrate_all(engine, PLACES, PREFIX)
    assert list(report.failed) == ["public"]
    assert report.done == {}


@pytest.mark.parametrize(("held_for_tries", "reached"), [(2, True), (migrate.TRIES, False)])
def test_a_locked_table_is_tried_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, held_for_tries: int, reached: bool
) -> None:
    """Somebody holds the revision table: the runner waits briefly, five times, and goes on to the next."""
    schemas_without_tables(engine)
    migrate.migrate_all(engine, PLACES[:2], PREFIX)
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "40ms")
    holder = engine.connect()
    holder.execute(text(f"LOCK TABLE {PLACES[0].schema}.alembic_version IN ACCESS EXCLUSIVE MODE"))
    tries: list[float] = []

    def pause(seconds: float) -> None:
        tries.append(seconds)
        if len(tries) == held_for_tries:
            holder.rollback()

    monkeypatch.setattr(migrate.time, "sleep", pause)
    report = migrate.migrate_all(engine, PLACES[:2], PREFIX)
    holder.close()
    assert (PLACES[0].schema in report.current) is reached
    assert (PLACES[0].schema in report.failed) is not reached
    assert PLACES[1].schema in report.current
    assert tries == sorted(tries)
    assert len(tries) == min(held_for_tries, migrate.TRIES - 1)
