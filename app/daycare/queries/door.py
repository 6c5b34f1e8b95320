"""What the screen at the door shows of one stay before it is signed (AD-18, AD-21, AD-22)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import select

from app.daycare import actions
from app.daycare.listed import waits_for_acceptance
from app.daycare.models import DaycareBooking, DaycareStay
from app.daycare.queries.applications import PersonRow, marks_of, people_at_door
from app.daycare.queries.bookings import STAYS, SUBJECT, BookingRow, StayRow, booking_detail, stay_rows
from app.daycare.queries.notes import ContactRow, prior_contacts
from app.daycare.queries.place import daycare_by_id
from app.daycare.rules.days import operating_day
from app.daycare.rules.eligibility import months_on
from app.daycare.rules.handover import NOT_INSIDE, check_paid
from app.daycare.rules.states import StayState
from app.daycare.threshold import Threshold, at_threshold
from app.fees.queries import balance_of
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, Problem


@dataclass(frozen=True, slots=True)
class DoorView:
    """``problems``: what stands against it now; ``contacts``: valid on the running operating day; ``waits``: the
    family named its guardians anew and nobody accepted that yet; ``other_class``: takes the child in, its own is full.
    """

    stay: StayRow
    booking: BookingRow
    daycare_id: int
    child: str
    months: int
    marks: frozenset[str]
    people: tuple[PersonRow, ...]
    contacts: tuple[ContactRow, ...]
    problems: tuple[Problem, ...]
    balance: int
    waits: bool = False
    other_class: str = ""


EntryView: TypeAlias = DoorView
ExitView: TypeAlias = DoorView


def stay_for_entry(uow: UnitOfWork, stay_ref: str) -> EntryView:
    return _view(uow, stay_ref, entering=True)


def stay_for_exit(uow: UnitOfWork, stay_ref: str) -> ExitView:
    return _view(uow, stay_ref, entering=False)


def _view(uow: UnitOfWork, stay_ref: str, *, entering: bool) -> DoorView:
    found = uow.session.execute(
        select(DaycareStay, DaycareBooking)
        .join(DaycareBooking, DaycareBooking.id == DaycareStay.booking_id)
        .where(DaycareStay.ref == stay_ref)
    ).first()
    if found is None:
        raise NotFound("daycare_stay")
    stay, booking = found
    actions.HAND_OVER.check(uow.actor, stay.daycare_id)
    daycare = daycare_by_id(uow, stay.daycare_id)
    [row] = stay_rows(uow, STAYS.where(DaycareStay.id == stay.id))
    balance = balance_of(uow, SUBJECT, booking.id)
    problems: list[Problem] = []
    threshold = Threshold(())
    if entering:
        threshold = at_threshold(uow, daycare, booking, stay)
        problems += threshold.problems
        if unpaid := check_paid(balance, "", director=False):
            problems.append(unpaid)
    elif stay.state != StayState.INSIDE:
        problems.append(NOT_INSIDE)
    detail = booking_detail(uow, booking.ref)
    audit.record_access(uow, "daycare.door", "child", stay.child_id)
    return DoorView(
        stay=row,
        booking=detail.row,
        daycare_id=daycare.id,
        child=row.child,
        months=months_on(row.birth_date, uow.today),
        marks=marks_of(uow, daycare.id, [stay.child_id])[stay.child_id],
        people=people_at_door(uow, daycare.id, [booking.guardian_id])[booking.guardian_id],
        contacts=tuple(prior_contacts(uow, daycare, operating_day(uow.now), child_id=stay.child_id)),
        problems=tuple(problems),
        balance=balance,
        waits=waits_for_acceptance(uow, booking.application_id),
        other_class=threshold.group.name if threshold.group else "",
    )
