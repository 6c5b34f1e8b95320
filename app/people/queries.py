"""Reads of families, each limited to the actor's reach (XX-05)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from sqlalchemy import ColumnElement, and_, bindparam, exists, false, or_, select, true

from app.accounts.models import UserAccount
from app.kernel.actor import CENTRE_STAFF, DAYCARE_STAFF, Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound
from app.people.models import (
    Child,
    ChildCentre,
    Guardian,
    GuardianChild,
    HealthNote,
    PickupPerson,
)
from app.people.rules import HealthKind, Relation, Sex


def children_in_reach(uow: UnitOfWork) -> ColumnElement[bool]:
    """A guardian's own children; a house's own and linked ones (KB-32); the system's all; nobody else's."""
    actor = uow.actor
    if actor.role is Role.SYSTEM:
        return true()
    if actor.role is Role.GUARDIAN and actor.guardian_id is not None:
        own = exists().where(
            GuardianChild.child_id == Child.id, GuardianChild.guardian_id == actor.guardian_id
        )
        return own.correlate(Child)  # the query around it may join the same table
    if actor.role in CENTRE_STAFF | DAYCARE_STAFF and actor.scope is not None:
        return known_to(actor.scope)
    return false()


def known_to(centre_id: int) -> ColumnElement[bool]:
    """Registered by the house, or linked to it by whoever booked, applied or confirmed."""
    linked = exists().where(ChildCentre.child_id == Child.id, ChildCentre.centre_id == centre_id)
    return or_(Child.home_centre_id == centre_id, linked.correlate(Child))


def child_for(uow: UnitOfWork, ref: str, *, lock: bool = False) -> Child:
    """The child with this ref, if the actor may see it; NotFound for unknown and foreign ones alike."""
    wanted = select(Child).where(Child.ref == ref, children_in_reach(uow))
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return _found(uow.session.scalars(wanted).first())


class SeenChild(Protocol):
    """A child as far as a booking looks at it: its row, or these columns of it."""

    @property
    def id(self) -> int: ...

    @property
    def ref(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def birth_date(self) -> date: ...

    @property
    def in_school(self) -> bool | None: ...

    @property
    def grade(self) -> int | None: ...


SEEN = (Child.id, Child.ref, Child.name, Child.birth_date, Child.in_school, Child.grade)
"""The columns of ``SeenChild``."""


def own_child(uow: UnitOfWork, ref: str) -> SeenChild:
    """The signed-in guardian's child, to look at; NotFound for unknown and foreign ones alike."""
    row: SeenChild | None = uow.rows(_OWN_CHILD, ref=ref, guardian=uow.actor.guardian_id or 0).first()
    if row is None:
        raise NotFound("child")
    return row


_OWN_CHILD = (
    select(*SEEN)
    .join(GuardianChild, GuardianChild.child_id == Child.id)
    .where(Child.ref == bindparam("ref"), GuardianChild.guardian_id == bindparam("guardian"))
)
"""``children_in_reach`` of a guardian, built once: every page of the wizard asks it."""


def _found(child: Child | None) -> Child:
    if child is None:
        raise NotFound("child")
    return child


def child_by_id(uow: UnitOfWork, child_id: int) -> Child:
    """As ``child_for``, for rooms that hold the id."""
    row = uow.session.scalars(select(Child).where(Child.id == child_id, children_in_reach(uow))).first()
    if row is None:
        raise NotFound("child")
    return row


def guardian_for(uow: UnitOfWork, ref: str) -> Guardian:
    """A guardian: oneself, or one of a child in reach; NotFound otherwise."""
    row = uow.session.scalars(select(Guardian).where(Guardian.ref == ref)).first()
    if row is None:
        raise NotFound("guardian")
    if row.id == uow.actor.guardian_id or uow.actor.role is Role.SYSTEM:
        return row
    known = uow.session.scalar(
        select(Child.id)
        .join(GuardianChild, GuardianChild.child_id == Child.id)
        .where(GuardianChild.guardian_id == row.id, children_in_reach(uow))
        .limit(1)
    )
    if known is None:
        raise NotFound("guardian")
    return row


@dataclass(frozen=True, slots=True)
class ChildRow:
    """A child in a list."""

    id: int
    ref: str
    name: str
    birth_date: date
    sex: Sex
    in_school: bool | None
    school: str
    grade: int | None
    school_class: str
    relation: Relation | None = None


def child_row(child: Child, relation: str | None = None) -> ChildRow:
    return ChildRow(
        child.id,
        child.ref,
        child.name,
        child.birth_date,
        Sex(child.sex),
        child.in_school,
        child.school,
        child.grade,
        child.school_class,
        Relation(relation) if relation else None,
    )


def children_of(uow: UnitOfWork, guardian_id: int) -> list[ChildRow]:
    """A guardian's children, the oldest first. Only those within the actor's reach."""
    rows = uow.session.execute(
        select(Child, GuardianChild.relation)
        .join(GuardianChild, GuardianChild.child_id == Child.id)
        .where(GuardianChild.guardian_id == guardian_id, children_in_reach(uow))
        .order_by(Child.birth_date, Child.id)
    )
    return [child_row(child, relation) for child, relation in rows]


@dataclass(frozen=True, slots=True)
class GuardianRow:
    """A guardian of one child. ``member``: has an account (KB-33)."""

    id: int
    ref: str
    name: str
    phone: str
    relation: Relation
    lives_together: bool
    emergency_order: int
    may_pick_up: bool
    member: bool
    version: int


