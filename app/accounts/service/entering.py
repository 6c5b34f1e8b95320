"""Coming in and going out (KP-08, XX-13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from sqlalchemy import func, select

from app.accounts import passwords, session_rows
from app.accounts.models import LoginAttempt, RoleAssignment, UserAccount
from app.accounts.parameters import LOCK_AFTER_FAILURES
from app.accounts.queries import account_by_login, last_acting, roles_in_force
from app.accounts.rules import (
    BRAKE_WINDOW,
    LOCKED,
    NO_ROLE,
    NOT_IN_USE,
    SUSPENDED,
    TOO_MANY,
    WRONG_LOGIN,
    UserState,
    brake,
    fold_login_id,
)
from app.kernel import audit
from app.kernel.crypto import keys
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, Problem
from app.tenancy import settings


@dataclass(frozen=True, slots=True)
class Entrance:
    """How a login ended: a session id for the cookie, or the problem to show.

    A failure is an answer and no exception: it has to be counted, so its unit of work must commit.
    """

    sid: str = ""
    has_choice: bool = False
    """The person has several roles and may want another one."""
    problem: Problem | None = None


def login_print(login_id: str) -> str:
    """What stands in logs for a typed login id."""
    return keys().fingerprint("login", login_id)


def log_in(uow: UnitOfWork, login_id: str, password: str, *, agent: str = "") -> Entrance:
    """Check id and password and open a session.

    The account row is locked first, so parallel attempts count one after the other. A login id nobody has costs the
    same time and gets the same answers, "locked" included.
    """
    login = fold_login_id(login_id)
    waiting = _brake(uow)
    if waiting:
        return Entrance(problem=TOO_MANY.of(seconds=waiting))
    limit: int = settings.value(uow, LOCK_AFTER_FAILURES)
    user = account_by_login(uow.session, login, lock=True)
    failures = _failures_of_login(uow, login)
    right = passwords.is_right(user.password_hash if user else "", password)
    if user is None:
        locked = failures + 1 >= limit
        return _refuse(uow, login, LOCKED if locked else WRONG_LOGIN.of(limit=limit))
    if user.state == UserState.LOCKED or (user.state != UserState.ACTIVE and user.failed_count >= limit):
        return _refuse(uow, login, LOCKED)
    if not right:
        return _refuse(uow, login, _count_failure(uow, user, limit))
    if user.state != UserState.ACTIVE:
        return _refuse(uow, login, SUSPENDED if user.state == UserState.SUSPENDED else NOT_IN_USE)
    return _enter(uow, user, login, password, agent)


def _enter(uow: UnitOfWork, user: UserAccount, login: str, password: str, agent: str) -> Entrance:
    roles = roles_in_force(uow.session, user.id, uow.today)
    if not roles:
        return _refuse(uow, login, NO_ROLE)
    wanted = last_acting(uow.session, user.id)
    chosen = next((row for row in roles if row.id == wanted), roles[0])
    if passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hashed(password)
    user.failed_count, user.last_login_at = 0, uow.now
    _note(uow, login, ok=True)
    assignment = uow.session.get_one(RoleAssignment, chosen.id)
    sid = session_rows.open_session(uow, assignment, ip=uow.actor.ip, agent=agent)
    audit.record(uow, "account.login", "user_account", user.id, diff={"role": [None, chosen.role.value]})
    return Entrance(sid=sid, has_choice=len(roles) > 1)


def act_as(uow: UnitOfWork, assignment_ref: str, session_id: int, *, agent: str = "") -> str:
    """Change the acting role: the old session ends, a new one begins (its id is returned). NotFound: not one's role."""
    roles = roles_in_force(uow.session, uow.actor.user_id or 0, uow.today)
    chosen = next((row for row in roles if row.ref == assignment_ref), None)
    if chosen is None:
        raise NotFound("role_assignment")
    session_rows.end_session(uow, session_id)
    assignment = uow.session.get_one(RoleAssignment, chosen.id)
    audit.record(
        uow,
        "account.act_as",
        "user_account",
        assignment.user_id,
        diff={"role": [uow.actor.role.value, chosen.role.value]},
    )
    return session_rows.open_session(uow, assignment, ip=uow.actor.ip, agent=agent)


def log_out(uow: UnitOfWork, session_id: int) -> None:
    session_rows.end_session(uow, session_id)
    audit.record(uow, "account.logout", "user_account", uow.actor.user_id)


def _brake(uow: UnitOfWork) -> int:
    """Seconds this address still has to wait (0: none)."""
    count, last = uow.session.execute(
        select(func.count(), func.max(LoginAttempt.at)).where(
            LoginAttempt.ip == uow.actor.ip,
            LoginAttempt.at > uow.now - BRAKE_WINDOW,
            LoginAttempt.ok.is_(False),
        )
    ).one()
    last_at: datetime | None = last
    return ceil(brake(count, last_at, uow.now).total_seconds())


def _failures_of_login(uow: UnitOfWork, login: str) -> int:
    return uow.session.execute(
        select(func.count()).where(LoginAttempt.login == login_print(login), LoginAttempt.ok.is_(False))
    ).scalar_one()


def _count_failure(uow: UnitOfWork, user: UserAccount, limit: int) -> Problem:
    """Any state answers alike, as a login id nobody has does; only an account in use is really locked."""
    user.failed_count += 1
    if user.failed_count < limit:
        return WRONG_LOGIN.of(limit=limit)
    if user.state != UserState.ACTIVE:
        return LOCKED
    user.state, user.state_at = UserState.LOCKED, uow.now
    audit.record(
        uow,
        "account.lock",
        "user_account",
        user.id,
        from_state=UserState.ACTIVE,
        to_state=UserState.LOCKED,
        reason=f"{limit} failed logins",
    )
    return LOCKED


def _refuse(uow: UnitOfWork, login: str, problem: Problem) -> Entrance:
    _note(uow, login, ok=False)
    return Entrance(problem=problem)


def _note(uow: UnitOfWork, login: str, *, ok: bool) -> None:
    uow.session.add(LoginAttempt(login=login_print(login), ip=uow.actor.ip, at=uow.now, ok=ok))
    uow.session.flush()
