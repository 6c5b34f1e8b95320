"""What a family reads of its own child: who is on duty with it, the day's journal, medicine, receipts, pick-up notes.

A journal is written for a class: a family reads its plan, activities, meals and sleep, and of meals and medicine only
what concerns its own child or all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select

from app.daycare.models import (
    DaycareBooking,
    DaycareClass,
    DaycareStay,
    Journal,
    Meal,
    MedicineGiven,
    MedicineRequest,
    PriorContact,
)
from app.daycare.queries import agreements, shifts_of
from app.daycare.rules.days import operating_day
from app.daycare.rules.journal import HEADINGS
from app.daycare.rules.meals import MealKind
from app.daycare.rules.presence import operating_days
from app.daycare.rules.states import JournalState
from app.documents.models import Paper, Upload
from app.fees.models import Payment
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound
from app.people.models import Child, GuardianChild

TOLD = ("plan", "activities", "meals", "sleep")
"""Headings a family reads; the others may speak of other children."""


@dataclass(frozen=True, slots=True)
class OwnStay:
    """A stay of the signed-in guardian's own child."""

    id: int
    ref: str
    booking_id: int
    daycare_id: int
    class_id: int
    class_name: str
    child_id: int
    child_ref: str
    child: str
    operating_day: date
    in_at: datetime | None
    out_at: datetime | None
    note: str


def own_stay(uow: UnitOfWork, booking_ref: str, stay_ref: str) -> OwnStay:
    """Raises NotFound for unknown and for other families' alike."""
    row = uow.session.execute(
        select(
            DaycareStay.id,
            DaycareStay.ref,
            DaycareStay.booking_id,
            DaycareStay.daycare_id,
            DaycareStay.class_id,
            DaycareClass.name.label("class_name"),
            DaycareStay.child_id,
            Child.ref.label("child_ref"),
            Child.name.label("child"),
            DaycareStay.operating_day,
            DaycareStay.in_at,
            DaycareStay.out_at,
            DaycareStay.note,
        )
        .join(DaycareBooking, DaycareBooking.id == DaycareStay.booking_id)
        .join(DaycareClass, DaycareClass.id == DaycareStay.class_id)
        .join(Child, Child.id == DaycareStay.child_id)
        .join(GuardianChild, GuardianChild.child_id == Child.id)
        .where(
            DaycareBooking.ref == booking_ref,
            DaycareStay.ref == stay_ref,
            GuardianChild.guardian_id == (uow.actor.guardian_id or 0),
        )
    ).first()
    if row is None:
        raise NotFound("daycare_stay")
    return OwnStay(**row._asdict())


def carers_now(uow: UnitOfWork, daycare_id: int, class_name: str) -> list[str]:
    """The teachers on duty in that class at this minute, where the roster says."""
    day = operating_day(uow.now)
    found = [
        shift.teacher
        for shift in shifts_of(uow, daycare_id, day, day)
        if shift.class_name == class_name and shift.period.start <= uow.now < shift.period.end
    ]
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class MealTold:
    ref: str
    kind: MealKind
    menu: str
    amount: int
    pictured: bool


@dataclass(frozen=True, slots=True)
class DayTold:
    """One operating day of a stay: ``days`` has all that it touches. ``entries``: (heading, words); empty while the
    teacher still writes. ``doses``: when, and the teacher's note."""

    stay: OwnStay
    day: date
    days: Sequence[date]
    finished: bool
    entries: Sequence[tuple[str, str]]
    meals: Sequence[MealTold]
    doses: Sequence[tuple[datetime, str, str]]


def day_told(uow: UnitOfWork, stay: OwnStay, day: date | None = None) -> DayTold:
    """The child's ``day``, else its first one; the reading is logged. NotFound for a day without the child."""
    days = _days(uow, stay)
    day = day or days[0]
    if day not in days:
        raise NotFound("journal")
    journal = uow.session.scalars(
        select(Journal).where(Journal.class_id == stay.class_id, Journal.operating_day == day)
    ).first()
    finished = journal is not None and journal.state != JournalState.OPEN
    words = journal.entries if journal is not None and finished else {}
    audit.record_access(uow, "daycare.journal", "daycare_stay", stay.id)
    return DayTold(
        stay,
        day,
        days,
        finished,
        [(HEADINGS[key], words[key]) for key in TOLD if words.get(key, "").strip()],
        meals_told(uow, stay, day),
        _doses(uow, stay, day),
    )


def _days(uow: UnitOfWork, stay: OwnStay) -> list[date]:
    """Operating days the child was there; of a stay that has not begun, the one it is booked for."""
    if stay.in_at is None:
        return [stay.operating_day]
    return operating_days(stay.in_at, stay.out_at or max(uow.now, stay.in_at))


