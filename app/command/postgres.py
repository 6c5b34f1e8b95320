"""A private PostgreSQL in a folder of the checkout, reached by socket only.

Several commands may use one server at the same time: each holds a shared lock, and whoever
leaves last stops the server. The kernel drops the lock of a killed command, so a forgotten
server goes with the next command that ends.
"""

import fcntl
import hashlib
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from app.command.account import Account, open_folder_for, server_account
from app.command.postgres_programs import PostgresProblem, find_programs

BOOTSTRAP_USER = "dolbom_boot"
PORT = 54321  # only part of the socket's name: nothing listens on the network
SOCKET_PATH_LIMIT = 107  # bytes, sun_path without its closing zero
START_PATIENCE = 10.0  # seconds; after a crash old backends hold the shared memory for about one
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "max_locks_per_transaction": "256",  # a migration touches the tables of many schemas at once
    "timezone": "UTC",
}


class PostgresServer:
    """One cluster in ``folder`` (``data/``, ``socket/``, ``server.log``), made at first start.

    ``settings`` are added to SETTINGS, for instance ``{"fsync": "off"}`` for tests. Every method
    may raise PostgresProblem.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.wanted_folder = folder.absolute()
        self.settings = {**SETTINGS, **(settings or {})}
        self._users_lock: int | None = None
        self._place: tuple[Account, Path, Path] | None = None

    @property
    def running(self) -> bool:
        """Does somebody answer on the socket?"""
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self._sockets() / f".s.PGSQL.{PORT}"))
            except OSError:
                return False
        return True

    def start(self) -> None:
        """Make the cluster if missing, start it if it rests, count us among its users."""
        self.wanted_folder.mkdir(parents=True, exist_ok=True)
        with self._gate():
            if not self.running:
                self._make_cluster()
                self._start_patiently()
            if self._users_lock is None:
                self._users_lock = _lock(self.wanted_folder / "users.lock", fcntl.LOCK_SH)

    def stop(self) -> None:
        """Leave; the last user stops the server (``fast``: open transactions are rolled back)."""
        if self._users_lock is None:
            return
        with self._gate():
            try:
                fcntl.flock(self._users_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._shut_down()
            except BlockingIOError:
                pass  # somebody else still works with it
            finally:
                os.close(self._users_lock)
                self._users_lock = None

    @contextmanager
    def serving(self) -> Iterator["PostgresServer"]:
        """Started inside the block; stopped afterwards unless another command still needs it."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    def url(self, database: str, user: str = BOOTSTRAP_USER, password: str | None = None) -> str:
        """An SQLAlchemy address; the socket folder and port stand in the query."""
        secret = "" if password is None else ":" + quote(password, safe="")
        query = f"host={quote(str(self._sockets()), safe='/')}&port={PORT}"
        return f"postgresql+psycopg://{quote(user, safe='')}{secret}@/{quote(database)}?{query}"

    def _placed(self) -> tuple[Account, Path, Path]:
        """Account, real folder and programs, found once."""
        if self._place is None:
            self.wanted_folder.mkdir(parents=True, exist_ok=True)
            self._place = _place_for(self.wanted_folder)
        return self._place

    def _data(self) -> Path:
        return self._placed()[1] / "data"

    def _sockets(self) -> Path:
        folder = self._placed()[1] / "socket"
        if len(os.fsencode(folder / f".s.PGSQL.{PORT}.lock")) <= SOCKET_PATH_LIMIT:
            return folder
        return Path("/tmp") / f"dolbom-{hashlib.sha256(bytes(folder)).hexdigest()[:12]}"  # noqa: S108

    def _make_cluster(self) -> None:
        account, folder, _ = self._placed()
        account.make_folder(folder)
        if (self._data() / "PG_VERSION").exists():
            return
        unfinished = folder / "data.new"  # renamed when whole: an interrupted initdb is redone
        shutil.rmtree(unfinished, ignore_errors=True)
        # Trust on the local socket: the application connects under several roles, which `peer`
        # cannot express. The socket folder is closed (0700) to all but this account and root.
        access = ("--auth-local=trust", "--auth-host=reject")
        locale = ("--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions")
        self._run("initdb", "-D", unfinished, "-U", BOOTSTRAP_USER, *access, *locale)
        unfinished.rename(self._data())

    def _start_patiently(self) -> None:
        account, folder, _ = self._placed()
        sockets = self._sockets()
        _refuse_foreign(sockets, account)
        account.make_folder(sockets)
        settings = {**self.settings, "unix_socket_directories": str(sockets), "port": str(PORT)}
        words = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in settings.items())
        until = time.monotonic() + START_PATIENCE
        while True:
            _forget_dead_postmaster(self._data())
            try:
                log = folder / "server.log"
                self._run("pg_ctl", "-D", self._data(), "-w", "-l", log, "-o", words, "start")
                return
            except PostgresProblem:
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)

    def _shut_down(self) -> None:
        if not self.running:
            return
        try:
            self._run("pg_ctl", "-D", self._data(), "-w", "-m", "fast", "stop")
        except PostgresProblem:
            if self.running:  # else it died by itself meanwhile
                raise

    def _run(self, program: str, *arguments: str | Path) -> None:
        """Run one of the server's programs as its account; the problem quotes its last lines."""
        account, folder, programs = self._placed()
        line = [*account.prefix, str(programs / program), *map(str, arguments)]
        # To a file, not a pipe: the server inherits the output and would hold a pipe for ever.
        output = self.wanted_folder / f"{program}.log"
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        with output.open("wb") as log:
            call = subprocess.run(
                line, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, check=False
            )
        if call.returncode != 0:
            tail = _tail(output) + _tail(folder / "server.log")
            raise PostgresProblem(f"데이터베이스 프로그램 {program} 실행에 실패했습니다.\n{tail}")

    @contextmanager
    def _gate(self) -> Iterator[None]:
        """One command at a time starts or stops the server."""
        descriptor = _lock(self.wanted_folder / "start.lock", fcntl.LOCK_EX)
        try:
            yield
        finally:
            os.close(descriptor)


