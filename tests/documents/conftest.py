"""Who works with papers in these tests."""

from __future__ import annotations

from datetime import date

import pytest

from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.db import TenantRef, unit_of_work
from app.people.models import Child, Guardian
from tests.cast import make_centre


@pytest.fixture
def teacher(seoul: TenantRef) -> Actor:
    with unit_of_work(seoul, SYSTEM) as uow:
        centre = make_centre(uow)
        uow.session.add_all(
            [
                Guardian(id=90_007, name="한지원", phone="01027340915", created_at=uow.now),
                Child(id=90_003, name="윤서담", birth_date=date(2018, 3, 4), sex="MALE", created_at=uow.now),
            ]
        )
    return Actor(Role.CARE_TEACHER, user_id=21, name="이선생", scope=centre.id)
