"""Migrations over many municipalities, and making one, beside the bare SQL of the same."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from app.kernel.config import ROOT, Settings
from app.kernel.db import TenantRef, open_engine, tenant_ref
from app.tenancy import heads, migrate, provision
from benchmarks.report import Line

SCHEMAS = 229
"""Every municipality of the country."""
ALTER = 1.5
PREFIX = "dolbom"
REVISION = '''"""One more column."""

from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", "{head}", None, None


def upgrade() -> None:
    op.execute("ALTER TABLE child ADD COLUMN ours text")


def downgrade() -> None:
    op.execute("ALTER TABLE child DROP COLUMN ours")
'''


def measure(settings: Settings, folder: Path) -> Iterator[Line]:
    """One column more in every municipality; before that, how long each took to make."""
    engine = open_engine(settings.owner_url)  # as the command does
    places = [tenant_ref(f"bench{number}", PREFIX) for number in range(SCHEMAS)]
    script = migrate.rendered("tenant", "base", heads.head("tenant"))
    ours, bare = [], []
    for number, place in enumerate(places):
        ours.append(_timed(engine, lambda c, p=place: _create(c, p)))
        if number < 10:
            bare.append(_timed(engine, lambda c, n=number: _replay(c, f"bare{n}", script)))
    yield Line("시군 하나 만들기", statistics.median(ours), statistics.median(bare), "초")
    yield _alter(engine, places, folder)
    _forget(engine, places)
    engine.dispose()


def _timed(engine: Engine, work: object) -> float:
    begun = time.perf_counter()
    with engine.begin() as connection:
        work(connection)  # type: ignore[operator]
    return time.perf_counter() - begun


def _create(connection: Connection, place: TenantRef) -> None:
    provision.create_tenant_schema(connection, place, PREFIX)
    migrate.stamp(connection, place.schema, "tenant")


def _replay(connection: Connection, schema: str, script: str) -> None:
    """The same tables from one script, without role and rights."""
    connection.execute(text(f"CREATE SCHEMA {schema}"))
    connection.execute(text(f"SET LOCAL search_path TO {schema}, ext"))
    connection.connection.cursor().execute(script.encode())


def _alter(engine: Engine, places: list[TenantRef], folder: Path) -> Line:
    """``migrate`` with one revision more, against the statement alone, schema by schema in its own transaction."""
    begun = time.perf_counter()
    with engine.connect() as connection:
        for place in places:
            with connection.begin():
                connection.execute(text(f"ALTER TABLE {place.schema}.child ADD COLUMN bare text"))
    bare = time.perf_counter() - begun
    newest = heads.head("tenant")
    shutil.copytree(ROOT / "migrations", folder / "migrations")
    more = folder / "migrations" / "tenant" / "versions" / "9999_more.py"
    more.write_text(REVISION.format(head=newest), "utf-8")
    with _other_root(folder):
        begun = time.perf_counter()
        report = migrate.migrate_all(engine, places, PREFIX)
        ours = time.perf_counter() - begun
    if len(report.done) != len(places):
        raise RuntimeError(f"not every municipality was migrated: {report.failed}")
    return Line(f"시군 {len(places)}곳에 열 하나 더하기", ours, bare, "초", most=ALTER)


class _other_root:
    """The runner finds its revisions below another folder for a while."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __enter__(self) -> None:
        self._set(self.root)

    def __exit__(self, *_: object) -> None:
        self._set(ROOT)

    def _set(self, root: Path) -> None:
        heads.ROOT = migrate.ROOT = root
        for cached in (heads.head, migrate.script, migrate.rendered):
            cached.cache_clear()


def _forget(engine: Engine, places: list[TenantRef]) -> None:
    """Roles belong to the server, not to the database that is dropped afterwards."""
    for place in places:
        with engine.begin() as connection:
            provision.drop_tenant_schema(connection, place)
