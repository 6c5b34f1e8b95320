"""A backup brings back tables, rights, roles and files; a bad one changes nothing."""

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.command.place import ROOT
from app.command.postgres import PostgresServer

WORDS = ("CREATE SCHEMA t_a AUTHORIZATION dolbom_owner", "CREATE TABLE t_a.child (name text)",
         "INSERT INTO t_a.child VALUES ('가온')", "GRANT USAGE ON SCHEMA t_a TO dolbom_t_a",
         "GRANT SELECT ON t_a.child TO dolbom_t_a")  # fmt: skip
ROLES = ("CREATE ROLE dolbom_owner NOLOGIN", "CREATE ROLE dolbom_web LOGIN NOINHERIT",
         "CREATE ROLE dolbom_t_a NOLOGIN", "GRANT dolbom_t_a TO dolbom_web")  # fmt: skip


class House:
    """A data folder with its own server, and the command line on it."""

    def __init__(self, var: Path) -> None:
        self.var, self.server = var, PostgresServer(var / "pg", {"fsync": "off"})

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "DOLBOM_VAR": str(self.var)}
        for name in ("DATABASE_URL", "DOLBOM_DATABASE_URL", "DOLBOM_OWNER_URL"):
            environment.pop(name, None)
        line = [sys.executable, "-m", "app.command", *words]
        return subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    def execute(self, database: str, *statements: str, user: str = "dolbom_boot") -> list[tuple[object, ...]]:
        address = self.server.url(database, user).replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    house = House(tmp_path_factory.mktemp("old"))
    stored = house.var / "files" / "a" / "ab" / "abcd"
    stored.parent.mkdir(parents=True)
    stored.write_bytes(b"\x00secret")
    to = tmp_path_factory.mktemp("vault") / "b.tar"
    with house.server.serving():
        house.execute("postgres", "CREATE DATABASE dolbom", *ROLES)
        house.execute("dolbom", *WORDS)
        answer = house.command("backup", str(to))
    assert answer.returncode == 0, answer.stderr
    return to


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "new")
    with made.server.serving():
        yield made


def test_everything_comes_back_on_an_empty_machine(house: House, archive: Path) -> None:
    answer = house.command("restore", str(archive))
    assert answer.returncode == 0, answer.stderr
    assert (house.var / "files" / "a" / "ab" / "abcd").read_bytes() == b"\x00secret"
    as_tenant = ("SET ROLE dolbom_t_a", "SELECT name FROM t_a.child")
    assert house.execute("dolbom", *as_tenant, user="dolbom_web") == [("가온",)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        house.execute("dolbom", "SELECT name FROM t_a.child", user="dolbom_web")


def test_what_is_there_is_replaced_only_when_told(house: House, archive: Path) -> None:
    house.execute("postgres", "CREATE DATABASE dolbom")
    house.execute("dolbom", "CREATE TABLE here (x int)")
    refused = house.command("restore", str(archive))
    assert refused.returncode == 1
    assert "--replace" in refused.stderr
    assert house.execute("dolbom", "SELECT count(*) FROM here") == [(0,)]
    assert house.command("restore", str(archive), "--replace").returncode == 0
    assert house.execute("dolbom", "SELECT to_regclass('here'), count(*) FROM t_a.child") == [(None, 1)]


@pytest.mark.parametrize("keep", [0, 600, -1])
def test_a_damaged_archive_changes_nothing(house: House, archive: Path, tmp_path: Path, keep: int) -> None:
    house.execute("postgres", "CREATE DATABASE dolbom")
    house.execute("dolbom", "CREATE TABLE here (x int)")
    bad = tmp_path / "bad.tar"
    content = bytearray(archive.read_bytes())
    if keep >= 0:
        bad.write_bytes(content[:keep])
    else:
        with tarfile.open(archive) as tar:
            content[tar.getmember("database.dump").offset_data + 40] ^= 0xFF
        bad.write_bytes(content)
    answer = house.command("restore", str(bad), "--replace")
    assert answer.returncode == 1
    assert str(bad) in answer.stderr
    assert house.execute("dolbom", "SELECT count(*) FROM here") == [(0,)]


@pytest.mark.parametrize("name", ["../outside", "{absolute}/outside"])
@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.SYMTYPE])
def test_an_archive_cannot_write_outside_its_folder(
    house: House, tmp_path: Path, name: str, kind: bytes
) -> None:
    bad = tmp_path / "bad.tar"
    member = tarfile.TarInfo(name.format(absolute=tmp_path))
    member.type, member.size, member.linkname = kind, 1, "/etc/passwd"
    with tarfile.open(bad, "w") as tar:
        tar.addfile(member, io.BytesIO(b"x"))
    answer = house.command("restore", str(bad))
    assert answer.returncode == 1
    assert "읽을 수 있는 백업이 아닙니다" in answer.stderr
    assert not list(tmp_path.rglob("outside*"))


def test_an_archive_is_never_overwritten_and_closed_to_others(house: House, archive: Path) -> None:
    answer = house.command("backup", str(archive))
    assert answer.returncode == 1
    assert "이미 있습니다" in answer.stderr
    assert archive.stat().st_mode & 0o077 == 0
    assert [path.name for path in archive.parent.iterdir()] == [archive.name]
