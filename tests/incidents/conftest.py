"""A daycare at night: a teacher, a child with three people to call, and another daycare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.incidents import circle, service
from app.incidents.models import Incident
from app.incidents.rules import Contact, IncidentKind
from app.incidents.service import NewIncident
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.ranges import KST
from app.people.models import ChildCentre, Guardian, GuardianChild
from app.tenancy import clock
from app.tenancy.models import Institution, Tenant
from app.tenancy.registry import registry
from app.tenancy.rules import InstitutionKind, Service
from tests.cast import LONG_AGO, make_family
from tests.cast_accounts import sign_in

NIGHT = datetime(2026, 11, 20, 23, 30, tzinfo=KST)
PEOPLE = [
    Contact(1, "김보호", "부모", "01011112222"),
    Contact(2, "이보호", "부모", "01022223333"),
    Contact(3, "김할머니", "조부모", "01033334444"),
]


@dataclass
class Room:
    place: TenantRef
    clock: time_machine.Traveller
    here: int
    there: int
    child_id: int
    child_ref: str
    client: FlaskClient

    @property
    def teacher(self) -> Actor:
        return Actor(Role.DAYCARE_TEACHER, user_id=7, name="박교사", scope=self.here)

    def record(self, **more: Any) -> str:
        """A fall at 23:20."""
        given = {
            "kind": IncidentKind.ACCIDENT,
            "happened_at": NIGHT.replace(minute=20),
            "what": "침대에서 내려오다 넘어짐",
            "child_id": self.child_id,
            **more,
        }
        with unit_of_work(self.place, self.teacher) as uow:
            return service.record(uow, self.here, NewIncident(**given)).ref

    def call(self, ref: str, order: int, reached: bool, **more: Any) -> None:
        with unit_of_work(self.place, self.teacher) as uow:
            service.add_contact(uow, ref, PEOPLE, order, reached=reached, **more)

    def row(self, ref: str) -> Incident:
        with unit_of_work(self.place, SYSTEM) as uow:
            return uow.session.scalars(select(Incident).where(Incident.ref == ref)).one()

    def rows(self) -> list[Incident]:
        with unit_of_work(self.place, SYSTEM) as uow:
            return list(uow.session.scalars(select(Incident).order_by(Incident.id)))

    def sign_in(self, role: Role, institution_id: int | None = None) -> int:
        return sign_in(self.client, self.place, role, institution_id, name="박교사")

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/{self.place.slug}{path}")

    def post(self, path: str, **form: Any) -> TestResponse:
        return self.client.post(f"/{self.place.slug}{path}", data={"request_id": token_hex(16), **form})


@pytest.fixture(autouse=True)
def by_itself() -> Iterator[None]:
    """The room without a house above it that says who is in care."""
    before = circle.of_this_house()
    circle.plug_in(circle.KnownChildren())
    yield
    circle.plug_in(before)


@pytest.fixture
def room(app: Flask, gwacheon: TenantRef) -> Iterator[Room]:
    with time_machine.travel(NIGHT, tick=False) as moved:
        with clock.platform_unit() as uow:
            offered = update(Tenant).where(Tenant.slug == gwacheon.slug)
            uow.session.execute(offered.values(services=[Service.KIUM, Service.DAYCARE]))
        registry.forget()
        with unit_of_work(gwacheon, SYSTEM) as uow:
            houses = [
                Institution(kind=InstitutionKind.DAYCARE, name=f"{n} 어린이집") for n in ("별빛", "달님")
            ]
            uow.session.add_all(houses)
            uow.session.flush()
            here, there = (house.id for house in houses)
            _first, child = make_family(uow)
            for person in PEOPLE[1:]:
                guardian = Guardian(name=person.name, phone=person.phone, created_at=LONG_AGO)
                uow.session.add(guardian)
                uow.session.flush()
                relation = "GRANDPARENT" if person.order == 3 else "PARENT"
                uow.session.add(
                    GuardianChild(
                        guardian_id=guardian.id,
                        child_id=child.id,
                        relation=relation,
                        emergency_order=person.order,
                        created_at=LONG_AGO,
                    )
                )
            uow.session.add(ChildCentre(child_id=child.id, centre_id=here, since=LONG_AGO))
        yield Room(gwacheon, moved, here, there, child.id, child.ref, app.test_client())
    registry.forget()
