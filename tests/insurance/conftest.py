"""A city with two daycares; its directors, its officer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from secrets import token_hex
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.insurance.models import InsurancePolicy
from app.insurance.rules import PolicyKind
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.tenancy import clock
from app.tenancy.models import Institution, Tenant
from app.tenancy.registry import registry
from app.tenancy.rules import InstitutionKind, Service
from tests.cast import LONG_AGO
from tests.cast_accounts import sign_in

NOW = "2026-11-20 08:05+09:00"
TODAY = date(2026, 11, 20)
PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n%%EOF\n"


@dataclass
class City:
    place: TenantRef
    clock: time_machine.Traveller
    here: int
    there: int
    client: FlaskClient

    @property
    def director(self) -> Actor:
        return Actor(Role.DAYCARE_DIRECTOR, user_id=1, scope=self.here)

    def sign_in(self, role: Role, institution_id: int | None = None) -> int:
        return sign_in(self.client, self.place, role, institution_id)

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/{self.place.slug}{path}")

    def post(self, path: str, **form: Any) -> TestResponse:
        return self.client.post(
            f"/{self.place.slug}{path}",
            data={"request_id": token_hex(16), **form},
            content_type="multipart/form-data",
        )

    def rows(self) -> list[InsurancePolicy]:
        with unit_of_work(self.place, SYSTEM) as uow:
            return list(uow.session.scalars(select(InsurancePolicy).order_by(InsurancePolicy.id)))


def insure(
    uow: UnitOfWork,
    institution_id: int,
    ends_on: date,
    *,
    kind: PolicyKind = PolicyKind.DAYCARE_MUTUAL,
    starts_on: date = date(2026, 1, 1),
    number: str = "A-1",
) -> InsurancePolicy:
    """A policy that is there already, also one that ended."""
    row = InsurancePolicy(
        institution_id=institution_id,
        kind=kind,
        insurer="어린이집안전공제회",
        number=number,
        starts_on=starts_on,
        ends_on=ends_on,
        created_at=LONG_AGO,
    )
    uow.session.add(row)
    uow.session.flush()
    return row


@pytest.fixture
def city(app: Flask, gwacheon: TenantRef) -> Iterator[City]:
    with time_machine.travel(NOW, tick=False) as moved:
        with clock.platform_unit() as uow:
            offered = update(Tenant).where(Tenant.slug == gwacheon.slug)
            uow.session.execute(offered.values(services=[Service.KIUM, Service.DAYCARE]))
        registry.forget()
        with unit_of_work(gwacheon, SYSTEM) as uow:
            houses = [
                Institution(kind=InstitutionKind.DAYCARE, name=name, phone="0310001234")
                for name in ("별빛 어린이집", "달님 어린이집")
            ]
            uow.session.add_all(houses)
            uow.session.flush()
            here, there = (house.id for house in houses)
        yield City(gwacheon, moved, here, there, app.test_client())
    registry.forget()
