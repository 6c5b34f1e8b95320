"""The database that a verb works on, handed to the application by environment variables."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from app.command.place import var_folder
from app.command.postgres import PostgresServer
from app.command.problem import CommandProblem

DATABASE = "dolbom"


@contextmanager
def running_database() -> Iterator[None]:
    """Inside the block DOLBOM_DATABASE_URL (web role) and DOLBOM_OWNER_URL name a live database.

    In this order: both variables given (as in production, or by a verb that started us);
    DATABASE_URL, the address of an administrator on any server; else the private server in
    ``var/pg``, started here and stopped by its last user. Raises CommandProblem.
    """
    if os.environ.get("DOLBOM_DATABASE_URL") and os.environ.get("DOLBOM_OWNER_URL"):
        yield
    elif given := os.environ.get("DATABASE_URL"):
        owner = with_driver(given)
        _announce(owner, _as_web_role(owner, _web_password(var_folder() / "keys")))
        yield
    else:
        with PostgresServer(var_folder() / "pg").serving() as server:
            _announce(server.url(DATABASE), server.url(DATABASE, user=_web_role()))
            yield


def with_driver(url: str) -> str:
    """The same address with the driver this project uses: postgres://… → postgresql+psycopg://…"""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.partition("+")[0] not in ("postgres", "postgresql"):
        raise CommandProblem(
            "DATABASE_URL은 postgresql://사용자:비밀번호@서버/데이터베이스 모양이어야 합니다."
        )
    return f"postgresql+psycopg://{rest}"


def _announce(owner: str, web: str) -> None:
    os.environ["DOLBOM_OWNER_URL"] = owner
    os.environ["DOLBOM_DATABASE_URL"] = web


def _web_role() -> str:
    return os.environ.get("DOLBOM_ROLE_PREFIX", "dolbom") + "_web"


def _as_web_role(owner: str, password: str) -> str:
    """The owner's address with the web role in its place; the migration gives it the password."""
    parts = urlsplit(owner)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{_web_role()}:{quote(password, safe='')}@{place}"))


def _web_password(keys: Path) -> str:
    """Made once, kept readable to us alone."""
    file = keys / "web-password"
    if not file.exists():
        keys.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = keys / f"web-password.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(24))
        fresh.rename(file)
    return file.read_text()
