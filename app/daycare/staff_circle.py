"""Who is in care at a daycare, and whom to call in which order when something happens to a child (AD-18, AD-26)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Select, or_, select

from app.daycare.models import (
    ApplicationChild,
    ApplicationGuardian,
    DaycareApplication,
    DaycareBooking,
    DaycareClass,
    DaycareStay,
)
from app.daycare.rules.states import ApplicationState, StayState
from app.incidents import circle
from app.incidents.circle import InCare
from app.incidents.rules import Contact
from app.kernel.db import UnitOfWork
from app.kernel.texts import clock_text
from app.people.models import Child

SUBJECT = "daycare_stay"
LATELY = timedelta(hours=12)
"""What happened is often noticed at the door, or at home soon after."""


class DaycareCircle:
    """Plugged into the incidents room, which stands below and knows no stays."""

    def in_care(self, uow: UnitOfWork, institution_id: int) -> Sequence[InCare]:
        """Who is inside, then who left lately."""
        rows = uow.session.execute(
            select(DaycareStay, Child, DaycareClass.name)
            .join(Child, Child.id == DaycareStay.child_id)
            .join(DaycareClass, DaycareClass.id == DaycareStay.class_id)
            .where(
                DaycareStay.daycare_id == institution_id,
                or_(
                    DaycareStay.state == StayState.INSIDE,
                    (DaycareStay.state == StayState.LEFT) & (DaycareStay.out_at > uow.now - LATELY),
                ),
            )
            .order_by(DaycareStay.out_at.desc().nulls_first(), Child.name, DaycareStay.id)
        )
        return [
            InCare(
                child.id,
                child.ref,
                child.name,
                group if stay.out_at is None else f"{clock_text(stay.out_at)} 귀가",
                SUBJECT,
                stay.id,
            )
            for stay, child, group in rows
        ]

    def to_call(
        self, uow: UnitOfWork, institution_id: int, child_id: int, subject: str, subject_id: int | None
    ) -> Sequence[Contact]:
        """As the family ordered them in the application of the stay, else in its newest one here."""
        application_id = None
        if subject == SUBJECT and subject_id is not None:
            application_id = uow.session.scalar(
                select(DaycareBooking.application_id)
                .join(DaycareStay, DaycareStay.booking_id == DaycareBooking.id)
                .where(DaycareStay.id == subject_id, DaycareStay.daycare_id == institution_id)
            )
        if application_id is None:
            application_id = uow.session.scalar(_newest(institution_id, child_id))
        rows = uow.session.scalars(
            select(ApplicationGuardian)
            .where(ApplicationGuardian.application_id == (application_id or 0))
            .order_by(ApplicationGuardian.position)
        )
        return [Contact(row.position, row.name, row.relation, row.phone) for row in rows]


def _newest(institution_id: int, child_id: int) -> Select[int]:
    return (
        select(DaycareApplication.id)
        .join(ApplicationChild, ApplicationChild.application_id == DaycareApplication.id)
        .where(
            DaycareApplication.daycare_id == institution_id,
            ApplicationChild.child_id == child_id,
            DaycareApplication.state.not_in([ApplicationState.DRAFT, ApplicationState.WITHDRAWN]),
        )
        .order_by(DaycareApplication.id.desc())
        .limit(1)
    )


circle.plug_in(DaycareCircle())
