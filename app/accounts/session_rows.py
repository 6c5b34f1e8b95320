"""Sessions as rows: opened at login, asked for on every page, ended by their owner, an officer or time (XX-14)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select, update

from app.accounts import hooks
from app.accounts.models import RoleAssignment, UserAccount, UserSession
from app.accounts.parameters import IDLE_GUARDIAN, IDLE_STAFF
from app.accounts.rules import (
    SEEN_EVERY,
    SESSION_LONGEST,
    UserState,
    device_words,
    in_force,
    session_alive,
)
from app.kernel.actor import Role
from app.kernel.crypto import keys
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound
from app.tenancy import settings
from app.tenancy.models import Institution

MAY_STAY = (UserState.ACTIVE, UserState.LOCKED)
"""Somebody else's wrong guesses lock the account but do not throw its owner out."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """Who is behind a session, in which role, and what the page's head says of them."""

    session_id: int
    user_id: int
    name: str
    role: Role
    institution_id: int | None
    institution: str
    guardian_id: int | None
    must_change: bool


def _hash(sid: str) -> str:
    return keys().fingerprint("session", sid)


def open_session(uow: UnitOfWork, assignment: RoleAssignment, *, ip: str = "", agent: str = "") -> str:
    """A new session in one role; returns the random id for the cookie."""
    idle = IDLE_GUARDIAN if assignment.role == Role.GUARDIAN else IDLE_STAFF
    sid = secrets.token_urlsafe(32)
    uow.session.add(
        UserSession(
            sid=_hash(sid),
            user_id=assignment.user_id,
            assignment_id=assignment.id,
            created_at=uow.now,
            last_seen_at=uow.now,
            idle_minutes=settings.value(uow, idle),
            absolute_end=uow.now + SESSION_LONGEST,
            ip=ip,
            agent=agent[:200],
        )
    )
    uow.session.flush()
    return sid


_columns = (
    UserSession.id,
    UserSession.last_seen_at,
    UserSession.idle_minutes,
    UserSession.absolute_end,
    UserAccount.id.label("user_id"),
    UserAccount.name,
    UserAccount.must_change,
    RoleAssignment.role,
    RoleAssignment.starts_on,
    RoleAssignment.ends_on,
    RoleAssignment.institution_id,
    Institution.name.label("institution"),
)


@lru_cache(maxsize=1)
def _sitting() -> Select[*tuple[Any, ...]]:
    """Built at the first page, when the rooms have said who a guardian is."""
    return (
        select(*_columns, hooks.guardian_column(UserAccount.id).label("guardian_id"))
        .join(UserAccount, UserAccount.id == UserSession.user_id)
        .join(RoleAssignment, RoleAssignment.id == UserSession.assignment_id)
        .outerjoin(Institution, Institution.id == RoleAssignment.institution_id)
        .where(
            UserSession.sid == bindparam("sid"),
            UserSession.ended_at.is_(None),
            UserAccount.state.in_(MAY_STAY),
        )
    )


def sitting(uow: UnitOfWork, sid: str) -> Sitting | None:
    """The person of a cookie: one query, the hot path of every signed-in page. None when the session is over.

    Over: ended, idle too long, 12 hours old, its account suspended or disabled, or its role out of force.
    """
    row = uow.rows(_sitting(), sid=_hash(sid)).first()
    if row is None or not in_force(row.starts_on, row.ends_on, uow.today):
        return None
    if not session_alive(
        last_seen=row.last_seen_at,
        idle_minutes=row.idle_minutes,
        absolute_end=row.absolute_end,
        now=uow.now,
    ):
        return None
    if uow.now - row.last_seen_at >= SEEN_EVERY:
        uow.rows(_SEEN, session=row.id, at=uow.now)
    return Sitting(
        session_id=row.id,
        user_id=row.user_id,
        name=row.name,
        role=Role(row.role),
        institution_id=row.institution_id,
        institution=row.institution or "",
        guardian_id=row.guardian_id,
        must_change=row.must_change,
    )


_SEEN = update(UserSession).where(UserSession.id == bindparam("session")).values(last_seen_at=bindparam("at"))


def end_session(uow: UnitOfWork, session_id: int) -> None:
    """Logout; ending twice is no mistake."""
    uow.session.execute(
        update(UserSession)
        .where(UserSession.id == session_id, UserSession.ended_at.is_(None))
        .values(ended_at=uow.now)
    )


def end_sessions(uow: UnitOfWork, user_id: int, *, but: int | None = None) -> None:
    """All open sessions of a person (but one)."""
    uow.session.execute(
        update(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None), UserSession.id != (but or 0))
        .values(ended_at=uow.now)
    )


def end_own_session(uow: UnitOfWork, ref: str) -> None:
    """One of the actor's own sessions, e.g. of a lost phone. Raises NotFound."""
    ended = uow.session.execute(
        update(UserSession)
        .where(
            UserSession.ref == ref, UserSession.user_id == uow.actor.user_id, UserSession.ended_at.is_(None)
        )
        .values(ended_at=uow.now)
        .returning(UserSession.id)
    ).scalar()
    if ended is None:
        raise NotFound("session")


@dataclass(frozen=True, slots=True)
class OpenSession:
    ref: str
    session_id: int
    role: Role
    created_at: datetime
    last_seen_at: datetime
    ip: str
    device: str


def open_sessions(uow: UnitOfWork, user_id: int) -> list[OpenSession]:
    """The person's sessions that are still alive, newest first."""
    rows = uow.session.execute(
        select(UserSession, RoleAssignment.role)
        .join(RoleAssignment, RoleAssignment.id == UserSession.assignment_id)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
    )
    return [
        OpenSession(s.ref, s.id, Role(role), s.created_at, s.last_seen_at, s.ip, device_words(s.agent))
        for s, role in rows
        if session_alive(
            last_seen=s.last_seen_at, idle_minutes=s.idle_minutes, absolute_end=s.absolute_end, now=uow.now
        )
    ]


def newest(uow: UnitOfWork, user_id: int) -> int:
    """The session opened last."""
    return uow.session.scalars(select(func.max(UserSession.id)).where(UserSession.user_id == user_id)).one()
