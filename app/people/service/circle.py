"""Who cares for a child and who may fetch it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, select, update

from app.kernel import audit
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, RuleBroken
from app.people.actions import EDIT_CIRCLE
from app.people.models import Child, GuardianChild, PickupPerson
from app.people.phones import clean_phone, phone_problem
from app.people.problems import (
    GUARDIAN_TWICE,
    LAST_GUARDIAN,
    NOT_YOURSELF,
    ORDER_BAD,
    OTHER_MEMBER,
    RELATION_MISSING,
    RELATION_UNNAMED,
    TOO_MANY_GUARDIANS,
    TOO_MANY_PICKUPS,
    clean_line,
)
from app.people.queries import GuardianRow, child_for, guardians_of
from app.people.rules import Relation, check_name, clean_name
from app.people.service.children import new_guardian

GUARDIANS_MAX = 4
PICKUPS_MAX = 6


@dataclass(frozen=True, slots=True)
class GuardianData:
    """A further guardian as typed; without an account until they join and ask to be linked (KB-34)."""

    name: str
    phone: str
    relation: Relation | None
    lives_together: bool = True
    may_pick_up: bool = True


@dataclass(frozen=True, slots=True)
class GuardianLink:
    """What one guardian is to one child."""

    relation: Relation
    lives_together: bool
    may_pick_up: bool
    emergency_order: int


def add_guardian(uow: UnitOfWork, child_ref: str, data: GuardianData) -> GuardianChild:
    """One more guardian, called last. A child has at most four."""
    child = _open_circle(uow, child_ref)
    problems = [p for p in (check_name(data.name), phone_problem(data.phone)) if p]
    if data.relation is None:
        problems.append(RELATION_MISSING)
    known = guardians_of(uow, child.id)
    if len(known) >= GUARDIANS_MAX:
        problems.append(TOO_MANY_GUARDIANS.of(max=GUARDIANS_MAX))
    if problems or data.relation is None:
        raise RuleBroken(problems)
    phone = clean_phone(data.phone)
    if any(row.phone == phone and row.name == clean_name(data.name) for row in known):
        raise RuleBroken(GUARDIAN_TWICE)
    link = GuardianChild(
        guardian_id=new_guardian(uow, data.name, data.phone).id,
        child_id=child.id,
        relation=data.relation,
        lives_together=data.lives_together,
        may_pick_up=data.may_pick_up,
        emergency_order=len(known) + 1,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(link)
    uow.session.flush()
    audit.record(uow, "child.guardian_added", "child", child.id, diff={"guardian": [None, link.guardian_id]})
    return link


def change_guardian_link(uow: UnitOfWork, child_ref: str, guardian_ref: str, data: GuardianLink) -> None:
    """Relation, living together, fetching, and the order in which the guardians are called.

    A guardian with an account answers for themselves: another parent moves them in the order and no more, the rest
    is the centre's to change. A quarrel between parents is not decided on a telephone.
    """
    child = _open_circle(uow, child_ref)
    rows = guardians_of(uow, child.id)
    row = next((r for r in rows if r.ref == guardian_ref), None)
    if row is None:
        raise NotFound("guardian")
    if not 1 <= data.emergency_order <= len(rows):
        raise RuleBroken(ORDER_BAD.of(max=len(rows)))
    is_now = (row.relation, row.lives_together, row.may_pick_up)
    if _answers_for_themselves(uow, row) and is_now != (data.relation, data.lives_together, data.may_pick_up):
        raise RuleBroken(OTHER_MEMBER)
    uow.session.execute(
        update(GuardianChild)
        .where(GuardianChild.child_id == child.id, GuardianChild.guardian_id == row.id)
        .values(relation=data.relation, lives_together=data.lives_together, may_pick_up=data.may_pick_up)
    )
    order = [r.id for r in rows if r.id != row.id]
    order.insert(data.emergency_order - 1, row.id)
    _number(uow, child.id, order)
    audit.record(
        uow,
        "child.guardian_changed",
        "child",
        child.id,
        diff={
            "guardian": [row.id, row.id],
            "relation": [row.relation.value, data.relation.value],
            "may_pick_up": [row.may_pick_up, data.may_pick_up],
            "emergency_order": [row.emergency_order, data.emergency_order],
        },
    )


def remove_guardian(uow: UnitOfWork, child_ref: str, guardian_ref: str) -> None:
    """The person no longer cares for the child; the record of the person stays. One guardian always remains."""
    child = _open_circle(uow, child_ref)
    rows = guardians_of(uow, child.id)
    row = next((r for r in rows if r.ref == guardian_ref), None)
    if row is None:
        raise NotFound("guardian")
    if len(rows) == 1:
        raise RuleBroken(LAST_GUARDIAN)
    if uow.actor.role is Role.GUARDIAN and row.id == uow.actor.guardian_id:
        raise RuleBroken(NOT_YOURSELF)
    if _answers_for_themselves(uow, row):
        raise RuleBroken(OTHER_MEMBER)
    uow.session.execute(
        delete(GuardianChild).where(GuardianChild.child_id == child.id, GuardianChild.guardian_id == row.id)
    )
    _number(uow, child.id, [r.id for r in rows if r.id != row.id])
    audit.record(uow, "child.guardian_removed", "child", child.id, diff={"guardian": [row.id, None]})


def add_pickup_person(uow: UnitOfWork, child_ref: str, name: str, relation: str, phone: str) -> PickupPerson:
    """Somebody beside the guardians who may fetch the child."""
    child = _open_circle(uow, child_ref)
    problems = [p for p in (check_name(name), phone_problem(phone)) if p]
    relation = clean_line(relation, 20, "relation")
    if not relation:
        problems.append(RELATION_UNNAMED)
    count = uow.session.scalar(
        select(func.count()).where(PickupPerson.child_id == child.id, PickupPerson.active)
    )
    if (count or 0) >= PICKUPS_MAX:
        problems.append(TOO_MANY_PICKUPS.of(max=PICKUPS_MAX))
    if problems:
        raise RuleBroken(problems)
    row = PickupPerson(
        child_id=child.id,
        name=clean_name(name),
        relation=relation,
        phone=clean_phone(phone),
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(row)
    uow.session.flush()
    audit.record(uow, "pickup.added", "pickup_person", row.id, diff={"child": [None, child.id]})
    return row


def remove_pickup_person(uow: UnitOfWork, child_ref: str, ref: str) -> None:
    """From now on this person may not fetch the child; who fetched it before stays readable."""
    child = _open_circle(uow, child_ref)
    row = uow.session.scalars(
        select(PickupPerson).where(
            PickupPerson.ref == ref, PickupPerson.child_id == child.id, PickupPerson.active
        )
    ).first()
    if row is None:
        raise NotFound("pickup person")
    row.active = False
    uow.session.flush()
    audit.record(uow, "pickup.removed", "pickup_person", row.id, diff={"child": [child.id, None]})


def _open_circle(uow: UnitOfWork, child_ref: str) -> Child:
    """The child, locked: two people who change its circle at once do it one after the other."""
    EDIT_CIRCLE.reach(uow.actor.role)
    return child_for(uow, child_ref, lock=True)


def _answers_for_themselves(uow: UnitOfWork, row: GuardianRow) -> bool:
    """Whether one guardian looks at another who has an account."""
    return uow.actor.role is Role.GUARDIAN and row.member and row.id != uow.actor.guardian_id


def _number(uow: UnitOfWork, child_id: int, order: list[int]) -> None:
    for number, guardian_id in enumerate(order, start=1):
        uow.session.execute(
            update(GuardianChild)
            .where(GuardianChild.child_id == child_id, GuardianChild.guardian_id == guardian_id)
            .values(emergency_order=number)
        )
