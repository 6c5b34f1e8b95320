"""Medicine: asked for in writing, given and written down, never otherwise (AD-27)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select

from app.daycare import actions
from app.daycare.models import (
    ApplicationChild,
    DaycareApplication,
    DaycareStay,
    MedicineGiven,
    MedicineRequest,
)
from app.daycare.queries.place import daycare_by_ref
from app.daycare.rules.meals import NOT_ASKED, check_request, is_asked
from app.daycare.sealed import seal
from app.kernel import audit
from app.kernel.actions import Reach
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken
from app.people.models import Child, GuardianChild

GIVEN_IN_FUTURE = Problem(
    "daycare.given_in_future", N_("아직 오지 않은 시각이에요."), rule="AD-27", field="given_at"
)


@dataclass(frozen=True, slots=True)
class MedicineData:
    """투약의뢰서. ``times`` as "21:00"; ``signature``: strokes, or None with a typed ``signed_name``."""

    daycare: str
    child: str
    starts_on: date
    ends_on: date
    symptom: str
    medicine: str
    dose: str
    kept: str
    times: tuple[str, ...]
    remarks: str = ""
    signature: Sequence[Any] | None = None
    signed_name: str = ""
    stay: str = ""


def request_medicine(uow: UnitOfWork, data: MedicineData) -> MedicineRequest:
    """By a guardian, or by staff from a signed paper. Raises RuleBroken."""
    daycare = daycare_by_ref(uow, data.daycare)
    actions.ASK_MEDICINE.check(uow.actor, daycare.id)
    child = _child(uow, daycare.id, data.child)
    words = (data.symptom, data.medicine, data.dose, data.kept)
    if problems := check_request(
        words, data.times, data.starts_on, data.ends_on, uow.today, data.signature, data.signed_name
    ):
        raise RuleBroken(problems)
    row = MedicineRequest(
        daycare_id=daycare.id,
        child_id=child.id,
        stay_id=_stay_id(uow, data.stay, child.id),
        starts_on=data.starts_on,
        ends_on=data.ends_on,
        sealed=b"",
        times=sorted(data.times),
        signature=list(data.signature) if data.signature else None,
        signed_name=data.signed_name.strip()[:40],
        created_at=uow.now,
        created_by=uow.actor.user_id,
        version=1,
    )
    uow.session.add(row)
    uow.session.flush()
    sealed = {
        "symptom": data.symptom.strip(),
        "medicine": data.medicine.strip(),
        "dose": data.dose.strip(),
        "kept": data.kept.strip(),
        "remarks": data.remarks.strip(),
    }
    row.sealed = seal(uow, "medicine_request", row.id, sealed)
    uow.session.flush()
    audit.record(uow, "daycare.medicine_asked", "medicine_request", row.id, diff={"child": [None, child.id]})
    return row


def withdraw_medicine(uow: UnitOfWork, ref: str) -> None:
    row = _open(uow, ref)
    actions.ASK_MEDICINE.check(uow.actor, row.daycare_id)
    if actions.ASK_MEDICINE.reach(uow.actor.role) is Reach.OWN:
        _own(uow, row.child_id)
    if row.withdrawn_at is None:
        row.withdrawn_at = uow.now
        row.version += 1
        uow.session.flush()
        audit.record(uow, "daycare.medicine_withdrawn", "medicine_request", row.id)


def record_dose(
    uow: UnitOfWork, request_ref: str, *, given_at: datetime | None = None, note: str = ""
) -> MedicineGiven:
    """One dose, by whoever gave it (the actor). Without a request for that day there is nothing to record."""
    row = _open(uow, request_ref)
    actions.GIVE_MEDICINE.check(uow.actor, row.daycare_id)
    at = given_at or uow.now
    if at > uow.now:
        raise RuleBroken(GIVEN_IN_FUTURE)
    if not is_asked(row.starts_on, row.ends_on, row.withdrawn_at is not None, at):
        raise RuleBroken(NOT_ASKED)
    given = MedicineGiven(
        request_id=row.id,
        given_at=at,
        given_by=uow.actor.name[:40],
        note=note.strip(),
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(given)
    uow.session.flush()
    audit.record(uow, "daycare.medicine_given", "medicine_given", given.id)
    return given


def _open(uow: UnitOfWork, ref: str) -> MedicineRequest:
    row = uow.session.scalars(
        select(MedicineRequest)
        .where(MedicineRequest.ref == ref)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound("medicine_request")
    return row


def _child(uow: UnitOfWork, daycare_id: int, ref: str) -> Child:
    """Named in an application of this daycare; a guardian's own."""
    named = exists().where(
        ApplicationChild.child_id == Child.id,
        ApplicationChild.application_id == DaycareApplication.id,
        DaycareApplication.daycare_id == daycare_id,
    )
    row = uow.session.scalars(select(Child).where(Child.ref == ref, named)).first()
    if row is None:
        raise NotFound("child")
    if actions.ASK_MEDICINE.reach(uow.actor.role) is Reach.OWN:
        _own(uow, row.id)
    return row


def _own(uow: UnitOfWork, child_id: int) -> None:
    mine = select(GuardianChild.id).where(
        GuardianChild.child_id == child_id, GuardianChild.guardian_id == (uow.actor.guardian_id or 0)
    )
    if uow.session.scalar(mine) is None:
        raise NotFound("child")


def _stay_id(uow: UnitOfWork, ref: str, child_id: int) -> int | None:
    if not ref:
        return None
    return uow.session.scalar(
        select(DaycareStay.id).where(DaycareStay.ref == ref, DaycareStay.child_id == child_id)
    )
