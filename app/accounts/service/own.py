"""What people change about their own account."""

from __future__ import annotations

from dataclasses import dataclass

from app.accounts import passwords, session_rows
from app.accounts.models import RoleAssignment, UserAccount, UserSession
from app.accounts.parameters import LOCK_AFTER_FAILURES
from app.accounts.rules import PASSWORD_OLD, PASSWORD_SAME, UserState
from app.accounts.service.recovery import new_password_problems, renew_password
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import Problem
from app.tenancy import settings


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """A fresh session id, or problems. Wrong guesses count towards the lock: the unit of work must commit."""

    sid: str = ""
    problems: tuple[Problem, ...] = ()


def change_password(
    uow: UnitOfWork, session_id: int, *, current: str, password: str, again: str
) -> PasswordChange:
    """All other sessions of the person end; this one goes on under a new id."""
    user = uow.session.get_one(UserAccount, uow.actor.user_id, with_for_update=True)
    if user.state != UserState.ACTIVE or not passwords.is_right(user.password_hash, current):
        return PasswordChange(problems=(_wrong(uow, user),))
    problems = new_password_problems(uow, user, password, again)
    if password == current:
        problems.append(PASSWORD_SAME)
    if problems:
        return PasswordChange(problems=tuple(problems))
    renew_password(uow, user, password)
    now = uow.session.get_one(UserSession, session_id)
    role = uow.session.get_one(RoleAssignment, now.assignment_id)
    sid = session_rows.open_session(uow, role, ip=now.ip, agent=now.agent)
    session_rows.end_sessions(uow, user.id, but=session_rows.newest(uow, user.id))
    return PasswordChange(sid=sid)


def _wrong(uow: UnitOfWork, user: UserAccount) -> Problem:
    user.failed_count += 1
    if user.failed_count >= settings.value(uow, LOCK_AFTER_FAILURES) and user.state == UserState.ACTIVE:
        user.state, user.state_at = UserState.LOCKED, uow.now
        session_rows.end_sessions(uow, user.id)
        audit.record(
            uow,
            "account.lock",
            "user_account",
            user.id,
            from_state=UserState.ACTIVE,
            to_state=UserState.LOCKED,
        )
    uow.session.flush()
    return PASSWORD_OLD