def guardians_of(uow: UnitOfWork, child_id: int) -> list[GuardianRow]:
    """The guardians of a child in the order in which they are called."""
    return guardians_by_child(uow, [child_id])[child_id]


def guardians_by_child(uow: UnitOfWork, child_ids: Collection[int]) -> dict[int, list[GuardianRow]]:
    """The same for many children in one statement; every child asked for is there."""
    rows = uow.session.execute(
        select(Guardian, GuardianChild)
        .join(GuardianChild, GuardianChild.guardian_id == Guardian.id)
        .where(GuardianChild.child_id.in_(list(child_ids)))
        .order_by(GuardianChild.emergency_order, GuardianChild.id)
    )
    found: dict[int, list[GuardianRow]] = {child_id: [] for child_id in child_ids}
    for g, link in rows:
        found[link.child_id].append(
            GuardianRow(
                g.id,
                g.ref,
                g.name,
                g.phone,
                Relation(link.relation),
                link.lives_together,
                link.emergency_order,
                link.may_pick_up,
                g.user_id is not None,
                g.version,
            )
        )
    return found


def pickup_people(uow: UnitOfWork, child_id: int) -> list[PickupPerson]:
    """Who beside the guardians may fetch the child."""
    return pickups_by_child(uow, [child_id])[child_id]


def pickups_by_child(uow: UnitOfWork, child_ids: Collection[int]) -> dict[int, list[PickupPerson]]:
    """The same for many children in one statement; every child asked for is there."""
    rows = uow.session.scalars(
        select(PickupPerson)
        .where(PickupPerson.child_id.in_(list(child_ids)), PickupPerson.active)
        .order_by(PickupPerson.id)
    )
    found: dict[int, list[PickupPerson]] = {child_id: [] for child_id in child_ids}
    for row in rows:
        found[row.child_id].append(row)
    return found


def health_marks(uow: UnitOfWork, child_ids: Collection[int]) -> dict[int, frozenset[HealthKind]]:
    """Which kinds of notes children have, without their text: the marks on a day list. The caller logs the list."""
    rows = uow.session.execute(
        select(HealthNote.child_id, HealthNote.kind).where(
            HealthNote.child_id.in_(list(child_ids)), HealthNote.active
        )
    )
    marks: dict[int, set[HealthKind]] = {}
    for child_id, kind in rows:
        marks.setdefault(child_id, set()).add(HealthKind(kind))
    return {child_id: frozenset(kinds) for child_id, kinds in marks.items()}


@dataclass(frozen=True, slots=True)
class FoundChild:
    """A child in a centre's search, with the guardian that is called first."""

    child: ChildRow
    guardian: str
    phone: str
    member: bool


def find_children(
    uow: UnitOfWork,
    *,
    name: str = "",
    phone_tail: str = "",
    birth_date: date | None = None,
    page: int = 1,
    size: int = 50,
) -> Sequence[FoundChild]:
    """Children in reach that match every given word; an empty search lists all, by name. The command logs it."""
    wanted: list[ColumnElement[bool]] = [children_in_reach(uow)]
    if name:
        wanted.append(
            or_(
                Child.name.contains(name, autoescape=True),
                exists().where(
                    GuardianChild.child_id == Child.id,
                    GuardianChild.guardian_id == Guardian.id,
                    Guardian.name.contains(name, autoescape=True),
                ),
            )
        )
    if phone_tail:
        wanted.append(
            exists().where(
                GuardianChild.child_id == Child.id,
                GuardianChild.guardian_id == Guardian.id,
                Guardian.phone.endswith(phone_tail, autoescape=True),
            )
        )
    if birth_date is not None:
        wanted.append(Child.birth_date == birth_date)
    children = list(
        uow.session.scalars(
            select(Child)
            .where(and_(*wanted))
            .order_by(Child.name, Child.id)
            .limit(size)
            .offset(size * (max(page, 1) - 1))
        )
    )
    first = _first_guardians(uow, [child.id for child in children])
    return [FoundChild(child_row(child), *first.get(child.id, ("", "", False))) for child in children]


def _first_guardians(uow: UnitOfWork, child_ids: list[int]) -> dict[int, tuple[str, str, bool]]:
    rows = uow.session.execute(
        select(GuardianChild.child_id, Guardian.name, Guardian.phone, Guardian.user_id)
        .join(Guardian, Guardian.id == GuardianChild.guardian_id)
        .where(GuardianChild.child_id.in_(child_ids))
        .order_by(GuardianChild.emergency_order.desc(), GuardianChild.id.desc())
    )
    return {child_id: (name, phone, user_id is not None) for child_id, name, phone, user_id in rows}


def guardian_of_user(uow: UnitOfWork, user_id: int) -> Guardian | None:
    return uow.session.scalars(select(Guardian).where(Guardian.user_id == user_id)).first()


def is_own_family(uow: UnitOfWork, child_id: int) -> bool:
    """Whether the acting person, as a private person, is a guardian of the child: nobody decides the own case."""
    return (
        uow.session.scalar(
            select(GuardianChild.id)
            .join(Guardian, Guardian.id == GuardianChild.guardian_id)
            .join(UserAccount, UserAccount.id == Guardian.user_id)
            .where(GuardianChild.child_id == child_id, UserAccount.id == uow.actor.user_id)
            .limit(1)
        )
        is not None
    )


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A request to link a registered child (KB-34); ``matched`` when name, birth date and number agree."""

    ref: str
    version: int
    child_name: str
    birth_date: date
    relation: Relation
    guardian: str
    phone: str
    asked_at: datetime
    matched: bool
    state: str
    decision_reason: str = ""
