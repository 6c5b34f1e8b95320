"""Flask's side of a session: the signed cookie holds a random id, the row says who that is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Flask, g, request, session, url_for
from flask_login import LoginManager, current_user, login_user
from flask_login.mixins import UserMixin

from app.accounts import passwords, session_rows
from app.accounts.session_rows import Sitting
from app.kernel.actor import VISITOR, Actor, Role
from app.kernel.db import unit_of_work
from app.kernel.language import gettext
from app.kernel.web import recognising, see_other

COOKIE_KEY = "_user_id"
"""Where Flask-Login keeps the id it hands to the loader."""
ADDRESS_MOST = 45
"""Letters of the longest address; a proxy may say anything."""
WHILE_MUST_CHANGE = frozenset({"accounts.change_password", "accounts.save_password", "accounts.logout"})


@dataclass(frozen=True)
class SignedIn(UserMixin):
    """``current_user`` of a signed-in page."""

    sid: str
    sitting: Sitting

    def get_id(self) -> str:
        return self.sid

    @property
    def name(self) -> str:
        return self.sitting.name

    @property
    def role(self) -> Role:
        return self.sitting.role

    @property
    def acting_label(self) -> str:
        """온수동 키움센터 센터장"""
        return f"{self.sitting.institution} {gettext(self.role.label)}".strip()

    @property
    def session_id(self) -> int:
        return self.sitting.session_id

    def actor(self, ip: str, request_id: str) -> Actor:
        who = self.sitting
        return Actor(
            role=who.role,
            user_id=who.user_id,
            name=who.name,
            scope=who.institution_id,
            guardian_id=who.guardian_id,
            ip=ip,
            request_id=request_id,
        )


def attach(app: Flask, login_manager: LoginManager) -> None:
    """From here on every request of a municipality knows its actor."""
    passwords.prepare()
    login_manager.user_loader(_load)
    app.before_request(_recognise)


def _load(sid: str) -> SignedIn | None:
    if g.get("place") is None:
        return None
    with recognising() as uow:
        found = session_rows.sitting(uow, sid)
    return SignedIn(sid, found) if found else None


def _recognise() -> Any:
    ip = (request.remote_addr or "")[:ADDRESS_MOST]
    g.actor = replace(VISITOR, ip=ip, request_id=g.request_id)
    if g.get("place") is None or COOKIE_KEY not in session:
        return None
    if not current_user.is_authenticated:
        session.clear()
        session["timed_out"] = True
        return None
    g.actor = current_user.actor(ip, g.request_id)
    if current_user.sitting.must_change and request.endpoint not in WHILE_MUST_CHANGE:
        return see_other(url_for("accounts.change_password"))
    return None


def begin(sid: str) -> None:
    """Put a fresh session into this answer's cookie; what the old one held is gone, its CSRF secret too."""
    session.clear()
    with unit_of_work(g.place, g.actor) as uow:
        found = session_rows.sitting(uow, sid)
    if found is not None:
        session.permanent = False
        login_user(SignedIn(sid, found))


def forget() -> None:
    session.clear()


def was_timed_out() -> bool:
    """Once: did this browser come with a session that time had ended?"""
    return bool(session.pop("timed_out", False))
