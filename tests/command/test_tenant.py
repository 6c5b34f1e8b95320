"""``./dolbom tenant``, ``migrate``, ``check``, ``clock`` and ``operator`` on a database of their own."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.command.__main__ import main
from app.kernel.crypto import load_keys, use_keys
from app.kernel.db import Database, use_database
from app.kernel.files import FileStore, use_files
from app.tenancy.registry import registry
from tests.conftest import UrlOf


@dataclass(frozen=True, slots=True)
class Answer:
    returncode: int
    stdout: str
    stderr: str


class Command:
    """The command line on one empty database; the tests of this file share it."""

    def __init__(self, server: UrlOf, name: str, var: Path) -> None:
        self.url, self.var = server(name), var
        self.environment = {
            "DOLBOM_VAR": str(var),
            "DOLBOM_OWNER_URL": self.url,
            "DOLBOM_DATABASE_URL": server(name, "dolbom_web"),
            "DOLBOM_ENV": "development",
        }

    def __call__(self, *words: str, **more: str) -> Answer:
        out, err = io.StringIO(), io.StringIO()
        with (
            pytest.MonkeyPatch.context() as patch,
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            for name, value in {**self.environment, **more}.items():
                patch.setenv(name, value)
            code = main(list(words))
        return Answer(code, out.getvalue(), err.getvalue())

    def ask(self, query: str) -> object:
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.connect() as connection:
            answer = connection.execute(text(query)).scalar()
        engine.dispose()
        return answer


@pytest.fixture(scope="module")
def command(
    house: Database, server: UrlOf, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Command]:
    name = f"dx_{os.getpid()}"
    yield Command(server, name, tmp_path_factory.mktemp("var"))
    # Each command opened a house of its own in this process.
    use_database(house)
    use_keys(load_keys(house.settings.keys, create=True))
    use_files(FileStore(house.settings.var / "files"))
    registry.forget()
    engine = create_engine(server("postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def ready(command: Command) -> Command:
    """Migrated, with two municipalities; both may exist already."""
    assert command("migrate").returncode == 0
    assert command("tenant", "create", "seoul", "suwon").returncode == 0
    return command


def test_an_empty_server_becomes_a_platform(command: Command) -> None:
    first = command("migrate")
    assert first.returncode == 0, first.stderr
    assert command.ask("SELECT seconds FROM public.clock_offset") == 0
    assert (
        int(str(command.ask("SELECT count(DISTINCT extract(year FROM day)) FROM public.public_holiday"))) >= 5
    )
    made = command("tenant", "create", "seoul", "suwon")
    assert "시군 2곳을 만들었습니다" in made.stdout
    assert command.ask("SELECT count(*) FROM t_seoul.institution") == 25
    again = command("migrate")
    assert "0개를 맞추었고 3개는 그대로입니다" in again.stdout


def test_making_again_changes_nothing(ready: Command) -> None:
    assert "이미 있던 곳: 1" in ready("tenant", "create", "seoul").stdout
    assert "서울특별시: 폴더와 같습니다." in ready("tenant", "sync", "seoul").stdout


def test_sync_waits_for_a_yes(ready: Command) -> None:
    engine = create_engine(ready.url, poolclass=NullPool)
    with engine.begin() as connection:  # as if the folder had changed since
        connection.execute(
            text("UPDATE t_suwon.institution SET phone = '0319999999' WHERE kind = 'REGIONAL_CENTRE'")
        )
    engine.dispose()
    shown = ready("tenant", "sync", "suwon")
    assert "phone: 0319999999 → 0312673023" in shown.stdout
    assert "--yes를 붙여 주세요" in shown.stdout
    assert "1가지를 적용했습니다" in ready("tenant", "sync", "suwon", "--yes").stdout
    assert "폴더와 같습니다" in ready("tenant", "sync", "suwon").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("tenant", "create"),
        ("tenant", "create", "nowhere"),
        ("tenant", "show", "nowhere"),
        ("tenant", "suspend", "nowhere"),
        ("tenant", "drop", "suwon"),
        ("tenant", "drop", "suwon", "--yes-drop", "seoul"),
        ("check", "nowhere"),
        ("operator", "x"),
        ("clock", "run", "J-XX"),
        ("clock", "travel"),
        ("clock", "travel", "3 days"),
        ("clock", "travel", "--to", "soon"),
        ("clock", "travel", "+99999d"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_korean_sentence(ready: Command, words: tuple[str, ...]) -> None:
    answer = ready(*words)
    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr
    assert re.search("[가-힣]", answer.stderr)
    assert ready.ask("SELECT count(*) FROM public.tenant WHERE slug = 'suwon'") == 1


def test_a_suspended_municipality_can_come_back(ready: Command) -> None:
    assert "멈추었습니다" in ready("tenant", "suspend", "suwon").stdout
    assert re.search(r"suwon\s+멈춤", ready("tenant", "list").stdout)
    assert "바꿀 것이 없습니다" in ready("tenant", "suspend", "suwon").stdout
    assert "다시 열었습니다" in ready("tenant", "resume", "suwon").stdout


def test_dropping_takes_everything_and_its_files(ready: Command) -> None:
    kept = ready.var / "files" / "suwon" / "ab"
    kept.mkdir(parents=True)
    assert ready("tenant", "drop", "suwon", "--yes-drop", "suwon").returncode == 0
    assert ready.ask("SELECT to_regnamespace('t_suwon')") is None
    assert ready.ask("SELECT count(*) FROM public.tenant") == 1
    assert not kept.parent.exists()


def test_an_empty_municipality_passes_the_data_checks(ready: Command) -> None:
    assert "모두 맞습니다" in ready("check").stdout


def test_the_clock_travels_shows_itself_and_comes_back(ready: Command) -> None:
    assert "시연 시각: 2027-01-01 00:04" in ready("clock", "travel", "--to", "2027-01-01T00:04").stdout
    assert "시연 시각: 2027-01-04 00:04" in ready("clock", "travel", "+3d").stdout
    assert "지금(시연 시각): 2027-01-04" in ready("clock", "show").stdout
    assert "시연 시각" in ready("clock", "reset").stdout
    assert ready.ask("SELECT seconds FROM public.clock_offset") == 0


def test_production_neither_travels_nor_plays(ready: Command) -> None:
    keys = str(ready.var / "keys")
    ready("clock", "show")  # makes the keys
    for words in (("clock", "travel", "+1d"), ("demo",), ("demo", "reset")):
        answer = ready(*words, DOLBOM_ENV="production", DOLBOM_KEYS=keys)
        assert answer.returncode == 1
        assert "운영 환경에서는" in answer.stderr


def test_an_operators_password_is_shown_once_and_kept_as_a_hash(ready: Command) -> None:
    answer = ready("operator", "Keeper1", "--name", "박운영")
    password = answer.stdout.split(": ")[1].split()[0]
    stored = str(ready.ask("SELECT password_hash FROM public.platform_user WHERE login_id = 'keeper1'"))
    assert stored.startswith("$argon2id$")
    assert password not in stored
