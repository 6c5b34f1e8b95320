"""Against whom something counts: a guardian with the household, or a phone number nobody has registered yet (AS-06)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.queries import place_name
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound
from app.messaging.rules import digits_of
from app.messaging.service import plan_message
from app.people.models import Child, Guardian, GuardianChild
from app.restrictions.models import Restriction, RestrictionEvent
from app.tenancy.models import Institution, Tenant
from app.tenancy.rules import InstitutionKind


@dataclass(frozen=True, slots=True)
class Subject:
    """``phone``: the guardian's own, or the only thing known of a caller."""

    guardian_id: int | None
    phone: str

    @property
    def columns(self) -> dict[str, Any]:
        """How a row names it."""
        return {"guardian_id": self.guardian_id, "phone": "" if self.guardian_id else self.phone}


def subject_of(uow: UnitOfWork, guardian_id: int | None, phone: str = "") -> Subject:
    """The guardian; or who has this number; or the number itself. NotFound for neither."""
    if guardian_id is not None:
        return Subject(guardian_id, uow.session.get_one(Guardian, guardian_id).phone)
    number = digits_of(phone)
    if not number:
        raise NotFound("subject")
    known = uow.session.scalars(
        select(Guardian.id)
        .where(Guardian.phone == number)
        .order_by(Guardian.user_id.is_(None), Guardian.id)
        .limit(1)
    ).first()
    return Subject(known, number)


def of_subject(table: type[Restriction] | type[RestrictionEvent], subject: Subject) -> ColumnElement[bool]:
    """Its rows, with those written down for the number before it was registered."""
    unregistered = and_(table.guardian_id.is_(None), table.phone == subject.phone, table.phone != "")
    if subject.guardian_id is None:
        return unregistered
    return or_(table.guardian_id == subject.guardian_id, unregistered)


def lock_subject(uow: UnitOfWork, subject: Subject) -> None:
    """Counting and deciding about one household happen one after the other; held to the end of the unit."""
    key = f"restriction|{uow.tenant.slug}|{subject.guardian_id or subject.phone}"
    uow.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def household_children(uow: UnitOfWork, guardian_id: int | None) -> list[Child]:
    """Every child that lives with the guardian: the household a restriction binds (AS-01)."""
    if guardian_id is None:
        return []
    return list(
        uow.session.scalars(
            select(Child)
            .join(GuardianChild, GuardianChild.child_id == Child.id)
            .where(GuardianChild.guardian_id == guardian_id, GuardianChild.lives_together)
            .order_by(Child.birth_date, Child.id)
        )
    )


def household_guardians(guardian_id: int | None) -> Select[int]:
    """Ids of everybody a child of the guardian's household lives with."""
    with_child = aliased(GuardianChild)
    return (
        select(with_child.guardian_id)
        .join(GuardianChild, GuardianChild.child_id == with_child.child_id)
        .where(
            GuardianChild.guardian_id == guardian_id,
            GuardianChild.lives_together,
            with_child.lives_together,
        )
    )


def regional_centre(uow: UnitOfWork) -> Institution | None:
    """The city's 아동돌봄센터; without one its officer decides."""
    return uow.session.scalars(
        select(Institution)
        .where(Institution.kind == InstitutionKind.REGIONAL_CENTRE, Institution.active)
        .order_by(Institution.id)
        .limit(1)
    ).first()


@dataclass(frozen=True, slots=True)
class Office:
    """In whose name something is said; ``id`` is None for the city itself."""

    id: int | None
    name: str
    phone: str


def office_of(uow: UnitOfWork, institution_id: int | None) -> Office:
    """The daycare that imposed it, else the regional centre, else the city."""
    row = uow.session.get(Institution, institution_id) if institution_id else regional_centre(uow)
    return city(uow) if row is None else Office(row.id, row.name, row.phone)


def city(uow: UnitOfWork) -> Office:
    """The municipality itself, which hears objections."""
    name, phone = uow.session.execute(
        select(Tenant.name, Tenant.phone).where(Tenant.slug == uow.tenant.slug)
    ).one()
    return Office(None, name, phone)


def tell(
    uow: UnitOfWork,
    template: str,
    subject: Subject,
    values: Mapping[str, Any],
    *,
    about: int,
    entity: str = "restriction",
    institution_id: int | None = None,
    key: str | None = None,
) -> None:
    """A message to the guardian's (or the caller's) number, in the name of whoever imposed it."""
    office = office_of(uow, institution_id)
    named = {"service": place_name(uow), "office": office.name, "phone": office.phone}
    plan_message(uow, template, subject.phone, {**named, **values}, subject=entity, subject_id=about, key=key)
