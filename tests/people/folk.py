"""The people of these tests: a centre, its teacher, a colleague elsewhere, a parent and a stranger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.people.models import Child
from app.people.rules import Channel, Relation, Sex
from app.people.service import ChildData, LegalConsent, register_child, register_family
from app.tenancy.models import Institution
from tests.cast import make_centre, make_district, make_family
from tests.cast_accounts import make_user

HANUL = ChildData("김하늘", date(2018, 5, 5), Sex.FEMALE, school="온수초", grade=2, address="구로구 온수로 1")
AGREED = LegalConsent(given=True)


@dataclass(frozen=True)
class Folk:
    """Ids and actors; the parent has an account-like actor, no child yet."""

    place: TenantRef
    centre_id: int
    centre_ref: str
    other_centre_id: int
    parent_id: int
    stranger_id: int
    teacher: Actor
    director: Actor
    colleague: Actor
    officer: Actor
    parent: Actor
    stranger: Actor

    @contextmanager
    def acting(self, actor: Actor) -> Iterator[UnitOfWork]:
        with unit_of_work(self.place, actor) as uow:
            yield uow

    def own_child(self, data: ChildData = HANUL) -> str:
        """A child that the parent registered online; returns its ref."""
        with self.acting(self.parent) as uow:
            return register_child(uow, self.parent_id, data, relation=Relation.PARENT, consent=AGREED).ref

    def walk_in_child(self, data: ChildData = HANUL, phone: str = "010-7777-8888") -> str:
        """A child that the centre registered by telephone, with a guardian who has no account."""
        with self.acting(self.teacher) as uow:
            _, child = register_family(
                uow,
                guardian_name="박전화",
                phone=phone,
                child=data,
                relation=Relation.PARENT,
                consent=AGREED,
                channel=Channel.PHONE,
            )
            return child.ref

    def child_id(self, ref: str) -> int:
        with self.acting(SYSTEM) as uow:
            return uow.session.query(Child).filter_by(ref=ref).one().id


def settle(place: TenantRef) -> Folk:
    """Two centres of one district and two guardians with accounts."""
    with unit_of_work(place, SYSTEM) as uow:
        district = make_district(uow)
        centre = make_centre(uow, district=district)
        other = make_centre(uow, district=district, name="오류동 키움센터")
        parent_user = make_user(uow, Role.GUARDIAN, name="김보호", phone="01011112222")
        stranger_user = make_user(uow, Role.GUARDIAN, name="남모르", phone="01099998888")
        parent, _ = make_family(uow, user_id=parent_user.id, child="김바다", birth=date(2017, 3, 3))
        stranger, _ = make_family(
            uow, guardian="남모르", phone="01099998888", user_id=stranger_user.id, child="남이슬"
        )
        parent.phone_verified_at = stranger.phone_verified_at = uow.now
        return Folk(
            place=place,
            centre_id=centre.id,
            centre_ref=uow.session.get_one(Institution, centre.id).ref,
            other_centre_id=other.id,
            parent_id=parent.id,
            stranger_id=stranger.id,
            teacher=Actor(Role.CARE_TEACHER, user_id=901, name="이선생", scope=centre.id),
            director=Actor(Role.CENTRE_DIRECTOR, user_id=902, name="최센터", scope=centre.id),
            colleague=Actor(Role.CARE_TEACHER, user_id=903, name="정선생", scope=other.id),
            officer=Actor(Role.DISTRICT_OFFICER, user_id=904, name="한담당", scope=district.id),
            parent=Actor(Role.GUARDIAN, user_id=parent_user.id, name="김보호", guardian_id=parent.id),
            stranger=Actor(Role.GUARDIAN, user_id=stranger_user.id, name="남모르", guardian_id=stranger.id),
        )
