"""The part of the small whole world that is a daycare: a night in progress and every record of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from app.daycare import models as daycare
from app.daycare.sealed import seal
from app.documents.uploads import store_upload
from app.fees.models import Charge, Payment
from app.incidents.models import Incident
from app.insurance.models import InsurancePolicy
from app.kernel.actor import Role
from app.kernel.crypto import keys
from app.kernel.db import UnitOfWork
from app.kernel.ranges import kst
from app.people.models import Child, ChildCentre, GuardianChild
from app.restrictions.models import Restriction, RestrictionEvent, RestrictionGround
from app.tenancy.models import Institution
from app.tenancy.rules import InstitutionKind
from tests.booking.town import Family
from tests.cast_accounts import make_user

EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"]
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(60)
STROKES = [[[10, 10], [60, 40], [110, 12]]]


@dataclass(frozen=True)
class Nursery:
    """``refs`` by what they name; the ids of the house, of another one, of the regional centre; the baby."""

    refs: Mapping[str, str]
    daycare_id: int
    second_id: int
    regional_id: int
    child_id: int


def found_nursery(uow: UnitOfWork, family: Family) -> Nursery:
    """A daycare with one class, the family's baby inside since this morning, its records, a case against it."""
    place = Institution(kind=InstitutionKind.DAYCARE, name="금빛 어린이집", phone="0319824286")
    second = Institution(kind=InstitutionKind.DAYCARE, name="은빛 어린이집", phone="0319824287")
    regional = Institution(kind=InstitutionKind.REGIONAL_CENTRE, name="아동돌봄센터", phone="0319880271")
    uow.session.add_all([place, second, regional])
    uow.session.flush()
    baby = _baby(uow, family, place.id)
    _house(uow, second)
    refs = _house(uow, place)
    refs |= {"draft_application": _application(uow, second.id, family, baby, "DRAFT").ref}
    form = _application(uow, place.id, family, baby, "ACCEPTED")
    refs |= _room(uow, place.id, family, baby, refs["class"], form.id)
    refs |= _case(uow, family, place.id)
    refs |= {"daycare": place.ref, "baby": baby.ref, "application": form.ref, "check": "family"}
    refs |= {"step": "children", "case_file": "0" * 16, "operating_day": uow.today.isoformat()}
    return Nursery(refs, place.id, second.id, regional.id, baby.id)


def staff_of(uow: UnitOfWork, nursery: Nursery) -> dict[Role, int]:
    """Who works in the daycare and in the regional centre: role → user id."""
    where = {
        Role.DAYCARE_DIRECTOR: (nursery.daycare_id, "원장님"),
        Role.DAYCARE_TEACHER: (nursery.daycare_id, "교사님"),
        Role.COORDINATOR: (nursery.regional_id, "간사님"),
        Role.REGIONAL_DIRECTOR: (nursery.regional_id, "센터장님"),
    }
    return {role: make_user(uow, role, house, name=name).id for role, (house, name) in where.items()}


def _baby(uow: UnitOfWork, family: Family, daycare_id: int) -> Child:
    child = Child(
        name="김아기", birth_date=date(2023, 5, 5), sex="FEMALE", in_school=False, created_at=uow.now
    )
    uow.session.add(child)
    uow.session.flush()
    tie = GuardianChild(
        guardian_id=family.guardian_id, child_id=child.id, relation="PARENT", created_at=uow.now
    )
    uow.session.add_all([tie, ChildCentre(child_id=child.id, centre_id=daycare_id, since=uow.now)])
    uow.session.flush()
    return child


def _house(uow: UnitOfWork, place: Institution) -> dict[str, str]:
    session, today = uow.session, uow.today
    session.add(
        daycare.Daycare(
            id=place.id, letter="경기-1", designated_on=date(2026, 1, 1), account="농협 301-0000-0000"
        )
    )
    session.flush()
    group = daycare.DaycareClass(
        daycare_id=place.id, name="햇님반", weekdays=EVERY_DAY, starts_on=date(2026, 1, 1), created_at=uow.now
    )
    closure = daycare.DaycareClosure(
        daycare_id=place.id, operating_day=today + timedelta(days=20), reason="소독", created_at=uow.now
    )
    policies = [
        InsurancePolicy(
            institution_id=place.id, kind=kind, insurer="어린이집안전공제회", number="A-1", created_at=uow.now,
            starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31),
        )
        for kind in ("DAYCARE_MUTUAL", "DAYCARE_HOURLY_RIDER")
    ]  # fmt: skip
    session.add_all([daycare.DaycareGate(daycare_id=place.id), group, closure, *policies])
    session.flush()
    policies[0].upload_id = store_upload(
        uow, owner="insurance_policy", owner_id=policies[0].id, kind="certificate", filename="증권.pdf",
        content=b"%PDF-1.4\n%%EOF\n", institution_id=place.id,
    ).id  # fmt: skip
    shift = daycare.RosterShift(
        daycare_id=place.id, class_id=group.id, operating_day=today, teacher="교사님", created_at=uow.now,
        period=Range(kst(today, 450), kst(today, 1890)),
    )  # fmt: skip
    session.add(shift)
    session.flush()
    return {"class": group.ref, "closure": closure.ref, "policy": policies[0].ref, "shift": shift.ref}


