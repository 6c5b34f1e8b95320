"""Several at once, each on a connection of its own: events are counted once and a case is decided once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier

import pytest
import time_machine

from app.kernel.db import Database, use_database
from app.kernel.errors import RuleBroken, StaleVersion
from app.kernel.ranges import kst
from app.restrictions import service
from app.restrictions.models import RestrictionGround
from app.restrictions.rules.kinds import EventKind, Ground, State
from tests.conftest import GWACHEON, UrlOf, settings_for
from tests.restrictions.office import TODAY, Office, colleague, settle
from tests.restrictions.test_after_notice import TOMORROW, impose

pytestmark = pytest.mark.race
THREADS = 6


@pytest.fixture
def crowded(
    house: Database, server: UrlOf, new_database: Callable[[], str], tmp_path: Path
) -> Iterator[Office]:
    """A committed database for this test alone."""
    opened = Database(settings_for(server, new_database(), tmp_path), pool_size=THREADS)
    use_database(opened)
    try:
        with time_machine.travel(kst(TODAY, 600), tick=False):
            yield settle(GWACHEON)
    finally:
        use_database(house)
        opened.engine.dispose()


def at_once(attempts: list[Callable[[], object]]) -> list[object]:
    start = Barrier(len(attempts))

    def run(attempt: Callable[[], object]) -> object:
        start.wait(10)
        try:
            return attempt()
        except (RuleBroken, StaleVersion) as refused:
            return refused

    with ThreadPoolExecutor(len(attempts)) as pool:
        return [future.result(60) for future in [pool.submit(run, one) for one in attempts]]


@pytest.mark.rule("AS-11")
def test_events_written_down_at_once_make_one_case(crowded: Office) -> None:
    def write(day: int) -> Callable[[], object]:
        return lambda: crowded.event(EventKind.LATE_END, day=date(2026, 11, day))

    answers = at_once([write(day) for day in range(2, 2 + THREADS)])
    assert all(isinstance(answer, str) for answer in answers)
    (case,) = crowded.cases()
    assert case.ground == Ground.LATE_ENDS
    with crowded.acting() as uow:
        assert uow.session.query(RestrictionGround).filter_by(restriction_id=case.id).count() == THREADS


@pytest.mark.rule("AS-17")
def test_two_directors_decide_at_once_and_one_does(crowded: Office) -> None:
    crowded.event(EventKind.INSULT)
    case = crowded.heard(crowded.cases()[0].ref)

    def impose_it() -> object:
        with crowded.acting(crowded.director) as uow:
            return service.decide(uow, case.ref, version=case.version, reason="기준")

    def dismiss_it() -> object:
        with crowded.acting(colleague(crowded.director)) as uow:
            return service.dismiss(uow, case.ref, version=case.version, reason="사정")

    answers = at_once([impose_it, dismiss_it])
    assert sum(isinstance(answer, StaleVersion) for answer in answers) == 1
    assert crowded.case(case.ref).state in (State.NOTIFIED, State.DISMISSED)


@pytest.mark.rule("AS-25")
def test_a_daycare_restricts_the_same_days_once(crowded: Office) -> None:
    answers = at_once([lambda: impose(crowded, TOMORROW, date(2026, 12, 1))] * 3)
    assert sum(isinstance(answer, str) for answer in answers) == 1
    assert len(crowded.cases()) == 1
