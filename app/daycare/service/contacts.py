"""Calls that are written down: who comes for a child instead, whom to call when a bed is free (AD-22, AD-34)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import Range

from app.daycare import actions
from app.daycare.listed import listed_for
from app.daycare.models import (
    ApplicationChild,
    CallBack,
    DaycareApplication,
    PriorContact,
)
from app.daycare.policy import policy_at
from app.daycare.queries.place import daycare_by_ref
from app.daycare.rules.request import check_note
from app.kernel import audit
from app.kernel.actions import Reach
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken
from app.kernel.ranges import kst
from app.people.models import Child, Guardian, GuardianChild
from app.people.phones import clean_phone

WORDS_MISSING = Problem(
    "daycare.contact_words",
    N_("전화한 보호자와 데리러 올 사람의 이름, 관계를 모두 적어 주세요."),
    rule="AD-22",
    field="person",
)
NOT_A_GUARDIAN = Problem(
    "daycare.contact_not_guardian",
    N_("신청서에 적힌 보호자의 번호가 아니에요. 적힌 번호로 다시 전화해 확인해 주세요."),
    rule="AD-22",
    field="caller_phone",
)
CONTACT_DAY = Problem(
    "daycare.contact_day",
    N_("오늘이나 앞으로 7일 안의 날을 골라 주세요."),
    rule="AD-22",
    field="valid_on",
)
CONTACT_REACH = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ContactData:
    """A registered guardian (``caller``, from ``caller_phone``) says who comes on ``valid_on`` (operating day)."""

    daycare: str
    child: str
    caller: str
    caller_phone: str
    person: str
    relation: str
    valid_on: date
    phone: str = ""


def record_contact(uow: UnitOfWork, data: ContactData) -> PriorContact:
    """Only a guardian named in the application may announce somebody, from the number written there."""
    daycare = daycare_by_ref(uow, data.daycare)
    actions.PRIOR_CONTACT.check(uow.actor, daycare.id)
    child = _child_here(uow, daycare.id, data.child)
    problems = []
    if not (data.caller.strip() and data.person.strip() and data.relation.strip()):
        problems.append(WORDS_MISSING)
    if not uow.today - timedelta(days=1) <= data.valid_on <= uow.today + CONTACT_REACH:
        problems.append(CONTACT_DAY)
    caller_phone = clean_phone(data.caller_phone, field="caller_phone")
    if not is_listed(uow, daycare.id, child.id, caller_phone):
        problems.append(NOT_A_GUARDIAN)
    if problems:
        raise RuleBroken(problems)
    row = PriorContact(
        daycare_id=daycare.id,
        child_id=child.id,
        called_at=uow.now,
        caller=data.caller.strip()[:40],
        caller_phone=caller_phone,
        person=data.person.strip()[:40],
        relation=data.relation.strip()[:20],
        phone=clean_phone(data.phone) if data.phone.strip() else "",
        valid_on=data.valid_on,
        recorded_by=uow.actor.name[:40],
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(row)
    uow.session.flush()
    audit.record(uow, "daycare.prior_contact", "prior_contact", row.id, diff={"child": [None, child.id]})
    return row


def ask_call_back(
    uow: UnitOfWork,
    daycare: str,
    child: str,
    operating_day: date,
    start: int,
    end: int,
    phone: str,
    *,
    guardian: str | None = None,
) -> CallBack:
    """A note for hours of a day that may be booked, no place in any line: it holds nothing (AD-34).

    One for the same child and hours: a second press gives the first one.
    """
    place = daycare_by_ref(uow, daycare)
    actions.CALL_BACK.check(uow.actor, place.id)
    own = actions.CALL_BACK.reach(uow.actor.role) is Reach.OWN
    who = (
        uow.session.get(Guardian, uow.actor.guardian_id or 0)
        if own
        else uow.session.scalars(select(Guardian).where(Guardian.ref == (guardian or ""))).first()
    )
    if who is None:
        raise NotFound("guardian")
    found = uow.session.scalars(
        select(Child)
        .join(GuardianChild, GuardianChild.child_id == Child.id)
        .where(Child.ref == child, GuardianChild.guardian_id == who.id)
    ).first()
    if found is None:
        raise NotFound("child")
    policy = policy_at(uow, place.place, operating_day)
    if refused := check_note(operating_day, start, end, uow.now, policy):
        raise RuleBroken(refused)
    wanted = Range(kst(operating_day, start), kst(operating_day, end), bounds="[)")
    if before := _same_note(uow, place.id, found.id, wanted):
        return before
    row = CallBack(
        daycare_id=place.id,
        guardian_id=who.id,
        child_id=found.id,
        operating_day=operating_day,
        wanted=wanted,
        phone=clean_phone(phone),
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(row)
    uow.session.flush()
    audit.record(uow, "daycare.call_back_asked", "call_back", row.id)
    return row


def _same_note(uow: UnitOfWork, daycare_id: int, child_id: int, wanted: Range[datetime]) -> CallBack | None:
    """An open one; two presses at once wait for each other at the child."""
    uow.session.execute(select(Child.id).where(Child.id == child_id).with_for_update(key_share=True))
    return uow.session.scalars(
        select(CallBack).where(
            CallBack.daycare_id == daycare_id,
            CallBack.child_id == child_id,
            CallBack.wanted == wanted,
            CallBack.done_at.is_(None),
        )
    ).first()


def close_call_back(uow: UnitOfWork, ref: str) -> None:
    row = uow.session.scalars(select(CallBack).where(CallBack.ref == ref).with_for_update()).first()
    if row is None:
        raise NotFound("call_back")
    actions.CALL_BACK.check(uow.actor, row.daycare_id)
    if actions.CALL_BACK.reach(uow.actor.role) is Reach.OWN and row.guardian_id != uow.actor.guardian_id:
        raise NotFound("call_back")
    if row.done_at is None:
        row.done_at = uow.now
        uow.session.flush()
        audit.record(uow, "daycare.call_back_done", "call_back", row.id)


def _child_here(uow: UnitOfWork, daycare_id: int, ref: str) -> Child:
    """A child named in an application of this daycare."""
    named = exists().where(
        ApplicationChild.child_id == Child.id,
        ApplicationChild.application_id == DaycareApplication.id,
        DaycareApplication.daycare_id == daycare_id,
    )
    row = uow.session.scalars(select(Child).where(Child.ref == ref, named)).first()
    if row is None:
        raise NotFound("child")
    return row


def is_listed(uow: UnitOfWork, daycare_id: int, child_id: int, phone: str) -> bool:
    """By the list that was accepted, not by one that only waits for it (AD-22)."""
    return any(one.phone == phone for one in listed_for(uow, daycare_id, child_id))