def _application(
    uow: UnitOfWork, daycare_id: int, family: Family, baby: Child, state: str
) -> daycare.DaycareApplication:
    session = uow.session
    form = daycare.DaycareApplication(
        daycare_id=daycare_id, guardian_id=family.guardian_id, state=state, channel="ONLINE",
        purpose="double_income", submitted_at=uow.now, created_at=uow.now,
        consents=dict.fromkeys(("first_aid", "going_home", "rules", "privacy", "survey", "meals"), True),
    )  # fmt: skip
    session.add(form)
    session.flush()
    answers = daycare.ApplicationChild(
        application_id=form.id, child_id=baby.id, position=1, qualification="HOME"
    )
    first = daycare.ApplicationGuardian(
        application_id=form.id, position=1, guardian_id=family.guardian_id, relation="모", name="김보호",
        phone="01011112222", birth_date=date(1990, 1, 1),
    )  # fmt: skip
    session.add_all([answers, first])
    session.flush()
    words = {"disease": False, "allergy": True, "allergy_food": "땅콩", "medicine": False}
    answers.sealed = seal(uow, "application_child", answers.id, words)
    return form


def _room(
    uow: UnitOfWork, daycare_id: int, family: Family, baby: Child, class_ref: str, form_id: int
) -> dict[str, str]:
    session, today = uow.session, uow.today
    group = session.scalars(select(daycare.DaycareClass).filter_by(ref=class_ref)).one()
    inside = _booking(uow, daycare_id, family, baby, form_id, today, "IN_CARE")
    coming = _booking(uow, daycare_id, family, baby, form_id, today + timedelta(days=2), "REQUESTED")
    here, next_one = (
        daycare.DaycareStay(
            booking_id=row.id, daycare_id=daycare_id, class_id=group.id, child_id=baby.id,
            operating_day=row.first_day, planned=Range(kst(row.first_day, 540), kst(row.first_day, 1200)),
            state="PLANNED",
        )
        for row in (inside, coming)
    )  # fmt: skip
    here.state, here.in_at, here.in_person, here.in_signature = "INSIDE", uow.now, "김보호(모)", STROKES
    session.add_all([here, next_one])
    session.flush()
    incident = _incident(uow, daycare_id, baby, here)
    refs = _notes(uow, daycare_id, family, baby, group, here)
    return refs | {
        "daycare_booking": coming.ref,
        "inside_booking": inside.ref,
        "inside": here.ref,
        "coming": next_one.ref,
        "incident": incident.ref,
        "payment": _money(uow, daycare_id, family, baby, inside).ref,
    }


def _notes(
    uow: UnitOfWork,
    daycare_id: int,
    family: Family,
    baby: Child,
    group: daycare.DaycareClass,
    stay: daycare.DaycareStay,
) -> dict[str, str]:
    """What is written down beside the stays: calls, journal, meal, medicine, a note to call back."""
    session, today = uow.session, uow.today
    of_baby = {"daycare_id": daycare_id, "child_id": baby.id, "created_at": uow.now}
    of_class = {"daycare_id": daycare_id, "class_id": group.id, "operating_day": today, "created_at": uow.now}
    call, announced = (
        daycare.PriorContact(
            **of_baby, called_at=uow.now, caller="김보호", caller_phone="01011112222", person=person,
            relation="이모", valid_on=today, recorded_by=recorded_by,
        )
        for person, recorded_by in (("이모님", "교사님"), ("고모님", ""))
    )  # fmt: skip
    journal = daycare.Journal(**of_class, teacher="교사님", entries={"activities": "블록 놀이"})
    note = daycare.CallBack(
        **of_baby, guardian_id=family.guardian_id, operating_day=today, phone="01011112222",
        wanted=Range(kst(today, 1200), kst(today, 1890)),
    )  # fmt: skip
    asked = daycare.MedicineRequest(
        **of_baby,
        stay_id=stay.id,
        starts_on=today,
        ends_on=today,
        sealed=b"",
        times=["12:30"],
        signed_name="김보호",
    )
    photo = store_upload(
        uow, owner="daycare", owner_id=daycare_id, kind="meal", filename="밥.png", content=PICTURE,
        institution_id=daycare_id,
    )  # fmt: skip
    meal = daycare.Meal(**of_class, kind="LUNCH", menu="죽", not_reused=True, upload_id=photo.id)
    session.add_all([call, announced, journal, note, asked, meal])
    session.flush()
    store_upload(
        uow, owner="medicine_request", owner_id=asked.id, kind="medicine_request", filename="의뢰서.png",
        content=PICTURE, institution_id=daycare_id,
    )  # fmt: skip
    session.flush()
    words = {"symptom": "콧물", "medicine": "시럽", "dose": "5 mL", "kept": "냉장", "remarks": ""}
    asked.sealed = seal(uow, "medicine_request", asked.id, words)
    return {
        "call": call.ref,
        "announced": announced.ref,
        "journal": journal.ref,
        "call_back": note.ref,
        "asked": asked.ref,
        "meal": meal.ref,
    }


