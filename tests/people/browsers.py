"""Signed-in browsers of everybody around one child, and what they type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import UserAccount
from app.kernel.actor import SYSTEM, Role
from app.kernel.db import TenantRef, unit_of_work
from app.people.service import know_child
from tests.cast_accounts import sign_in
from tests.people.folk import Folk, settle

HTMX = {"HX-Request": "true"}


def once(sign: str = "a") -> str:
    return sign * 32


@dataclass
class Stage:
    """Signed-in browsers of everybody, and one child of the parent."""

    folk: Folk
    ref: str
    parent: FlaskClient
    stranger: FlaskClient
    teacher: FlaskClient
    colleague: FlaskClient
    officer: FlaskClient
    visitor: FlaskClient

    @property
    def url(self) -> str:
        return f"/seoul/children/{self.ref}"

    @property
    def child_id(self) -> int:
        return self.folk.child_id(self.ref)

    def known(self) -> None:
        """The centre takes the child on, as a booking would."""
        with unit_of_work(self.folk.place, SYSTEM) as uow:
            know_child(uow, self.child_id, self.folk.centre_id)


def make_stage(app: Flask, place: TenantRef) -> Stage:
    folk = settle(place)
    clients = [app.test_client() for _ in range(6)]
    with unit_of_work(place, SYSTEM) as uow:
        users = [uow.session.get_one(UserAccount, a.user_id) for a in (folk.parent, folk.stranger)]
    sign_in(clients[0], place, users[0])
    sign_in(clients[1], place, users[1])
    sign_in(clients[2], place, Role.CARE_TEACHER, folk.centre_id)
    sign_in(clients[3], place, Role.CARE_TEACHER, folk.other_centre_id)
    sign_in(clients[4], place, Role.DISTRICT_OFFICER, folk.centre_id)
    return Stage(folk, folk.own_child(), *clients)


def new_child(**changed: Any) -> dict[str, Any]:
    data = {
        "request_id": once(),
        "legal_consent": "y",
        "relation": "PARENT",
        "name": "김새별",
        "birth_date": "2019-02-03",
        "sex": "MALE",
        "schooling": "yes",
        "school": "온수초",
        "grade": "1",
        **changed,
    }
    return {key: value for key, value in data.items() if value is not None}


def new_family(**changed: Any) -> dict[str, Any]:
    return new_child(
        **{
            "guardian_name": "박전화",
            "phone": "010-7777-8888",
            "channel": "PHONE",
            "consent_by": "PHONE",
            **changed,
        }
    )
