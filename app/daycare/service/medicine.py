"""Medicine: asked for in writing, given and written down, never otherwise (AD-27)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select, true

from app.daycare import actions
from app.daycare.models import (
    ApplicationChild,
    DaycareApplication,
    DaycareStay,
    MedicineGiven,
    MedicineRequest,
)
from app.daycare.queries.known import guardians_for
from app.daycare.queries.notes import SHEETS
from app.daycare.queries.place import daycare_by_ref
from app.daycare.rules.days import operating_day
from app.daycare.rules.meals import (
    NOT_ASKED,
    check_dose,
    check_own_signature,
    check_request,
    check_sheet_signature,
    clocks,
    is_asked,
)
from app.daycare.rules.states import ApplicationState
from app.daycare.sealed import seal
from app.documents.rules import SignatureMethod
from app.documents.uploads import store_upload
from app.kernel import audit
from app.kernel.actions import Reach
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken
from app.people.models import Child, GuardianChild

GIVEN_IN_FUTURE = Problem(
    "daycare.given_in_future", N_("아직 오지 않은 시각이에요."), rule="AD-27", field="given_at"
)
WITHDRAW_REASON = Problem(
    "daycare.withdraw_reason",
    N_("의뢰를 거두는 까닭을 적어 주세요. 예: 보호자가 그만 먹이라고 전화함"),
    rule="GC-18",
    field="reason",
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A scan or photograph of the signed paper."""

    filename: str
    content: bytes


@dataclass(frozen=True, slots=True)
class MedicineData:
    """투약의뢰서. ``times`` as "21:00"; ``signature``: strokes, or None with a typed ``signed_name``.

    From a signed paper ``signed_name`` is the guardian who asks; the signature is then ``signature``, ``typed`` (the
    guardian's own name, typed on the daycare's screen) or ``sheet``.
    """

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
    typed: str = ""
    sheet: Sheet | None = None


def request_medicine(uow: UnitOfWork, data: MedicineData) -> MedicineRequest:
    """By a guardian, or by staff from a signed paper. Raises RuleBroken."""
    daycare = daycare_by_ref(uow, data.daycare)
    actions.ASK_MEDICINE.check(uow.actor, daycare.id)
    child = _child(uow, daycare.id, data.child)
    words = (data.symptom, data.medicine, data.dose, data.kept)
    problems = check_request(words, data.times, data.starts_on, data.ends_on, operating_day(uow.now))
    if problems := problems + _signature_problems(uow, data, daycare.id, child.id):
        raise RuleBroken(problems)
    signer = data.signed_name.strip() or (uow.actor.name if _is_family(uow) else "")
    row = MedicineRequest(
        daycare_id=daycare.id,
        child_id=child.id,
        stay_id=_stay_id(uow, data.stay, child.id),
        starts_on=data.starts_on,
        ends_on=data.ends_on,
        sealed=b"",
        times=sorted(clocks(data.times)),
        signature=list(data.signature) if data.signature else None,
        signed_name=signer[:40],
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
        "written_by": "" if _is_family(uow) else uow.actor.name,
    }
    row.sealed = seal(uow, "medicine_request", row.id, sealed)
    uow.session.flush()
    if data.sheet is not None:
        _keep(uow, row, data.sheet)
    how = _method(data)
    audit.record(
        uow,
        "daycare.medicine_asked",
        "medicine_request",
        row.id,
        diff={"child": [None, child.id], "signed": [None, how]},
    )
    return row


def _method(data: MedicineData) -> SignatureMethod:
    if data.sheet is not None:
        return SignatureMethod.SCAN
    return SignatureMethod.DRAWN if data.signature else SignatureMethod.TYPED


def _signature_problems(uow: UnitOfWork, data: MedicineData, daycare_id: int, child_id: int) -> list[Problem]:
    known = [one.name for one in guardians_for(uow, daycare_id, child_id)]
    if _is_family(uow):
        return check_own_signature(data.signature, data.signed_name, [uow.actor.name, *known])
    return check_sheet_signature(
        data.signed_name, known, data.signature, data.typed, scanned=data.sheet is not None
    )


def _keep(uow: UnitOfWork, row: MedicineRequest, sheet: Sheet) -> None:
    store_upload(
        uow, owner=SHEETS, owner_id=row.id, kind=SHEETS, filename=sheet.filename, content=sheet.content
    )


def withdraw_medicine(uow: UnitOfWork, ref: str, reason: str = "") -> None:
    """By the family; by staff with a reason (GC-18)."""
    row = _open(uow, ref)
    actions.ASK_MEDICINE.check(uow.actor, row.daycare_id)
    if _is_family(uow):
        _own(uow, row.child_id)
    elif not reason.strip():
        raise RuleBroken(WITHDRAW_REASON)
    if row.withdrawn_at is None:
        row.withdrawn_at = uow.now
        row.version += 1
        uow.session.flush()
        audit.record(
            uow,
            "daycare.medicine_withdrawn",
            "medicine_request",
            row.id,
            reason=reason.strip()[:300] or None,
        )


def _is_family(uow: UnitOfWork) -> bool:
    return actions.ASK_MEDICINE.reach(uow.actor.role) is Reach.OWN


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
    before = select(MedicineGiven.given_at).where(MedicineGiven.request_id == row.id)
    if refused := check_dose(row.times, uow.session.scalars(before).all(), at):
        raise RuleBroken(refused)
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
    """Named in an application of this daycare, for staff in one that was handed in; a guardian's own."""
    family = _is_family(uow)
    named = exists().where(
        ApplicationChild.child_id == Child.id,
        ApplicationChild.application_id == DaycareApplication.id,
        DaycareApplication.daycare_id == daycare_id,
        true() if family else DaycareApplication.state != ApplicationState.DRAFT,
    )
    row = uow.session.scalars(select(Child).where(Child.ref == ref, named)).first()
    if row is None:
        raise NotFound("child")
    if family:
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
