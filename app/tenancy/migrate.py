"""The migration runner: each revision is rendered to SQL once and applied schema by schema.

``public`` first, then every municipality; short lock time-outs, five tries, then the next one; what is done is skipped,
so an interrupted run is simply run again.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from psycopg import Error as DriverError
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from app.kernel.config import ROOT
from app.kernel.db import TenantRef
from app.tenancy.heads import head
from app.tenancy.provision import LOCK, grant_public, grant_tenant

TRIES = 5
LOCK_TIMEOUT = "2s"
PAUSE = 0.2
"""Seconds before the second try; it grows with each."""
LINES = ("public", "tenant")
ASKED_TOGETHER = 100
"""Schemas whose revision one statement asks for."""


@cache
def script(line: str) -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations" / line))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


@cache
def rendered(line: str, start: str, end: str) -> str:
    """The SQL that leads from one revision to another (``base`` = from nothing)."""
    directory = script(line)
    buffer = io.StringIO()
    config = Config(output_buffer=buffer)
    config.set_main_option("script_location", directory.dir)
    starting = None if start == "base" else start
    context = EnvironmentContext(
        config,
        directory,
        fn=lambda rev, _: directory._upgrade_revs(end, rev),
        as_sql=True,
        starting_rev=starting,
        destination_rev=end,
    )
    with context:
        directory.run_env()
    return buffer.getvalue()


@dataclass
class Report:
    """What a run did, per schema: from which revision to which, or why not."""

    done: dict[str, tuple[str, str]] = field(default_factory=dict)
    current: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def revision_of(connection: Connection, schema: str) -> str:
    if not connection.execute(text("SELECT to_regclass(:t)"), {"t": f"{schema}.alembic_version"}).scalar():
        return "base"
    return connection.execute(text(f"SELECT version_num FROM {schema}.alembic_version")).scalar() or "base"  # noqa: S608


def revisions_of(connection: Connection, schemas: Sequence[str]) -> dict[str, str]:
    """The revision of each schema, asked together: nobody else migrates while the run holds its lock."""
    known = text(
        "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relname = 'alembic_version' AND n.nspname = ANY(:schemas)"
    )
    stamped = list(connection.execute(known, {"schemas": list(schemas)}).scalars())
    found = dict.fromkeys(schemas, "base")
    for start in range(0, len(stamped), ASKED_TOGETHER):
        each = [
            f"SELECT '{schema}', version_num FROM {schema}.alembic_version"  # noqa: S608
            for schema in stamped[start : start + ASKED_TOGETHER]
        ]
        for schema, number in connection.execute(text(" UNION ALL ".join(each))):
            found[schema] = number
    return found


def stamp(connection: Connection, schema: str, line: str, prefix: str = "dolbom") -> None:
    """Say that freshly created tables are at the head."""
    table = f"{schema}.alembic_version"
    key = "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)"
    connection.execute(text(f"CREATE TABLE {table} (version_num VARCHAR(32) NOT NULL, {key})"))
    connection.execute(text(f"ALTER TABLE {table} OWNER TO {prefix}_owner"))
    connection.execute(text(f"INSERT INTO {table} VALUES (:v)"), {"v": head(line)})  # noqa: S608
    if line == "public":
        grant_public(connection, prefix)


def note_revision(connection: Connection, slug: str) -> None:
    """Tell the registry, so that web processes know the municipality is ready."""
    connection.execute(
        text("UPDATE public.tenant SET revision = :v WHERE slug = :s"), {"v": head("tenant"), "s": slug}
    )


def upgrade_schema(
    connection: Connection,
    schema: str,
    line: str,
    prefix: str,
    slug: str | None = None,
    start: str | None = None,
) -> tuple[str, str]:
    """Bring one schema to the head inside the caller's transaction; ``slug``: the registry learns it too; ``start``:
    its revision, if it is known."""
    if start is None:
        connection.execute(text("SELECT set_config('lock_timeout', :t, true)"), {"t": LOCK_TIMEOUT})
        start = revision_of(connection, schema)
    end = head(line)
    if start != end:
        # Straight to the driver, in one go: a script of many statements, in which % and : mean themselves.
        script = (
            f"SET LOCAL lock_timeout TO '{LOCK_TIMEOUT}';"
            f"SET LOCAL ROLE {prefix}_owner; SET LOCAL search_path TO {schema}, ext;"
            f"{rendered(line, start, end)};"
            "RESET ROLE; SET LOCAL search_path TO public;"
        )
        if slug is not None:
            script += f"UPDATE public.tenant SET revision = '{end}' WHERE slug = '{slug}'"  # noqa: S608
        connection.connection.cursor().execute(script.encode())
    return start, end


def migrate_all(
    engine: Engine,
    tenants: Iterable[TenantRef],
    prefix: str,
    tell: Callable[[str], None] = lambda line: None,
) -> Report:
    """Migrate ``public`` and every municipality; one that fails does not stop the others.

    Without ``public`` at the head no municipality is touched. ``tenants`` is read after ``public`` is done.
    """
    report = Report()
    with engine.connect() as guard:
        guard.execute(text("SELECT pg_advisory_lock(:k)"), {"k": LOCK})
        guard.commit()
        try:
            _one(engine, "public", "public", prefix, report, None)
            places = () if report.failed else tuple(tenants)
            starts = _starts(guard, places)
            for place in places:
                _one(engine, place.schema, "tenant", prefix, report, place, starts.get(place.schema))
                tell(place.slug)
        finally:
            guard.execute(text("SELECT pg_advisory_unlock(:k)"), {"k": LOCK})
            guard.commit()
    return report


def _starts(guard: Connection, places: Sequence[TenantRef]) -> dict[str, str]:
    """Where each municipality stands; nothing when one of them is locked: then each is asked for itself."""
    try:
        guard.execute(text("SELECT set_config('lock_timeout', :t, true)"), {"t": LOCK_TIMEOUT})
        return revisions_of(guard, [place.schema for place in places])
    except DBAPIError as error:
        if not _is_busy(error):
            raise
        return {}
    finally:
        guard.rollback()


def _one(
    engine: Engine,
    schema: str,
    line: str,
    prefix: str,
    report: Report,
    place: TenantRef | None,
    known: str | None = None,
) -> None:
    """One schema in one transaction; a lock that does not come is tried again, anything else is its failure."""
    for attempt in range(1, TRIES + 1):
        try:
            with engine.begin() as connection:
                slug = place.slug if place else None
                start, end = upgrade_schema(connection, schema, line, prefix, slug, known)
                if start != end and (place is None or "CREATE TABLE" in rendered(line, start, end)):
                    # Columns need no grants, and new tables only because the logs must lose some again.
                    _grant(connection, prefix, place)
        except (DBAPIError, DriverError) as error:
            report.failed[schema] = str(error).strip()
            if not _is_busy(error):
                return
            if attempt < TRIES:
                time.sleep(PAUSE * attempt)
        else:
            report.failed.pop(schema, None)
            if start == end:
                report.current.append(schema)
            else:
                report.done[schema] = (start, end)
            return


def _grant(connection: Connection, prefix: str, place: TenantRef | None) -> None:
    if place is None:
        grant_public(connection, prefix)
    else:
        grant_tenant(connection, place)


def _is_busy(error: Exception) -> bool:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(cause, LockNotAvailable | DeadlockDetected)
