"""Guardians: joining, correcting, inviting (KB-33, KB-48)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import and_, select

from app.accounts.models import UserAccount
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, RuleBroken, StaleVersion
from app.messaging.models import Message
from app.messaging.service import plan_message
from app.people.actions import EDIT_GUARDIAN, INVITE_GUARDIAN, MY_CHILDREN
from app.people.messages import INVITATION, OWN_RECORD
from app.people.models import Child, Guardian, GuardianChild
from app.people.phones import clean_phone, phone_problem
from app.people.problems import MEMBER_ALREADY, NO_MOBILE, clean_line
from app.people.queries import children_in_reach, guardian_for
from app.people.rules import check_name, clean_name
from app.tenancy.models import Institution, Tenant

INVITED_DAYS = 14
"""So long an invitation to one's own record opens it."""


def guardian_joined(uow: UnitOfWork, user: UserAccount) -> None:
    """The family record of somebody who just joined, in the same transaction as the account.

    Whoever was invited to a record of their own gets that one, with everything that was applied for (KB-33).
    """
    row = _invited(uow, user) or Guardian(
        name=user.name, phone=user.phone, created_at=uow.now, created_by=user.id
    )
    row.user_id, row.phone_verified_at, row.email = user.id, user.phone_verified_at, user.email
    uow.session.add(row)
    uow.session.flush()
    audit.record(uow, "guardian.joined", "guardian", row.id)


def _invited(uow: UnitOfWork, user: UserAccount) -> Guardian | None:
    """The record staff invited to: the same name, and the number that was proven just now."""
    if user.phone_verified_at is None:
        return None
    return uow.session.scalars(
        select(Guardian)
        .join(Message, and_(Message.subject == "guardian", Message.subject_id == Guardian.id))
        .where(
            Message.template == OWN_RECORD,
            Message.created_at >= uow.now - timedelta(days=INVITED_DAYS),
            Guardian.user_id.is_(None),
            Guardian.phone == user.phone,
            Guardian.name == clean_name(user.name),
        )
        .order_by(Message.id.desc())
        .limit(1)
        .with_for_update(of=Guardian)
    ).first()


def edit_own_details(
    uow: UnitOfWork, *, version: int, email: str = "", address: str = "", workplace: str = ""
) -> Guardian:
    """What a guardian may change about oneself. The number for messages is changed by the centre (KB-48)."""
    MY_CHILDREN.reach(uow.actor.role)
    row = uow.session.get(Guardian, uow.actor.guardian_id or 0, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("guardian")
    return _write(
        uow,
        row,
        version,
        {
            "email": clean_line(email, 120, "email"),
            "address": clean_line(address, 200, "address"),
            "workplace": clean_line(workplace, 80, "workplace"),
        },
    )


def correct_guardian(
    uow: UnitOfWork, ref: str, *, version: int, name: str, phone: str, address: str = "", workplace: str = ""
) -> Guardian:
    """Staff correct a guardian's record. A new number is effective with the next message and is not yet verified."""
    EDIT_GUARDIAN.reach(uow.actor.role)
    problems = [p for p in (check_name(name), phone_problem(phone)) if p]
    if problems:
        raise RuleBroken(problems)
    known = guardian_for(uow, ref)
    row = uow.session.get_one(Guardian, known.id, with_for_update=True, populate_existing=True)
    fresh: dict[str, Any] = {
        "name": clean_name(name),
        "phone": clean_phone(phone),
        "address": clean_line(address, 200, "address"),
        "workplace": clean_line(workplace, 80, "workplace"),
    }
    if fresh["phone"] != row.phone:
        fresh["phone_verified_at"] = None
    return _write(uow, row, version, fresh)


def invite_guardian(uow: UnitOfWork, ref: str, *, own_record: bool = False) -> str:
    """Send a guardian without an account the invitation to join (KB-33); returns the child it speaks of.

    ``own_record``: who joins with the same name and number gets this record; otherwise the child is asked for and the
    centre confirms (KB-34).
    """
    INVITE_GUARDIAN.reach(uow.actor.role)
    guardian = guardian_for(uow, ref)
    if guardian.user_id is not None:
        raise RuleBroken(MEMBER_ALREADY)
    if not guardian.phone.startswith("01"):
        raise RuleBroken(NO_MOBILE)
    values = invitation_values(uow, guardian)
    if own_record:
        values |= {"guardian": guardian.name, "days": str(INVITED_DAYS)}
    plan_message(
        uow,
        OWN_RECORD if own_record else INVITATION,
        guardian.phone,
        values,
        subject="guardian",
        subject_id=guardian.id,
        key=f"invite:{guardian.id}:{uow.today}",
    )
    audit.record(uow, "guardian.invited", "guardian", guardian.id)
    return values["child"]


def invitation_values(uow: UnitOfWork, guardian: Guardian) -> dict[str, str]:
    """What the invitation speaks of: the child in reach, the acting centre, the municipality's service."""
    child = uow.session.scalars(
        select(Child)
        .join(GuardianChild, GuardianChild.child_id == Child.id)
        .where(GuardianChild.guardian_id == guardian.id, children_in_reach(uow))
        .order_by(Child.id)
    ).first()
    centre = uow.session.get(Institution, uow.actor.scope or 0)
    title = uow.session.scalar(select(Tenant.service_title).where(Tenant.slug == uow.tenant.slug))
    return {
        "child": child.name if child else guardian.name,
        "centre": centre.name if centre else uow.tenant.slug,
        "service": title or "돌봄",
    }


def _write(uow: UnitOfWork, row: Guardian, version: int, fresh: dict[str, Any]) -> Guardian:
    if row.version != version:
        raise StaleVersion("guardian")
    diff = {
        name: [str(getattr(row, name) or ""), str(value or "")]
        for name, value in fresh.items()
        if getattr(row, name) != value
    }
    for name, value in fresh.items():
        setattr(row, name, value)
    row.version += 1
    uow.session.flush()
    audit.record(uow, "guardian.edited", "guardian", row.id, diff=diff)
    return row
