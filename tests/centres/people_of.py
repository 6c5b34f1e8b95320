"""Who acts in the tests of centres."""

from __future__ import annotations

from app.centres.models import KiumCentre
from app.kernel.actor import Actor, Role
from app.tenancy.models import Institution

ADMIN = Actor(Role.SEOUL_ADMIN, user_id=900, name="서울지기")


def director(centre: KiumCentre, user_id: int = 11) -> Actor:
    return Actor(Role.CENTRE_DIRECTOR, user_id=user_id, name="온센터", scope=centre.id)


def teacher(centre: KiumCentre) -> Actor:
    return Actor(Role.CARE_TEACHER, user_id=12, name="박돌봄", scope=centre.id)


def officer(district: Institution, user_id: int = 21) -> Actor:
    return Actor(Role.DISTRICT_OFFICER, user_id=user_id, name="구담당", scope=district.id)
