"""Where measurements stand: a database of their own with two municipalities, and the reference's few rows beside it."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app import house
from app.command.place import var_folder
from app.command.postgres import PostgresServer
from app.kernel.config import Settings
from tests.conftest import boot, fill_template, settings_for
from tests.crowd import NOW
from tests.live import set_clock

REFERENCE = (
    "CREATE SCHEMA bench",
    "CREATE TABLE bench.thing (id int PRIMARY KEY, name text NOT NULL)",
    "INSERT INTO bench.thing SELECT n, 'thing ' || n FROM generate_series(1, 1000) n",
    "CREATE TABLE bench.seats (taken int NOT NULL)",
    "INSERT INTO bench.seats VALUES (0)",
    "CREATE TABLE bench.taken (who int NOT NULL)",
)


@contextmanager
def ground() -> Iterator[Settings]:
    """The settings of an opened house; everything is gone afterwards. DOLBOM_TEST_SERVER names a running server."""
    given = os.environ.get("DOLBOM_TEST_SERVER")
    private = PostgresServer(var_folder() / "bench-pg")
    with nullcontext() if given else private.serving(), tempfile.TemporaryDirectory() as var:

        def url(database: str, user: str = "dolbom_boot") -> str:
            return given.format(database=database, user=user) if given else private.url(database, user)

        name = f"bench_{uuid.uuid4().hex[:10]}"
        with boot(url("postgres")).connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            settings = _filled(url, name, Path(var))
            opened = house.open_house(settings, pool_size=2)
            try:
                yield settings
            finally:
                opened.engine.dispose()
        finally:
            with boot(url("postgres")).connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def _filled(url: Callable[..., str], name: str, var: Path) -> Settings:
    engine = create_engine(url(name), poolclass=NullPool)
    fill_template(engine)
    with engine.begin() as connection:
        for statement in REFERENCE:
            connection.execute(text(statement))
    settings = settings_for(url, name, var)
    set_clock(settings, NOW)
    return settings


def statement(settings: Settings, sql: str) -> None:
    with create_engine(settings.owner_url, poolclass=NullPool).begin() as connection:
        connection.execute(text(sql))
