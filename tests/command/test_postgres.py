"""The private server: start, share, crash, stop, and places that make trouble. Real clusters throughout."""

import os
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.command.account import open_folder_for, server_account
from app.command.postgres import SETTINGS, PostgresServer
from app.command.postgres_programs import PostgresProblem, find_programs


def connect(server: PostgresServer) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(server.url("postgres").replace("+psycopg", ""), autocommit=True)


def postmaster(server: PostgresServer) -> int:
    with connect(server) as connection:
        folder = str(connection.execute("SHOW data_directory").fetchone()[0])  # type: ignore[index]
    return int((Path(folder) / "postmaster.pid").read_text().split()[0])


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cluster at rest; each test starts it anew (initdb is the slow part)."""
    folder = tmp_path_factory.mktemp("cluster") / "pg"
    with PostgresServer(folder, {"fsync": "off"}).serving():
        pass
    yield folder
    shutil.rmtree(open_folder_for(folder), ignore_errors=True)


@pytest.fixture
def server(cluster: Path) -> Iterator[PostgresServer]:
    made = PostgresServer(cluster, {"fsync": "off"})
    made.start()
    yield made
    made.stop()
    assert not made.running


def test_settings_and_bootstrap_user_are_as_ordered(server: PostgresServer) -> None:
    with connect(server) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("dolbom_boot",)
        for name in ("max_connections", "max_locks_per_transaction", "listen_addresses"):
            assert connection.execute("SELECT current_setting(%s)", [name]).fetchone() == (SETTINGS[name],)
        assert connection.execute("SELECT current_setting('fsync')").fetchone() == ("off",)


def test_the_socket_folder_is_closed_to_others(server: PostgresServer) -> None:
    with connect(server) as connection:
        row = connection.execute("SHOW unix_socket_directories").fetchone()
    assert row is not None
    assert stat.S_IMODE(Path(str(row[0])).stat().st_mode) == 0o700


def test_the_last_user_stops_the_server(cluster: Path) -> None:
    first, second = PostgresServer(cluster), PostgresServer(cluster)
    first.start()
    second.start()
    first.stop()
    assert second.running
    second.stop()
    assert not second.running


def test_leaving_without_having_come_stops_nothing(server: PostgresServer, cluster: Path) -> None:
    PostgresServer(cluster).stop()
    assert server.running


def test_a_killed_server_starts_again_and_keeps_what_was_committed(server: PostgresServer) -> None:
    with connect(server) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
    os.kill(postmaster(server), signal.SIGKILL)
    until = time.monotonic() + 5
    while server.running and time.monotonic() < until:
        time.sleep(0.05)
    server.start()
    with connect(server) as connection:
        assert connection.execute("SELECT value FROM kept").fetchone() == (7,)
        connection.execute("DROP TABLE kept")


def test_a_pid_file_of_an_earlier_life_is_forgotten(cluster: Path) -> None:
    server = PostgresServer(cluster, {"fsync": "off"})
    with server.serving():
        with connect(server) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
        assert row is not None
        stale = Path(str(row[0])) / "postmaster.pid"
        content = stale.read_text().splitlines()
    # As after a container restart: the number belongs to a program of the same account by now.
    account = server_account()
    assert account is not None
    stranger = subprocess.Popen([*account.prefix, "sleep", "60"], cwd="/")
    stale.write_text("\n".join([str(stranger.pid), *content[1:]]) + "\n")
    shutil.chown(stale, stale.parent.owner(), stale.parent.group())
    try:
        with server.serving():
            assert server.running
    finally:
        stranger.kill()
        stranger.wait()


def test_an_interrupted_initdb_is_done_again(tmp_path: Path) -> None:
    folder = tmp_path / "pg"
    (folder / "data.new").mkdir(parents=True)
    (folder / "data.new" / "half").write_text("written before the power went")
    with PostgresServer(folder, {"fsync": "off"}).serving() as server:
        assert server.running


def test_a_path_too_long_for_a_socket_gets_a_short_folder(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 100) / "pg"
    with PostgresServer(folder, {"fsync": "off"}).serving() as server, connect(server) as connection:
        row = connection.execute("SHOW unix_socket_directories").fetchone()
    assert row is not None
    sockets = Path(str(row[0]))
    assert sockets.parent == Path("/tmp")  # noqa: S108
    shutil.rmtree(sockets)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a closed folder that its server cannot enter")
def test_a_closed_folder_works_for_root(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with PostgresServer(closed / "pg", {"fsync": "off"}).serving() as server:
        assert server.running
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    shutil.rmtree(open_folder_for(closed / "pg"), ignore_errors=True)


def test_a_cluster_of_a_version_that_is_not_here_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(PostgresProblem, match="PostgreSQL 9 버전"):
        PostgresServer(tmp_path).start()


def test_a_new_cluster_finds_programs_of_fifteen_or_later() -> None:
    assert (find_programs() / "initdb").exists()


@pytest.mark.parametrize(
    ("user", "password", "begin"),
    [
        ("dolbom_boot", None, "postgresql+psycopg://dolbom_boot@/db?host="),
        ("dolbom_web", "a/b@c", "postgresql+psycopg://dolbom_web:a%2Fb%40c@/db?host="),
    ],
)
def test_addresses_are_in_sqlalchemy_style(
    cluster: Path, user: str, password: str | None, begin: str
) -> None:
    url = PostgresServer(cluster).url("db", user, password)
    assert url.startswith(begin)
    assert url.endswith("&port=54321")
