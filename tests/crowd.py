"""Many families around one centre, all signed in and about to press the same button."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from app.accounts import session_rows
from app.accounts.models import RoleAssignment
from app.centres.rules import CentreKind
from app.kernel.actor import Role
from app.kernel.crypto import keys
from app.kernel.db import UnitOfWork
from app.kernel.ranges import KST
from app.tenancy.models import Institution
from tests.cast import make_centre, make_family, make_quarter
from tests.cast_accounts import give_role, make_user

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=KST)
"""A Friday morning; the next Tuesday is an ordinary day of care."""
DAY = date(2026, 11, 24)
HOURS = ("14:00", "17:00")


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser of somebody signed in: its cookie, and a token its forms would carry."""

    cookie: str
    csrf: str


@dataclass(frozen=True, slots=True)
class Family:
    guardian_id: int
    child: str
    visitor: Visitor

    def application(self, centre: str, request_id: str = "") -> list[tuple[str, str]]:
        """The fields of the wizard's last form for the afternoon of ``DAY``."""
        return [
            ("csrf_token", self.visitor.csrf),
            ("request_id", request_id or secrets.token_hex(16)),
            ("child", self.child),
            ("kind", "TEMPORARY"),
            ("centre", centre),
            ("day", DAY.isoformat()),
            ("from", HOURS[0]),
            ("to", HOURS[1]),
            ("contact_phone", "010-1234-5678"),
            ("ground", "other"),
            ("may_wait", "y"),
        ]


def sign_in(uow: UnitOfWork, user_id: int) -> Visitor:
    """A session as the login page opens it, without the time a password costs."""
    assignment = uow.session.scalars(select(RoleAssignment).where(RoleAssignment.user_id == user_id)).one()
    sid = session_rows.open_session(uow, assignment, ip="127.0.0.1", agent="crowd")
    signer = Flask("signer")
    signer.secret_key = keys().secret_key
    cookies = SecureCookieSessionInterface().get_signing_serializer(signer)
    assert cookies is not None
    secret = secrets.token_hex(20)
    value = cookies.dumps({"_user_id": sid, "_fresh": True, "csrf_token": secret})
    token = URLSafeTimedSerializer(keys().secret_key, salt="wtf-csrf-token").dumps(secret)
    return Visitor(f"{uow.tenant.slug}.sid={value}", token)


@dataclass(frozen=True, slots=True)
class Crowd:
    centre_id: int
    centre: str
    families: Sequence[Family]


def gather(uow: UnitOfWork, parents: int, *, name: str = "거점 키움센터") -> Crowd:
    """A hub with twenty seats and two carers, and that many families, each with one child and a signed-in parent."""
    centre = make_centre(uow, name=name, kind=CentreKind.HUB, capacity=20)
    make_quarter(uow, centre, date(2026, 9, 1), date(2026, 12, 31), heads=2)
    families = []
    for number in range(parents):
        user = make_user(uow, None, name=f"보호자{number}", phone=f"0105{number:07}", password="")
        give_role(uow, user, Role.GUARDIAN)
        guardian, child = make_family(
            uow, guardian=user.name, phone=user.phone, child=f"아이{number}", user_id=user.id
        )
        families.append(Family(guardian.id, child.ref, sign_in(uow, user.id)))
    ref = uow.session.get_one(Institution, centre.id).ref
    return Crowd(centre.id, ref, families)
