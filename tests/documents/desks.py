"""Desks that write papers: a centre with two people, another centre, a district, the city; and a family."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.documents.catalogue import Form
from app.documents.models import Paper
from app.documents.work import WORK
from app.kernel import work
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.db import TenantRef, unit_of_work
from tests.cast import make_centre, make_district, make_family
from tests.cast_accounts import make_user, sign_in


@dataclass
class Desks:
    place: TenantRef
    centre_id: int
    guardian_id: int
    child_id: int
    users: dict[str, int]
    director: FlaskClient
    teacher: FlaskClient
    stranger: FlaskClient
    """Another centre's director."""
    district: FlaskClient
    city: FlaskClient
    parent: FlaskClient

    def actor(self, who: str, role: Role, scope: int | None) -> Actor:
        return Actor(role, self.users[who], who, scope=scope)

    @property
    def as_director(self) -> Actor:
        return self.actor("director", Role.CENTRE_DIRECTOR, self.centre_id)

    def paper(self, ref: str) -> Paper:
        with unit_of_work(self.place, SYSTEM) as uow:
            return uow.session.scalars(select(Paper).where(Paper.ref == ref)).one()

    def begin(self, client: FlaskClient, form_id: str, number: int = 1) -> str:
        """Press 작성하기; the draft's ref."""
        answer = client.post(f"/seoul/forms/{form_id}/start", data={"request_id": f"{number:032x}"})
        assert answer.status_code == 303, answer.text
        found = re.fullmatch(r"/seoul/papers/(\w{16})/fill", answer.location)
        assert found is not None
        return found[1]

    def run_work(self) -> None:
        kinds = {kind.name: kind for kind in WORK}
        while True:
            with unit_of_work(self.place, SYSTEM) as uow:
                row = work.claim(uow)
            if row is None:
                return
            result = kinds[row.kind].run(self.place, row.id, row.payload)
            with unit_of_work(self.place, SYSTEM) as uow:
                work.finish(uow, row.id, result)


def make_desks(app: Flask, place: TenantRef) -> Desks:
    with unit_of_work(place, SYSTEM) as uow:
        district = make_district(uow)
        centre = make_centre(uow, district=district)
        other = make_centre(uow, name="오류동 키움센터", district=district)
        people = {
            "director": make_user(uow, Role.CENTRE_DIRECTOR, centre.id, name="김센터"),
            "teacher": make_user(uow, Role.CARE_TEACHER, centre.id, name="이돌봄"),
            "stranger": make_user(uow, Role.CENTRE_DIRECTOR, other.id, name="남센터"),
            "district": make_user(uow, Role.DISTRICT_OFFICER, district.id, name="구담당"),
            "city": make_user(uow, Role.SEOUL_ADMIN, name="시담당"),
            "parent": make_user(uow, Role.GUARDIAN, name="김보호"),
        }
        guardian, child = make_family(uow, user_id=people["parent"].id)
    clients = {}
    for name, account in people.items():
        clients[name] = app.test_client()
        sign_in(clients[name], place, account)
    users = {name: account.id for name, account in people.items()}
    return Desks(place, centre.id, guardian.id, child.id, users, **clients)


def flat(form: Form, data: Mapping[str, Any]) -> dict[str, Any]:
    """Form data as a browser posts it."""
    posted: dict[str, Any] = {}
    tables = {field.name for field in form.fields if field.type == "table"}
    for name, value in data.items():
        if name in tables:
            for number, row in enumerate(value):
                posted.update(_cells(row, f"{name}.{number}."))
        else:
            posted.update(_cells({name: value}, ""))
    return posted


def _cells(row: Mapping[str, Any], stem: str) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for key, value in row.items():
        if value is True:
            cells[stem + key] = "y"
        elif value is not None and value is not False and not str(value).startswith("data:"):
            cells[stem + key] = value if isinstance(value, list) else str(value)
    return cells
