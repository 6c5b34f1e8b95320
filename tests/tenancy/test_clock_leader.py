"""Two clocks as programs of their own: one leads, the other takes over when the first is killed (GC-23)."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.pool import NullPool

from app.command.children import Child, Children
from app.kernel.config import Settings
from app.kernel.db import Database
from app.kernel.ranges import KST
from app.tenancy import clock
from app.tenancy.models import JobRun
from tests.conftest import UrlOf, settings_for
from tests.live import opened, set_clock

LEADS = "clock leads"
START_LIMIT, TAKE_OVER_LIMIT = 30.0, 15.0
FRIDAY = datetime(2026, 10, 16, 12, 0, tzinfo=KST)
MONDAY = datetime(2026, 10, 19, 12, 0, tzinfo=KST)


def start_clock(children: Children, settings: Settings, name: str) -> Child:
    environment = {
        "DOLBOM_ENV": settings.env,
        "DOLBOM_DATABASE_URL": settings.database_url,
        "DOLBOM_OWNER_URL": settings.owner_url,
        "DOLBOM_VAR": str(settings.var),
        "DOLBOM_KEYS": str(settings.keys),
    }
    line = ["env", *(f"{key}={value}" for key, value in environment.items())]
    return children.start(name, name, [*line, sys.executable, "scheduler.py"])


def wait_for(condition: Callable[[], bool], limit: float, children: Children | None = None) -> None:
    until = time.monotonic() + limit
    while not condition():
        if children is not None:
            children.check()
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)


def leads(child: Child) -> bool:
    return LEADS in child.log.read_text("utf-8")


def ran_since(moment: datetime) -> set[tuple[str, str]]:
    """(job, outcome) of every slot from that moment on."""
    with clock.platform_unit() as uow:
        rows = uow.session.execute(select(JobRun.job, JobRun.outcome).where(JobRun.slot > moment))
        return {(job, outcome) for job, outcome in rows}


@pytest.mark.race
@pytest.mark.rule("GC-23")
def test_a_follower_takes_over_from_a_killed_leader(
    server: UrlOf, new_database: Callable[[], str], house: Database, tmp_path: Path
) -> None:
    settings = settings_for(server, new_database(), house.settings.var)
    settings = replace(settings, keys=house.settings.keys)
    set_clock(settings, FRIDAY)
    found_on(settings, FRIDAY - timedelta(days=2))
    children = Children(tmp_path)
    try:
        with opened(settings):
            leader = start_clock(children, settings, "leader")
            wait_for(lambda: leads(leader), START_LIMIT, children)
            follower = start_clock(children, settings, "follower")
            wait_for(lambda: waiting(settings), START_LIMIT, children)
            wait_for(lambda: ("J-01", "DONE") in ran_since(FRIDAY.replace(hour=0)), START_LIMIT)
            assert not leads(follower)
            leader.process.send_signal(signal.SIGSTOP)  # so that Monday can only be the follower's
            set_clock(settings, MONDAY)
            leader.process.kill()
            wait_for(lambda: leads(follower), TAKE_OVER_LIMIT)
            wait_for(lambda: ("J-09", "DONE") in ran_since(FRIDAY), TAKE_OVER_LIMIT)
    finally:
        children.stop(grace=5)
    with opened(settings):
        assert {outcome for _, outcome in ran_since(FRIDAY)} <= {"DONE", "RUNNING"}


def found_on(settings: Settings, day: datetime) -> None:
    """Only as much to make up for as the municipalities are old."""
    engine = create_engine(settings.owner_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("UPDATE public.tenant SET created_at = :day"), {"day": day})


def waiting(settings: Settings) -> bool:
    """Does somebody ask for the lock of the leader without having it?"""
    engine = create_engine(settings.owner_url, poolclass=NullPool)
    with engine.connect() as connection:
        asking = connection.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity a"
                " WHERE a.datname = current_database() AND a.query LIKE '%pg_try_advisory_lock%'"
                " AND a.pid <> pg_backend_pid()"
                " AND NOT EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.locktype = 'advisory')"
            )
        )
        return asking.scalar_one() > 0
