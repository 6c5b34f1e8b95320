"""Who runs the platform: accounts, sign-in, sessions. They belong to no municipality."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, insert, select, update

from app.kernel.actor import Actor, Role
from app.kernel.crypto import keys
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem
from app.tenancy.models import PlatformLog, PlatformSession, PlatformUser

MOST_FAILURES = 5
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
WRONG = Problem(
    "operator_wrong",
    N_(
        "아이디 또는 비밀번호가 맞지 않거나, 5번 틀려 잠긴 계정입니다. 잠긴 계정은 서버에서 ./dolbom operator"
        " 명령으로 비밀번호를 새로 정해 주세요."
    ),
    rule="XX-13",
)
"""One sentence for every refusal: it tells nobody which accounts exist."""
_hasher = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)


def set_password(uow: UnitOfWork, login_id: str, name: str, password: str) -> None:
    """Make the operator, or give an existing one a new password, which also unlocks and signs out everywhere."""
    login_id = login_id.strip().lower()
    found = uow.session.scalars(select(PlatformUser).where(PlatformUser.login_id == login_id)).one_or_none()
    user = found or PlatformUser(login_id=login_id, created_at=uow.now)
    user.name, user.password_hash = name or user.name or login_id, _hasher.hash(password)
    user.failures, user.active = 0, True
    uow.session.add(user)
    uow.session.flush()
    uow.session.execute(delete(PlatformSession).where(PlatformSession.user_id == user.id))
    note(uow, "operator.password", login_id)


def sign_in(uow: UnitOfWork, login_id: str, password: str) -> str | Problem:
    """A session's random id for the cookie, or why not. Failures are counted, so the caller must commit."""
    statement = (
        select(PlatformUser).where(PlatformUser.login_id == login_id.strip().lower()).with_for_update()
    )
    user = uow.session.scalars(statement).one_or_none()
    right = _is_right(user.password_hash if user and user.active else "", password)
    if user is None or not user.active or user.failures >= MOST_FAILURES:
        return WRONG
    if not right:
        user.failures += 1
        note(uow, "operator.wrong", user.login_id)
        return WRONG
    user.failures = 0
    sid = secrets.token_urlsafe(32)
    uow.session.add(
        PlatformSession(sid_hash=_hash(sid), user_id=user.id, started_at=uow.now, seen_at=uow.now)
    )
    uow.session.execute(delete(PlatformSession).where(PlatformSession.started_at < uow.now - LONGEST))
    note(uow, "operator.sign_in", user.login_id)
    return sid


def recognise(uow: UnitOfWork, sid: str) -> Actor | None:
    """The operator of a cookie, while the session lives."""
    row = uow.session.execute(
        select(PlatformUser.id, PlatformUser.name, PlatformSession.started_at, PlatformSession.seen_at)
        .join(PlatformSession, PlatformSession.user_id == PlatformUser.id)
        .where(PlatformSession.sid_hash == _hash(sid), PlatformUser.active)
    ).one_or_none()
    if row is None or uow.now - row.seen_at > IDLE or uow.now - row.started_at > LONGEST:
        return None
    if uow.now - row.seen_at >= SEEN_EVERY:
        mine = update(PlatformSession).where(PlatformSession.sid_hash == _hash(sid))
        uow.session.execute(mine.values(seen_at=uow.now))
    return Actor(Role.PLATFORM_OPERATOR, user_id=row.id, name=row.name)


def sign_out(uow: UnitOfWork, sid: str) -> None:
    uow.session.execute(delete(PlatformSession).where(PlatformSession.sid_hash == _hash(sid)))


def note(uow: UnitOfWork, action: str, subject: str, diff: dict[str, Any] | None = None) -> None:
    """One line of the platform's own log."""
    uow.session.execute(
        insert(PlatformLog).values(
            at=uow.now, user_id=uow.actor.user_id, action=action, subject=subject, diff=diff or {}
        )
    )


def _hash(sid: str) -> str:
    return keys().fingerprint("platform-session", sid)


_nobody = ""


def _is_right(stored: str, password: str) -> bool:
    """Without a stored hash the same work is done for nothing."""
    global _nobody
    if not stored and not _nobody:
        _nobody = _hasher.hash("nobody")
    try:
        return _hasher.verify(stored or _nobody, password) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False
