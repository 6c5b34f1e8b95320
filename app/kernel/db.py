"""One door to the database: the unit of work, and the wall between municipalities.

Every transaction begins with one statement that sets, for that transaction only, the search path, the role and
the lock time-out of one municipality (or of the platform). A session without a municipality cannot begin one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from psycopg import Error as DriverError
from sqlalchemy import (
    Connection,
    Engine,
    Executable,
    MetaData,
    Text,
    bindparam,
    create_engine,
    event,
    func,
    literal_column,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction
from sqlalchemy.types import DateTime

from app.kernel.actor import Actor
from app.kernel.config import Settings
from app.kernel.last_writes import LastWrites
from app.kernel.ranges import KST, kst_date
from app.kernel.statements import Rows, send

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SLUG = re.compile(r"^[a-z][a-z0-9_]{1,40}$")
TYPES = {datetime: DateTime(timezone=True), dict[str, Any]: JSONB, list[Any]: JSONB}


class Base(DeclarativeBase):
    """Tables of one municipality; their schema is the search path's."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = TYPES


class PublicBase(DeclarativeBase):
    """Tables all municipalities share; always named with their schema, never holding a citizen's data."""

    metadata = MetaData(naming_convention=NAMING, schema="public")
    type_annotation_map = TYPES


@dataclass(frozen=True, slots=True)
class TenantRef:
    """Where a unit of work happens: a municipality's schema and role, or the platform's."""

    slug: str
    schema: str
    role: str

    def __post_init__(self) -> None:
        if not (SLUG.fullmatch(self.slug) and SLUG.fullmatch(self.schema) and SLUG.fullmatch(self.role)):
            raise ValueError(f"not a tenant: {self.slug!r}")


def tenant_ref(slug: str, prefix: str = "dolbom") -> TenantRef:
    return TenantRef(slug, f"t_{slug}", f"{prefix}_t_{slug}")


def platform_ref(prefix: str = "dolbom") -> TenantRef:
    return TenantRef("platform", "public", f"{prefix}_platform")


class NoTenant(RuntimeError):
    """A session was used without saying for which municipality."""


class TenantSession(Session):
    """A session bound to one place by ``info["tenant"]``."""


WALL = select(
    func.set_config("search_path", bindparam("path", type_=Text), true()),
    func.set_config("role", bindparam("role", type_=Text), true()),
    func.set_config("lock_timeout", "4s", true()),
    func.coalesce(
        select(literal_column("o.seconds")).select_from(text("public.clock_offset o")).scalar_subquery(), 0
    ),
)


@event.listens_for(TenantSession, "after_begin")
def _within_the_wall(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if "tenant" not in session.info:
        raise NoTenant("a session needs a municipality")


def _raise_wall(connection: Connection, place: TenantRef) -> timedelta:
    """The first statement of every transaction. Returns how far the clock was moved."""
    # pg_temp named last: unnamed it would come first, and a temporary table could stand in for one of ours.
    values = {"path": f"{place.schema}, ext, pg_temp", "role": place.role}
    return timedelta(seconds=send(connection, WALL, values).one()[3])


@dataclass
class UnitOfWork:
    """One transaction of one actor in one municipality. ``now`` is fixed when it begins."""

    connection: Connection
    tenant: TenantRef
    actor: Actor
    now: datetime
    memory: dict[str, Any] = field(default_factory=dict)
    """Things read once per unit (parameters, holidays)."""
    only_shows: bool = False
    """Nothing is decided in it: figures that change once a year may be as old as a process remembers them."""
    last: LastWrites = field(default_factory=LastWrites)
    """Logs and messages; a command under a gate lets them go together, just before the commit."""

    @property
    def today(self) -> date:
        return kst_date(self.now)

    @cached_property
    def session(self) -> Session:
        """For the ORM; many pages need none."""
        session = TenantSession(
            bind=self.connection, expire_on_commit=False, join_transaction_mode="rollback_only"
        )
        session.info["tenant"] = self.tenant
        return session

    def flush(self) -> None:
        if "session" in self.__dict__:
            self.session.flush()

    def close(self) -> None:
        if "session" in self.__dict__:
            self.session.close()

    def rows(self, statement: Executable, **values: Any) -> Rows:
        """Rows of a statement that was built once, e.g. a module's constant (``kernel.statements``)."""
        self.flush()
        return send(self.connection, statement, values)

    def write_soon(self) -> None:
        """What stands in ``last`` now, unless the command gathers it for the end (``last.gathering``)."""
        if not self.last.gathering:
            self.write_last()

    def write_last(self) -> None:
        if self.last:
            statement, values = self.last.take()
            self.rows(statement, **values)


class Database:
    """The engine and how sessions are made; one per process (tests bind theirs to one connection)."""

    def __init__(self, settings: Settings, *, pool_size: int = 4) -> None:
        self.settings = settings
        self.engine = open_engine(
            settings.database_url, pool_size=pool_size, prepare=not settings.behind_old_pgbouncer
        )
        self.bind: Engine | Connection = self.engine

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction of its own; inside the one a test holds open, a savepoint."""
        if isinstance(self.bind, Engine):
            with self.bind.begin() as connection:
                yield connection
        else:
            with self.bind.begin_nested():
                yield self.bind


def open_engine(url: str, *, pool_size: int = 4, prepare: bool = True) -> Engine:
    """Small pools, recycled: a backend's catalogue cache grows with every schema it has seen."""
    arguments: dict[str, Any] = {} if prepare else {"prepare_threshold": None}
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=2,
        pool_recycle=1200,
        pool_pre_ping=False,
        connect_args=arguments,
        hide_parameters=True,  # a failing statement's values are somebody's data
    )
    event.listen(engine, "handle_error", _first_line_only)
    return engine


def _first_line_only(context: ExceptionContext) -> None:
    """The lines after the first (DETAIL, CONTEXT) quote the failing row: errors are logged and kept, rows are not."""
    cause, error = context.original_exception, context.sqlalchemy_exception
    if not isinstance(cause, DriverError) or error is None:
        return
    cause.args = (str(cause).partition("\n")[0],)
    error.args = (f"({type(cause).__name__}) {cause}",)


_database: Database | None = None


def use_database(database: Database | None) -> None:
    """Make this the process's database (once, at start)."""
    global _database
    _database = database


def database() -> Database:
    if _database is None:
        raise NoTenant("no database has been opened")
    return _database


@contextmanager
def unit_of_work(place: TenantRef, actor: Actor, *, only_shows: bool = False) -> Iterator[UnitOfWork]:
    """The only way in: commits on a normal exit, rolls back on an exception, and is closed before rendering."""
    with database().transaction() as connection:
        now = datetime.now(KST) + _raise_wall(connection, place)
        uow = UnitOfWork(connection, place, actor, now, only_shows=only_shows)
        try:
            yield uow
            uow.write_last()
            uow.flush()
        finally:
            uow.close()
