"""Which database a verb works on."""

import os
import stat
from pathlib import Path

import psycopg
import pytest

from app.command.database import running_database, with_driver
from app.command.problem import CommandProblem

NAMES = ("DATABASE_URL", "DOLBOM_DATABASE_URL", "DOLBOM_OWNER_URL", "DOLBOM_VAR", "DOLBOM_ROLE_PREFIX")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment without addresses; what the code sets is undone afterwards."""
    for name in NAMES:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("DOLBOM_VAR", str(tmp_path / "var"))
    return monkeypatch


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("postgres://a:b@host/db", "postgresql+psycopg://a:b@host/db"),
        ("postgresql://a@/db?host=/run", "postgresql+psycopg://a@/db?host=/run"),
        ("postgresql+psycopg2://a@h/db", "postgresql+psycopg://a@h/db"),
    ],
)
def test_every_spelling_gets_our_driver(given: str, read: str) -> None:
    assert with_driver(given) == read


@pytest.mark.parametrize("given", ["mysql://a@h/db", "host=h dbname=db", "postgresqlx://a@h/db", "://"])
def test_what_is_no_postgresql_address_is_refused(given: str) -> None:
    with pytest.raises(CommandProblem, match="DATABASE_URL"):
        with_driver(given)


def test_both_addresses_given_are_left_alone(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DATABASE_URL", "postgresql://ignored@h/db")
    environment.setenv("DOLBOM_DATABASE_URL", "web")
    environment.setenv("DOLBOM_OWNER_URL", "owner")
    with running_database():
        assert (os.environ["DOLBOM_DATABASE_URL"], os.environ["DOLBOM_OWNER_URL"]) == ("web", "owner")


def test_a_given_server_is_entered_as_the_web_role_with_a_lasting_secret_password(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("DATABASE_URL", "postgresql://admin:pw@db.example:5433/care?sslmode=require")
    with running_database():
        first = os.environ.pop("DOLBOM_DATABASE_URL")
        owner = os.environ["DOLBOM_OWNER_URL"]
    with running_database():
        second = os.environ["DOLBOM_DATABASE_URL"]
    secret = tmp_path / "var" / "keys" / "web-password"
    assert owner == "postgresql+psycopg://admin:pw@db.example:5433/care?sslmode=require"
    assert (
        first == f"postgresql+psycopg://dolbom_web:{secret.read_text()}@db.example:5433/care?sslmode=require"
    )
    assert second == first
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert len(secret.read_text()) >= 32


def test_without_an_address_the_private_server_runs_as_long_as_it_is_needed(
    environment: pytest.MonkeyPatch,
) -> None:
    with running_database():
        address = os.environ["DOLBOM_OWNER_URL"].replace("+psycopg", "").replace("/dolbom?", "/postgres?")
        with psycopg.connect(address) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("dolbom_boot",)
        assert os.environ["DOLBOM_DATABASE_URL"].startswith("postgresql+psycopg://dolbom_web@/dolbom?")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address)
