"""Several at once, each on a connection of its own: events are counted once and a case is decided once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
import time_machine

from app.kernel.db import Database
from app.kernel.errors import StaleVersion
from app.kernel.ranges import kst
from app.restrictions import service
from app.restrictions.models import RestrictionGround
from app.restrictions.rules.kinds import EventKind, Ground, State
from tests.conftest import GWACHEON
from tests.racing import at_once
from tests.restrictions.office import TODAY, Office, colleague, settle
from tests.restrictions.test_after_notice import TOMORROW, impose

pytestmark = pytest.mark.race
HANDS = 6


@pytest.fixture
def crowded(own_house: Database) -> Iterator[Office]:
    with time_machine.travel(kst(TODAY, 600), tick=False):
        yield settle(GWACHEON)


@pytest.mark.rule("AS-11")
def test_events_written_down_at_once_make_one_case(crowded: Office) -> None:
    def write(day: int) -> Callable[[], object]:
        return lambda: crowded.event(EventKind.LATE_END, day=date(2026, 11, day))

    answers = at_once(*[write(day) for day in range(2, 2 + HANDS)])
    assert all(isinstance(answer, str) for answer in answers)
    (case,) = crowded.cases()
    assert case.ground == Ground.LATE_ENDS
    with crowded.acting() as uow:
        assert uow.session.query(RestrictionGround).filter_by(restriction_id=case.id).count() == HANDS


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

    answers = at_once(impose_it, dismiss_it)
    assert sum(isinstance(answer, StaleVersion) for answer in answers) == 1
    assert crowded.case(case.ref).state in (State.NOTIFIED, State.DISMISSED)


@pytest.mark.rule("AS-25")
def test_a_daycare_restricts_the_same_days_once(crowded: Office) -> None:
    answers = at_once(*[lambda: impose(crowded, TOMORROW, date(2026, 12, 1))] * 3)
    assert sum(isinstance(answer, str) for answer in answers) == 1
    assert len(crowded.cases()) == 1
