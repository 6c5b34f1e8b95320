"""One booking under the gate of its daycare: how every command about it begins, and how its state moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.accounts.contacts import contacts_of
from app.daycare import beds
from app.daycare.gate import enter_gate
from app.daycare.models import DaycareBooking, DaycareStay
from app.daycare.policy import policy_at
from app.daycare.queries.place import DaycareRow
from app.daycare.rules.cancellation import NOT_THE_BOOKER
from app.daycare.rules.policy import DaycarePolicy
from app.daycare.rules.states import BOOKING_STEPS, IN_BED, SYSTEM, BookingState, StayState
from app.daycare.times import when_text
from app.kernel import audit
from app.kernel.actions import Action, Reach
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, RuleBroken, StaleVersion
from app.messaging.service import plan_message
from app.people.models import Child, Guardian, GuardianChild

SUBJECT = "daycare_booking"


@dataclass(frozen=True, slots=True)
class Case:
    """A booking with its stays in order, locked; ``policy`` is that of its first day."""

    daycare: DaycareRow
    booking: DaycareBooking
    stays: list[DaycareStay]
    child: Child
    policy: DaycarePolicy

    @property
    def state(self) -> BookingState:
        return BookingState(self.booking.state)

    @property
    def planned(self) -> list[DaycareStay]:
        return [stay for stay in self.stays if stay.state == StayState.PLANNED]

    @property
    def holding(self) -> list[DaycareStay]:
        return [stay for stay in self.stays if stay.state in IN_BED]


def open_case(uow: UnitOfWork, ref: str, action: Action, *, version: int | None = None) -> Case:
    """Find, check who asks, lock. Raises NotFound, Forbidden; StaleVersion when ``version`` is not today's."""
    row = uow.session.execute(
        select(DaycareBooking.id, DaycareBooking.daycare_id, DaycareBooking.child_id).where(
            DaycareBooking.ref == ref
        )
    ).first()
    if row is None:
        raise NotFound(SUBJECT)
    action.check(uow.actor, row.daycare_id)
    if action.reach(uow.actor.role) is Reach.OWN and not is_own_child(uow, row.child_id):
        raise NotFound(SUBJECT)
    daycare = enter_gate(uow, row.daycare_id, [row.child_id])
    case = case_in(uow, daycare, row.id)
    if action.reach(uow.actor.role) is Reach.OWN and case.booking.guardian_id != uow.actor.guardian_id:
        raise RuleBroken(NOT_THE_BOOKER)
    if version is not None and case.booking.version != version:
        raise StaleVersion(SUBJECT)
    return case


def open_stay(
    uow: UnitOfWork, ref: str, action: Action, *, version: int | None = None
) -> tuple[Case, DaycareStay]:
    """The same by one of its stays; ``version`` is the stay's."""
    found = uow.session.execute(
        select(DaycareBooking.ref, DaycareStay.id)
        .join(DaycareStay, DaycareStay.booking_id == DaycareBooking.id)
        .where(DaycareStay.ref == ref)
    ).first()
    if found is None:
        raise NotFound("daycare_stay")
    case = open_case(uow, found.ref, action)
    stay = next(stay for stay in case.stays if stay.id == found.id)
    if version is not None and stay.version != version:
        raise StaleVersion("daycare_stay")
    return case, stay


def case_in(uow: UnitOfWork, daycare: DaycareRow, booking_id: int) -> Case:
    """The rows, read and locked behind the gate."""
    booking, child = uow.session.execute(
        select(DaycareBooking, Child)
        .join(Child, Child.id == DaycareBooking.child_id)
        .where(DaycareBooking.id == booking_id)
        .with_for_update(of=DaycareBooking)
        .execution_options(populate_existing=True)
    ).one()
    stays = beds.stays_of(uow, booking_id)
    policy = policy_at(uow, daycare.place, booking.first_day)
    return Case(daycare, booking, stays, child, policy)


def is_own_child(uow: UnitOfWork, child_id: int) -> bool:
    return uow.actor.guardian_id is not None and bool(
        uow.session.scalar(
            select(GuardianChild.id).where(
                GuardianChild.child_id == child_id, GuardianChild.guardian_id == uow.actor.guardian_id
            )
        )
    )


def move(
    uow: UnitOfWork,
    booking: DaycareBooking,
    after: BookingState,
    action: str,
    *,
    reason: str | None = None,
    diff: Mapping[str, Any] | None = None,
    role: str | None = None,
) -> None:
    """Change the state if the table lets this role, and write it down (AD-31, GC-18).

    ``role`` stands in for the actor's where the house acts on somebody's decision elsewhere.
    """
    before = BookingState(booking.state)
    if refused := BOOKING_STEPS.check(before, after, role or uow.actor.role.value):
        raise RuleBroken(refused)
    booking.state = after
    booking.version += 1
    audit.record(
        uow,
        action,
        SUBJECT,
        booking.id,
        from_state=before,
        to_state=after,
        reason=reason or None,
        diff=dict(diff or {}),
    )


def complete_if_over(uow: UnitOfWork, case: Case) -> None:
    """Nothing of the booking is left to come: it is complete, or nobody ever came (AD-31)."""
    if case.holding or case.state not in (BookingState.IN_CARE, BookingState.CONFIRMED, BookingState.PAID):
        return
    if any(stay.state == StayState.LEFT for stay in case.stays):
        move(uow, case.booking, BookingState.COMPLETED, "daycare.completed", role=SYSTEM)
    elif any(stay.state == StayState.NO_SHOW for stay in case.stays):
        move(uow, case.booking, BookingState.NO_SHOW, "daycare.no_show", role=SYSTEM)


def guardian_of(uow: UnitOfWork, case: Case) -> Guardian:
    return uow.session.get_one(Guardian, case.booking.guardian_id)


def tell(uow: UnitOfWork, case: Case, key: str, *, urgent: bool = False, **more: Any) -> None:
    """Plan a message to the number given with the booking."""
    values = {
        "daycare": case.daycare.name,
        "phone": case.daycare.phone,
        "child": case.child.name,
        "number": case.booking.number,
        "when": when_text(case.stays),
        **more,
    }
    plan_message(
        uow,
        key,
        case.booking.contact_phone,
        values,
        subject=SUBJECT,
        subject_id=case.booking.id,
        urgent=urgent,
    )


def tell_director(
    uow: UnitOfWork, daycare: DaycareRow, key: str, values: Mapping[str, Any], **more: Any
) -> None:
    """Those who direct the daycare; where nobody has a number, the daycare itself."""
    for to in contacts_of(uow, daycare.id, {Role.DAYCARE_DIRECTOR}) or [daycare.phone]:
        plan_message(uow, key, to, values, subject="daycare", subject_id=daycare.id, **more)