def meals_told(uow: UnitOfWork, stay: OwnStay, day: date | None = None) -> list[MealTold]:
    """What the class ate, if the family agreed to food (AD-23), and what the child alone ate."""
    rows = uow.session.execute(
        select(Meal.ref, Meal.kind, Meal.menu, Meal.amount, Meal.upload_id)
        .where(
            Meal.class_id == stay.class_id,
            Meal.operating_day.in_([day] if day else _days(uow, stay)),
            _eaten_by(uow, stay),
        )
        .order_by(Meal.id)
    )
    return [MealTold(r.ref, MealKind(r.kind), r.menu, r.amount, r.upload_id is not None) for r in rows]


def _eaten_by(uow: UnitOfWork, stay: OwnStay) -> ColumnElement[bool]:
    word = agreements(uow, stay.daycare_id, [stay.child_id]).get(stay.child_id)
    alone = Meal.stay_id == stay.id
    return or_(Meal.stay_id.is_(None), alone) if word and word.agreed else alone


def meal_picture(uow: UnitOfWork, stay: OwnStay, meal_ref: str) -> str:
    """The upload's ref; NotFound for a meal that was another child's."""
    row = uow.session.execute(
        select(Upload.ref)
        .join(Meal, Meal.upload_id == Upload.id)
        .where(
            Meal.ref == meal_ref,
            Meal.class_id == stay.class_id,
            Meal.operating_day.in_(_days(uow, stay)),
            _eaten_by(uow, stay),
        )
    ).first()
    if row is None:
        raise NotFound("meal")
    return str(row.ref)


def _doses(uow: UnitOfWork, stay: OwnStay, day: date) -> list[tuple[datetime, str, str]]:
    """Of the stay's ``day``; what was given in the half hour of the turn is still the night's."""
    rows = uow.session.execute(
        select(MedicineGiven.given_at, MedicineGiven.given_by, MedicineGiven.note)
        .join(MedicineRequest, MedicineRequest.id == MedicineGiven.request_id)
        .where(
            MedicineRequest.child_id == stay.child_id,
            MedicineRequest.daycare_id == stay.daycare_id,
            MedicineGiven.given_at >= stay.in_at,
            MedicineGiven.given_at <= (stay.out_at or uow.now),
        )
        .order_by(MedicineGiven.given_at)
    )
    last = _days(uow, stay)[-1]
    return [
        (row.given_at, row.given_by, row.note)
        for row in rows
        if min(operating_day(row.given_at), last) == day
    ]


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """``paper_ref`` leads to the PDF; None as long as nobody asked for it."""

    ref: str
    number: str
    paid_at: datetime
    amount: int
    paper_ref: str | None


def receipts_of(uow: UnitOfWork, booking_ref: str) -> list[ReceiptRow]:
    """Payments of the family's own booking, with their receipts."""
    rows = uow.session.execute(
        select(Payment.ref, Payment.receipt_number, Payment.paid_at, Payment.amount, Paper.ref)
        .join(
            DaycareBooking,
            (DaycareBooking.id == Payment.subject_id) & (Payment.subject == "daycare_booking"),
        )
        .outerjoin(Paper, Paper.id == Payment.paper_id)
        .where(
            DaycareBooking.ref == booking_ref,
            DaycareBooking.guardian_id == (uow.actor.guardian_id or 0),
        )
        .order_by(Payment.id)
    )
    return [ReceiptRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Announced:
    """Somebody else who comes for the child; ``confirmed``: the daycare has called back and recorded it."""

    ref: str
    person: str
    relation: str
    phone: str
    valid_on: date
    confirmed: bool


def announced(uow: UnitOfWork, daycare_id: int, child_id: int) -> list[Announced]:
    """From today on, the latest first."""
    rows = uow.session.scalars(
        select(PriorContact)
        .where(
            PriorContact.daycare_id == daycare_id,
            PriorContact.child_id == child_id,
            PriorContact.valid_on >= uow.today,
        )
        .order_by(PriorContact.id.desc())
    )
    return [Announced(r.ref, r.person, r.relation, r.phone, r.valid_on, bool(r.recorded_by)) for r in rows]


@dataclass(frozen=True, slots=True)
class OwnMedicine:
    ref: str
    starts_on: date
    ends_on: date
    times: Sequence[str]
    given: int
    withdrawn: bool


def medicine_of(uow: UnitOfWork, daycare_id: int, child_id: int) -> list[OwnMedicine]:
    """Requests of the child that still count, and yesterday's."""
    rows = uow.session.scalars(
        select(MedicineRequest)
        .where(
            MedicineRequest.daycare_id == daycare_id,
            MedicineRequest.child_id == child_id,
            MedicineRequest.ends_on >= operating_day(uow.now),
        )
        .order_by(MedicineRequest.id.desc())
    ).all()
    counts: dict[int, int] = {}
    for request_id in uow.session.scalars(
        select(MedicineGiven.request_id).where(MedicineGiven.request_id.in_([row.id for row in rows]))
    ):
        counts[request_id] = counts.get(request_id, 0) + 1
    return [
        OwnMedicine(
            row.ref,
            row.starts_on,
            row.ends_on,
            row.times,
            counts.get(row.id, 0),
            row.withdrawn_at is not None,
        )
        for row in rows
    ]
