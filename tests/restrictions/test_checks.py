"""The data checks find what is wrong: each contradiction is written by hand and must be named."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import delete, update
from sqlalchemy.sql import Executable

from app.restrictions.checks import data_checks
from app.restrictions.models import Restriction, RestrictionGround
from app.restrictions.rules.kinds import EventKind
from tests.restrictions.office import Office
from tests.restrictions.test_after_notice import TOMORROW, impose


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (update(Restriction).values(ends_on=None), "마지막 날이 없습니다"),
        (update(Restriction).values(level="PERMANENT"), "영구 제한에 마지막 날"),
        (update(Restriction).values(notified_at=None), "통지하지 않은 제한"),
        (update(Restriction).values(state="STATEMENT"), "결정하기 전인데"),
        (delete(RestrictionGround), "근거가 된 일이 없습니다"),
        (update(Restriction).values(ground="FRAUD"), "한 사람이 정했습니다"),
    ],
)
def test_what_is_wrong_is_named(office: Office, broken: Executable, said: str) -> None:
    office.event(EventKind.INSULT)
    office.decided(office.cases()[0].ref)
    impose(office, TOMORROW, date(2026, 12, 20))
    with office.acting() as uow:
        assert data_checks(uow) == []
        uow.session.execute(broken)
        assert any(said in line for line in data_checks(uow))
