"""다른 분이 데리러 가요: a guardian announces somebody; it counts once the daycare has called back (AD-22).

An announced contact has nobody under ``recorded_by``: the door does not know it yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, select

from app.daycare import actions
from app.daycare.models import ApplicationChild, DaycareApplication, PriorContact
from app.daycare.parent_messages import PICKUP_ANNOUNCED, PICKUP_CONFIRMED
from app.daycare.queries import DaycareRow, daycare_by_id, daycare_by_ref
from app.daycare.rules.states import VALID
from app.daycare.service.case import tell_director
from app.daycare.service.contacts import CONTACT_DAY, CONTACT_REACH, NOT_A_GUARDIAN, is_listed
from app.kernel import audit, submission
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Forbidden, NotFound, Problem, RuleBroken
from app.kernel.texts import day_text, phone_text
from app.messaging.service import plan_message
from app.people.models import Child, Guardian
from app.people.phones import clean_phone
from app.people.queries import own_child

ONLY_THE_GUARDIAN = "daycare.announce_pickup"
WORDS_MISSING = Problem(
    "daycare.pickup_words", N_("데리러 오는 분의 이름과 관계를 적어 주세요."), rule="AD-22", field="person"
)
NO_APPLICATION = Problem(
    "daycare.pickup_no_application",
    N_("이 어린이집에 낸 이용신청서가 없어요. 이용신청서를 먼저 내 주세요."),
    rule="AD-18",
)


@dataclass(frozen=True, slots=True)
class Pickup:
    """Who comes for a child (ref) on an operating day."""

    daycare: str
    child: str
    person: str
    relation: str
    phone: str
    valid_on: date


def announce_pickup(uow: UnitOfWork, request_id: str, data: Pickup) -> PriorContact:
    """By the signed-in guardian; the daycare is told and calls back. Raises RuleBroken, NotFound."""
    submission.submit_once(uow, request_id)
    guardian = uow.session.get(Guardian, uow.actor.guardian_id or 0)
    if uow.actor.role is not Role.GUARDIAN or guardian is None:
        raise Forbidden(ONLY_THE_GUARDIAN)
    daycare, child = daycare_by_ref(uow, data.daycare), own_child(uow, data.child)
    problems = []
    if not (data.person.strip() and data.relation.strip()):
        problems.append(WORDS_MISSING)
    if not uow.today <= data.valid_on <= uow.today + CONTACT_REACH:
        problems.append(CONTACT_DAY)
    if not _has_application(uow, daycare, child.id):
        problems.append(NO_APPLICATION)
    if problems:
        raise RuleBroken(problems)
    row = PriorContact(
        daycare_id=daycare.id,
        child_id=child.id,
        called_at=uow.now,
        caller=guardian.name,
        caller_phone=guardian.phone,
        person=data.person.strip()[:40],
        relation=data.relation.strip()[:20],
        phone=clean_phone(data.phone),
        valid_on=data.valid_on,
        recorded_by="",
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(row)
    uow.session.flush()
    audit.record(uow, "daycare.pickup_announced", "prior_contact", row.id, diff={"child": [None, child.id]})
    values = {"day": day_text(data.valid_on), "phone": phone_text(guardian.phone)}
    tell_director(uow, daycare, PICKUP_ANNOUNCED, values, urgent=data.valid_on == uow.today)
    return row


def confirm_pickup(uow: UnitOfWork, ref: str) -> PriorContact:
    """The daycare has called the guardian back: from now on the door knows the person.

    Only who stands on the accepted list may announce somebody (AD-22). Raises RuleBroken.
    """
    row = _open(uow, ref)
    actions.PRIOR_CONTACT.check(uow.actor, row.daycare_id)
    if not row.recorded_by:
        if not is_listed(uow, row.daycare_id, row.child_id, row.caller_phone):
            raise RuleBroken(NOT_A_GUARDIAN)
        row.recorded_by, row.called_at = uow.actor.name[:40], uow.now
        uow.session.flush()
        audit.record(uow, "daycare.prior_contact", "prior_contact", row.id)
        name = daycare_by_id(uow, row.daycare_id).name
        values = {"daycare": name, "person": row.person, "day": day_text(row.valid_on)}
        plan_message(
            uow, PICKUP_CONFIRMED, row.caller_phone, values, subject="prior_contact", subject_id=row.id
        )
    return row


def withdraw_pickup(uow: UnitOfWork, ref: str) -> None:
    """The guardian comes after all, as long as the daycare has not recorded it."""
    row = _open(uow, ref)
    if uow.actor.role is not Role.GUARDIAN or row.created_by != uow.actor.user_id or row.recorded_by:
        raise NotFound("prior_contact")
    audit.record(uow, "daycare.pickup_withdrawn", "prior_contact", row.id)
    uow.session.delete(row)
    uow.session.flush()


@dataclass(frozen=True, slots=True)
class AnnouncedRow:
    ref: str
    child: str
    caller: str
    caller_phone: str
    person: str
    relation: str
    phone: str
    valid_on: date
    announced_at: datetime


def announced_pickups(uow: UnitOfWork, daycare_id: int) -> list[AnnouncedRow]:
    """What waits for the daycare's call, the nearest day first."""
    rows = uow.session.execute(
        select(PriorContact, Child.name)
        .join(Child, Child.id == PriorContact.child_id)
        .where(
            PriorContact.daycare_id == daycare_id,
            PriorContact.recorded_by == "",
            PriorContact.valid_on >= uow.today,
        )
        .order_by(PriorContact.valid_on, PriorContact.id)
    )
    return [
        AnnouncedRow(
            row.ref,
            child,
            row.caller,
            row.caller_phone,
            row.person,
            row.relation,
            row.phone,
            row.valid_on,
            row.created_at,
        )
        for row, child in rows
    ]


def _has_application(uow: UnitOfWork, daycare: DaycareRow, child_id: int) -> bool:
    named = exists().where(
        ApplicationChild.application_id == DaycareApplication.id,
        ApplicationChild.child_id == child_id,
        DaycareApplication.daycare_id == daycare.id,
        DaycareApplication.state.in_(sorted(VALID)),
    )
    return bool(uow.session.scalar(select(named)))


def _open(uow: UnitOfWork, ref: str) -> PriorContact:
    row = uow.session.scalars(
        select(PriorContact)
        .where(PriorContact.ref == ref)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound("prior_contact")
    return row
