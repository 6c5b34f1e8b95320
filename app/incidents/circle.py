"""Which children are in care and who is called for them, told by the room above.

The 24-hour daycare knows who is inside and in which order a family's application names the persons to call; it stands
on incidents, not the other way round. So it plugs itself in here once, at import. Without it every child the place
knows can be chosen, and its guardians are called in their emergency order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select

from app.incidents.rules import Contact
from app.kernel.db import UnitOfWork
from app.people.models import Child
from app.people.queries import guardians_of, known_to


@dataclass(frozen=True, slots=True)
class InCare:
    """A child something can have happened to; ``subject`` and its id: during what, e.g. ``daycare_stay``."""

    child_id: int
    child_ref: str
    name: str
    note: str = ""
    """A few words that tell it from others, e.g. its class."""
    subject: str = ""
    subject_id: int | None = None


class Circle(Protocol):
    """Called inside the unit of work of whoever records or looks; that actor may see the place."""

    def in_care(self, uow: UnitOfWork, institution_id: int) -> Sequence[InCare]:
        """Who is in care now, then who left not long ago: what happened is often noticed at the door."""
        ...

    def to_call(
        self, uow: UnitOfWork, institution_id: int, child_id: int, subject: str, subject_id: int | None
    ) -> Sequence[Contact]:
        """In the order in which they are called."""
        ...


class KnownChildren:
    def in_care(self, uow: UnitOfWork, institution_id: int) -> Sequence[InCare]:
        rows = uow.session.execute(
            select(Child.id, Child.ref, Child.name)
            .where(known_to(institution_id))
            .order_by(Child.name, Child.id)
        )
        return [InCare(child_id, ref, name) for child_id, ref, name in rows]

    def to_call(
        self, uow: UnitOfWork, institution_id: int, child_id: int, subject: str, subject_id: int | None
    ) -> Sequence[Contact]:
        return [
            Contact(order, row.name, row.relation.label, row.phone)
            for order, row in enumerate(guardians_of(uow, child_id), 1)
        ]


_circle: Circle = KnownChildren()


def plug_in(circle: Circle) -> None:
    global _circle
    _circle = circle


def of_this_house() -> Circle:
    return _circle
