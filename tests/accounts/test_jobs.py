"""J-48: staff accounts nobody uses."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from time_machine import Traveller as Clock

from app.accounts.jobs import suspend_dormant
from app.accounts.models import UserAccount
from app.accounts.rules import Dormancy, UserState, dormancy
from app.kernel.actor import SYSTEM, Role
from app.kernel.db import TenantRef, unit_of_work
from app.messaging.models import Message
from tests.accounts.conftest import MORNING
from tests.cast_accounts import make_user


@pytest.mark.rule("KP-09")
@pytest.mark.parametrize(
    ("days", "verdict"),
    [
        (0, Dormancy.NOTHING),
        (75, Dormancy.NOTHING),
        (76, Dormancy.WARN),
        (89, Dormancy.WARN),
        (90, Dormancy.SUSPEND),
        (400, Dormancy.SUSPEND),
    ],
)
def test_ninety_days(days: int, verdict: Dormancy) -> None:
    assert dormancy(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=days), 90) is verdict


def account(place: TenantRef, now: datetime, days: int, role: Role = Role.SEOUL_ADMIN) -> int:
    with unit_of_work(place, SYSTEM) as uow:
        user = make_user(uow, role)
        user.last_login_at = now - timedelta(days=days)
        return user.id


def state(place: TenantRef, user_id: int) -> str:
    with unit_of_work(place, SYSTEM) as uow:
        return uow.session.get_one(UserAccount, user_id).state


@pytest.mark.rule("KP-09")
def test_the_unused_are_suspended_and_the_nearly_unused_warned_once(seoul: TenantRef, clock: Clock) -> None:
    kept, warned, out = (account(seoul, MORNING, days) for days in (75, 76, 90))
    guardian = account(seoul, MORNING, 400, Role.GUARDIAN)
    for _ in range(2):
        suspend_dormant(seoul, MORNING)
    assert [state(seoul, each) for each in (kept, warned, out, guardian)] == [
        UserState.ACTIVE,
        UserState.ACTIVE,
        UserState.SUSPENDED,
        UserState.ACTIVE,
    ]
    with unit_of_work(seoul, SYSTEM) as uow:
        (message,) = uow.session.scalars(select(Message)).all()
    assert message.subject_id == warned
    assert "12월 4일(금)에 계정이 사용중지됩니다" in message.body


@pytest.mark.rule("KP-09")
def test_who_was_brought_back_has_ninety_days_again(seoul: TenantRef, clock: Clock) -> None:
    back = account(seoul, MORNING, 200)
    with unit_of_work(seoul, SYSTEM) as uow:
        uow.session.get_one(UserAccount, back).state_at = MORNING
    suspend_dormant(seoul, MORNING)
    assert state(seoul, back) == UserState.ACTIVE
