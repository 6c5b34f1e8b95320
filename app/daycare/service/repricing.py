"""Accepting an application fixes what its children's bookings cost: those to come, and those that stand (AD-15)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.daycare import beds
from app.daycare.accepted import keep, said_in
from app.daycare.messages import REPRICED
from app.daycare.models import DaycareApplication, DaycareBooking
from app.daycare.policy import policy_at
from app.daycare.queries.place import DaycareRow, daycare_by_id
from app.daycare.rules.states import HOLDING
from app.daycare.rules.tariff import Terms
from app.daycare.service import money
from app.daycare.service.case import SUBJECT, Case, case_in, tell
from app.daycare.times import when_text
from app.fees.queries import balance_of
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_
from app.people.models import Child


@dataclass(frozen=True, slots=True)
class Repriced:
    """A standing booking whose price would be another, in won."""

    ref: str
    number: str
    child: str
    when: str
    before: int
    after: int


def repriced_by(uow: UnitOfWork, application_ref: str) -> list[Repriced]:
    """What accepting the application would change, for the director to see before; nothing is locked or written."""
    row = uow.session.scalars(
        select(DaycareApplication).where(DaycareApplication.ref == application_ref)
    ).one()
    daycare, said = daycare_by_id(uow, row.daycare_id), said_in(uow, row)
    found = []
    for booking in uow.session.scalars(
        select(DaycareBooking).where(DaycareBooking.id.in_(_standing(uow, row))).order_by(DaycareBooking.id)
    ):
        if (child := said.get(booking.child_id)) is None:
            continue
        stays = beds.stays_of(uow, booking.id)
        person = uow.session.get_one(Child, booking.child_id)
        case = Case(daycare, booking, stays, person, policy_at(uow, daycare.place, booking.first_day))
        wanted = Terms(booking.fee_hour, child.qualification, child.free_category)
        before, after = money.due(uow, case), money.due(uow, case, wanted)
        if before != after:
            when = when_text(stays)
            found.append(Repriced(booking.ref, booking.number, person.name, when, before, after))
    return found


def accept_terms(uow: UnitOfWork, daycare: DaycareRow, row: DaycareApplication) -> None:
    """From now on the price follows what this application says. Behind the daycare's gate; the families are told."""
    cases = [case_in(uow, daycare, booking_id) for booking_id in _standing(uow, row)]
    before = {case.booking.id: money.due(uow, case) for case in cases}
    keep(uow, row)
    said = said_in(uow, row)
    for case in cases:
        if child := said.get(case.booking.child_id):
            case.booking.free_category = child.free_category
        if money.due(uow, case) != before[case.booking.id]:
            _reprice(uow, case, before[case.booking.id])


def _reprice(uow: UnitOfWork, case: Case, before: int) -> None:
    money.requote(uow, case)
    money.settle(uow, case, uow.today, N_("이용신청서 접수"))
    balance = balance_of(uow, SUBJECT, case.booking.id)
    rest = f"\n더 낼 돈 {balance:,}원" if balance > 0 else f"\n돌려드릴 돈 {-balance:,}원" if balance else ""
    tell(uow, case, REPRICED, before=f"{before:,}", amount=f"{case.booking.quoted:,}", rest=rest)


def _standing(uow: UnitOfWork, row: DaycareApplication) -> list[int]:
    """The family's bookings here that are not over, by id."""
    return list(
        uow.session.scalars(
            select(DaycareBooking.id)
            .where(
                DaycareBooking.daycare_id == row.daycare_id,
                DaycareBooking.guardian_id == row.guardian_id,
                DaycareBooking.state.in_(sorted(HOLDING)),
            )
            .order_by(DaycareBooking.id)
        )
    )
