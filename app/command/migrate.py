"""``./dolbom migrate``: bring the database to this version of the code; the only thing that migrates."""

import argparse
import sys
from collections.abc import Iterator
from datetime import datetime

from psycopg import sql
from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.exc import OperationalError

from app.command.database import running_database
from app.command.problem import PARTLY, CommandProblem
from app.kernel.config import load_settings
from app.kernel.db import TenantRef, open_engine, tenant_ref
from app.kernel.ranges import KST
from app.tenancy.holiday_source import fill_years
from app.tenancy.migrate import Report, migrate_all
from app.tenancy.provision import prepare_database


def add_parser(sub: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the verb."""
    sub.add_parser(
        "migrate",
        help="데이터베이스 맞춤",
        description="공용 스키마와 모든 시군의 스키마를 이 버전에 맞춥니다. 중단되면 다시 실행하면 됩니다.",
    )


def main(_args: argparse.Namespace) -> int:
    """0 all current, PARTLY some municipality left behind, CommandProblem without a usable database."""
    with running_database():
        return _migrate()


def _migrate() -> int:
    settings = load_settings()
    _create_database(settings.owner_url)
    engine = open_engine(settings.owner_url)
    with engine.begin() as connection:
        prepare_database(connection, settings.role_prefix)
        _let_web_role_in(connection, settings.database_url)
    try:
        report = migrate_all(engine, _places(engine, settings.role_prefix), settings.role_prefix, _tell)
        if "public" not in report.failed:
            with engine.begin() as connection:
                _first_rows(connection)
    finally:
        engine.dispose()
    return _say(report)


def _tell(slug: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{slug}\033[K", end="", file=sys.stderr)


def _say(report: Report) -> int:
    clear = "\r\033[K" if sys.stderr.isatty() else ""
    print(f"{clear}스키마 {len(report.done)}개를 맞추었고 {len(report.current)}개는 그대로입니다.")
    for schema, reason in report.failed.items():
        print(f"실패: {schema}: {reason}", file=sys.stderr)
    if "public" in report.failed:
        raise CommandProblem("공용 스키마를 맞추지 못했습니다. 위의 이유를 해결한 뒤 다시 실행해 주세요.")
    if report.failed:
        print("실패한 시군은 점검 중으로 보입니다. 이유를 해결한 뒤 다시 실행해 주세요.", file=sys.stderr)
    return PARTLY if report.failed else 0


def _first_rows(connection: Connection) -> None:
    """What an empty platform needs: a clock that is not moved, and the holidays from two years ago to two ahead."""
    connection.execute(
        text("INSERT INTO public.clock_offset (id, seconds) VALUES (1, 0) ON CONFLICT DO NOTHING")
    )
    year = datetime.now(KST).year
    known = text("SELECT DISTINCT extract(year FROM day)::int FROM public.public_holiday")
    missing = set(range(year - 2, year + 3)) - set(connection.execute(known).scalars())
    if missing:
        fill_years(connection, sorted(missing))


def _create_database(url: str) -> None:
    """Make the database of ``url`` unless it exists; asked of the server's ``postgres`` database."""
    wanted = make_url(url)
    engine = open_engine(wanted.set(database="postgres").render_as_string(hide_password=False))
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            known = text("SELECT 1 FROM pg_database WHERE datname = :name")
            if not connection.execute(known, {"name": wanted.database}).scalar():
                name = connection.dialect.identifier_preparer.quote(wanted.database or "")
                connection.execute(
                    text(f"CREATE DATABASE {name} ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0")
                )
    except OperationalError as error:
        raise CommandProblem(
            f"데이터베이스에 접속하지 못했습니다. 주소와 권한을 확인해 주세요.\n{error.orig}"
        ) from None
    finally:
        engine.dispose()


def _let_web_role_in(connection: Connection, web_url: str) -> None:
    """Give the web role the password its address carries (the private server asks for none)."""
    address = make_url(web_url)
    driver = connection.connection.driver_connection
    if address.password and driver is not None:
        # ALTER ROLE takes no parameters; the driver writes the value as a literal.
        statement = "ALTER ROLE {} PASSWORD {}"
        role, password = sql.Identifier(address.username or ""), sql.Literal(str(address.password))
        driver.execute(sql.SQL(statement).format(role, password))


def _places(engine: Engine, prefix: str) -> Iterator[TenantRef]:
    """Every municipality with a schema; read when the shared tables are current, as this is a generator."""
    query = "SELECT slug FROM public.tenant WHERE to_regnamespace('t_' || slug) IS NOT NULL ORDER BY slug"
    with engine.connect() as connection:
        slugs = connection.execute(text(query)).scalars().all()
    yield from (tenant_ref(slug, prefix) for slug in slugs)