def _place_for(wanted: Path) -> tuple[Account, Path, Path]:
    """Account, folder and programs; the folder is ``wanted`` or, out of reach, its stand-in."""
    stand_in = open_folder_for(wanted)
    versions = [folder / "data" / "PG_VERSION" for folder in (wanted, stand_in)]
    made_by = next((int(file.read_text()) for file in versions if file.exists()), None)
    programs = find_programs(made_by)
    account = server_account(wanted, programs)
    if account:
        return account, wanted, programs
    account = server_account(programs)
    if account is None:
        raise PostgresProblem(
            f"데이터베이스 계정이 {programs}에 닿지 못합니다. 이 폴더를 /srv처럼 열린 곳으로 "
            "옮기거나 'apt-get install postgresql'로 서버를 설치해 주세요."
        )
    print(f"알림: {wanted} 폴더가 닫혀 있어 데이터베이스를 {stand_in}에 둡니다.", file=sys.stderr)
    stand_in.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    return account, stand_in, programs


def _refuse_foreign(folder: Path, account: Account) -> None:
    """A folder under /tmp that someone else prepared is not ours to use."""
    if folder.is_symlink() or (folder.exists() and folder.stat().st_uid not in (account.uid, os.geteuid())):
        raise PostgresProblem(f"{folder}는 다른 사용자의 폴더입니다. 옮긴 뒤 다시 실행해 주세요.")


def _forget_dead_postmaster(data: Path) -> None:
    """Remove a postmaster.pid of an earlier life whose number another program has by now.

    After a container restart that is common, and the server would refuse to start. Every process
    of a cluster works in its data folder: when none does, nobody holds its memory.
    """
    if not (data / "postmaster.pid").exists():
        return
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == data.resolve():
                return
        except OSError:
            continue  # ended meanwhile, or another user's
    (data / "postmaster.pid").unlink(missing_ok=True)


def _lock(path: Path, kind: int) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, kind)
    return descriptor


def _tail(log: Path, lines: int = 8) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) + "\n"
    except OSError:
        return ""
