"""The nightly looks at accounts: of people who left (J-23, KS-19, AC-15), and those nobody uses (J-48, KP-09)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from app.accounts import session_rows
from app.accounts.messages import DORMANT
from app.accounts.models import RoleAssignment, UserAccount
from app.accounts.parameters import SUSPEND_AFTER_DAYS
from app.accounts.queries import place_name
from app.accounts.rules import Dormancy, UserState, dormancy
from app.kernel import audit
from app.kernel.actor import SYSTEM, Role
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.kernel.jobs import CatchUp, Job, first_time
from app.kernel.ranges import kst_date
from app.kernel.texts import day_text
from app.messaging.service import plan_message
from app.tenancy import settings

NAME = "J-48"
LEAVING = "J-23"


def disable_left(place: TenantRef, slot: datetime) -> None:
    """J-23: who has had a role and has none any more, nor one to come, loses the account; it never comes back."""
    day = kst_date(slot)
    with unit_of_work(place, SYSTEM) as uow:
        for user, last in _left(uow, day):
            if first_time(uow, LEAVING, str(user.id), last.isoformat()):
                reason = f"마지막 역할이 {last.isoformat()}에 끝남"
                _close(uow, user, UserState.DISABLED, "account.disable", reason)


def _left(uow: UnitOfWork, day: date) -> list[tuple[UserAccount, date]]:
    """Accounts still open whose every role has ended before ``day``, locked; with the last day of the last role."""
    last = (
        select(RoleAssignment.user_id, func.max(RoleAssignment.ends_on).label("day"))
        .group_by(RoleAssignment.user_id)
        .having(func.bool_and(func.coalesce(RoleAssignment.ends_on < day, False)))
        .subquery()
    )
    query = (
        select(UserAccount, last.c.day)
        .join(last, last.c.user_id == UserAccount.id)
        .where(UserAccount.state != UserState.DISABLED)
        .order_by(UserAccount.id)
        .with_for_update(of=UserAccount)
    )
    return [(user, ended) for user, ended in uow.session.execute(query)]


def suspend_dormant(place: TenantRef, slot: datetime) -> None:
    """Staff accounts 90 days without login are suspended; 14 days before, their people are told once."""
    day = kst_date(slot)
    with unit_of_work(place, SYSTEM) as uow:
        limit: int = settings.value(uow, SUSPEND_AFTER_DAYS, day)
        for user in _staff(uow):
            last = _last_used(user)
            verdict = dormancy(last, day, limit)
            if verdict is Dormancy.SUSPEND:
                _suspend(uow, user, limit)
            elif verdict is Dormancy.WARN and first_time(uow, NAME, f"warn|{user.id}", last.isoformat()):
                _warn(uow, user, last + timedelta(days=limit))


def _staff(uow: UnitOfWork) -> list[UserAccount]:
    """Active accounts with any role but a guardian's, locked."""
    staff = select(RoleAssignment.user_id).where(RoleAssignment.role != Role.GUARDIAN)
    query = select(UserAccount).where(UserAccount.state == UserState.ACTIVE, UserAccount.id.in_(staff))
    return list(uow.session.scalars(query.order_by(UserAccount.id).with_for_update()))


def _last_used(user: UserAccount) -> date:
    """The last login, or the day the account became active if that is later (just invited, just brought back)."""
    return kst_date(max(moment for moment in (user.last_login_at, user.state_at) if moment is not None))


def _suspend(uow: UnitOfWork, user: UserAccount, limit: int) -> None:
    _close(uow, user, UserState.SUSPENDED, "account.suspend", f"{limit}일 동안 로그인 없음")


def _close(uow: UnitOfWork, user: UserAccount, after: UserState, action: str, reason: str) -> None:
    """The account is shut and everybody who sits in it is out."""
    before = UserState(user.state)
    user.state, user.state_at, user.version = after, uow.now, user.version + 1
    session_rows.end_sessions(uow, user.id)
    audit.record(uow, action, "user_account", user.id, from_state=before, to_state=after, reason=reason)


def _warn(uow: UnitOfWork, user: UserAccount, day: date) -> None:
    values = {"place": place_name(uow), "name": user.name, "day": day_text(day)}
    plan_message(uow, DORMANT, user.phone, values, subject="user_account", subject_id=user.id)


JOBS = (
    Job(LEAVING, "떠난 사람의 계정 해지", disable_left, {"hour": 0, "minute": 15}, CatchUp.LATEST),
    Job(
        NAME, "오래 쓰지 않은 직원 계정 사용중지", suspend_dormant, {"hour": 2, "minute": 10}, CatchUp.LATEST
    ),
)
