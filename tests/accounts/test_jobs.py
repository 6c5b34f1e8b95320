"""J-23: accounts of people who left. J-48: staff accounts nobody uses."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from time_machine import Traveller as Clock

from app.accounts import session_rows
from app.accounts.jobs import disable_left, suspend_dormant
from app.accounts.models import RoleAssignment, UserAccount, UserSession
from app.accounts.rules import Dormancy, UserState, dormancy
from app.kernel.actor import SYSTEM, Role
from app.kernel.db import TenantRef, unit_of_work
from app.messaging.models import Message
from tests.accounts.conftest import MORNING
from tests.cast_accounts import give_role, make_user


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


TODAY = MORNING.date()


@pytest.mark.rule("KS-19")
@pytest.mark.rule("AC-15")
@pytest.mark.parametrize(
    ("ends", "other", "after"),
    [
        (None, None, UserState.ACTIVE),
        (TODAY, None, UserState.ACTIVE),
        (TODAY - timedelta(days=1), None, UserState.DISABLED),
        (TODAY - timedelta(days=400), None, UserState.DISABLED),
        (TODAY - timedelta(days=1), (Role.GUARDIAN, TODAY - timedelta(days=900), None), UserState.ACTIVE),
        (
            TODAY - timedelta(days=1),
            (Role.DISTRICT_OFFICER, TODAY + timedelta(days=9), None),
            UserState.ACTIVE,
        ),
        (
            TODAY - timedelta(days=1),
            (Role.DISTRICT_OFFICER, TODAY - timedelta(days=9), TODAY - timedelta(days=2)),
            UserState.DISABLED,
        ),
    ],
)
def test_who_left_is_out_the_next_night(
    seoul: TenantRef,
    clock: Clock,
    ends: date | None,
    other: tuple[Role, date, date | None] | None,
    after: UserState,
) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        user = make_user(uow, Role.SEOUL_ADMIN, ends_on=ends, starts_on=date(2025, 1, 1))
        if other:
            give_role(uow, user, other[0], starts_on=other[1], ends_on=other[2])
        role = uow.session.scalars(
            select(RoleAssignment).where(
                RoleAssignment.user_id == user.id, RoleAssignment.role == Role.SEOUL_ADMIN
            )
        ).one()
        session_rows.open_session(uow, role, ip="127.0.0.1", agent="")
        without = make_user(uow, None)
    for _ in range(2):
        disable_left(seoul, MORNING)
    assert state(seoul, user.id) == after
    assert state(seoul, without.id) == UserState.ACTIVE
    with unit_of_work(seoul, SYSTEM) as uow:
        ended = uow.session.scalars(select(UserSession.ended_at).where(UserSession.user_id == user.id)).one()
    assert (ended is not None) == (after is UserState.DISABLED)


@pytest.mark.rule("KS-19")
def test_an_invitation_to_somebody_who_left_goes_with_them(seoul: TenantRef, clock: Clock) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        user = make_user(uow, Role.SEOUL_ADMIN, state=UserState.INVITED, ends_on=TODAY - timedelta(days=1))
    disable_left(seoul, MORNING)
    assert state(seoul, user.id) == UserState.DISABLED