def _money(
    uow: UnitOfWork, daycare_id: int, family: Family, baby: Child, booking: daycare.DaycareBooking
) -> Payment:
    account = {
        "service": "DAYCARE", "institution_id": daycare_id, "guardian_id": family.guardian_id,
        "subject": "daycare_booking", "subject_id": booking.id, "created_at": uow.now,
    }  # fmt: skip
    charge = Charge(
        **account, child_id=baby.id, kind="BOOKING", amount=33000, service_date=uow.today, due_on=uow.today
    )
    row = Payment(
        **account, kind="PAYMENT", method="card", amount=33000, paid_at=uow.now, receipt_number="2026-24-R1"
    )
    uow.session.add_all([charge, row])
    uow.session.flush()
    return row


def _booking(
    uow: UnitOfWork, daycare_id: int, family: Family, baby: Child, form_id: int, day: date, state: str
) -> daycare.DaycareBooking:
    row = daycare.DaycareBooking(
        number=f"2026-24-{day.day:04d}", daycare_id=daycare_id, application_id=form_id,
        child_id=baby.id, guardian_id=family.guardian_id, first_day=day, last_day=day, channel="ONLINE",
        received_at=uow.now - timedelta(days=2), contact_phone="01011112222", state=state, fee_hour=3000,
        quoted=33000, created_at=uow.now,
    )  # fmt: skip
    uow.session.add(row)
    uow.session.flush()
    return row


def _incident(uow: UnitOfWork, daycare_id: int, baby: Child, stay: daycare.DaycareStay) -> Incident:
    row = Incident(
        institution_id=daycare_id, child_id=baby.id, subject="daycare_stay", subject_id=stay.id, kind="ACCIDENT",
        happened_at=uow.now, place="놀이방", sealed=b"", created_at=uow.now,
    )  # fmt: skip
    uow.session.add(row)
    uow.session.flush()
    row.sealed = keys().encrypt(
        '{"what": "넘어짐", "done": []}', f"{uow.tenant.slug}|incident.sealed|{row.id}"
    )
    return row


def _case(uow: UnitOfWork, family: Family, daycare_id: int) -> dict[str, str]:
    event = RestrictionEvent(
        guardian_id=family.guardian_id, service="DAYCARE", institution_id=daycare_id, kind="NO_SHOW",
        occurred_on=uow.today, occurred_at=uow.now, created_at=uow.now,
    )  # fmt: skip
    case = Restriction(
        number="2026-RS-0001", guardian_id=family.guardian_id, service="ANYTIME", ground="NO_SHOWS", level="M1",
        months=1, state="STATEMENT", report="연락 없이 오지 않음", statement_asked_at=uow.now,
        statement_due=uow.today + timedelta(days=7), created_at=uow.now,
    )  # fmt: skip
    own = Restriction(
        number="2026-RS-0002", guardian_id=family.guardian_id, service="DAYCARE", institution_id=daycare_id,
        ground="RULE_BREACH", level="DAYCARE", state="NOTIFIED", created_at=uow.now, decision_reason="약속을 어김",
        starts_on=uow.today + timedelta(days=1), ends_on=uow.today + timedelta(days=30), notified_at=uow.now,
        objection_due=uow.today + timedelta(days=14),
    )  # fmt: skip
    proof = store_upload(
        uow,
        owner="guardian",
        owner_id=family.guardian_id,
        kind="restriction",
        filename="확인서.pdf",
        content=b"%PDF-1.4\n%%EOF\n",
    )
    event.upload_id = proof.id
    uow.session.add_all([event, case, own])
    uow.session.flush()
    uow.session.add(RestrictionGround(restriction_id=case.id, event_id=event.id))
    return {"event": event.ref, "case": case.ref, "own_case": own.ref, "proof": proof.ref}
