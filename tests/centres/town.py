"""A centre, its district and whoever looks at their pages."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.centres.models import KiumCentre
from app.kernel.actor import SYSTEM, Role
from app.kernel.db import TenantRef, unit_of_work
from app.tenancy.models import Institution
from tests.cast_accounts import sign_in


@dataclass
class World:
    place: TenantRef
    client: FlaskClient
    mine: Institution
    other: Institution
    centre: KiumCentre
    ref: str

    def sign_in(self, role: Role, institution_id: int | None = None) -> int:
        return sign_in(self.client, self.place, role, institution_id)

    def director(self) -> int:
        return self.sign_in(Role.CENTRE_DIRECTOR, self.centre.id)

    def officer(self, district: Institution | None = None) -> int:
        return self.sign_in(Role.DISTRICT_OFFICER, (district or self.mine).id)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(f"/seoul{path}", **more)

    def post(self, path: str, **form: Any) -> TestResponse:
        return self.client.post(f"/seoul{path}", data={"request_id": token_hex(16), **form})

    def rows(self, model: Any) -> list[Any]:
        with unit_of_work(self.place, SYSTEM) as uow:
            return list(uow.session.scalars(select(model)))


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def week(prefix: str = "", opens: str = "11:00", closes: str = "19:00") -> dict[str, str]:
    found = {}
    for key in ("mon", "tue", "wed", "thu", "fri"):
        found |= {
            f"{prefix}opens_{key}": opens,
            f"{prefix}closes_{key}": closes,
            f"{prefix}staff_{key}": f"{opens}-{closes} 2명",
        }
    return found


FACILITY = {
    "phone": "02-2600-5678",
    "address": "온수로 1",
    "introduction": "골목 안",
    "version": "1",
    "preschool_sibling_min_age": "5",
}
