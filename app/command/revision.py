"""``./dolbom revision``: write a migration from what the tables in the code have become (for developers).

A scratch database is brought to the newest revision and compared with the tables of the code; what differs becomes
a new file under ``migrations/{public,tenant}/versions``. ``--first`` writes the first revision anew from nothing,
which is allowed only until the first release.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData, make_url, text

from app import house
from app.command.database import running_database
from app.command.place import ROOT
from app.command.problem import CommandProblem
from app.kernel.config import load_settings
from app.kernel.db import Base, PublicBase, open_engine
from app.tenancy.heads import head
from app.tenancy.migrate import LINES, upgrade_schema
from app.tenancy.provision import prepare_database

SCRATCH = "dolbom_revision"
SCHEMAS = {"public": "public", "tenant": "t_scratch"}
IMPORTS = {
    "sa": "import sqlalchemy as sa",
    "op": "from alembic import op",
    "postgresql": "from sqlalchemy.dialects import postgresql",
}
PAGE = '''"""{title}"""

{imports}

revision = "{number}"
down_revision = {before}


def upgrade() -> None:
    {body}
'''


def add_parser(sub: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the verb."""
    words = "표의 달라진 점을 마이그레이션으로 씁니다."
    parser = sub.add_parser("revision", help="마이그레이션 쓰기", description=words)
    parser.add_argument("title", nargs="?", default="The tables as the code has them.", help="한 줄 설명")
    parser.add_argument(
        "--first", action="store_true", help="첫 마이그레이션을 처음부터 다시 씁니다 (출시 전에만)"
    )


def main(args: argparse.Namespace) -> int:
    """Write at most one file per line of migrations; says which, and what it could not decide."""
    house.load_models()
    with running_database(), _scratch(load_settings().owner_url) as engine:
        prefix = load_settings().role_prefix
        with engine.begin() as connection:
            prepare_database(connection, prefix)
        for line in LINES:
            with engine.begin() as connection:
                written = _write(connection, line, args.title, prefix, first=args.first)
            print(f"{line}: {written.relative_to(ROOT) if written else '달라진 것이 없습니다.'}")
    return 0


@contextmanager
def _scratch(owner_url: str) -> Iterator[Engine]:
    """An empty database of its own on the same server, dropped afterwards."""
    name = f"{SCRATCH}_{os.getpid()}"
    server = open_engine(make_url(owner_url).set(database="postgres").render_as_string(hide_password=False))
    direct = server.execution_options(isolation_level="AUTOCOMMIT")
    with direct.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE template0'))
    engine = open_engine(make_url(owner_url).set(database=name).render_as_string(hide_password=False))
    try:
        yield engine
    finally:
        engine.dispose()
        with direct.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        server.dispose()


def _write(connection: Connection, line: str, title: str, prefix: str, *, first: bool) -> Path | None:
    schema = SCHEMAS[line]
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {prefix}_owner"))
    if not first:
        upgrade_schema(connection, schema, line, prefix)
    connection.execute(text(f"SET LOCAL search_path TO {schema}, ext"))
    body, imports = _difference(connection, line)
    if body == "pass":
        return None
    newest = head(line)
    number = "0001" if first else f"{int(newest) + 1:04d}"
    folder = ROOT / "migrations" / line / "versions"
    if first and newest != "0001":
        raise CommandProblem("이미 두 번째 마이그레이션이 있습니다. --first 없이 실행해 주세요.")
    path = folder / (f"{number}_house.py" if first else f"{number}_change.py")
    before = "None" if first else f'"{newest}"'
    path.write_text(
        PAGE.format(title=title, imports=imports, number=number, before=before, body=body), "utf-8"
    )
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(path)], check=True, cwd=ROOT)
    return path


def _difference(connection: Connection, line: str) -> tuple[str, str]:
    """The body of ``upgrade`` and the imports it needs."""
    metadata: MetaData = PublicBase.metadata if line == "public" else Base.metadata
    wanted = "public" if line == "public" else None
    # Alembic takes the default schema for nameless; ours of the platform are always named.
    connection.dialect.default_schema_name = "ext" if line == "public" else SCHEMAS[line]
    options = {
        "include_schemas": line == "public",
        "include_name": lambda name, kind, parents: kind != "schema" or name == wanted,
        "include_object": lambda thing, name, kind, reflected, other: name != "alembic_version",
        "compare_type": True,
        "compare_server_default": True,
    }
    context = MigrationContext.configure(connection, opts=options)
    operations = produce_migrations(context, metadata).upgrade_ops
    body = render_python_code(operations, migration_context=context) if operations else "pass"
    body = "\n".join(line for line in body.splitlines() if not line.lstrip().startswith("#")).strip()
    return body, "\n".join(line for word, line in IMPORTS.items() if f"{word}." in body)
