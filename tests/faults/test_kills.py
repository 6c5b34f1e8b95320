"""Web processes killed without warning during a booking race: what was answered is true, the rest is whole."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.booking.checks import data_checks
from app.booking.models import Booking, UsageDay, WaitlistEntry
from app.kernel.actor import SYSTEM
from app.kernel.audit import AuditLog
from app.kernel.db import Database, unit_of_work
from app.kernel.submission import Submission
from benchmarks.driver import Answer, post, send
from tests.conftest import SEOUL, UrlOf, settings_for
from tests.crowd import NOW, Crowd, Family, gather
from tests.live import LiveHouse, opened, set_clock

KILLS = 50
PARENTS = 60
CLIENTS = 8
PATIENCE = 90.0
"""Seconds after which the test gives up, whatever happened."""


class Rush:
    """Every family presses once and, when no answer comes, presses again with the same form, as people do."""

    def __init__(self, port: int, crowd: Crowd) -> None:
        self.port, self.crowd = port, crowd
        self.answers: dict[str, Answer] = {}
        self.others: Counter[int] = Counter()
        """Answers after which one presses again: 0 is none at all."""
        self.until = time.monotonic() + PATIENCE
        self._left = list(crowd.families)
        self._lock = threading.Lock()
        self.killing_is_over = threading.Event()

    def run(self) -> None:
        threads = [threading.Thread(target=self._client) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _client(self) -> None:
        while True:
            with self._lock:
                if not self._left:
                    return
                family = self._left.pop()
            self._press_until_answered(family)
            # Spread over the whole time of the killing.
            self.killing_is_over.wait(0.5)

    def _press_until_answered(self, family: Family) -> None:
        form = family.application(self.crowd.centre)
        while time.monotonic() < self.until:
            answer = send(self.port, post("/seoul/book", form, family.visitor.cookie))
            if answer.status in (303, 422):
                with self._lock:
                    self.answers[family.child] = answer
                return
            with self._lock:
                self.others[answer.status] += 1
            time.sleep(0.05)


def kill_now_and_then(live: LiveHouse, rush: Rush, seed: int = 7) -> int:
    """``KILLS`` times: one of the processes that serve pages, by the signal nobody can catch."""
    chance, killed = random.Random(seed), 0  # noqa: S311 - which one dies is no secret
    while killed < KILLS and time.monotonic() < rush.until:
        alive = live.web_processes()
        if alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(chance.choice(alive), signal.SIGKILL)
                killed += 1
        time.sleep(chance.uniform(0.05, 0.4))
    rush.killing_is_over.set()
    return killed


@pytest.mark.race
def test_fifty_killed_processes_lose_and_double_nothing(
    server: UrlOf, new_database: Callable[[], str], house: Database, tmp_path: Path
) -> None:
    name = new_database()
    settings = replace(settings_for(server, name, house.settings.var), keys=house.settings.keys)
    set_clock(settings, NOW)
    with opened(settings):
        with unit_of_work(SEOUL, SYSTEM) as uow:
            crowd = gather(uow, PARENTS)
        with LiveHouse(settings, tmp_path) as live:
            rush = Rush(live.port, crowd)
            killer = threading.Thread(target=kill_now_and_then, args=(live, rush))
            pressing = threading.Thread(target=rush.run)
            killer.start()
            pressing.start()
            pressing.join()
            killer.join()
        assert len(rush.answers) == PARENTS, f"somebody never got an answer: {rush.others}"
        assert set(rush.others) <= {0, 503}
        assert rush.others[0] > 0, "no press was cut off: the test proved nothing"
        prove(crowd, rush)


def prove(crowd: Crowd, rush: Rush) -> None:
    """Each 303 has its rows, each form was taken once, and the seats are exact."""
    with unit_of_work(SEOUL, SYSTEM) as uow:
        rows = uow.session.execute(
            select(Booking.guardian_id, Booking.batch, Booking.state).where(
                Booking.centre_id == crowd.centre_id
            )
        ).all()
        taken = {guardian: (batch, state) for guardian, batch, state in rows}
        assert len(taken) == len(rows), "a family has two bookings from one form"
        for family in crowd.families:
            answer = rush.answers[family.child]
            if answer.status == 303:
                assert taken[family.guardian_id][0] in answer.location
            else:
                assert family.guardian_id not in taken
        counts = dict(uow.session.execute(select(Booking.state, func.count()).group_by(Booking.state)).all())
        assert counts["APPLIED"] == 20
        held = uow.session.scalar(select(func.count()).select_from(UsageDay))
        waiting = uow.session.scalar(select(func.count()).select_from(WaitlistEntry))
        assert (held, waiting) == (20, counts.get("WAITING", 0))
        submissions = uow.session.scalars(select(Submission.result_url)).all()
        assert len(submissions) == len(rows)
        assert all(submissions), "a form was taken without an address for its second press"
        applied = select(func.count()).where(AuditLog.action == "booking.apply")
        assert uow.session.scalar(applied) == len(rows)
        assert data_checks(uow) == []
