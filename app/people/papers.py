"""The plain data of the forms a family fills in, as far as its record knows it; and starting such a form."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.documents.models import Paper
from app.documents.rules import PaperState
from app.documents.service.preparing import prepare_paper
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.people.actions import GIVE_CONSENT
from app.people.models import Child
from app.people.queries import GuardianRow, child_for, guardians_of, pickup_people
from app.people.rules import Sex
from app.people.service.consents import ARRIVAL_FORM
from app.tenancy.models import Institution


def child_fields(child: Child) -> dict[str, Any]:
    """What every form asks about a child; empty where the record is."""
    return {
        "child_name": child.name,
        "child_birth_date": child.birth_date.isoformat(),
        "child_gender": "male" if Sex(child.sex) is Sex.MALE else "female",
        "school": child.school or None,
        "grade": child.grade,
        "school_class": child.school_class or None,
        "address": child.address or None,
    }


def signer_fields(uow: UnitOfWork, guardian: GuardianRow | None) -> dict[str, Any]:
    """Today, and the guardian who signs."""
    if guardian is None:
        return {"sign_date": uow.today.isoformat()}
    return {
        "sign_date": uow.today.isoformat(),
        "guardian_sign_name": guardian.name,
        "relation": guardian.relation.label,
    }


def arrival_data(uow: UnitOfWork, child: Child) -> dict[str, Any]:
    """서식5 as far as it is known: the child, whom to call in which order, who may fetch it."""
    guardians = guardians_of(uow, child.id)
    signer = next(
        (row for row in guardians if row.id == uow.actor.guardian_id), guardians[0] if guardians else None
    )
    centre = uow.session.get(Institution, child.home_centre_id or 0)
    return {
        **child_fields(child),
        **signer_fields(uow, signer),
        "centre_name": centre.name if centre else None,
        "contacts": [
            {
                "rank": row.emergency_order,
                "relation": row.relation.label,
                "name": row.name,
                "phone": row.phone,
            }
            for row in guardians
        ],
        "pickup_people": [
            {"name": row.name, "relation": row.relation, "phone": row.phone}
            for row in pickup_people(uow, child.id)
        ],
    }


def start_arrival_form(uow: UnitOfWork, child_ref: str) -> Paper:
    """서식5 for this child: the one that is still open, else a new draft with what is known filled in."""
    GIVE_CONSENT.reach(uow.actor.role)
    child = child_for(uow, child_ref, lock=True)
    guardians = guardians_of(uow, child.id)
    family = uow.actor.role is Role.GUARDIAN
    guardian_id = uow.actor.guardian_id if family else (guardians[0].id if guardians else None)
    still_open = uow.session.scalars(
        select(Paper).where(
            Paper.form_id == ARRIVAL_FORM,
            Paper.child_id == child.id,
            Paper.guardian_id == guardian_id,
            Paper.state.in_([PaperState.DRAFT, PaperState.TO_SIGN]),
        )
    ).first()
    if still_open is not None:
        return still_open
    return prepare_paper(
        uow,
        ARRIVAL_FORM,
        arrival_data(uow, child),
        subject="child",
        subject_id=child.id,
        institution_id=child.home_centre_id if family else uow.actor.scope,
        guardian_id=guardian_id,
        child_id=child.id,
        draft=True,
    )
