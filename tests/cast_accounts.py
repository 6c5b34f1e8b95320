"""People who sign in.

    with unit_of_work(seoul, SYSTEM) as uow:
        director = make_user(uow, Role.CENTRE_DIRECTOR, centre.id)
    sign_in(client, seoul, director)                       # client = app.test_client()
    client.get("/seoul/…")

or in one step: ``sign_in(client, seoul, Role.CENTRE_DIRECTOR, centre.id)``.
"""

from __future__ import annotations

import itertools
import re
from datetime import date

from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import passwords, session_rows
from app.accounts.models import RoleAssignment, UserAccount
from app.accounts.rules import UserState
from app.kernel.actor import SYSTEM, Role
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.messaging.models import Message
from tests.cast import LONG_AGO

FIRST_DAY = LONG_AGO.date()
PASSWORD = "Dasom-2026!"
passwords.use_hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
_number = itertools.count(1)


def make_user(
    uow: UnitOfWork,
    role: Role | None,
    institution_id: int | None = None,
    *,
    login_id: str | None = None,
    password: str = PASSWORD,
    name: str = "이다솜",
    phone: str = "01033334444",
    state: UserState = UserState.ACTIVE,
    starts_on: date = FIRST_DAY,
    ends_on: date | None = None,
) -> UserAccount:
    """An account with one role (None: without any); its password is ``PASSWORD`` unless told."""
    user = UserAccount(
        login_id=login_id or f"person{next(_number)}",
        name=name,
        phone=phone,
        phone_verified_at=LONG_AGO,
        password_hash=passwords.hashed(password),
        state=state,
        state_at=LONG_AGO,
        created_at=LONG_AGO,
    )
    uow.session.add(user)
    uow.session.flush()
    if role is not None:
        give_role(uow, user, role, institution_id, starts_on=starts_on, ends_on=ends_on)
    return user


def give_role(
    uow: UnitOfWork,
    user: UserAccount,
    role: Role,
    institution_id: int | None = None,
    *,
    starts_on: date = FIRST_DAY,
    ends_on: date | None = None,
) -> RoleAssignment:
    row = RoleAssignment(
        user_id=user.id,
        role=role,
        institution_id=institution_id,
        starts_on=starts_on,
        ends_on=ends_on,
        created_at=LONG_AGO,
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def sign_in(
    client: FlaskClient,
    place: TenantRef | UnitOfWork,
    who: UserAccount | Role,
    institution_id: int | None = None,
    *,
    role: Role | None = None,
    name: str = "이다솜",
) -> int:
    """Set the cookie of a fresh session on the client; returns the user's id.

    ``who``: an account (``role`` picks one of several), or a role to make an account for.
    Call it after the test's clock was set: sessions end by time.
    """
    if isinstance(place, TenantRef):
        with unit_of_work(place, SYSTEM) as uow:
            return sign_in(client, uow, who, institution_id, role=role, name=name)
    uow = place
    user = who if isinstance(who, UserAccount) else make_user(uow, who, institution_id, name=name)
    wanted = select(RoleAssignment).where(RoleAssignment.user_id == user.id).order_by(RoleAssignment.id)
    if role is not None:
        wanted = wanted.where(RoleAssignment.role == role)
    assignment = uow.session.scalars(wanted).first()
    assert assignment is not None, "nobody signs in without a role"
    sid = session_rows.open_session(uow, assignment, ip="127.0.0.1", agent="test")
    app = client.application
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    slug = uow.tenant.slug
    client.set_cookie(f"{slug}.sid", signer.dumps({"_user_id": sid, "_fresh": True}), path=f"/{slug}")
    return user.id


def last_message(place: TenantRef, to: str | None = None) -> Message:
    """The newest message (to somebody)."""
    with unit_of_work(place, SYSTEM) as uow:
        query = select(Message).order_by(Message.id.desc()).limit(1)
        return uow.session.scalars(query if to is None else query.where(Message.to == to)).one()


def last_code(place: TenantRef, to: str | None = None) -> str:
    """The six digits of the newest message."""
    found = re.search(r"\d{6}", last_message(place, to).body)
    assert found is not None
    return found.group()
