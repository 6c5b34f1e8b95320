"""The data checks find what is wrong: each contradiction is written by hand and must be named."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, text, update

from app.booking.checks import data_checks
from app.booking.models import Booking, UsageDay, WaitlistEntry
from app.centres.models import KiumCentre
from app.people.models import ChildTime
from tests.booking.town import TUESDAY, WEDNESDAY, Town


@pytest.fixture
def busy(small: Town) -> Town:
    small.temporary(small.family(), TUESDAY)
    small.temporary(small.family("이바다"), TUESDAY)
    small.check()
    return small


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (delete(UsageDay), "이용일이 없습니다"),
        (
            update(Booking).where(Booking.state == "APPLIED").values(state="CANCELLED"),
            "예정된 이용일이 남았습니다",
        ),
        (
            update(Booking).where(Booking.state == "APPLIED").values(state="EXPIRED"),
            "끝난 신청에 이용일이 있습니다",
        ),
        (delete(WaitlistEntry), "대기접수가 없습니다"),
        (
            update(Booking).where(Booking.state == "WAITING").values(state="WITHDRAWN"),
            "대기접수가 열려 있습니다",
        ),
        (update(WaitlistEntry).values(state="OFFERED"), "기한이 없습니다"),
        (update(WaitlistEntry).values(state="DECLINED"), "대기가 끝났는데"),
        (update(UsageDay).values(day=WEDNESDAY), "예약과 다릅니다"),
        (delete(ChildTime), "아동의 시간이 비어"),
        (update(UsageDay).values(end_minute=UsageDay.end_minute + 30), "이용일 없이 아동의 시간이"),
        (update(Booking).values(starts_on=text("DATE '2026-08-01'")), "분기를 벗어납니다"),
        (update(KiumCentre).values(base_capacity=0), "자리보다 많은 아동"),
    ],
)
def test_a_contradiction_is_named(busy: Town, broken: object, said: str) -> None:
    with busy.unit() as uow:
        uow.session.execute(broken)
        found = data_checks(uow)
        uow.session.rollback()
    assert any(said in line for line in found), found


def test_enrolment_above_the_capacity_is_named(small: Town) -> None:
    small.regular(small.family())
    with small.unit() as uow:
        uow.session.execute(update(KiumCentre).values(base_capacity=0))
        found = data_checks(uow)
        uow.session.rollback()
    assert any("정기돌봄 1명, 정원 0명" in line for line in found)
