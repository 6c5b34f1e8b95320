"""A guardian who joined later takes over the child's bookings together with the child (KB-34)."""

from __future__ import annotations

from sqlalchemy import update

from app.booking.models import Booking
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.people import service as people
from app.people.models import Child, GuardianChild


def link_child(
    uow: UnitOfWork, ref: str, *, version: int, child_ref: str = "", reason: str = ""
) -> Child:
    """As ``people.decide_link``. What the same person applied for at the desk is theirs from now on, so that
    papers made later reach the account too. No seat, day or rank changes: no gate is needed.
    """
    child, old = people.decide_link(uow, ref, version=version, child_ref=child_ref, reason=reason)
    if old is not None:
        _hand_over(uow, child.id, old)
    return child


def _hand_over(uow: UnitOfWork, child_id: int, old: int) -> None:
    """The bookings of a guardian who is no longer linked go to the newest link of the child.

    No ``version`` moves: a director who has the booking open loses nothing.
    """
    heir = uow.session.scalar(
        select_heir(child_id)
    )
    moved = uow.session.scalars(
        update(Booking)
        .where(Booking.child_id == child_id, Booking.guardian_id == old)
        .values(guardian_id=heir)
        .returning(Booking.id)
        .execution_options(synchronize_session=False)
    )
    for booking_id in moved:
        audit.record(uow, "booking.handed_over", "booking", booking_id)
