"""The work loop: takes planned work of every municipality, one row at a time, and does it after its commit."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import psycopg
import structlog

from app.kernel import work
from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, database, tenant_ref, unit_of_work
from app.kernel.work import Hopeless, RetryLater, Stopped, WorkKind
from app.tenancy.registry import registry

log = structlog.get_logger()
SWEEP_SECONDS = 30.0


def drain(place: TenantRef, kinds: Mapping[str, WorkKind], stop: threading.Event | None = None) -> int:
    """Do everything that is due in one municipality; returns how many rows were worked on."""
    done = 0
    while not (stop and stop.is_set()):
        with unit_of_work(place, SYSTEM) as uow:
            row = work.claim(uow)
        if row is None:
            return done
        _do(place, row, kinds)
        done += 1
    return done


def _do(place: TenantRef, row: work.Work, kinds: Mapping[str, WorkKind]) -> None:
    try:
        kind = kinds.get(row.kind)
        if kind is None:
            raise Hopeless(f"unknown kind of work: {row.kind}")
        result = kind.run(place, row.id, row.payload)
    except Hopeless as error:
        with unit_of_work(place, SYSTEM) as uow:
            work.bury(uow, row.id, str(error))
    except Stopped:
        log.info("work stopped", kind=row.kind, tenant=place.slug)
    except RetryLater as error:
        with unit_of_work(place, SYSTEM) as uow:
            work.postpone(uow, row.id, error.reason, retry_after=error.seconds)
    except Exception as error:
        log.exception("work failed", kind=row.kind, tenant=place.slug)
        with unit_of_work(place, SYSTEM) as uow:
            work.postpone(uow, row.id, f"{type(error).__name__}: {error}")
    else:
        with unit_of_work(place, SYSTEM) as uow:
            work.finish(uow, row.id, result)


def serve(kinds: Mapping[str, WorkKind], stop: threading.Event) -> None:
    """Work until told to stop: woken by NOTIFY, and by a sweep every 30 s for what a lost signal left behind."""
    prefix = database().settings.role_prefix
    address = database().settings.database_url.replace("postgresql+psycopg://", "postgresql://", 1)
    while not stop.is_set():
        try:
            with psycopg.connect(address, autocommit=True) as ear:
                ear.execute("LISTEN work")
                _listen(ear, kinds, stop, prefix)
        except psycopg.OperationalError as error:
            log.warning("database away, trying again", error=str(error))
            stop.wait(2)


def _listen(
    ear: psycopg.Connection[object], kinds: Mapping[str, WorkKind], stop: threading.Event, prefix: str
) -> None:
    while not stop.is_set():
        for place in registry.active():
            drain(place, kinds, stop)
        waited = 0.0
        while waited < SWEEP_SECONDS and not stop.is_set():
            woken = {notice.payload for notice in ear.notifies(timeout=1.0, stop_after=1)}
            for slug in woken:
                if registry.find(slug):
                    drain(tenant_ref(slug, prefix), kinds, stop)
            waited += 1.0
