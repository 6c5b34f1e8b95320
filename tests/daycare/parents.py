"""Guardians at their phones: a signed-in browser in a municipality with a 24-hour daycare."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.kernel.actor import SYSTEM, Role
from app.kernel.db import TenantRef, unit_of_work
from app.people.models import Guardian
from app.tenancy.rules import Service
from tests.booking.parents import words
from tests.cast import offer
from tests.cast_accounts import make_user, sign_in
from tests.cast_daycare import TUESDAY, DaycareTown, Home

__all__ = ["Parent", "make_parent", "words"]
REQUEST_ID = re.compile(r'name="request_id" value="([0-9a-f]{32})"')
VERSION = re.compile(r'name="version" value="(\d+)"')


@dataclass
class Parent:
    client: FlaskClient
    town: DaycareTown
    child: str
    guardian: str

    @property
    def name(self) -> str:
        """What the person signs with."""
        with self.town.unit() as uow:
            return uow.session.scalars(select(Guardian.name).where(Guardian.ref == self.guardian)).one()

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/{self.town.place.slug}{path}")

    def post(self, path: str, data: Mapping[str, object] | None = None, **more: object) -> TestResponse:
        return self.client.post(f"/{self.town.place.slug}{path}", data={**(data or {}), **more})

    def query(self, day: date = TUESDAY, start: str = "11:00", end: str = "14:00", **more: object) -> str:
        pairs = {
            "child": self.child,
            "daycare": self.town.daycare,
            "day": day.isoformat(),
            "from": start,
            "to": end,
            **more,
        }
        return urlencode(pairs, doseq=True)

    def check(self, *args: object, **more: object) -> TestResponse:
        return self.get(f"/daycare/book/check?{self.query(*args, **more)}")  # type: ignore[arg-type]

    def book(
        self, day: date = TUESDAY, start: str = "11:00", end: str = "14:00", **more: object
    ) -> TestResponse:
        return self.post(
            "/daycare/book",
            {
                "child": self.child,
                "daycare": self.town.daycare,
                "day": day.isoformat(),
                "from": start,
                "to": end,
                "contact_phone": "010-5555-6666",
                "request_id": secrets.token_hex(16),
                **more,
            },
        )

    def booked(self, *args: object, **more: object) -> str:
        """Book and return the booking's ref."""
        answer = self.book(*args, **more)  # type: ignore[arg-type]
        assert answer.status_code == 303, words(answer)
        return answer.location.rpartition("=")[2]


def make_parent(app: Flask, town: DaycareTown, home: Home | None = None) -> Parent:
    """The guardian of a family signed in with a browser of their own; their application is accepted."""
    home = home or town.family()
    return Parent(signed_in(app, town.place, home.guardian), town, home.child, home.guardian)


def new_family(
    app: Flask, town: DaycareTown, name: str = "박새롬", birth: date = date(2024, 11, 1), *, children: int = 1
) -> tuple[Parent, list[str]]:
    """A guardian with children and no application yet."""
    siblings = [(f"{name}{number}", birth) for number in range(1, children)]
    home = town.family(name, birth, *siblings, apply=False)
    return Parent(signed_in(app, town.place, home.guardian), town, home.child, home.guardian), list(
        home.children
    )


def signed_in(app: Flask, place: TenantRef, guardian_ref: str) -> FlaskClient:
    offer(place, Service.DAYCARE)
    client = app.test_client()
    with unit_of_work(place, SYSTEM) as uow:
        row = uow.session.scalars(select(Guardian).where(Guardian.ref == guardian_ref)).one()
        user = make_user(uow, Role.GUARDIAN, name=row.name)
        row.user_id = user.id
        uow.session.flush()
        sign_in(client, uow, user)
    return client


def hidden(answer: TestResponse) -> dict[str, str]:
    """What a form carries unseen: the request id, and the version where it has one."""
    page = answer.get_data(as_text=True)
    found = {"request_id": REQUEST_ID.findall(page), "version": VERSION.findall(page)}
    return {name: values[-1] for name, values in found.items() if values}
