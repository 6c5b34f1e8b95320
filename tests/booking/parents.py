"""Parents at their phones: a signed-in client and the steps of the wizard as addresses."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import date
from html import unescape
from urllib.parse import urlencode

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.kernel.actor import Role
from app.people.models import Guardian
from tests.booking.town import Family, Town
from tests.cast_accounts import make_user, sign_in

TAGS = re.compile(r"<[^>]+>")


def words(answer: TestResponse) -> str:
    """What a person reads, with single blanks and without word joiners."""
    text = unescape(TAGS.sub(" ", answer.get_data(as_text=True))).replace("\u2060", "")
    return " ".join(text.split())


@dataclass
class Parent:
    client: FlaskClient
    town: Town
    family: Family

    def query(self, *days: date, kind: str = "TEMPORARY", **more: object) -> str:
        pairs = {"child": self.family.child, "kind": kind, "centre": self.town.centre, **more}
        return urlencode([*pairs.items(), *(("day", day.isoformat()) for day in days)], doseq=True)

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/seoul{path}")

    def post(self, path: str, **data: object) -> TestResponse:
        return self.client.post(f"/seoul{path}", data=data)

    def send(self, *days: date, **more: object) -> TestResponse:
        """The last step's form for some dates, 14:00–17:00 unless told."""
        data = {
            "child": self.family.child,
            "kind": "TEMPORARY",
            "centre": self.town.centre,
            "day": [day.isoformat() for day in days],
            "from": "14:00",
            "to": "17:00",
            "contact_phone": "010-5555-6666",
            "ground": "other",
            "may_wait": "y",
            "request_id": secrets.token_hex(16),
            **more,
        }
        return self.client.post("/seoul/book", data=data)


def parent(app: Flask, town: Town, family: Family | None = None) -> Parent:
    """A guardian of the town signed in with a browser of their own."""
    family = family or town.family()
    client = app.test_client()
    with town.unit() as uow:
        user = make_user(uow, Role.GUARDIAN, name="김보호")
        uow.session.get_one(Guardian, family.guardian_id).user_id = user.id
        uow.session.flush()
        sign_in(client, uow, user)
    return Parent(client, town, family)
