"""The children a daycare knows from applications, and the guardians who may ask or agree for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, exists, or_, select

from app.daycare import actions
from app.daycare.models import ApplicationChild, DaycareApplication, DaycareStay
from app.daycare.queries.applications import PersonRow, people_by_application
from app.daycare.queries.place import DaycareRow
from app.daycare.rules.days import operating_day
from app.daycare.rules.states import IN_BED, ApplicationState, StayState
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound
from app.people.models import Child


@dataclass(frozen=True, slots=True)
class KnownChild:
    """``today``: booked or inside on the running operating day."""

    id: int
    ref: str
    name: str
    birth_date: date
    today: bool


def known_children(uow: UnitOfWork, daycare: DaycareRow) -> list[KnownChild]:
    """Today's first, each part by name; the list is logged."""
    actions.ROOM.check(uow.actor, daycare.id)
    rows = [
        KnownChild(child.id, child.ref, child.name, child.birth_date, today)
        for child, today in uow.session.execute(_known(uow, daycare.id)).all()
    ]
    audit.record_access(uow, "daycare.known_children", "daycare", daycare.id, row_count=len(rows))
    return sorted(rows, key=lambda row: (not row.today, row.name, row.birth_date))


def known_child(uow: UnitOfWork, daycare: DaycareRow, ref: str) -> KnownChild:
    """NotFound for a child no application of this daycare names."""
    actions.ROOM.check(uow.actor, daycare.id)
    row = uow.session.execute(_known(uow, daycare.id).where(Child.ref == ref)).first()
    if row is None:
        raise NotFound("child")
    child, today = row
    return KnownChild(child.id, child.ref, child.name, child.birth_date, today)


def _known(uow: UnitOfWork, daycare_id: int) -> Select[Child, bool]:
    named = exists().where(
        ApplicationChild.child_id == Child.id,
        ApplicationChild.application_id == DaycareApplication.id,
        DaycareApplication.daycare_id == daycare_id,
        DaycareApplication.state != ApplicationState.DRAFT,
    )
    here = exists().where(
        DaycareStay.child_id == Child.id,
        DaycareStay.daycare_id == daycare_id,
        or_(
            (DaycareStay.operating_day == operating_day(uow.now)) & DaycareStay.state.in_(sorted(IN_BED)),
            DaycareStay.state == StayState.INSIDE,
        ),
    )
    return select(Child, here).where(named)


def guardians_for(uow: UnitOfWork, daycare_id: int, child_id: int) -> tuple[PersonRow, ...]:
    """In the order of emergency calls, as the newest application of this daycare names them."""
    application = newest_application(uow, daycare_id, child_id)
    return people_by_application(uow, [application.id])[application.id] if application else ()


def newest_application(uow: UnitOfWork, daycare_id: int, child_id: int) -> DaycareApplication | None:
    """The last one handed in for the child, in whatever state it is now."""
    return uow.session.scalars(
        select(DaycareApplication)
        .join(ApplicationChild, ApplicationChild.application_id == DaycareApplication.id)
        .where(
            ApplicationChild.child_id == child_id,
            DaycareApplication.daycare_id == daycare_id,
            DaycareApplication.state != ApplicationState.DRAFT,
        )
        .order_by(DaycareApplication.id.desc())
        .limit(1)
    ).first()
