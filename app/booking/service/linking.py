"""A guardian who joined later takes over the child's bookings together with the child (KB-34)."""

from __future__ import annotations

from sqlalchemy import select, update

from app.booking.models import Booking
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.people import service as people
from app.people.models import Child, LinkRequest


def link_child(uow: UnitOfWork, ref: str, *, version: int, child_ref: str = "", reason: str = "") -> Child:
    """As ``people.decide_link``; what the same person applied for at the desk is theirs from now on.

    Papers made later then reach the account. No seat, day or rank changes, so no gate is needed, and no
    ``version`` moves: a director who has the booking open loses nothing.
    """
    child, old = people.decide_link(uow, ref, version=version, child_ref=child_ref, reason=reason)
    if old is not None:
        heir = uow.session.scalars(select(LinkRequest.guardian_id).where(LinkRequest.ref == ref)).one()
        moved = uow.session.scalars(
            update(Booking)
            .where(Booking.child_id == child.id, Booking.guardian_id == old)
            .values(guardian_id=heir)
            .returning(Booking.id)
            .execution_options(synchronize_session=False)
        )
        for booking_id in moved.all():
            audit.record(uow, "booking.handed_over", "booking", booking_id)
    return child
