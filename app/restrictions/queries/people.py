"""Finding the guardian something is written down for: the offices everybody, a daycare the families it knows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, or_, select, true

from app.kernel import audit
from app.kernel.actor import REGIONAL_STAFF, Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken
from app.people.models import Child, Guardian, GuardianChild
from app.people.queries import known_to

SHORTEST = 2
MOST = 30
TOO_SHORT = Problem(
    "find.too_short", N_("이름은 두 글자, 전화번호는 뒤 네 자리부터 찾을 수 있어요."), field="q"
)


@dataclass(frozen=True, slots=True)
class FoundGuardian:
    ref: str
    name: str
    phone: str
    children: tuple[str, ...]


def guardians_in_reach(uow: UnitOfWork) -> ColumnElement[bool]:
    """All for an office of the city, those of known children for a daycare, nobody for others."""
    actor = uow.actor
    if actor.role in REGIONAL_STAFF | {Role.CITY_OFFICER, Role.SYSTEM}:
        return true()
    if actor.role is not Role.DAYCARE_DIRECTOR or actor.scope is None:
        raise NotFound("guardian")
    return exists().where(
        GuardianChild.guardian_id == Guardian.id,
        GuardianChild.child_id.in_(select(Child.id).where(known_to(actor.scope))),
    )


def guardian_in_reach(uow: UnitOfWork, ref: str) -> Guardian:
    """Raises NotFound."""
    row = uow.session.scalars(select(Guardian).where(Guardian.ref == ref, guardians_in_reach(uow))).first()
    if row is None:
        raise NotFound("guardian")
    return row


def find_guardians(uow: UnitOfWork, text: str) -> list[FoundGuardian]:
    """By name (of guardian or child) or the last digits of the number; the search is logged. Raises RuleBroken."""
    wanted = " ".join(text.split())
    digits = wanted.replace("-", "")
    if digits.isascii() and digits.isdigit():
        if len(digits) < 2 * SHORTEST:
            raise RuleBroken(TOO_SHORT)
        matches: ColumnElement[bool] = Guardian.phone.endswith(digits, autoescape=True)
    else:
        if len(wanted) < SHORTEST:
            raise RuleBroken(TOO_SHORT)
        of_child = exists().where(
            GuardianChild.guardian_id == Guardian.id,
            GuardianChild.child_id.in_(select(Child.id).where(Child.name == wanted)),
        )
        matches = or_(Guardian.name.icontains(wanted, autoescape=True), of_child)
    rows = uow.session.scalars(
        select(Guardian)
        .where(matches, guardians_in_reach(uow))
        .order_by(Guardian.name, Guardian.id)
        .limit(MOST)
    ).all()
    names = child_names(uow, [row.id for row in rows])
    audit.record_access(uow, "restriction.find_guardian", "guardian", None, row_count=len(rows))
    return [FoundGuardian(row.ref, row.name, row.phone, tuple(names[row.id])) for row in rows]


def child_names(uow: UnitOfWork, guardian_ids: list[int]) -> dict[int, list[str]]:
    """The children each guardian lives with."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = uow.session.execute(
        select(GuardianChild.guardian_id, Child.name)
        .join(Child, Child.id == GuardianChild.child_id)
        .where(GuardianChild.guardian_id.in_(guardian_ids), GuardianChild.lives_together)
        .order_by(Child.birth_date, Child.id)
    )
    for guardian_id, name in rows:
        found[guardian_id].append(name)
    return found
