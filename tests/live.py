"""The house as it really runs: gunicorn (and a worker) as programs of their own, on a database of their own.

with opened(settings) as database, LiveHouse(settings, logs) as live:
    live.get("/seoul/login")
"""

from __future__ import annotations

import http.client
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.command.children import Children
from app.kernel import db
from app.kernel.config import Settings
from app.kernel.db import Database
from app.kernel.ranges import KST
from app.tenancy.registry import registry

HOST = "127.0.0.1"
START_LIMIT = 30.0
OUR_APP = "app.factory:create_app()"


@contextmanager
def opened(settings: Settings, pool_size: int = 2) -> Iterator[Database]:
    """This process, too, works on that database; afterwards on the one it had."""
    before, mine = db._database, Database(settings, pool_size=pool_size)
    db.use_database(mine)
    registry.forget()
    try:
        yield mine
    finally:
        mine.engine.dispose()
        db.use_database(before)
        registry.forget()


def set_clock(settings: Settings, now: datetime) -> None:
    """Let the house believe it is ``now``, and let its time go on from there."""
    seconds = round((now - datetime.now(KST)).total_seconds())
    engine = create_engine(settings.owner_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("UPDATE public.clock_offset SET seconds = :s"), {"s": seconds})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class LiveHouse:
    """A web server (2 processes × 4 threads, as ``./dolbom run`` starts it) and, if asked, a worker."""

    def __init__(self, settings: Settings, logs: Path, *, app: str = OUR_APP, worker: bool = False) -> None:
        self.settings, self.app, self.worker = settings, app, worker
        self.port = free_port()
        self.children = Children(logs)
        self.master = 0

    def __enter__(self) -> LiveHouse:
        line = ["--config", "python:app.web_server", "--bind", f"{HOST}:{self.port}", self.app]
        self.master = self._start("web", [sys.executable, "-m", "gunicorn", *line])
        if self.worker:
            self._start("worker", [sys.executable, "scheduler.py", "--work"])
        self._wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.children.stop()

    def _start(self, name: str, line: list[str]) -> int:
        return self.children.start(name, name, ["env", *self._environment(), *line]).process.pid

    def _environment(self) -> list[str]:
        s = self.settings
        return [
            f"DOLBOM_ENV={s.env}",
            f"DOLBOM_DATABASE_URL={s.database_url}",
            f"DOLBOM_OWNER_URL={s.owner_url}",
            f"DOLBOM_VAR={s.var}",
            f"DOLBOM_KEYS={s.keys}",
            f"DOLBOM_BASE_URL={self.base}",
        ]

    def _wait(self) -> None:
        until = time.monotonic() + START_LIMIT
        while True:
            self.children.check()
            try:
                self.get("/healthz")
                return
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    @property
    def base(self) -> str:
        return f"http://{HOST}:{self.port}"

    def get(self, path: str) -> int:
        """The status of one plain GET."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()

    def web_processes(self) -> list[int]:
        """The process ids of the web workers that live now."""
        return children_of(self.master)


def children_of(process: int) -> list[int]:
    try:
        text_ = Path(f"/proc/{process}/task/{process}/children").read_text("ascii")
    except FileNotFoundError:
        return []
    return [int(word) for word in text_.split()]


def proportional_memory(processes: list[int]) -> int:
    """Bytes of memory, shared pages divided among those who share them (PSS)."""
    total = 0
    for process in processes:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text("ascii")
        total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total * 1024
