"""The clock (``python scheduler.py``) and, with ``--work``, a worker. Any number of each may run; one clock leads."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

import psycopg
import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from app import house
from app.kernel.config import load_settings
from app.kernel.jobs import Job
from app.kernel.logs import set_up_logs
from app.kernel.ranges import KST
from app.tenancy import clock, worker

LEADER = 0x636C6F63  # "cloc"
log = structlog.get_logger()


def main(argv: list[str]) -> int:
    settings = load_settings()
    set_up_logs(settings)
    house.open_house(settings, pool_size=2)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if "--work" in argv:
        worker.serve(house.all_work(), stop)
    else:
        lead(settings.database_url.replace("postgresql+psycopg://", "postgresql://", 1), stop)
    return 0


def lead(address: str, stop: threading.Event) -> None:
    """Wait for the advisory lock, then let the jobs fire; a leader that loses its lock ends itself at once."""
    with psycopg.connect(address, autocommit=True, keepalives_idle=10, keepalives_interval=5) as lock:
        while lock.execute("SELECT pg_try_advisory_lock(%s)", (LEADER,)).fetchone() != (True,):
            if stop.wait(1):
                return
        jobs = house.all_jobs()
        scheduler = scheduler_of(jobs)
        scheduler.start()
        log.info("clock leads", jobs=len(jobs))
        while not stop.wait(10):
            try:
                lock.execute("SELECT 1")
                clock.beat()
            except psycopg.OperationalError:
                os._exit(1)  # two leaders would be worse than none for a moment
        scheduler.shutdown(wait=True)


def scheduler_of(jobs: tuple[Job, ...]) -> BackgroundScheduler:
    scheduler = BackgroundScheduler(
        timezone=KST, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600}
    )
    for job in jobs:
        scheduler.add_job(clock.run_due, CronTrigger(timezone=KST, **job.cron), [job], id=job.name)
    scheduler.add_job(sweep, CronTrigger(second=30, timezone=KST), [jobs], id="sweep")
    scheduler.add_job(sweep, args=[jobs], id="start")
    return scheduler


def sweep(jobs: tuple[Job, ...]) -> None:
    """Run whatever is due and has not run: after a pause, a failure, or a moved clock."""
    started = time.monotonic()
    for job in jobs:
        try:
            clock.run_due(job)
        except Exception:
            log.exception("sweep failed", job=job.name)
    log.debug("swept", seconds=round(time.monotonic() - started, 2))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
